// SPDX-License-Identifier: ISC
#include "feed/table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1 << 14 };

void feed_table_init(struct feed_table *table, struct siphash_key key)
{
    *table = (struct feed_table){0};
    feed_sets_init(&table->sets, key);
}

void feed_table_done(struct feed_table *table)
{
    feed_sets_done(&table->sets);
    free(table->routes);
    table->routes = NULL;
    table->count = table->capacity = 0;
}

static bool grow(struct feed_table *table)
{
    size_t capacity = table->capacity ? 2 * table->capacity : FIRST_CAPACITY;
    struct feed_route *routes = reallocarray(table->routes, capacity, sizeof *routes);
    if (!routes)
        return false;
    table->routes = routes;
    table->capacity = capacity;
    return true;
}

bool feed_table_add(struct feed_table *table, const struct bgp_route *route,
                    const struct feed_octets *octets)
{
    if (table->count == table->capacity && !grow(table))
        return false;
    uint32_t set = feed_sets_take(&table->sets, octets);
    if (set == FEED_NO_SET)
        return false;
    table->routes[table->count++] = (struct feed_route){*route, set};
    return true;
}

void feed_output_done(struct feed_output *output)
{
    feed_stream_done(&output->announce);
    feed_stream_done(&output->withdraw);
}

// The routes of a family that the peer takes, those of a set together.
struct sorted {
    struct bgp_route *routes;
    size_t *ends;  // of each set's, in `routes`
};

static const char *why_not(const struct feed_table *table, size_t at, const struct feed_how *how)
{
    struct prefix prefix = table->routes[at].route.prefix;
    enum family family = prefix.address.family;
    if (!how->context->families[family])
        return family == FAMILY_IPV6 ? "the peer does not take IPv6"
                                     : "the peer does not take IPv4";
    bool again = at > 0 && prefix_equal(table->routes[at - 1].route.prefix, prefix);
    return again && !how->context->add_path_send[family] ? "the peer takes one path to a prefix"
                                                         : NULL;
}

static void sort_routes(const struct feed_table *table, enum family family,
                        const struct feed_how *how, const struct sorted *sorted,
                        struct feed_left_out *unwanted)
{
    size_t begin = 0;
    for (uint32_t set = 0; set < table->sets.count; set++) {
        sorted->ends[set] = begin;
        begin += table->sets.sets[set].uses;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct feed_route *route = &table->routes[i];
        if (route->route.prefix.address.family != family)
            continue;
        const char *reason = why_not(table, i, how);
        if (reason)
            feed_leave_out(unwanted, 1, reason);
        else
            sorted->routes[sorted->ends[route->set]++] = route->route;
    }
}

struct encoding {
    const struct feed_how *how;
    struct feed_output *output;
    struct sorted sorted;
    uint8_t *scratch, *path;  // FEED_SCRATCH_MAX, FEED_PATH_MAX
};

// Gives how many were announced, from the first. FEED_NO_MEMORY.
static size_t announce_set(const struct encoding *e, const struct feed_octets *octets,
                           const struct bgp_route *routes, size_t count)
{
    struct feed_counts *counts = &e->output->counts;
    struct bgp_attributes a;
    struct bgp_verdict verdict =
        feed_attributes_read(octets, e->how->context->peer, e->scratch, &a);
    if (verdict.remedy > BGP_ATTRIBUTE_DISCARD) {
        feed_leave_out(&counts->bad, count, verdict.reason);
        return 0;
    }
    if (!feed_attributes_adapt(&a, octets->family, e->how, e->path)) {
        feed_leave_out(&counts->unwanted, count, "the peer takes no such next hop for IPv4");
        return 0;
    }
    size_t done = feed_say_announced(&e->output->announce, e->how->context, &a, routes, count);
    if (done < count)
        feed_leave_out(&counts->bad, count - done, "the attributes are too long for a message");
    return done;
}

static bool encode_family(const struct feed_table *table, enum family family,
                          const struct encoding *e)
{
    struct bgp_route *routes = e->sorted.routes;
    size_t announced = 0, begin = 0;
    sort_routes(table, family, e->how, &e->sorted, &e->output->counts.unwanted);
    for (uint32_t i = 0; i < table->sets.count; begin += table->sets.sets[i].uses, i++) {
        size_t count = e->sorted.ends[i] - begin;
        if (count == 0)
            continue;
        size_t done = announce_set(e, &table->sets.sets[i].octets, routes + begin, count);
        if (done == FEED_NO_MEMORY)
            return false;
        // Side by side, for the withdrawals: they need no attributes.
        memmove(routes + announced, routes + begin, done * sizeof *routes);
        announced += done;
    }
    e->output->counts.routes[family] = announced;
    return feed_say_end_of_rib(&e->output->announce, family) &&
           feed_say_withdrawn(&e->output->withdraw, e->how->context, routes, announced);
}

bool feed_table_encode(const struct feed_table *table, const struct feed_how *how,
                       struct feed_output *output)
{
    struct encoding e = {
        .how = how,
        .output = output,
        .sorted.routes = reallocarray(NULL, table->count + 1, sizeof *e.sorted.routes),
        .sorted.ends = calloc(table->sets.count + 1, sizeof *e.sorted.ends),
        .scratch = malloc(FEED_SCRATCH_MAX),
        .path = malloc(FEED_PATH_MAX),
    };
    bool good = e.sorted.routes && e.sorted.ends && e.scratch && e.path;
    for (enum family family = FAMILY_IPV4; family < FAMILIES && good; family++)
        if (how->context->families[family])
            good = encode_family(table, family, &e);
        else
            sort_routes(table, family, how, &e.sorted, &output->counts.unwanted);
    free(e.sorted.routes);
    free(e.sorted.ends);
    free(e.scratch);
    free(e.path);
    return good;
}
