// SPDX-License-Identifier: ISC
#include "lab/report.h"

#include <math.h>
#include <string.h>

// JSON has no infinity: null says that it did not happen.
static json_t *number_json(double value)
{
    return isfinite(value) ? json_real(round(value * 10) / 10) : json_null();
}

static json_t *range_json(struct report_range range)
{
    return json_pack("{s:o, s:o, s:o}", "p50", number_json(range.p50), "p95",
                     number_json(range.p95), "max", number_json(range.max));
}

static json_t *lines_json(const struct text *text)
{
    json_t *lines = json_array();
    for (const char *line = text_get(text); *line;) {
        size_t size = strcspn(line, "\n");
        json_array_append_new(lines, json_stringn(line, size));
        line += size + (line[size] == '\n');
    }
    return lines;
}

static json_t *family_json(const struct report_family *f)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:i}", "suspect_ms", range_json(f->suspect_ms),
                     "detect_ms", range_json(f->detect_ms), "new_way_ms", range_json(f->new_way_ms),
                     "restore_ms", range_json(f->restore_ms), "lost_packets",
                     range_json(f->lost_packets), "return_lost_packets",
                     (int)f->return_lost_packets);
}

static json_t *said_json(const struct report *report, const struct scenario *scenario)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < scenario->expect.said_count; i++) {
        const struct scenario_said *said = &scenario->expect.said[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:i, s:o}", "effect", said->effect, "words",
                                        said->words[0], "within_ms", (int)said->within_ms,
                                        "said_ms", range_json(report->said_ms[i])));
    }
    return list;
}

json_t *report_json(const struct report *report, const struct scenario *scenario)
{
    const struct report_family *both = &report->families[FAMILY_NONE];
    json_t *object = json_pack(
        "{s:s, s:i, s:[s,s], s:s, s:o, s:o, s:o, s:i, s:i, s:i, s:o, s:i, s:{s:o, s:o}, s:o}",
        "scenario", scenario->name, "runs", (int)report->runs, "family", "ipv4", "ipv6", "verdict",
        report->pass ? "pass" : "fail", "detect_ms", range_json(both->detect_ms), "restore_ms",
        range_json(both->restore_ms), "lost_packets", range_json(both->lost_packets),
        "false_actions", (int)report->false_actions, "operator_detect_s",
        (int)scenario->operator_detect_s, "operator_restore_s", (int)scenario->operator_restore_s,
        "peers", lines_json(&report->peers), "return_lost_packets", (int)both->return_lost_packets,
        "families", "ipv4", family_json(&report->families[FAMILY_IPV4]), "ipv6",
        family_json(&report->families[FAMILY_IPV6]), "failures", lines_json(&report->failures));
    json_object_set_new(object, "acts", json_integer(report->acts));
    json_object_set_new(object, "wrong_names", json_integer(report->wrong_names));
    json_object_set_new(object, "name_ms",
                        scenario->expect.names ? range_json(report->name_ms) : json_null());
    json_object_set_new(object, "said", said_json(report, scenario));
    return object;
}

static json_t *run_family_json(const struct rehearsal_family *f)
{
    const struct measure *m = &f->traffic;
    return json_pack("{s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}",
                     "suspect_ms", number_json(f->suspect_ms), "detect_ms",
                     number_json(f->detect_ms), "new_way_ms", number_json(f->new_way_ms),
                     "restore_ms", number_json(f->restore_ms), "lost_packets", (int)m->outage_lost,
                     "return_lost_packets", (int)m->return_lost, "sent_all_packets", (int)m->sent,
                     "lost_all_packets", (int)m->lost, "duplicated_all_packets", (int)m->duplicated,
                     "late_all_packets", (int)m->late, "changes", (int)m->changes, "moved",
                     (int)m->moved, "away", (int)m->away, "moved_lost_packets", (int)m->moved_lost);
}

json_t *report_run_json(const struct rehearsal_run *run, uint32_t number)
{
    static const char *const ends[REHEARSAL_ENDS] = {"done", "never_ready", "late", "guard_ended"};
    return json_pack("{s:i, s:s, s:o, s:i, s:i, s:o, s:i, s:s, s:i, s:o, s:o}", "run", (int)number,
                     "end", ends[run->end], "seconds", number_json(run->seconds), "acts",
                     (int)run->acts, "false_actions", (int)run->false_actions, "name_ms",
                     number_json(run->name_ms), "wrong_names", (int)run->wrong_names, "wrong_words",
                     run->wrong_words, "exit_status", run->exit_status, "ipv4",
                     run_family_json(&run->families[FAMILY_IPV4]), "ipv6",
                     run_family_json(&run->families[FAMILY_IPV6]));
}

static void print_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, " %8.0f", value);
    else
        fprintf(out, " %8s", "-");
}

static void print_row(FILE *out, const char *name, const struct report_range *ranges)
{
    fprintf(out, "  %-28s", name);
    for (int i = 0; i < 2; i++) {
        print_number(out, ranges[i].p50);
        print_number(out, ranges[i].p95);
        print_number(out, ranges[i].max);
        fprintf(out, i ? "\n" : "   ");
    }
}

static void print_outage(const struct report *report, FILE *out)
{
    static const struct {
        const char *name;
        size_t offset;
    } rows[] = {
        {"suspected after, ms", offsetof(struct report_family, suspect_ms)},
        {"detected after, ms", offsetof(struct report_family, detect_ms)},
        {"first on the new way, ms", offsetof(struct report_family, new_way_ms)},
        {"traffic whole again, ms", offsetof(struct report_family, restore_ms)},
        {"packets lost", offsetof(struct report_family, lost_packets)},
    };
    fprintf(out, "  %-28s %26s    %26s\n", "", "ipv4:  p50      p95      max",
            "ipv6:  p50      p95      max");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_range ranges[2];
        for (int f = 0; f < 2; f++)
            ranges[f] =
                *(const struct report_range *)((const char *)&report->families[FAMILY_IPV4 + f] +
                                               rows[i].offset);
        print_row(out, rows[i].name, ranges);
    }
    fprintf(out, "  %-28s %8u %29u\n", "packets lost on the way back",
            report->families[FAMILY_IPV4].return_lost_packets,
            report->families[FAMILY_IPV6].return_lost_packets);
}

static void print_lines(FILE *out, const char *before, const struct text *text)
{
    for (const char *line = text_get(text); *line;) {
        size_t size = strcspn(line, "\n");
        fprintf(out, "%s%.*s\n", before, (int)size, line);
        line += size + (line[size] == '\n');
    }
}

void report_print_verdict(const struct report *report, FILE *out)
{
    print_lines(out, "  not as expected: ", &report->failures);
    fprintf(out, "verdict: %s\n", report->pass ? "pass" : "FAIL");
}

static void print_said(const struct report *report, const struct scenario *scenario, FILE *out)
{
    for (uint32_t i = 0; i < scenario->expect.said_count; i++) {
        const struct scenario_said *said = &scenario->expect.said[i];
        fprintf(out, "  %s%s, ms: '%s'\n  %-28s", said->effect,
                said->before_loss ? " before the loss" : "", said->words[0], "");
        print_number(out, report->said_ms[i].p50);
        print_number(out, report->said_ms[i].p95);
        print_number(out, report->said_ms[i].max);
        fprintf(out, "   (p50, p95, max; within %u)\n", said->within_ms);
    }
}

void report_print(const struct report *report, const struct scenario *scenario, FILE *out)
{
    fprintf(out, "\n%s: %s\n", scenario->name, scenario->summary);
    fprintf(out, "%u run%s, each with a Fairlead of its own, against\n", report->runs,
            report->runs == 1 ? "" : "s");
    print_lines(out, "  ", &report->peers);
    if (scenario_outage(scenario)) {
        fprintf(out, "counted from the first lost packet of the customer's traffic:\n");
        print_outage(report, out);
        fprintf(out, "  people, in the outage itself: seen after %u s, mended after %u s\n",
                scenario->operator_detect_s, scenario->operator_restore_s);
    }
    if (scenario_outage(scenario) && scenario->expect.names) {
        fprintf(out, "  %-28s", "all parts named after, ms");
        print_number(out, report->name_ms.p50);
        print_number(out, report->name_ms.p95);
        print_number(out, report->name_ms.max);
        fprintf(out, "   (p50, p95, max; both families)\n");
    }
    print_said(report, scenario, out);
    fprintf(out, "  %-28s %8u\n", "wrong parts named", report->wrong_names);
    fprintf(out, "  %-28s %8u\n", "actions", report->acts);
    fprintf(out, "  %-28s %8u\n", "wrong actions", report->false_actions);
    report_print_verdict(report, out);
}

static void print_run_family(const struct rehearsal_family *f, enum family family, FILE *out)
{
    fprintf(out, "  %s:", family_name(family));
    if (f->traffic.first_faulty_ns) {
        fprintf(out, " detected");
        print_number(out, f->detect_ms);
        fprintf(out, " ms, whole");
        print_number(out, f->restore_ms);
        fprintf(out, " ms, %u lost", f->traffic.outage_lost);
    } else {
        fprintf(out, " %u of %u lost", f->traffic.lost, f->traffic.sent);
    }
}

void report_run_print(const struct rehearsal_run *run, uint32_t number, FILE *out)
{
    static const char *const ends[REHEARSAL_ENDS] = {"", "  NEVER READY", "  NOT OVER IN TIME",
                                                     "  FAIRLEAD ENDED"};
    fprintf(out, "run %2u  %4.1f s ", number, run->seconds);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        print_run_family(&run->families[f], f, out);
    fprintf(out, "%s\n", ends[run->end]);
    fflush(out);
}
