// SPDX-License-Identifier: ISC
#include "lab/report.h"

#include "lab/daemons.h"
#include "lab/range.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static const char *const end_names[REHEARSAL_ENDS] = {
    [REHEARSAL_DONE] = "done",
    [REHEARSAL_NEVER_READY] = "Fairlead never said that it was ready",
    [REHEARSAL_LATE] = "traffic was not back, or an incident still open, when time was up",
    [REHEARSAL_GUARD_ENDED] = "Fairlead ended by itself",
};

// Each is told that is not as expected: too many moved, and what they lost, or too few.
static void judge_moved(struct report *report, const struct scenario_expect *expect,
                        const struct rehearsal_run *run, uint32_t number)
{
    uint32_t moved = 0, away = 0, least = expect->moved_min == UINT32_MAX ? 0 : expect->moved_min;
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
        const struct measure *m = &run->families[f].traffic;
        moved += m->moved;
        away += m->away;
        if (m->moved_lost > expect->moved_lost_packets)
            text_add(&report->failures, "run %u: %s: %u packets lost on another way, expected %u\n",
                     number, family_name(f), m->moved_lost, expect->moved_lost_packets);
    }
    if (moved < least)
        text_add(&report->failures, "run %u: %u destinations moved, expected at least %u\n", number,
                 moved, least);
    if (away > expect->away)
        text_add(&report->failures, "run %u: %u destinations not back at the end, expected %u\n",
                 number, away, expect->away);
    if (moved > expect->moved_max)
        text_add(&report->failures, "run %u: %u destinations moved, expected at most %u\n", number,
                 moved, expect->moved_max);
}

static void judge_run(struct report *report, const struct scenario_expect *expect,
                      const struct rehearsal_run *run, uint32_t number)
{
    if (run->end != REHEARSAL_DONE)
        text_add(&report->failures, "run %u: %s\n", number, end_names[run->end]);
    if (run->end != REHEARSAL_DONE && run->last_error[0])
        text_add(&report->failures, "run %u: its last error: %s\n", number, run->last_error);
    if (run->exit_status != 0 && run->end != REHEARSAL_GUARD_ENDED)
        text_add(&report->failures, "run %u: Fairlead ended with status %d\n", number,
                 run->exit_status);
    if (run->own_drops || run->unsent)
        text_add(&report->failures, "run %u: the lab itself lost %" PRIu64 " packets\n", number,
                 run->own_drops + run->unsent);
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
        const struct measure *m = &run->families[f].traffic;
        if (m->lost > expect->lost_packets)
            text_add(&report->failures, "run %u: %s: %u packets lost, expected %u\n", number,
                     family_name(f), m->lost, expect->lost_packets);
        if (m->changes > expect->changes)
            text_add(&report->failures, "run %u: %s: %u changes of way, expected %u\n", number,
                     family_name(f), m->changes, expect->changes);
    }
    judge_moved(report, expect, run, number);
    if (expect->wrong_names != UINT32_MAX && run->wrong_names > 0)
        text_add(&report->failures, "run %u: a wrong part was named: %s\n", number,
                 run->wrong_words);
    for (uint32_t i = 0; i < expect->said_count; i++)
        if (!(run->said_ms[i] < expect->said[i].within_ms))
            text_add(&report->failures, "run %u: not said in %u ms: '%s'\n", number,
                     expect->said[i].within_ms, expect->said[i].words[0]);
    if (run->unread[0])
        text_add(&report->failures, "run %u: not an effect: %.200s\n", number, run->unread);
}

// A median of fewer runs says little: with three, a limit that holds nine times in ten is missed in
// every thirtieth try. Each run alone must then stay under the limits of the 95th percentile.
enum { MEDIAN_RUNS_MIN = 10 };

struct column {
    const char *name;
    size_t range, expect_p50, expect_p95;  // offsets; 0: nothing is expected
};

static const struct column columns[] = {
    {"detect", offsetof(struct report_family, detect_ms),
     offsetof(struct scenario_expect, detect_p50_ms) + 1,
     offsetof(struct scenario_expect, detect_p95_ms) + 1},
    {"restore", offsetof(struct report_family, restore_ms),
     offsetof(struct scenario_expect, restore_p50_ms) + 1,
     offsetof(struct scenario_expect, restore_p95_ms) + 1},
};

static uint32_t expected(const struct scenario_expect *expect, size_t offset_and_one)
{
    return *(const uint32_t *)((const char *)expect + offset_and_one - 1);
}

// "Under": a limit that is just met is not met. A NAN is not under anything.
static void judge_number(struct report *report, const char *what, double value, uint32_t limit)
{
    if (limit == UINT32_MAX || value < limit)
        return;
    if (isinf(value))
        text_add(&report->failures, "%s: it did not happen\n", what);
    else
        text_add(&report->failures, "%s: %.0f ms, expected under %u ms\n", what, value, limit);
}

static void judge_family(struct report *report, const struct scenario *scenario, enum family family)
{
    const struct report_family *f = &report->families[family];
    const struct scenario_expect *expect = &scenario->expect;
    for (size_t i = 0; scenario_outage(scenario) && i < sizeof columns / sizeof columns[0]; i++) {
        const struct report_range *range =
            (const struct report_range *)((const char *)f + columns[i].range);
        char what[64];
        snprintf(what, sizeof what, "%s: %s p50", family_name(family), columns[i].name);
        if (report->runs >= MEDIAN_RUNS_MIN)
            judge_number(report, what, range->p50, expected(expect, columns[i].expect_p50));
        snprintf(what, sizeof what, "%s: %s p95", family_name(family), columns[i].name);
        judge_number(report, what, range->p95, expected(expect, columns[i].expect_p95));
    }
    if (f->return_lost_packets > expect->return_lost_packets)
        text_add(&report->failures, "%s: %u packets lost on the way back, expected %u\n",
                 family_name(family), f->return_lost_packets, expect->return_lost_packets);
}

static struct report_range range_of_values(double *values, size_t size)
{
    return (struct report_range){range_percentile(values, size, 50),
                                 range_percentile(values, size, 95),
                                 range_percentile(values, size, 100)};
}

// The values of both families, or of one.
static struct report_range range_of(const struct rehearsal_run *runs, uint32_t count,
                                    enum family family,
                                    double (*value)(const struct rehearsal_family *))
{
    double values[2 * RANGE_VALUES_MAX];
    size_t size = 0;
    for (uint32_t i = 0; i < count && i < RANGE_VALUES_MAX; i++)
        for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
            if (family == FAMILY_NONE || family == f)
                values[size++] = value(&runs[i].families[f]);
    return range_of_values(values, size);
}

static double or_never(double value)
{
    return isnan(value) ? INFINITY : value;
}

static double suspect_of(const struct rehearsal_family *f)
{
    return or_never(f->suspect_ms);
}

static double detect_of(const struct rehearsal_family *f)
{
    return or_never(f->detect_ms);
}

static double new_way_of(const struct rehearsal_family *f)
{
    return or_never(f->new_way_ms);
}

static double restore_of(const struct rehearsal_family *f)
{
    return or_never(f->restore_ms);
}

static double lost_of(const struct rehearsal_family *f)
{
    return f->traffic.outage_lost;
}

static struct report_family family_of(const struct rehearsal_run *runs, uint32_t count,
                                      enum family family)
{
    struct report_family f = {
        .suspect_ms = range_of(runs, count, family, suspect_of),
        .detect_ms = range_of(runs, count, family, detect_of),
        .new_way_ms = range_of(runs, count, family, new_way_of),
        .restore_ms = range_of(runs, count, family, restore_of),
        .lost_packets = range_of(runs, count, family, lost_of),
    };
    for (uint32_t i = 0; i < count; i++)
        for (enum family one = FAMILY_IPV4; one <= FAMILY_IPV6; one++)
            if (family == FAMILY_NONE || family == one)
                f.return_lost_packets += runs[i].families[one].traffic.return_lost;
    return f;
}

void report_add_peers(struct report *report, const struct scenario *scenario)
{
    bool used[SCENARIO_DAEMONS] = {false};
    for (uint32_t i = 0; i < scenario->node_count; i++)
        used[scenario->nodes[i].daemon] = true;
    for (enum scenario_daemon d = SCENARIO_BIRD; d < SCENARIO_DAEMONS; d++)
        if (used[d] && daemons_version(d, &report->peers))
            text_add(&report->peers, "\n");
}

static void judge_count(struct report *report, const char *what, uint32_t count, uint32_t limit)
{
    if (count > limit)
        text_add(&report->failures, "%u %s, expected %u\n", count, what, limit);
}

static struct report_range names_of(const struct rehearsal_run *runs, uint32_t count)
{
    double values[RANGE_VALUES_MAX];
    size_t size = 0;
    for (; size < count && size < RANGE_VALUES_MAX; size++)
        values[size] = or_never(runs[size].name_ms);
    return range_of_values(values, size);
}

static struct report_range said_of(const struct rehearsal_run *runs, uint32_t count, uint32_t said)
{
    double values[RANGE_VALUES_MAX];
    size_t size = 0;
    for (; size < count && size < RANGE_VALUES_MAX; size++)
        values[size] = or_never(runs[size].said_ms[said]);
    return range_of_values(values, size);
}

struct report report_of(const struct scenario *scenario, const struct rehearsal_run *runs,
                        uint32_t run_count)
{
    struct report report = {.runs = run_count, .name_ms = names_of(runs, run_count)};
    for (enum family f = FAMILY_NONE; f < FAMILIES; f++)
        report.families[f] = family_of(runs, run_count, f);
    for (uint32_t i = 0; i < scenario->expect.said_count; i++)
        report.said_ms[i] = said_of(runs, run_count, i);
    for (uint32_t i = 0; i < run_count; i++) {
        report.false_actions += runs[i].false_actions;
        report.acts += runs[i].acts;
        report.wrong_names += runs[i].wrong_names;
        judge_run(&report, &scenario->expect, &runs[i], i + 1);
    }
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        judge_family(&report, scenario, f);
    const struct scenario_expect *expect = &scenario->expect;
    judge_number(&report, "name p95", report.name_ms.p95, expect->name_p95_ms);
    judge_count(&report, "actions that were wrong", report.false_actions, expect->false_actions);
    judge_count(&report, "actions", report.acts, expect->acts);
    judge_count(&report, "parts that were named wrongly", report.wrong_names, expect->wrong_names);
    report.pass = run_count > 0 && report.failures.size == 0 && text_ok(&report.failures);
    return report;
}

void report_done(struct report *report)
{
    text_done(&report->failures);
    text_done(&report->peers);
}
