// SPDX-License-Identifier: ISC
#include "steer/gate.h"

#include "steer/gate_never.h"
#include "steer/gate_rules.h"

#include <assert.h>
#include <string.h>

enum {
    OVERRIDE = 1 << PERMIT_OVERRIDE,
    EXIT = 1 << PERMIT_EXIT,
    OWN = 1 << PERMIT_OWN,
    MOVES = OVERRIDE | EXIT,
    ALL = MOVES | OWN
};

// When a rule is asked beside at the announcement. Settled ones the configuration alone answers,
// for as long as it holds; live ones hold for as long as a route stands.
enum moment { ONCE, SETTLED, LIVE };

// Every rule, in the order asked, and for which kinds it holds.
static const struct {
    bool (*holds)(struct question *q);
    enum gate_answer otherwise;
    unsigned kinds;
    enum moment moment;
} rules[] = {
    {gate_mode_is_act, GATE_S16_MODE, MOVES, ONCE},
    {gate_tables_are_complete, GATE_S7_TOO_EARLY, MOVES, ONCE},
    {gate_exit_is_configured, GATE_S1_NOT_LEARNED, EXIT, ONCE},
    {gate_own_is_configured, GATE_S1_NOT_LEARNED, OWN, ONCE},
    {gate_prefix_is_nobody_elses, GATE_S1_NOT_LEARNED, OVERRIDE, SETTLED},
    {gate_length_is_permissible, GATE_S5_FORBIDDEN, OVERRIDE, SETTLED},
    {gate_own_is_permissible, GATE_S5_FORBIDDEN, OWN, ONCE},
    {gate_is_no_bogon, GATE_S5_FORBIDDEN, OVERRIDE | OWN, SETTLED},
    {gate_preference_is_permissible, GATE_S5_FORBIDDEN, MOVES, ONCE},
    {gate_spares_control_paths, GATE_S6_CONTROL, ALL, SETTLED},
    {gate_session_is_up, GATE_S1_NOT_LEARNED, ALL, LIVE},
    {gate_is_learned, GATE_S1_NOT_LEARNED, OVERRIDE, LIVE},
    {gate_path_is_live, GATE_S2_NO_PATH, OVERRIDE, LIVE},
    {gate_exit_is_live, GATE_S2_NO_PATH, EXIT, LIVE},
    {gate_is_marked, GATE_S3_UNMARKED, ALL, ONCE},
    {gate_own_is_sayable, GATE_S3_UNMARKED, OWN, ONCE},
    {gate_another_way_stays, GATE_S13_LAST_WAY, OVERRIDE, ONCE},
    {gate_packets_get_out, GATE_S13_LAST_WAY, OVERRIDE, ONCE},
    {gate_exit_leaves_a_way, GATE_S13_LAST_WAY, EXIT, LIVE},
    {gate_own_stays_offered, GATE_S13_LAST_WAY, OWN, ONCE},
    {gate_exit_begins_at_its_router, GATE_S13_LAST_WAY, EXIT, ONCE},
    {gate_there_is_room, GATE_S4_TOO_MANY, ALL, ONCE},
    {gate_one_exit_at_a_time, GATE_S8_TOO_OFTEN, EXIT, ONCE},
    {gate_minute_has_room, GATE_S8_TOO_OFTEN, MOVES, ONCE},
    {gate_stays_long_enough, GATE_S15_FLAPPING, ALL, ONCE},
    {gate_world_had_time, GATE_I3_VISIBLE, OWN, ONCE},
};

bool gate_is_limit(enum gate_answer answer)
{
    return answer == GATE_S4_TOO_MANY || answer == GATE_S8_TOO_OFTEN ||
           answer == GATE_S15_FLAPPING || answer == GATE_I3_VISIBLE;
}

static void permit_make(struct permit *permit, const struct question *q)
{
    permit->kind = q->request.kind;
    permit->router = q->request.router;
    permit->upstream = q->request.upstream;
    permit->prefix = q->request.prefix;
    permit->local_pref = q->net->steer.local_pref;
    permit->marker = q->net->steer.marker;
    permit->no_export = true;
    permit->origin = 0;
    permit->as_path_size = 0;
    permit->as_path = NULL;
    memset(permit->stances, 0, sizeof permit->stances);
}

// What was learned, to the letter.
static void copy_path(struct permit *permit, const struct question *q)
{
    const struct rib_way *copied = &q->copied;
    permit->next_hop = copied->next_hop;
    permit->origin = copied->origin;
    permit->as_path_size = (uint16_t)copied->as_path.size;
    permit->as_path = copied->as_path.bytes;
}

static enum gate_answer ask(struct question *q, bool only_live, struct permit *permit)
{
    assert(q->request.router < q->net->router_count && q->family != FAMILY_NONE);
    assert(q->request.upstream < q->net->upstream_count || q->request.kind == PERMIT_OWN);
    const unsigned kind = 1u << q->request.kind;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].kinds & kind && (rules[i].moment == LIVE || !only_live) && !rules[i].holds(q))
            return rules[i].otherwise;
    }
    permit_make(permit, q);
    if (q->request.kind == PERMIT_OVERRIDE)
        copy_path(permit, q);
    else if (q->request.kind == PERMIT_EXIT)
        permit->next_hop = q->net->upstreams[q->request.upstream].next_hop[q->family];
    else
        gate_own_fill(permit, q);
    return GATE_PERMITTED;
}

bool gate_never(const struct net *net, struct prefix prefix)
{
    char why[GATE_WHY_MAX];
    bool is_exit = net_exit_of(net, prefix) != NET_NOBODY;
    struct question q = {
        .net = net,
        .request = {.prefix = prefix, .kind = is_exit ? PERMIT_EXIT : PERMIT_OVERRIDE},
        .family = prefix.address.family,
        .why = why,
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].kinds >> q.request.kind & 1 && rules[i].moment == SETTLED &&
            !rules[i].holds(&q))
            return true;
    return false;
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
        .standing = ledger_find(gate->ledger, request->router, request->prefix),
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
        .request = {.router = standing->router,
                    .upstream = standing->upstream,
                    .prefix = standing->prefix,
                    .kind = standing->kind},
        .family = standing->prefix.address.family,
        .stands = true,
        .why = why,
    };
    memcpy(q.request.stances, standing->stances, sizeof q.request.stances);
    return ask(&q, true, permit);
}
