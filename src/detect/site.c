// SPDX-License-Identifier: ISC
#include "detect/site_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
    VOID_SLOT_NS = 250 * NS_PER_MS,
    BLIND_PER_CENT = 20,       // void, of the last second
    TUPLE_LINGERS_MS = 60000,  // a dead tuple found keeps us looking
};

#define NEVER_NATS (-1e6)  // finite: differences of it are taken

// ---- setting up

static bool allocate(struct site *s)
{
    s->components = components_new(s->net, s->flows, s->flow_count);
    s->localise = localise_new(s->unit_count, COMPONENTS_MAX);
    s->paths = calloc(s->unit_count + 1, sizeof *s->paths);
    s->banks = region_take(s->memory, s->flow_count + 1, sizeof *s->banks);
    s->from_ns = calloc(s->flow_count + 1, sizeof *s->from_ns);
    s->tried = calloc(SITE_TUPLES, sizeof *s->tried);
    s->rises = calloc(SITE_RISES_MAX, sizeof *s->rises);
    s->sent = calloc(SITE_SENT_MAX, sizeof *s->sent);
    // Last: it is written in its order, so that the end that fills no large page may be its.
    s->history = region_take(s->memory, SITE_HISTORY, sizeof *s->history);
    return s->components && s->localise && s->paths && s->banks && s->from_ns && s->history &&
           s->tried && s->rises && s->sent;
}

// Tried are 5-tuples of one protocol, class and size: that these matter is never to be told.
static void set_tuple_priors(struct site *s)
{
    const double *prior_nats = components_prior_nats(s->components);
    for (uint32_t i = 0; i < components_count(s->components); i++) {
        struct fault_part part = components_part(s->components, i);
        bool of_values =
            part.protocol != FAULT_ANY || part.dscp != FAULT_ANY || part.size_bytes != FAULT_ANY;
        s->tuple_prior_nats[i] = of_values ? NEVER_NATS : prior_nats[i];
    }
}

struct site *site_new(const struct net *net, const struct flow *flows, uint32_t count,
                      struct cusum_book *book, struct region *memory)
{
    struct site *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->net = net;
    s->book = book;
    s->memory = memory;
    s->flows = flows;
    s->flow_count = count;
    s->path_count = net_path_count(net);
    s->unit_count = count + s->path_count * net->target_count;
    for (uint32_t path = 0; path < s->path_count; path++)
        s->ways[path] = net_path(net, path);
    s->next = 1;
    s->wish = NET_NOBODY;
    s->tried_dead_ns = INT64_MIN;
    if (allocate(s) && site_harmless_init(s)) {
        set_tuple_priors(s);
        return s;
    }
    site_free(s);
    return NULL;
}

void site_free(struct site *s)
{
    if (!s)
        return;
    components_free(s->components);
    localise_free(s->localise);
    free(s->paths);
    region_give(s->memory, s->banks);
    free(s->from_ns);
    region_give(s->memory, s->history);
    free(s->tried);
    free(s->rises);
    free(s->sent);
    free(s);
}

bool site_passes(const struct site *s, uint32_t unit, uint32_t component)
{
    for (const uint16_t *m = components_of(s->components, unit); *m != LOCALISE_NOBODY; m++)
        if (*m == component)
            return true;
    return false;
}

bool site_is_within(const struct site *s, uint32_t component, uint32_t wider)
{
    bool has_more = false;
    for (uint32_t f = 0; f < s->flow_count; f++) {
        bool inside = site_passes(s, f, component), passes = site_passes(s, f, wider);
        if (inside && !passes)
            return false;
        has_more |= passes && !inside;
    }
    return has_more;
}

// ---- what comes

static void note_void(struct site *s, const struct sample *sample)
{
    int64_t slot = sample->known_at.ns / VOID_SLOT_NS;
    uint64_t at = (uint64_t)slot % SITE_VOID_SLOTS;
    if (s->voids[at].slot != slot) {
        s->voids[at].slot = slot;
        s->voids[at].voided = s->voids[at].all = 0;
    }
    s->voids[at].all++;
    s->voids[at].voided += sample->verdict == SAMPLE_VOID;
}

// What we see while much is void may be our own doing.
static bool is_blind(const struct site *s)
{
    uint64_t voided = 0, all = 0;
    for (uint32_t i = 0; i < SITE_VOID_SLOTS; i++)
        if (s->voids[i].slot + SITE_VOID_SLOTS > s->now.ns / VOID_SLOT_NS) {
            voided += s->voids[i].voided;
            all += s->voids[i].all;
        }
    return voided * 100 > all * BLIND_PER_CENT;
}

static void note_alarm(struct site *s, struct site_flow *flow, bool alarms)
{
    s->alarms += (uint32_t)alarms - (uint32_t)flow->alarms;
    flow->alarms = alarms;
}

void site_rest(struct site *s, struct site_flow *flow)
{
    note_alarm(s, flow, false);
    flow->bank = (struct cusum_bank){0};
}

static void note_direction(struct site_flow *flow, const struct sample *sample)
{
    if (cusum_is_at_rest(&flow->bank))
        flow->lost_forward = flow->lost_reverse = 0;
    if (flow->lost_forward + sample->lost_forward <= UINT16_MAX)
        flow->lost_forward = (uint16_t)(flow->lost_forward + sample->lost_forward);
    if (flow->lost_reverse + sample->lost_reverse <= UINT16_MAX)
        flow->lost_reverse = (uint16_t)(flow->lost_reverse + sample->lost_reverse);
}

static void score(struct site *s, const struct sample *sample)
{
    bool lost = sample->verdict == SAMPLE_LOST;
    struct site_flow *flow = &s->banks[sample->id], *path = &s->path_banks[sample->path];
    const struct site_level *level = site_level(s, sample->path);
    note_direction(flow, sample);
    note_alarm(s, flow, cusum_add(&flow->bank, &level->flow_rule, lost) != 0);
    note_alarm(s, path, cusum_add(&path->bank, &level->path_rule, lost) != 0);
}

static void keep(struct site *s, const struct sample *sample)
{
    struct site_flow *flow = &s->banks[sample->id];
    *site_entry(s, s->next) = (struct site_entry){
        .sent_ns = sample->sent_at.ns,
        .flow = sample->id & 0x7fffffff,
        .lost = sample->verdict == SAMPLE_LOST,
        .before = flow->last,
    };
    flow->last = (uint32_t)s->next++;
}

uint64_t site_position(const struct site *s, uint32_t low, uint32_t flow)
{
    uint64_t back = (uint32_t)((uint32_t)s->next - low);
    if (low == 0 || back == 0 || back > SITE_HISTORY || back >= s->next)
        return 0;
    return site_entry(s, s->next - back)->flow == flow ? s->next - back : 0;
}

// An answer after its time-out: the loss was none. The banks only make us look, and what we look at
// is the history.
static void take_back(struct site *s, const struct sample *sample)
{
    uint64_t position = site_position(s, s->banks[sample->id].last, sample->id);
    while (position != 0) {
        struct site_entry *entry = site_entry(s, position);
        if (entry->sent_ns == sample->sent_at.ns) {
            entry->lost = 0;
            return;
        }
        position = site_position(s, entry->before, sample->id);
    }
}

// What says of a way in which direction it loses: packets that cross, and its own.
static void note_crossing(struct site *s, const struct sample *sample)
{
    const struct flow *flow = &s->flows[sample->id];
    struct net_path out = s->ways[sample->path], back = out;
    if (sample->use == FLOW_CROSSING)
        back = s->ways[flow->back];
    bool counts = sample->use == FLOW_CROSSING || sample->use == FLOW_SENTINEL;
    if (counts && !sample->late && sample->verdict != SAMPLE_VOID && out.upstream != NET_NOBODY)
        crossing_add(&s->crossing[out.family], out.upstream, back.upstream,
                     sample->verdict == SAMPLE_LOST, sample->sent_at);
}

void site_fetch(const struct site *s, uint32_t flow)
{
    if (flow >= s->flow_count)
        return;
    enum { AHEAD = 8 };                      // samples
    __builtin_prefetch(&s->banks[flow], 1);  // which may lie across two lines
    __builtin_prefetch((const char *)&s->banks[flow + 1] - 1, 1);
    __builtin_prefetch(site_entry(s, s->next + AHEAD), 1);
}

void site_sample(struct site *s, const struct sample *sample)
{
    if (sample->id < s->flow_count)
        note_crossing(s, sample);
    bool ours =
        sample->use == FLOW_SENTINEL || sample->use == FLOW_VARIANT || sample->use == FLOW_HAIRPIN;
    if (sample->id >= s->flow_count || !ours || !components_has(s->components, sample->id))
        return;
    if (sample->late) {
        take_back(s, sample);
        return;
    }
    note_void(s, sample);
    if (sample->verdict == SAMPLE_VOID)
        return;
    keep(s, sample);
    score(s, sample);
    site_hear(s, sample->id, sample->verdict == SAMPLE_LOST, sample->sent_at.ns);
}

void site_tuple(struct site *s, const struct site_tuple *tuple)
{
    if (tuple->path >= s->path_count || tuple->target >= s->net->target_count)
        return;
    s->tried[s->tried_next++ % SITE_TUPLES] = (struct site_tried){
        .sent_ns = tuple->sent_at.ns,
        .at_ns = tuple->at.ns,
        .unit = components_of_group(s->components, tuple->path, tuple->target) & 0x7fffffff,
        .dead = tuple->dead,
    };
    if (tuple->dead)
        s->tried_dead_ns = tuple->at.ns;
}

void site_link_came_up(struct site *s, uint32_t link, struct mono now)
{
    if (link < NET_LINKS_MAX)
        s->link_up_at[link] = now;
}

uint32_t site_hops(const struct site *s, uint32_t flow, struct address hops[COMPONENTS_HOPS_MAX])
{
    return components_hops(s->components, flow, hops);
}

void site_learn(struct site *s, uint32_t flow, const struct components_way *way)
{
    components_learn(s->components, flow, way);
}

// ---- time passes

static bool is_suspicious(const struct site *s)
{
    return s->alarms > 0 || s->fault_count > 0 ||
           (s->tried_dead_ns != INT64_MIN &&
            s->now.ns - s->tried_dead_ns < TUPLE_LINGERS_MS * (int64_t)NS_PER_MS);
}

// The components have new numbers: each open fault is found again by its name.
static void renew(struct site *s)
{
    uint32_t flows[SITE_FAULTS_MAX] = {0};
    for (uint32_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].component != LOCALISE_NOBODY)
            flows[i] = components_flows(s->components, s->faults[i].component);
    if (!components_renew(s->components))
        return;
    set_tuple_priors(s);
    for (uint32_t i = 0; i < s->fault_count; i++)
        s->faults[i].component = components_find(s->components, &s->faults[i].fault.part, flows[i]);
}

static bool tell(struct site *s, struct fault *out)
{
    for (uint32_t i = 0; i < s->fault_count; i++) {
        struct site_fault *fault = &s->faults[i];
        if (!fault->news)
            continue;
        *out = fault->fault;
        out->at = s->now;
        fault->told = true;
        fault->news = false;
        if (fault->fault.state == FAULT_OVER)
            *fault = s->faults[--s->fault_count];
        return true;
    }
    return false;
}

static int64_t run_ms(const struct site *s)
{
    return s->unit_count < SITE_SMALL_UNITS ? SITE_RUN_SMALL_MS : SITE_RUN_MS;
}

bool site_tick(struct site *s, struct mono now, struct fault *out)
{
    s->now = now;
    if (is_blind(s))
        s->blind_at = now;
    else if (mono_since_ns(now, s->ran_at) >= run_ms(s) * NS_PER_MS && is_suspicious(s)) {
        s->ran_at = now;
        renew(s);
        site_find(s);
        site_live(s);
    }
    return tell(s, out);
}

bool site_take_wish(struct site *s, struct site_wish *wish)
{
    uint32_t unit = s->wish;
    s->wish = NET_NOBODY;
    if (unit == NET_NOBODY)
        return false;
    *wish = (struct site_wish){.flow = unit};
    if (unit >= s->flow_count)
        *wish = (struct site_wish){
            .flow = NET_NOBODY,
            .path = (unit - s->flow_count) / s->net->target_count,
            .target = (unit - s->flow_count) % s->net->target_count,
        };
    return true;
}
