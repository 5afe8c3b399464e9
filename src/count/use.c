// SPDX-License-Identifier: ISC
#include "count/use.h"

#include <string.h>

// 8 bits an octet; -1: no upstream is so fast.
static int64_t bps_of(uint64_t octets, int64_t ns)
{
    double bps = (double)octets * 8 * NS_PER_S / (double)ns;
    return bps <= (double)COUNT_BPS_MAX ? (int64_t)bps : -1;
}

bool count_rate_take(struct count_rate *rate, struct mono now, const struct count_octets *octets,
                     struct count_use *use)
{
    const struct count_octets last = rate->last;
    int64_t ns = mono_since_ns(now, rate->at);
    bool begun = rate->begun;
    if (begun && ns < (int64_t)COUNT_RATE_MS_MIN * NS_PER_MS && last.index == octets->index)
        return false;  // measured from the earlier reading, later
    *rate = (struct count_rate){true, now, *octets};
    // 64 bits do not wrap in the life of an interface: what is less began anew.
    if (!begun || last.index != octets->index || octets->out < last.out || octets->in < last.in ||
        ns > (int64_t)COUNT_RATE_MS_MAX * NS_PER_MS)
        return false;
    use->out_bps = bps_of(octets->out - last.out, ns);
    use->in_bps = bps_of(octets->in - last.in, ns);
    return use->out_bps >= 0 && use->in_bps >= 0;
}

static bool read_bps(const json_t *item, const char *key, int64_t *bps, struct count_error *why)
{
    const json_t *value = json_object_get(item, key);
    *bps = json_integer_value(value);
    if (json_is_integer(value) && *bps >= 0 && *bps <= COUNT_BPS_MAX)
        return true;
    count_refuse(why, 0, "a whole number as %s, at most 10^15", key);
    return false;
}

// So many members, all of which were read.
static bool has_no_more(const json_t *item, size_t members, const char *what,
                        struct count_error *why)
{
    if (json_object_size(item) == members)
        return true;
    count_refuse(why, 0, "only %s", what);
    return false;
}

bool count_use_read(const struct net *net, const json_t *item, struct count_use *use,
                    struct count_error *why)
{
    const char *name = json_string_value(json_object_get(item, "upstream"));
    use->upstream = 0;
    while (name && use->upstream < net->upstream_count &&
           strcmp(net->upstreams[use->upstream].name, name) != 0)
        use->upstream++;
    if (!name || use->upstream == net->upstream_count ||
        net->upstreams[use->upstream].use.from != NET_USE_PUSHED) {
        count_refuse(why, 0, "an upstream with 'use: {from: pushed}'");
        return false;
    }
    return read_bps(item, "out_bps", &use->out_bps, why) &&
           read_bps(item, "in_bps", &use->in_bps, why) &&
           has_no_more(item, 3, "upstream, out_bps and in_bps", why);
}

static bool is_steered(const struct net *net, struct prefix prefix)
{
    for (uint32_t i = 0; i < net->steer.prefixes.count; i++)
        if (prefix_contains(net->steer.prefixes.items[i], prefix))
            return true;
    return false;
}

bool count_demand_read(const struct net *net, const json_t *item, struct count_demand *demand,
                       struct count_error *why)
{
    const char *prefix = json_string_value(json_object_get(item, "prefix"));
    if (!prefix || !prefix_parse(prefix, &demand->prefix)) {
        count_refuse(why, 0, "a prefix such as 192.0.2.0/24, no bit set after its length");
        return false;
    }
    if (!is_steered(net, demand->prefix)) {
        count_refuse(why, 0, "a prefix inside steer.prefixes");
        return false;
    }
    return read_bps(item, "bps", &demand->bps, why) && has_no_more(item, 2, "prefix and bps", why);
}
