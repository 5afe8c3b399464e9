// SPDX-License-Identifier: ISC
// What looks like a kernel that forwards otherwise than BGP chose, and is none; and what becomes of
// findings when there are many, or when nothing is known any more. Both families.
#include "rib/fib_check.h"

static void in_both_families(void (*test)(struct fib_world *w))
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct fib_world w;
        fib_world_init(&w, family);
        test(&w);
        fib_world_done(&w);
    }
}

static void of_a_kernel_that_follows(struct fib_world *w)
{
    fib_learns(w, 0, fib_prefix(w, 1), fib_gateway(w, 5), 0);
    fib_wait(w, 100);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 5));
    fib_check_told(w, "FRR: 60 ms later", "");
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
    fib_wait(w, 300);
    fib_learns(w, 0, fib_prefix(w, 1), fib_gateway(w, 1), 0);
    fib_check_told(w, "the kernel first, the UPDATE 300 ms later", "");
    fib_withdraws(w, fib_prefix(w, 1), 1);
    fib_wait(w, 100);
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 1));
    fib_check_told(w, "withdrawn", "");
    fib_learns(w, 0, fib_prefix(w, 1), fib_gateway(w, 1), 0);
    fib_wait(w, 400);
    fib_learns(w, 0, fib_prefix(w, 1), fib_gateway(w, 5), 0);
    fib_wait(w, 400);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 5));
    fib_check_told(w, "two UPDATEs before the kernel", "");
}

static void of_replacing_in_two_steps(struct fib_world *w)
{
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 1));
    w->now = mono_add_ms(w->now, 3);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
    fib_check_told(w, "zebra deletes and adds", "");
    struct kernel_message route = fib_route_by(fib_prefix(w, 1), w, 1);
    route.port = OTHER_PORT;
    fib_hears_gone(w, route);
    w->now = mono_add_ms(w->now, 10);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
    char expected[128], prefix[PREFIX_TEXT_MAX];
    prefix_format(fib_prefix(w, 1), prefix);
    snprintf(expected, sizeof expected, "+missing %s; -missing %s; ", prefix, prefix);
    fib_check_told(w, "somebody deletes, zebra adds", expected);
    assert_true(strstr(w->text, "for 10 ms, changed by netlink port 8, mended by 7"));
    struct kernel_message alien = fib_route_by(fib_prefix(w, 1), w, 100);
    alien.route.protocol = BOOT;
    alien.port = OTHER_PORT;
    fib_hears(w, alien);
    fib_wait(w, 600);
    w->told[0] = '\0';
    fib_hears_gone(w, alien);
    w->now = mono_add_ms(w->now, 10);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
    snprintf(expected, sizeof expected, "-alien %s; ", prefix);
    fib_check_told(w, "somebody takes his own away, zebra adds", expected);
}

static struct kernel_message two_hops(const struct fib_world *w, uint32_t first, uint32_t second)
{
    struct kernel_message route = fib_route_by(fib_prefix(w, 1), w, first);
    route.route.hops[1] = fib_route_by(fib_prefix(w, 1), w, second).route.hops[0];
    route.route.hop_count = 2;
    return route;
}

static void of_several_hops(struct fib_world *w)
{
    fib_learns(w, 0, fib_prefix(w, 2), fib_gateway(w, 5), 0);
    fib_hears(w, fib_route_by(fib_prefix(w, 2), w, 5));
    fib_hears(w, two_hops(w, 1, 5));
    fib_check_told(w, "multipath over what BGP uses", "");
    fib_hears(w, two_hops(w, 5, 1));
    fib_check_told(w, "in another order", "");
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 5));  // IPv6 says it so
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
    fib_check_told(w, "one of them goes", "");
    fib_hears(w, fib_object(w, 1, 1));
    fib_hears(w, fib_object(w, 2, 5));
    fib_hears(w, fib_group(10, 1, 2));
    struct kernel_message by_group = fib_route_by(fib_prefix(w, 1), w, 5);
    by_group.route.nexthop = 10;
    fib_hears(w, by_group);
    fib_check_told(w, "a group", "");
    fib_hears_gone(w, fib_object(w, 2, 5));
    fib_hears(w, fib_group(10, 1, 1));
    fib_check_told(w, "a group that lost a member", "");
    fib_hears(w, two_hops(w, 1, 100));
    char expected[128], prefix[PREFIX_TEXT_MAX];
    snprintf(expected, sizeof expected, "+next_hop %s; ", prefix_format(fib_prefix(w, 1), prefix));
    fib_check_told(w, "over somebody whom BGP does not use", expected);
}

static void of_what_iBGP_hides(struct fib_world *w)
{
    fib_hears(w, fib_route_by(fib_prefix(w, 50), w, 100));
    fib_check_told(w, "a path that nobody told us of", "");
    fib_learns(w, 1, fib_prefix(w, 51), fib_gateway(w, 100), 0);
    fib_check_told(w, "another router's path, refused here", "");
    fib_hears(w, fib_route_by(fib_prefix(w, 51), w, 100));
    fib_check_told(w, "and taken", "");
    fib_learns(w, 0, fib_prefix(w, 52), fib_gateway(w, 1), 1);
    fib_learns(w, 0, fib_prefix(w, 52), fib_gateway(w, 5), 2);
    fib_hears(w, fib_route_by(fib_prefix(w, 52), w, 5));
    fib_check_told(w, "one of several paths (RFC 7911)", "");
    fib_learns(w, 1, fib_prefix(w, 52), fib_gateway(w, 100), 0);
    fib_hears(w, fib_route_by(fib_prefix(w, 52), w, 100));
    fib_check_told(w, "or another router's", "");
    fib_learns(w, 0, fib_prefix(w, 53), fib_gateway(w, 99), 0);
    fib_hears(w, fib_route_by(fib_prefix(w, 53), w, 100));
    fib_check_told(w, "a router that says: by me", "");
}

static void of_next_hops_far_away(struct fib_world *w)
{
    struct address far = fib_prefix(w, 60).address;
    struct kernel_message igp = fib_route_by(fib_prefix(w, 60), w, 100);
    igp.route.protocol = 188;
    fib_hears(w, igp);
    fib_learns(w, 0, fib_prefix(w, 1), far, 0);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 100));
    fib_check_told(w, "by way of an IGP's route", "");
    igp.route.hops[0] = fib_route_by(fib_prefix(w, 60), w, 5).route.hops[0];
    fib_hears(w, igp);
    fib_wait(w, 100);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 5));
    fib_check_told(w, "that moves", "");
    igp.route.hops[0] = fib_route_by(fib_prefix(w, 60), w, 6).route.hops[0];
    fib_hears(w, igp);
    fib_wait(w, 600);
    char expected[128], prefix[PREFIX_TEXT_MAX];
    snprintf(expected, sizeof expected, "+next_hop %s; ", prefix_format(fib_prefix(w, 1), prefix));
    fib_check_told(w, "that moves, and the route does not", expected);
    assert_true(strstr(w->text, " by "));
}

static void of_own_and_connected_prefixes(struct fib_world *w)
{
    struct rib_attributes own = {.next_hop = fib_gateway(w, 99), .local_pref = 100};
    check_learn(w->rib, 0, fib_prefix(w, 70), 0, &own);
    struct kernel_message route = fib_route_by(fib_prefix(w, 70), w, 0);
    route.route.type = KERNEL_BLACKHOLE;
    route.route.hop_count = 0;
    fib_hears(w, route);
    fib_check_told(w, "an own prefix that ends here", "");
    route = fib_route_by(fib_half(w, 70), w, 100);
    route.route.protocol = BOOT;
    fib_hears(w, route);
    fib_check_told(w, "a part of it", "");
    route = fib_route_by(fib_prefix(w, 71), w, 0);
    route.route.protocol = KERNEL;
    route.route.metric = 0;
    fib_hears(w, route);
    fib_learns(w, 1, fib_prefix(w, 71), fib_gateway(w, 1), 0);
    fib_check_told(w, "an interface's network that another router tells of", "");
}

static void of_overrides(struct fib_world *w)
{
    w->override = fib_gateway(w, 100);
    fib_withdraws(w, fib_prefix(w, 1), 1);
    fib_wait(w, 50);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 100));
    fib_check_told(w, "the router follows us", "");
    w->override = (struct address){0};
    fib_learns(w, 0, fib_prefix(w, 1), fib_gateway(w, 1), 0);
    fib_wait(w, 50);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
    fib_check_told(w, "and returns", "");
}

// IPv6: the UPDATE names a global address, the kernel may use the link-local one of the same box.
static void of_link_local_gateways(struct fib_world *w)
{
    if (w->family != FAMILY_IPV6)
        return;
    struct kernel_message route = fib_route_by(fib_prefix(w, 1), w, 1);
    route.route.hops[0].gateway = check_address("fe80::1");
    fib_hears(w, route);
    fib_check_told(w, "whose box is unknown", "");
    struct kernel_message neighbour = fib_neighbour_is(w, 1, 1, 2);
    neighbour.neighbour.address = check_address("fe80::1");
    fib_hears(w, neighbour);
    fib_hears(w, route);
    fib_check_told(w, "of the same box", "");
    neighbour.neighbour.mac[5] = 9;
    fib_hears(w, neighbour);
    fib_hears(w, route);
    fib_check_told(w, "of another box", "+next_hop 2001:db8:1::/48; ");
}

static void of_a_session_that_flaps(struct fib_world *w)
{
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 5));
    char expected[128], prefix[PREFIX_TEXT_MAX];
    prefix_format(fib_prefix(w, 1), prefix);
    snprintf(expected, sizeof expected, "+next_hop %s; ", prefix);
    fib_check_told(w, "wrong", expected);
    rib_forget(w->rib, 0);
    fib_tables_changed(w->fib, w->now);
    for (uint32_t n = 2; n <= PREFIXES; n++)
        fib_hears_gone(w, fib_route_by(fib_prefix(w, n), w, 1));
    snprintf(expected, sizeof expected, "-next_hop %s; ", prefix);
    fib_check_told(w, "the session is down", expected);
    assert_string_equal(w->text, "no longer known: the router's table is not complete");
    for (uint32_t n = 1; n <= PREFIXES; n++)
        fib_learns(w, 0, fib_prefix(w, n), fib_gateway(w, 1), 0);
    fib_check_told(w, "the table comes again", "");
    for (uint32_t n = 1; n <= PREFIXES; n++)
        fib_hears(w, fib_route_by(fib_prefix(w, n), w, 1));
    rib_peer_complete(w->rib, 0, FAMILY_IPV4);
    rib_peer_complete(w->rib, 0, FAMILY_IPV6);
    fib_tables_changed(w->fib, w->now);
    fib_check_told(w, "and is complete", "");
}

// A dump may leave out what moves under it: what only one dump lacks is not told.
static void of_dumps(struct fib_world *w)
{
    fib_must_resync(w->fib);
    fib_dump_all(w, PREFIXES - 1);
    fib_wait(w, 600);
    fib_check_told(w, "one that lacks a route", "");
    fib_dump_all(w, PREFIXES);
    fib_check_told(w, "the next has it", "");
    fib_must_resync(w->fib);
    fib_dump_all(w, PREFIXES - 1);
    fib_wait(w, 1500);
    fib_dump_all(w, PREFIXES - 1);
    fib_wait(w, 600);
    char expected[128], prefix[PREFIX_TEXT_MAX];
    snprintf(expected, sizeof expected, "+missing %s; ",
             prefix_format(fib_prefix(w, PREFIXES), prefix));
    fib_check_told(w, "two that lack it", expected);
}

static void of_a_kernel_that_is_lost(struct fib_world *w)
{
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 1));
    fib_lost(w->fib, w->now, "the agent is gone");
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 2), w, 1));
    fib_learns(w, 0, fib_prefix(w, 3), fib_gateway(w, 5), 0);
    fib_check_told(w, "lost", "");
    assert_string_equal(fib_why_unknown(w->fib), "the agent is gone");
    fib_learns(w, 0, fib_prefix(w, 3), fib_gateway(w, 1), 0);
    fib_dump_all(w, PREFIXES);
    fib_check_told(w, "back", "");
    assert_null(fib_why_unknown(w->fib));
}

static void of_many_at_once(struct fib_world *w)
{
    enum { MANY = 100 };
    for (uint32_t n = 1; n <= MANY; n++) {
        fib_learns(w, 0, fib_prefix(w, n), fib_gateway(w, 1), 0);
        fib_hears(w, fib_route_by(fib_prefix(w, n), w, 1));
    }
    fib_check_told(w, "all well", "");
    for (uint32_t n = 1; n <= MANY; n++)
        fib_hears_gone(w, fib_route_by(fib_prefix(w, n), w, 1));
    fib_wait(w, 700);
    assert_int_equal(fib_summary(w->fib).found[FIB_MISSING], MANY);
    uint32_t named = 0;
    for (const char *at = w->told; (at = strstr(at, "+missing ")); at++)
        named++;
    assert_int_equal(named, FIB_TOLD_MAX + 1);
    assert_string_equal(w->text, "100 prefixes in all, 16 of them told by name");
    w->told[0] = '\0';
    for (uint32_t n = 1; n <= MANY; n++)
        fib_hears(w, fib_route_by(fib_prefix(w, n), w, 1));
    fib_wait(w, 100);
    assert_non_null(strstr(w->told, "-missing all; "));
    assert_int_equal(fib_summary(w->fib).found[FIB_MISSING], 0);
}

// A kernel that is behind by more than the time to settle, but at it.
static void of_a_table_that_moves(struct fib_world *w)
{
    enum { MANY = 200, FIRST = 10 };
    for (uint32_t n = FIRST; n < FIRST + MANY; n++)
        fib_learns(w, 0, fib_prefix(w, n), fib_gateway(w, 1), 0);
    for (uint32_t n = FIRST; n < FIRST + MANY - 10; n++) {
        fib_wait(w, 50);
        fib_hears(w, fib_route_by(fib_prefix(w, n), w, 1));
    }
    assert_string_equal(w->told, "");
    fib_wait(w, 700);
    assert_int_equal(fib_summary(w->fib).found[FIB_MISSING], 10);
}

// Where most routes have another metric than FRR's, later dumps keep them otherwise.
static void of_another_metric(struct fib_world *w)
{
    w->metric = 32;
    for (int i = 0; i < 3; i++) {
        fib_must_resync(w->fib);
        fib_dump_all(w, PREFIXES);
        fib_wait(w, 1200);
        fib_check_told(w, "dumped anew", "");
    }
    struct kernel_message alien = fib_route_by(fib_prefix(w, 1), w, 100);
    char expected[128], prefix[PREFIX_TEXT_MAX];
    prefix_format(fib_prefix(w, 1), prefix);
    alien.route.protocol = BOOT;
    alien.route.metric = 20;
    fib_hears(w, alien);
    snprintf(expected, sizeof expected, "+alien %s; ", prefix);
    fib_check_told(w, "a lower one", expected);
    assert_non_null(strstr(w->text, "(boot, metric 20)"));
    fib_hears_gone(w, alien);
    snprintf(expected, sizeof expected, "-alien %s; ", prefix);
    fib_check_told(w, "gone", expected);
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 1));
    snprintf(expected, sizeof expected, "+missing %s; ", prefix);
    fib_check_told(w, "deleted", expected);
}

static void answers_what_stands(struct fib_world *w)
{
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 5));
    fib_wait(w, 600);
    struct fib_summary summary = fib_summary(w->fib);
    assert_int_equal(summary.found[FIB_NEXT_HOP], 1);
    assert_int_equal(summary.routes[w->family], PREFIXES + 2);
    assert_int_equal(summary.counts.chosen, PREFIXES);
    w->told[0] = '\0';
    struct fib_finding finding;
    for (uint32_t place = 0; fib_next(w->fib, &place, &finding);)
        fib_keep_told(w, &finding);
    assert_non_null(strstr(w->told, "+next_hop "));
}

#define TEST(name)                                                                                 \
    static void keeps_quiet_##name(void **state)                                                   \
    {                                                                                              \
        (void)state;                                                                               \
        in_both_families(name);                                                                    \
    }
TEST(of_a_kernel_that_follows)
TEST(of_replacing_in_two_steps)
TEST(of_several_hops)
TEST(of_what_iBGP_hides)
TEST(of_next_hops_far_away)
TEST(of_own_and_connected_prefixes)
TEST(of_overrides)
TEST(of_link_local_gateways)
TEST(of_a_session_that_flaps)
TEST(of_dumps)
TEST(of_a_kernel_that_is_lost)
TEST(of_many_at_once)
TEST(of_a_table_that_moves)
TEST(of_another_metric)
TEST(answers_what_stands)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_quiet_of_a_kernel_that_follows),
        cmocka_unit_test(keeps_quiet_of_replacing_in_two_steps),
        cmocka_unit_test(keeps_quiet_of_several_hops),
        cmocka_unit_test(keeps_quiet_of_what_iBGP_hides),
        cmocka_unit_test(keeps_quiet_of_next_hops_far_away),
        cmocka_unit_test(keeps_quiet_of_own_and_connected_prefixes),
        cmocka_unit_test(keeps_quiet_of_overrides),
        cmocka_unit_test(keeps_quiet_of_link_local_gateways),
        cmocka_unit_test(keeps_quiet_of_a_session_that_flaps),
        cmocka_unit_test(keeps_quiet_of_dumps),
        cmocka_unit_test(keeps_quiet_of_a_kernel_that_is_lost),
        cmocka_unit_test(keeps_quiet_of_many_at_once),
        cmocka_unit_test(keeps_quiet_of_a_table_that_moves),
        cmocka_unit_test(keeps_quiet_of_another_metric),
        cmocka_unit_test(keeps_quiet_answers_what_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
