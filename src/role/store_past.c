// SPDX-License-Identifier: ISC
#include "role/store_past.h"

#include "detect/rate.h"

#include <stdio.h>
#include <string.h>

enum {
    BEFORE_S = 120,  // how it was when it was well
    AFTER_S = 60,
    STEPS_MAX = 1000,  // of each path: a long outage is told in longer ones
};

static void keep(void *context, json_t *line)
{
    json_array_append(context, line);
}

static int ask(struct store_reader *reader, const struct ask_history *what, json_t *into)
{
    reader->say = keep;
    reader->context = into;
    return store_read(reader, what);
}

static int load_outage(struct store_reader *reader, const struct store_outage *of,
                       struct store_past *past)
{
    json_t *all = json_array(), *line;
    size_t i;
    const struct ask_history what = {.what = ASK_PAST_OUTAGES,
                                     .from_s = of->onset_ns / NS_PER_S,
                                     .until_s = of->changed_ns / NS_PER_S + 1};
    int status = ask(reader, &what, all);
    json_array_foreach(all, i, line) if (said_number(line, "run") == of->run &&
                                         said_number(line, "number") == of->number)
    {
        json_decref(past->outage);
        past->outage = json_incref(line);
    }
    json_decref(all);
    if (status == 0 && !past->outage)  // beyond the last line of an answer
        past->outage =
            json_pack("{s:I, s:I}", "run", (json_int_t)of->run, "number", (json_int_t)of->number);
    return status;
}

static int load_facts(struct store_reader *reader, const struct store_outage *of,
                      struct store_past *past)
{
    struct ask_history what = {.what = ASK_PAST_FACTS};
    snprintf(what.of, sizeof what.of, "%lld.%lld", (long long)of->run, (long long)of->number);
    return ask(reader, &what, past->facts);
}

// In as many answers as it takes; where there are none, as in a file of an older version that
// nobody has opened since, that is no fault.
static void load_rates(struct store_reader *reader, const struct store_outage *of, const char *path,
                       struct store_past *past)
{
    int64_t from_s = of->onset_ns / NS_PER_S - BEFORE_S, next_ns;
    struct ask_history what = {
        .what = ASK_PAST_RATES, .from_s = from_s, .until_s = of->changed_ns / NS_PER_S + AFTER_S};
    int64_t steps = path[0] ? 1 : (what.until_s - from_s) / RATE_S / STEPS_MAX + 1;
    what.step_s = (uint32_t)(steps < INT32_MAX / RATE_S ? steps * RATE_S : INT32_MAX);
    snprintf(what.of, sizeof what.of, "%s", path);
    past->said.step_s = what.step_s;
    while (ask(reader, &what, past->rates) == 0 && reader->next[0] != '\0' &&
           said_time_parse(reader->next, &next_ns) && next_ns / NS_PER_S > what.from_s)
        what.from_s = next_ns / NS_PER_S;
}

static int load(struct store_past *past, struct sqlite3 *db, const char *id, bool exact, char *why)
{
    struct store_reader reader = {.db = db};
    struct store_outage of;
    *past = (struct store_past){.facts = json_array(), .rates = json_array()};
    int status = store_read_outage(&reader, id, &of);
    if (status == 0)
        status = load_outage(&reader, &of, past);
    if (status == 0)
        status = load_facts(&reader, &of, past);
    snprintf(why, STORE_WHY_MAX, "%s", status == 0 ? "" : reader.why);
    if (status == 0 && exact) {
        load_rates(&reader, &of, "as-routed ipv4", past);
        load_rates(&reader, &of, "as-routed ipv6", past);
    } else if (status == 0) {
        load_rates(&reader, &of, "", past);
    }
    past->said.outage = past->outage;
    past->said.facts = past->facts;
    past->said.rates = past->rates;
    return status;
}

int store_past_load(struct store_past *past, struct sqlite3 *db, const char *id, char *why)
{
    return load(past, db, id, false, why);
}

int store_past_load_exact(struct store_past *past, struct sqlite3 *db, const char *id, char *why)
{
    return load(past, db, id, true, why);
}

static void say(struct store_reader *reader, json_t *line)
{
    if (line)
        reader->say(reader->context, line);
    reader->lines += line != NULL;
    json_decref(line);
}

static void say_postmortem(struct store_reader *reader, const struct said_past *past)
{
    struct said_text text = {0};
    said_postmortem(past, &text);
    say(reader, json_pack("{s:s}", "markdown", text.bytes ? text.bytes : ""));
    said_text_done(&text);
}

static void say_evidence(struct store_reader *reader, const struct said_past *past)
{
    size_t i;
    json_t *name, *names = said_upstreams(past);
    json_array_foreach(names, i, name) say(reader, said_evidence(past, json_string_value(name)));
    json_decref(names);
}

int store_past_read(struct store_reader *reader, const struct ask_history *ask)
{
    struct store_past past;
    reader->lines = 0;
    reader->next[0] = '\0';
    int status = store_past_load(&past, reader->db, ask->of, reader->why);
    if (status == 0 && ask->what == ASK_PAST_POSTMORTEM)
        say_postmortem(reader, &past.said);
    else if (status == 0)
        say_evidence(reader, &past.said);
    store_past_done(&past);
    return status;
}

void store_past_done(struct store_past *past)
{
    json_decref(past->outage);
    json_decref(past->facts);
    json_decref(past->rates);
    *past = (struct store_past){0};
}
