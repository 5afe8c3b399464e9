// SPDX-License-Identifier: ISC
#include "rib/best.h"

#include "rib/table.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>

struct candidate {
    const struct rib_view *view;
    const struct rib_path *path;
    struct attributes_rank rank;
    bool is_out;
};

struct value {  // the lower, the better
    uint64_t high, low;
};

static int compare(struct value a, struct value b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

// Parts of the merit, which attributes_rank() puts together.
static struct value by_local_pref(const struct candidate *c)
{
    return (struct value){c->rank.merit >> 32, 0};
}

static struct value by_as_path(const struct candidate *c)
{
    return (struct value){(uint32_t)c->rank.merit >> 8, 0};
}

static struct value by_origin(const struct candidate *c)
{
    return (struct value){c->rank.merit & 0xff, 0};
}

static struct value by_med(const struct candidate *c)
{
    return (struct value){c->rank.med, 0};
}

static const struct rib_speaker *speaker_of(const struct candidate *c)
{
    return &c->view->peers[c->path->peer].speaker;
}

static struct value by_external(const struct candidate *c)
{
    return (struct value){speaker_of(c)->external ? 0 : 1, 0};
}

static struct value by_id(const struct candidate *c)
{
    uint32_t originator = rib_view_attributes(c->view, c->path->attributes).originator_id;
    return (struct value){originator != 0 ? originator : speaker_of(c)->id, 0};
}

static struct value by_clusters(const struct candidate *c)
{
    enum { CLUSTER_ID_BYTES = 4 };
    size_t bytes = rib_view_attributes(c->view, c->path->attributes).cluster_list.size;
    return (struct value){bytes / CLUSTER_ID_BYTES, 0};
}

static struct value by_address(const struct candidate *c)
{
    struct value value;
    memcpy(&value, speaker_of(c)->address.bytes, sizeof value);
    return (struct value){be64toh(value.high), be64toh(value.low)};
}

static struct value by_path_id(const struct candidate *c)
{
    return (struct value){c->path->path_id, 0};
}

static struct value by_peer(const struct candidate *c)
{
    return (struct value){c->path->peer, 0};
}

static void say_local_pref(const struct candidate *c, char *text, size_t size)
{
    snprintf(text, size, "%u", UINT32_MAX - (uint32_t)by_local_pref(c).high);
}

static void say_origin(const struct candidate *c, char *text, size_t size)
{
    static const char *const names[] = {"igp", "egp", "incomplete", "unknown"};
    snprintf(text, size, "%s", names[by_origin(c).high & 3]);
}

static void say_external(const struct candidate *c, char *text, size_t size)
{
    snprintf(text, size, "%s", speaker_of(c)->external ? "eBGP" : "iBGP");
}

static void say_id(const struct candidate *c, char *text, size_t size)
{
    uint32_t id = htobe32((uint32_t)by_id(c).high);
    char address[ADDRESS_TEXT_MAX];
    snprintf(text, size, "%s", address_format(address_from_bytes(FAMILY_IPV4, &id), address));
}

static void say_address(const struct candidate *c, char *text, size_t size)
{
    char address[ADDRESS_TEXT_MAX];
    snprintf(text, size, "%s", address_format(speaker_of(c)->address, address));
}

static const struct {
    const char *name;
    struct value (*value)(const struct candidate *c);
    void (*say)(const struct candidate *c, char *text, size_t size);  // NULL: as a number
} steps[RIB_STEPS] = {
    [RIB_STEP_ONLY] = {"the only path", NULL, NULL},
    [RIB_STEP_LOCAL_PREF] = {"higher local preference", by_local_pref, say_local_pref},
    [RIB_STEP_AS_PATH] = {"shorter AS path", by_as_path, NULL},
    [RIB_STEP_ORIGIN] = {"lower origin", by_origin, say_origin},
    [RIB_STEP_MED] = {"lower MED of one neighbour AS", by_med, NULL},
    [RIB_STEP_EXTERNAL] = {"learned from outside", by_external, say_external},
    [RIB_STEP_ID] = {"lower router identifier", by_id, say_id},
    [RIB_STEP_CLUSTERS] = {"shorter cluster list", by_clusters, NULL},
    [RIB_STEP_ADDRESS] = {"lower peer address", by_address, say_address},
    [RIB_STEP_PATH_ID] = {"lower path identifier", by_path_id, NULL},
    [RIB_STEP_PEER] = {"first peer", by_peer, NULL},
};

struct contest {
    struct candidate candidates[RIB_CANDIDATES_MAX];
    size_t count, left;
    enum rib_step step;
    const struct candidate *second;  // the best of those that the step has put out
};

static struct candidate candidate_of(const struct rib_view *view, const struct rib_path *path)
{
    return (struct candidate){view, path, rib_rank(view, path->attributes), false};
}

static void put_out(struct contest *contest, struct candidate *c)
{
    struct value (*value)(const struct candidate *) = steps[contest->step].value;
    c->is_out = true;
    contest->left--;
    if (!contest->second || compare(value(c), value(contest->second)) < 0)
        contest->second = c;
}

// MED compares only paths from one neighbour AS, so it cannot order them all: it puts out those
// that another of the remaining ones beats (§9.1.2.2 c).
static bool med_loses(const struct contest *contest, const struct candidate *c)
{
    for (size_t i = 0; i < contest->count; i++) {
        const struct candidate *other = &contest->candidates[i];
        if (!other->is_out && other->rank.neighbour == c->rank.neighbour &&
            other->rank.med < c->rank.med)
            return true;
    }
    return false;
}

// The lowest of a neighbour stays in until the end, so that who is put out meanwhile does not
// count.
static void ask_med(struct contest *contest)
{
    for (size_t i = 0; i < contest->count; i++) {
        struct candidate *c = &contest->candidates[i];
        if (!c->is_out && med_loses(contest, c))
            put_out(contest, c);
    }
}

static void ask(struct contest *contest)
{
    struct value (*value)(const struct candidate *) = steps[contest->step].value;
    struct value best = {UINT64_MAX, UINT64_MAX};
    for (size_t i = 0; i < contest->count; i++) {
        const struct candidate *c = &contest->candidates[i];
        if (!c->is_out && compare(value(c), best) < 0)
            best = value(c);
    }
    for (size_t i = 0; i < contest->count; i++) {
        struct candidate *c = &contest->candidates[i];
        if (!c->is_out && compare(value(c), best) > 0)
            put_out(contest, c);
    }
}

struct rib_choice rib_best_of(const struct rib_view *view, const struct rib_path *paths,
                              size_t count)
{
    struct contest contest;  // most of it stays unused
    contest.count = contest.left = count;
    contest.step = RIB_STEP_ONLY;
    contest.second = NULL;
    assert(count > 0 && count <= RIB_CANDIDATES_MAX);
    for (size_t i = 0; i < count; i++)
        contest.candidates[i] = candidate_of(view, &paths[i]);
    while (contest.left > 1) {
        contest.step++;
        contest.second = NULL;
        assert(contest.step < RIB_STEPS);  // paths that are alike to the last are one
        if (contest.step == RIB_STEP_MED)
            ask_med(&contest);
        else
            ask(&contest);
    }
    const struct candidate *best = contest.candidates;
    while (best->is_out)
        best++;
    return (struct rib_choice){
        .path = *best->path,
        .step = contest.step,
        .second = contest.second ? *contest.second->path : *best->path,
    };
}

bool rib_best(const struct rib *rib, uint32_t peer, struct prefix prefix, struct rib_choice *choice)
{
    struct rib_path paths[RIB_PATHS_MAX], path;
    size_t count = 0;
    for (struct rib_paths walk = rib_peer_paths(rib, peer, prefix); rib_paths_next(&walk, &path);) {
        if (!rib_rank(&rib->live, path.attributes).marked)
            paths[count++] = path;
    }
    if (count == 0)
        return false;
    *choice = rib_best_of(&rib->live, paths, count);
    return true;
}

static void say(const struct candidate *c, enum rib_step step, char *text, size_t size)
{
    if (steps[step].say)
        steps[step].say(c, text, size);
    else
        snprintf(text, size, "%llu", (unsigned long long)steps[step].value(c).high);
}

const char *rib_choice_text(const struct rib_view *view, const struct rib_choice *choice,
                            char *text)
{
    char best[ADDRESS_TEXT_MAX], second[ADDRESS_TEXT_MAX];
    struct candidate one = candidate_of(view, &choice->path);
    struct candidate other = candidate_of(view, &choice->second);
    if (choice->step == RIB_STEP_ONLY) {
        snprintf(text, RIB_CHOICE_TEXT_MAX, "%s", steps[RIB_STEP_ONLY].name);
        return text;
    }
    say(&one, choice->step, best, sizeof best);
    say(&other, choice->step, second, sizeof second);
    snprintf(text, RIB_CHOICE_TEXT_MAX, "%s: %s against %s", steps[choice->step].name, best,
             second);
    return text;
}

bool rib_path_beats(const struct rib_view *view, const struct rib_path *a, const struct rib_path *b)
{
    return rib_rank(view, a->attributes).merit < rib_rank(view, b->attributes).merit;
}
