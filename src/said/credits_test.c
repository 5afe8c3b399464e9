// SPDX-License-Identifier: ISC
// Credits: the arithmetic is exact, and every row has an answer.
#include "said/credits.h"

#include "base/check.h"
#include "base/clock.h"
#include "said/csv.h"

#include <stdlib.h>
#include <string.h>

static const char levels[] = "level,down_from_loss_percent,below_percent,credit_percent\n"
                             "gold,5,99.99,10\n"
                             "gold,5,99.9,25.5\n"
                             "silver,50,99.5,10\n";

static const struct {
    const char *name;
    const char *customers, *levels;
    const char *csv;    // without its head
    const char *wrong;  // all of it
} rows[] = {
    {"each has its row, with its arithmetic",
     "account,sites,level,monthly_fee\n"
     "\"Ada, Inc.\",fra1 ams1,gold,1000\n"
     "bob,,silver,99.99\n"
     "cy,ams1,gold,5\n",
     levels,
     "\"Ada, Inc.\",2016-06,gold,measured,300,2592000,10,1000.00,100.00,"
     "100 % * (2592000 - 300) / 2592000 = 99.9884 % < 99.99 %; 1000.00 * 10 % = 100.00\n"
     "bob,2016-06,silver,measured,10,2592000,0,99.99,0.00,"
     "100 % * (2592000 - 10) / 2592000 = 99.9996 %: not below any bound of the level\n"
     "cy,2016-06,gold,not touched,0,2592000,0,5.00,0.00,none of its sites is fra1\n",
     ""},
    {"columns in any order, other columns beside, halves up",
     "monthly_fee,x,level,sites,account\n0.05,?,gold,fra1,a\n0.04,?,gold,fra1,b\n",
     "credit_percent,level,below_percent,down_from_loss_percent\n10,gold,100,5\n",
     "a,2016-06,gold,measured,300,2592000,10,0.05,0.01,"
     "100 % * (2592000 - 300) / 2592000 = 99.9884 % < 100 %; 0.05 * 10 % = 0.01\n"
     "b,2016-06,gold,measured,300,2592000,10,0.04,0.00,"
     "100 % * (2592000 - 300) / 2592000 = 99.9884 % < 100 %; 0.04 * 10 % = 0.00\n",
     ""},
    {"bad rows are told, and the others done",
     "account,sites,level,monthly_fee\r\n"
     "\r\n"
     "a,fra1,bronze,1\r\n"
     "b,fra1,gold,1e3\r\n"
     "c,fra1\r\n"
     ",fra1,gold,1\r\n"
     "d,\"fra1,gold,1\r\n"
     "e,ams1,gold,1.00005\r\n"
     "f,ams1,gold,-1\r\n"
     "g,ams1,gold,7\r\n"
     "g,ams1,gold,7\r\n",
     levels, "g,2016-06,gold,not touched,0,2592000,0,7.00,0.00,none of its sites is fra1\n",
     "c.csv:3: no such level: 'bronze'\n"
     "c.csv:4: this is no amount with at most four places: '1e3'\n"
     "c.csv:5: there are fewer fields than columns\n"
     "c.csv:6: there is no account\n"
     "c.csv:7: a quote does not end before its line or comma\n"
     "c.csv:8: this is no amount with at most four places: '1.00005'\n"
     "c.csv:9: this is no amount with at most four places: '-1'\n"
     "c.csv:11: this account was there before: 'g'\n"},
    {"bad levels are told", "account,sites,level,monthly_fee\na,ams1,gold,1\n",
     "level,down_from_loss_percent,below_percent,credit_percent\ngold,5,101,10\ngold,5,99,10\n",
     "a,2016-06,gold,not touched,0,2592000,0,1.00,0.00,none of its sites is fra1\n",
     "l.csv:2: this is no percentage with at most four places: '101'\n"},
    {"no columns", "account,site,level,monthly_fee\na,fra1,gold,1\n", levels, "",
     "c.csv:1: a column is missing: 'sites'\n"},
    {"no file", "account,sites,level,monthly_fee\n", "", "",
     "l.csv:1: there is no line with the names of columns\n"},
};

// Thirty times of ten seconds with six percent lost, one of which with sixty; of another path more.
static json_t *make_rates(const char *path)
{
    json_t *rates = json_array();
    for (int i = 0; i < 30; i++) {
        char time[SAID_TIME_MAX];
        said_time(1466424600 + 10 * i, time);
        json_array_append_new(rates, json_pack("{s:s, s:s, s:i, s:i}", "time", time, "path", path,
                                               "samples", 100, "lost", i == 7 ? 60 : 6));
        json_array_append_new(rates, json_pack("{s:s, s:s, s:i, s:i}", "time", time, "path",
                                               "transit-a ipv4", "samples", 100, "lost", 100));
    }
    return rates;
}

static json_t *make_outage(const char *onset, const char *changed)
{
    return json_pack("{s:i, s:i, s:s, s:s}", "run", 3, "number", 12, "onset", onset, "changed",
                     changed);
}

// Of one outage.
static struct said_credits of(const struct said_past *past, struct said_span *told)
{
    *told = said_credit_span(past);
    int64_t changed_ns;
    assert_true(said_time_parse(said_get(past->outage, "changed"), &changed_ns));
    return (struct said_credits){.of = {told->from_ns, changed_ns},
                                 .told = told,
                                 .told_count = 1,
                                 .rates = past->rates,
                                 .step_s = past->step_s,
                                 .measured_s = -1,
                                 .site = "fra1"};
}

static void check(const char *name, const struct said_credits *credits, const char *wants_csv,
                  const char *wants_wrong)
{
    struct said_text csv = {0}, wrong = {0};
    uint32_t lines = 0, count = said_credits_csv(credits, &csv, &wrong);
    const char *body = csv.bytes ? strchr(csv.bytes, '\n') : NULL;
    const char *said = wrong.bytes ? wrong.bytes : "";
    assert_false(csv.failed || wrong.failed);
    if (strcmp(body ? body + 1 : "", wants_csv) != 0 || strcmp(said, wants_wrong) != 0)
        fail_msg("row '%s': got\n%s%s", name, csv.bytes ? csv.bytes : "", said);
    for (const char *c = said; *c; c++)
        lines += *c == '\n';
    assert_int_equal(count, lines);
    said_text_done(&csv);
    said_text_done(&wrong);
}

static void answers_every_row(void **state)
{
    (void)state;
    json_t *facts = json_array(), *rates = make_rates("as-routed ipv6");
    json_t *outage = make_outage("2016-06-20T12:10:00Z", "2016-06-20T12:20:00Z");
    const struct said_past past = {outage, facts, rates, 10};
    struct said_span told;
    struct said_credits credits = of(&past, &told);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        credits.customers = (struct said_file){"c.csv", rows[i].customers};
        credits.levels = (struct said_file){"l.csv", rows[i].levels};
        check(rows[i].name, &credits, rows[i].csv, rows[i].wrong);
    }
    json_decref(outage);
    json_decref(facts);
    json_decref(rates);
}

// Nothing was measured on the way of customers' packets: then it counts from the onset, by month.
static void counts_what_was_told_by_month(void **state)
{
    (void)state;
    json_t *facts = json_array(), *rates = make_rates("transit-b ipv6");
    json_t *outage = make_outage("2016-06-30T23:00:00Z", "2016-07-01T02:00:00Z");
    const struct said_past past = {outage, facts, rates, 10};
    struct said_span told;
    struct said_credits credits = of(&past, &told);
    credits.customers =
        (struct said_file){"c", "account,sites,level,monthly_fee\na,fra1,gold,1000\n"};
    credits.levels = (struct said_file){"l", levels};
    check("told", &credits,
          "a,2016-06,gold,told,3600,2592000,25.5,1000.00,255.00,"
          "100 % * (2592000 - 3600) / 2592000 = 99.8611 % < 99.9 %; 1000.00 * 25.5 % = 255.00\n"
          "a,2016-07,gold,told,7200,2678400,25.5,1000.00,255.00,"
          "100 % * (2678400 - 7200) / 2678400 = 99.7311 % < 99.9 %; 1000.00 * 25.5 % = 255.00\n",
          "");
    json_decref(outage);
    json_decref(facts);
    json_decref(rates);
}

// Of a whole month all outages count, and what of it was measured is said.
static void reckons_a_whole_month(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool has_rates;
        int64_t measured_s;
        const char *csv;
    } months[] = {
        {"all of it measured", true, 2592000,
         "a,2016-06,gold,measured,300,2592000,10,1000.00,100.00,"
         "100 % * (2592000 - 300) / 2592000 = 99.9884 % < 99.99 %; 1000.00 * 10 % = 100.00\n"},
        {"not all", true, 2591990,
         "a,2016-06,gold,measured,300,2592000,10,1000.00,100.00,"
         "100 % * (2592000 - 300) / 2592000 = 99.9884 % < 99.99 %; 1000.00 * 10 % = 100.00; "
         "2591990 of 2592000 s were measured\n"},
        {"nothing: three outages, two of which meet", false, 0,
         "a,2016-06,gold,told,1900,2592000,10,1000.00,100.00,"
         "100 % * (2592000 - 1900) / 2592000 = 99.9266 % < 99.99 %; 1000.00 * 10 % = 100.00; "
         "0 of 2592000 s were measured\n"},
    };
    const int64_t june_s = 1464739200;
    // 100 s until into June, 600 s, of which 300 with the next of 1200, and into July 300 of 900.
    const struct said_span told[] = {
        {(june_s - 500) * NS_PER_S, (june_s + 100) * NS_PER_S},
        {(june_s + 5000) * NS_PER_S, (june_s + 5600) * NS_PER_S},
        {(june_s + 5300) * NS_PER_S, (june_s + 6500) * NS_PER_S},
        {(june_s + 2591700) * NS_PER_S, (june_s + 2592600) * NS_PER_S},
    };
    for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
        json_t *rates = months[i].has_rates ? make_rates("as-routed ipv4") : json_array();
        json_t *others = months[i].has_rates ? make_rates("as-routed ipv6") : json_array();
        json_array_extend(rates, others);  // at the same times: these count once
        json_decref(others);
        check(months[i].name,
              &(struct said_credits){
                  .of = {june_s * NS_PER_S, (june_s + 2592000) * NS_PER_S - 1},
                  .told = told,
                  .told_count = 4,
                  .rates = rates,
                  .step_s = 10,
                  .measured_s = months[i].measured_s,
                  .site = "fra1",
                  .customers = {"c", "account,sites,level,monthly_fee\na,fra1,gold,1000\n"},
                  .levels = {"l", levels}},
              months[i].csv, "");
        json_decref(rates);
    }
}

static void reads_decimals_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint64_t value;
    } decimals[] = {
        {"0", true, 0},          {"1", true, 10000},     {"0.0001", true, 1},
        {"12.50", true, 125000}, {"100", true, 1000000}, {"100.0001", false, 0},
        {"0.00001", false, 0},   {"", false, 0},         {".5", false, 0},
        {"5.", false, 0},        {"1.2.3", false, 0},    {"-1", false, 0},
        {"1,5", false, 0},       {" 1", false, 0},       {"99999999999999999999", false, 0},
    };
    for (size_t i = 0; i < sizeof decimals / sizeof decimals[0]; i++) {
        uint64_t value = 0;
        bool good = said_decimal_parse(decimals[i].text, 4, 1000000, &value);
        CHECK_ROW(decimals[i].text, good == decimals[i].good);
        CHECK_ROW(decimals[i].text, !good || value == decimals[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_every_row),
        cmocka_unit_test(counts_what_was_told_by_month),
        cmocka_unit_test(reckons_a_whole_month),
        cmocka_unit_test(reads_decimals_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
