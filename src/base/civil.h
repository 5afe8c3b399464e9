// SPDX-License-Identifier: ISC
// Days of the calendar (proleptic Gregorian) as numbers, 1970-01-01 being 0: Howard Hinnant's
// "chrono-compatible low-level date algorithms". Knows no time zone.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { CIVIL_DAY_S = 86400, CIVIL_WEEK_S = 7 * CIVIL_DAY_S };

struct civil {
    int32_t year;
    uint32_t month, day;  // from 1
};

// `month` 1 to 12, any day within.
static inline int64_t civil_days(struct civil date)
{
    int64_t year = (int64_t)date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = (int64_t)date.month + (date.month > 2 ? -3 : 9);
    int64_t day_of_year = (153 * month + 2) / 5 + (int64_t)date.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static inline struct civil civil_of(int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct civil date = {.day = (uint32_t)(day_of_year - (153 * month + 2) / 5 + 1),
                         .month = (uint32_t)(month < 10 ? month + 3 : month - 9)};
    date.year = (int32_t)(year_of_era + era * 400 + (date.month <= 2));
    return date;
}

static inline bool civil_is_date(struct civil date)
{
    if (date.month < 1 || date.month > 12 || date.day < 1)
        return false;
    struct civil back = civil_of(civil_days(date));
    return back.month == date.month && back.day == date.day;
}

// 0: Monday.
static inline uint32_t civil_weekday(int64_t days)
{
    return (uint32_t)(((days + 3) % 7 + 7) % 7);
}

// Towards earlier, also before 1970.
static inline int64_t civil_floor(int64_t seconds, int64_t unit)
{
    int64_t rest = seconds % unit;
    return (seconds - (rest < 0 ? rest + unit : rest)) / unit;
}
