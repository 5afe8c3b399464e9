// SPDX-License-Identifier: ISC
#include "said/past.h"

#include "base/civil.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

bool said_time_parse(const char *text, int64_t *at_ns)
{
    struct civil date;
    int hours, minutes, seconds, micros = 0, used = 0;
    if (sscanf(text, "%4d-%2u-%2uT%2d:%2d:%2d%n", &date.year, &date.month, &date.day, &hours,
               &minutes, &seconds, &used) != 6 ||
        !civil_is_date(date))
        return false;
    if (text[used] == '.' && sscanf(text + used, ".%6d", &micros) != 1)
        return false;
    int64_t at_s = civil_days(date) * CIVIL_DAY_S + hours * 3600 + minutes * 60 + seconds;
    *at_ns = at_s * NS_PER_S + (int64_t)micros * 1000;
    return true;
}

const char *said_get(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

int64_t said_number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static int64_t time_of(const json_t *object, const char *key)
{
    int64_t at_ns;
    return said_time_parse(said_get(object, key), &at_ns) ? at_ns : INT64_MIN;
}

// The first of these of which it holds.
static int64_t first(const struct said_past *past,
                     bool (*is)(const struct said_past *past, const json_t *fact))
{
    size_t i;
    json_t *fact;
    json_array_foreach(past->facts, i, fact) if (is(past, fact)) return time_of(fact, "time");
    return INT64_MIN;
}

static bool is_kind(const json_t *fact, const char *kind)
{
    return strcmp(said_get(fact, "effect"), kind) == 0;
}

static bool is_of_it(const struct said_past *past, const json_t *fact)
{
    return said_number(fact, "number") == said_number(past->outage, "number");
}

static bool is_told(const struct said_past *past, const json_t *fact)
{
    return is_kind(fact, "outage") && is_of_it(past, fact);
}

static bool is_acknowledged(const struct said_past *past, const json_t *fact)
{
    return is_kind(fact, "answered") && strcmp(said_get(fact, "what"), "ack") == 0 &&
           json_is_true(json_object_get(fact, "done")) && is_of_it(past, fact);
}

static bool is_act(const struct said_past *past, const json_t *fact)
{
    (void)past;
    return (is_kind(fact, "acted") && strcmp(said_get(fact, "state"), "announced") == 0) ||
           (is_kind(fact, "hooked") && strcmp(said_get(fact, "state"), "started") == 0);
}

static bool is_recovery(const struct said_past *past, const json_t *fact)
{
    const char *state = said_get(fact, "state");
    return is_told(past, fact) && (strcmp(state, "mitigated") == 0 || strcmp(state, "well") == 0 ||
                                   strcmp(state, "over") == 0);
}

static bool is_end(const struct said_past *past, const json_t *fact)
{
    return is_told(past, fact) && strcmp(said_get(fact, "state"), "over") == 0;
}

struct said_times said_times_of(const struct said_past *past)
{
    bool over = strcmp(said_get(past->outage, "state"), "over") == 0;
    int64_t over_ns = first(past, is_end), recovered_ns = first(past, is_recovery);
    if (over_ns == INT64_MIN && over)
        over_ns = time_of(past->outage, "changed");
    return (struct said_times){.onset_ns = time_of(past->outage, "onset"),
                               .detected_ns = first(past, is_told),
                               .acknowledged_ns = first(past, is_acknowledged),
                               .acted_ns = first(past, is_act),
                               .recovered_ns = recovered_ns == INT64_MIN ? over_ns : recovered_ns,
                               .over_ns = over_ns};
}
