// SPDX-License-Identifier: ISC
// Any octets as a capture: the first is the link, then packets, each with two octets of length. No
// stream goes backwards, memory stays bounded, and at the end every stream has ended.
#include "capture/streams.h"

#include <stdlib.h>

#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static const int links[] = {PACKET_NULL,       PACKET_ETHERNET, PACKET_PPP,     PACKET_RAW,
                            PACKET_CISCO_HDLC, PACKET_COOKED,   PACKET_COOKED_2};

struct seen {
    uint32_t begun, ended;
};

static void check_events(struct streams *s, struct seen *seen)
{
    struct streams_event event;
    while (streams_next(s, &event)) {
        FUZZ_CHECK(event.slot < STREAMS_MAX);
        struct streams_ends ends = streams_ends(s, event.slot);
        FUZZ_CHECK(ends.number > 0);
        seen->begun = ends.number > seen->begun ? ends.number : seen->begun;
        seen->ended += event.kind == STREAMS_END;
        if (event.kind == STREAMS_DATA)
            FUZZ_CHECK(cursor_left(&event.data) > 0);
        if (event.kind == STREAMS_GAP)
            FUZZ_CHECK(event.size > 0 && event.size < UINT64_C(1) << 31);
        uint32_t twin, again;
        if (streams_twin(s, event.slot, &twin))
            FUZZ_CHECK(streams_twin(s, twin, &again) && again == event.slot);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct streams *s = streams_new((struct siphash_key){1, 2});
    if (!s)
        abort();
    struct cursor c = cursor_over(bytes, size);
    int link = links[cursor_u8(&c) % (sizeof links / sizeof links[0])];
    struct seen seen = {0};
    while (cursor_left(&c) > 2) {
        uint16_t length = cursor_be16(&c);
        size_t left = cursor_left(&c);
        struct packet packet = {0};
        struct cursor part = cursor_part(&c, length < left ? length : left);
        if (packet_read(link, part, &packet) != PACKET_TCP)
            continue;
        FUZZ_CHECK(cursor_left(&packet.data) <= packet.size);
        streams_add(s, &packet);
        check_events(s, &seen);
    }
    streams_finish(s);
    check_events(s, &seen);
    FUZZ_CHECK(seen.ended == seen.begun);
    struct streams_event event;
    FUZZ_CHECK(!streams_next(s, &event));
    streams_free(s);
    return 0;
}
