// SPDX-License-Identifier: ISC
#include "lab/said.h"

#include "base/check.h"

#include <math.h>
#include <string.h>

static struct guard_effect outage(int heard_ms, const char *title, const char *cause)
{
    struct guard_effect seen = {heard_ms * (int64_t)NS_PER_MS,
                                {.kind = EFFECT_OUTAGE, .outage = {.number = 1}}};
    strcpy(seen.effect.outage.title, title);
    strcpy(seen.effect.outage.cause, cause);
    return seen;
}

// At 1000 ms a fault begins, at 3000 ms the first packet is lost.
static double ms_of(struct scenario_said said)
{
    struct guard_effect effects[] = {
        outage(900, "crash on ca1, ca2", "change by luke"),
        outage(1500, "crash on ca1", ""),
        outage(2500, "crash on ca1, ca2", "change by luke on ca1, ca2"),
        outage(4000, "loss on transit-b ipv6", "change by luke on ca1, ca2"),
    };
    static struct guard guard;
    guard = (struct guard){.effect_count = 4, .effects = effects};
    const struct said_times times = {{1000 * (int64_t)NS_PER_MS}, 3000 * (int64_t)NS_PER_MS};
    return said_ms(&guard, &said, &times);
}

static void says_when(void **state)
{
    (void)state;
    const struct {
        const char *name;
        struct scenario_said said;
        double ms;
    } rows[] = {
        {"one word", {.effect = "outage", .words = {"crash"}, .word_count = 1}, 500},
        {"all of them", {.effect = "outage", .words = {"ca2", "luke"}, .word_count = 2}, 1500},
        {"never", {.effect = "outage", .words = {"ca2", "anna"}, .word_count = 2}, NAN},
        {"not by this effect", {.effect = "page", .words = {"crash"}, .word_count = 1}, NAN},
        {"not an effect's name", {.effect = "out", .words = {"crash"}, .word_count = 1}, NAN},
        {"after the loss",
         {.effect = "outage", .words = {"luke"}, .word_count = 1, .after = SCENARIO_FIRST_LOSS},
         1000},
        {"after a fault that never began",
         {.effect = "outage", .words = {"luke"}, .word_count = 1, .after = 1},
         NAN},
        {"too late: packets are lost",
         {.effect = "outage", .words = {"loss on"}, .word_count = 1, .before_loss = true},
         NAN},
        {"before the loss",
         {.effect = "outage", .words = {"luke"}, .word_count = 1, .before_loss = true},
         1500},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double ms = ms_of(rows[i].said);
        CHECK_ROW(rows[i].name, isnan(rows[i].ms) ? isnan(ms) : ms == rows[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_when)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
