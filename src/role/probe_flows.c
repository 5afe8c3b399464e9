// SPDX-License-Identifier: ISC
// What became of each 5-tuple of a path that is found to lose packets: told once it is, every
// minute after, and when it is over; counted from the time before, in which it was found. Bounded:
// of a path at most so many, those that lost first.
#include "role/probe_tell.h"

#include "detect/rate.h"
#include "detect/site.h"

#include <assert.h>
#include <stdio.h>

enum {
    TOLD_MAX = 64,      // flows of a path, at a time
    CLEAN_MAX = 16,     // of them without a loss: which of the equal ways it is not
    PER_TURN_MAX = 16,  // told in one turn, and
    LOOKED_MAX = 4096,  // looked at
};

#define AGAIN_NS (60 * (int64_t)NS_PER_S)

void probe_flows_sample(struct probe_role *r, const struct sample *sample)
{
    struct flow_sum *sum = &r->flows[sample->id].state.sum;
    if (sum->sent == UINT16_MAX)
        return;
    sum->lost_forward = (uint16_t)(sum->lost_forward + sample->lost_forward);
    sum->lost_reverse = (uint16_t)(sum->lost_reverse + sample->lost_reverse);
    if (sample->late || sample->verdict == SAMPLE_VOID)
        return;
    sum->sent++;
    sum->lost = (uint16_t)(sum->lost + (sample->verdict == SAMPLE_LOST));
}

void probe_flows_signal(struct probe_role *r, const struct signal *signal)
{
    struct probe_path *path = &r->paths[signal->path];
    bool was = path->accused;
    path->accused =
        signal->kind == SIGNAL_CONFIRMED || (path->accused && signal->kind != SIGNAL_CLEAR);
    if (was && !path->accused)  // the last word on it
        r->flows_due |= UINT64_C(1) << signal->path;
}

static void forget(struct probe_role *r, uint32_t path)
{
    for (uint32_t id = 0; id < r->scheduled_count; id++)
        if (r->flows[id].path == path)
            r->flows[id].state.sum = (struct flow_sum){0};
    r->paths[path].flows_since = r->now;
    r->paths[path].flows_told_at = (struct mono){0};
}

void probe_flows_rated(struct probe_role *r, uint32_t path)
{
    struct probe_path *p = &r->paths[path];
    bool waits = (r->flows_due | r->flows_telling) >> path & 1;
    if (!p->accused && !waits)
        forget(r, path);
    else if (p->accused &&
             (p->flows_told_at.ns == 0 || mono_since_ns(r->now, p->flows_told_at) >= AGAIN_NS))
        r->flows_due |= UINT64_C(1) << path;
}

static void say_hops(const struct probe_role *r, uint32_t id, char *text)
{
    struct address hops[COMPONENTS_HOPS_MAX];
    uint32_t count = site_hops(r->site, id, hops);
    char address[ADDRESS_TEXT_MAX];
    for (uint32_t i = 0; i < count && i < FLOW_REPORT_HOPS; i++)
        text += sprintf(text, "%s%s", i ? " " : "", address_format(hops[i], address));
}

static bool tell(struct probe_role *r, uint32_t id)
{
    const struct flow *flow = &r->flows[id];
    const struct net_target *target = &r->net->targets[flow->target];
    const struct probe_group *group = &r->groups[probe_group_of(r, flow->path, flow->target)];
    const struct flow_sum *sum = &r->flows[id].state.sum;
    struct event event = {.kind = EVENT_FLOW, .at = r->now};
    event.flow = (struct flow_report){
        .path = flow->path,
        .target = flow->target,
        .source = group->source,
        .destination = target->address[r->paths[flow->path].is.family],
        .protocol = target->protocol,
        .source_port = flow->port,
        .destination_port = target->protocol == NET_ICMP ? 0 : target->port,
        .label = flow->label,
        .sent = sum->sent,
        .lost = sum->lost,
        .lost_forward = sum->lost_forward,
        .lost_reverse = sum->lost_reverse,
        .span_ns = mono_since_ns(r->now, r->paths[flow->path].flows_since),
    };
    say_hops(r, id, event.flow.hops);
    return probe_send_event(r, &event);
}

// Two passes over all flows: those that lost, then those that did not.
static bool is_its_turn(const struct probe_role *r, uint32_t id)
{
    const struct flow *flow = &r->flows[id];
    const struct probe_path *path = &r->paths[flow->path];
    const struct flow_sum *sum = &r->flows[id].state.sum;
    bool clean_pass = r->flows_next >= r->scheduled_count;
    return flow->use == FLOW_SENTINEL && (r->flows_telling >> flow->path & 1) && sum->sent > 0 &&
           (sum->lost == 0) == clean_pass &&
           path->flows_told < (clean_pass ? path->flows_lossy + CLEAN_MAX : TOLD_MAX) &&
           path->flows_told < TOLD_MAX;
}

static void begin(struct probe_role *r)
{
    r->flows_telling = r->flows_due;
    r->flows_due = 0;
    r->flows_next = 0;
    for (uint32_t path = 0; path < r->path_count; path++) {
        r->paths[path].flows_told = r->paths[path].flows_lossy = 0;
        if (r->flows_telling >> path & 1)
            r->paths[path].flows_told_at = r->now;
    }
}

void probe_flows_turn(struct probe_role *r)
{
    uint32_t told = 0;
    if (!r->flows_telling && r->flows_due)
        begin(r);
    for (uint32_t n = 0; r->flows_telling && n < LOOKED_MAX && told < PER_TURN_MAX; n++) {
        if (r->flows_next == 2 * r->scheduled_count) {
            r->flows_telling = 0;
            return;
        }
        uint32_t id = r->flows_next % r->scheduled_count;
        if (is_its_turn(r, id)) {
            if (!tell(r, id))
                return;  // no room: this one again
            struct probe_path *path = &r->paths[r->flows[id].path];
            path->flows_told++;
            path->flows_lossy += r->flows_next < r->scheduled_count;
            told++;
        }
        r->flows_next++;
    }
}
