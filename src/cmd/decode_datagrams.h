// SPDX-License-Identifier: ISC
// Protocols whose messages are datagrams, for `fairlead decode`: from lines of hexadecimal of which
// each is one, or from a capture.
#pragma once

#include "cmd/decode.h"
#include "cmd/decode_pcap.h"

struct decode_datagrams {
    const char *name;
    enum packet_kind kind;  // that carries it
    // Whether one of a capture is of the protocol.
    bool (*is_mine)(const struct packet *packet, const void *settings);
    // Adds to `object` what it says; `packet` is NULL for a line.
    void (*message)(json_t *object, struct cursor bytes, const struct packet *packet,
                    const void *settings);
    const void *settings;
};

// Prints one object for each. Gives the exit status. `path` NULL: standard input.
int decode_datagrams(const char *path, bool hex, const struct decode_datagrams *protocol);

// For something that is not answered or used, and why; `at` counts in the message.
struct decode_refusal {
    const char *verdict, *reason, *spec;
    size_t at;
};
void decode_set_refusal(json_t *object, const struct decode_refusal *refusal);
