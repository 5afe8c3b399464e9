// SPDX-License-Identifier: ISC
// How much of a path's traffic moves, and where to, by what upstreams carry and can carry. The site
// of site_check.h, with ten prefixes of 10 Mbit/s more that leave by A, and one of 30.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

#include <stdio.h>

enum { A = SITE_A, B, C, D, MBIT = 1000 * 1000, LIGHT = 10, PREFIXES = LIGHT + 2 };

static void tell_use(struct site *s, const int64_t *mbps)
{
    for (uint32_t u = 0; u < SITE_WAYS; u++)
        if (mbps[u] >= 0)
            site_feed(s, (struct event){.kind = EVENT_USE,
                                        .use = {.upstream = u, .out_bps = mbps[u] * MBIT}});
}

static struct prefix light(uint32_t n)
{
    char text[32];
    snprintf(text, sizeof text, "203.0.113.%u/24", 0);
    struct prefix prefix = small_prefix(text);
    prefix.address.bytes[2] = (uint8_t)(120 + n);
    return prefix;
}

static void tell_demand(struct site *s, const char *heavy)
{
    for (uint32_t n = 0; n < LIGHT; n++)
        site_feed(s, (struct event){.kind = EVENT_DEMAND,
                                    .demand = {.prefix = light(n), .bps = 10 * MBIT}});
    site_feed(s, (struct event){.kind = EVENT_DEMAND,
                                .demand = {.prefix = small_prefix(heavy), .bps = 30 * MBIT}});
    site_feed(s, (struct event){.kind = EVENT_DEMAND,
                                .demand = {.prefix = small_prefix("203.0.112.0/24"), .bps = 0}});
}

static const struct row {
    const char *name;
    uint32_t capacity[SITE_WAYS];  // Mbit/s; 0: unknown
    int64_t use[SITE_WAYS];        // Mbit/s; -1: unknown
    bool demand;                   // told for each prefix
    uint32_t moved[SITE_WAYS];     // prefixes by way
    const char *says;              // of the first plan
    const char *country[SITE_WAYS];
} rows[] = {
    // clang-format off
    {"all of it finds room on one", {1000, 1000, 1000, 1000}, {130, 0, 0, 0}, true,
     {0, PREFIXES, 0, 0}, "limits: 12 of", {0}},
    {"the second one is too small: the heaviest that fit",
     {1000, 100, 1, 1}, {130, 20, 1, 1}, true, {0, 5, 0, 0}, "; 7 stay, 70 Mbit/s: no room", {0}},
    {"over three of them", {1000, 50, 50, 100}, {130, 0, 0, 0}, true, {0, 3, 4, 5}, "limits", {0}},
    {"capacities unknown", {1000, 0, 0, 0}, {130, 0, 0, 0}, true, {0},
     "unknown is not moved (S10)", {0}},
    {"use unknown", {1000, 1000, 1000, 1000}, {130, -1, -1, -1}, true, {0},
     "unknown is not moved", {0}},
    {"only one of them is known", {1000, 0, 0, 1000}, {130, 0, 0, 0}, true, {0, 0, 0, PREFIXES},
     "limits", {0}},
    {"no room anywhere", {1000, 100, 100, 100}, {130, 80, 90, 100}, true, {0},
     "no room for anything", {0}},
    {"nobody tells of the prefixes: an even part of what A carries, default and all",
     {1000, 100, 1, 1}, {130, 20, 1, 1}, false, {0, 6, 0, 0}, "; 6 stay, 60 Mbit/s", {0}},
    {"nobody tells of them, nor of A", {1000, 100, 100, 100}, {-1, 20, 1, 1}, false, {0},
     "unknown", {0}},
    {"the same country first", {1000, 1000, 1000, 1000}, {130, 0, 0, 0}, true,
     {0, 0, 0, PREFIXES}, "limits", {"de", "fr", "at", "de"}},
    // clang-format on
};

static struct site *open_row(const struct row *row)
{
    struct site *s = site_open(1);
    s->net.steer.capacity = NET_CAPACITY_PROVE;
    s->net.steer.budget.moved_per_minute_percent = 100;
    for (uint32_t u = 0; u < SITE_WAYS; u++) {
        s->net.upstreams[u].capacity_mbps = row->capacity[u];
        strcpy(s->net.upstreams[u].country, row->country[u] ? row->country[u] : "");
        for (uint32_t n = 0; n < LIGHT; n++)
            site_feed(s,
                      (struct event){.kind = EVENT_ROUTE, .route = {u, u, light(n), true, u == A}});
    }
    tell_use(s, row->use);
    if (row->demand)
        tell_demand(s, "203.0.113.0/24");
    return s;
}

static void count_moved(const struct site *s, uint32_t *moved)
{
    for (uint32_t i = 0; i < s->engine->moves.count; i++)
        moved[s->engine->moves.items[i].to]++;
}

static void moves_what_finds_room(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const struct row *row = &rows[r];
        struct site *s = open_row(row);
        uint32_t moved[SITE_WAYS] = {0};
        s->loss_percent[A] = 40;
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, 1500);
        count_moved(s, moved);
        for (uint32_t u = 0; u < SITE_WAYS; u++)
            if (moved[u] != row->moved[u])
                fail_msg("%s: %u, not %u, to %u: %s", row->name, moved[u], row->moved[u], u,
                         s->said_count ? s->said[0].reason : "");
        if (s->said_count == 0 || !strstr(s->said[0].reason, row->says))
            fail_msg("%s: said: %s", row->name, s->said_count ? s->said[0].reason : "");
        site_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_what_finds_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
