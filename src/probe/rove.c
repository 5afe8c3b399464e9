// SPDX-License-Identifier: ISC
#include "probe/rove.h"

#include "base/random.h"
#include "base/region.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

// detection.md 2.6: quickly, as most lost ones were lost by chance and answer at once; the sum of
// all is longer than harmless bursts are.
static const int64_t retry_after_ns[ROVE_RETRIES] = {
    20 * NS_PER_MS,  60 * NS_PER_MS,  180 * NS_PER_MS,
    500 * NS_PER_MS, 500 * NS_PER_MS, 500 * NS_PER_MS,
};
static const int64_t never = INT64_MAX, dead_again_ns = NS_PER_S;  // how often a dead one is asked

enum {
    CONTROLS_LOST_MAX = 2,   // more, and it is the target or the path that fails, not the tuple
    REST_TURNS = 8,          // of a target which does: it is asked only every so many turns
    CONTROL_MISSES_MAX = 2,  // in a row, and it is good no more
    FRESH_TRIES = 64,        // ports in use are few
};
static const int64_t give_up_ns = 5 * (int64_t)NS_PER_S;  // nobody tells what became of it
#define LABEL_MAX 0xfffffu

// What is common loss now: of everybody who was asked, over the last moment and over a while. The
// worse of the two counts, so that a new loss tells at once and a short pause does not hide one.
static const double memory_s[] = {1, 10};
enum { MEMORIES = sizeof memory_s / sizeof memory_s[0] };
// As if so many had been asked before and fared as usual: one loss is no trend.
#define TARGET_FAILS 0.75  // of its probes lost: it, rather than the path
static const double prior_probes[MEMORIES] = {10, 50};

struct common {
    double seen[MEMORIES], lost[MEMORIES];
    struct mono at;
};

enum fate { FATE_OUT, FATE_OK, FATE_LOST, FATE_VOID };

struct pair {
    struct mono at;
    enum fate fate[2];  // of tuple and control
};

enum slot_state { SLOT_FREE, SLOT_FRESH, SLOT_DOUBTED, SLOT_DEAD };

struct slot {
    enum slot_state state;
    struct rove_tuple tuple;
    struct mono sent_at;  // the first probe
    uint32_t pair_count;
    struct pair pairs[ROVE_RETRIES];
    struct rove_tuple control;
    bool control_is_due;  // of the last pair
    int64_t due;          // the next pair or, when dead, probe
    uint32_t losses;      // when dead: straight ones
    uint32_t answers;     // when dead: straight ones
    uint64_t dead_order;
};

struct aim {  // 64 bytes, a line of a processor's caches
    struct common common;
    bool has_control;
    struct rove_tuple control;
    uint32_t misses;  // of the control, in a row
    uint32_t rest;    // turns to leave it out
};

struct rove {
    struct rove_settings is;
    struct slot *slots;
    struct aim *aims;
    struct random random;
    uint32_t port_next, port_step;  // walks over all ports before it comes to one again
    uint32_t aim_next, dead_count;
    uint32_t open_count;  // slots doubted or dead: nearly always none, and none is looked for then
    uint32_t haste, haste_target;  // so many fresh tuples, to this one
    int64_t fresh_due, dead_due;
    struct rove_counts counts;
};

static uint32_t divisor(uint32_t a, uint32_t b)
{
    for (uint32_t rest; b > 0; a = b, b = rest)
        rest = a % b;
    return a;
}

struct rove *rove_new(const struct rove_settings *settings, uint64_t seed)
{
    assert(settings->target_count > 0);
    assert(settings->port_count > 1 && settings->interval_ns > 0);
    assert((uint32_t)settings->port_first + settings->port_count <= 65536);
    struct rove *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    *v = (struct rove){.is = *settings, .random = {seed}};
    v->slots = calloc(settings->slot_count, sizeof v->slots[0]);
    v->aims = region_take(NULL, settings->target_count, sizeof v->aims[0]);
    if (!v->slots || !v->aims) {
        rove_free(v);
        return NULL;
    }
    v->port_next = (uint32_t)(random_u64(&v->random) % settings->port_count);
    do
        v->port_step = 1 + (uint32_t)(random_u64(&v->random) % settings->port_count);
    while (divisor(v->port_step, settings->port_count) != 1);
    return v;
}

void rove_free(struct rove *v)
{
    if (!v)
        return;
    free(v->slots);
    region_give(NULL, v->aims);
    free(v);
}

static int64_t jittered(struct rove *v, int64_t gap_ns)
{
    return (int64_t)((double)gap_ns * (0.8 + 0.4 * random_unit(&v->random)));
}

static bool is_open(const struct slot *slot)
{
    return slot->state == SLOT_DOUBTED || slot->state == SLOT_DEAD;
}

static void set_state(struct rove *v, struct slot *slot, enum slot_state state)
{
    v->open_count -= is_open(slot);
    slot->state = state;
    v->open_count += is_open(slot);
}

void rove_start(struct rove *v, struct mono now)
{
    for (uint32_t i = 0; i < v->is.slot_count; i++)
        if (v->slots[i].state != SLOT_DEAD)
            set_state(v, &v->slots[i], SLOT_FREE);
    v->fresh_due = now.ns + (int64_t)((double)v->is.interval_ns * random_unit(&v->random));
    v->dead_due = now.ns;
}

// How much is common.

// e^-x; to a millionth by its first terms where it is asked for at every answer.
static double decay(double x)
{
    return x < 1.0 / 64 ? 1 - x + x * x / 2 : exp(-x);
}

static void common_add(struct common *c, bool lost, struct mono now)
{
    double passed_s = (double)mono_since_ns(now, c->at) / NS_PER_S;
    for (int i = 0; i < MEMORIES; i++) {
        double keep = passed_s > 0 ? decay(passed_s / memory_s[i]) : 1;
        c->seen[i] = c->seen[i] * keep + 1;
        c->lost[i] = c->lost[i] * keep + lost;
    }
    if (passed_s > 0)
        c->at = now;
}

static double common_loss(const struct common *c, double normal)
{
    double worst = normal;
    for (int i = 0; i < MEMORIES; i++)
        worst =
            fmax(worst, (c->lost[i] + normal * prior_probes[i]) / (c->seen[i] + prior_probes[i]));
    return worst;
}

// Of all targets over the last moment, but for those that hardly answer at all: a target that fails
// by itself must not hide what happens to the others.
static double path_loss(const struct rove *v)
{
    double seen = 0, lost = 0;
    for (uint32_t i = 0; i < v->is.target_count; i++) {
        const struct common *c = &v->aims[i].common;
        if (c->lost[0] > c->seen[0] * TARGET_FAILS)
            continue;
        seen += c->seen[0];
        lost += c->lost[0];
    }
    return (lost + v->is.loss_normal * prior_probes[0]) / (seen + prior_probes[0]);
}

void rove_fetch(const struct rove *v, uint32_t target)
{
    __builtin_prefetch(&v->aims[target].common, 1);
}

void rove_heard(struct rove *v, uint32_t target, bool lost, struct mono now)
{
    assert(target < v->is.target_count);
    common_add(&v->aims[target].common, lost, now);
}

// Of a doubted tuple.

struct weight {
    uint32_t straight, controls, controls_lost, open;
    struct mono last_at;  // of the last pair that counts
};

static struct weight weigh(const struct slot *slot)
{
    struct weight weight = {.last_at = slot->sent_at};
    for (uint32_t i = 0; i < slot->pair_count; i++) {
        enum fate tuple = slot->pairs[i].fate[ROVE_TUPLE];
        enum fate control = slot->pairs[i].fate[ROVE_CONTROL];
        weight.open += tuple == FATE_OUT || control == FATE_OUT;
        weight.controls += control == FATE_OK || control == FATE_LOST;
        weight.controls_lost += control == FATE_LOST;
        if (tuple != FATE_LOST || control != FATE_OK)
            continue;
        weight.straight++;
        weight.last_at = slot->pairs[i].at;
    }
    return weight;
}

// ln[w q^-r + 1 - w]: r losses of the tuple alone are explained by its being dead, or by loss at
// the rate q that is common now; w is what the first loss made of the asked share. A control that
// was lost is the best witness of what is common, as it went the same way at the same moment.
static double nats_of(const struct rove *v, const struct slot *slot, const struct weight *weight)
{
    double q =
        fmax(common_loss(&v->aims[slot->tuple.target].common, v->is.loss_normal), path_loss(v));
    if (weight->controls_lost > 0)
        q = fmax(q, (weight->controls_lost + 1.0) / (weight->controls + 2.0));
    double w = v->is.share_asked / (v->is.share_asked + q);
    return log(w * pow(q, -(double)weight->straight) + 1 - w);
}

static struct rove_verdict say(const struct rove *v, const struct slot *slot, enum rove_state state,
                               uint32_t losses)
{
    return (struct rove_verdict){.state = state,
                                 .tuple = slot->tuple,
                                 .sent_at = slot->sent_at,
                                 .losses = losses,
                                 .dead = v->dead_count};
}

static void take_control(struct aim *aim, struct rove_tuple tuple)
{
    aim->rest = 0;
    if (aim->has_control && aim->misses < CONTROL_MISSES_MAX)
        return;
    aim->control = tuple;
    aim->has_control = true;
    aim->misses = 0;
}

static void hold_dead(struct rove *v, struct slot *slot, uint32_t losses, struct mono now)
{
    v->counts.dead++;
    set_state(v, slot, SLOT_FREE);
    if (v->dead_count == ROVE_DEAD_MAX)
        return;
    set_state(v, slot, SLOT_DEAD);
    slot->losses = losses;
    slot->answers = 0;
    slot->dead_order = v->counts.dead;
    slot->due = now.ns + jittered(v, dead_again_ns);
    v->dead_count++;
}

static bool judge_doubted(struct rove *v, struct slot *slot, struct mono now,
                          struct rove_verdict *verdict)
{
    struct weight weight = weigh(slot);
    double nats = nats_of(v, slot, &weight);
    if (nats >= v->is.nats_asked &&
        mono_since_ns(weight.last_at, slot->sent_at) >= v->is.persist_ns) {
        rove_heard(v, slot->tuple.target, false, now);  // nothing common: it had its own reason
        hold_dead(v, slot, weight.straight + 1, now);
        *verdict = say(v, slot, ROVE_DEAD, weight.straight + 1);
        verdict->nats = nats;
        return true;
    }
    bool is_common = weight.controls_lost > CONTROLS_LOST_MAX;
    if (!is_common && (slot->pair_count < ROVE_RETRIES || weight.open > 0))
        return false;
    if (is_common)
        v->aims[slot->tuple.target].rest = REST_TURNS;
    rove_heard(v, slot->tuple.target, true, now);
    v->counts.unknown++;
    set_state(v, slot, SLOT_FREE);
    *verdict = say(v, slot, ROVE_UNKNOWN, weight.straight + 1);
    verdict->nats = nats;
    return true;
}

static struct pair *pair_of(struct slot *slot, struct mono sent_at)
{
    struct pair *found = NULL;  // none: of the first probe
    for (uint32_t i = 0; i < slot->pair_count; i++)
        if (mono_reached(sent_at, slot->pairs[i].at))
            found = &slot->pairs[i];
    return found;
}

static bool told_alive(struct rove *v, struct slot *slot, struct mono now,
                       struct rove_verdict *verdict)
{
    if (slot->state == SLOT_DOUBTED)
        rove_heard(v, slot->tuple.target, true, now);  // its first loss was a common one
    rove_heard(v, slot->tuple.target, false, now);
    take_control(&v->aims[slot->tuple.target], slot->tuple);
    *verdict = say(v, slot, ROVE_ALIVE, 0);
    set_state(v, slot, SLOT_FREE);
    return true;
}

static bool told_fresh(struct rove *v, struct slot *slot, const struct sample *sample,
                       struct rove_verdict *verdict)
{
    struct mono now = sample->known_at;
    if (sample->verdict == SAMPLE_OK)
        return told_alive(v, slot, now, verdict);
    if (sample->verdict == SAMPLE_VOID) {
        set_state(v, slot, SLOT_FREE);
        return false;
    }
    v->counts.lost++;
    set_state(v, slot, SLOT_DOUBTED);
    slot->due = now.ns + retry_after_ns[0];
    return false;
}

static enum fate fate_of(enum sample_verdict verdict)
{
    return verdict == SAMPLE_OK ? FATE_OK : verdict == SAMPLE_LOST ? FATE_LOST : FATE_VOID;
}

static bool told_doubted(struct rove *v, struct slot *slot, const struct sample *sample,
                         struct rove_verdict *verdict)
{
    if (sample->verdict == SAMPLE_OK)  // late or not: it gets through
        return told_alive(v, slot, sample->known_at, verdict);
    struct pair *pair = pair_of(slot, sample->sent_at);
    if (pair && pair->fate[ROVE_TUPLE] == FATE_OUT)
        pair->fate[ROVE_TUPLE] = fate_of(sample->verdict);
    return judge_doubted(v, slot, sample->known_at, verdict);
}

static bool told_control(struct rove *v, struct slot *slot, const struct sample *sample,
                         struct rove_verdict *verdict)
{
    struct aim *aim = &v->aims[slot->tuple.target];
    bool is_current = aim->has_control && aim->control.port == slot->control.port &&
                      aim->control.label == slot->control.label;
    if (sample->verdict != SAMPLE_VOID && !sample->late) {
        rove_heard(v, slot->tuple.target, sample->verdict == SAMPLE_LOST, sample->known_at);
        if (is_current)
            aim->misses = sample->verdict == SAMPLE_LOST ? aim->misses + 1 : 0;
    }
    struct pair *pair = pair_of(slot, sample->sent_at);
    if (slot->state != SLOT_DOUBTED || !pair || pair->fate[ROVE_CONTROL] != FATE_OUT)
        return false;
    pair->fate[ROVE_CONTROL] = fate_of(sample->verdict);
    return judge_doubted(v, slot, sample->known_at, verdict);
}

static bool told_dead(struct rove *v, struct slot *slot, const struct sample *sample,
                      struct rove_verdict *verdict)
{
    if (sample->verdict == SAMPLE_VOID)
        return false;
    bool is_ok = sample->verdict == SAMPLE_OK;
    slot->losses = is_ok ? 0 : slot->losses + 1;
    slot->answers = is_ok ? slot->answers + 1 : 0;
    if (slot->answers < ROVE_ALIVE_AGAIN)
        return false;
    v->dead_count--;
    v->counts.alive_again++;
    told_alive(v, slot, sample->known_at, verdict);
    verdict->was_dead = true;
    return true;
}

bool rove_told(struct rove *v, const struct rove_send *of, const struct sample *sample,
               struct rove_verdict *verdict)
{
    assert(of->slot < v->is.slot_count);
    struct slot *slot = &v->slots[of->slot];
    if (of->member == ROVE_CONTROL)
        return slot->state != SLOT_FREE && told_control(v, slot, sample, verdict);
    if (slot->tuple.port != of->tuple.port || slot->tuple.label != of->tuple.label ||
        mono_since_ns(sample->sent_at, slot->sent_at) < 0)
        return false;  // of an earlier tuple in this slot
    switch (slot->state) {
    case SLOT_FREE:
        return false;
    case SLOT_FRESH:
        return told_fresh(v, slot, sample, verdict);
    case SLOT_DOUBTED:
        return told_doubted(v, slot, sample, verdict);
    case SLOT_DEAD:
        return told_dead(v, slot, sample, verdict);
    }
    return false;
}

// What to send.

static bool has_control(const struct rove *v, const struct slot *slot)
{
    return v->aims[slot->tuple.target].has_control;
}

static bool is_doubting(const struct rove *v)
{
    for (uint32_t i = 0; v->open_count > 0 && i < v->is.slot_count; i++)
        if (v->slots[i].state == SLOT_DOUBTED && has_control(v, &v->slots[i]))
            return true;
    return false;
}

// Nothing fresh while there is a doubt: what is out of the ordinary has the budget, and when
// everything is lost there is no flood of doubts.
struct mono rove_due(const struct rove *v)
{
    int64_t due = is_doubting(v) ? never : v->fresh_due;
    for (uint32_t i = 0; v->open_count > 0 && i < v->is.slot_count; i++) {
        const struct slot *slot = &v->slots[i];
        int64_t at = never;
        if (slot->state == SLOT_DOUBTED)
            at = slot->control_is_due ? 0 : slot->due;
        else if (slot->state == SLOT_DEAD)
            at = slot->due > v->dead_due ? slot->due : v->dead_due;
        due = at < due ? at : due;
    }
    return (struct mono){due};
}

static bool give(struct rove_send *send, uint32_t slot, enum rove_member member,
                 struct rove_tuple tuple)
{
    *send = (struct rove_send){.slot = slot, .member = member, .tuple = tuple};
    return true;
}

static bool take_pair(struct rove *v, uint32_t id, struct mono now, struct rove_send *send)
{
    struct slot *slot = &v->slots[id];
    if (slot->control_is_due) {
        slot->control_is_due = false;
        return give(send, id, ROVE_CONTROL, slot->control);
    }
    if (slot->due > now.ns)
        return false;
    if (slot->pair_count == ROVE_RETRIES || mono_since_ns(now, slot->sent_at) > give_up_ns) {
        v->counts.unknown++;
        set_state(v, slot, SLOT_FREE);
        return false;
    }
    if (!has_control(v, slot)) {  // not yet: another tuple is to be answered first
        slot->due = now.ns + retry_after_ns[0];
        return false;
    }
    slot->pairs[slot->pair_count++] = (struct pair){.at = now};
    slot->control = v->aims[slot->tuple.target].control;
    slot->control_is_due = true;
    slot->due =
        now.ns + (slot->pair_count < ROVE_RETRIES ? retry_after_ns[slot->pair_count] : give_up_ns);
    v->counts.pairs++;
    return give(send, id, ROVE_TUPLE, slot->tuple);
}

static bool take_dead(struct rove *v, uint32_t id, struct mono now, struct rove_send *send)
{
    struct slot *slot = &v->slots[id];
    if (slot->due > now.ns || v->dead_due > now.ns)
        return false;
    slot->due = now.ns + jittered(v, dead_again_ns);
    v->dead_due = now.ns + v->is.interval_ns;  // all together no faster than fresh ones
    return give(send, id, ROVE_TUPLE, slot->tuple);
}

static bool is_in_use(const struct rove *v, struct rove_tuple tuple)
{
    const struct aim *aim = &v->aims[tuple.target];
    bool in_use =
        aim->has_control && aim->control.port == tuple.port && aim->control.label == tuple.label;
    for (uint32_t i = 0; !in_use && i < v->is.slot_count; i++) {
        const struct slot *slot = &v->slots[i];
        in_use = slot->state != SLOT_FREE && slot->tuple.port == tuple.port &&
                 slot->tuple.target == tuple.target && slot->tuple.label == tuple.label;
    }
    return in_use;
}

static struct rove_tuple draw(struct rove *v, uint32_t target)
{
    struct rove_tuple tuple = {.target = target};
    for (int i = 0; i < FRESH_TRIES; i++) {
        v->port_next = (v->port_next + v->port_step) % v->is.port_count;
        tuple.port = (uint16_t)(v->is.port_first + v->port_next);
        // Both at once: who hashes no labels would take many of one port for one and the same.
        if (v->is.family == FAMILY_IPV6)
            tuple.label = 1 + (uint32_t)(random_u64(&v->random) % LABEL_MAX);
        if (!is_in_use(v, tuple))
            break;
    }
    return tuple;
}

// The next in turn; one that failed as a whole only every so many turns.
static uint32_t next_target(struct rove *v)
{
    if (v->haste > 0) {
        v->haste--;
        return v->haste_target;
    }
    for (;;) {
        uint32_t target = v->aim_next;
        v->aim_next = (v->aim_next + 1) % v->is.target_count;
        if (v->aims[target].rest == 0)
            return target;
        v->aims[target].rest--;
    }
}

static bool is_usable(const struct slot *slot, struct mono now)
{
    return slot->state == SLOT_FREE ||
           (slot->state == SLOT_FRESH && mono_since_ns(now, slot->sent_at) > give_up_ns);
}

static bool take_fresh(struct rove *v, struct mono now, struct rove_send *send)
{
    uint32_t id = 0;
    while (id < v->is.slot_count && !is_usable(&v->slots[id], now))
        id++;
    v->fresh_due = now.ns + jittered(v, v->is.interval_ns / (v->haste > 0 ? ROVE_HASTE_FACTOR : 1));
    if (id == v->is.slot_count) {
        v->counts.no_slot++;
        return false;
    }
    v->counts.fresh++;
    v->slots[id] = (struct slot){
        .state = SLOT_FRESH,
        .tuple = draw(v, next_target(v)),
        .sent_at = now,
    };
    give(send, id, ROVE_TUPLE, v->slots[id].tuple);
    send->fresh = true;
    return true;
}

bool rove_take(struct rove *v, struct mono now, struct rove_send *send)
{
    for (uint32_t id = 0; v->open_count > 0 && id < v->is.slot_count; id++) {
        if (v->slots[id].state == SLOT_DOUBTED && take_pair(v, id, now, send))
            return true;
        if (v->slots[id].state == SLOT_DEAD && take_dead(v, id, now, send))
            return true;
    }
    return !is_doubting(v) && v->fresh_due <= now.ns && take_fresh(v, now, send);
}

void rove_hasten(struct rove *v, uint32_t target, struct mono now)
{
    assert(target < v->is.target_count);
    v->haste = ROVE_HASTE;
    v->haste_target = target;
    int64_t soon_ns = now.ns + v->is.interval_ns / ROVE_HASTE_FACTOR;
    v->fresh_due = v->fresh_due < soon_ns ? v->fresh_due : soon_ns;
}

uint32_t rove_dead(const struct rove *v, struct rove_tuple dead[ROVE_DEAD_MAX])
{
    uint32_t count = 0;
    uint64_t orders[ROVE_DEAD_MAX];
    for (uint32_t i = 0; i < v->is.slot_count; i++) {
        if (v->slots[i].state != SLOT_DEAD)
            continue;
        uint32_t at = count++;
        for (; at > 0 && orders[at - 1] > v->slots[i].dead_order; at--) {
            orders[at] = orders[at - 1];
            dead[at] = dead[at - 1];
        }
        orders[at] = v->slots[i].dead_order;
        dead[at] = v->slots[i].tuple;
    }
    return count;
}

const struct rove_counts *rove_counts(const struct rove *v)
{
    return &v->counts;
}
