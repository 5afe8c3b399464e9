// SPDX-License-Identifier: ISC
// What the engine knows of traffic, as a question of the tables gets it: what is too old, or was
// never told, is unknown.
#include "engine/traffic.h"

#include "base/check.h"
#include "engine/site_check.h"
#include "engine/state.h"

enum { MBIT = 1000 * 1000 };

static void tell_use(struct site *s, uint32_t upstream, int64_t mbps)
{
    site_feed(s, (struct event){.kind = EVENT_USE,
                                .use = {.upstream = upstream, .out_bps = mbps * MBIT}});
}

static void tell_demand(struct site *s, const char *prefix, int64_t mbps)
{
    site_feed(s, (struct event){.kind = EVENT_DEMAND,
                                .demand = {.prefix = small_prefix(prefix), .bps = mbps * MBIT}});
}

static void check(const struct traffic *t, uint32_t u, int64_t capacity, int64_t limit, int64_t use)
{
    const struct traffic_upstream *is = &t->upstreams[u];
    assert_int_equal(is->capacity_bps, capacity < 0 ? -1 : capacity * MBIT);
    assert_int_equal(is->limit_bps, limit < 0 ? -1 : limit * MBIT);
    assert_int_equal(is->use_bps, use < 0 ? -1 : use * MBIT);
}

static void tells_what_is_known(void **state)
{
    (void)state;
    static struct traffic t;
    struct site *s = site_open(1);
    s->net.upstreams[SITE_A].capacity_mbps = s->net.upstreams[SITE_B].capacity_mbps = 1000;
    s->net.upstreams[SITE_C].capacity_mbps = 0;
    s->net.steer.budget.headroom_percent = 75;
    site_run(s, 15 * 1000);  // by then counters hold what the routes bring
    tell_use(s, SITE_A, 300);
    site_run(s, 6000);
    tell_use(s, SITE_A, 200);
    tell_use(s, SITE_C, 50);
    tell_demand(s, "2001:db8:f::/48", 7);
    tell_demand(s, "203.0.113.0/24", 5);
    traffic_of(s->engine, &t);
    check(&t, SITE_A, 1000, 750, 300);  // the percentile, as a plan has it
    check(&t, SITE_B, 1000, 750, -1);
    check(&t, SITE_C, -1, -1, 50);
    assert_int_equal(t.count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        enum family family = i == 0 ? FAMILY_IPV4 : FAMILY_IPV6;
        assert_int_equal(t.items[i].prefix.address.family, family);
        assert_int_equal(t.items[i].bps, (family == FAMILY_IPV4 ? 5 : 7) * MBIT);
    }
    site_run(s, 40 * 1000);
    traffic_of(s->engine, &t);
    check(&t, SITE_A, 1000, 750, -1);
    assert_int_equal(t.count, 2);
    site_run(s, 150 * 1000);
    traffic_of(s->engine, &t);
    assert_int_equal(t.count, 0);
    site_close(s);
}

// What is sent is taken again, and nothing of any other size.
static void takes_no_other_bytes(void **state)
{
    (void)state;
    static struct traffic t = {.count = 3, .items[2] = {.bps = 12}}, got, more;
    size_t size = traffic_size(&t);
    assert_true(traffic_read(&got, &t, size));
    assert_memory_equal(&got, &t, size);
    assert_false(traffic_read(&got, &t, size - 1));
    assert_false(traffic_read(&got, &t, size + 1));
    assert_false(traffic_read(&got, &t, offsetof(struct traffic, items) - 1));
    assert_false(traffic_read(&got, &t, 0));
    assert_false(traffic_read(&got, &t, sizeof t + 1));
    more.count = DEMAND_MAX;
    assert_true(traffic_read(&got, &more, sizeof more));
    more.count = DEMAND_MAX + 1;
    assert_false(traffic_read(&got, &more, sizeof more));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_is_known),
        cmocka_unit_test(takes_no_other_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
