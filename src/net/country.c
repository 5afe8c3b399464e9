// SPDX-License-Identifier: ISC
// Continents as the United Nations draw them (M49), America in two.
#include "net/country.h"

#include <ctype.h>
#include <string.h>

// Codes of ISO 3166, each with a space behind it; and XK, which all use for Kosovo, that has none.
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
               "JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK "},
    {"North America", "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC "
                      "MF MQ MS MX NI PA PM PR SV SX TC TT US VC VG VI "},
    {"Oceania", "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU "
                "WF WS "},
    {"South America", "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE "},
};

// Codes that ISO 3166 reserves because they are written in place of its own: by the one itself, and
// by the European Union.
static const struct {
    const char *written, *is;
} others[] = {{"UK", "GB"}, {"EL", "GR"}};

void country_settle(char *country)
{
    if (strlen(country) != CODE_LENGTH)
        return;
    for (size_t i = 0; i < CODE_LENGTH; i++)
        country[i] = (char)toupper((unsigned char)country[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(country, others[i].written) == 0)
            memcpy(country, others[i].is, CODE_LENGTH);
}

const char *country_continent(const char *country)
{
    if (strlen(country) != CODE_LENGTH)
        return "";
    for (size_t i = 0; i < sizeof continents / sizeof continents[0]; i++)
        for (const char *code = continents[i].codes; *code; code += CODE_LENGTH + 1)
            if (strncmp(code, country, CODE_LENGTH) == 0)
                return continents[i].continent;
    return "";
}

bool country_is_no_code(const char *country)
{
    return strlen(country) == CODE_LENGTH && !country_continent(country)[0];
}
