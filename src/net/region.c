// SPDX-License-Identifier: ISC
// Continents as the United Nations draw them (M49), America in two.
#include "net/net.h"

#include <string.h>
#include <strings.h>

// Codes of ISO 3166, each with a space behind it.
enum { CODE_LENGTH = 2 };
static const struct {
    const char *continent, *codes;
} continents[] = {
    {"Africa", "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR "
               "LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN "
               "TZ UG YT ZA ZM ZW "},
    {"Antarctica", "AQ "},
    {"Asia", "AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK "
             "MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE "},
    {"Europe", "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT "
               "JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA "},
    {"North America", "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC "
                      "MF MQ MS MX NI PA PM PR SV SX TC TT US VC VG VI "},
    {"Oceania", "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU "
                "WF WS "},
    {"South America", "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE "},
};

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

static const char *of_country(const char *country)
{
    for (size_t i = 0; i < sizeof continents / sizeof continents[0]; i++)
        for (const char *code = continents[i].codes; *code; code += CODE_LENGTH + 1)
            if (strncasecmp(code, country, CODE_LENGTH) == 0)
                return continents[i].continent;
    return "";
}

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
    const char *continent = "";
    if (target->region[0])
        return target->region;
    if (strlen(target->country) == CODE_LENGTH)
        continent = of_country(target->country);
    return continent[0] || target->location.said < 2 ? continent : of_location(&target->location);
}
