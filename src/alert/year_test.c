// SPDX-License-Identifier: ISC
// Escalation in virtual time over a year of two teams' rotas, in Berlin and New York, with all four
// changes of their clocks: who is called, and when, as the C library's clocks have it.
#include "alert/alert.h"

#include "base/check.h"
#include "base/civil.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ANNA, BEN, CARL, DORA, EVE, PEOPLE };
enum { BERLIN, NEW_YORK, TEAMS };
enum { FIFTEEN_MIN = 900, HALF_DAY = 12 * 3600 };

static int64_t at_s(int32_t year, uint32_t month, uint32_t day, int64_t hour, int64_t minute)
{
    return civil_days((struct civil){year, month, day}) * CIVIL_DAY_S + hour * 3600 + minute * 60;
}

// As POSIX has rules of daylight saving: without a file.
static const char *const clocks[TEAMS] = {"CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0"};

static const struct {
    uint32_t first, count;
    uint32_t day;  // of January 2026, when the first one began, local time
    int64_t hour, minute;
} rotas[TEAMS] = {
    {ANNA, 3, 4, 2, 30},  // on Sundays at 02:30, which is once left out and once comes twice
    {DORA, 2, 5, 9, 0},
};

static struct net *make_net(void)
{
    struct net *net = calloc(1, sizeof *net);
    struct net_alert *alert = &net->alert;
    strcpy(net->site, "fra1");
    alert->channel_count = 1;
    alert->channels[0].timeout_ns = 10ll * NS_PER_S;
    alert->person_count = PEOPLE;
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(alert->people[i].name, NET_NAME_MAX, "person-%d", i);
        alert->people[i].channels = (struct net_order){1, {0}};
    }
    alert->team_count = TEAMS;
    for (uint32_t t = 0; t < TEAMS; t++) {
        struct net_layer *layer = &alert->teams[t].layers[0];
        alert->teams[t].layer_count = 1;
        layer->weeks = 1;
        layer->from_s = at_s(2026, 1, rotas[t].day, rotas[t].hour, rotas[t].minute);
        layer->hand_over_min = (uint32_t)(civil_weekday(layer->from_s / CIVIL_DAY_S) * 24 * 60 +
                                          rotas[t].hour * 60 + rotas[t].minute);
        layer->people.count = rotas[t].count;
        for (uint32_t i = 0; i < rotas[t].count; i++)
            layer->people.items[i] = (uint8_t)(rotas[t].first + i);
    }
    alert->gravities[OUTAGE_CRITICAL] = (struct net_gravity){.teams = 3,
                                                             .acknowledge_ns = 120ll * NS_PER_S,
                                                             .repeat_ns = 300ll * NS_PER_S,
                                                             .expires_ns = 3600ll * NS_PER_S};
    alert->pages_per_hour_max = 30;
    return net;
}

static void tell_zones(struct alert *alert)
{
    static const struct zone_change changes[TEAMS][3] = {
        {{0, 3600}, {0, 7200}, {0, 3600}},
        {{0, -5 * 3600}, {0, -4 * 3600}, {0, -5 * 3600}},
    };
    const int64_t at[TEAMS][3] = {
        {at_s(2025, 10, 26, 1, 0), at_s(2026, 3, 29, 1, 0), at_s(2026, 10, 25, 1, 0)},
        {at_s(2025, 11, 2, 6, 0), at_s(2026, 3, 8, 7, 0), at_s(2026, 11, 1, 6, 0)},
    };
    for (uint32_t t = 0; t < TEAMS; t++)
        for (int i = 0; i < 3; i++)
            zone_add(&alert->zones[t], (struct zone_change){at[t][i], changes[t][i].offset_s});
}

// ---- who it ought to be

static int64_t shown_s(uint32_t team, int64_t utc_s)
{
    struct tm shown;
    time_t at = utc_s;
    setenv("TZ", clocks[team], 1);
    tzset();
    assert_non_null(localtime_r(&at, &shown));
    return at_s(shown.tm_year + 1900, (uint32_t)shown.tm_mon + 1, (uint32_t)shown.tm_mday,
                shown.tm_hour, shown.tm_min) +
           shown.tm_sec;
}

// What was handed over stays so when clocks go back.
static int64_t latest_shown_s(uint32_t team, int64_t utc_s)
{
    int64_t latest_s = shown_s(team, utc_s);
    for (int64_t ago_s = FIFTEEN_MIN; ago_s < 3600; ago_s += FIFTEEN_MIN) {
        int64_t then_s = shown_s(team, utc_s - ago_s);
        latest_s = then_s > latest_s ? then_s : latest_s;
    }
    return latest_s;
}

static uint32_t on_call(uint32_t team, int64_t utc_s, uint32_t rank)
{
    int64_t from_s = at_s(2026, 1, rotas[team].day, rotas[team].hour, rotas[team].minute);
    int64_t weeks = civil_floor(latest_shown_s(team, utc_s) - from_s, CIVIL_WEEK_S);
    return rotas[team].first + (uint32_t)((weeks + rank) % rotas[team].count);
}

static uint32_t expected(int64_t utc_s, uint32_t ranks)
{
    uint32_t people = 0;
    for (uint32_t t = 0; t < TEAMS; t++)
        for (uint32_t rank = 0; rank < ranks && rank < rotas[t].count; rank++)
            people |= 1u << on_call(t, utc_s, rank);
    return people;
}

// ---- who it is

static uint32_t called(struct alert *alert, struct alert_now now, enum page_kind *kind)
{
    struct alert_page page;
    uint32_t people = 0;
    while (alert_next(alert, now, 0, &page)) {
        alert_delivered(alert, page.number);
        people |= 1u << page.person;
        *kind = page.kind;
    }
    return people;
}

enum act { LOOK, ACKNOWLEDGE, END };

// From the outage on; nobody has it until ten minutes later, and then for an hour.
static const struct {
    int64_t after_s;
    uint32_t ranks;  // who is called then, of each team; 0: nobody
    enum page_kind kind;
    enum act act;
} steps[] = {
    {0, 1, PAGE_NEW, LOOK},     {1, 0, 0, LOOK},           {119, 0, 0, LOOK},
    {120, 2, PAGE_NEW, LOOK},   {121, 0, 0, LOOK},         {239, 0, 0, LOOK},
    {240, 3, PAGE_NEW, LOOK},   {241, 0, 0, LOOK},         {539, 0, 0, LOOK},
    {540, 3, PAGE_AGAIN, LOOK}, {541, 0, 0, LOOK},         {600, 3, PAGE_CHANGED, ACKNOWLEDGE},
    {601, 0, 0, LOOK},          {4199, 0, 0, LOOK},        {4200, 1, PAGE_EXPIRED, LOOK},
    {4201, 0, 0, LOOK},         {4202, 3, PAGE_OVER, END}, {4203, 0, 0, LOOK},
};

static void live_through(struct alert *alert, const struct net *net, int64_t begin_s)
{
    struct alert_outage is = {
        .number = 7, .state = OUTAGE_OPEN, .severity = OUTAGE_CRITICAL, .title = "loss"};
    alert_init(alert, net, 1);
    tell_zones(alert);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int64_t now_s = begin_s + steps[i].after_s;
        const struct alert_now now = {{now_s * NS_PER_S}, now_s};
        enum page_kind kind = steps[i].kind;
        if (steps[i].act == ACKNOWLEDGE)
            assert_int_equal(alert_acknowledge(alert, now, 7, "somebody"), ALERT_TAKEN);
        if (steps[i].act == END)
            is.state = OUTAGE_OVER;
        alert_outage(alert, now, &is);
        uint32_t people = called(alert, now, &kind), wanted = expected(now_s, steps[i].ranks);
        // Of several that are called at once some may know of it.
        bool good = people == wanted && (kind == steps[i].kind || kind == PAGE_AGAIN);
        if (!good)
            fail_msg("begun at %lld, after %d s: %x are called, not %x", (long long)begin_s,
                     (int)steps[i].after_s, people, wanted);
    }
}

static void calls_who_is_on_call_all_year(void **state)
{
    (void)state;
    struct net *net = make_net();
    struct alert *alert = malloc(sizeof *alert);
    const int64_t first_s = at_s(2026, 1, 5, 14, 0), last_s = at_s(2027, 1, 4, 0, 0);
    for (int64_t begin_s = first_s; begin_s < last_s; begin_s += HALF_DAY)
        live_through(alert, net, begin_s);
    // A minute before each hand-over, at either offset: the second call goes to other people.
    const int64_t sunday_s = at_s(2026, 1, 11, 0, 29), monday_s = at_s(2026, 1, 12, 12, 59);
    for (int64_t week_s = 0; sunday_s + week_s < last_s; week_s += CIVIL_WEEK_S)
        for (int64_t later_s = 0; later_s <= 3600; later_s += 3600) {
            live_through(alert, net, sunday_s + week_s + later_s);
            live_through(alert, net, monday_s + week_s + later_s);
        }
    free(alert);
    free(net);
}

static void calls_who_is_on_call_while_clocks_change(void **state)
{
    (void)state;
    struct net *net = make_net();
    struct alert *alert = malloc(sizeof *alert);
    const int64_t changes[] = {at_s(2026, 3, 8, 7, 0), at_s(2026, 3, 29, 1, 0),
                               at_s(2026, 10, 25, 1, 0), at_s(2026, 11, 1, 6, 0)};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        for (int64_t begin_s = changes[i] - 3 * 3600; begin_s < changes[i] + 3 * 3600;
             begin_s += 60)
            live_through(alert, net, begin_s);
    free(alert);
    free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_who_is_on_call_all_year),
        cmocka_unit_test(calls_who_is_on_call_while_clocks_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
