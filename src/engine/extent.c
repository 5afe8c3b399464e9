// SPDX-License-Identifier: ISC
#include "engine/extent.h"

#include "engine/state.h"
#include "incident/words.h"

#include <string.h>

enum {
    SAMPLES_MIN = 16,  // lately, to say anything of a destination
    LOSSY_SHARE = 20,  // one of so many lost: far beyond what is nobody's fault
};

static uint32_t upstreams_of(const struct engine *e, uint64_t paths, enum family family)
{
    uint32_t set = 0;
    for (uint64_t left = paths; left; left &= left - 1) {
        struct net_path path = e->paths[__builtin_ctzll(left)];
        if (path.family == family && path.upstream != NET_NOBODY)
            set |= UINT32_C(1) << path.upstream;
    }
    return set;
}

static int32_t routed_ppm(const struct engine *e, enum family family)
{
    uint32_t path = net_path_find(e->net, NET_NOBODY, family);
    if (path == NET_NOBODY || !watch_is_fresh(&e->watch, path, e->now))
        return -1;
    return (int32_t)watch_ppm_recent(&e->watch, path, e->now);
}

static uint32_t moved_from(const struct engine *e, uint64_t paths)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        count += move->wanted && !move_is_gone(move) && paths >> move->path & 1;
    }
    return count;
}

// ---- destinations

struct reach {
    uint32_t heard, lossy;  // targets, bit sets
};

static struct reach reach_of(const struct engine *e, uint64_t paths)
{
    struct reach reach = {0};
    for (uint64_t left = paths; left; left &= left - 1) {
        uint32_t path = (uint32_t)__builtin_ctzll(left);
        for (uint32_t t = 0; t < e->net->target_count; t++) {
            struct watch_cell count = watch_cell_recent(&e->watch, path, t, e->now);
            uint64_t all = (uint64_t)count.ok + count.lost;
            reach.heard |= (uint32_t)(all >= SAMPLES_MIN) << t;
            reach.lossy |=
                (uint32_t)(all >= SAMPLES_MIN && (uint64_t)count.lost * LOSSY_SHARE >= all) << t;
        }
    }
    return reach;
}

// What a target is counted by: its country where that is said, else its AS where that is known.
struct place {
    const char *country;
    uint32_t asn;  // only without a country; 0: neither is known
};

static uint32_t as_of(const struct engine *e, uint32_t target)
{
    const uint32_t *origins = e->origins[target];
    return origins[FAMILY_IPV4] ? origins[FAMILY_IPV4] : origins[FAMILY_IPV6];
}

static struct place place_of(const struct engine *e, uint32_t target)
{
    const char *country = e->net->targets[target].country;
    return (struct place){country, country[0] ? 0 : as_of(e, target)};
}

static uint32_t targets_at(const struct engine *e, struct place place)
{
    uint32_t set = 0;
    for (uint32_t t = 0; t < e->net->target_count; t++) {
        struct place one = place_of(e, t);
        set |= (uint32_t)(one.asn == place.asn && strcmp(one.country, place.country) == 0) << t;
    }
    return set;
}

// " (AS3320, AS64500)": those to which packets are lost.
static void say_ases(const struct engine *e, uint32_t lossy, struct words *words)
{
    bool any = false;
    for (uint32_t left = lossy; left; left &= left - 1) {
        uint32_t asn = as_of(e, (uint32_t)__builtin_ctz(left)), before = lossy & ~left;
        bool said = asn == 0;
        for (; before; before &= before - 1)
            said |= as_of(e, (uint32_t)__builtin_ctz(before)) == asn;
        if (said)
            continue;
        words_add(words, "%sAS%u", any ? ", " : " (", asn);
        any = true;
    }
    words_add(words, "%s", any ? ")" : "");
}

static void say_place(const struct engine *e, struct place place, struct reach reach,
                      struct words *words)
{
    uint32_t here = targets_at(e, place) & reach.heard;
    words_add(words, "%s", words->length > 0 ? "; " : "");
    if (place.country[0]) {
        words_add(words, "%s", place.country);
        say_ases(e, here & reach.lossy, words);
    } else if (place.asn) {
        words_add(words, "AS%u", place.asn);
    } else {
        words_add(words, "elsewhere");
    }
    words_add(words, ": %d of %d", __builtin_popcount(here & reach.lossy),
              __builtin_popcount(here));
}

// "DE (AS3320): 3 of 4; US: 0 of 2; elsewhere: 1 of 1", or "AS3320: 1 of 2". Where nothing is known
// of any, nothing is said.
static void say_destinations(const struct engine *e, struct reach reach, char *text)
{
    struct words words = words_in(text, EXTENT_DESTINATIONS_MAX);
    const struct place nowhere = {"", 0};
    uint32_t unknown = targets_at(e, nowhere) & reach.heard, left = reach.heard & ~unknown;
    bool any = left != 0;
    while (left) {
        struct place place = place_of(e, (uint32_t)__builtin_ctz(left));
        say_place(e, place, reach, &words);
        left &= ~targets_at(e, place);
    }
    if (any && unknown)
        say_place(e, nowhere, reach, &words);
}

struct effect_extent extent_of(const struct engine *e, const struct outage *outage)
{
    struct effect_extent extent = {
        .number = outage->number,
        .share_ppm = outage->share_ppm,
        .traffic_known = outage_desk_knows_traffic(e),
        .hit_ipv4 = upstreams_of(e, outage->hit, FAMILY_IPV4),
        .hit_ipv6 = upstreams_of(e, outage->hit, FAMILY_IPV6),
        .ever_ipv4 = upstreams_of(e, outage->paths, FAMILY_IPV4),
        .ever_ipv6 = upstreams_of(e, outage->paths, FAMILY_IPV6),
        .routed_ipv4_ppm = routed_ppm(e, FAMILY_IPV4),
        .routed_ipv6_ppm = routed_ppm(e, FAMILY_IPV6),
        .moved = moved_from(e, outage->paths),
        .own_lost = (uint32_t)__builtin_popcountll(outage->own_lost),
        .foreign_now = (uint32_t)__builtin_popcountll(outage->foreign_now),
    };
    struct words own = WORDS_IN(extent.own), foreign = WORDS_IN(extent.foreign);
    say_destinations(e, reach_of(e, outage->hit), extent.destinations);
    outage_say_own(e->net, outage->own, &own);
    outage_say_own(e->net, outage->foreign, &foreign);
    return extent;
}

bool extent_is_news(const struct effect_extent *now, const struct effect_extent *told)
{
    return now->number != told->number || now->hit_ipv4 != told->hit_ipv4 ||
           now->hit_ipv6 != told->hit_ipv6 || now->own_lost != told->own_lost ||
           now->foreign_now != told->foreign_now || (now->moved > 0) != (told->moved > 0);
}

bool extent_is_equal(const struct effect_extent *a, const struct effect_extent *b)
{
    return !extent_is_news(a, b) && a->share_ppm == b->share_ppm &&
           a->traffic_known == b->traffic_known && a->ever_ipv4 == b->ever_ipv4 &&
           a->ever_ipv6 == b->ever_ipv6 && a->routed_ipv4_ppm == b->routed_ipv4_ppm &&
           a->routed_ipv6_ppm == b->routed_ipv6_ppm && a->moved == b->moved &&
           strcmp(a->destinations, b->destinations) == 0 && strcmp(a->own, b->own) == 0 &&
           strcmp(a->foreign, b->foreign) == 0;
}
