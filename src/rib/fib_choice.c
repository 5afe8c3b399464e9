// SPDX-License-Identifier: ISC
#include "rib/fib_choice.h"

#include "rib/best.h"
#include "rib/fib_inside.h"

static void add_way(struct fib_choice *choice, struct fib_way way)
{
    for (uint8_t i = 0; i < choice->count; i++) {
        if (address_equal(choice->ways[i].next_hop, way.next_hop) &&
            address_equal(choice->ways[i].link_local, way.link_local))
            return;
    }
    if (choice->count < FIB_WAYS_MAX)
        choice->ways[choice->count++] = way;
    else
        choice->is_open = true;
}

static void add_path(const struct fib *fib, struct fib_choice *choice, const struct rib_path *path)
{
    struct rib_attributes a = rib_attributes(fib->rib, path->attributes);
    choice->is_own |= a.as_path.size == 0;
    add_way(choice, (struct fib_way){a.next_hop, a.link_local});
}

static bool is_echo(const struct fib *fib, const struct rib_path *path)
{
    return rib_attributes(fib->rib, path->attributes).marked;
}

// What other routers offer, unless the router's own path beats it wherever the two of them are.
static void add_others(const struct fib *fib, struct prefix prefix, const struct rib_path *best,
                       struct fib_choice *choice)
{
    struct rib_path path;
    for (struct rib_paths paths = rib_session_paths(fib->rib, prefix);
         rib_paths_next(&paths, &path);) {
        if (path.peer != fib->options.router && !is_echo(fib, &path) &&
            (!best || !rib_path_beats(rib_live(fib->rib), best, &path)))
            add_path(fib, choice, &path);
    }
}

static void add_override(const struct fib *fib, struct prefix prefix, struct fib_choice *choice)
{
    struct fib_way way = {0};
    const struct fib_options *o = &fib->options;
    if (o->override && o->override(o->context, prefix, &way.next_hop))
        add_way(choice, way);
}

// A router that sends several paths (RFC 7911) does not say which of them it uses.
static void choose_among(const struct fib *fib, struct prefix prefix, const struct rib_path *paths,
                         uint32_t count, struct fib_choice *choice)
{
    struct rib_path best = rib_best_of(rib_live(fib->rib), paths, count).path;
    for (uint32_t i = 0; i < count; i++) {
        if (paths[i].path_id == best.path_id ||
            !rib_path_beats(rib_live(fib->rib), &best, &paths[i]))
            add_path(fib, choice, &paths[i]);
    }
    add_others(fib, prefix, &best, choice);
}

static void choose_by_session(const struct fib *fib, struct prefix prefix,
                              struct fib_choice *choice)
{
    struct rib_path paths[RIB_PATHS_MAX], path;
    uint32_t count = 0;
    for (struct rib_paths all = rib_peer_paths(fib->rib, fib->options.router, prefix);
         rib_paths_next(&all, &path) && count < RIB_PATHS_MAX;) {
        if (!is_echo(fib, &path))
            paths[count++] = path;
    }
    choice->is = count > 0 ? FIB_CHOICE_MADE : FIB_CHOICE_NONE;
    if (count == 1 && paths[0].path_id == 0)
        add_path(fib, choice, &paths[0]);
    else if (count > 0)
        choose_among(fib, prefix, paths, count, choice);
    else
        add_others(fib, prefix, NULL, choice);
    add_override(fib, prefix, choice);
}

// What the router itself calls its choice: RFC 9069.
static void choose_by_loc_rib(const struct fib *fib, struct prefix prefix,
                              struct fib_choice *choice)
{
    struct rib_path path;
    choice->is = FIB_CHOICE_NONE;
    for (struct rib_paths all = rib_peer_paths(fib->rib, fib->loc_rib, prefix);
         rib_paths_next(&all, &path);) {
        add_path(fib, choice, &path);
        choice->is = FIB_CHOICE_MADE;
    }
}

static bool is_whole(const struct fib *fib, uint32_t peer, enum family family)
{
    return peer != RIB_NO_PEER && rib_peer_is_complete(fib->rib, peer, family) &&
           !rib_peer_is_partial(fib->rib, peer);
}

void fib_choose(const struct fib *fib, struct prefix prefix, struct fib_choice *choice)
{
    enum family family = prefix.address.family;
    choice->is = FIB_CHOICE_UNKNOWN;
    choice->is_own = choice->is_open = false;
    choice->count = 0;
    if (is_whole(fib, fib->loc_rib, family))
        choose_by_loc_rib(fib, prefix, choice);
    else if (is_whole(fib, fib->options.router, family))
        choose_by_session(fib, prefix, choice);
}
