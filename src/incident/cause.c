// SPDX-License-Identifier: ISC
#include "incident/cause.h"

#include <math.h>
#include <string.h>

#define BUSY_S 600.0
#define WELL_NATS 0.7        // half of what breaks a device breaks a part of it only
#define MISSED_NATS 4        // two things at once break once in a while
#define SESSION_ALONE 0.1    // that a session falls by itself: it is what breaks last, not first
#define UNKNOWN_PLACE 0.01   // that packets pass a device of which the configuration tells nothing
#define STRANGE_PLACE 0.002  // that a fact hits what by the configuration it does not

const char *const cause_kind_names[CAUSE_KINDS] = {"change",   "maintenance", "failure",
                                                   "provider", "unannounced", "unknown"};

// Of what breaks networks: changes first (Google, "Evolve or Die", SIGCOMM 2016: most failures were
// during some management operation), then providers and our own devices. Only their order matters
// where there is evidence.
static const double priors[CAUSE_KINDS] = {
    [CAUSE_CHANGE] = 0.40,   [CAUSE_MAINTENANCE] = 0.10, [CAUSE_FAILURE] = 0.15,
    [CAUSE_PROVIDER] = 0.20, [CAUSE_UNANNOUNCED] = 0.05, [CAUSE_UNKNOWN] = 0.10,
};

static double exponential(double s, double mean_s)
{
    return s < 0 ? 0 : exp(-s / mean_s) / mean_s;
}

// Half of what a change breaks breaks at once, some with the next reload, some when a timer or a
// table runs out. Onsets are known to `sigma_s`: one that seems to come a little too early counts.
double cause_change_density(double s, double sigma_s)
{
    double late = s < 0 ? 0 : s;
    double density =
        0.5 * exponential(late, 30) + 0.3 * exponential(late, 300) + 0.2 * exponential(late, 3600);
    return density * 0.5 * erfc(-s / (sigma_s * sqrt(2)));
}

// Sessions fall with what they cross, or a detection time after it. An alarm comes with what it
// tells of; one that stands may be what breaks the rest later: a process that is not started again
// leaves its tables to age (dataforest: 323 s).
double cause_alarm_density(double s, enum fact_kind kind, bool standing)
{
    if (kind >= FACT_BFD)
        return fabs(s) <= 5 ? 0.9 / 10 : 0.1 * exponential(s, 60);
    double soon = s < 0 && s >= -2 ? 0.1 : exponential(s, 10);
    return 0.5 * soon + (standing ? 0.5 * exponential(s, 3600) : 0);
}

static double seconds(struct mono later, struct mono earlier)
{
    return (double)mono_since_ns(later, earlier) / NS_PER_S;
}

// ln of a sum of shares within the closure, by the share of the network that the closure is: what
// hits everything explains nothing.
static double place_nats(const struct facts *facts, const struct nodes *closure, double within)
{
    uint32_t size = nodes_count(closure);
    double share = facts->node_count > 0 && size > 0 ? (double)size / facts->node_count : 1;
    return log(fmax(within / share, STRANGE_PLACE));
}

static double within(const struct symptoms *symptoms, const struct nodes *closure)
{
    double sum = 0;
    for (uint32_t i = 0; i < symptoms->part_count; i++)
        if (nodes_have(closure, symptoms->parts[i].node))
            sum += symptoms->parts[i].share;
    return fmin(sum, 1);
}

// A device in no group and at no router: nobody knows what hangs on it.
static double fact_place(const struct facts *facts, const struct fact *fact,
                         const struct symptoms *symptoms)
{
    double shared = within(symptoms, &fact->closure);
    bool leads_nowhere = true;
    for (uint32_t node = 0; node < NODES_DEVICE; node++)
        leads_nowhere &= !nodes_have(&fact->closure, node);
    return leads_nowhere && shared == 0 ? log(UNKNOWN_PLACE)
                                        : place_nats(facts, &fact->closure, shared);
}

static double time_nats(double density, double rate_hz)
{
    return log(fmax(density, 1e-12) / rate_hz);
}

static void rank_in(struct causes *causes, const struct cause *cause)
{
    uint32_t place = causes->count < CAUSES_MAX ? causes->count++ : CAUSES_MAX;
    for (; place > 0 && causes->items[place - 1].nats < cause->nats; place--)
        if (place < CAUSES_MAX)
            causes->items[place] = causes->items[place - 1];
    if (place < CAUSES_MAX)
        causes->items[place] = *cause;
}

static void finish(struct causes *causes, struct cause *cause)
{
    cause->prior_nats += log(priors[cause->kind]);
    cause->nats = cause->time_nats + cause->place_nats + cause->prior_nats + cause->fit_nats +
                  cause->chain_nats + cause->again_nats + cause->odd_nats;
    rank_in(causes, cause);
}

static bool is_change(enum fact_kind kind)
{
    return kind == FACT_CHANGE || kind == FACT_MAINTENANCE;
}

// What an alarm by itself says of the loss.
static double alarm_nats(const struct facts *facts, const struct fact *alarm,
                         const struct symptoms *symptoms)
{
    double s = seconds(symptoms->onset, alarm->at);
    return time_nats(cause_alarm_density(s, alarm->kind, alarm->standing), alarm->rate_hz) +
           fact_place(facts, alarm, symptoms);
}

static bool is_session(enum fact_kind kind)
{
    return kind >= FACT_BFD && kind <= FACT_LACP;
}

// Sessions that fall with the loss are part of what is to be explained: by whatever hits them, all
// the same. The one that says most.
static const struct fact *session_of(const struct facts *facts, const struct symptoms *symptoms)
{
    const struct fact *best = NULL;
    for (uint32_t id = facts_first(facts); id <= facts->last_id && symptoms->lost; id++) {
        const struct fact *fact = facts_get(facts, id);
        if (fact && is_session(fact->kind) && fabs(seconds(symptoms->onset, fact->at)) <= 15 &&
            (!best || alarm_nats(facts, fact, symptoms) > alarm_nats(facts, best, symptoms)))
            best = fact;
    }
    return best;
}

static bool is_near_change(const struct symptoms *symptoms, const struct fact *fact)
{
    return fact->kind == FACT_CHANGE && fabs(seconds(symptoms->onset, fact->at)) <= BUSY_S;
}

// What a ranking looks at, and what is the same for all causes.
struct view {
    const struct facts *facts;
    const struct symptoms *symptoms;
    const struct fact *session;  // NULL: none fell
    double session_nats;
    uint32_t changes_near;
};

static struct view view_of(const struct facts *facts, const struct symptoms *symptoms)
{
    struct view v = {facts, symptoms, session_of(facts, symptoms), 0, 0};
    if (v.session)
        v.session_nats = fmax(alarm_nats(facts, v.session, symptoms), 0);
    for (uint32_t id = facts_first(facts); id <= facts->last_id; id++) {
        const struct fact *fact = facts_get(facts, id);
        v.changes_near += fact && is_near_change(symptoms, fact);
    }
    return v;
}

static double explained_nats(const struct view *v, const struct nodes *closure)
{
    return v->session && nodes_meet(closure, &v->session->nodes) ? v->session_nats : 0;
}

// The change as the cause of the alarm: an alarm has come where the change was made, or where it
// reaches.
static bool may_follow(const struct fact *change, const struct fact *alarm)
{
    double s = seconds(alarm->at, change->at);
    return fact_is_alarm(alarm->kind) && s > -5 && s < 3600 &&
           (fact_meets(change, alarm) || nodes_meet(&change->closure, &alarm->nodes));
}

// That alarms of this kind came on another device too, soon after the change: as independent as
// devices are. Bounded, as what is shared need not be the change.
static double again_nats(const struct facts *facts, const struct fact *change,
                         const struct fact *alarm)
{
    double best = 0;
    for (uint32_t id = facts_first(facts); id <= facts->last_id; id++) {
        const struct fact *other = facts_get(facts, id);
        if (!other || other->kind != alarm->kind || fact_meets(other, alarm) ||
            !may_follow(change, other))
            continue;
        double s = seconds(other->at, change->at);
        best = fmax(best, time_nats(cause_change_density(s, 2), other->rate_hz));
    }
    return fmin(best, 8);
}

// One of n devices has another value, and it is that one that fails: by chance that is one in n.
static double odd_nats(const struct fact *change, const struct fact *alarm)
{
    uint32_t odd = nodes_count(&change->odd_nodes), all = nodes_count(&change->nodes);
    bool there = nodes_meet(&change->odd_nodes, &alarm->nodes);
    return there && odd < all ? log((double)all / odd) : 0;
}

static void explain_by_alarm(const struct view *v, const struct fact *change, struct cause *best)
{
    const struct facts *facts = v->facts;
    double place = place_nats(facts, &change->closure, 1);
    for (uint32_t id = facts_first(facts); id <= facts->last_id; id++) {
        const struct fact *alarm = facts_get(facts, id);
        if (!alarm || !may_follow(change, alarm))
            continue;
        struct cause cause = *best;
        cause.via = id;
        cause.time_nats =
            time_nats(cause_change_density(seconds(alarm->at, change->at), 2), change->rate_hz);
        cause.place_nats = place;
        cause.chain_nats = alarm_nats(facts, alarm, v->symptoms);
        if (!is_session(alarm->kind))
            cause.chain_nats += explained_nats(v, &change->closure);
        double sum = cause.time_nats + cause.place_nats + cause.chain_nats;
        if (sum > best->time_nats + best->place_nats + best->chain_nats)
            *best = cause;
    }
    if (!best->via)
        return;
    best->again_nats = again_nats(facts, change, facts_get(facts, best->via));
    best->odd_nats = odd_nats(change, facts_get(facts, best->via));
}

// While much is changed, each change says less: how many more there are around the onset than
// usual.
static double busy_nats(const struct view *v, const struct fact *change)
{
    uint32_t others = v->changes_near - is_near_change(v->symptoms, change);
    double usual = facts_usual_hz(v->facts, FACT_CHANGE) * 2 * BUSY_S;
    return 0.5 * log(fmax((others + 1) / (usual + 1), 1));
}

// Upstreams that hang on it too and lose nothing speak against it, but a change may break one
// session of many: three are as much as this says. So do those that lose and do not hang on it.
static double fit_nats(const struct facts *facts, const struct symptoms *symptoms,
                       const struct nodes *closure)
{
    struct nodes hit = {0};
    int well = 0, missed = 0, met = 0;
    for (uint32_t i = 0; i < symptoms->part_count; i++)
        nodes_add(&hit, symptoms->parts[i].node);
    for (uint32_t u = 0; u < facts->net->upstream_count && symptoms->lost; u++) {
        bool hangs = nodes_have(closure, NODES_UPSTREAM + u);
        bool loses = nodes_have(&hit, NODES_UPSTREAM + u);
        well += hangs && !loses;
        missed += !hangs && loses;
        met += hangs && loses;
    }
    if (met == 0)  // its place says so already
        return 0;
    return -WELL_NATS * (well < 3 ? well : 3) - MISSED_NATS * (missed < 3 ? missed : 3);
}

static void consider_fact(const struct view *v, const struct fact *fact, struct causes *causes)
{
    const struct symptoms *symptoms = v->symptoms;
    double s = seconds(symptoms->onset, fact->at);
    struct cause cause = {.kind = fact->kind == FACT_CHANGE        ? CAUSE_CHANGE
                                  : fact->kind == FACT_MAINTENANCE ? CAUSE_MAINTENANCE
                                                                   : CAUSE_FAILURE,
                          .fact = fact->id,
                          .upstream = NET_NOBODY};
    bool change = is_change(fact->kind);
    double density = change ? cause_change_density(s, symptoms->onset_sigma_s)
                            : cause_alarm_density(s, fact->kind, fact->standing);
    cause.time_nats = time_nats(density, fact->rate_hz);
    cause.place_nats = fact_place(v->facts, fact, symptoms);
    if (is_session(fact->kind))
        cause.prior_nats = log(SESSION_ALONE);
    else
        cause.chain_nats = explained_nats(v, &fact->closure);
    cause.fit_nats = fit_nats(v->facts, symptoms, &fact->closure);
    if (change)
        explain_by_alarm(v, fact, &cause);
    if (change)
        cause.time_nats -= busy_nats(v, fact);
    finish(causes, &cause);
}

// Maintenance begins when somebody wrote that it would: within two minutes of a quarter of an hour
// as often as not, which else is a matter of four minutes in fifteen.
static double minute_nats(double minute)
{
    double quarter = fmod(minute, 15);
    bool round = quarter <= 2 || quarter >= 13;
    return minute < 0 ? 0 : round ? log(0.5 / (4 / 15.0)) : log(0.5 / (11 / 15.0));
}

// RFC 4486: Cease, Administrative Shutdown; RFC 8203 gives it words.
static bool is_in_order(const struct fact *session)
{
    static const char *const words[] = {"dministrative", "Cease", "shutdown", "Shutdown"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(session->text, words[i]))
            return true;
    return false;
}

static void consider_upstream(const struct view *v, const struct cause_part *part,
                              struct causes *causes)
{
    struct nodes only = {0};
    nodes_add(&only, part->node);
    bool fell = v->session && nodes_meet(&v->session->nodes, &only);
    struct cause provider = {.kind = CAUSE_PROVIDER,
                             .upstream = part->node - NODES_UPSTREAM,
                             .via = fell ? v->session->id : 0,
                             .place_nats = place_nats(v->facts, &only, part->share),
                             .fit_nats = fit_nats(v->facts, v->symptoms, &only),
                             .chain_nats = explained_nats(v, &only)};
    struct cause work = provider;
    work.kind = CAUSE_UNANNOUNCED;
    work.time_nats = minute_nats(v->symptoms->minute) + (fell && is_in_order(v->session) ? 3 : 0);
    finish(causes, &provider);
    finish(causes, &work);
}

static void share_out(struct causes *causes)
{
    double sum = 0, top = causes->items[0].nats;
    for (uint32_t i = 0; i < causes->count; i++)
        sum += exp(causes->items[i].nats - top);
    for (uint32_t i = 0; i < causes->count; i++)
        causes->items[i].share = exp(causes->items[i].nats - top) / sum;
}

void causes_rank(const struct facts *facts, const struct symptoms *symptoms, struct causes *causes)
{
    struct view v = view_of(facts, symptoms);
    causes->count = 0;
    for (uint32_t id = facts_first(facts); id <= facts->last_id; id++) {
        const struct fact *fact = facts_get(facts, id);
        double s = fact ? seconds(symptoms->onset, fact->at) : 0;
        if (fact && fact->kind != FACT_ROLLBACK && s > -3600 && s < 4 * 3600)
            consider_fact(&v, fact, causes);
    }
    for (uint32_t i = 0; i < symptoms->part_count; i++) {
        const struct cause_part *part = &symptoms->parts[i];
        if (symptoms->lost && part->node >= NODES_UPSTREAM && part->node < NODES_MEMBER)
            consider_upstream(&v, part, causes);
    }
    finish(causes, &(struct cause){CAUSE_UNKNOWN, .upstream = NET_NOBODY});
    share_out(causes);
}
