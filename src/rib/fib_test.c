// SPDX-License-Identifier: ISC
// Each way in which a kernel can forward otherwise than BGP chose, found and named; and what looks
// like one and is none. Every test runs in both families.
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

// "%1" becomes prefix 1, "%h" the first half of it, "%g1" gateway 1.
static void check(struct fib_world *w, const char *name, const char *expected)
{
    char text[1024], word[PREFIX_TEXT_MAX];
    size_t at = 0;
    for (const char *c = expected; *c; c++) {
        if (*c != '%') {
            text[at++] = *c;
            continue;
        }
        c++;
        if (*c == 'h')
            prefix_format(fib_half(w, 1), word);
        else if (*c == 'g')
            address_format(fib_gateway(w, (uint32_t)(*++c - '0')), word);
        else if (*c == 'f')
            snprintf(word, sizeof word, "%s", family_name(w->family));
        else
            prefix_format(fib_prefix(w, (uint32_t)(*c - '0')), word);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s", word);
    }
    text[at] = '\0';
    fib_check_told(w, name, text);
}

static void of_missing(struct fib_world *w)
{
    struct kernel_message route = fib_route_by(fib_prefix(w, 1), w, 1);
    route.port = OTHER_PORT;
    fib_hears_gone(w, route);
    check(w, "deleted", "+missing %1; ");
    assert_true(strstr(w->text, "the kernel has no route"));
    fib_hears(w, route);
    check(w, "back", "-missing %1; ");
}

static void of_one_next_hop(struct fib_world *w)
{
    struct prefix one = fib_prefix(w, 1), none = fib_prefix(w, 77);
    assert_int_equal(fib_follows(w->fib, one, fib_gateway(w, 1)), FIB_MATCH);
    assert_int_equal(fib_follows(w->fib, one, fib_gateway(w, 100)), FIB_NEXT_HOP);
    assert_int_equal(fib_follows(w->fib, none, fib_gateway(w, 1)), FIB_UNKNOWN);
    fib_hears(w, fib_route_by(one, w, 100));
    assert_int_equal(fib_follows(w->fib, one, fib_gateway(w, 100)), FIB_MATCH);
    struct kernel_message discards = fib_route_by(one, w, 1);
    discards.route.type = KERNEL_BLACKHOLE;
    discards.route.hop_count = 0;
    fib_hears(w, discards);
    assert_int_equal(fib_follows(w->fib, one, fib_gateway(w, 1)), FIB_UNKNOWN);
    fib_hears(w, fib_route_by(one, w, 100));
    fib_hears(w, fib_link_is(ETH2, false, false));
    assert_int_equal(fib_follows(w->fib, one, fib_gateway(w, 100)), FIB_UNKNOWN);
    fib_lost(w->fib, w->now, "it does not answer");
    assert_int_equal(fib_follows(w->fib, one, fib_gateway(w, 1)), FIB_UNKNOWN);
}

static void of_next_hop(struct fib_world *w)
{
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 5));
    check(w, "another gateway", "+next_hop %1; ");
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 100));
    check(w, "yet another: told again", "+next_hop %1; ");
    assert_true(strstr(w->text, "eth2 (bgp, metric 20)"));
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
    check(w, "right again", "-next_hop %1; ");
    struct kernel_message route = fib_route_by(fib_prefix(w, 1), w, 1);
    route.route.hops[0].link = ETH2;
    fib_hears(w, route);
    check(w, "the same address on another link", "+next_hop %1; ");
    route = fib_route_by(fib_prefix(w, 1), w, 1);
    route.route.hops[0].is_wrapped = true;
    fib_hears(w, route);
    check(w, "in a tunnel", "+next_hop %1; ");
    route = fib_route_by(fib_prefix(w, 1), w, 0);
    fib_hears(w, route);
    check(w, "straight onto the link", "+next_hop %1; ");
}

// RFC 2545 §3: a next hop may come with a link-local address, by which kernels forward, whatever
// box has it. Only IPv6 has such.
static void of_link_local(struct fib_world *w)
{
    static const uint8_t as_path[] = {2, 1, 0, 0, 0xfd, 0xe9};
    struct rib_attributes a = {
        .next_hop = fib_gateway(w, 1), .local_pref = 100, .as_path = {as_path, sizeof as_path}};
    struct kernel_message route = fib_route_by(fib_prefix(w, 1), w, 1);
    struct kernel_message neighbour = fib_neighbour_is(w, 1, 9, 2);
    if (w->family != FAMILY_IPV6)
        return;
    neighbour.neighbour.address = route.route.hops[0].gateway = check_address("fe80::1");
    a.link_local = check_address("fe80::1");
    check_learn(w->rib, 0, fib_prefix(w, 1), 0, &a);
    fib_path_changed(w->fib, w->now, fib_prefix(w, 1), (struct address){0});
    fib_hears(w, neighbour);
    fib_hears(w, route);
    check(w, "the one it came with", "");
    a.link_local = check_address("fe80::2");
    check_learn(w->rib, 0, fib_prefix(w, 1), 0, &a);
    fib_path_changed(w->fib, w->now, fib_prefix(w, 1), (struct address){0});
    fib_hears(w, route);
    check(w, "another", "+next_hop %1; ");
}

static void of_discard(struct fib_world *w)
{
    for (uint8_t type = KERNEL_BLACKHOLE; type <= KERNEL_PROHIBIT; type++) {
        struct kernel_message route = fib_route_by(fib_prefix(w, 1), w, 1);
        route.route.type = type;
        route.route.hop_count = 0;
        fib_hears(w, route);
        check(w, kernel_route_type_name(type), "+discard %1; ");
        assert_true(strstr(w->text, kernel_route_type_name(type)));
        fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
        check(w, "right again", "-discard %1; ");
    }
}

static void use_object(struct fib_world *w, uint32_t id)
{
    for (uint32_t n = 1; n <= 2; n++) {
        struct kernel_message route = fib_route_by(fib_prefix(w, n), w, 1);
        route.route.nexthop = id;
        fib_hears(w, route);
    }
}

static void of_nexthop_gone(struct fib_world *w)
{
    fib_hears(w, fib_object(w, 38, 1));
    use_object(w, 38);
    check(w, "in use", "");
    struct kernel_message object = fib_object(w, 38, 1);
    object.port = OTHER_PORT;
    fib_hears_gone(w, object);
    check(w, "deleted", "+nexthop_gone nexthop 38; ");
    assert_true(strstr(w->text, "by netlink port 8"));
    fib_hears(w, fib_object(w, 38, 1));
    check(w, "back, but not its routes", "");
    assert_int_equal(fib_summary(w->fib).found[FIB_NEXTHOP_GONE], 1);
    use_object(w, 38);
    fib_wait(w, 2000);
    check(w, "back, with its routes", "-nexthop_gone nexthop 38; ");
}

// IPv6 tells of the routes, too, after their object.
static void of_nexthop_gone_with_its_routes(struct fib_world *w)
{
    fib_hears(w, fib_object(w, 38, 1));
    use_object(w, 38);
    fib_hears_gone(w, fib_object(w, 38, 1));
    for (uint32_t n = 1; n <= 2; n++) {
        struct kernel_message route = fib_route_by(fib_prefix(w, n), w, 1);
        route.route.nexthop = 38;
        fib_hears_gone(w, route);
    }
    check(w, "deleted", "+nexthop_gone nexthop 38; ");
}

static void of_nexthop_changed(struct fib_world *w)
{
    fib_hears(w, fib_object(w, 38, 1));
    use_object(w, 38);
    fib_hears(w, fib_object(w, 38, 100));
    fib_wait(w, 600);
    check(w, "leads elsewhere", "+next_hop %2; +next_hop %1; ");
    struct kernel_message object = fib_object(w, 38, 1);
    object.nexthop.is_discard = true;
    fib_hears(w, object);
    fib_wait(w, 600);
    w->told[0] = '\0';
    assert_int_equal(fib_summary(w->fib).found[FIB_DISCARD], 2);
}

static void of_alien(struct fib_world *w)
{
    struct kernel_message alien = fib_route_by(fib_prefix(w, 1), w, 100);
    alien.route.protocol = BOOT;
    alien.route.metric = 5;
    fib_hears(w, alien);
    check(w, "of lower metric", "+alien %1; ");
    assert_true(strstr(w->text, "eth2 (boot, metric 5)"));
    fib_hears_gone(w, alien);
    check(w, "gone", "-alien %1; ");
    alien.route.protocol = BGP;  // it lies
    fib_hears(w, alien);
    check(w, "that calls itself BGP's", "+alien %1; ");
    fib_hears_gone(w, alien);
    check(w, "gone", "-alien %1; ");
    alien.route.metric = METRIC + 1;
    fib_hears(w, alien);
    check(w, "of higher metric", "");
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 1));
    check(w, "that now forwards", "+next_hop %1; ");
}

static void of_more_specific(struct fib_world *w)
{
    struct kernel_message alien = fib_route_by(fib_half(w, 1), w, 100);
    alien.route.protocol = BOOT;
    fib_hears(w, alien);
    check(w, "half of it", "+more_specific %h; ");
    fib_hears_gone(w, alien);
    check(w, "gone", "-more_specific %h; ");
    alien.route.type = KERNEL_BLACKHOLE;
    alien.route.hop_count = 0;
    fib_hears(w, alien);
    check(w, "half of it thrown away", "+more_specific %h; ");
    fib_hears_gone(w, alien);
    w->told[0] = '\0';
    alien = fib_route_by(fib_half(w, 1), w, 1);
    alien.route.protocol = BOOT;
    fib_hears(w, alien);
    check(w, "that goes the same way", "");
    alien = fib_route_by(fib_half(w, 2), w, 0);
    alien.route.protocol = KERNEL;
    alien.route.hops[0].link = ETH2;
    fib_hears(w, alien);
    check(w, "an interface's own network", "");
    alien = fib_route_by(fib_half(w, 200), w, 100);
    alien.route.protocol = BOOT;
    fib_hears(w, alien);
    check(w, "of nothing that BGP knows", "");
    fib_learns(w, 0, (struct prefix){.address = {.family = w->family}}, fib_gateway(w, 1), 0);
    fib_hears(w, fib_route_by((struct prefix){.address = {.family = w->family}}, w, 1));
    fib_hears(w, alien);
    check(w, "of a default route", "");
}

// What covers it may be as short as it likes, but must be BGP's, and lead out.
static void of_more_specific_of_what(struct fib_world *w)
{
    struct prefix short_one = prefix_of(fib_prefix(w, 1).address, 3);
    struct kernel_message alien = fib_route_by(fib_half(w, 200), w, 100);
    alien.route.protocol = BOOT;
    struct rib_attributes own = {.next_hop = fib_gateway(w, 99), .local_pref = 100};
    check_learn(w->rib, 0, fib_prefix(w, 200), 0, &own);
    fib_path_changed(w->fib, w->now, fib_prefix(w, 200), (struct address){0});
    fib_hears(w, alien);
    check(w, "of a prefix that the router itself announces", "");
    fib_withdraws(w, fib_prefix(w, 200), 99);
    fib_hears_gone(w, alien);
    fib_hears(w, fib_route_by(short_one, w, 1));
    fib_learns(w, 0, short_one, fib_gateway(w, 1), 0);
    fib_hears(w, alien);
    check(w, "of three bits",
          w->family == FAMILY_IPV4 ? "+more_specific 198.51.200.0/25; "
                                   : "+more_specific 2001:db8:200::/49; ");
    fib_hears_gone(w, alien);
    w->told[0] = '\0';
    alien = fib_route_by(fib_half(w, 1), w, 0);
    alien.route.protocol = BOOT;
    alien.route.type = KERNEL_LOCAL;
    fib_hears(w, alien);
    check(w, "that is the router's own", "");
}

static void of_stale(struct fib_world *w)
{
    fib_withdraws(w, fib_prefix(w, 1), 1);
    check(w, "withdrawn", "+stale %1; ");
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 1));
    check(w, "gone", "-stale %1; ");
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
    fib_learns(w, 0, fib_prefix(w, 1), fib_gateway(w, 1), 0);
    fib_learns(w, 0, fib_prefix(w, 1), fib_gateway(w, 5), 0);
    fib_wait(w, 100);
    fib_withdraws(w, fib_prefix(w, 1), 5);
    check(w, "moved, then withdrawn", "+stale %1; ");
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 1));
    check(w, "gone", "-stale %1; ");
    fib_learns(w, 1, fib_prefix(w, 1), fib_prefix(w, 250).address, 0);
    fib_hears(w, fib_route_by(fib_prefix(w, 1), w, 1));
    fib_learns(w, 0, fib_prefix(w, 1), fib_gateway(w, 1), 0);
    fib_withdraws(w, fib_prefix(w, 1), 1);
    check(w, "withdrawn, and another router has a path that is out of reach", "+stale %1; ");
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 1));
    check(w, "gone", "-stale %1; ");
    fib_withdraws(w, fib_prefix(w, 2), 1);
    fib_wait(w, 100);
    fib_hears(w, fib_route_by(fib_prefix(w, 2), w, 100));
    check(w, "another path, which iBGP hides", "");
    fib_hears(w, fib_route_by(fib_prefix(w, 3), w, 100));
    fib_withdraws(w, fib_prefix(w, 3), 1);
    check(w, "the same, the kernel first", "");
    fib_hears(w, fib_route_by(fib_prefix(w, 4), w, 1));
    check(w, "a path that we were never told of", "");
}

static void of_link_down(struct fib_world *w)
{
    fib_hears(w, fib_link_is(ETH1, true, false));
    check(w, "no carrier", "+link_down eth1; ");
    assert_true(strstr(w->text, "no carrier"));
    fib_hears(w, fib_link_is(ETH1, true, true));
    check(w, "up again", "-link_down eth1; ");
    fib_hears(w, fib_link_is(ETH1, false, false));
    check(w, "shut", "+link_down eth1; ");
    fib_hears(w, fib_link_is(ETH2, false, false));
    check(w, "one that no route uses", "");
}

static void of_neighbour(struct fib_world *w)
{
    fib_hears(w, fib_neighbour_is(w, 1, 1, 4));
    check(w, "aging", "");
    fib_hears(w, fib_neighbour_is(w, 1, 9, KERNEL_NEIGHBOUR_PERMANENT));
    fib_wait(w, 600);
    check(w, "fixed by hand", "+neighbour %g1 eth1; ");
    assert_string_equal(w->text,
                        "is fixed by hand at 02:00:00:00:00:09; it was at 02:00:00:00:00:01");
    fib_hears(w, fib_neighbour_is(w, 1, 1, 2));
    check(w, "right again", "-neighbour %g1 eth1; ");
    fib_hears(w, fib_neighbour_is(w, 1, 0, KERNEL_NEIGHBOUR_FAILED));
    fib_wait(w, 600);
    check(w, "no answer", "+neighbour %g1 eth1; ");
    fib_hears(w, fib_neighbour_is(w, 1, 1, 2));
    check(w, "answers", "-neighbour %g1 eth1; ");
    fib_hears(w, fib_neighbour_is(w, 1, 8, 2));
    fib_wait(w, 600);
    check(w, "another box", "+neighbour %g1 eth1; ");
    fib_wait(w, 61000);
    fib_hears(w, fib_neighbour_is(w, 1, 8, 4));
    fib_hears(w, fib_neighbour_is(w, 1, 8, 2 | KERNEL_NEIGHBOUR_NOARP));
    fib_hears(w, fib_neighbour_is(w, 1, 8, 2));
    check(w, "that stays", "-neighbour %g1 eth1; ");
    fib_hears(w, fib_neighbour_is(w, 50, 0, KERNEL_NEIGHBOUR_FAILED));
    fib_wait(w, 600);
    check(w, "one that no path leads to", "");
}

static struct kernel_message side_route(const struct fib_world *w, struct prefix prefix)
{
    struct kernel_message m = fib_route_by(prefix, w, 100);
    m.route.table = 99;
    m.route.protocol = BOOT;
    return m;
}

static void of_rule(struct fib_world *w)
{
    fib_hears(w, fib_policy(w, 100, 99));
    check(w, "an empty table", "");
    fib_hears(w, side_route(w, fib_half(w, 1)));
    check(w, "takes a part", "+rule rule 100 %f; ");
    fib_hears_gone(w, side_route(w, fib_half(w, 1)));
    check(w, "no more", "-rule rule 100 %f; ");
    fib_hears(w, side_route(w, (struct prefix){.address = {.family = w->family}}));
    check(w, "takes everything", "+rule rule 100 %f; ");
    fib_hears_gone(w, fib_policy(w, 100, 99));
    check(w, "the rule is gone", "-rule rule 100 %f; ");
    fib_hears(w, fib_policy(w, 32767, 99));
    check(w, "behind the main table", "");
    struct kernel_message rule = fib_policy(w, 101, 99);
    rule.rule.by_mark = true;
    fib_hears(w, rule);
    check(w, "for marked packets", "");
    rule = fib_policy(w, 102, 99);
    rule.rule.destination = fib_prefix(w, 200);
    fib_hears(w, rule);
    check(w, "for what BGP does not know", "");
    rule = fib_policy(w, 103, 99);
    rule.rule.destination = fib_prefix(w, 2);
    fib_hears(w, rule);
    check(w, "for prefix 2", "+rule rule 103 %f; ");
    fib_hears_gone(w, rule);
    rule = fib_policy(w, 104, 99);
    snprintf(rule.rule.in_link, sizeof rule.rule.in_link, "eth2");
    fib_hears(w, rule);
    check(w, "for what comes in by eth2", "-rule rule 103 %f; +rule rule 104 %f; ");
    fib_hears_gone(w, rule);
    w->told[0] = '\0';
    rule = fib_policy(w, 105, 0);
    rule.rule.action = KERNEL_RULE_PROHIBIT;
    fib_hears(w, rule);
    check(w, "prohibits everything", "-rule rule 104 %f; +rule rule 105 %f; ");
    fib_hears_gone(w, rule);
    rule = fib_policy(w, 106, 0);
    rule.rule.action = KERNEL_RULE_GOTO;
    rule.rule.target = 32767;
    fib_hears(w, rule);
    check(w, "jumps over the main table",
          "-rule rule 105 %f; +rule rule 32767 %f; +rule rule 0 %f; ");
    fib_hears_gone(w, rule);
    fib_hears_gone(w, fib_policy(w, 32766, KERNEL_TABLE_MAIN));
    check(w, "no rule for the main table", "");
}

static void of_rule_that_goes_the_same_way(struct fib_world *w)
{
    struct kernel_message side = side_route(w, fib_prefix(w, 1));
    side.route.hops[0] = fib_route_by(fib_prefix(w, 1), w, 1).route.hops[0];
    fib_hears(w, fib_policy(w, 100, 99));
    fib_hears(w, side);
    check(w, "the same way", "");
    side = side_route(w, fib_prefix(w, 2));
    side.route.type = KERNEL_THROW;
    fib_hears(w, side);
    check(w, "no answer there", "");
    struct kernel_message rule = fib_policy(w, 90, KERNEL_TABLE_MAIN);
    rule.rule.spares_short = true;
    fib_hears(w, rule);
    check(w, "the main table without its default route", "");
}

#define TEST(name)                                                                                 \
    static void finds_##name(void **state)                                                         \
    {                                                                                              \
        (void)state;                                                                               \
        in_both_families(of_##name);                                                               \
    }
TEST(missing)
TEST(one_next_hop)
TEST(next_hop)
TEST(link_local)
TEST(discard)
TEST(nexthop_gone)
TEST(nexthop_gone_with_its_routes)
TEST(nexthop_changed)
TEST(alien)
TEST(more_specific)
TEST(more_specific_of_what)
TEST(stale)
TEST(link_down)
TEST(neighbour)
TEST(rule)
TEST(rule_that_goes_the_same_way)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_missing),
        cmocka_unit_test(finds_one_next_hop),
        cmocka_unit_test(finds_next_hop),
        cmocka_unit_test(finds_link_local),
        cmocka_unit_test(finds_discard),
        cmocka_unit_test(finds_nexthop_gone),
        cmocka_unit_test(finds_nexthop_gone_with_its_routes),
        cmocka_unit_test(finds_nexthop_changed),
        cmocka_unit_test(finds_alien),
        cmocka_unit_test(finds_more_specific),
        cmocka_unit_test(finds_more_specific_of_what),
        cmocka_unit_test(finds_stale),
        cmocka_unit_test(finds_link_down),
        cmocka_unit_test(finds_neighbour),
        cmocka_unit_test(finds_rule),
        cmocka_unit_test(finds_rule_that_goes_the_same_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
