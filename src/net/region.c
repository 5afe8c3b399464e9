// SPDX-License-Identifier: ISC
#include "net/country.h"
#include "net/net.h"

// Of the first that holds a place it is the continent: coarse, but right for where people live, but
// for some miles along the borders. Whole degrees.
static const struct {
    int16_t south, north, west, east;
    const char *continent;
} boxes[] = {
    {-90, -60, -180, 180, "Antarctica"},
    {18, 29, -179, -154, "Oceania"},  // Hawaii
    {-50, -11, 112, 180, "Oceania"},
    {-50, 25, 141, 180, "Oceania"},
    {-50, 10, -180, -120, "Oceania"},
    {63, 67, -25, -13, "Europe"},         // Iceland
    {7, 12, -180, -77, "North America"},  // up to Panama
    {12, 84, -168, -30, "North America"},
    {59, 84, -75, -11, "North America"},  // Greenland
    {-60, 13, -92, -32, "South America"},
    {-50, 36, -32, 11, "Africa"},
    {36, 38, 0, 11, "Africa"},  // the coast from Algiers to Tunis
    {-50, 34, 11, 25, "Africa"},
    {-50, 32, 25, 34, "Africa"},
    {-50, 22, 34, 38, "Africa"},  // along the Red Sea
    {-50, 17, 38, 42, "Africa"},
    {-50, 12, 42, 52, "Africa"},
    {-50, 0, 52, 64, "Africa"},
    {34, 82, -32, 26, "Europe"},
    {34, 36, 11, 29, "Europe"},
    {40, 82, 26, 29, "Europe"},  // up to the Bosporus
    {43, 82, 29, 50, "Europe"},
    {51, 82, 50, 60, "Europe"},  // up to the Urals
    {-12, 82, 25, 180, "Asia"},
    {60, 75, -180, -168, "Asia"},  // behind the date line
};

static const char *of_location(const struct net_location *location)
{
    int64_t degree = 1000000, north = location->latitude_udeg, east = location->longitude_udeg;
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++)
        if (north >= boxes[i].south * degree && north <= boxes[i].north * degree &&
            east >= boxes[i].west * degree && east <= boxes[i].east * degree)
            return boxes[i].continent;
    return "";
}

const char *net_target_region(const struct net_target *target)
{
    const char *continent = country_continent(target->country);
    if (target->region[0])
        return target->region;
    return continent[0] || target->location.said < 2 ? continent : of_location(&target->location);
}
