// SPDX-License-Identifier: ISC
#include "feed/replay.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1 << 10, FIRST_OCTETS = 1 << 20 };
enum { BATCH = 1 << 16 };  // routes: no message has as many

struct feed_kept {
    int64_t at_ns;
    size_t begin;  // of the body, in the octets
    uint16_t size;
    uint8_t as_size;
    bool add_path;
};

void feed_replay_done(struct feed_replay *replay)
{
    free(replay->kept);
    free(replay->octets);
    *replay = (struct feed_replay){0};
}

static bool make_room(struct feed_replay *replay, size_t octets)
{
    if (replay->count == replay->capacity) {
        size_t capacity = replay->capacity ? 2 * replay->capacity : FIRST_CAPACITY;
        struct feed_kept *kept = reallocarray(replay->kept, capacity, sizeof *kept);
        if (!kept)
            return false;
        replay->kept = kept;
        replay->capacity = capacity;
    }
    if (replay->octets_capacity - replay->octets_size < octets) {
        size_t capacity = replay->octets_capacity ? 2 * replay->octets_capacity : FIRST_OCTETS;
        uint8_t *larger = realloc(replay->octets, capacity);
        if (!larger)
            return false;
        replay->octets = larger;
        replay->octets_capacity = capacity;
    }
    return true;
}

bool feed_replay_add(struct feed_replay *replay, const struct feed_recorded *update)
{
    size_t size = cursor_left(&update->body);
    if (size > UINT16_MAX)
        return true;  // no message is so long; mrt/ gives none
    if (!make_room(replay, size))
        return false;
    if (size > 0)
        memcpy(replay->octets + replay->octets_size, update->body.bytes + update->body.pos, size);
    replay->kept[replay->count++] = (struct feed_kept){
        .at_ns = update->at_ns,
        .begin = replay->octets_size,
        .size = (uint16_t)size,
        .as_size = update->as_size,
        .add_path = update->add_path,
    };
    replay->octets_size += size;
    return true;
}

void feed_schedule_done(struct feed_schedule *schedule)
{
    feed_stream_done(&schedule->stream);
    free(schedule->dues);
    schedule->dues = NULL;
}

struct encoding {
    const struct feed_how *how;
    struct feed_schedule *schedule;
    struct bgp_route *routes;  // BATCH
    uint8_t *path;             // FEED_PATH_MAX
};

// The routes of a field that this peer takes; their number.
static size_t take_routes(struct encoding *e, struct bgp_nlri nlri)
{
    const struct bgp_context *context = e->how->context;
    size_t count = 0;
    if (nlri.family == FAMILY_NONE)
        return 0;
    while (count < BATCH && bgp_nlri_next(&nlri, &e->routes[count]))
        count++;
    const char *reason = !context->families[nlri.family] ? "the peer does not take their family"
                         : nlri.add_path && !context->add_path_send[nlri.family]
                             ? "the peer takes one path to a prefix"
                             : NULL;
    if (!reason)
        return count;
    feed_leave_out(&e->schedule->unwanted, count, reason);
    return 0;
}

// Each of these: false without memory.
static bool say_withdrawn(struct encoding *e, struct bgp_nlri nlri)
{
    size_t count = take_routes(e, nlri);
    e->schedule->withdrawn += count;
    return feed_say_withdrawn(&e->schedule->stream, e->how->context, e->routes, count);
}

static bool say_announced(struct encoding *e, struct bgp_nlri nlri, struct bgp_attributes a)
{
    struct feed_schedule *schedule = e->schedule;
    size_t count = take_routes(e, nlri);
    if (count == 0)
        return true;
    if (!feed_attributes_adapt(&a, nlri.family, e->how, e->path)) {
        feed_leave_out(&schedule->unwanted, count, "the peer takes no such next hop for IPv4");
        return true;
    }
    size_t done = feed_say_announced(&schedule->stream, e->how->context, &a, e->routes, count);
    if (done == FEED_NO_MEMORY)
        return false;
    feed_leave_out(&schedule->bad, count - done, "the attributes are too long for a message");
    schedule->announced += done;
    return true;
}

static bool say_end_of_rib(struct encoding *e, enum family family)
{
    if (family == FAMILY_NONE || !e->how->context->families[family])
        return true;
    return feed_say_end_of_rib(&e->schedule->stream, family);
}

// Withdrawals before announcements, as a message means them.
static bool say_update(struct encoding *e, const struct bgp_update *update,
                       const struct bgp_verdict *verdict)
{
    if (verdict->remedy == BGP_SESSION_RESET) {
        feed_leave_out(&e->schedule->bad, 1, verdict->reason);  // how many it held is not known
        return true;
    }
    if (verdict->remedy == BGP_IGNORE)
        feed_leave_out(&e->schedule->unwanted, 1, verdict->reason);
    bool good = say_withdrawn(e, update->withdrawn) && say_withdrawn(e, update->mp_withdrawn);
    if (verdict->remedy > BGP_ATTRIBUTE_DISCARD)  // RFC 7606 §2
        return good && say_withdrawn(e, update->announced) &&
               say_withdrawn(e, update->mp_announced);
    struct bgp_attributes classic = update->attributes, mp = update->attributes;
    classic.mp_next_hop = classic.mp_link_local = mp.next_hop = (struct address){0};
    return good && say_announced(e, update->announced, classic) &&
           say_announced(e, update->mp_announced, mp) && say_end_of_rib(e, update->end_of_rib);
}

static bool encode_kept(const struct feed_replay *replay, const struct feed_kept *kept,
                        struct encoding *e)
{
    struct bgp_context context = {
        .peer = e->how->context->peer,  // judged as the peer would
        .state = BGP_STATE_ESTABLISHED,
        .as4 = kept->as_size == 4,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .add_path = {[FAMILY_IPV4] = kept->add_path, [FAMILY_IPV6] = kept->add_path},
        .extended_message = true,
        .as_sets = true,
        .observed = true,
    };
    struct feed_schedule *schedule = e->schedule;
    struct bgp_update update;
    struct bgp_verdict verdict =
        bgp_update_decode(cursor_over(replay->octets + kept->begin, kept->size), &context, &update);
    size_t begun = schedule->stream.size;
    if (!say_update(e, &update, &verdict))
        return false;
    if (schedule->stream.size == begun)
        return true;
    int64_t at_ns = kept->at_ns - replay->kept[0].at_ns;
    int64_t before_ns = schedule->count > 0 ? schedule->dues[schedule->count - 1].at_ns : 0;
    schedule->dues[schedule->count++] = (struct feed_due){
        .at_ns = at_ns > before_ns ? at_ns : before_ns,
        .end = schedule->stream.size,
    };
    return true;
}

bool feed_replay_encode(const struct feed_replay *replay, const struct feed_how *how,
                        struct feed_schedule *schedule)
{
    schedule->dues = reallocarray(NULL, replay->count + 1, sizeof *schedule->dues);
    struct encoding e = {
        .how = how,
        .schedule = schedule,
        .routes = reallocarray(NULL, BATCH, sizeof *e.routes),
        .path = malloc(FEED_PATH_MAX),
    };
    bool good = schedule->dues && e.routes && e.path;
    for (size_t i = 0; i < replay->count && good; i++)
        good = encode_kept(replay, &replay->kept[i], &e);
    free(e.routes);
    free(e.path);
    return good;
}
