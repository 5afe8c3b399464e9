// SPDX-License-Identifier: ISC
// What a post-mortem begins with: times, causes, decisions, all in order. It does not end with it.
#include "said/past.h"

#include "base/clock.h"

#include <string.h>

static void add_field(struct said_text *text, const char *name, const char *what)
{
    said_add(text, "- %s: ", name);
    said_add_markdown(text, what[0] != '\0' ? what : "-");
    said_add(text, "\n");
}

static void add_head(const struct said_past *past, struct said_text *text)
{
    const json_t *outage = past->outage;
    said_add(text, "# Incident %lld.%lld: ", (long long)said_number(outage, "run"),
             (long long)said_number(outage, "number"));
    said_add_markdown(text, said_get(outage, "title"));
    said_add(text, "\n\nA draft, out of what was told; times in UTC.\n\n");
    add_field(text, "severity", said_get(outage, "severity"));
    add_field(text, "state", said_get(outage, "state"));
    add_field(text, "cause", said_get(outage, "cause"));
    add_field(text, "what Fairlead did", said_get(outage, "action"));
}

static void add_time(struct said_text *text, const char *what, int64_t at_ns, int64_t onset_ns)
{
    char time[SAID_TIME_MAX];
    if (at_ns == INT64_MIN) {
        said_add(text, "| %s | - | - |\n", what);
        return;
    }
    said_time(at_ns / NS_PER_S, time);
    said_add(text, "| %s | %.19s.%03dZ | %.1f |\n", what, time, (int)(at_ns % NS_PER_S / NS_PER_MS),
             (double)(at_ns - onset_ns) / NS_PER_S);
}

static void add_times(const struct said_past *past, struct said_text *text)
{
    struct said_times times = said_times_of(past);
    said_add(text, "\n## Times\n\n| | UTC | seconds from onset |\n|---|---|---:|\n");
    add_time(text, "onset", times.onset_ns, times.onset_ns);
    add_time(text, "detected", times.detected_ns, times.onset_ns);
    add_time(text, "acknowledged", times.acknowledged_ns, times.onset_ns);
    add_time(text, "first act", times.acted_ns, times.onset_ns);
    add_time(text, "recovered: moved or well", times.recovered_ns, times.onset_ns);
    add_time(text, "over", times.over_ns, times.onset_ns);
}

static bool is_among(const char *kind, const char *const *kinds)
{
    while (*kinds && strcmp(*kinds, kind) != 0)
        kinds++;
    return *kinds != NULL;
}

// Those of these kinds; NULL: all.
static void add_facts(const struct said_past *past, struct said_text *text, const char *title,
                      const char *const *kinds)
{
    size_t i;
    json_t *fact;
    bool any = false;
    said_add(text, "\n## %s\n\n", title);
    json_array_foreach(past->facts, i, fact)
    {
        const char *said = said_get(fact, "said");
        if (said[0] == '\0' || (kinds && !is_among(said_get(fact, "effect"), kinds)))
            continue;
        said_add(text, "- %.23sZ ", said_get(fact, "time"));
        said_add_markdown(text, said);
        said_add(text, "\n");
        any = true;
    }
    if (!any)
        said_add(text, "Nothing was told.\n");
}

// What became of packets, a line for each path that lost any.
static void add_losses(const struct said_past *past, struct said_text *text)
{
    size_t i, k;
    bool any = false;
    json_t *name, *path, *upstreams = said_upstreams(past);
    said_add(text,
             "\n## Packets\n\n| path | lost | of | %% | worst %lld s |\n"
             "|---|---:|---:|---:|---|\n",
             (long long)past->step_s);
    json_array_foreach(upstreams, i, name)
    {
        json_t *evidence = said_evidence(past, json_string_value(name));
        json_array_foreach(json_object_get(evidence, "paths"), k, path)
        {
            double samples = (double)said_number(path, "samples");
            double lost = (double)said_number(path, "lost");
            said_add(text, "| ");
            said_add_markdown(text, said_get(path, "path"));
            said_add(text, " | %.0f | %.0f | %.2f | ", lost, samples,
                     samples > 0 ? 100 * lost / samples : 0);
            if (lost > 0)
                said_add(text, "%.19sZ: %.1f %% |\n", said_get(path, "worst_time"),
                         (double)said_number(path, "worst_ppm") / 1e4);
            else
                said_add(text, "- |\n");
            any = true;
        }
        json_decref(evidence);
    }
    if (!any)
        said_add(text, "| none was measured to lose any | - | - | - | - |\n");
    json_decref(upstreams);
}

void said_postmortem(const struct said_past *past, struct said_text *text)
{
    static const char *const evidence[] = {"signal", "fault", "notice", "change", "odd", NULL};
    static const char *const decisions[] = {"plan",  "acted",    "repair", "hooked",
                                            "drain", "answered", NULL};
    static const char *const people[] = {"page", "delivered", "answered", NULL};
    add_head(past, text);
    add_times(past, text);
    add_losses(past, text);
    add_facts(past, text, "Evidence", evidence);
    add_facts(past, text, "Decisions and acts", decisions);
    add_facts(past, text, "People", people);
    add_facts(past, text, "Timeline", NULL);
}
