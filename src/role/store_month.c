// SPDX-License-Identifier: ISC
#include "role/store_month.h"

#include "base/civil.h"
#include "detect/rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// "2016-06", all of it.
static bool read_month(const char *text, struct said_span *of)
{
    struct civil first = {.day = 1}, next;
    int used = 0;
    if (strlen(text) != 7 || strspn(text, "0123456789-") != 7 ||
        sscanf(text, "%4d-%2u%n", &first.year, &first.month, &used) != 2 || used != 7 ||
        first.year < 1970 || !civil_is_date(first))
        return false;
    next = (struct civil){first.year + (first.month == 12), first.month % 12 + 1, 1};
    of->from_ns = civil_days(first) * CIVIL_DAY_S * NS_PER_S;
    of->until_ns = civil_days(next) * CIVIL_DAY_S * NS_PER_S - 1;
    return true;
}

static struct ask_history ask_of(const struct store_month *month, enum ask_past what)
{
    return (struct ask_history){.what = what,
                                .from_s = month->of.from_ns / NS_PER_S,
                                .until_s = month->of.until_ns / NS_PER_S + 1};
}

// ---- outages

static void keep(void *context, json_t *line)
{
    json_array_append(context, line);
}

// When one was down needs all that was told of it.
static int find_span(struct store_reader *reader, const json_t *outage, struct said_span *span)
{
    json_t *facts = json_array();
    const struct said_past past = {.outage = outage, .facts = facts};
    struct ask_history what = {.what = ASK_PAST_FACTS};
    snprintf(what.of, sizeof what.of, "%lld.%lld", (long long)said_number(outage, "run"),
             (long long)said_number(outage, "number"));
    reader->context = facts;
    int status = store_read(reader, &what);
    *span = said_credit_span(&past);
    json_decref(facts);
    return status;
}

static int load_outages(struct store_reader *reader, struct store_month *month)
{
    json_t *all = json_array();
    const struct ask_history what = ask_of(month, ASK_PAST_OUTAGES);
    reader->say = keep;
    reader->context = all;
    int status = store_read(reader, &what);
    if (status == 0 && reader->next[0] != '\0') {
        snprintf(reader->why, sizeof reader->why, "more than %d outages", STORE_LINES_MAX);
        status = 3;
    }
    month->told = calloc(json_array_size(all) + 1, sizeof *month->told);
    for (size_t i = json_array_size(all); status == 0 && month->told && i-- > 0;)  // latest first
        status = find_span(reader, json_array_get(all, i), &month->told[month->told_count++]);
    json_decref(all);
    return status;
}

// ---- rates

struct keeper {
    struct store_month *month;
    int64_t slots;
};

// What would be a quarter of a million lines is mostly those of which nothing is to be said.
static void keep_lossy(void *context, json_t *line)
{
    struct keeper *keeper = context;
    const struct said_span *of = &keeper->month->of;
    int64_t samples = said_number(line, "samples"), lost = said_number(line, "lost"), at_ns;
    if (samples == 0 || !said_time_parse(said_get(line, "time"), &at_ns) || at_ns <= of->from_ns ||
        at_ns - 1 > of->until_ns)  // it ends then
        return;
    if (keeper->slots++ > 0 && lost == 0)
        return;
    json_array_append_new(keeper->month->rates,
                          json_pack("{s:s, s:s, s:I, s:I}", "time", said_get(line, "time"), "path",
                                    said_get(line, "path"), "samples", (json_int_t)samples, "lost",
                                    (json_int_t)lost));
}

static int load_rates(struct store_reader *reader, struct store_month *month, const char *path)
{
    struct keeper keeper = {.month = month};
    struct ask_history what = ask_of(month, ASK_PAST_RATES);
    int64_t next_ns;
    int status;
    what.step_s = RATE_S;
    snprintf(what.of, sizeof what.of, "%s", path);
    reader->say = keep_lossy;
    reader->context = &keeper;
    while ((status = store_read(reader, &what)) == 0 && reader->next[0] != '\0' &&
           said_time_parse(reader->next, &next_ns) && next_ns / NS_PER_S > what.from_s)
        what.from_s = next_ns / NS_PER_S;
    if (keeper.slots * RATE_S > month->measured_s)
        month->measured_s = keeper.slots * RATE_S;
    return status == 1 ? 0 : status;  // nothing is kept of that path
}

int store_month_load(struct store_month *month, struct sqlite3 *db, const char *text, char *why)
{
    struct store_reader reader = {.db = db};
    *month = (struct store_month){.rates = json_array()};
    snprintf(why, STORE_WHY_MAX, "'%.32s' is no month: write one like 2016-06", text);
    if (!read_month(text, &month->of))
        return 2;
    int status = load_outages(&reader, month);
    if (status == 0)
        status = load_rates(&reader, month, "as-routed ipv4");
    if (status == 0)
        status = load_rates(&reader, month, "as-routed ipv6");
    snprintf(why, STORE_WHY_MAX, "%s", status == 0 ? "" : reader.why);
    if (status != 0 || month->measured_s > 0 || month->told_count > 0)
        return status;
    snprintf(why, STORE_WHY_MAX, "nothing is known of %s", text);
    return 1;
}

void store_month_done(struct store_month *month)
{
    json_decref(month->rates);
    free(month->told);
    *month = (struct store_month){0};
}
