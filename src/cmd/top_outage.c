// SPDX-License-Identifier: ISC
// One outage as a page: what is told of it, every cause with its terms, the evidence, the paths.
#include "cmd/top.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const json_t *top_chosen(const struct top *top)
{
    size_t i;
    const json_t *outage;
    json_array_foreach(top->outages, i, outage) if (!top->chosen || top_number(outage, "outage") ==
                                                                        top->chosen) return outage;
    return NULL;
}

static double nats(const json_t *cause, const char *key)
{
    return (double)top_number(cause, key) / 1e3;
}

static void put_cause(struct top_page *page, const json_t *cause)
{
    static const char *const terms[] = {"time", "place", "prior", "fit", "chain", "again", "odd"};
    char text[256];
    size_t used = 0;
    double percent = (double)top_number(cause, "share_ppm") / 1e4;
    struct canvas_place place = {page->row, 2, 9, CANVAS_PLAIN, true};
    place.ink = percent >= 90 ? CANVAS_BAD : percent >= 50 ? CANVAS_WARN : CANVAS_PLAIN;
    canvas_putf(page->canvas, place, "%.1f %%", percent);
    top_text(page, 11, place.ink, top_word(cause, "words"));
    used += (size_t)snprintf(text, sizeof text, "%.1f nats =", nats(cause, "millinats"));
    for (size_t t = 0; t < sizeof terms / sizeof terms[0]; t++) {
        char key[32];
        snprintf(key, sizeof key, "%s_millinats", terms[t]);
        if (top_number(cause, key) != 0)
            used += (size_t)snprintf(text + used, sizeof text - used, " %s %+.1f", terms[t],
                                     nats(cause, key));
    }
    top_text(page, 11, CANVAS_FAINT, text);
}

static void put_odds(struct top_page *page, const json_t *fault)
{
    char text[256];
    snprintf(text, sizeof text,
             "fault %" PRId64 ", %s: %" PRId64 " of %" PRId64
             " probes lost; %.1f nats before the next best story, %.1f were asked",
             top_number(fault, "fault"), top_word(fault, "state"), top_number(fault, "lost"),
             top_number(fault, "samples"), nats(fault, "odds_millinats"),
             nats(fault, "asked_millinats"));
    top_text(page, 2, CANVAS_PLAIN, text);
}

static void put_evidence(struct top_page *page, const json_t *engine, const json_t *numbers)
{
    size_t i, f;
    const json_t *number, *fault;
    if (json_array_size(numbers) > 0)
        top_head(page, "EVIDENCE");
    json_array_foreach(numbers, i, number)
    {
        json_array_foreach(json_object_get(engine, "faults"), f, fault)
        {
            if (top_number(fault, "fault") != (int64_t)json_integer_value(number))
                continue;
            put_odds(page, fault);
            top_text(page, 5, CANVAS_PLAIN, top_word(fault, "words"));
            if (top_word(fault, "others")[0])
                top_line(page, 5, CANVAS_FAINT, "or else %s", top_word(fault, "others"));
        }
    }
}

static void put_incidents(struct top_page *page, const json_t *incidents)
{
    size_t i;
    const json_t *incident;
    if (json_array_size(incidents) > 0)
        top_head(page, "PATHS BENEATH");
    json_array_foreach(incidents, i, incident)
    {
        int64_t number = top_number(incident, "incident");
        char name[32] = "";
        if (number > 0)
            snprintf(name, sizeof name, "incident %" PRId64 ", ", number);
        top_line(page, 2, CANVAS_PLAIN, "%s: %s%s", top_word(incident, "path"), name,
                 top_word(incident, "state"));
        top_text(page, 5, CANVAS_FAINT, top_word(incident, "reason"));
    }
}

void top_outage(struct top_page *page, const struct top *top)
{
    const json_t *outage = top_chosen(top), *cause;
    char length[TOP_LENGTH_MAX];
    size_t i;
    if (!outage) {
        top_line(page, 1, CANVAS_GOOD,
                 "Outage %" PRId64 " is over. What it was: fairlead postmortem %" PRId64,
                 top->chosen, top->chosen);
        return;
    }
    top_line(page, 1, top_severity_ink(top_word(outage, "severity")),
             "OUTAGE %" PRId64 ": %s, %s, for %s", top_number(outage, "outage"),
             top_word(outage, "severity"), top_word(outage, "state"),
             top_length(top_number(outage, "age_ns"), length));
    top_text(page, 2, CANVAS_PLAIN, top_word(outage, "title"));
    top_head(page, "WHAT FAIRLEAD DOES");
    top_text(page, 2, CANVAS_PLAIN, top_word(outage, "action"));
    top_line(page, 2, CANVAS_FAINT, "somebody has it in hand: fairlead ack %" PRId64,
             top_number(outage, "outage"));
    top_head(page, "CAUSES, THE LIKELIEST FIRST");
    json_array_foreach(json_object_get(outage, "causes"), i, cause) put_cause(page, cause);
    if (json_array_size(json_object_get(outage, "causes")) == 0)
        top_line(page, 2, CANVAS_PLAIN, "none is known yet");
    put_evidence(page, json_object_get(top->picture, "engine"), json_object_get(outage, "faults"));
    put_incidents(page, json_object_get(outage, "incidents"));
}
