// SPDX-License-Identifier: ISC
// Any octets as an agent's words and as a reader's: each step goes forward, and what is told keeps
// its promises.
#include "kernel/relay.h"

#include <stdlib.h>
#include <string.h>

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : abort())

static void check_frame(const struct relay_frame *frame, const uint8_t *from)
{
    uint8_t header[RELAY_HEADER_SIZE];
    struct writer w = writer_over(header, sizeof header);
    FUZZ_CHECK(frame->kind > 0 && frame->kind < RELAY_KINDS && frame->part < KERNEL_PARTS);
    FUZZ_CHECK(frame->size <= RELAY_PAYLOAD_MAX && frame->payload);
    FUZZ_CHECK(frame->kind != RELAY_GOODBYE || frame->size < RELAY_REASON_MAX);
    relay_frame_encode(&w, frame);
    FUZZ_CHECK(writer_ok(&w) && memcmp(header, from, sizeof header) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cursor words = cursor_over(bytes, size), requests = words;
    struct relay_hello hello;
    if (relay_hello_decode(&words, &hello) == RELAY_GOOD) {
        struct relay_frame frame;
        for (size_t from = words.pos; relay_frame_decode(&words, &frame) == RELAY_GOOD;
             from = words.pos) {
            FUZZ_CHECK(words.pos == from + RELAY_HEADER_SIZE + frame.size);
            check_frame(&frame, bytes + from);
        }
        relay_hello_decode(&requests, &hello);
    }
    enum kernel_part part;
    while (relay_request_decode(&requests, &part) == RELAY_GOOD)
        FUZZ_CHECK(part < KERNEL_PARTS);
    return 0;
}
