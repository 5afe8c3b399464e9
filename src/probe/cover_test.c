// SPDX-License-Identifier: ISC
#include "probe/cover.h"

#include "base/check.h"
#include "base/random.h"

#include <string.h>

// "0 3,1 3,2": the buckets of flow 0, 1, and so on.
struct row {
    const char *name, *flows;
    uint32_t want;
    const char *chosen;
    uint32_t missed;
};

static const struct row rows[] = {
    {"nothing known: the first", "- - - -", 3, "0 1 2", 0},
    {"fewer than wanted", "0 1", 5, "0 1", 0},
    {"every bucket once", "0 0 0 1 2", 3, "0 3 4", 0},
    {"then evenly", "0 0 0 1 1 2", 5, "0 3 5 1 4", 0},
    {"the richest first", "0 1 0,1,2", 2, "2 0", 0},
    {"first of equals: sentinels stay", "1 0 0 1", 2, "0 1", 0},
    {"too few", "0 1 2 3", 2, "0 1", 2},
    {"none wanted", "0 1", 0, "", 2},
    {"the last bucket", "511 0", 2, "0 1", 0},
    {"two forks: 3 flows for 3 and 2", "0,3 1,3 2,3 2,4", 4, "0 3 1 2", 0},
};

static uint32_t parse(const char *text, struct cover_flow *flows)
{
    uint32_t count = 0;
    for (const char *at = text; *at; at += *at == ' ') {
        struct cover_flow *flow = &flows[count++];
        *flow = (struct cover_flow){0};
        for (; *at && *at != ' '; at += *at == ',') {
            unsigned bucket;
            int used = 1;
            if (sscanf(at, "%u%n", &bucket, &used) == 1)
                cover_add(flow, bucket);
            at += used;
        }
    }
    return count;
}

static void chooses(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct cover_flow flows[16];
        uint32_t chosen[16], missed = 99, count = parse(rows[r].flows, flows);
        uint32_t n = cover_choose(flows, count, rows[r].want, chosen, &missed);
        char text[64] = "";
        for (uint32_t i = 0, at = 0; i < n; i++)
            at += (uint32_t)snprintf(text + at, sizeof text - at, i ? " %u" : "%u", chosen[i]);
        CHECK_ROW(rows[r].name, strcmp(text, rows[r].chosen) == 0);
        CHECK_ROW(rows[r].name, missed == rows[r].missed);
    }
}

// Random flows through two forks: all covered, by few more than the wider one has.
static void covers_two_forks(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        static struct cover_flow flows[512];
        struct random random = {seed};
        uint32_t a = 2 + (uint32_t)(random_u64(&random) % 31);
        uint32_t b = 2 + (uint32_t)(random_u64(&random) % 31);
        for (int f = 0; f < 512; f++) {
            flows[f] = (struct cover_flow){0};
            cover_add(&flows[f], (uint32_t)(random_u64(&random) % a));
            cover_add(&flows[f], a + (uint32_t)(random_u64(&random) % b));
        }
        uint32_t chosen[512], missed, wider = a > b ? a : b;
        assert_int_equal(cover_choose(flows, 512, wider + 4, chosen, &missed), wider + 4);
        assert_int_equal(missed, 0);
        for (uint32_t i = 0; i < wider + 4; i++)
            for (uint32_t j = 0; j < i; j++)
                assert_int_not_equal(chosen[i], chosen[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses),
        cmocka_unit_test(covers_two_forks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
