// SPDX-License-Identifier: ISC
#include "said/credits.h"

#include "base/civil.h"
#include "base/clock.h"
#include "base/siphash.h"
#include "said/csv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    PERCENT = 10000,  // fractions of one: four places
    WHOLE = 100 * PERCENT,
    MONEY = 10000,  // likewise, of a unit of money
    MONEY_CENT = MONEY / 100,
    DOWN_PLACES = 31 * CIVIL_DAY_S,  // of a month, were it measured each second
};

#define FEE_MAX (UINT64_C(999999999) * MONEY)

struct month {
    int32_t year;
    uint32_t month;
    int64_t seconds;
};

struct down {
    int64_t seconds;
    bool is_measured;  // else told
};

struct level {
    char name[CSV_FIELD_MAX];
    uint64_t loss, below, credit;  // PERCENT
    struct down down[SAID_CREDIT_MONTHS_MAX];
};

struct work {
    const struct said_credits *in;
    struct said_text *csv, *wrong;
    uint32_t wrong_count, level_count, month_count;
    struct level *levels;
    struct month months[SAID_CREDIT_MONTHS_MAX];
    uint64_t *seen;  // hashes of accounts: a table, half empty; 0: a free place
    size_t seen_count, seen_room;
    bool *is_down;  // DOWN_PLACES, of the month and level that are reckoned
};

bool said_decimal_parse(const char *text, uint32_t places, uint64_t max, uint64_t *value)
{
    uint64_t number = 0;
    uint32_t left = places;
    bool point = false, any = false;
    for (; *text; text++) {
        if (*text == '.' && !point && any) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9' || (point && left == 0) || number > max)
            return false;
        number = number * 10 + (uint64_t)(*text - '0');
        left -= point;
        any = true;
    }
    for (; left > 0 && number <= max; left--)
        number *= 10;
    *value = number;
    return any && text[-1] != '.' && number <= max;
}

static void tell_wrong(struct work *w, const char *file, uint32_t line, const char *why,
                       const char *what)
{
    said_add(w->wrong, "%s:%u: %s%s%s%s\n", file, line, why, what ? ": '" : "", what ? what : "",
             what ? "'" : "");
    w->wrong_count++;
}

// ---- files

// Where in the file each of these columns is, by its head; false: one is missing, and told.
static bool find_columns(struct work *w, const struct said_file *file, struct csv_reader *reader,
                         const char *const *names, uint32_t *places)
{
    struct csv_record head;
    const char *why;
    bool good = csv_next(reader, &head, &why) == CSV_RECORD;
    if (!good)
        tell_wrong(w, file->name, 1, why ? why : "there is no line with the names of columns",
                   NULL);
    for (uint32_t n = 0; good && names[n]; n++) {
        for (places[n] = 0; places[n] < head.count; places[n]++)
            if (strcmp(head.fields[places[n]], names[n]) == 0)
                break;
        if (places[n] < head.count)
            continue;
        tell_wrong(w, file->name, head.line, "a column is missing", names[n]);
        good = false;
    }
    return good;
}

// The fields of these columns; NULL: the line is too short, and told.
static bool pick(struct work *w, const struct said_file *file, const struct csv_record *record,
                 const uint32_t *places, uint32_t count, const char **fields)
{
    for (uint32_t n = 0; n < count; n++) {
        if (places[n] >= record->count) {
            tell_wrong(w, file->name, record->line, "there are fewer fields than columns", NULL);
            return false;
        }
        fields[n] = record->fields[places[n]];
    }
    return true;
}

static void take_level(struct work *w, const struct csv_record *record, const uint32_t *places)
{
    enum { NAME, LOSS, BELOW, CREDIT, FIELDS };
    const struct said_file *file = &w->in->levels;
    const char *fields[FIELDS];
    struct level level = {0};
    uint64_t *numbers[] = {[LOSS] = &level.loss, [BELOW] = &level.below, [CREDIT] = &level.credit};
    if (!pick(w, file, record, places, FIELDS, fields))
        return;
    for (int n = LOSS; n < FIELDS; n++)
        if (!said_decimal_parse(fields[n], 4, WHOLE, numbers[n])) {
            tell_wrong(w, file->name, record->line,
                       "this is no percentage with at most four places", fields[n]);
            return;
        }
    if (w->level_count == SAID_LEVELS_MAX) {
        tell_wrong(w, file->name, record->line, "there are too many levels", NULL);
        return;
    }
    memcpy(level.name, record->fields[places[NAME]], sizeof level.name);
    w->levels[w->level_count++] = level;
}

static bool read_levels(struct work *w)
{
    static const char *const names[] = {"level", "down_from_loss_percent", "below_percent",
                                        "credit_percent", NULL};
    const struct said_file *file = &w->in->levels;
    struct csv_reader reader = {file->text, 0};
    struct csv_record record;
    uint32_t places[4];
    const char *why;
    if (!find_columns(w, file, &reader, names, places))
        return false;
    for (enum csv_result r; (r = csv_next(&reader, &record, &why)) != CSV_END;)
        if (r == CSV_WRONG)
            tell_wrong(w, file->name, record.line, why, NULL);
        else
            take_level(w, &record, places);
    return true;
}

// ---- time

static struct month month_of(int64_t at_s)
{
    struct civil date = civil_of(civil_floor(at_s, CIVIL_DAY_S));
    struct civil first = {date.year, date.month, 1};
    struct civil next = {date.year + (date.month == 12), date.month % 12 + 1, 1};
    return (struct month){date.year, date.month,
                          (civil_days(next) - civil_days(first)) * CIVIL_DAY_S};
}

static bool is_same_month(struct month a, struct month b)
{
    return a.year == b.year && a.month == b.month;
}

static void find_months(struct work *w)
{
    int64_t at_s = w->in->of.from_ns / NS_PER_S, until_s = w->in->of.until_ns / NS_PER_S;
    struct month last = month_of(until_s);
    for (; w->month_count < SAID_CREDIT_MONTHS_MAX; at_s += 28 * CIVIL_DAY_S) {
        struct month month = month_of(at_s < until_s ? at_s : until_s);
        if (w->month_count == 0 || !is_same_month(month, w->months[w->month_count - 1]))
            w->months[w->month_count++] = month;
        if (is_same_month(month, last))
            return;
    }
}

static int64_t first_second_of(struct month month)
{
    return civil_days((struct civil){month.year, month.month, 1}) * CIVIL_DAY_S;
}

// Marks it and gives whether it was not marked: both families may be down at a time.
static bool take_time(struct work *w, struct month month, int64_t end_s)
{
    // What ends at midnight is of the day before.
    int64_t place = (end_s - 1 - first_second_of(month)) / w->in->step_s;
    if (end_s <= first_second_of(month) || end_s > first_second_of(month) + month.seconds ||
        w->is_down[place])
        return false;
    w->is_down[place] = true;
    return true;
}

// As measured on the way of customers' packets, of whichever family was worse at a time.
static struct down down_measured(struct work *w, struct month month, uint64_t loss)
{
    struct down down = {0, false};
    int64_t at_ns;
    size_t i;
    json_t *rate;
    memset(w->is_down, 0, DOWN_PLACES);
    json_array_foreach(w->in->rates, i, rate)
    {
        uint64_t samples = (uint64_t)said_number(rate, "samples");
        uint64_t lost = (uint64_t)said_number(rate, "lost");
        if (strncmp(said_get(rate, "path"), "as-routed", 9) != 0 || samples == 0 ||
            !said_time_parse(said_get(rate, "time"), &at_ns))
            continue;
        down.is_measured = true;
        if (lost > 0 && lost * WHOLE >= loss * samples && take_time(w, month, at_ns / NS_PER_S))
            down.seconds += w->in->step_s;
    }
    return down;
}

struct said_span said_credit_span(const struct said_past *past)
{
    struct said_times times = said_times_of(past);
    struct said_span span = {times.onset_ns, times.recovered_ns};
    if (span.until_ns == INT64_MIN)
        (void)said_time_parse(said_get(past->outage, "changed"), &span.until_ns);
    return span;
}

// Where nothing was measured there. What two outages share counts once.
static int64_t down_told_s(const struct work *w, struct month month)
{
    int64_t at_s = first_second_of(month), end_s = at_s + month.seconds, down_s = 0;
    for (uint32_t i = 0; i < w->in->told_count; i++) {
        int64_t from_s = w->in->told[i].from_ns / NS_PER_S;
        int64_t until_s = w->in->told[i].until_ns / NS_PER_S;
        at_s = from_s > at_s ? from_s : at_s;
        until_s = until_s < end_s ? until_s : end_s;
        if (until_s <= at_s)
            continue;
        down_s += until_s - at_s;
        at_s = until_s;
    }
    return down_s;
}

static void find_down(struct work *w)
{
    for (uint32_t l = 0; l < w->level_count; l++)
        for (uint32_t m = 0; m < w->month_count; m++) {
            struct down *down = &w->levels[l].down[m];
            *down = down_measured(w, w->months[m], w->levels[l].loss);
            if (!down->is_measured)
                down->seconds = down_told_s(w, w->months[m]);
        }
}

// ---- accounts

struct account {
    const char *name, *sites, *level;
    uint64_t fee;
};

static void add_decimal(struct said_text *text, uint64_t value, uint64_t unit, int places)
{
    uint64_t rest = value % unit;
    for (int digits = 4; digits > places && rest % 10 == 0; digits--)
        rest /= 10, unit /= 10, value /= 10;
    int shown = 0;
    for (uint64_t u = unit; u > 1; u /= 10)
        shown++;
    said_add(text, "%" PRIu64, value / unit);
    if (shown > 0)
        said_add(text, ".%0*" PRIu64, shown, value % unit);
}

static bool is_at(const char *sites, const char *site)
{
    size_t size = strlen(site);
    bool any = false;
    for (const char *at = sites + strspn(sites, " ;"); *at;) {
        size_t word = strcspn(at, " ;");
        any = true;
        if (word == size && strncmp(at, site, size) == 0)
            return true;
        at += word;
        at += strspn(at, " ;");
    }
    return !any;
}

// Of the level's rows that hold the one with the smallest bound; NULL: none holds.
static const struct level *level_for(const struct work *w, const char *name, int64_t down_s,
                                     struct month month)
{
    const struct level *found = NULL;
    for (uint32_t i = 0; i < w->level_count; i++) {
        const struct level *level = &w->levels[i];
        uint64_t up = (uint64_t)(month.seconds - down_s) * WHOLE;
        if (strcmp(level->name, name) == 0 && up < level->below * (uint64_t)month.seconds &&
            (!found || level->below < found->below))
            found = level;
    }
    return found;
}

static const struct level *first_of(const struct work *w, const char *name)
{
    for (uint32_t i = 0; i < w->level_count; i++)
        if (strcmp(w->levels[i].name, name) == 0)
            return &w->levels[i];
    return NULL;
}

// To the cent, halves up.
static uint64_t credit_of(uint64_t fee, uint64_t percent)
{
    uint64_t exact = fee * percent;  // at most 1e13 of 1e6
    uint64_t unit = (uint64_t)WHOLE * MONEY_CENT;
    return (exact + unit / 2) / unit * MONEY_CENT;
}

static void add_arithmetic(struct said_text *text, const struct account *account,
                           const struct level *level, int64_t down_s, struct month month)
{
    uint64_t up = (uint64_t)(month.seconds - down_s) * WHOLE / (uint64_t)month.seconds;
    said_add(text, "100 %% * (%lld - %lld) / %lld = ", (long long)month.seconds, (long long)down_s,
             (long long)month.seconds);
    add_decimal(text, up, PERCENT, 0);
    said_add(text, " %%");
    if (!level) {
        said_add(text, ": not below any bound of the level");
        return;
    }
    said_add(text, " < ");
    add_decimal(text, level->below, PERCENT, 0);
    said_add(text, " %%; ");
    add_decimal(text, account->fee, MONEY, 2);
    said_add(text, " * ");
    add_decimal(text, level->credit, PERCENT, 0);
    said_add(text, " %% = ");
    add_decimal(text, credit_of(account->fee, level->credit), MONEY, 2);
}

// A month of which less is known than its length says so: the rest counts as well.
static void add_measured(struct said_text *text, const struct work *w, struct month month)
{
    if (w->in->measured_s >= 0 && w->in->measured_s < month.seconds)
        said_add(text, "; %lld of %lld s were measured", (long long)w->in->measured_s,
                 (long long)month.seconds);
}

static void add_row(struct work *w, const struct account *account, uint32_t place)
{
    struct said_text sum = {0};
    struct month month = w->months[place];
    bool here = is_at(account->sites, w->in->site);
    const struct down down = here ? first_of(w, account->level)->down[place] : (struct down){0};
    const struct level *level = here ? level_for(w, account->level, down.seconds, month) : NULL;
    if (here)
        add_arithmetic(&sum, account, level, down.seconds, month);
    else
        said_add(&sum, "none of its sites is %s", w->in->site);
    if (here)
        add_measured(&sum, w, month);
    csv_add_field(w->csv, account->name);
    said_add(w->csv, ",%04d-%02u,", month.year, month.month);
    csv_add_field(w->csv, account->level);
    said_add(w->csv, ",%s,%lld,%lld,",
             !here              ? "not touched"
             : down.is_measured ? "measured"
                                : "told",
             (long long)down.seconds, (long long)month.seconds);
    add_decimal(w->csv, level ? level->credit : 0, PERCENT, 0);
    said_add(w->csv, ",");
    add_decimal(w->csv, account->fee, MONEY, 2);
    said_add(w->csv, ",");
    add_decimal(w->csv, level ? credit_of(account->fee, level->credit) : 0, MONEY, 2);
    said_add(w->csv, ",");
    csv_add_field(w->csv, sum.bytes ? sum.bytes : "");
    said_add(w->csv, "\n");
    said_text_done(&sum);
}

static bool see(uint64_t *places, size_t room, uint64_t hash)
{
    size_t place = hash % room;
    while (places[place] != 0 && places[place] != hash)
        place = (place + 1) % room;
    bool twice = places[place] == hash;
    places[place] = hash;
    return twice;
}

static bool make_room(struct work *w)
{
    if (2 * (w->seen_count + 1) <= w->seen_room)
        return true;
    size_t room = 2 * w->seen_room + 1024;
    uint64_t *places = calloc(room, sizeof *places);
    for (size_t i = 0; places && i < w->seen_room; i++)
        if (w->seen[i] != 0)
            (void)see(places, room, w->seen[i]);
    w->csv->failed |= !places;
    if (!places)
        return false;
    free(w->seen);
    w->seen = places;
    w->seen_room = room;
    return true;
}

static bool is_twice(struct work *w, const char *name)
{
    uint64_t hash = siphash((struct siphash_key){0}, name, strlen(name)) | 1;
    if (!make_room(w))
        return false;
    w->seen_count++;
    return see(w->seen, w->seen_room, hash);
}

static void take_customer(struct work *w, const struct csv_record *record, const uint32_t *places)
{
    enum { NAME, SITES, LEVEL, FEE, FIELDS };
    const struct said_file *file = &w->in->customers;
    const char *fields[FIELDS];
    if (!pick(w, file, record, places, FIELDS, fields))
        return;
    struct account account = {fields[NAME], fields[SITES], fields[LEVEL], 0};
    const char *wrong = !fields[NAME][0]              ? "there is no account"
                        : is_twice(w, fields[NAME])   ? "this account was there before"
                        : !first_of(w, fields[LEVEL]) ? "no such level"
                        : !said_decimal_parse(fields[FEE], 4, FEE_MAX, &account.fee)
                            ? "this is no amount with at most four places"
                            : NULL;
    const char *what = !wrong                    ? NULL
                       : !fields[NAME][0]        ? NULL
                       : strstr(wrong, "level")  ? fields[LEVEL]
                       : strstr(wrong, "amount") ? fields[FEE]
                                                 : fields[NAME];
    if (wrong)
        tell_wrong(w, file->name, record->line, wrong, what);
    for (uint32_t i = 0; !wrong && i < w->month_count; i++)
        add_row(w, &account, i);
}

static void read_customers(struct work *w)
{
    static const char *const names[] = {"account", "sites", "level", "monthly_fee", NULL};
    const struct said_file *file = &w->in->customers;
    struct csv_reader reader = {file->text, 0};
    struct csv_record record;
    uint32_t places[4];
    const char *why;
    if (!find_columns(w, file, &reader, names, places))
        return;
    said_add(w->csv, "account,month,level,basis,down_seconds,month_seconds,credit_percent,"
                     "monthly_fee,credit,arithmetic\n");
    for (enum csv_result r; (r = csv_next(&reader, &record, &why)) != CSV_END;)
        if (r == CSV_WRONG)
            tell_wrong(w, file->name, record.line, why, NULL);
        else
            take_customer(w, &record, places);
}

uint32_t said_credits_csv(const struct said_credits *credits, struct said_text *csv,
                          struct said_text *wrong)
{
    struct work w = {.in = credits, .csv = csv, .wrong = wrong};
    w.levels = calloc(SAID_LEVELS_MAX, sizeof *w.levels);
    w.is_down = malloc(DOWN_PLACES);
    csv->failed |= !w.levels || !w.is_down;
    find_months(&w);
    if (w.levels && w.is_down && read_levels(&w)) {
        find_down(&w);
        read_customers(&w);
    }
    free(w.seen);
    free(w.levels);
    free(w.is_down);
    return w.wrong_count;
}
