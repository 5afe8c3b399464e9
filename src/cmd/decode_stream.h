// SPDX-License-Identifier: ISC
// Protocols that are streams of bytes, for `fairlead decode`: from a raw file, from lines of
// hexadecimal of which each is a stream, or from a capture.
#pragma once

#include "base/cursor.h"

#include <jansson.h>
#include <stdio.h>

struct decode_step {
    size_t taken;  // octets; 0: the rest of the message is not there yet
    bool ends;     // the stream is over, or nobody knows where its next message begins
};

struct decode_protocol {
    const char *name;
    size_t message_max;                   // octets
    uint16_t port;                        // whose connections are surely of it; 0: none
    void *(*open)(const void *settings);  // NULL: out of memory
    void (*close)(void *stream);          // takes NULL
    // Adds to `object` what the first message of `bytes` says. `last`: nothing comes behind them,
    // so that something must be taken. At least as many as `message_max` are an end too.
    struct decode_step (*next)(void *stream, json_t *object, struct cursor bytes, bool last);
    // The same for a line that holds no octets to read.
    void (*refuse)(json_t *object, const char *reason);
    // Of captures. Whether a stream that begins with these octets is one; how many that takes.
    size_t claim_size;
    bool (*claims)(struct cursor bytes);
    // Between two others; `whole`: from its beginning.
    void (*observe)(void *stream, bool whole);
    void (*lost)(void *stream);              // octets are missing before the next
    void (*pair)(void *stream, void *twin);  // of the opposite direction; NULL: it is gone
};

struct decode_wish {
    const struct decode_protocol *protocol;
    const void *settings;  // for open()
    uint16_t port;         // of captures: only this one; 0: the protocol's, and what claims() says
};

// Print one object for each message of `path` (NULL: standard input). Give the exit status.
int decode_streams(const char *path, const struct decode_wish *wish);
int decode_stream_lines(const char *path, const struct decode_wish *wish);

// Of decode_capture.c: the file is open, at its beginning, and a capture. It is closed then.
int decode_capture(FILE *in, const struct decode_wish *wish);
