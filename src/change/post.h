// SPDX-License-Identifier: ISC
// A change as a pipeline posts it:
//
//   {"id":"CR-2026-3148","who":"anna","what":"BFD timers 1500 to 150","devices":["fra-rr-1"],
//    "diff":"-  transmit-interval 1500\n+  transmit-interval 150\n","at_unix_s":1772528460,
//    "rendered":{"fra-rr-1":"..."},"before":{"fra-rr-1":"..."}}
//
// Only id is required, and one of devices and rendered. What is rendered is compared at once, see
// siblings.h.
#pragma once

#include "change/change.h"

#include <jansson.h>

enum {
    CHANGE_POST_BYTES_MAX = 1024 * 1024,
    CHANGE_POST_DEVICES_MAX = 512,  // that one may name, known or not
    CHANGE_ODDS_MAX = 8,            // differences of one change that are told; the rest is counted
    CHANGE_FIELD_MAX = 64,
    CHANGE_EXPECTED_MAX = 128,  // bytes, with the final zero
};

struct change_error {
    char field[CHANGE_FIELD_MAX];  // "devices[2]"; "": the whole
    char expected[CHANGE_EXPECTED_MAX];
};

struct change_post {
    struct change change;  // `done_at` is not set, and devices may be more than fit a message
    int64_t at_unix_s;     // 0: now
    json_t *body;
    uint32_t odd_count, odd_more;
    struct change_odd odds[CHANGE_ODDS_MAX];
    char odd_names[CHANGE_ODDS_MAX][CHANGE_WHAT_MAX];  // on which: also devices that nobody knows
};

// False: `why` says what is wrong, and `post` is empty. Otherwise change_post_done() is due.
bool change_post_read(const struct net *net, const char *text, size_t size,
                      struct change_post *post, struct change_error *why);
void change_post_done(struct change_post *post);

// Compares what was rendered, and fills in what is odd of it. False: memory is out.
bool change_post_compare(const struct net *net, struct change_post *post);
