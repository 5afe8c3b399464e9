// SPDX-License-Identifier: ISC
#include "steer/gate.h"

#include "steer/gate_rules.h"

#include <assert.h>
#include <string.h>

// Every rule, in the order asked. The live ones hold for as long as a route stands.
static const struct {
    bool (*holds)(struct question *q);
    enum gate_answer otherwise;
    bool live;
} rules[] = {
    {gate_mode_is_act, GATE_S16_MODE, false},
    {gate_tables_are_complete, GATE_S7_TOO_EARLY, false},
    {gate_prefix_is_permissible, GATE_S5_FORBIDDEN, false},
    {gate_spares_control_paths, GATE_S6_CONTROL, false},
    {gate_is_learned, GATE_S1_NOT_LEARNED, true},
    {gate_path_is_live, GATE_S2_NO_PATH, true},
    {gate_is_marked, GATE_S3_UNMARKED, false},
    {gate_there_is_room, GATE_S4_TOO_MANY, false},
};

// Field by field: the room for the longest path is left as it is.
static void permit_make(struct permit *permit, const struct question *q)
{
    struct rib_attributes copied = rib_attributes(q->gate->rib, q->copied.attributes);
    permit->router = q->request.router;
    permit->upstream = q->request.upstream;
    permit->prefix = q->request.prefix;
    permit->next_hop = copied.next_hop;
    permit->local_pref = q->net->steer.local_pref;
    permit->marker = q->net->steer.marker;
    permit->no_export = true;
    permit->origin = copied.origin;
    permit->as_path_size = (uint16_t)copied.as_path.size;
    memcpy(permit->as_path, copied.as_path.bytes, copied.as_path.size);
}

static enum gate_answer ask(struct question *q, bool only_live, struct permit *permit)
{
    assert(q->request.router < q->net->router_count);
    assert(q->request.upstream < q->net->upstream_count && q->family != FAMILY_NONE);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if ((rules[i].live || !only_live) && !rules[i].holds(q))
            return rules[i].otherwise;
    }
    permit_make(permit, q);
    return GATE_PERMITTED;
}

enum gate_answer gate_announce(const struct gate *gate, const struct gate_request *request,
                               struct mono now, struct permit *permit, char *why)
{
    struct question q = {
        .gate = gate,
        .net = gate->net,
        .request = *request,
        .family = request->prefix.address.family,
        .now = now,
        .why = why,
    };
    return ask(&q, false, permit);
}

enum gate_answer gate_stand(const struct gate *gate, const struct permit *standing,
                            struct permit *permit, char *why)
{
    struct question q = {
        .gate = gate,
        .net = gate->net,
        .request = {standing->router, standing->upstream, standing->prefix},
        .family = standing->prefix.address.family,
        .why = why,
    };
    return ask(&q, true, permit);
}
