// SPDX-License-Identifier: ISC
// How many may stand, and how often something may change. All of them refuse; none takes back.
#include "steer/gate_rules.h"

static uint32_t lower(uint32_t configured, uint32_t built_in)
{
    return configured < built_in ? configured : built_in;
}

static bool overrides_have_room(struct question *q)
{
    const struct ledger *ledger = q->gate->ledger;
    const struct net_guard *guard = &q->net->guard;
    uint32_t router = q->request.router;
    uint32_t most = lower(guard->routes_per_router_max, ledger->limits.per_router);
    uint32_t count = ledger_count(ledger, PERMIT_OVERRIDE, router, FAMILY_NONE);
    if (count >= most)
        return gate_no(q, "S4: %u of %u routes on %s", count, most, q->net->routers[router].name);
    most = lower(guard->routes_per_family_max, ledger->limits.per_family);
    count = ledger_count(ledger, PERMIT_OVERRIDE, NET_NOBODY, q->family);
    if (count >= most)
        return gate_no(q, "S4: %u of %u %s routes", count, most, family_name(q->family));
    most = lower(guard->routes_max, ledger->limits.all);
    count = ledger_count(ledger, PERMIT_OVERRIDE, NET_NOBODY, FAMILY_NONE);
    return count < most || gate_no(q, "S4: %u of %u routes in all", count, most);
}

static bool others_have_room(struct question *q)
{
    const struct ledger *ledger = q->gate->ledger;
    bool is_own = q->request.kind == PERMIT_OWN;
    uint32_t most = is_own ? ledger->limits.own_per_router : ledger->limits.exits_per_router;
    uint32_t count = ledger_count(ledger, q->request.kind, q->request.router, FAMILY_NONE);
    return count < most ||
           gate_no(q, "S4: %u of %u %s on %s", count, most, is_own ? "own prefixes" : "exits",
                   q->net->routers[q->request.router].name);
}

// What takes the place of what stands needs none.
bool gate_there_is_room(struct question *q)
{
    if (q->standing)
        return true;
    return q->request.kind == PERMIT_OVERRIDE ? overrides_have_room(q) : others_have_room(q);
}

// Whether it stands there just so: then asking again changes nothing.
static bool is_no_act(const struct question *q)
{
    return q->standing &&
           (q->request.kind == PERMIT_OWN || q->standing->permit.upstream == q->request.upstream);
}

bool gate_minute_has_room(struct question *q)
{
    uint32_t most =
        lower(q->net->guard.acts_per_minute_max, q->gate->ledger->limits.acts_per_minute);
    uint32_t count = acts_in_minute(q->gate->ledger->acts, q->now);
    return count < most || is_no_act(q) || gate_no(q, "S8: %u of %u acts a minute", count, most);
}

// The engine waits for hold_min_s and more, less a fifth of jitter (hold.c): half of it is what no
// sane order comes before.
bool gate_stays_long_enough(struct question *q)
{
    struct acts *acts = q->gate->ledger->acts;
    struct act act = {q->request.router, q->request.prefix};
    struct acts_limit limit = {
        .most = lower(q->net->guard.acts_per_prefix_max, STEER_ACTS_PER_PREFIX_MAX),
        .stay_ns = q->net->steer.hold_min_ns / 2,
    };
    if (is_no_act(q))
        return true;
    if (!acts_have_room(acts, &act, q->now))
        return gate_no(q, "S15: acts on %u prefixes in an hour",
                       q->gate->ledger->limits.acts_prefixes);
    int64_t wait_ns = acts_wait_ns(acts, &act, &limit, q->now);
    return wait_ns == 0 || gate_no(q, "S15: %u acts on %s in an hour, the next in %lld s",
                                   acts_in_window(acts, &act, q->now), gate_text(q),
                                   (long long)((wait_ns + NS_PER_S - 1) / NS_PER_S));
}

static enum net_stance stance_of(const struct question *q, uint32_t upstream)
{
    enum net_stance stance = NET_STANCES - 1;
    while (stance > NET_STANCE_NORMAL && !(q->request.stances[stance] >> upstream & 1))
        stance--;
    return stance;
}

// To take an offer back is never refused; to make it again is, so soon after the last time.
bool gate_world_had_time(struct question *q)
{
    for (uint32_t u = 0; u < q->net->upstream_count; u++) {
        struct act_stance wanted = {q->request.prefix, u, stance_of(q, u)};
        int64_t past_ns = acts_unbettered_ns(q->gate->ledger->acts, &wanted, q->now);
        int64_t left_ns = (int64_t)STEER_VISIBLE_MS * NS_PER_MS - past_ns;
        if (q->net->upstreams[u].router == q->request.router && past_ns != INT64_MAX && left_ns > 0)
            return gate_no(q, "I3: %s came back to %s lately, again in %lld s", gate_text(q),
                           q->net->upstreams[u].name,
                           (long long)((left_ns + NS_PER_S - 1) / NS_PER_S));
    }
    return true;
}
