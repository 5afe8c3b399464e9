// SPDX-License-Identifier: ISC
#include "incident/outage_inside.h"

#include <math.h>

enum {
    NEAR_S = 120,  // likewise where both hang on one router or member
    PARTLY_S = 5,  // families and targets get well within seconds of each other
    RANK_AGAIN_S = 1,
    ONSET_SIGMA_S = 2,
};

const char *const outage_state_names[OUTAGE_STATES] = {
    "warned", "open", "partly_well", "still_broken", "mitigated", "well", "over"};
const char *const outage_severity_names[OUTAGE_SEVERITIES] = {"minor", "major", "critical"};

// TCP's throughput falls with the root of loss (Mathis et al. 1997): from 1 % of everything on all
// customers notice; with a tenth lost nothing is usable for those whose packets go there.
enum outage_severity outage_severity(uint32_t lost_ppm)
{
    return lost_ppm >= 100 * 1000  ? OUTAGE_CRITICAL
           : lost_ppm >= 10 * 1000 ? OUTAGE_MAJOR
                                   : OUTAGE_MINOR;
}

void outages_init(struct outages *outages, const struct net *net, struct mono now)
{
    *outages = (struct outages){.net = net};
    facts_init(&outages->facts, net, now);
}

double outage_seconds(struct mono later, struct mono earlier)
{
    return (double)mono_since_ns(later, earlier) / NS_PER_S;
}

// ---- what belongs together

// How much speaks for one cause: 0 nothing, 1 that both hang on one thing, 2 that one hangs on the
// other.
static int kinship(const struct net *net, const struct outage *outage,
                   const struct symptom *symptom)
{
    struct nodes below = nodes_closure(net, &outage->nodes);
    struct nodes under = nodes_closure(net, &symptom->nodes);
    if (nodes_meet(&below, &symptom->nodes) || nodes_meet(&under, &outage->nodes))
        return 2;
    struct nodes a = nodes_above(net, &outage->nodes), b = nodes_above(net, &symptom->nodes);
    return nodes_meet(&a, &b);
}

// Of two faults a day that have nothing to do with each other, a pair within five seconds comes
// once in some twenty years.
static bool belongs(const struct net *net, const struct outage *outage,
                    const struct symptom *symptom)
{
    int kin = kinship(net, outage, symptom);
    double first = fabs(outage_seconds(symptom->began, outage->onset));
    double loss = outage->lost ? fabs(outage_seconds(symptom->began, outage->lost_at)) : first;
    double last = fabs(outage_seconds(symptom->began, outage->joined_at));
    return kin == 2 || fmin(first, loss) <= OUTAGE_TOGETHER_S || (kin == 1 && last <= NEAR_S);
}

struct outage *outage_find(struct outages *outages, const struct symptom *symptom)
{
    for (uint32_t i = 0; i < OUTAGES_MAX; i++) {
        struct outage *outage = &outages->items[i];
        if (outage->number && outage->state != OUTAGE_OVER && !outage->part_of &&
            belongs(outages->net, outage, symptom))
            return outage;
    }
    return NULL;
}

struct outage *outage_free_place(struct outages *outages)
{
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        if (outages->items[i].number == 0)
            return &outages->items[i];
    return NULL;
}

static struct outage *room(struct outages *outages)
{
    struct outage *youngest = &outages->items[0], *place = outage_free_place(outages);
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        if (outages->items[i].number > youngest->number)
            youngest = &outages->items[i];
    return place ? place : youngest;
}

// What localisation names may be among the paths that lose, too: it is one part.
static void add_part(struct symptoms *symptoms, uint32_t node, double share)
{
    for (uint32_t i = 0; i < symptoms->part_count; i++) {
        if (symptoms->parts[i].node == node) {
            symptoms->parts[i].share += share;
            return;
        }
    }
    if (symptoms->part_count < CAUSE_PARTS_MAX)
        symptoms->parts[symptoms->part_count++] = (struct cause_part){node, share};
}

static void add_parts(struct symptoms *symptoms, const struct nodes *nodes, double share)
{
    uint32_t count = nodes_count(nodes);
    for (uint32_t node = 0; node < NODES; node++)
        if (nodes_have(nodes, node))
            add_part(symptoms, node, share / count);
}

// Of what hangs on nothing in common one cause may still be the likeliest: the same change.
static struct outage *find_by_cause(struct outages *outages, const struct symptom *symptom)
{
    struct symptoms alone = {
        .onset = symptom->began, .onset_sigma_s = ONSET_SIGMA_S, .lost = true, .minute = -1};
    struct causes causes;
    add_parts(&alone, &symptom->nodes, 1);
    causes_rank(&outages->facts, &alone, &causes);
    for (uint32_t i = 0; i < OUTAGES_MAX && causes.items[0].fact; i++) {
        struct outage *outage = &outages->items[i];
        const struct cause *top = &outage->causes.items[0];
        if (outage->number && outage->state != OUTAGE_OVER && outage->causes.count > 0 &&
            top->fact == causes.items[0].fact && top->share >= CAUSE_LIKELY &&
            causes.items[0].share >= CAUSE_LIKELY)
            return outage;
    }
    return NULL;
}

// The outage that it belongs to; a new one, in this state, where it belongs to none.
struct outage *outage_join(struct outages *outages, const struct symptom *symptom, struct mono now,
                           enum outage_state state)
{
    struct outage *outage = outage_find(outages, symptom);
    if (!outage && state == OUTAGE_OPEN)
        outage = find_by_cause(outages, symptom);
    if (!outage)
        outage = room(outages);
    if (outage->number == 0)
        *outage = (struct outage){
            .number = ++outages->count, .state = state, .onset = symptom->began, .entered_at = now};
    if (symptom->began.ns < outage->onset.ns)
        outage->onset = symptom->began;
    nodes_join(&outage->nodes, &symptom->nodes);
    outage->joined_at = symptom->began;
    if (state == OUTAGE_OPEN || !outage->lost)  // of loss only packets tell the end
        outage->bad_at = now;
    outage->ranked_at.ns = 0;
    return outage;
}

void outage_note_loss(struct outage *outage, struct mono began)
{
    if (!outage->lost || began.ns < outage->lost_at.ns)
        outage->lost_at = began;
    outage->lost = true;
}

// ---- facts

// The youngest change that an alarm may be of: soon before it, where it was made.
static const struct fact *change_before(const struct facts *facts, const struct fact *alarm)
{
    for (uint32_t id = facts->last_id; id >= facts_first(facts); id--) {
        const struct fact *fact = facts_get(facts, id);
        double s = fact ? outage_seconds(alarm->at, fact->at) : 0;
        if (fact && fact->kind == FACT_CHANGE && s >= 0 && s <= OUTAGE_WARN_S &&
            fact_meets(fact, alarm))
            return fact;
    }
    return NULL;
}

static bool tells_of_harm(const struct fact *fact)
{
    return fact->kind == FACT_CRASH || fact->kind == FACT_GAVE_UP || fact->kind == FACT_ALARM;
}

// Whether every member of a redundant group is among them.
static bool takes_whole_group(const struct net *net, const struct nodes *nodes)
{
    for (uint32_t g = 0; g < net->group_count; g++) {
        bool all = net->groups[g].kind == NET_REDUNDANCY && net->groups[g].member_count > 1;
        for (uint32_t m = 0; m < net->groups[g].member_count; m++)
            all &= nodes_have(nodes, NODES_MEMBER + g * NET_MEMBERS_MAX + m);
        if (all)
            return true;
    }
    return false;
}

void outage_raise(struct outage *outage, enum outage_severity severity)
{
    if (severity > outage->severity)
        outage->severity = severity;
}

static void take_alarm(struct outages *outages, const struct fact *alarm, struct mono now)
{
    struct symptom symptom = {alarm->at, alarm->nodes};
    const struct fact *change =
        tells_of_harm(alarm) && alarm->unseen ? change_before(&outages->facts, alarm) : NULL;
    if (!change && !outage_find(outages, &symptom))
        return;  // by itself it is a notice, and nobody is woken
    struct outage *outage = outage_join(outages, &symptom, now, OUTAGE_WARNED);
    if (!change || outage->changed_by)
        return;
    outage->warned_by = alarm->id;
    outage->changed_by = change->id;
}

static bool is_worked_on(const struct facts *facts, const struct fact *fact)
{
    for (uint32_t id = facts_first(facts); id <= facts->last_id; id++) {
        const struct fact *work = facts_get(facts, id);
        if (work && work->kind == FACT_MAINTENANCE && work->standing && fact_meets(work, fact))
            return true;
    }
    return false;
}

// Facts grow while they are young: sessions that fall one after the other are one.
static void take_bursts(struct outages *outages, struct mono now)
{
    const struct facts *facts = &outages->facts;
    for (uint32_t id = outages->burst + 1; id <= facts->last_id; id++) {
        const struct fact *fact = facts_get(facts, id);
        bool old = !fact || outage_seconds(now, fact->last_at) > FACT_TOGETHER_MAX_S;
        bool many = fact && fact->kind >= FACT_BFD && fact->unseen && fact->count >= FACT_BURST &&
                    !fact->is_taken_up;
        if (old && id == outages->burst + 1)
            outages->burst = id;
        if (old || !many)
            continue;
        struct symptom symptom = {fact->at, fact->nodes};
        struct outage *outage = outage_find(outages, &symptom);
        if (outage || is_worked_on(facts, fact))
            continue;
        outage_join(outages, &symptom, now, OUTAGE_WARNED)->warned_by = id;
    }
}

static void take_rollback(struct outages *outages, const struct fact *rollback)
{
    for (uint32_t i = 0; i < OUTAGES_MAX; i++) {
        struct outage *outage = &outages->items[i];
        const struct cause *top = &outage->causes.items[0];
        const struct fact *change =
            facts_get(&outages->facts, outage->changed_by ? outage->changed_by : top->fact);
        bool ours = nodes_meet(&outage->nodes, &rollback->closure);
        if (outage->number && (ours || (change && fact_meets(change, rollback))))
            outage->rolled_back_by = rollback->id;
    }
}

static void take_facts(struct outages *outages, struct mono now)
{
    const struct facts *facts = &outages->facts;
    if (outages->seen + 1 < facts_first(facts))
        outages->seen = facts_first(facts) - 1;
    while (outages->seen < facts->last_id) {
        const struct fact *fact = facts_get(facts, ++outages->seen);
        if (fact && fact->is_taken_up)
            continue;
        if (fact && fact_is_alarm(fact->kind))
            take_alarm(outages, fact, now);
        else if (fact && fact->kind == FACT_ROLLBACK)
            take_rollback(outages, fact);
    }
}

// ---- paths

static struct outage *outage_of_path(struct outages *outages, uint32_t path)
{
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        if (outages->items[i].number && outages->items[i].paths >> path & 1)
            return &outages->items[i];
    return NULL;
}

static void take_path(struct outages *outages, const struct outage_sight *sight, uint32_t path)
{
    struct outage *outage = outage_of_path(outages, path);
    uint32_t upstream = net_path(outages->net, path).upstream;
    struct symptom symptom = {sight->began[path], {{0}}};
    if (upstream != NET_NOBODY)
        symptom.nodes = nodes_of_upstream(upstream);
    if (!outage)
        outage = outage_join(outages, &symptom, sight->now, OUTAGE_OPEN);
    outage->paths |= UINT64_C(1) << path;
    outage_note_loss(outage, symptom.began);
    outage->bad_at = sight->now;
}

// What befalls own prefixes within minutes is one matter, whoever announced them.
static struct outage *outage_of_own(struct outages *outages, struct mono began, uint32_t own)
{
    struct outage *near = NULL;
    for (uint32_t i = 0; i < OUTAGES_MAX; i++) {
        struct outage *outage = &outages->items[i];
        uint64_t owns = outage->number ? outage->own | outage->foreign : 0;
        if (owns >> own & 1)
            return outage;
        if (owns && outage->state != OUTAGE_OVER &&
            fabs(outage_seconds(began, outage->joined_at)) <= NEAR_S)
            near = outage;
    }
    return near;
}

// For whoever is behind it all is lost, or goes to somebody else.
static struct outage *take_own(struct outages *outages, struct mono now, struct mono began,
                               uint32_t own)
{
    struct outage *outage = outage_of_own(outages, began, own);
    struct symptom symptom = {began, {{0}}};
    if (!outage)
        outage = outage_join(outages, &symptom, now, OUTAGE_OPEN);
    outage_note_loss(outage, began);
    outage->bad_at = now;
    outage_raise(outage, OUTAGE_CRITICAL);
    return outage;
}

static void take_owns(struct outages *outages, const struct outage_sight *sight)
{
    for (uint64_t left = sight->own; left; left &= left - 1) {
        uint32_t own = (uint32_t)__builtin_ctzll(left);
        take_own(outages, sight->now, sight->own_began[own], own)->own |= left & -left;
    }
    for (uint64_t left = sight->foreign; left; left &= left - 1) {
        uint32_t own = (uint32_t)__builtin_ctzll(left);
        take_own(outages, sight->now, sight->foreign_began[own], own)->foreign |= left & -left;
    }
}

// ---- causes

struct nodes outage_upstreams(const struct net *net, uint64_t paths)
{
    struct nodes nodes = {0};
    for (uint64_t left = paths; left; left &= left - 1) {
        uint32_t upstream = net_path(net, (uint32_t)__builtin_ctzll(left)).upstream;
        if (upstream != NET_NOBODY)
            nodes_add(&nodes, NODES_UPSTREAM + upstream);
    }
    return nodes;
}

// What localisation has named has its odds; the rest of the doubt is with the paths that lose.
static void see_parts(const struct outages *outages, const struct outage_sight *sight,
                      struct outage *outage)
{
    struct symptoms *s = &outage->symptoms;
    struct nodes upstreams = outage_upstreams(outages->net, outage->paths);
    double left = 1;
    s->part_count = 0;
    for (uint32_t i = 0; i < sight->fault_count; i++) {
        const struct fault *fault = &sight->faults[i];
        struct nodes nodes = outage_fault_nodes(outages->net, &fault->part);
        if (!outage_has_fault(outage, fault->number) || nodes_are_none(&nodes))
            continue;
        double odds = exp(-fault->evidence.odds_millinats / 1e3), share = left / (1 + odds);
        share = nodes_are_none(&upstreams) ? left : share;
        add_parts(s, &nodes, share);
        left -= share;
    }
    if (!nodes_are_none(&upstreams))
        add_parts(s, &upstreams, left);
    else if (s->part_count == 0)
        add_parts(s, &outage->nodes, 1);
}

static void rank(struct outages *outages, const struct outage_sight *sight, struct outage *outage)
{
    struct symptoms *s = &outage->symptoms;
    if (outage->ranked_at.ns > 0 && outage_seconds(sight->now, outage->ranked_at) < RANK_AGAIN_S)
        return;
    s->lost = outage->lost;
    s->onset = s->lost ? outage->lost_at : outage->onset;
    s->onset_sigma_s = ONSET_SIGMA_S;
    s->minute = sight->minute < 0
                    ? -1
                    : fmod(sight->minute - outage_seconds(sight->now, s->onset) / 60 + 60 * 24, 60);
    if (outage->hit || outage->state != OUTAGE_WELL)
        see_parts(outages, sight, outage);
    causes_rank(&outages->facts, s, &outage->causes);
    outage->ranked_at = sight->now;
}

// ---- states

static bool has_open_fault(const struct outage *outage, const struct outage_sight *sight)
{
    for (uint32_t i = 0; i < sight->fault_count; i++)
        if (outage_has_fault(outage, sight->faults[i].number))
            return true;
    return false;
}

// A warning stands until what was changed is rolled back and nothing came of it, or for its time.
static bool still_warns(const struct outages *outages, const struct outage *outage, struct mono now)
{
    const struct fact *rollback = facts_get(&outages->facts, outage->rolled_back_by);
    double quiet_s = outage_seconds(now, outage->bad_at);
    return quiet_s < (rollback ? OUTAGE_WELL_S : OUTAGE_WARNED_S);
}

// What was changed made something crash, and nobody has changed it back: that a loss which came of
// it, or of something else, is over does not end the warning.
static bool warns_again(const struct outages *outages, const struct outage *outage, struct mono now)
{
    const struct fact *alarm = facts_get(&outages->facts, outage->warned_by);
    return alarm && outage->changed_by && !outage->rolled_back_by &&
           outage_seconds(now, alarm->last_at) < OUTAGE_WARNED_S;
}

static bool rollback_failed(const struct outages *outages, const struct outage *outage,
                            struct mono now)
{
    const struct fact *rollback = facts_get(&outages->facts, outage->rolled_back_by);
    return rollback && outage_seconds(now, rollback->last_at) >= OUTAGE_ROLLBACK_S;
}

bool outage_settles(const struct outage *outage, struct mono now)
{
    return outage->settles_until.ns > 0 && !mono_reached(now, outage->settles_until);
}

static enum outage_state judge(const struct outages *outages, const struct outage *outage,
                               const struct outage_sight *sight)
{
    if (outage->part_of)
        return OUTAGE_OVER;
    if (!outage->lost)
        return still_warns(outages, outage, sight->now) ? OUTAGE_WARNED : OUTAGE_OVER;
    if (!outage->hit && !outage->own_lost && !outage->foreign_now &&
        !has_open_fault(outage, sight) && !outage_settles(outage, sight->now))
        return outage_seconds(sight->now, outage->bad_at) < OUTAGE_WELL_S ? OUTAGE_WELL
               : warns_again(outages, outage, sight->now)                 ? OUTAGE_WARNED
                                                                          : OUTAGE_OVER;
    if (outage->hit && outage->hit == outage->helped && !outage->own_lost && !outage->foreign_now)
        return OUTAGE_MITIGATED;
    if (outage->partly_since.ns > 0 && outage_seconds(sight->now, outage->partly_since) >= PARTLY_S)
        return OUTAGE_PARTLY_WELL;
    return rollback_failed(outages, outage, sight->now) ? OUTAGE_STILL_BROKEN : OUTAGE_OPEN;
}

// It is what it was before anything was lost.
static void forget_loss(struct outage *outage)
{
    outage->lost = false;
    outage->lost_at.ns = 0;
    outage->paths = 0;
    outage->own = outage->foreign = 0;
    outage->fault_count = 0;
    outage->ranked_at.ns = 0;
}

static void advance(struct outages *outages, const struct outage_sight *sight,
                    struct outage *outage)
{
    bool settles = outage_settles(outage, sight->now);
    outage->hit = outage->paths & (sight->hit | (settles ? outage->settling : 0));
    if (settles)
        outage->bad_at = sight->now;
    outage->helped = outage->hit & sight->helped;
    outage->own_lost = outage->own & sight->own;
    outage->foreign_now = outage->foreign & sight->foreign;
    outage->share_ppm = 0;
    if (!outage->hit || outage->hit == outage->paths)
        outage->partly_since.ns = 0;
    else if (outage->partly_since.ns == 0)
        outage->partly_since = sight->now;
    for (uint64_t left = outage->hit & ~outage->helped; left; left &= left - 1)
        outage->share_ppm += sight->lost_ppm[__builtin_ctzll(left)];
    outage_raise(outage, outage_severity(outage->share_ppm));
    if (outage->warned_by)
        outage_raise(outage, takes_whole_group(outages->net, &outage->nodes) ? OUTAGE_CRITICAL
                                                                             : OUTAGE_MAJOR);
    rank(outages, sight, outage);
    enum outage_state state = judge(outages, outage, sight);
    if (state != outage->state)
        outage->entered_at = sight->now;
    if (state == OUTAGE_WARNED && outage->lost)
        forget_loss(outage);
    outage->state = state;
}

void outages_look(struct outages *outages, const struct outage_sight *sight)
{
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        if (outages->items[i].state == OUTAGE_OVER)
            outages->items[i] = (struct outage){0};
    take_facts(outages, sight->now);
    take_bursts(outages, sight->now);
    outage_take_faults(outages, sight);
    for (uint64_t left = sight->hit; left; left &= left - 1)
        take_path(outages, sight, (uint32_t)__builtin_ctzll(left));
    take_owns(outages, sight);
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        if (outages->items[i].number)
            advance(outages, sight, &outages->items[i]);
}
