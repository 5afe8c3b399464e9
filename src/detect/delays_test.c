// SPDX-License-Identifier: ISC
#include "detect/delays.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)
#define S INT64_C(1000000000)

enum { TARGETS = 3, FLOWS = 2, TOLD_MAX = 16 };

// Paths 0 to 3: transit-a IPv4, IPv6, transit-b IPv4, IPv6; 4 and 5: as routed.
static void make_net(struct net *net, uint32_t upstreams)
{
    *net = (struct net){.upstream_count = upstreams, .target_count = TARGETS};
    net->detect = (struct net_detect){.false_suspicions_mpd = 12000, .false_acts_mpy = 100};
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        for (uint32_t u = 0; u < upstreams; u++)
            net->upstreams[u].next_hop[f].family = f;
        for (uint32_t t = 0; t < TARGETS; t++)
            net->targets[t].address[f].family = f;
    }
    for (uint32_t u = 0; u < upstreams; u++) {
        snprintf(net->upstreams[u].name, NET_NAME_MAX, "transit-%c", 'a' + (int)u);
        net->upstreams[u].router = u;
    }
    for (uint32_t t = 0; t < TARGETS; t++) {
        snprintf(net->targets[t].name, NET_NAME_MAX, "far-%u", t + 1);
        net->targets[t].flows = FLOWS;
    }
}

struct bed {
    struct net net;
    struct delays *delays;
    struct random random;
    int64_t now_ns;
    uint32_t targets;               // that are probed,
    uint32_t every_100ms[TARGETS];  // each flow; 0: every time
    uint32_t told_count;
    struct fault told[TOLD_MAX];
};

// What is later: from when until when, by how much. A set of targets for each path.
struct world {
    uint32_t targets[8];
    double add_ms, queue_ms;
    int64_t from_ns, until_ns;
};

static void bed_init(struct bed *bed, uint32_t upstreams)
{
    *bed = (struct bed){.random = {1}, .now_ns = 1000 * S, .targets = TARGETS};
    make_net(&bed->net, upstreams);
    static struct cusum_book book;  // solved once
    bed->delays = delays_new(&bed->net, &book, NULL);
    assert_non_null(bed->delays);
}

static void one_sample(struct bed *bed, const struct world *w, uint32_t path, uint32_t i)
{
    struct sample sample = {
        .path = path, .target = i / FLOWS, .flow = i % FLOWS, .verdict = SAMPLE_OK};
    double ms = 10 - 0.3 * log1p(-random_unit(&bed->random));
    bool later = bed->now_ns >= w->from_ns && bed->now_ns < w->until_ns &&
                 w->targets[path] >> sample.target & 1;
    if (later)
        ms += w->add_ms - w->queue_ms * log1p(-random_unit(&bed->random));
    sample.rtt_ns = (int64_t)(ms * 1e6);
    sample.sent_at.ns = bed->now_ns;
    sample.known_at = mono_add_ns(sample.sent_at, sample.rtt_ns);
    delays_sample(bed->delays, &sample);
}

static bool is_due(const struct bed *bed, uint32_t i)
{
    uint32_t every = bed->every_100ms[i / FLOWS];
    return every == 0 || (bed->now_ns / (100 * MS) + i) % every == 0;
}

static void run(struct bed *bed, const struct world *w, int64_t until_ns)
{
    for (; bed->now_ns < until_ns; bed->now_ns += 100 * MS) {
        for (uint32_t path = 0; path < net_path_count(&bed->net); path++)
            for (uint32_t i = 0; i < bed->targets * FLOWS; i++)
                if (is_due(bed, i))
                    one_sample(bed, w, path, i);
        while (delays_tick(bed->delays, (struct mono){bed->now_ns},
                           &bed->told[bed->told_count % TOLD_MAX]))
            bed->told_count++;
    }
}

struct expected {
    enum family family;
    uint32_t upstream, target;
};

#define ANY NET_NOBODY

static const struct {
    const char *name;
    uint32_t upstreams;
    uint32_t targets[8];  // that are later: a set for each path
    bool queue;
    const char *words[2];      // how they begin; NULL: nothing is said
    struct expected expected;  // the first
} rows[] = {
    {"a path", 2, {7}, false, {"IPv4 via transit-a: packets take"}, {FAMILY_IPV4, 0, ANY}},
    {"an upstream",
     2,
     {[2] = 7, [3] = 7},
     false,
     {"everything via transit-b: packets take"},
     {FAMILY_NONE, 1, ANY}},
    {"two targets", 2, {[3] = 3}, false, {"IPv6 via transit-b: packets "}, {FAMILY_IPV6, 1, ANY}},
    {"a target", 2, {2, 0, 2}, false, {"IPv4 to far-2: packets take"}, {FAMILY_IPV4, ANY, 1}},
    {"a target, IPv6", 2, {0, 4, 0, 4}, false, {"IPv6 to far-3: "}, {FAMILY_IPV6, ANY, 2}},
    {"one path to one", 2, {0, 1}, false, {"IPv6 via transit-a to far-1: "}, {FAMILY_IPV6, 0, 0}},
    {"everything", 2, {7, 7, 7, 7}, false, {"everything: packets take"}, {FAMILY_NONE, ANY, ANY}},
    {"a family", 2, {0, 7, 0, 7}, false, {"IPv6: packets take"}, {FAMILY_IPV6, ANY, ANY}},
    {"the only path", 1, {7}, false, {"IPv4 via transit-a: packets "}, {FAMILY_IPV4, 0, ANY}},
    {"a path, and a target elsewhere",
     3,
     {7, 0, 2, 0, 2, 0},
     false,
     {"IPv4 via transit-a: packets take", "IPv4 to far-2: packets take"},
     {FAMILY_IPV4, 0, ANY}},
    {"a queue", 2, {[2] = 7}, true, {"IPv4 via transit-b: packets take"}, {FAMILY_IPV4, 1, ANY}},
    {"as routed: our own doing", 2, {[4] = 7, [5] = 7}, false, {NULL}, {FAMILY_NONE, 0, 0}},
    {"nothing", 2, {0}, false, {NULL}, {FAMILY_NONE, 0, 0}},
};

static bool begins_with(const char *text, const char *head)
{
    return strncmp(text, head, strlen(head)) == 0;
}

static void names_what_is_later(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct bed bed;
        bed_init(&bed, rows[i].upstreams);
        struct world w = {.add_ms = rows[i].queue ? 0 : 20, .queue_ms = rows[i].queue ? 20 : 0};
        memcpy(w.targets, rows[i].targets, sizeof w.targets);
        w.from_ns = bed.now_ns + 60 * S;
        w.until_ns = w.from_ns + 60 * S;
        run(&bed, &w, w.until_ns);
        uint32_t expected = (rows[i].words[0] != NULL) + (rows[i].words[1] != NULL);
        CHECK_ROW(rows[i].name, bed.told_count == expected);
        for (uint32_t n = 0; n < expected; n++) {
            const struct fault *f = &bed.told[n];
            CHECK_ROW(rows[i].name, begins_with(f->words, rows[i].words[n]));
            CHECK_ROW(rows[i].name, f->number == DELAYS_NUMBER_FIRST + n);
            CHECK_ROW(rows[i].name, f->symptom == FAULT_DELAY);
            CHECK_ROW(rows[i].name,
                      f->state ==
                          (begins_with(f->words, "everything: ") ? FAULT_SUSPECTED : FAULT_NAMED));
            CHECK_ROW(rows[i].name, mono_since_ns(f->at, (struct mono){w.from_ns}) < 6 * S);
            CHECK_ROW(rows[i].name, mono_since_ns(f->at, (struct mono){w.from_ns}) >= 3 * S / 2);
            CHECK_ROW(rows[i].name, llabs(f->began_at.ns - w.from_ns) < S);
            CHECK_ROW(rows[i].name,
                      f->evidence.delay_ns > 15 * MS && f->evidence.delay_ns < 90 * MS);
            CHECK_ROW(rows[i].name, f->evidence.flows_lossy > 0 && f->evidence.asked_millinats > 0);
            CHECK_ROW(rows[i].name,
                      strstr(f->words, rows[i].queue ? ": a queue;" : ": another way;"));
        }
        if (expected > 0) {
            const struct fault_part *part = &bed.told[0].part;
            const struct expected *is = &rows[i].expected;
            CHECK_ROW(rows[i].name, part->family == is->family);
            CHECK_ROW(rows[i].name, part->upstream == is->upstream && part->target == is->target);
            CHECK_ROW(rows[i].name, part->router == is->upstream);  // of the same number here
            CHECK_ROW(rows[i].name, part->bucket == FAULT_ANY && part->hop.family == FAMILY_NONE);
        }
        run(&bed, &w, w.until_ns + 30 * S);
        CHECK_ROW(rows[i].name, bed.told_count == 2 * expected);
        for (uint32_t n = expected; n < bed.told_count; n++)
            CHECK_ROW(rows[i].name, bed.told[n].state == FAULT_OVER &&
                                        bed.told[n].number == bed.told[n - expected].number);
        delays_free(bed.delays);
    }
}

// Where only one target is probed it speaks for the path.
static void believes_an_only_target(void **state)
{
    (void)state;
    static struct bed bed;
    bed_init(&bed, 2);
    struct world w = {{[2] = 1}, 20, 0, bed.now_ns + 60 * S, INT64_MAX};
    bed.targets = 1;
    run(&bed, &w, w.from_ns + 10 * S);
    assert_int_equal(bed.told_count, 1);
    assert_true(begins_with(bed.told[0].words, "IPv4 via transit-b: packets take"));
    delays_free(bed.delays);
}

// Others are probed so rarely that they hardly tell anything, or are not known yet when it begins.
static const struct {
    const char *name;
    uint32_t targets[8];
    uint32_t every_100ms[TARGETS - 1], known_s, told_s;
    const char *words;
} rare_rows[] = {
    {"an upstream", {7, 7}, {10, 10}, 60, 3, "everything via transit-a: "},
    {"an upstream, at start", {7, 7}, {2, 2}, 4, 3, "everything via transit-a: "},
    {"an upstream, others hardly known", {7, 7}, {4, 4}, 14, 3, "everything via transit-a: "},
    {"a path, others very rare", {[2] = 7}, {40, 40}, 240, 5, "IPv4 via transit-b: "},
    {"a path, one very rare", {[2] = 7}, {1, 20}, 120, 3, "IPv4 via transit-b: "},
    {"a path, others next to never", {[2] = 7}, {100, 100}, 400, 5, "IPv4 via transit-b: "},
    {"a path to one, others rare", {[2] = 1}, {20, 20}, 120, 4, "IPv4 via transit-b to far-1: "},
    {"a path to one", {[2] = 1}, {10, 10}, 60, 3, "IPv4 via transit-b to far-1: "},
    {"a target", {[1] = 1, [3] = 1}, {10, 10}, 60, 3, "IPv6 to far-1: "},
    {"a target, at start", {[1] = 1, [3] = 1}, {100, 100}, 10, 3, "IPv6 to far-1: "},
};

static void knows_who_can_tell(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rare_rows / sizeof rare_rows[0]; i++) {
        static struct bed bed;
        bed_init(&bed, 2);
        for (uint32_t t = 1; t < TARGETS; t++)
            bed.every_100ms[t] = rare_rows[i].every_100ms[t - 1];
        struct world w = {.add_ms = 20, .from_ns = bed.now_ns + rare_rows[i].known_s * S};
        memcpy(w.targets, rare_rows[i].targets, sizeof w.targets);
        w.until_ns = w.from_ns + 30 * S;
        run(&bed, &w, w.until_ns + 60 * S);
        CHECK_ROW(rare_rows[i].name, bed.told_count == 2);
        CHECK_ROW(rare_rows[i].name, begins_with(bed.told[0].words, rare_rows[i].words));
        CHECK_ROW(rare_rows[i].name, bed.told[1].state == FAULT_OVER);
        CHECK_ROW(rare_rows[i].name, mono_since_ns(bed.told[0].at, (struct mono){w.from_ns}) <
                                         rare_rows[i].told_s * S);
        delays_free(bed.delays);
    }
}

static void says_that_it_is_otherwise(void **state)
{
    (void)state;
    static struct bed bed;
    bed_init(&bed, 2);
    struct world w = {{7}, 20, 0, bed.now_ns + 60 * S, INT64_MAX};
    run(&bed, &w, w.from_ns + 10 * S);
    assert_int_equal(bed.told_count, 1);
    w.queue_ms = 40;
    run(&bed, &w, w.from_ns + 40 * S);
    assert_int_equal(bed.told_count, 2);
    assert_int_equal(bed.told[1].number, bed.told[0].number);
    assert_int_equal(bed.told[1].state, FAULT_NAMED);
    assert_non_null(strstr(bed.told[1].words, ": a queue;"));
    delays_free(bed.delays);
}

// Of an upstream IPv4 is later first, then both, then IPv6: one fault, told three times, then over.
static void goes_on_as_more_or_less(void **state)
{
    (void)state;
    static struct bed bed;
    bed_init(&bed, 2);
    int64_t from_ns = bed.now_ns + 60 * S;
    run(&bed, &(struct world){{0}, 20, 0, 0, 0}, from_ns);
    run(&bed, &(struct world){{7}, 20, 0, 0, INT64_MAX}, from_ns + 20 * S);
    run(&bed, &(struct world){{7, 7}, 20, 0, 0, INT64_MAX}, from_ns + 40 * S);
    run(&bed, &(struct world){{0, 7}, 20, 0, 0, INT64_MAX}, from_ns + 70 * S);
    run(&bed, &(struct world){{0}, 20, 0, 0, 0}, from_ns + 100 * S);
    static const char *const words[] = {"IPv4 via transit-a: ", "everything via transit-a: ",
                                        "IPv6 via transit-a: ", "IPv6 via transit-a: "};
    assert_int_equal(bed.told_count, 4);
    for (uint32_t n = 0; n < 4; n++) {
        assert_true(begins_with(bed.told[n].words, words[n]));
        assert_int_equal(bed.told[n].number, bed.told[0].number);
        assert_int_equal(bed.told[n].state, n < 3 ? FAULT_NAMED : FAULT_OVER);
    }
    delays_free(bed.delays);
}

// A queue in our own host, which its loop shows, is nobody's; once that runs in time, it is.
static void blames_nobody_while_our_host_is_late(void **state)
{
    (void)state;
    struct bed bed;
    bed_init(&bed, 2);
    struct world w = {.targets = {7}, .add_ms = 5, .from_ns = 1060 * S, .until_ns = INT64_MAX};
    run(&bed, &w, 1060 * S);
    for (int64_t second = 1061; second <= 1070; second++) {
        delays_late(bed.delays, 8 * MS, (struct mono){bed.now_ns});
        run(&bed, &w, second * S - 500 * MS);
        delays_late(bed.delays, 3 * MS, (struct mono){bed.now_ns});
        run(&bed, &w, second * S);
    }
    assert_int_equal(bed.told_count, 0);
    run(&bed, &w, 1080 * S);
    assert_int_equal(bed.told_count, 1);
    assert_memory_equal(bed.told[0].words, "IPv4 via transit-a: ", 20);
    delays_free(bed.delays);
}

static void refuses_what_has_no_rule(void **state)
{
    (void)state;
    struct net net;
    make_net(&net, 16);
    delays_free(NULL);
    net.target_count = 0;
    static struct cusum_book book;
    struct delays *delays = delays_new(&net, &book, NULL);  // nothing to measure is no error
    struct fault fault;
    assert_non_null(delays);
    assert_false(delays_tick(delays, (struct mono){1}, &fault));
    delays_free(delays);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_is_later),
        cmocka_unit_test(believes_an_only_target),
        cmocka_unit_test(knows_who_can_tell),
        cmocka_unit_test(says_that_it_is_otherwise),
        cmocka_unit_test(goes_on_as_more_or_less),
        cmocka_unit_test(blames_nobody_while_our_host_is_late),
        cmocka_unit_test(refuses_what_has_no_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
