// SPDX-License-Identifier: ISC
#include "cmd/top.h"

#include "base/clock.h"
#include "incident/outage.h"
#include "incident/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *top_length(int64_t length_ns, char *text)
{
    int64_t s = length_ns / NS_PER_S, min = s / 60, h = min / 60;
    if (s < 120)
        snprintf(text, TOP_LENGTH_MAX, "%" PRId64 " s", s);
    else if (min < 120)
        snprintf(text, TOP_LENGTH_MAX, "%" PRId64 " min", min);
    else if (h < 48)
        snprintf(text, TOP_LENGTH_MAX, "%" PRId64 " h %02" PRId64 " min", h, min % 60);
    else
        snprintf(text, TOP_LENGTH_MAX, "%" PRId64 " d %" PRId64 " h", h / 24, h % 24);
    return text;
}

const char *top_bits(int64_t bps, char *text)
{
    static const char *const units[] = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"};
    double value = (double)bps;
    uint32_t unit = 0;
    for (; value >= 1000 && unit < 4; unit++)
        value /= 1000;
    snprintf(text, TOP_LENGTH_MAX, "%.*f %s", value < 10 && unit > 0 ? 1 : 0, value, units[unit]);
    return text;
}

enum canvas_ink top_verdict_ink(const char *verdict)
{
    if (strcmp(verdict, "good") == 0)
        return CANVAS_GOOD;
    if (strcmp(verdict, "suspect") == 0)
        return CANVAS_WARN;
    return strcmp(verdict, "confirmed") == 0 ? CANVAS_BAD : CANVAS_FAINT;  // silent, unheard
}

enum canvas_ink top_severity_ink(const char *severity)
{
    if (strcmp(severity, "critical") == 0 || strcmp(severity, "error") == 0)
        return CANVAS_BAD;
    return strcmp(severity, "info") == 0 ? CANVAS_PLAIN : CANVAS_WARN;
}

static uint32_t rank_of(const json_t *outage)
{
    uint32_t rank = 0;
    while (rank < OUTAGE_SEVERITIES &&
           strcmp(top_word(outage, "severity"), outage_severity_names[rank]) != 0)
        rank++;
    return rank;
}

static bool is_worse(const json_t *a, const json_t *b)
{
    uint32_t rank = rank_of(a), other = rank_of(b);
    return rank != other ? rank > other : top_number(a, "age_ns") > top_number(b, "age_ns");
}

void top_sort(json_t *outages)
{
    for (size_t i = 1; i < json_array_size(outages); i++)
        for (size_t at = i;
             at > 0 && is_worse(json_array_get(outages, at), json_array_get(outages, at - 1));
             at--) {
            json_t *worse = json_incref(json_array_get(outages, at));
            json_array_set(outages, at, json_array_get(outages, at - 1));
            json_array_set_new(outages, at - 1, worse);
        }
}

static enum canvas_ink say_outages(const json_t *outages, const json_t *worst, struct words *words)
{
    char length[TOP_LENGTH_MAX];
    size_t count = json_array_size(outages);
    if (count == 1)
        words_add(words, "1 outage, ");
    else
        words_add(words, "%zu outages, the worst ", count);
    words_add(words, "%s, for %s: %s. ", top_word(worst, "severity"),
              top_length(top_number(worst, "age_ns"), length), top_word(worst, "title"));
    words_add(words, "Fairlead: %s.", top_word(worst, "action"));
    return top_severity_ink(top_word(worst, "severity"));
}

struct tally {
    size_t paths, good;
    const json_t *worst;  // the first path that is not good
};

static struct tally count_paths(const json_t *engine)
{
    const json_t *path, *paths = json_object_get(engine, "paths");
    struct tally tally = {.paths = json_array_size(paths)};
    size_t i;
    json_array_foreach(paths, i, path)
    {
        bool good = strcmp(top_word(path, "verdict"), "good") == 0;
        tally.good += good;
        tally.worst = tally.worst || good ? tally.worst : path;
    }
    return tally;
}

// Sessions and processes that are not as they should be; gives how many.
static size_t say_down(const json_t *engine, struct words *words)
{
    const json_t *item;
    size_t i, down = 0;
    json_array_foreach(json_object_get(engine, "sessions"), i, item)
    {
        if (!json_is_true(json_object_get(item, "up")))
            words_add(words, "%s the BGP session with %s is down", down++ ? "," : "No outage, but",
                      top_word(item, "router"));
    }
    json_array_foreach(json_object_get(engine, "roles"), i, item)
    {
        if (strcmp(top_word(item, "state"), "alive") != 0)
            words_add(words, "%s the %s process is %s", down++ ? "," : "No outage, but",
                      top_word(item, "role"), top_word(item, "state"));
    }
    words_add(words, "%s", down ? ". " : "");
    return down;
}

static enum canvas_ink say_quiet(const json_t *engine, struct words *words)
{
    struct tally tally = count_paths(engine);
    int64_t moved = top_number(engine, "override_count");
    enum canvas_ink ink = CANVAS_GOOD;
    if (say_down(engine, words) > 0) {
        ink = CANVAS_BAD;
    } else if (tally.worst) {
        const char *verdict = top_word(tally.worst, "verdict");
        words_add(words, "No outage, but %s is %s (%zu of %zu ways are good). ",
                  top_word(tally.worst, "path"), verdict, tally.good, tally.paths);
        ink = CANVAS_WARN;
    } else {
        words_add(words, "Nothing is wrong: all %zu ways are good. ", tally.paths);
    }
    if (moved > 0)
        words_add(words, "Fairlead still has %" PRId64 " announcements moved.", moved);
    else
        words_add(words, "Fairlead has moved nothing.");
    return ink;
}

static void say_state(const json_t *engine, struct words *words)
{
    const char *why = top_word(engine, "frozen_why");
    if (json_is_true(json_object_get(engine, "frozen")))
        words_add(words, " FROZEN%s%s: nothing is moved until a thaw.", why[0] ? " by " : "", why);
    if (!json_is_true(json_object_get(engine, "ready")))
        words_add(words, " It would not act yet: %s.", top_word(engine, "waiting"));
}

enum canvas_ink top_sentence(const struct top *top, char *text)
{
    struct words words = words_in(text, TOP_WORDS_MAX);
    const json_t *engine = json_object_get(top->picture, "engine");
    const json_t *worst = json_array_get(top->outages, 0);
    if (!engine) {
        words_add(&words, top->picture ? "The daemon has no picture of itself."
                                       : "Nothing was heard from the daemon yet.");
        return CANVAS_WARN;
    }
    enum canvas_ink ink =
        worst ? say_outages(top->outages, worst, &words) : say_quiet(engine, &words);
    say_state(engine, &words);
    bool hindered = json_is_true(json_object_get(engine, "frozen")) ||
                    !json_is_true(json_object_get(engine, "ready"));
    return ink == CANVAS_GOOD && hindered ? CANVAS_WARN : ink;
}
