// SPDX-License-Identifier: ISC
// Who has too few probes to prove a drain is told before, with what would do.
#include "engine/proof.h"

#include "base/check.h"
#include "engine/small_net.h"

enum { LINE = 7 };

// Targets at the rate that they have when none is said, the first `count` of small_net()'s or more.
static struct net net_of(uint32_t count, bool ours)
{
    struct net net = small_net();
    char name[16], v4[32], v6[64];
    net.target_count = 0;
    for (uint32_t t = 0; t < count; t++) {
        snprintf(name, sizeof name, "t%u", t);
        snprintf(v4, sizeof v4, "203.0.113.%u", t + 1);
        snprintf(v6, sizeof v6, "2001:db8:f::%x", t + 1);
        small_target(&net, name, v4, v6);
        net.targets[t].ours = ours;
        net.targets[t].rate_mpps = net_target_usual_mpps(&net, t);
    }
    return net;
}

static const struct net_errors *checked(const struct net *net)
{
    static struct net_errors errors;
    net_errors_init(&errors, "f");
    proof_check(net, LINE, &errors);
    return &errors;
}

static const struct {
    const char *name;
    uint32_t targets;
    bool ours;
    uint32_t warnings;
} rows[] = {
    {"one of ours", 1, true, 2},          {"two of ours", 2, true, 0},
    {"one of others", 1, false, 2},       {"twelve of others", 12, false, 2},
    {"thirteen of others", 13, false, 0}, {"none", 0, true, 2},
};

static void warns_of_too_few(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net = net_of(rows[i].targets, rows[i].ours);
        const struct net_errors *errors = checked(&net);
        CHECK_ROW(rows[i].name, errors->count == rows[i].warnings && errors->fatal == 0);
        for (uint32_t n = 0; n < errors->count; n++)
            CHECK_ROW(rows[i].name, errors->items[n].severity == NET_WARNING &&
                                        errors->items[n].line == LINE &&
                                        strlen(errors->items[n].text) < NET_ERROR_MAX - 1);
    }
}

static void says_what_would_do(void **state)
{
    (void)state;
    struct net net = net_of(1, true);
    assert_string_equal(
        checked(&net)->items[1].text,
        "targets: as-routed ipv6: to leave any upstream for a drain or at most 6 % of loss takes "
        "at least 302 clean answers in 14.65 s (steer.verify_max_ms less settling), but targets "
        "inside "
        "steer.prefixes are asked 20 a second, 293 in all: it is undone as not proven: add targets "
        "there or raise rate_pps, to 21 a second, or write steer.verify_max_ms: 57000");
    net.steer.verify_max_ns = 57000 * (int64_t)NS_PER_MS;  // as told
    assert_int_equal(checked(&net)->count, 0);
    net = net_of(1, true);
    net.targets[0].rate_mpps = 20 * 1000 + 613;
    assert_int_equal(checked(&net)->count, 2);
    net.targets[0].rate_mpps = 20 * 1000 + 615;  // 302 in 14.65 s
    assert_int_equal(checked(&net)->count, 0);
    net = net_of(1, false);  // 671 s are more than may be written
    assert_null(strstr(checked(&net)->items[0].text, "write"));
    assert_non_null(strstr(checked(&net)->items[0].text, "to 21 a second"));
    net = net_of(2, true);
    net.steer.verify_max_ns = 300 * (int64_t)NS_PER_MS;  // all of it is settling
    assert_null(strstr(checked(&net)->items[0].text, "rate_pps"));
    assert_non_null(strstr(checked(&net)->items[0].text, "0 in all"));
    assert_non_null(strstr(checked(&net)->items[0].text, "write steer.verify_max_ms: 29000"));
}

static void counts_who_judges(void **state)
{
    (void)state;
    struct net net = net_of(2, true);
    net.targets[1].address[FAMILY_IPV6] = (struct address){0};
    assert_int_equal(checked(&net)->count, 1);
    assert_non_null(strstr(checked(&net)->items[0].text, "as-routed ipv6"));

    net = net_of(2, true);  // outside what is moved: it judges none of it
    net.targets[1].address[FAMILY_IPV4] = small_address("198.51.100.1");
    assert_int_equal(checked(&net)->count, 1);
    assert_non_null(strstr(checked(&net)->items[0].text, "as-routed ipv4"));
    net.targets[0].address[FAMILY_IPV4] = small_address("198.51.100.2");  // pinned, all judge
    assert_int_equal(checked(&net)->count, 0);
    net.targets[0].address[FAMILY_IPV4] = (struct address){0};  // asked in the other family only
    assert_int_equal(checked(&net)->count, 1);
    net.targets[0].address[FAMILY_IPV4] = small_address("203.0.113.1");
    net.upstreams[0].exit[FAMILY_IPV4] = small_address("192.0.2.1");  // of an exit too
    assert_int_equal(checked(&net)->count, 0);
}

static void is_silent_where_nothing_moves(void **state)
{
    (void)state;
    struct net net = net_of(1, true);
    net.mode = NET_OBSERVE;
    assert_int_equal(checked(&net)->count, 0);
    net.mode = NET_CONFIRM;
    assert_int_equal(checked(&net)->count, 2);
    net.lever_modes[NET_LEVER_EXIT] = NET_OBSERVE + 1;  // an exit that is not used judges nothing
    net.upstreams[0].exit[FAMILY_IPV6] = small_address("2001:db8::1");
    assert_non_null(strstr(checked(&net)->items[1].text, "targets inside steer.prefixes"));
    net = net_of(1, true);
    net.steer.prefixes.count = 1;  // IPv4 alone
    assert_int_equal(checked(&net)->count, 1);
    net.upstream_count = 1;
    assert_int_equal(checked(&net)->count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warns_of_too_few),
        cmocka_unit_test(says_what_would_do),
        cmocka_unit_test(counts_who_judges),
        cmocka_unit_test(is_silent_where_nothing_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
