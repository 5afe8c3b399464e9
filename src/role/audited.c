// SPDX-License-Identifier: ISC
// What passes the audit log: acts wait here until their record is on the disk (safety.md S22); what
// undoes acts never waits. Everything that led to an act, and what became of it, is recorded
// beside.
#include "role/audited.h"

#include "audit/chain.h"
#include "engine/message.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

// What changes where traffic goes, and must be on record before it does.
// Our own prefixes as usual are no act: nobody is to be cut off for want of a disk; neither is
// their end.
static bool is_act(const struct effect *effect)
{
    const struct effect_stance *stance = &effect->stance;
    if (effect->kind == EFFECT_STANCE)
        return stance->announced && (stance->prepend | stance->graceful | stance->withheld) != 0;
    return effect->kind == EFFECT_ANNOUNCE || (effect->kind == EFFECT_HOOK && !effect->hook.undo);
}

// A lease says only that the engine lives, a place only what it hears of; notices move no traffic
// and have their own list, nor do pages.
static const bool is_silent[EFFECT_KINDS] = {
    [EFFECT_LEASE] = true,  [EFFECT_PLACE] = true,     [EFFECT_NOTICE] = true,
    [EFFECT_PAGE] = true,   [EFFECT_DELIVERED] = true, [EFFECT_RATE] = true,
    [EFFECT_EXTENT] = true, [EFFECT_PUBLISH] = true,   [EFFECT_FLOW] = true,
    [EFFECT_USE] = true,    [EFFECT_KEPT_FACT] = true, [EFFECT_KEPT_OUTAGE] = true};

static const bool is_word[EVENT_KINDS] = {
    [EVENT_COMMAND] = true, [EVENT_ASKED] = true, [EVENT_MAINTENANCE] = true};  // of a person

// Members of a record: its kind and time, then what `form` says.
static void record(struct daemon *d, const char *kind, const char *more, size_t more_size)
{
    char body[AUDIT_BODY_MAX], time[TELLER_TIME_MAX];
    int size =
        snprintf(body, sizeof body, "\"record\":\"%s\",\"time\":\"%s\"%s%.*s", kind,
                 teller_time(d->now.wall, time), more_size > 0 ? "," : "", (int)more_size, more);
    if (size > 0 && (size_t)size < sizeof body)
        audit_desk_write(d->desk, body, (size_t)size);
}

// A JSON object as the members of a record; takes it over.
static void record_json(struct daemon *d, const char *kind, json_t *members)
{
    char *text = members ? json_dumps(members, JSON_COMPACT) : NULL;
    size_t size = text ? strlen(text) : 0;
    if (size >= 2)  // without its braces
        record(d, kind, text + 1, size - 2);
    free(text);
    json_decref(members);
}

static void record_message(struct daemon *d, const char *kind, const char *text, size_t size)
{
    char more[MESSAGE_MAX + 32];
    int length = snprintf(more, sizeof more, "\"%s\":%.*s", kind, (int)size, text);
    record(d, kind, more, (size_t)length);
}

// Of a name that is not configured nothing is on record but that: passwords are typed there, too.
static const char *entrant(const struct net *net, const char *name)
{
    for (uint32_t i = 0; i < net->access.user_count; i++)
        if (strcmp(net->access.users[i].name, name) == 0)
            return name;
    return "unknown";
}

// Who tries on and on must not fill the disk, nor push acts out of the desk.
void audited_entry(struct daemon *d, const struct web_entry *entry)
{
    static const struct web_rate rate = {.interval_ns = 10ll * NS_PER_S, .burst = 100};
    if (!d->desk)
        return;
    if (web_bucket_wait_ns(&d->entries, rate, d->now.mono) > 0) {
        d->entries_missed++;
        return;
    }
    web_bucket_take(&d->entries, rate, d->now.mono);
    record_json(d, web_entry_word(entry->kind),
                json_pack("{s:s, s:s, s:I}", "name", entrant(d->net, entry->name), "from",
                          entry->from, "missed", (json_int_t)d->entries_missed));
    d->entries_missed = 0;
}

void audited_event(struct daemon *d, const struct event *event)
{
    char text[MESSAGE_MAX];
    if (d->desk && is_word[event->kind])
        record_message(d, "event", text, message_from_event(d->net, event, text, sizeof text));
}

bool audited_effect(struct daemon *d, const struct effect *effect)
{
    char text[MESSAGE_MAX];
    if (!d->desk)
        return true;
    uint32_t cancelled = audit_desk_cancel(d->desk, effect);
    if (cancelled > 0)
        record_json(d, "cancelled", json_pack("{s:I}", "acts", (json_int_t)cancelled));
    if (!is_silent[effect->kind])
        record_message(d, "effect", text, message_from_effect(d->net, effect, text, sizeof text));
    if (is_act(effect))
        audit_desk_hold(d->desk, effect);
    return !is_act(effect);
}

void audited_secret(struct daemon *d, const struct secret_use *use)
{
    if (d->desk)
        record_json(d, "secret_read",
                    json_pack("{s:s, s:s, s:s}", "key", use->key, "file", use->file, "role",
                              d->options->kinds[use->role].name));
}

// Each was read before this daemon began: it does not start where one cannot be.
static void record_secrets(struct daemon *d)
{
    struct secret_use uses[SECRET_USES_MAX];
    uint32_t count = secret_list(d->net, uses);
    for (uint32_t i = 0; i < count; i++)
        if (d->children[uses[i].role].pid > 0)
            audited_secret(d, &uses[i]);
}

void audited_start(struct daemon *d)
{
    const struct recorder_config *config = &d->options->config;
    char hash[AUDIT_HASH_TEXT];
    if (!d->desk)
        return;
    audit_digest(config->text, config->size, hash);
    record_json(d, "start",
                json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "version", FAIRLEAD_VERSION, "site",
                          d->net->site, "mode", net_mode_names[d->net->mode], "file",
                          config->file_name ? config->file_name : "", "config_sha256", hash,
                          "frozen", d->past.words.frozen.why));
    record_secrets(d);
}

void audited_stop(struct daemon *d)
{
    if (d->desk)
        record_json(d, "stop", json_pack("{s:i}", "exit_status", d->exit_status));
}

static void tell_health(struct daemon *d)
{
    const char *trouble = audit_desk_trouble(d->desk);
    bool was = d->audit_sick;
    d->audit_sick = trouble != NULL;
    if (was == d->audit_sick || d->children[ROLE_AUDIT].pid == 0)
        return;
    crew_tell(d, ROLE_AUDIT, trouble ? ROLE_SICK : ROLE_ALIVE,
              trouble ? trouble : "the audit log is written again");
}

static struct event refusal_of(const struct effect *act)
{
    const struct effect_override *o = &act->override;
    struct event event = {.kind = EVENT_OVERRIDE,
                          .override = {o->router, o->upstream, o->prefix, OVERRIDE_REFUSED, ""}};
    if (act->kind == EFFECT_HOOK)
        event = (struct event){.kind = EVENT_HOOK,
                               .hook = {act->hook.hook, act->hook.number, false, HOOK_FAILED, ""}};
    return event;
}

static void answer_refused(struct daemon *d, const struct effect *act)
{
    const char *trouble = audit_desk_trouble(d->desk);
    char reason[sizeof((struct event_override *)0)->reason];
    snprintf(reason, sizeof reason, "S22: no record of it: %.60s",
             trouble ? trouble : "taken back, or too many acts wait");
    if (act->kind == EFFECT_STANCE) {  // no answer is defined: the engine asks again, or does not
        teller_say(&d->teller, d->now, "an own prefix stays as it is announced: %s", reason);
        return;
    }
    struct event event = refusal_of(act);
    event.at = d->now.mono;
    snprintf(act->kind == EFFECT_HOOK ? event.hook.reason : event.override.reason, sizeof reason,
             "%s", reason);
    static_assert(sizeof event.hook.reason == sizeof reason, "the same text");
    daemon_feed(d, &event);
}

void audited_turn(struct daemon *d)
{
    struct effect act;
    if (!d->desk)
        return;
    audit_desk_turn(d->desk, d->children[ROLE_AUDIT].channel, d->now.mono);
    tell_health(d);  // first, so that nothing new is asked for
    while (audit_desk_next_refused(d->desk, &act))
        answer_refused(d, &act);
    while (audit_desk_next(d->desk, &act))
        daemon_carry_out(d, &act);
}
