// SPDX-License-Identifier: ISC
#include "probe/mda.h"
#include "probe/trace_inside.h"

#include <assert.h>
#include <string.h>

static bool is_answered(const struct trace *t, uint32_t ttl)
{
    return t->levels[ttl].answered > 0;
}

// Who forwarded the flow's packets to this TTL: the last router before it that answers anybody. A
// flow which that one did not answer tells nothing: TRACE_NOBODY.
static uint16_t before(const struct trace *t, uint32_t flow, uint32_t ttl)
{
    while (--ttl > 0 && !is_answered(t, ttl)) {
    }
    if (ttl == 0)
        return TRACE_OURSELVES;
    const struct trace_cell *cell = trace_cell(t, flow, ttl);
    return cell->state == CELL_ANSWERED ? cell->router : TRACE_NOBODY;
}

static bool passes(const struct trace *t, uint32_t flow, uint32_t ttl, uint16_t router)
{
    return trace_cell(t, flow, ttl)->state == CELL_ANSWERED && before(t, flow, ttl) == router;
}

static bool was_counted(const struct trace *t, uint32_t ttl, uint32_t flow, uint16_t router)
{
    for (uint32_t f = 0; f < flow; f++)
        if (passes(t, f, ttl, router))
            return true;
    return false;
}

// Worked out when first needed: for all that there may be it would stop the prober for a while.
static uint32_t flows_needed(struct trace *t, uint16_t hops)
{
    if (hops == 0 || hops >= TRACE_RULES)
        return 0;
    if (t->flows_needed[hops] == 0)
        t->flows_needed[hops] = mda_flows_needed(hops);
    return t->flows_needed[hops];
}

// The next hops of one router at this TTL; how many more flows it takes to know them all.
static uint32_t count_hops(struct trace *t, uint32_t ttl, uint16_t router, uint16_t *hops)
{
    bool seen[TRACE_ROUTERS_MAX] = {false};
    uint32_t flows = 0;
    *hops = 0;
    for (uint32_t f = 0; f < t->active; f++) {
        if (!passes(t, f, ttl, router))
            continue;
        uint16_t next = trace_cell(t, f, ttl)->router;
        *hops += !seen[next];
        seen[next] = true;
        flows++;
    }
    uint32_t needed = flows_needed(t, *hops);
    return needed > flows ? needed - flows : 0;
}

static struct address address_of(const struct trace *t, uint16_t router)
{
    return router < t->router_count ? t->routers[router].address : (struct address){0};
}

uint32_t trace_find_forks(struct trace *t)
{
    uint32_t most = 0;
    t->fork_count = 0;
    for (uint32_t ttl = 1; ttl <= t->limit; ttl++)
        for (uint32_t flow = 0; is_answered(t, ttl) && flow < t->active; flow++) {
            uint16_t router = before(t, flow, ttl), hops;
            if (router == TRACE_NOBODY || !passes(t, flow, ttl, router) ||
                was_counted(t, ttl, flow, router))
                continue;
            uint32_t lack = count_hops(t, ttl, router, &hops);
            most = lack > most ? lack : most;
            if (hops < 2 || t->fork_count == TRACE_FORKS_MAX)
                continue;
            t->forks[t->fork_count++] = (struct trace_found_fork){
                .router = router,
                .first_flow = flow,
                .is = {.ttl = (uint8_t)ttl,
                       .router = address_of(t, router),
                       .hop_count = hops,
                       .complete = lack == 0},
            };
        }
    return most;
}

uint32_t trace_flow_count(const struct trace *t)
{
    return t->active;
}

uint32_t trace_hop_count(const struct trace *t)
{
    return t->limit;
}

struct address trace_hop(const struct trace *t, uint32_t flow, uint32_t ttl)
{
    assert(flow < t->active && ttl >= 1 && ttl <= t->limit);
    const struct trace_cell *cell = trace_cell(t, flow, ttl);
    return cell->state == CELL_ANSWERED ? t->routers[cell->router].address : (struct address){0};
}

uint32_t trace_fork_count(const struct trace *t)
{
    return t->fork_count;
}

struct trace_fork trace_fork(const struct trace *t, uint32_t fork)
{
    assert(fork < t->fork_count);
    return t->forks[fork].is;
}

static int compare(struct address a, struct address b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

int32_t trace_bucket(const struct trace *t, uint32_t fork, uint32_t flow)
{
    assert(fork < t->fork_count && flow < t->active);
    const struct trace_found_fork *found = &t->forks[fork];
    uint32_t ttl = found->is.ttl;
    if (!passes(t, flow, ttl, found->router))
        return -1;
    bool seen[TRACE_ROUTERS_MAX] = {false};
    struct address own = t->routers[trace_cell(t, flow, ttl)->router].address;
    int32_t bucket = 0;
    for (uint32_t f = 0; f < t->active; f++) {
        if (!passes(t, f, ttl, found->router))
            continue;
        uint16_t next = trace_cell(t, f, ttl)->router;
        bucket += !seen[next] && compare(t->routers[next].address, own) < 0;
        seen[next] = true;
    }
    return bucket;
}

uint32_t trace_main_fork(const struct trace *t, uint32_t flow)
{
    uint32_t main = UINT32_MAX;
    for (uint32_t i = 0; i < t->fork_count; i++) {
        const struct trace_found_fork *found = &t->forks[i];
        bool is_more = main == UINT32_MAX || found->is.hop_count > t->forks[main].is.hop_count;
        if (is_more && !found->is.by_packet && passes(t, flow, found->is.ttl, found->router))
            main = i;
    }
    return main;
}
