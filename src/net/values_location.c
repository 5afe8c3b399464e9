// SPDX-License-Identifier: ISC
// Where something is on the earth, as maps say it: degrees north, degrees east, with decimals.
#include "net/values_inside.h"

#include <ctype.h>

enum { DECIMALS = 6, UDEG = 1000000, NORTH_MAX = 90, EAST_MAX = 180 };

// Whole digits, a point, and up to six more; false when the text is anything else.
static bool read_degrees(const char *text, int32_t max, int32_t *udeg)
{
    bool negative = *text == '-';
    int64_t value = 0;
    int decimals = -1;
    text += negative;
    if (!isdigit((unsigned char)*text))
        return false;
    for (; *text; text++) {
        if (*text == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (!isdigit((unsigned char)*text) || decimals == DECIMALS || value > UDEG * INT64_C(1000))
            return false;
        value = value * 10 + (*text - '0');
        decimals += decimals >= 0;
    }
    if (decimals == 0)
        return false;  // "50."
    for (decimals = decimals < 0 ? 0 : decimals; decimals < DECIMALS; decimals++)
        value *= 10;
    if (value > max * (int64_t)UDEG)
        return false;
    *udeg = (int32_t)(negative ? -value : value);
    return true;
}

bool values_location(const struct reading *r, void *place)
{
    struct net_location *location = place;
    bool east = location->said == 1;
    if (location->said == 2)
        return values_refuse(r, "is one too many", "write [LATITUDE, LONGITUDE]");
    location->said++;
    if (read_degrees(r->text, east ? EAST_MAX : NORTH_MAX,
                     east ? &location->longitude_udeg : &location->latitude_udeg))
        return true;
    return values_refuse(
        r, east ? "is not a longitude" : "is not a latitude",
        east ? "write degrees east, -180 to 180, with at most 6 decimals: [50.11, 8.68]"
             : "write degrees north, -90 to 90, with at most 6 decimals: [50.11, 8.68]");
}
