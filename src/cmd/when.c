// SPDX-License-Identifier: ISC
#include "cmd/when.h"

#include "base/civil.h"

#include <ctype.h>
#include <string.h>

// Digits, as many as are asked for; false: they are not there.
static bool take_digits(const char **text, int count, uint32_t *number)
{
    *number = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return false;
        *number = *number * 10 + (uint32_t)(**text - '0');
    }
    return true;
}

static bool take(const char **text, char c)
{
    bool is = **text == c;
    *text += is;
    return is;
}

static bool parse_clock(const char *text, int64_t *second)
{
    uint32_t hours = 0, minutes = 0, seconds = 0;
    if (take(&text, 'T') || take(&text, ' ')) {
        if (!take_digits(&text, 2, &hours) || !take(&text, ':') || !take_digits(&text, 2, &minutes))
            return false;
        if (take(&text, ':') && !take_digits(&text, 2, &seconds))
            return false;
        take(&text, 'Z');
    }
    *second = hours * INT64_C(3600) + minutes * 60 + seconds;
    return *text == '\0' && hours < 24 && minutes < 60 && seconds < 60;
}

static bool parse_civil(const char *text, int64_t *at_s)
{
    uint32_t year, month, day;
    int64_t second;
    if (!take_digits(&text, 4, &year) || !take(&text, '-') || !take_digits(&text, 2, &month) ||
        !take(&text, '-') || !take_digits(&text, 2, &day))
        return false;
    struct civil date = {(int32_t)year, month, day};
    if (!civil_is_date(date) || !parse_clock(text, &second))
        return false;
    *at_s = civil_days(date) * CIVIL_DAY_S + second;
    return true;
}

static bool parse_ago(const char *text, int64_t now_s, int64_t *at_s)
{
    static const char units[] = "smhd";
    static const int64_t seconds[] = {1, 60, 3600, CIVIL_DAY_S};
    int64_t number = 0;
    const char *c = text, *unit;
    for (; isdigit((unsigned char)*c) && c - text < 9; c++)
        number = number * 10 + (*c - '0');
    if (c == text || *c == '\0' || c[1] != '\0' || !(unit = strchr(units, *c)))
        return false;
    *at_s = now_s - number * seconds[unit - units];
    return true;
}

bool when_parse(const char *text, int64_t now_s, int64_t *at_s)
{
    size_t digits = strspn(text, "0123456789");
    if (take(&text, '-'))
        return parse_ago(text, now_s, at_s);
    if (digits == 0 || digits > 11 || text[digits] != '\0')
        return parse_civil(text, at_s);
    for (*at_s = 0; *text; text++)
        *at_s = *at_s * 10 + (*text - '0');
    return true;
}
