// SPDX-License-Identifier: ISC
// What was noticed about tables, sessions, devices and servers' counters, with the numbers behind
// it: an own prefix that vanished, a kernel that forwards otherwise than BGP chose, a peer that
// sends rubbish. Told to people; by itself no reason to move traffic. A new kind is one row in
// notice_kind.h and one in notice.c.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"
#include "detect/notice_kind.h"

#include <stdbool.h>
#include <stdint.h>

// Which process notices it; no other may say so.
enum notice_origin {
    NOTICE_BY_ROUTE,
    NOTICE_BY_PROBE,
    NOTICE_BY_INGEST,
    NOTICE_BY_HOOK,
    NOTICE_BY_SHELL,
    NOTICE_BY_ENGINE
};

// A warning: degraded, but going on. An error: a person must act.
enum notice_severity { NOTICE_INFO, NOTICE_WARN, NOTICE_ERROR, NOTICE_SEVERITIES };

// What holds for every notice of a kind.
struct notice_rule {
    const char *name;   // as in messages and in `fairlead notices`
    const char *words;  // for people: "own prefix withdrawn"
    enum notice_severity severity;
    bool stands;  // raised until cleared; otherwise it is told once, as a moment
};

enum { NOTICE_PEER_MAX = 128, NOTICE_TEXT_MAX = 160 };  // bytes, with the final zero

struct notice {
    enum notice_kind kind;
    bool raised;                 // false: it is over; moments are always raised
    uint32_t router;             // index of struct net; NET_NOBODY: of no single one
    struct prefix prefix;        // FAMILY_NONE: of no single one
    char peer[NOTICE_PEER_MAX];  // "edge1", "edge1/192.0.2.1 in-pre"; "": all
    char text[NOTICE_TEXT_MAX];  // the evidence, in words
    uint32_t count, total;       // the evidence in numbers: `count` of `total`; 0: none
    struct mono since;           // when it began, as far as is known
    uint32_t dropped;            // notices of this kind left out since the one told before
    bool asked;                  // of a device: it was asked, and did not say it by itself
};

extern const struct notice_rule notice_rules[NOTICE_KINDS];

enum notice_origin notice_origin(const struct notice *notice);
// The same thing noticed again: kind, router, peer and prefix are equal.
bool notice_is_same(const struct notice *a, const struct notice *b);
