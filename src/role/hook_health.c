// SPDX-License-Identifier: ISC
// Whether what we announce leads to something that is well: its program is asked on its interval,
// and the engine is told what is believed, when it is first known and when it changes.
#include "role/channel.h"
#include "role/hook.h"
#include "role/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct net_health *how(const struct hook_role *r, uint32_t i)
{
    return &r->net->announce[i].health;
}

static bool is_asked(const struct hook_role *r, uint32_t i)
{
    return how(r, i)->program[0] != '\0';
}

static bool is_waited_for(const struct hook_role *r, uint32_t i)
{
    return is_asked(r, i) && r->checks[i].program.pid == 0;
}

void hook_health_begin(struct hook_role *r)
{
    r->random.state = (uint64_t)r->now.ns ^ (uint64_t)getpid() << 32;
    for (uint32_t i = 0; i < r->net->announce_count; i++)
        if (is_asked(r, i))
            health_begin(&r->checks[i].health, r->now, &r->random);
}

static void tell(struct hook_role *r, uint32_t i)
{
    struct hook_check *check = &r->checks[i];
    struct event event = {.kind = EVENT_HEALTH, .at = r->now};
    event.health = (struct event_health){i, check->health.is_well, ""};
    memcpy(event.health.reason, check->reason, sizeof check->reason);
    check->is_untold = channel_send_event(r->channel, r->net, &event) != 0;
}

static void take_answer(struct hook_role *r, struct hook_check *check, bool is_well,
                        const char *reason)
{
    uint32_t i = (uint32_t)(check - r->checks);
    char prefix[PREFIX_TEXT_MAX];
    if (!health_answer(&check->health, how(r, i), is_well))
        return;
    snprintf(check->reason, sizeof check->reason, "%s", reason);
    log_line("event=health prefix=%s healthy=%d reason='%s'",
             prefix_format(r->net->announce[i].prefix, prefix), is_well, reason);
    tell(r, i);
}

static void ask(struct hook_role *r, uint32_t i)
{
    char prefix[PREFIX_TEXT_MAX], words[2][32 + PREFIX_TEXT_MAX];
    struct hook_check *check = &r->checks[i];
    snprintf(words[0], sizeof words[0], "FAIRLEAD_PREFIX=%s",
             prefix_format(r->net->announce[i].prefix, prefix));
    snprintf(words[1], sizeof words[1], "FAIRLEAD_SITE=%s", r->net->site);
    const struct program_order order = {
        .path = how(r, i)->program,
        .arguments = &how(r, i)->arguments,
        .environment = {hook_path_word, words[0], words[1]},
        .timeout_ns = how(r, i)->timeout_ns,
    };
    health_ask(&check->health, how(r, i), r->now, &r->random);
    int error = program_start(&check->program, &order, r->now);
    if (error)
        take_answer(r, check, false, strerror(-error));
}

static uint32_t running(const struct hook_role *r)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->net->announce_count; i++)
        count += r->checks[i].program.pid > 0;
    return count;
}

void hook_health_turn(struct hook_role *r)
{
    for (uint32_t i = 0; i < r->net->announce_count; i++) {
        if (r->checks[i].is_untold)
            tell(r, i);
        if (is_waited_for(r, i) && health_is_due(&r->checks[i].health, r->now) &&
            running(r) < HOOK_CHECKS_MAX)
            ask(r, i);
    }
}

void hook_health_ended(struct hook_role *r, struct hook_check *check)
{
    char reason[PROGRAM_REASON_MAX];
    enum program_end end = program_reap(&check->program, reason);
    if (!r->is_stopping)
        take_answer(r, check, end == PROGRAM_WELL, reason);
}

struct mono hook_health_due(const struct hook_role *r)
{
    struct mono due = {INT64_MAX};
    bool is_full = running(r) >= HOOK_CHECKS_MAX;  // then an end is waited for
    for (uint32_t i = 0; !is_full && i < r->net->announce_count; i++)
        if (is_waited_for(r, i) && r->checks[i].health.ask_at.ns < due.ns)
            due = r->checks[i].health.ask_at;
    return due;
}
