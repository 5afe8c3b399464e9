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
    struct rib_path copied;  // found by S2; attributes 0: not yet
    char text[PREFIX_TEXT_MAX];
    char *why;
};

// Writes why not, and is false.
bool gate_no(struct question *q, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool gate_mode_is_act(struct question *q);            // S16
bool gate_tables_are_complete(struct question *q);    // S7
bool gate_prefix_is_permissible(struct question *q);  // S5
bool gate_spares_control_paths(struct question *q);   // S6, in gate_control.c
bool gate_is_learned(struct question *q);             // S1
bool gate_path_is_live(struct question *q);           // S2; sets `copied`
bool gate_is_marked(struct question *q);              // S3
bool gate_there_is_room(struct question *q);          // S4
