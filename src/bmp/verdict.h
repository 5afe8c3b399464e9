// SPDX-License-Identifier: ISC
// What is to be done about a received BMP message, and why: RFC 7854 §3, §4.
#pragma once

#include <stddef.h>

enum bmp_remedy {
    BMP_ACCEPT,
    BMP_IGNORE,   // of a kind that we do not know: RFC 7854 asks to go on
    BMP_DISCARD,  // a part of it cannot be read and is left out; the rest is used
    BMP_DROP,     // malformed: nothing of it is used, the stream goes on
    BMP_CLOSE,    // it ends the stream, or nobody knows where the next message begins
    BMP_REMEDIES
};

struct bmp_verdict {
    enum bmp_remedy remedy;
    const char *spec;  // "RFC 7854 §4.2"; NULL with BMP_ACCEPT
    size_t at;         // octet in the message where it was found
    char reason[96];   // "the per-peer header is cut"; empty with BMP_ACCEPT
};

// "accept", "attribute-discard", "ignore" or "close": the words that BGP messages have, with which
// scripts read both.
const char *bmp_remedy_name(enum bmp_remedy remedy);

struct bmp_verdict bmp_verdict_of(enum bmp_remedy remedy, size_t at, const char *spec,
                                  const char *reason, ...) __attribute__((format(printf, 4, 5)));
