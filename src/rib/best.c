// SPDX-License-Identifier: ISC
#include "rib/best.h"

#include "bgp/as_path.h"

// What a path is compared by, in the order of the RFC.
struct merit {
    uint32_t local_pref, length, origin, neighbour, med, originator_id, cluster_count, path_id;
};

static struct merit merit_of(const struct rib *rib, const struct rib_path *path)
{
    enum { CLUSTER_ID_SIZE = 4 };
    struct rib_attributes a = rib_attributes(rib, path->attributes);
    return (struct merit){
        .local_pref = a.local_pref,
        .length = bgp_as_path_length(a.as_path),
        .origin = a.origin,
        .neighbour = bgp_as_path_neighbour(a.as_path),
        .med = a.med,
        .originator_id = a.originator_id,
        .cluster_count = (uint32_t)a.cluster_list.size / CLUSTER_ID_SIZE,
        .path_id = path->path_id,
    };
}

// By the steps before MED: negative when `a` is better.
static int before_med(const struct merit *a, const struct merit *b)
{
    if (a->local_pref != b->local_pref)
        return a->local_pref > b->local_pref ? -1 : 1;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return (a->origin > b->origin) - (a->origin < b->origin);
}

// By the steps after it: RFC 4271 §9.1.2.2 f, with the identifiers of RFC 4456 §9. Of what is left
// the path identifier decides, so that the answer does not depend on the order of arrival.
static bool after_med(const struct merit *a, const struct merit *b)
{
    if (a->originator_id != b->originator_id)
        return a->originator_id < b->originator_id;
    if (a->cluster_count != b->cluster_count)
        return a->cluster_count < b->cluster_count;
    return a->path_id < b->path_id;
}

// MED compares only paths from the same neighbour AS, so it cannot order them all: it takes out
// those that another of the remaining ones beats (§9.1.2.2 c).
static bool med_loses(const struct merit *merits, const bool *out, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++) {
        if (!out[i] && merits[i].neighbour == merits[at].neighbour &&
            merits[i].med < merits[at].med)
            return true;
    }
    return false;
}

size_t rib_best_of(const struct rib *rib, const struct rib_path *paths, size_t count)
{
    struct merit merits[RIB_PATHS_MAX];
    bool out[RIB_PATHS_MAX] = {false};
    size_t first = 0, best = count;
    for (size_t i = 0; i < count; i++) {
        merits[i] = merit_of(rib, &paths[i]);
        if (before_med(&merits[i], &merits[first]) < 0)
            first = i;
    }
    for (size_t i = 0; i < count; i++)
        out[i] = before_med(&merits[i], &merits[first]) > 0;
    for (size_t i = 0; i < count; i++) {
        if (out[i] || med_loses(merits, out, count, i))
            continue;
        if (best == count || after_med(&merits[i], &merits[best]))
            best = i;
    }
    return best;
}

bool rib_path_beats(const struct rib *rib, const struct rib_path *a, const struct rib_path *b)
{
    struct merit one = merit_of(rib, a), other = merit_of(rib, b);
    return before_med(&one, &other) < 0;
}
