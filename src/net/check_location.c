// SPDX-License-Identifier: ISC
#include "net/check_inside.h"
#include "net/country.h"

static void check_location(const struct check *c, const struct net_location *location,
                           uint32_t line, const char *name)
{
    if (c->sound && location->said == 1)
        net_errors_add(
            c->errors, NET_ERROR, line,
            "location of '%s': the longitude is missing: write [LATITUDE, LONGITUDE], such "
            "as [50.11, 8.68]",
            name);
}

static void check_country(const struct check *c, const char *country, const char *list, uint32_t i)
{
    if (country_is_no_code(country))
        net_errors_add(c->errors, NET_WARNING, line_of(c, list, i, "country"),
                       "%s[%u].country: '%s' is no code of ISO 3166: write the country's, such as "
                       "DE, or its name",
                       list, i, country);
}

void check_countries(const struct check *c)
{
    for (uint32_t i = 0; i < c->net->upstream_count; i++)
        check_country(c, c->net->upstreams[i].country, "upstreams", i);
    for (uint32_t i = 0; i < c->net->target_count; i++)
        check_country(c, c->net->targets[i].country, "targets", i);
}

void check_locations(const struct check *c)
{
    const struct net *net = c->net;
    check_location(c, &net->location, line_in(c, "location", NULL), net->site);
    for (uint32_t i = 0; i < net->upstream_count; i++)
        check_location(c, &net->upstreams[i].location, line_of(c, "upstreams", i, "location"),
                       net->upstreams[i].name);
    for (uint32_t i = 0; i < net->target_count; i++)
        check_location(c, &net->targets[i].location, line_of(c, "targets", i, "location"),
                       net->targets[i].name);
}
