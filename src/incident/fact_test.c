// SPDX-License-Identifier: ISC
// What is one fact, where it is, and how often its like happens.
#include "incident/fact.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum { DAY = 86400 };

static struct net small(void)
{
    struct net net = {.router_count = 2, .upstream_count = 3, .group_count = 2};
    strcpy(net.routers[0].name, "edge1");
    strcpy(net.routers[1].name, "edge2");
    for (uint32_t u = 0; u < 3; u++) {
        snprintf(net.upstreams[u].name, NET_NAME_MAX, "transit-%c", 'a' + u);
        net.upstreams[u].router = u == 2;
    }
    net.groups[0] = (struct net_group){.name = "ca", .member_count = 2};
    strcpy(net.groups[0].members[0].name, "ca1");
    strcpy(net.groups[0].members[1].name, "ca2");
    net.groups[0].members[0].upstreams = 7;  // all cross it
    net.groups[0].members[1].upstreams = 2;
    net.groups[1] = (struct net_group){.name = "duct", .kind = NET_SHARED_RISK, .member_count = 2};
    strcpy(net.groups[1].members[0].name, "fibre1");
    strcpy(net.groups[1].members[1].name, "fibre2");
    net.groups[1].members[0].upstreams = 1;
    net.groups[1].members[1].upstreams = 4;
    net.syslog.device_count = 3;
    strcpy(net.syslog.devices[0].name, "ca1");
    strcpy(net.syslog.devices[1].name, "transit-a");  // somebody's idea of a name
    strcpy(net.syslog.devices[2].name, "edge1");
    return net;
}

static void check_says(const struct net *net, struct nodes nodes, const char *expected)
{
    char text[256];
    struct words words = WORDS_IN(text);
    nodes_say(net, &nodes, &words);
    assert_string_equal(text, expected);
}

static void names_join_and_reach(void **state)
{
    static const struct {
        const char *name;
        uint32_t nodes;
        const char *closure;
    } rows[] = {
        {"edge1", 2, "edge1, transit-a, transit-b"},
        {"ca1", 2, "transit-a, transit-b, transit-c, ca1"},
        {"ca2", 1, "transit-b, ca2"},
        {"fibre1", 1, "transit-a, transit-c, fibre1"},  // what shares a risk fails as one
        {"transit-a", 1, "transit-a"},                  // the device
        {"nobody", 0, ""},
    };
    struct net net = small();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct nodes nodes = nodes_named(&net, rows[i].name);
        CHECK_ROW(rows[i].name, nodes_count(&nodes) == rows[i].nodes);
        CHECK_ROW(rows[i].name, !nodes_have(&nodes, NODES_UPSTREAM));
        check_says(&net, nodes_closure(&net, &nodes), rows[i].closure);
    }
    struct nodes all = nodes_all(&net), a = nodes_of_upstream(0), b = nodes_of_upstream(1);
    assert_int_equal(nodes_count(&all), 2 + 3 + 4 + 3);
    check_says(&net, nodes_above(&net, &a), "edge1, transit-a, fibre1");  // not ca1: all cross it
    check_says(&net, nodes_above(&net, &b), "edge1, transit-b, ca2");
}

struct bed {
    struct net net;
    struct facts facts;
};

static struct bed *bed_open(void)
{
    struct bed *bed = calloc(1, sizeof *bed);
    assert_non_null(bed);
    bed->net = small();
    facts_init(&bed->facts, &bed->net, (struct mono){0});
    return bed;
}

static uint32_t tell(struct bed *bed, enum fact_kind kind, double s, const char *device,
                     const char *who, const char *subject)
{
    struct fact fact = {.kind = kind, .at = {(int64_t)(s * 1e9)}, .standing = true};
    strcpy(fact.device, device);
    strcpy(fact.who, who);
    strcpy(fact.subject, subject);
    return facts_take(&bed->facts, &fact);
}

static void what_comes_together_is_one(void **state)
{
    static const struct {
        const char *name;
        struct {
            enum fact_kind kind;
            double s;
            const char *device, *who, *subject;
        } told[2];
        bool one;
    } rows[] = {
        {"28 sessions", {{FACT_BFD, 0, "ca1", "", "x"}, {FACT_BFD, 0.2, "ca1", "", "y"}}, true},
        {"much later", {{FACT_BFD, 0, "ca1", "", "x"}, {FACT_BFD, 11, "ca1", "", "y"}}, false},
        {"two devices", {{FACT_BFD, 0, "ca1", "", "x"}, {FACT_BFD, 0, "ca2", "", "x"}}, false},
        {"two kinds", {{FACT_BFD, 0, "ca1", "", "x"}, {FACT_BGP, 0, "ca1", "", "x"}}, false},
        {"one person",
         {{FACT_CHANGE, 0, "ca1", "jo", ""}, {FACT_CHANGE, 59, "ca2", "jo", ""}},
         true},
        {"two persons",
         {{FACT_CHANGE, 0, "ca1", "jo", ""}, {FACT_CHANGE, 1, "ca1", "al", ""}},
         false},
        {"next day",
         {{FACT_CHANGE, 0, "ca1", "jo", ""}, {FACT_CHANGE, 61, "ca2", "jo", ""}},
         false},
        {"one id", {{FACT_CHANGE, 0, "ca1", "jo", "1"}, {FACT_CHANGE, 1, "ca2", "al", "1"}}, true},
        {"two ids",
         {{FACT_CHANGE, 0, "ca1", "jo", "1"}, {FACT_CHANGE, 1, "ca1", "jo", "2"}},
         false},
        {"pipeline and device",
         {{FACT_CHANGE, 5, "ca1", "jo", "1"}, {FACT_CHANGE, 0, "ca1", "root", ""}},
         true},
        {"elsewhere",
         {{FACT_CHANGE, 5, "ca1", "jo", "1"}, {FACT_CHANGE, 0, "ca2", "root", ""}},
         false},
        {"nobody said who",
         {{FACT_CHANGE, 0, "ca1", "", ""}, {FACT_CHANGE, 1, "ca1", "", ""}},
         true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bed *bed = bed_open();
        uint32_t ids[2];
        for (int n = 0; n < 2; n++)
            ids[n] = tell(bed, rows[i].told[n].kind, 100 + rows[i].told[n].s,
                          rows[i].told[n].device, rows[i].told[n].who, rows[i].told[n].subject);
        CHECK_ROW(rows[i].name, (ids[0] == ids[1]) == rows[i].one);
        CHECK_ROW(rows[i].name, facts_get(&bed->facts, ids[0])->count == 1u + rows[i].one);
        free(bed);
    }
}

// By the kernel and by systemd, in two lines of one moment; and then it crashes again.
static void a_crash_told_twice_is_one(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    uint32_t id = tell(bed, FACT_CRASH, 100, "ca1", "", "l2ald");
    assert_int_equal(tell(bed, FACT_CRASH, 100.2, "ca1", "", "l2ald"), id);
    assert_int_equal(facts_get(&bed->facts, id)->count, 1);
    tell(bed, FACT_CRASH, 100.3, "ca1", "", "rpd");
    assert_int_equal(facts_get(&bed->facts, id)->count, 2);
    tell(bed, FACT_CRASH, 104, "ca1", "", "rpd");
    assert_int_equal(facts_get(&bed->facts, id)->count, 3);
    free(bed);
}

static void learns_how_often(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    uint32_t first = tell(bed, FACT_CRASH, 30 * DAY, "ca1", "", "");
    assert_true(facts_get(&bed->facts, first)->unseen);
    for (int day = 31; day < 41; day++)
        tell(bed, FACT_CRASH, day * DAY, "ca1", "", "");
    const struct fact *again =
        facts_get(&bed->facts, tell(bed, FACT_CRASH, 41 * DAY, "ca1", "", ""));
    assert_false(again->unseen);
    assert_true(again->rate_hz > 8.0 / 60 / DAY && again->rate_hz < 12.0 / 60 / DAY);
    const struct fact *other =
        facts_get(&bed->facts, tell(bed, FACT_CRASH, 41 * DAY, "ca2", "", ""));
    assert_true(other->unseen && other->rate_hz < again->rate_hz / 10);
    const struct fact *late =
        facts_get(&bed->facts, tell(bed, FACT_CRASH, 161 * DAY, "ca1", "", ""));
    assert_true(late->rate_hz < again->rate_hz / 5);  // forgotten
    // A change on two devices has been made on both.
    for (int day = 200; day < 220; day++) {
        tell(bed, FACT_CHANGE, day * DAY, "ca1", "jo", "");
        tell(bed, FACT_CHANGE, day * DAY + 1, "ca2", "jo", "");
    }
    const struct fact *busy =
        facts_get(&bed->facts, tell(bed, FACT_CHANGE, 220 * DAY, "ca2", "jo", ""));
    const struct fact *calm =
        facts_get(&bed->facts, tell(bed, FACT_CHANGE, 221 * DAY, "x", "al", ""));
    assert_true(busy->rate_hz > 2 * calm->rate_hz);
    assert_true(calm->rate_hz > 0.05 / DAY);  // but believed to be as others are
    free(bed);
}

static const struct fact *burst(struct bed *bed, double s, int sessions, double apart_s)
{
    char peer[16];
    uint32_t id = 0;
    for (int n = 0; n < sessions; n++) {
        snprintf(peer, sizeof peer, "peer-%d", n);
        id = tell(bed, FACT_BFD, s + n * apart_s, "ca1", "", peer);
        if (n < 5)
            facts_over(&bed->facts, FACT_BFD, "ca1", peer);
    }
    return facts_get(&bed->facts, id);
}

static void many_sessions_are_news_where_few_fell(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    for (int day = 1; day < 30; day++)  // a timer that is too short
        assert_int_equal(burst(bed, day * DAY, 1, 0)->unseen, day == 1);
    const struct fact *few = burst(bed, 30 * DAY, FACT_BURST - 1, 0.1);
    assert_false(few->unseen);
    double usual_hz = few->rate_hz;
    assert_true(usual_hz > 0.3 / DAY);
    const struct fact *many = burst(bed, 30 * DAY + 60, 28, 0.3);
    assert_int_equal(many->count, 28);
    assert_true(many->unseen && many->standing && many->rate_hz < usual_hz / 20);
    assert_string_equal(many->subject, "peer-5");  // those before are up again
    const struct fact *again = burst(bed, 31 * DAY, 28, 0);
    assert_false(again->unseen);
    assert_true(again->rate_hz > many->rate_hz);
    free(bed);
}

static void ends_what_stood(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    uint32_t id = tell(bed, FACT_ALARM, 100, "ca1", "", "fan");
    facts_over(&bed->facts, FACT_ALARM, "ca1", "power");
    facts_over(&bed->facts, FACT_ALARM, "ca2", "fan");
    facts_over(&bed->facts, FACT_BGP, "ca1", "fan");
    assert_true(facts_get(&bed->facts, id)->standing);
    facts_over(&bed->facts, FACT_ALARM, "ca1", "fan");
    assert_false(facts_get(&bed->facts, id)->standing);
    free(bed);
}

static void forgets_the_oldest(void **state)
{
    struct bed *bed = bed_open();
    (void)state;
    assert_null(facts_get(&bed->facts, 0));
    for (uint32_t n = 0; n < FACTS_MAX + 5; n++)
        tell(bed, FACT_CRASH, 100 + 100.0 * n, "ca1", "", "");
    assert_int_equal(facts_first(&bed->facts), 6);
    assert_null(facts_get(&bed->facts, 5));
    assert_int_equal(facts_get(&bed->facts, 6)->id, 6);
    assert_null(facts_get(&bed->facts, FACTS_MAX + 6));
    free(bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_join_and_reach),
        cmocka_unit_test(what_comes_together_is_one),
        cmocka_unit_test(a_crash_told_twice_is_one),
        cmocka_unit_test(learns_how_often),
        cmocka_unit_test(ends_what_stood),
        cmocka_unit_test(forgets_the_oldest),
        cmocka_unit_test(many_sessions_are_news_where_few_fell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
