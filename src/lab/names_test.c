// SPDX-License-Identifier: ISC
#include "lab/names.h"

#include "base/check.h"

#include <math.h>
#include <string.h>

static struct net net_of_two(void)
{
    struct net net = {.upstream_count = 2, .router_count = 1, .target_count = 1};
    strcpy(net.upstreams[0].name, "transit-a");
    strcpy(net.upstreams[1].name, "transit-b");
    strcpy(net.routers[0].name, "edge1");
    strcpy(net.targets[0].name, "far-1");
    return net;
}

static struct guard_effect told(int heard_ms, uint32_t number, enum fault_state state,
                                struct fault_part part)
{
    return (struct guard_effect){
        heard_ms * (int64_t)NS_PER_MS,
        {.kind = EFFECT_FAULT,
         .fault = {.number = number, .state = state, .part = part, .words = "these words"}}};
}

static struct tree *tree_of(const char *names)
{
    static struct net_errors errors;
    struct tree *tree = tree_parse(names, strlen(names), &errors);
    assert_non_null(tree);
    return tree;
}

static struct names_result judge(const struct guard_effect *effects, size_t count,
                                 const char *names, const struct names_window *window)
{
    static struct guard guard;
    guard = (struct guard){
        .net = net_of_two(), .effect_count = count, .effects = (struct guard_effect *)effects};
    struct tree *tree = tree_of(names);
    struct scenario_expect expect = {.names = tree_find(tree_root(tree), "names")};
    struct names_result result = names_judge(&guard, &expect, window);
    tree_free(tree);
    return result;
}

static const struct names_window outage = {
    1000 * (int64_t)NS_PER_MS,
    {1000 * (int64_t)NS_PER_MS, 1000 * (int64_t)NS_PER_MS, 1010 * (int64_t)NS_PER_MS}};

static const struct names_window ipv4_outage = {
    1000 * (int64_t)NS_PER_MS, {1000 * (int64_t)NS_PER_MS, 1000 * (int64_t)NS_PER_MS}};

// One fault, named 500 ms after the first faulty packet: whether it is this part and no other.
static void parts(void **state)
{
    (void)state;
    struct fault_part bucket = fault_part_any();
    bucket.family = FAMILY_IPV4;
    bucket.upstream = 0;
    bucket.bucket = 3;
    bucket.bucket_count = 8;
    bucket.direction = FAULT_FORWARD;
    assert_true(address_parse("10.0.33.1", &bucket.hop));
    const struct {
        const char *name, *names;
        bool right;
    } rows[] = {
        {"all that is said",
         "names: [{family: ipv4, upstream: transit-a, hop: 10.0.33.1, bucket: 3, bucket_count: 8, "
         "direction: forward}]",
         true},
        {"bucket_count may be left out",
         "names: [{family: ipv4, upstream: transit-a, hop: 10.0.33.1, bucket: 3, direction: "
         "forward}]",
         true},
        {"said, whatever it is",
         "names: [{family: ipv4, upstream: said, hop: said, bucket: said, direction: said}]", true},
        {"any",
         "names: [{family: any, upstream: any, hop: any, bucket: any, direction: any, "
         "router: any, link: any}]",
         true},
        {"one of a list",
         "names: [{family: ipv4, upstream: any, hop: any, bucket: [2, 3], direction: [-, "
         "forward]}]",
         true},
        {"none of a list",
         "names: [{family: ipv4, upstream: any, hop: any, bucket: [2, 4], direction: any}]", false},
        {"another family",
         "names: [{family: ipv6, upstream: any, hop: any, bucket: any, direction: any}]", false},
        {"another upstream",
         "names: [{family: ipv4, upstream: transit-b, hop: any, bucket: any, direction: any}]",
         false},
        {"a hop that nobody expected",
         "names: [{family: ipv4, upstream: transit-a, bucket: 3, direction: forward}]", false},
        {"a router that nobody named",
         "names: [{family: ipv4, router: edge1, upstream: any, hop: any, bucket: any, direction: "
         "any}]",
         false},
        {"something must be said",
         "names: [{family: any, link: said, upstream: any, hop: any, bucket: any, direction: any}]",
         false},
        {"must not be said",
         "names: [{family: -, upstream: any, hop: any, bucket: any, direction: any}]", false},
        {"the second of two",
         "names: [{member: ca2}, {family: any, upstream: any, hop: any, bucket: any, direction: "
         "any}]",
         true},
    };
    struct guard_effect effect = told(1500, 1, FAULT_NAMED, bucket);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct names_result result = judge(&effect, 1, rows[i].names, &ipv4_outage);
        CHECK_ROW(rows[i].name, result.wrong_names == !rows[i].right);
        CHECK_ROW(rows[i].name, rows[i].right || strcmp(result.wrong_words, "these words") == 0);
        if (!strstr(rows[i].names, "ca2"))  // else not all were named
            CHECK_ROW(rows[i].name, rows[i].right ? result.name_ms == 500 : isnan(result.name_ms));
        else
            CHECK_ROW(rows[i].name, isnan(result.name_ms));
    }
}

// What is said when, and what of it counts. Of each effect: when, of which fault, its state, and
// the part: transit a or b of both families, or a in the family 4 or 6.
struct line {
    int heard_ms;
    uint32_t number;
    enum fault_state state;
    char part;
};

static const char one[] = "names: [{upstream: transit-a}]";
static const char either[] = "names: [{family: any, upstream: transit-a}]";
static const char two[] = "names: [{family: ipv4, upstream: transit-a}, "
                          "{family: ipv6, upstream: transit-a}]";

static const struct {
    const char *name, *names;
    struct line lines[2];
    size_t count;
    double name_ms, told_ms, told_ipv6_ms;  // -1: never
    uint32_t wrong;
} stories_rows[] = {
    {"nothing said", one, {{0}}, 0, -1, -1, -1, 0},
    {"suspected only", one, {{1200, 1, FAULT_SUSPECTED, 'a'}}, 1, -1, 200, 190, 0},
    {"a wrong suspicion is no name",
     one,
     {{1200, 1, FAULT_SUSPECTED, 'b'}, {1300, 1, FAULT_NAMED, 'a'}},
     2,
     300,
     200,
     190,
     0},
    {"a wrong name stays wrong",
     one,
     {{1200, 1, FAULT_NAMED, 'b'}, {1300, 1, FAULT_NAMED, 'a'}},
     2,
     300,
     200,
     190,
     1},
    {"the same wrong name twice is one",
     one,
     {{1200, 1, FAULT_NAMED, 'b'}, {1300, 1, FAULT_NAMED, 'b'}},
     2,
     -1,
     200,
     190,
     1},
    {"two wrong names are two",
     one,
     {{1200, 1, FAULT_NAMED, 'b'}, {1300, 2, FAULT_NAMED, 'b'}},
     2,
     -1,
     200,
     190,
     2},
    {"named before it began",
     one,
     {{900, 1, FAULT_NAMED, 'a'}, {1300, 2, FAULT_NAMED, 'a'}},
     2,
     300,
     300,
     290,
     1},
    {"over is no name", one, {{1200, 1, FAULT_OVER, 'b'}}, 1, -1, -1, -1, 0},
    {"each family, the later counts",
     two,
     {{1200, 1, FAULT_NAMED, '4'}, {1800, 2, FAULT_NAMED, '6'}},
     2,
     790,
     200,
     790,
     0},
    {"one family is not both", two, {{1200, 1, FAULT_NAMED, '4'}}, 1, -1, 200, -1, 0},
    {"whichever family, and each of them",
     either,
     {{1200, 1, FAULT_NAMED, '4'}, {1800, 2, FAULT_NAMED, '6'}},
     2,
     790,
     200,
     790,
     0},
    {"one fault of both", either, {{1200, 1, FAULT_NAMED, 'a'}}, 1, 200, 200, 190, 0},
    {"one that has grown into both",
     either,
     {{1200, 1, FAULT_NAMED, '6'}, {1900, 1, FAULT_NAMED, 'a'}},
     2,
     900,
     200,
     190,
     0},
    {"whichever family, but one is missing",
     either,
     {{1200, 1, FAULT_NAMED, '6'}},
     1,
     -1,
     200,
     190,
     0},
    {"both together is neither", two, {{1200, 1, FAULT_NAMED, 'a'}}, 1, -1, 200, 190, 1},
};

static struct guard_effect effect_of(const struct line *line)
{
    struct fault_part part = fault_part_any();
    part.upstream = line->part == 'b';
    part.family = line->part == '4' ? FAMILY_IPV4 : line->part == '6' ? FAMILY_IPV6 : FAMILY_NONE;
    return told(line->heard_ms, line->number, line->state, part);
}

static void stories(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stories_rows / sizeof stories_rows[0]; i++) {
        struct guard_effect effects[2];
        for (size_t n = 0; n < stories_rows[i].count; n++)
            effects[n] = effect_of(&stories_rows[i].lines[n]);
        struct names_result result =
            judge(effects, stories_rows[i].count, stories_rows[i].names, &outage);
        const double found[] = {result.name_ms, result.told_ms[FAMILY_NONE],
                                result.told_ms[FAMILY_IPV6]};
        const double wanted[] = {stories_rows[i].name_ms, stories_rows[i].told_ms,
                                 stories_rows[i].told_ipv6_ms};
        for (size_t n = 0; n < 3; n++)
            CHECK_ROW(stories_rows[i].name,
                      wanted[n] < 0 ? isnan(found[n]) : found[n] == wanted[n]);
        CHECK_ROW(stories_rows[i].name, result.wrong_names == stories_rows[i].wrong);
    }
}

// Without an outage what may be named may be named at any time, and need not be.
static void soaks(void **state)
{
    (void)state;
    struct fault_part target = fault_part_any(), upstream = fault_part_any();
    target.target = 0;
    upstream.upstream = 0;
    struct guard_effect effects[] = {told(10, 1, FAULT_NAMED, target),
                                     told(20, 2, FAULT_NAMED, upstream)};
    const struct names_window none = {0};
    assert_int_equal(judge(effects, 0, "names: [{target: far-1}]", &none).wrong_names, 0);
    assert_int_equal(judge(effects, 1, "names: [{target: far-1}]", &none).wrong_names, 0);
    assert_int_equal(judge(effects, 2, "names: [{target: far-1}]", &none).wrong_names, 1);
    assert_int_equal(judge(effects, 2, "other: 1", &none).wrong_names, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parts), cmocka_unit_test(stories),
                                       cmocka_unit_test(soaks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
