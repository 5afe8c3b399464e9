// SPDX-License-Identifier: ISC
#include "engine/narrate.h"

#include "engine/fields.h"
#include "engine/lifts.h"
#include "net/devices.h"
#include "net/object.h"
#include "steer/drain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

// A sentence under construction; what does not fit is cut.
struct sentence {
    const struct net *net;
    char *text;
    size_t size, length;
};

static void say(struct sentence *s, const char *form, ...) __attribute__((format(printf, 2, 3)));

static void say(struct sentence *s, const char *form, ...)
{
    va_list arguments;
    va_start(arguments, form);
    int length = vsnprintf(s->text + s->length, s->size - s->length, form, arguments);
    va_end(arguments);
    s->length += (size_t)length;
    if (s->length >= s->size)
        s->length = s->size - 1;
}

static const char *family_word(enum family family)
{
    static const char *const words[FAMILIES] = {"all families", "IPv4", "IPv6"};
    return words[family];
}

static const char *upstream_word(const struct sentence *s, uint32_t upstream)
{
    return upstream < s->net->upstream_count ? s->net->upstreams[upstream].name : "nowhere";
}

static const char *router_word(const struct sentence *s, uint32_t router)
{
    return router < s->net->router_count ? s->net->routers[router].name : "?";
}

static void say_path(struct sentence *s, uint32_t path)
{
    struct net_path p = net_path(s->net, path);
    if (p.upstream == NET_NOBODY)
        say(s, "the way that customers' packets go (%s)", family_word(p.family));
    else
        say(s, "%s %s", upstream_word(s, p.upstream), family_word(p.family));
}

// 375000 is "37.5 %", 400 is "0.04 %".
static void say_percent(struct sentence *s, uint32_t ppm)
{
    say(s, ppm < 10000 ? "%.2f %%" : "%.1f %%", ppm / 1e4);
}

static void say_evidence(struct sentence *s, const struct signal *signal)
{
    const struct detect_evidence *e = &signal->evidence;
    say_percent(s, e->loss_ppm);
    say(s, " of packets (%u of %u within %.2f s", e->lost, e->samples,
        ((double)signal->at.ns - (double)signal->began_at.ns) / NS_PER_S);
    if (e->lost_forward + e->lost_reverse > 0)
        say(s, "; forward %u, reverse %u", e->lost_forward, e->lost_reverse);
    say(s, "; %u of %u targets, %u of %u flows", e->targets_lossy, e->targets, e->flows_lossy,
        e->flows);
    if (e->voided > 0)
        say(s, "; %u samples void", e->voided);
    say(s, ")");
}

// How rarely such a signal may be wrong.
static void say_asked(struct sentence *s, const struct signal *signal)
{
    static const struct {
        const char *name;
        double s;
    } units[] = {{"years", 31557600}, {"days", 86400}, {"hours", 3600}, {"minutes", 60}};
    double asked_s = (double)signal->evidence.asked_s;
    if (asked_s <= 0)  // nothing was asked of it
        return;
    size_t unit = 0;
    while (unit < 3 && asked_s < 2 * units[unit].s)
        unit++;
    say(s, "; asked: wrong once in %.3g %s", asked_s / units[unit].s, units[unit].name);
}

static void say_suspect(struct sentence *s, const struct signal *signal)
{
    say_path(s, signal->path);
    say(s, " is suspected to lose ");
    say_evidence(s, signal);
    say(s, ": the detector for ");
    say_percent(s, signal->evidence.member_ppm);
    say(s, " loss stands at %u, its alarm is at %u", signal->evidence.score,
        signal->evidence.threshold);
    say_asked(s, signal);
}

static void say_confirmed(struct sentence *s, const struct signal *signal)
{
    say_path(s, signal->path);
    say(s, " loses ");
    say_evidence(s, signal);
    say(s, ": harmless bursts do not explain it (%.1f of %.1f nats)",
        signal->evidence.burst_millinats / 1e3, signal->evidence.burst_threshold_millinats / 1e3);
    say_asked(s, signal);
}

static void say_clear(struct sentence *s, const struct signal *signal)
{
    say_path(s, signal->path);
    say(s, " is good again");
}

static void say_silent(struct sentence *s, const struct signal *signal)
{
    say_path(s, signal->path);
    say(s, " gives no usable samples: nothing is known of it, and nothing is done about it");
}

static void say_heard(struct sentence *s, const struct signal *signal)
{
    say_path(s, signal->path);
    say(s, " gives usable samples again");
}

static void say_signal(struct sentence *s, const struct effect *effect)
{
    static void (*const kinds[SIGNAL_KINDS])(struct sentence *, const struct signal *) = {
        [SIGNAL_SUSPECT] = say_suspect, [SIGNAL_CONFIRMED] = say_confirmed,
        [SIGNAL_CLEAR] = say_clear,     [SIGNAL_SILENT] = say_silent,
        [SIGNAL_HEARD] = say_heard,
    };
    kinds[effect->signal.kind](s, &effect->signal);
}

static void say_incident(struct sentence *s, const struct effect *effect)
{
    const struct effect_incident *incident = &effect->incident;
    say(s, "incident %u, ", incident->incident);
    say_path(s, incident->path);
    say(s, ": %s: %s", incident_state_names[incident->state], incident->reason);
}

static void say_bounds(struct sentence *s, const struct effect_plan *plan)
{
    say(s, "at least ");
    say_percent(s, plan->loss_from_ppm);
    say(s, " is lost on %s, at most ", upstream_word(s, plan->from));
    say_percent(s, plan->loss_to_ppm);
    say(s, " on %s", upstream_word(s, plan->to));
}

// What the verdict makes of "N prefixes from A to B".
static const char *const verdict_words[PLAN_VERDICTS] = {
    [PLAN_ACT] = "plan: move",
    [PLAN_ADVISE] = "advice: move",
    [PLAN_CONFIRM] = "waits for approval: move",
    [PLAN_OBSERVED] = "only looking: it would be right to move",
    [PLAN_UNDO] = "undo: take back",
    [PLAN_RETURN] = "plan: return",
};

static void say_plan(struct sentence *s, const struct effect *effect)
{
    const struct effect_plan *plan = &effect->plan;
    if (plan->verdict == PLAN_REFUSED) {
        say(s, "no move away from %s %s: %s", upstream_word(s, plan->from),
            family_word(plan->family), plan->reason);
        return;
    }
    say(s, "%s %u %s prefix%s from %s to %s: ", verdict_words[plan->verdict], plan->prefixes,
        family_word(plan->family), plan->prefixes == 1 ? "" : "es", upstream_word(s, plan->from),
        upstream_word(s, plan->to));
    if (plan->verdict != PLAN_UNDO && plan->verdict != PLAN_RETURN) {
        say_bounds(s, plan);
        say(s, ", evidence against its peers %.1f nats; ", plan->relative_millinats / 1e3);
    }
    say(s, "%s", plan->reason);
    if (plan->approval > 0)
        say(s, "; fairlead approve %u", plan->approval);
    if (plan->verdict == PLAN_RETURN) {
        say(s, ": at most ");
        say_percent(s, plan->loss_to_ppm);
        say(s, " is lost there now");
    }
}

// "plan: offer 1 IPv4 prefix of ours to transit-a as graceful (192.0.2.0/24): at least 38 % is lost
// on transit-a, ...".
static void say_inbound(struct sentence *s, const struct effect *effect)
{
    static const char *const words[PLAN_VERDICTS] = {
        [PLAN_ACT] = "plan: offer",
        [PLAN_ADVISE] = "advice: offer",
        [PLAN_CONFIRM] = "waits for approval: offer",
        [PLAN_OBSERVED] = "only looking: it would be right to offer",
        [PLAN_UNDO] = "undo: offer",
        [PLAN_RETURN] = "plan: offer again",
    };
    const struct effect_inbound *in = &effect->inbound;
    bool ends = in->verdict == PLAN_UNDO || in->verdict == PLAN_RETURN;
    if (in->stage != INBOUND_PLANNED || in->verdict == PLAN_REFUSED) {
        say(s, "%s to %s %s: %s",
            in->stage == INBOUND_PLANNED ? "own prefixes are offered as before"
                                         : "own prefixes are offered otherwise",
            upstream_word(s, in->upstream), family_word(in->family), in->reason);
        return;
    }
    say(s, "%s %u %s prefix%s of ours to %s as %s (%s): ", words[in->verdict], in->prefixes,
        family_word(in->family), in->prefixes == 1 ? "" : "es", upstream_word(s, in->upstream),
        ends ? "usual" : net_stance_names[in->stance], in->own);
    if (!ends) {
        const struct effect_plan bounds = {.from = in->upstream,
                                           .to = in->to,
                                           .loss_from_ppm = in->loss_ppm,
                                           .loss_to_ppm = in->loss_to_ppm};
        say_bounds(s, &bounds);
        say(s, ", evidence against its peers %.1f nats; ", in->relative_millinats / 1e3);
    }
    say(s, "%s", in->reason);
    if (in->approval > 0)
        say(s, "; fairlead approve %u", in->approval);
}

static void say_acted(struct sentence *s, const struct effect *effect)
{
    static const char *const words[OVERRIDE_STATES] = {
        [OVERRIDE_ANNOUNCED] = "announced to",   [OVERRIDE_WITHDRAWN] = "withdrawn from",
        [OVERRIDE_REFUSED] = "not announced to", [OVERRIDE_TAKEN] = "taken by",
        [OVERRIDE_NOT_TAKEN] = "not taken by",   [OVERRIDE_UNTOLD] = "not known of",
    };
    char prefix[PREFIX_TEXT_MAX];
    const struct effect_acted *acted = &effect->acted;
    say(s, "%s %s: %s", words[acted->state], router_word(s, acted->router),
        prefix_format(acted->prefix, prefix));
    if (acted->upstream == NET_NOBODY)
        say(s, ", our own");
    else
        say(s, " through %s", upstream_word(s, acted->upstream));
    if (acted->reason[0])
        say(s, ": %s", acted->reason);
}

static void say_session(struct sentence *s, const struct effect *effect)
{
    const struct effect_session *session = &effect->session;
    say(s, "the BGP session with %s is ", router_word(s, session->router));
    if (session->state == SESSION_COMPLETE)
        say(s, "complete for %s", family_word(session->family));
    else
        say(s, "%s", fields_session_states[session->state]);
    if (session->reason[0])
        say(s, ": %s", session->reason);
}

static void say_role(struct sentence *s, const struct effect *effect)
{
    const struct effect_role *role = &effect->role;
    say(s, "the %s process is %s", fields_roles[role->role], fields_role_states[role->state]);
    if (role->reason[0])
        say(s, ": %s", role->reason);
}

// "alarm: own prefix withdrawn: 192.0.2.0/24 at edge1: the evidence".
static void say_notice(struct sentence *s, const struct effect *effect)
{
    static const char *const words[NOTICE_SEVERITIES] = {"", "warning: ", "alarm: "};
    const struct notice *notice = &effect->notice;
    const struct notice_rule *rule = &notice_rules[notice->kind];
    char prefix[PREFIX_TEXT_MAX];
    if (notice->raised)
        say(s, "%s", words[rule->severity]);
    else
        say(s,
            "over after %.1f s: ", ((double)effect->at.ns - (double)notice->since.ns) / NS_PER_S);
    say(s, "%s", rule->words);
    if (notice->prefix.address.family)
        say(s, ": %s", prefix_format(notice->prefix, prefix));
    if (notice->peer[0])
        say(s, " at %s", notice->peer);
    else if (notice->router != NET_NOBODY)
        say(s, " at %s", router_word(s, notice->router));
    if (notice->text[0])
        say(s, ": %s", notice->text);
    if (notice->dropped > 0)
        say(s, " (%u such notices before it were left out)", notice->dropped);
}

// "fault 3 named: the words; or else: what else it could be".
static void say_fault(struct sentence *s, const struct effect *effect)
{
    const struct fault *fault = &effect->fault;
    say(s, "fault %u %s", fault->number, fields_fault_states[fault->state]);
    if (fault->state == FAULT_OVER)
        say(s, " after %.1f s", ((double)fault->at.ns - (double)fault->began_at.ns) / NS_PER_S);
    say(s, ": %s", fault->words);
    if (fault->others[0] && fault->state != FAULT_OVER)
        say(s, "; or else %s", fault->others);
}

// "hook drain-ca2 (incident 3): done: the program's last words".
static void say_hooked(struct sentence *s, const struct effect *effect)
{
    static const char *const words[HOOK_STATES] = {"runs", "done", "failed", "took too long",
                                                   "in force since before this start"};
    const struct effect_hooked *hooked = &effect->hooked;
    say(s, "hook %s %s(%u): %s",
        hooked->hook < s->net->hook_count ? s->net->hooks[hooked->hook].name : "?",
        hooked->undo ? "back " : "", hooked->number, words[hooked->state]);
    if (hooked->reason[0])
        say(s, ": %s", hooked->reason);
}

// "plan: hook shut-ca2 takes member ca/ca2 out of use: what is at fault".
static void say_repair(struct sentence *s, const struct effect *effect)
{
    static const char *const words[PLAN_VERDICTS] = {
        [PLAN_ACT] = "plan: hook %s takes %s out of use",
        [PLAN_ADVISE] = "advice: run hook %s, which takes %s out of use",
        [PLAN_OBSERVED] = "only looking: hook %s would be right, it takes %s out of use",
        [PLAN_REFUSED] = "no run of hook %s, which takes %s out of use",
        [PLAN_UNDO] = "undo: hook %s brings %s back into use",
        [PLAN_RETURN] = "plan: hook %s brings %s back into use",
    };
    const struct effect_repair *repair = &effect->repair;
    char object[NET_OBJECT_TEXT_MAX];
    if (repair->hook >= s->net->hook_count)
        return;
    const struct net_hook *hook = &s->net->hooks[repair->hook];
    say(s, words[repair->verdict], hook->name, net_object_format(s->net, hook->object, object));
    say(s, ": %s", repair->reason);
}

static void say_health(struct sentence *s, const struct effect *effect)
{
    char prefix[PREFIX_TEXT_MAX] = "?";
    const struct effect_health *health = &effect->health;
    if (health->announced < s->net->announce_count)
        prefix_format(s->net->announce[health->announced].prefix, prefix);
    say(s, "what %s leads to is %s", prefix, health->healthy ? "well" : "not well");
    if (health->reason[0])
        say(s, ": %s", health->reason);
}

// "drain 3 of router edge1, for anna: safe: safe to work".
static void say_drain(struct sentence *s, const struct effect *effect)
{
    const struct effect_drain *drain = &effect->drain;
    char object[NET_OBJECT_TEXT_MAX];
    say(s, "drain %u of %s, for %s: %s: %s", drain->number,
        net_object_format(s->net, drain->object, object), drain->who,
        drain_state_names[drain->state], drain->text);
}

// "lift 5 of S9 for upstream transit-a, by anna and bert: in_force: for 60 min: why".
static void say_lift(struct sentence *s, const struct effect *effect)
{
    const struct effect_lift *lift = &effect->lift;
    char object[NET_OBJECT_TEXT_MAX];
    say(s, "lift %u of %s for %s, by %s", lift->number, lift_rule_names[lift->rule],
        net_object_format(s->net, lift->object, object), lift->first);
    if (lift->second[0])
        say(s, " and %s", lift->second);
    say(s, ": %s: %s", lift_state_names[lift->state], lift->text);
}

// "anna (uid 1000) asked for freeze: done: nothing moves until a thaw".
static void say_answered(struct sentence *s, const struct effect *effect)
{
    const struct effect_answered *a = &effect->answered;
    say(s, "%s (", a->who);
    say(s,
        a->uid == ASKED_UID_WEB     ? "over the web"
        : a->uid == ASKED_UID_TOKEN ? "a token"
                                    : "uid %u",
        a->uid);
    say(s, ") asked for %s: %s: %s", fields_asked[a->what], a->done ? "done" : "refused", a->text);
}

// "outage 2, major, open after 3.2 s: loss on transit-a ipv4 (12.5 % of all packets); cause:
// unknown; incident 4: acting: ...".
static void say_outage(struct sentence *s, const struct effect *effect)
{
    const struct effect_outage *o = &effect->outage;
    say(s, "outage %u, %s, %s after %.1f s: %s (", o->number, outage_severity_names[o->severity],
        outage_state_names[o->state], ((double)effect->at.ns - (double)o->onset.ns) / NS_PER_S,
        o->title);
    say_percent(s, o->share_ppm);
    say(s, " of all packets); cause: %s; %s", o->cause, o->action);
}

// "change CR-2026-3148 by anna (webhook) on rr-1, rr-2: the words".
static void say_change(struct sentence *s, const struct effect *effect)
{
    const struct change *change = &effect->change;
    char devices[160];
    net_devices_format(s->net, &change->devices, devices, sizeof devices);
    say(s, "change %s", change->id);
    if (change->who[0])
        say(s, " by %s", change->who);
    say(s, " (%s)", change_source_names[change->source]);
    if (devices[0])
        say(s, " on %s", devices);
    if (change->others > 0)
        say(s, "%s %u that Fairlead does not know", devices[0] ? " and" : " on", change->others);
    if (change->what[0])
        say(s, ": %s", change->what);
}

// "warning: change CR-2026-3148: rr-4 has something else than the others: the words".
static void say_odd(struct sentence *s, const struct effect *effect)
{
    const struct change_odd *odd = &effect->odd;
    char devices[160];
    say(s, "warning: change %s: %s is not as the others: %s", odd->id,
        net_devices_format(s->net, &odd->devices, devices, sizeof devices), odd->what);
}

static void say_ready(struct sentence *s, const struct effect *effect)
{
    (void)effect;
    say(s, "ready: all tables are complete, every path is measured, the quiet time is over");
}

static void say_release(struct sentence *s, const struct effect *effect)
{
    (void)effect;
    say(s, "letting go of everything: the routers choose for themselves");
}

static const char *channel_word(const struct sentence *s, uint32_t channel)
{
    return channel < s->net->alert.channel_count ? s->net->alert.channels[channel].name : "?";
}

// "page 7 to anna by phone (again): the text". Heartbeats are no news.
static void say_page(struct sentence *s, const struct effect *effect)
{
    const struct alert_page *page = &effect->page;
    if (page->person >= s->net->alert.person_count)
        return;
    say(s, "page %" PRId64 " to %s by %s (%s): %s", page->number,
        s->net->alert.people[page->person].name, channel_word(s, page->channel),
        page_kind_names[page->kind], page->text);
}

static void say_delivered(struct sentence *s, const struct effect *effect)
{
    const struct effect_delivered *delivered = &effect->delivered;
    say(s, "page %" PRId64 " by %s: %s", delivered->page, channel_word(s, delivered->channel),
        fields_delivery_states[delivered->state]);
    if (delivered->reason[0])
        say(s, ": %s", delivered->reason);
}

static void (*const kinds[EFFECT_KINDS])(struct sentence *, const struct effect *) = {
    // Orders are not told: what route made of them is, within milliseconds (EFFECT_ACTED).
    [EFFECT_RELEASE] = say_release, [EFFECT_READY] = say_ready,
    [EFFECT_SIGNAL] = say_signal,   [EFFECT_INCIDENT] = say_incident,
    [EFFECT_PLAN] = say_plan,       [EFFECT_INBOUND] = say_inbound,
    [EFFECT_ACTED] = say_acted,     [EFFECT_SESSION] = say_session,
    [EFFECT_ROLE] = say_role,       [EFFECT_NOTICE] = say_notice,
    [EFFECT_FAULT] = say_fault,     [EFFECT_HOOKED] = say_hooked,
    [EFFECT_HEALTH] = say_health,   [EFFECT_ANSWERED] = say_answered,
    [EFFECT_REPAIR] = say_repair,   [EFFECT_DRAIN] = say_drain,
    [EFFECT_LIFT] = say_lift,       [EFFECT_OUTAGE] = say_outage,
    [EFFECT_CHANGE] = say_change,   [EFFECT_ODD] = say_odd,
    [EFFECT_PAGE] = say_page,       [EFFECT_DELIVERED] = say_delivered,
};

size_t narrate_effect(const struct net *net, const struct effect *effect, char *text, size_t size)
{
    struct sentence s = {.net = net, .text = text, .size = size};
    if (size > 0)
        text[0] = '\0';
    if (size > 0 && kinds[effect->kind])
        kinds[effect->kind](&s, effect);
    return s.length;
}
