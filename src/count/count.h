// SPDX-License-Identifier: ISC
// What a server says of its own connections: so many attempts, so many failed (refused, timed out,
// retransmitted), through one upstream or to one destination prefix. Comes as StatsD lines (line.h)
// or as JSON (json.h). Knows no sender, no clock.
#pragma once

#include "base/prefix.h"
#include "net/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COUNT_VALUE_MAX = 1000 * 1000 * 1000,  // of one line or item: more is a mistake
    COUNT_RATE_ALL = 1000 * 1000,
    COUNT_EXPECTED_MAX = 96,  // bytes, with the final zero
};

struct count {
    uint32_t upstream;     // index of struct net; NET_NOBODY: `prefix` is meant
    struct prefix prefix;  // destinations; FAMILY_NONE: `upstream` is meant
    enum family family;
    // What was counted, and how many of a million events were looked at to count them: servers
    // sample. Never divided out here: evidence is what was seen, not what it stands for.
    uint64_t attempts, failed;
    uint32_t rate_ppm;  // 1 to COUNT_RATE_ALL
};

enum count_verdict {
    COUNT_TAKEN,
    COUNT_FOREIGN,    // a line of another name: none of our business
    COUNT_MALFORMED,  // see struct count_error
};

// What is wrong, and where.
struct count_error {
    size_t byte;  // from 1 on
    char expected[COUNT_EXPECTED_MAX];
};

// A text inside what was read; size 0 with `text` NULL: it was not given.
struct count_text {
    const char *text;
    size_t size, byte;  // byte: where it stands, from 1 on
};

// What the counts are of, in words: an upstream and a family, or a prefix.
struct count_subject {
    struct count_text upstream, family, prefix, site;
    size_t byte;  // where it is missed if there is none
};

// Fills upstream, prefix and family of `count`. False: `why` is filled instead.
bool count_subject_read(const struct net *net, const struct count_subject *subject,
                        struct count *count, struct count_error *why);
// Fills `why`; gives COUNT_MALFORMED, so that readers can return it.
enum count_verdict count_refuse(struct count_error *why, size_t byte, const char *form, ...)
    __attribute__((format(printf, 3, 4)));
