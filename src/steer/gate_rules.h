// SPDX-License-Identifier: ISC
// The hard limits themselves: each answers whether it holds, and writes why when it does not. Only
// gate.c calls them; they are apart so that each fits an eye.
#pragma once

#include "steer/gate.h"

struct question {
    const struct gate *gate;
    const struct net *net;
    struct gate_request request;
    enum family family;
    struct mono now;
    // Found by S1, for S2 too, which is asked after it:
    bool is_learned;             // by the router, and no echo of ours
    uint32_t hidden_by;          // a router that has a path to copy, but would hide it; NET_NOBODY
    struct rib_path copied;      // attributes 0: none
    char text[PREFIX_TEXT_MAX];  // see gate_text()
    char *why;
};

const char *gate_text(struct question *q);  // the prefix, for a refusal: most are permitted

// Writes why not, and is false.
bool gate_no(struct question *q, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool gate_mode_is_act(struct question *q);            // S16
bool gate_tables_are_complete(struct question *q);    // S7
bool gate_prefix_is_permissible(struct question *q);  // S5
bool gate_spares_control_paths(struct question *q);   // S6, in gate_control.c
bool gate_is_learned(struct question *q);             // S1; looks at the paths
bool gate_path_is_live(struct question *q);           // S2
bool gate_is_marked(struct question *q);              // S3
bool gate_there_is_room(struct question *q);          // S4
