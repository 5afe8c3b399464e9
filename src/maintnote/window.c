// SPDX-License-Identifier: ISC
#include "maintnote/window.h"

#include <stdio.h>
#include <string.h>

enum { YEAR_MIN = 1971, YEAR_MAX = 2199, LENGTH_S_MAX = 366 * 86400 };

// Of a VTIMEZONE with all its history.
enum { ZONE_PARTS_MAX = 256, ZONE_DATES_MAX = 512 };

static bool no(char *why, const char *text)
{
    snprintf(why, WINDOW_WHY_MAX, "%s", text);
    return false;
}

static bool is_none(short first)
{
    return first == ICAL_RECURRENCE_ARRAY_MAX;
}

// Real zones change in one month, on one sort of day: a rule that says every
// second would keep the library busy for hours.
static bool is_sane_rule(struct icalrecurrencetype says)
{
    return says.freq == ICAL_YEARLY_RECURRENCE && is_none(says.by_second[0]) &&
           is_none(says.by_minute[0]) && is_none(says.by_hour[0]) && is_none(says.by_day[1]) &&
           is_none(says.by_month[1]) && is_none(says.by_year_day[0]) &&
           is_none(says.by_week_no[0]) && is_none(says.by_set_pos[0]);
}

static bool is_sane(icalcomponent *zone)
{
    int parts = 0, dates = 0;
    for (icalcomponent *part = icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT); part;
         part = icalcomponent_get_next_component(zone, ICAL_ANY_COMPONENT), parts++) {
        icalproperty *rule = icalcomponent_get_first_property(part, ICAL_RRULE_PROPERTY);
        dates += icalcomponent_count_properties(part, ICAL_RDATE_PROPERTY);
        if ((rule && !is_sane_rule(icalproperty_get_rrule(rule))) ||
            icalcomponent_count_properties(part, ICAL_RRULE_PROPERTY) > 1)
            return false;
    }
    return parts <= ZONE_PARTS_MAX && dates <= ZONE_DATES_MAX;
}

// The component of that name which the calendar brings; NULL.
static icalcomponent *brought(icalcomponent *calendar, const char *name)
{
    for (icalcomponent *zone =
             icalcomponent_get_first_component(calendar, ICAL_VTIMEZONE_COMPONENT);
         zone; zone = icalcomponent_get_next_component(calendar, ICAL_VTIMEZONE_COMPONENT)) {
        icalproperty *id = icalcomponent_get_first_property(zone, ICAL_TZID_PROPERTY);
        const char *its = id ? icalproperty_get_tzid(id) : NULL;
        if (its && strcmp(its, name) == 0)
            return zone;
    }
    return NULL;
}

static icaltimezone *zone_of(icalcomponent *event, const char *name, char *why)
{
    icalcomponent *calendar = icalcomponent_get_parent(event);
    icalcomponent *own = calendar ? brought(calendar, name) : NULL;
    icaltimezone *zone = NULL;
    if (own && !is_sane(own)) {
        no(why, "its VTIMEZONE has rules that no time zone has");
        return NULL;
    }
    if (own)
        zone = icalcomponent_get_timezone(calendar, name);
    if (!zone)
        zone = icaltimezone_get_builtin_timezone(name);
    if (!zone)
        snprintf(why, WINDOW_WHY_MAX, "time zone '%.60s' is known neither to it nor to this host",
                 name);
    for (char *c = why; !zone && *c; c++)
        *c = (unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f ? '?' : *c;
    return zone;
}

static bool is_same(struct icaltimetype a, struct icaltimetype b)
{
    return a.day == b.day && a.month == b.month && a.hour == b.hour && a.minute == b.minute &&
           a.second == b.second;
}

// The library takes the 32nd of a month for the first of the next.
static bool is_time(struct icaltimetype time)
{
    struct icaltimetype same = icaltime_normalize(time);
    return !icaltime_is_null_time(time) && time.year >= YEAR_MIN && time.year <= YEAR_MAX &&
           is_same(same, time);
}

static int64_t offset_s(time_t at, icaltimezone *zone)
{
    icaltimezone *utc = icaltimezone_get_utc_timezone();
    return icaltime_as_timet_with_zone(icaltime_from_timet_with_zone(at, 0, zone), utc) - at;
}

// Of a time that comes twice when clocks go back the first is meant, and one that is left out when
// they go forward is read by the clock of before (RFC 5545 §3.3.5). The library takes the second,
// and the clock of behind.
static int64_t moment_in(struct icaltimetype time, icaltimezone *zone)
{
    static const int steps_s[] = {7200, 3600, 1800};  // Lord Howe's is the shortest
    icaltimezone *utc = icaltimezone_get_utc_timezone();
    time_t s = icaltime_as_timet_with_zone(time, zone);
    for (size_t i = 0; i < sizeof steps_s / sizeof steps_s[0]; i++)
        if (is_same(icaltime_from_timet_with_zone(s - steps_s[i], 0, zone), time))
            return (int64_t)s - steps_s[i];
    if (!is_same(icaltime_from_timet_with_zone(s, 0, zone), time))
        return (int64_t)icaltime_as_timet_with_zone(time, utc) - offset_s(s - steps_s[0], zone);
    return (int64_t)s;
}

static bool moment_of(icalcomponent *event, icalproperty *property, int64_t *s, char *why)
{
    icalvalue *value = property ? icalproperty_get_value(property) : NULL;
    if (!value || icalvalue_isa(value) == ICAL_DATE_VALUE)
        return no(why,
                  value ? "it says only a day: from when on is not known" : "DTSTART is missing");
    struct icaltimetype time = icalvalue_get_datetime(value);
    icalparameter *named = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
    if (icalvalue_isa(value) != ICAL_DATETIME_VALUE || !is_time(time))
        return no(why, "DTSTART or DTEND is no time");
    icaltimezone *zone = icaltimezone_get_utc_timezone();
    const char *name = named ? icalparameter_get_tzid(named) : NULL;
    if (!icaltime_is_utc(time) && !name)
        return no(why, "a time without a zone: of which clock is not said");
    if (!icaltime_is_utc(time) && !(zone = zone_of(event, name, why)))
        return false;
    *s = moment_in(time, zone);
    return true;
}

bool window_of(icalcomponent *event, int64_t *from_s, int64_t *until_s, char *why)
{
    icalproperty *start = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
    icalproperty *end = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY);
    icalproperty *length = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
    int64_t from, until;
    if (icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY) ||
        icalcomponent_get_first_property(event, ICAL_RDATE_PROPERTY))
        return no(why, "it repeats: write each time as an event of its own");
    if (!moment_of(event, start, &from, why))
        return false;
    if (!end && !length)
        return no(why, "DTEND is missing: until when is not known");
    // A length is of the clock on the wall where it has days (RFC 5545 §3.3.6);
    // work has hours.
    if (!end)
        until = from + icaldurationtype_as_int(icalproperty_get_duration(length));
    else if (!moment_of(event, end, &until, why))
        return false;
    if (until <= from || until - from > LENGTH_S_MAX)
        return no(why, "it ends before it begins, or lasts for more than a year");
    *from_s = from;
    *until_s = until;
    return true;
}
