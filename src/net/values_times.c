// SPDX-License-Identifier: ISC
// Times of clocks on walls, as rotas have them.
#include "net/values_inside.h"

#include "base/civil.h"

#include <ctype.h>
#include <string.h>

static const char *const day_names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
enum { DAYS = 7, YEAR_MIN = 2000, YEAR_MAX = 2199 };

// `size` digits; -1: others stand there.
static int32_t digits(const char *text, size_t size)
{
    int32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

// "09:00", and nothing behind it but `end`; 24:00 where that ends a day.
static bool read_clock(const char *text, char end, uint32_t *minutes)
{
    int32_t hour = digits(text, 2), minute = hour < 0 || text[2] != ':' ? -1 : digits(text + 3, 2);
    if (minute < 0 || text[5] != end || minute > 59 || hour > 24 || (hour == 24 && minute > 0))
        return false;
    *minutes = (uint32_t)(hour * 60 + minute);
    return true;
}

static int find_day(const char *text, size_t size)
{
    for (int day = 0; day < DAYS; day++)
        if (strlen(day_names[day]) == size && strncmp(text, day_names[day], size) == 0)
            return day;
    return -1;
}

// Only the form is judged here: what zones there are, the host knows.
bool values_zone(const struct reading *r, void *place)
{
    size_t size = strlen(r->text);
    bool good = size > 0 && size < NET_NAME_MAX && isalpha((unsigned char)r->text[0]);
    for (const char *c = r->text; *c; c++)
        good &= isalnum((unsigned char)*c) || strchr("/_+-", *c);
    if (!good)
        return values_refuse(r, "is not the name of a time zone",
                             "write one such as Europe/Berlin");
    memcpy(place, r->text, size + 1);
    return true;
}

bool values_local_time(const struct reading *r, void *place)
{
    const char *text = r->text;
    struct civil date = {0};
    uint32_t minutes;
    bool good = strlen(text) == 16 && text[4] == '-' && text[7] == '-' && text[10] == ' ' &&
                read_clock(text + 11, '\0', &minutes) && digits(text, 4) >= 0 &&
                digits(text + 5, 2) >= 0 && digits(text + 8, 2) >= 0;
    if (good)
        date = (struct civil){digits(text, 4), (uint32_t)digits(text + 5, 2),
                              (uint32_t)digits(text + 8, 2)};
    if (!good || !civil_is_date(date) || date.year < YEAR_MIN || date.year > YEAR_MAX)
        return values_refuse(r, "is not a local time", "write one such as 2026-03-30 09:00");
    int64_t at_s = civil_days(date) * CIVIL_DAY_S + (int64_t)minutes * 60;
    memcpy(place, &at_s, sizeof at_s);
    return true;
}

bool values_week_time(const struct reading *r, void *place)
{
    size_t size = strcspn(r->text, " ");
    int day = find_day(r->text, size);
    uint32_t minutes;
    if (day < 0 || r->text[size] != ' ' || !read_clock(r->text + size + 1, '\0', &minutes) ||
        minutes == 24 * 60)
        return values_refuse(r, "is not a time of the week", "write one such as monday 09:00");
    memcpy(place, &(uint32_t){(uint32_t)day * 24 * 60 + minutes}, sizeof(uint32_t));
    return true;
}

bool values_days(const struct reading *r, void *place)
{
    uint32_t set;
    int day = find_day(r->text, strlen(r->text));
    if (day < 0)
        return values_refuse(r, "is not a day of the week", "write monday to sunday");
    memcpy(&set, place, sizeof set);
    set |= 1u << day;
    memcpy(place, &set, sizeof set);
    return true;
}

bool values_hours(const struct reading *r, void *place)
{
    uint32_t minutes[2];
    if (!read_clock(r->text, '-', &minutes[0]) || !read_clock(r->text + 6, '\0', &minutes[1]) ||
        minutes[0] == 24 * 60)
        return values_refuse(r, "are not hours of a day", "write them such as 09:00-17:00");
    memcpy(place, minutes, sizeof minutes);
    return true;
}
