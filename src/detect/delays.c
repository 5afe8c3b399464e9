// SPDX-License-Identifier: ISC
#include "detect/delays.h"

#include "detect/budget.h"
#include "detect/delay.h"
#include "probe/lateness.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FASTEST_NS = 80 * NS_PER_MS,  // between samples of one flow that count
    OTHERS_SAMPLES_MIN = 4,       // most of which exceed by chance in one of 2000 cases
    OTHERS_WAIT_MS = 3000,        // for them
};

enum lateness_of {
    PATH_IN_TIME,
    PATH_UNSURE,
    PATH_LATE_TO_ONE,  // and no other target tells anything
    PATH_LATE
};

// What each sample needs lies in the detector's first two lines of a processor's caches, and in one
// each of its ring and of its flows.
struct cell {
    _Alignas(REGION_LINE_BYTES) struct delay detector;
    bool shifted;
    struct delay_shift said;  // the latest; valid when shifted
};

// What may be told of: everything (FAMILY_NONE), families, paths, targets in a family, cells,
// upstreams; in this order.
struct part {
    bool open, changes;
    struct mono changes_at;  // `changes`: it has not been as it is told since then
    enum delay_kind kind;    // as told
    struct fault told;
};

struct delays {
    const struct net *net;
    uint32_t path_count, part_count, told_count;
    uint32_t as_routed;  // the first such path; they come last
    struct region *memory;
    struct delay_rule rule;
    struct cell *cells;                        // of path * target_count + target
    enum lateness_of lateness[NET_PATHS_MAX];  // of all its packets
    struct part *parts;
    bool any;  // some cell is shifted or some part open
    struct lateness late;
};

static_assert(offsetof(struct delay, shifted) < 2 * REGION_LINE_BYTES, "as is said above");

static struct cell *cell_of(const struct delays *d, uint32_t path, uint32_t target)
{
    return &d->cells[path * d->net->target_count + target];
}

static uint32_t part_of_path(uint32_t path)
{
    return FAMILIES + path;
}

static uint32_t part_of_target(const struct delays *d, enum family family, uint32_t target)
{
    return FAMILIES + d->path_count + (uint32_t)family * d->net->target_count + target;
}

static uint32_t part_of_cell(const struct delays *d, uint32_t path, uint32_t target)
{
    return part_of_target(d, FAMILIES, 0) + path * d->net->target_count + target;
}

static uint32_t part_of_upstream(const struct delays *d, uint32_t upstream)
{
    return part_of_cell(d, d->path_count, 0) + upstream;
}

static bool rule_init(struct delays *d, struct cusum_book *book)
{
    uint32_t flows = 1, detectors = d->path_count * d->net->target_count;
    for (uint32_t t = 0; t < d->net->target_count; t++)
        if (d->net->targets[t].flows > flows)
            flows = d->net->targets[t].flows;
    struct delay_ask ask = {
        .false_alarm_s = budget_act_s(d->net, detectors > 0 ? detectors : 1),
        .interval_ns = FASTEST_NS / flows,
    };
    return delay_rule_init(&d->rule, &ask, book);
}

struct delays *delays_new(const struct net *net, struct cusum_book *book, struct region *memory)
{
    struct delays *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->net = net;
    d->memory = memory;
    d->path_count = net_path_count(net);
    while (d->as_routed < d->path_count && net_path(net, d->as_routed).upstream != NET_NOBODY)
        d->as_routed++;
    d->part_count = part_of_upstream(d, net->upstream_count);
    d->cells =
        region_take(memory, (size_t)d->path_count * net->target_count + 1, sizeof d->cells[0]);
    d->parts = calloc(d->part_count + 1, sizeof d->parts[0]);
    if (!d->cells || !d->parts || !rule_init(d, book)) {
        delays_free(d);
        return NULL;
    }
    for (uint32_t path = 0; path < d->path_count; path++)
        for (uint32_t target = 0; target < net->target_count; target++)
            delay_init(&cell_of(d, path, target)->detector, path, target);
    return d;
}

void delays_free(struct delays *d)
{
    if (!d)
        return;
    region_give(d->memory, d->cells);
    free(d->parts);
    free(d);
}

void delays_late(struct delays *d, int64_t late_ns, struct mono now)
{
    lateness_note(&d->late, late_ns, now);
}

void delays_fetch(const struct delays *d, uint32_t path, uint32_t target, uint32_t flow)
{
    const struct delay *detector = &cell_of(d, path, target)->detector;
    __builtin_prefetch(detector, 1);
    __builtin_prefetch(detector->bank, 1);
    __builtin_prefetch(&detector->next[flow], 1);
}

void delays_fetch_recent(const struct delays *d, uint32_t path, uint32_t target)
{
    const struct delay *detector = &cell_of(d, path, target)->detector;
    __builtin_prefetch(&detector->recent[detector->count % DELAY_RECENT], 1);
}

void delays_sample(struct delays *d, const struct sample *sample)
{
    struct cell *cell = cell_of(d, sample->path, sample->target);
    struct delay_shift shift;
    int64_t late_ns = lateness_worst_ns(&d->late, sample->known_at);
    if (sample->path >= d->as_routed ||
        !delay_add(&cell->detector, &d->rule, sample, late_ns, &shift))
        return;
    cell->said = shift;
    cell->shifted = shift.word == DELAY_BEGAN || shift.word == DELAY_OTHERWISE;
    d->any = true;
}

// ---- which parts explain what is shifted

static bool path_is_in(const struct delays *d, uint32_t path, enum family family)
{
    struct net_path is = net_path(d->net, path);
    return is.family == family && is.upstream != NET_NOBODY;
}

static struct mono path_began_at(const struct delays *d, uint32_t path)
{
    struct mono began_at = {INT64_MAX};
    for (uint32_t t = 0; t < d->net->target_count; t++) {
        const struct cell *cell = cell_of(d, path, t);
        if (cell->shifted && cell->said.began_at.ns < began_at.ns)
            began_at = cell->said.began_at;
    }
    return began_at;
}

// Targets that have not been known for long tell nothing: what they learned may be the delay.
static enum lateness_of path_lateness(const struct delays *d, uint32_t path, struct mono now)
{
    uint32_t shifted = 0, known = 0;
    struct delay_tally others = {0};
    struct mono began_at = path_began_at(d, path);
    if (began_at.ns == INT64_MAX)
        return PATH_IN_TIME;
    for (uint32_t t = 0; t < d->net->target_count; t++) {
        const struct cell *cell = cell_of(d, path, t);
        shifted += cell->shifted;
        known += !cell->shifted && delay_count(&cell->detector, began_at.ns, &others);
    }
    bool tell = others.samples >= OTHERS_SAMPLES_MIN;
    if (shifted >= 2 || (tell && 2 * others.exceeding > others.samples))
        return PATH_LATE;
    if (tell && 4 * others.exceeding < others.samples)
        return PATH_IN_TIME;
    bool waits = known > 0 && !mono_reached(now, mono_add_ms(began_at, OTHERS_WAIT_MS));
    return waits ? PATH_UNSURE : PATH_LATE_TO_ONE;
}

static bool is_later_elsewhere(const struct delays *d, uint32_t path, uint32_t target)
{
    for (uint32_t p = 0; p < d->path_count; p++)
        if (p != path && path_is_in(d, p, net_path(d->net, path).family) &&
            cell_of(d, p, target)->shifted)
            return true;
    return false;
}

// The only target that tells anything speaks for the path, unless it is later by others as well.
static enum lateness_of lateness_by_one(const struct delays *d, uint32_t path)
{
    for (uint32_t t = 0; t < d->net->target_count; t++)
        if (cell_of(d, path, t)->shifted && is_later_elsewhere(d, path, t))
            return PATH_IN_TIME;
    return PATH_LATE;
}

// True while something is shifted.
static bool judge_paths(struct delays *d, struct mono now)
{
    bool any = false;
    for (uint32_t p = 0; p < d->path_count; p++) {
        d->lateness[p] = path_lateness(d, p, now);
        any |= path_began_at(d, p).ns != INT64_MAX;
    }
    for (uint32_t p = 0; p < d->path_count; p++)
        if (d->lateness[p] == PATH_LATE_TO_ONE)
            d->lateness[p] = lateness_by_one(d, p);
    return any;
}

static bool path_is_late(const struct delays *d, uint32_t path)
{
    return d->lateness[path] == PATH_LATE;
}

// That target alone.
static bool cell_is_late(const struct delays *d, uint32_t path, uint32_t target)
{
    return cell_of(d, path, target)->shifted && d->lateness[path] == PATH_IN_TIME;
}

static bool family_is_late(const struct delays *d, enum family family)
{
    uint32_t paths = 0, late = 0;
    for (uint32_t p = 0; p < d->path_count; p++)
        if (path_is_in(d, p, family)) {
            paths++;
            late += path_is_late(d, p);
        }
    return paths >= 2 && late == paths;
}

// Of a target: by how many paths that are not late themselves.
static uint32_t paths_late_to(const struct delays *d, enum family family, uint32_t target)
{
    uint32_t late = 0;
    for (uint32_t p = 0; p < d->path_count; p++)
        late += path_is_in(d, p, family) && cell_is_late(d, p, target);
    return late;
}

static void mark_families(const struct delays *d, bool *wanted)
{
    bool all = true;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        wanted[family] = family_is_late(d, family);
        all &= wanted[family];
    }
    wanted[FAMILY_NONE] = all;
    for (enum family family = FAMILY_IPV4; family < FAMILIES && all; family++)
        wanted[family] = false;
}

static void mark_parts(const struct delays *d, enum family family, bool *wanted)
{
    bool whole = wanted[FAMILY_NONE] || wanted[family];
    for (uint32_t p = 0; p < d->path_count && !whole; p++)
        if (path_is_in(d, p, family))
            wanted[part_of_path(p)] = path_is_late(d, p);
    for (uint32_t t = 0; t < d->net->target_count; t++) {
        uint32_t late = paths_late_to(d, family, t);
        wanted[part_of_target(d, family, t)] = late >= 2;
        for (uint32_t p = 0; p < d->path_count; p++)
            if (path_is_in(d, p, family) && late == 1)
                wanted[part_of_cell(d, p, t)] = cell_is_late(d, p, t);
    }
}

// An upstream that is late in both families is one fault.
static void mark_upstreams(const struct delays *d, bool *wanted)
{
    for (uint32_t u = 0; u < d->net->upstream_count; u++) {
        uint32_t late = 0;
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            uint32_t path = net_path_find(d->net, u, family);
            late += path != NET_NOBODY && wanted[part_of_path(path)];
        }
        if (late < FAMILIES - 1)
            continue;
        wanted[part_of_upstream(d, u)] = true;
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            wanted[part_of_path(net_path_find(d->net, u, family))] = false;
    }
}

// ---- what is said

static bool is_path_of(const struct delays *d, uint32_t part, uint32_t upstream)
{
    return part >= FAMILIES && part < FAMILIES + d->path_count &&
           net_path(d->net, part - FAMILIES).upstream == upstream;
}

// A path and its upstream: the one is the other, become more or less.
static bool are_kin(const struct delays *d, uint32_t a, uint32_t b)
{
    uint32_t first = part_of_upstream(d, 0);
    return (a >= first && is_path_of(d, b, a - first)) ||
           (b >= first && is_path_of(d, a, b - first));
}

static bool has_heir(const struct delays *d, const bool *wanted, uint32_t part)
{
    for (uint32_t i = 0; i < d->part_count; i++)
        if (wanted[i] && are_kin(d, i, part))
            return true;
    return false;
}

static bool part_has(const struct delays *d, uint32_t part, uint32_t path, uint32_t target)
{
    enum family family = net_path(d->net, path).family;
    return part == part_of_upstream(d, net_path(d->net, path).upstream) || part == FAMILY_NONE ||
           part == (uint32_t)family || part == part_of_path(path) ||
           part == part_of_target(d, family, target) || part == part_of_cell(d, path, target);
}

// Sums over the detectors of the part; the least of their delays, which all have in common.
static void gather(const struct delays *d, uint32_t part, struct fault *fault,
                   const struct delay_shift **first)
{
    struct fault_evidence *e = &fault->evidence;
    for (uint32_t p = 0; p < d->path_count; p++)
        for (uint32_t t = 0; t < d->net->target_count; t++) {
            const struct cell *cell = cell_of(d, p, t);
            if (!cell->shifted || !part_has(d, part, p, t))
                continue;
            const struct delay_shift *said = &cell->said;
            int64_t delay_ns = said->after_ns - said->before_ns;
            if (!*first || said->began_at.ns < (*first)->began_at.ns)
                *first = said;
            e->delay_ns = e->flows == 0 || delay_ns < e->delay_ns ? delay_ns : e->delay_ns;
            e->samples += said->samples;
            e->flows += said->flows;
            e->flows_lossy += said->flows_exceeding;
            e->odds_millinats += said->millinats;
            e->asked_millinats = said->asked_millinats;
        }
}

static const char *part_name(const struct delays *d, uint32_t part, struct fault_part *is,
                             char *name, size_t size)
{
    static const char *const families[FAMILIES] = {"everything", "IPv4", "IPv6"};
    uint32_t targets = d->net->target_count, path = NET_NOBODY, target = NET_NOBODY;
    if (part >= part_of_upstream(d, 0)) {
        is->upstream = part - part_of_upstream(d, 0);
    } else if (part < FAMILIES) {
        is->family = (enum family)part;
    } else if (part < part_of_target(d, FAMILY_NONE, 0)) {
        path = part - FAMILIES;
    } else if (part < part_of_cell(d, 0, 0)) {
        is->family = (enum family)((part - part_of_target(d, FAMILY_NONE, 0)) / targets);
        target = (part - part_of_target(d, FAMILY_NONE, 0)) % targets;
    } else {
        path = (part - part_of_cell(d, 0, 0)) / targets;
        target = (part - part_of_cell(d, 0, 0)) % targets;
    }
    if (path != NET_NOBODY) {
        struct net_path of = net_path(d->net, path);
        is->family = of.family;
        is->upstream = of.upstream;
    }
    bool any = is->upstream == NET_NOBODY;
    if (!any)
        is->router = d->net->upstreams[is->upstream].router;
    is->target = target;
    snprintf(name, size, "%s%s%s%s%s", families[is->family], any ? "" : " via ",
             any ? "" : d->net->upstreams[is->upstream].name, target == NET_NOBODY ? "" : " to ",
             target == NET_NOBODY ? "" : d->net->targets[target].name);
    return name;
}

static void fill(const struct delays *d, uint32_t part, struct fault *fault, enum delay_kind *kind)
{
    const struct delay_shift *first = NULL;
    char name[3 * NET_NAME_MAX];
    fault->part = fault_part_any();
    fault->evidence = (struct fault_evidence){0};
    gather(d, part, fault, &first);
    assert(first);
    fault->began_at = first->began_at;
    *kind = first->kind;
    snprintf(
        fault->words, sizeof fault->words,
        "%s: packets take %.1f ms longer than the usual %.1f ms, %u of %u flows: %s; %.1f nats",
        part_name(d, part, &fault->part, name, sizeof name),
        (double)fault->evidence.delay_ns / NS_PER_MS, (double)first->before_ns / NS_PER_MS,
        fault->evidence.flows_lossy, fault->evidence.flows,
        first->kind == DELAY_REROUTED ? "another way" : "a queue",
        fault->evidence.odds_millinats / 1e3);
}

// It goes on under the number of what it was told as before.
static void inherit(struct delays *d, uint32_t part)
{
    for (uint32_t i = 0; i < d->part_count; i++)
        if (d->parts[i].open && are_kin(d, i, part)) {
            d->parts[part] = d->parts[i];
            d->parts[i].open = d->parts[i].changes = false;
        }
}

static void open_part(struct delays *d, uint32_t part, struct mono now)
{
    struct part *p = &d->parts[part];
    if (!p->open)
        inherit(d, part);
    if (!p->open)
        p->told = (struct fault){.number = DELAYS_NUMBER_FIRST + d->told_count++,
                                 .state = part == FAMILY_NONE ? FAULT_SUSPECTED : FAULT_NAMED,
                                 .symptom = FAULT_DELAY};
    p->open = true;
    fill(d, part, &p->told, &p->kind);
    p->told.at = now;
}

static void close_part(struct part *p, struct mono now)
{
    p->open = false;
    p->told.state = FAULT_OVER;
    p->told.at = now;
}

// Whether it is still as it was told: there or not, of that kind.
static bool is_as_told(const struct delays *d, uint32_t part, bool wanted)
{
    const struct part *p = &d->parts[part];
    struct fault now;
    enum delay_kind kind = p->kind;
    if (wanted && p->open)
        fill(d, part, &now, &kind);
    return wanted == p->open && kind == p->kind;
}

// What is well again is so to one target after another; to the last of them it is no new fault.
static bool is_late_still(const struct delays *d, uint32_t part, struct mono since)
{
    for (uint32_t p = 0; p < d->path_count; p++)
        for (uint32_t t = 0; t < d->net->target_count; t++) {
            const struct cell *cell = cell_of(d, p, t);
            if (cell->shifted && part_has(d, part, p, t) && cell->detector.exceeded_ns >= since.ns)
                return true;
        }
    return false;
}

bool delays_tick(struct delays *d, struct mono now, struct fault *out)
{
    bool wanted[FAMILIES * (1 + NET_TARGETS_MAX) + NET_PATHS_MAX * (1 + NET_TARGETS_MAX) +
                NET_UPSTREAMS_MAX] = {0};
    if (!d->any)
        return false;
    d->any = judge_paths(d, now);
    mark_families(d, wanted);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        mark_parts(d, family, wanted);
    mark_upstreams(d, wanted);
    for (uint32_t i = 0; i < d->part_count; i++) {
        struct part *part = &d->parts[i];
        bool changes = !is_as_told(d, i, wanted[i]), began = changes && !part->changes;
        part->changes = changes;
        part->changes_at = began ? now : part->changes_at;
        d->any |= changes || part->open;
        if (changes && !wanted[i] && has_heir(d, wanted, i))
            continue;  // it will inherit
        if (!changes || !mono_reached(now, mono_add_ms(part->changes_at, DELAYS_SETTLE_MS)) ||
            (wanted[i] && !is_late_still(d, i, part->changes_at)))
            continue;
        part->changes = false;
        if (wanted[i])
            open_part(d, i, now);
        else
            close_part(part, now);
        *out = part->told;
        d->any = true;
        return true;
    }
    return false;
}
