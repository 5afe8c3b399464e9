// SPDX-License-Identifier: ISC
#include "syslog/time.h"

static bool digits(struct syslog_reader *r, size_t count, uint32_t most, uint32_t *value)
{
    struct syslog_reader at = *r;
    if (syslog_number(&at, count, value) != count || *value > most)
        return false;
    *r = at;
    return true;
}

static uint32_t days_of(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool full_date(struct syslog_reader *r)
{
    uint32_t year, month, day;
    return digits(r, 4, 9999, &year) && syslog_skip(r, '-') && digits(r, 2, 12, &month) &&
           month > 0 && syslog_skip(r, '-') && digits(r, 2, days_of(year, month), &day) && day > 0;
}

static bool clock_time(struct syslog_reader *r)
{
    uint32_t value;
    return digits(r, 2, 23, &value) && syslog_skip(r, ':') && digits(r, 2, 59, &value) &&
           syslog_skip(r, ':') && digits(r, 2, 59, &value);
}

static bool zone_5424(struct syslog_reader *r)
{
    uint32_t value;
    if (syslog_skip(r, 'Z'))
        return true;
    if (!syslog_skip(r, '+') && !syslog_skip(r, '-'))
        return false;
    return digits(r, 2, 23, &value) && syslog_skip(r, ':') && digits(r, 2, 59, &value);
}

static bool fraction(struct syslog_reader *r, size_t digits_max)
{
    uint32_t value;
    return !syslog_skip(r, '.') || syslog_number(r, digits_max, &value) > 0;
}

bool syslog_time_5424(struct syslog_reader *r, struct syslog_text *time, size_t *at)
{
    struct syslog_reader in = *r;
    bool good = full_date(&in) && syslog_skip(&in, 'T') && clock_time(&in) && fraction(&in, 6) &&
                zone_5424(&in) && (syslog_left(&in) == 0 || syslog_peek(&in, 0) == ' ');
    *at = in.pos;
    if (!good)
        return false;
    *time = (struct syslog_text){r->text + r->pos, in.pos - r->pos};
    *r = in;
    return true;
}

static bool month_name(struct syslog_reader *r)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (syslog_left(r) < 3)
        return false;
    for (size_t i = 0; i < sizeof names - 1; i += 3) {
        if (memcmp(r->text + r->pos, names + i, 3) == 0) {
            r->pos += 3;
            return true;
        }
    }
    return false;
}

// "Feb  5", "2018-07-23", "2018-7-23", "2018-Nov- 9", "2018 Apr 20".
static bool any_date(struct syslog_reader *r)
{
    uint32_t value;
    struct syslog_reader in = *r;
    char between = ' ';
    if (syslog_number(&in, 4, &value) == 4) {
        between = syslog_peek(&in, 0);
        if ((between != ' ' && between != '-') || !syslog_skip(&in, between))
            return false;
    }
    bool month = month_name(&in) || (between == '-' && syslog_number(&in, 2, &value) > 0);
    if (!month || !syslog_skip(&in, between))
        return false;
    syslog_skip_blanks(&in);
    if (syslog_number(&in, 2, &value) == 0)
        return false;
    *r = in;
    return true;
}

// Behind a time: " MEST", " UTC", "+01:00", " +0100", " 2018". Not what may be a host's name: in
// capitals, and with a colon behind, as those write it who write zones.
static void any_zone(struct syslog_reader *r)
{
    struct syslog_reader in = *r;
    uint32_t value;
    if (zone_5424(&in)) {
        *r = in;
        return;
    }
    in = *r;
    if (!syslog_skip(&in, ' '))
        return;
    struct syslog_reader year = in;
    if (syslog_number(&year, 4, &value) == 4)
        in = year;
    else if (syslog_peek(&in, 0) == '+' || syslog_peek(&in, 0) == '-')
        while (syslog_skip(&in, '+') || syslog_skip(&in, '-') || syslog_skip(&in, ':') ||
               syslog_number(&in, 4, &value) > 0)
            ;
    else
        while (syslog_is_upper(syslog_peek(&in, 0)) && in.pos - r->pos < 6)
            in.pos++;
    bool colon = syslog_peek(&in, 0) == ':' && syslog_peek(&in, 1) == ' ';
    bool digit = syslog_peek(&in, 0) == ' ' && syslog_is_digit(r->text[in.pos - 1]);
    if (in.pos - r->pos >= 4 && (colon || digit))
        *r = in;
}

bool syslog_time_bsd(struct syslog_reader *r, struct syslog_text *time)
{
    struct syslog_reader in = *r;
    uint32_t value;
    if (!syslog_skip(&in, '*'))
        syslog_skip(&in, '.');
    size_t begin = in.pos;
    if (!any_date(&in) || (!syslog_skip(&in, ' ') && !syslog_skip(&in, 'T')) || !clock_time(&in))
        return false;
    while (syslog_skip(&in, '.'))  // VRP counts a second's parts in two steps: .270.1
        if (syslog_number(&in, 9, &value) == 0)
            return false;
    any_zone(&in);
    *time = (struct syslog_text){r->text + begin, in.pos - begin};
    *r = in;
    return true;
}
