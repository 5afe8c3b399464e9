// SPDX-License-Identifier: ISC
// A year of a rota in Europe/Berlin, hour by hour, over both changes of the clock.
#include "alert/rota.h"

#include "base/check.h"
#include "base/civil.h"

#include <string.h>

enum { ANNA, BEN, CARL, DORA };

static int64_t at_s(int32_t year, uint32_t month, uint32_t day, int64_t hour, int64_t minute)
{
    return civil_days((struct civil){year, month, day}) * CIVIL_DAY_S + hour * 3600 + minute * 60;
}

// 2026: clocks go on at 2026-03-29 01:00 UTC and back at 2026-10-25 01:00 UTC.
static struct zone berlin(void)
{
    struct zone zone = {0};
    zone_add(&zone, (struct zone_change){at_s(2025, 10, 26, 1, 0), 3600});
    zone_add(&zone, (struct zone_change){at_s(2026, 3, 29, 1, 0), 7200});
    zone_add(&zone, (struct zone_change){at_s(2026, 10, 25, 1, 0), 3600});
    zone_add(&zone, (struct zone_change){at_s(2027, 3, 28, 1, 0), 7200});
    return zone;
}

static const struct {
    const char *name;
    int64_t utc_s, local_s;
} clock_rows[] = {
    {"winter", 1768000000, 1768000000 + 3600},
    {"before the first change", 1700000000, 1700000000 + 3600},
};

static void shows_local_time(void **state)
{
    (void)state;
    struct zone zone = berlin(), utc = {0};
    for (size_t i = 0; i < sizeof clock_rows / sizeof clock_rows[0]; i++) {
        CHECK_ROW(clock_rows[i].name,
                  zone_local_s(&zone, clock_rows[i].utc_s) == clock_rows[i].local_s);
        CHECK_ROW(clock_rows[i].name,
                  zone_utc_s(&zone, clock_rows[i].local_s) == clock_rows[i].utc_s);
    }
    assert_int_equal(zone_local_s(&zone, at_s(2026, 3, 29, 0, 59)), at_s(2026, 3, 29, 1, 59));
    assert_int_equal(zone_local_s(&zone, at_s(2026, 3, 29, 1, 0)), at_s(2026, 3, 29, 3, 0));
    // 02:30 is not there; 03:00 comes instead.
    assert_int_equal(zone_utc_s(&zone, at_s(2026, 3, 29, 2, 30)), at_s(2026, 3, 29, 1, 0));
    assert_int_equal(zone_utc_s(&zone, at_s(2026, 3, 29, 3, 0)), at_s(2026, 3, 29, 1, 0));
    // 02:30 comes twice.
    assert_int_equal(zone_local_s(&zone, at_s(2026, 10, 25, 0, 30)), at_s(2026, 10, 25, 2, 30));
    assert_int_equal(zone_local_s(&zone, at_s(2026, 10, 25, 1, 30)), at_s(2026, 10, 25, 2, 30));
    assert_int_equal(zone_utc_s(&zone, at_s(2026, 10, 25, 2, 30)), at_s(2026, 10, 25, 0, 30));
    assert_int_equal(zone_utc_s(&utc, 5), 5);
}

static void keeps_a_bounded_table(void **state)
{
    (void)state;
    struct zone zone = {0};
    for (int64_t i = 0; i < 100; i++)
        zone_add(&zone, (struct zone_change){i * 100, (int32_t)i});
    assert_int_equal(zone.count, ZONE_CHANGES_MAX);
    assert_int_equal(zone_local_s(&zone, 9950), 9950 + 99);
    zone_add(&zone, (struct zone_change){9000, 7});  // told anew from there on
    assert_int_equal(zone_local_s(&zone, 9950), 9950 + 7);
    assert_int_equal(zone_local_s(&zone, 8950), 8950 + 89);
}

static struct net_order order(uint32_t count, const uint8_t *items)
{
    struct net_order made = {.count = count};
    memcpy(made.items, items, count);
    return made;
}

static struct net_layer weekly(uint32_t hand_over_min)
{
    return (struct net_layer){.people = order(3, (uint8_t[]){ANNA, BEN, CARL}),
                              .from_s = at_s(2026, 1, 5, 9, 0),
                              .hand_over_min = hand_over_min,
                              .weeks = 1};
}

// Every hour of a year: at each moment one person has the duty, hands over on Mondays at 09:00
// local time only, in turn, and each has as many weeks.
static void hands_over_by_local_time_all_year(void **state)
{
    (void)state;
    struct zone zone = berlin();
    struct net_team team = {.layer_count = 1, .layers = {weekly(9 * 60)}};
    uint32_t before = NET_NOBODY, hand_overs = 0, hours[3] = {0};
    for (int64_t now_s = at_s(2026, 1, 5, 8, 0); now_s < at_s(2027, 1, 4, 8, 0); now_s += 1800) {
        uint32_t who = rota_on_call(&team, &zone, now_s, ROTA_PRIMARY);
        int64_t local_s = zone_local_s(&zone, now_s), day = civil_floor(local_s, CIVIL_DAY_S);
        assert_true(who <= CARL);
        hours[who]++;
        assert_int_equal(rota_on_call(&team, &zone, now_s, ROTA_SECONDARY), (who + 1) % 3);
        if (who == before)
            continue;
        if (before != NET_NOBODY) {
            assert_int_equal(who, (before + 1) % 3);
            assert_int_equal(civil_weekday(day), 0);
            assert_int_equal(local_s - day * CIVIL_DAY_S, 9 * 3600);
        }
        hand_overs++;
        before = who;
    }
    assert_int_equal(hand_overs, 52);
    // Two weeks have an hour more or less.
    assert_true(hours[0] + hours[1] + hours[2] == 52 * 7 * 48);
    for (int i = 0; i < 3; i++)
        assert_true(hours[i] / (7 * 48) >= 17 && hours[i] / (7 * 48) <= 18);
}

// In the hour that comes twice, and in the one that is left out.
static void no_hand_over_is_undone(void **state)
{
    (void)state;
    struct zone zone = berlin();
    struct net_team team = {.layer_count = 1, .layers = {weekly(6 * 24 * 60 + 2 * 60 + 30)}};
    static const struct {
        int64_t begin_s, hand_over_s;
    } days[] = {{1792800000, 1792888200}, {1774656000, 1774746000}};
    assert_int_equal(days[0].hand_over_s, at_s(2026, 10, 25, 0, 30));
    assert_int_equal(days[1].hand_over_s, at_s(2026, 3, 29, 1, 0));
    for (size_t i = 0; i < 2; i++) {
        uint32_t changes = 0, before = rota_on_call(&team, &zone, days[i].begin_s, ROTA_PRIMARY);
        for (int64_t now_s = days[i].begin_s; now_s < days[i].begin_s + 3 * CIVIL_DAY_S;
             now_s += 60) {
            uint32_t who = rota_on_call(&team, &zone, now_s, ROTA_PRIMARY);
            if (who != before)
                assert_int_equal(now_s, days[i].hand_over_s);
            changes += who != before;
            before = who;
        }
        assert_int_equal(changes, 1);
    }
}

static void layers_lie_over_each_other(void **state)
{
    (void)state;
    struct zone zone = berlin();
    struct net_team team = {.layer_count = 2, .layers = {weekly(9 * 60), weekly(9 * 60)}};
    team.layers[1].people = order(1, (uint8_t[]){DORA});
    team.layers[1].days = 1 << 5;  // Saturday
    team.layers[1].begin_min = 22 * 60;
    team.layers[1].end_min = 6 * 60;
    static const struct {
        const char *name;
        uint32_t day;
        int64_t hour, minute;
        uint32_t who;
    } rows[] = {
        {"before the night", 10, 20, 59, ANNA}, {"the night begins", 10, 21, 0, DORA},
        {"after midnight", 11, 4, 59, DORA},    {"the night ends", 11, 5, 0, ANNA},
        {"another night", 11, 21, 0, ANNA},     {"the next week", 13, 9, 0, BEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t now_s = at_s(2026, 1, rows[i].day, rows[i].hour, rows[i].minute);  // UTC
        CHECK_ROW(rows[i].name, rota_on_call(&team, &zone, now_s, ROTA_PRIMARY) == rows[i].who);
    }
    assert_int_equal(rota_on_call(&team, &zone, at_s(2026, 1, 5, 7, 59), ROTA_PRIMARY), NET_NOBODY);
    assert_int_equal(rota_on_call(&team, &zone, at_s(2026, 1, 10, 22, 0), ROTA_SECONDARY),
                     NET_NOBODY);  // Dora is alone at night
    assert_int_equal(rota_members(&team), 0xf);
}

static void substitutes_stand_in(void **state)
{
    (void)state;
    struct zone zone = berlin();
    struct net_team team = {.layer_count = 1, .layers = {weekly(9 * 60)}};
    const uint8_t anna = ANNA;
    team.substitutes[0] = (struct net_substitute){at_s(2026, 1, 1, 0, 0), at_s(2026, 2, 1, 0, 0),
                                                  BEN, order(1, &anna)};
    team.substitutes[1] =
        (struct net_substitute){at_s(2026, 1, 14, 12, 0), at_s(2026, 1, 14, 18, 0), DORA, {0}};
    team.substitute_count = 2;
    static const struct {
        const char *name;
        uint32_t day;
        int64_t hour;
        uint32_t primary, second;
    } rows[] = {
        {"for Anna; Ben is not his own secondary", 6, 12, BEN, CARL},
        {"Ben's own week", 13, 12, BEN, CARL},
        {"for whoever it is", 14, 12, DORA, CARL},
        {"until then", 14, 17, BEN, CARL},
        {"Carl's week: the next is Anna, that is Ben", 20, 12, CARL, BEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t now_s = at_s(2026, 1, rows[i].day, rows[i].hour, 0);
        CHECK_ROW(rows[i].name, rota_on_call(&team, &zone, now_s, ROTA_PRIMARY) == rows[i].primary);
        CHECK_ROW(rows[i].name,
                  rota_on_call(&team, &zone, now_s, ROTA_SECONDARY) == rows[i].second);
    }
    team.second_count = 1;
    team.seconds[0] = weekly(9 * 60);
    team.seconds[0].people = order(1, (uint8_t[]){DORA});
    assert_int_equal(rota_on_call(&team, &zone, at_s(2026, 1, 6, 12, 0), ROTA_SECONDARY), DORA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_local_time),
        cmocka_unit_test(keeps_a_bounded_table),
        cmocka_unit_test(hands_over_by_local_time_all_year),
        cmocka_unit_test(no_hand_over_is_undone),
        cmocka_unit_test(layers_lie_over_each_other),
        cmocka_unit_test(substitutes_stand_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
