// SPDX-License-Identifier: ISC
#include "count/agent.h"

#include "base/check.h"

enum { READINGS_MAX = 5, NONE = -1 };

// Readings, and after each the rate out, or NONE.
static const struct {
    const char *name;
    struct {
        int64_t ms;  // by our clock
        struct count_agent_reading reading;
        int64_t out_bps;
    } told[READINGS_MAX];
} rows[] = {
    // clang-format off
    {"two seconds", {{1000, {100, 0, 7, 1000, 0}, NONE}, {3000, {300, 0, 7, 3000, 0}, 8000}}},
    {"by the agent's clock, not by when answers came",
     {{1000, {100, 0, 7, 1000, 0}, NONE}, {3900, {300, 0, 7, 3000, 0}, 8000}}},
    {"an agent that keeps what it read",
     {{1000, {100, 0, 7, 1000, 0}, NONE}, {6000, {600, 0, 7, 1000, 0}, NONE},
      {11000, {1100, 0, 7, 11000, 0}, 8000}}},
    {"nothing passes",
     {{1000, {100, 0, 7, 1000, 0}, NONE}, {11000, {1100, 0, 7, 1000, 0}, NONE},
      {20990, {2099, 0, 7, 1000, 0}, NONE}, {21000, {2100, 0, 7, 1000, 0}, 0},
      {23000, {2300, 0, 7, 1000, 0}, NONE}}},
    {"a restart",
     {{1000, {90000, 0, 7, 1000, 0}, NONE}, {3000, {150, 0, 7, 2000, 0}, NONE},
      {5000, {350, 0, 7, 4000, 0}, 8000}}},
    {"a restart long ago, and counters that are higher again",
     {{1000, {100, 0, 7, 1000, 0}, NONE}, {50000, {300, 0, 7, 3000, 0}, NONE},
      {52000, {500, 0, 7, 5000, 0}, 8000}}},
    {"an uptime that comes round",
     {{1000, {4294967200, 0, 7, 1000, 0}, NONE}, {3000, {104, 0, 7, 3000, 0}, NONE},
      {5000, {304, 0, 7, 5000, 0}, 8000}}},
    {"another index by now",
     {{1000, {100, 0, 7, 1000, 0}, NONE}, {3000, {300, 0, 8, 3000, 0}, NONE},
      {5000, {500, 0, 8, 5000, 0}, 8000}}},
    {"a discontinuity",
     {{1000, {100, 0, 7, 1000, 0}, NONE}, {3000, {300, 250, 7, 3000, 0}, NONE},
      {5000, {500, 250, 7, 5000, 0}, 8000}}},
    {"a counter that went back",
     {{1000, {100, 0, 7, 1000, 0}, NONE}, {3000, {300, 0, 7, 500, 0}, NONE},
      {5000, {500, 0, 7, 2500, 0}, 8000}}},
    {"silent for more than a minute",
     {{1000, {100, 0, 7, 1000, 0}, NONE}, {62000, {6200, 0, 7, 3000, 0}, NONE},
      {64000, {6400, 0, 7, 5000, 0}, 8000}}},
    // clang-format on
};

static void says_what_passed_or_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct count_agent agent = {0};
        for (size_t n = 0; n < READINGS_MAX && rows[i].told[n].ms > 0; n++) {
            struct count_use use = {0};
            struct mono now = {rows[i].told[n].ms * NS_PER_MS};
            bool taken = count_agent_take(&agent, now, &rows[i].told[n].reading, &use);
            CHECK_ROW(rows[i].name, taken == (rows[i].told[n].out_bps != NONE));
            CHECK_ROW(rows[i].name, !taken || use.out_bps == rows[i].told[n].out_bps);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_passed_or_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
