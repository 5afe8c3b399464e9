// SPDX-License-Identifier: ISC
// Recorded octets from anywhere: whatever is said of them is a message that a peer takes.
//
// Input: an octet of flags (see below), then a route's attributes and an UPDATE's body alike.
#include "bgp/message.h"
#include "feed/replay.h"

#include <stdlib.h>

#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static void check_stream(const struct feed_stream *stream, const struct bgp_context *ours)
{
    struct bgp_context theirs = *ours;
    theirs.add_path[FAMILY_IPV4] = ours->add_path_send[FAMILY_IPV4];
    theirs.add_path[FAMILY_IPV6] = ours->add_path_send[FAMILY_IPV6];
    theirs.as_sets = true;
    theirs.observed = true;
    uint64_t messages = 0;
    for (size_t at = 0; at < stream->size; messages++) {
        size_t end = feed_stream_boundary(stream, at, at + 1);
        struct bgp_message message;
        struct bgp_verdict verdict =
            bgp_message_decode(cursor_over(stream->bytes + at, end - at), &theirs, &message);
        FUZZ_CHECK(verdict.remedy <= BGP_ATTRIBUTE_DISCARD);
        at = end;
    }
    FUZZ_CHECK(messages == stream->messages);
}

static void play_table(const struct feed_octets *octets, const struct feed_how *how)
{
    struct feed_table table;
    struct feed_output output = {0};
    struct bgp_route route = {.prefix = {.address.family = octets->family}};
    feed_table_init(&table, (struct siphash_key){1, 2});
    FUZZ_CHECK(feed_table_add(&table, &route, octets));
    FUZZ_CHECK(feed_table_encode(&table, how, &output));
    uint64_t said = output.counts.routes[octets->family];
    FUZZ_CHECK(said + output.counts.bad.count + output.counts.unwanted.count == 1);
    FUZZ_CHECK(output.withdraw.messages == said);
    check_stream(&output.announce, how->context);
    check_stream(&output.withdraw, how->context);
    feed_output_done(&output);
    feed_table_done(&table);
}

static void play_update(const struct feed_recorded *update, const struct feed_how *how)
{
    struct feed_replay replay = {0};
    struct feed_schedule schedule = {0};
    FUZZ_CHECK(feed_replay_add(&replay, update));
    FUZZ_CHECK(feed_replay_encode(&replay, how, &schedule));
    check_stream(&schedule.stream, how->context);
    FUZZ_CHECK(schedule.count == (schedule.stream.size > 0));
    feed_schedule_done(&schedule);
    feed_replay_done(&replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > 1 + FEED_OCTETS_MAX)
        return 0;
    uint8_t flags = bytes[0];
    bool add_path = flags & 8;
    struct bgp_context context = {
        .peer = flags & 1 ? BGP_EXTERNAL : BGP_INTERNAL,
        .as4 = flags & 2,
        .extended_message = flags & 4,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .add_path_send = {[FAMILY_IPV4] = add_path, [FAMILY_IPV6] = add_path},
        .next_hop_ipv6 = flags & 16,
    };
    struct feed_how how = {.context = &context, .prepend_as = flags & 32 ? 65009 : 0};
    uint8_t as_size = flags & 64 ? 2 : 4;
    play_table(&(struct feed_octets){{bytes + 1, size - 1},
                                     flags & 128 ? FAMILY_IPV6 : FAMILY_IPV4,
                                     as_size},
               &how);
    struct cursor body = cursor_over(bytes + 1, size - 1);
    play_update(&(struct feed_recorded){0, body, as_size, flags & 128}, &how);
    return 0;
}
