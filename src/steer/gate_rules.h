// SPDX-License-Identifier: ISC
// The hard limits themselves: each answers whether it holds, and writes why when it does not. Only
// gate.c calls them; they are apart so that each fits an eye.
#pragma once

#include "base/prefix_cover.h"
#include "steer/gate.h"

struct question {
    const struct gate *gate;
    const struct net *net;
    struct gate_request request;
    enum family family;
    struct mono now;
    bool stands;                      // the route stands already: may it stand on?
    const struct standing *standing;  // what stands on this router for this prefix; NULL: nothing
    struct prefix_cover cover;        // the addresses asked for, for S6
    // Found by S1, for S2 and S13 too, which are asked after it:
    bool is_learned;             // by the router, and no echo of ours
    bool has_other;              // there is a path through another upstream
    uint32_t hidden_by;          // a router that has a path to copy, but would hide it; NET_NOBODY
    struct rib_way copied;       // an empty path: none
    char text[PREFIX_TEXT_MAX];  // see gate_text()
    char *why;
};

const char *gate_text(struct question *q);  // the prefix, for a refusal: most are permitted

// Writes why not, and is false.
bool gate_no(struct question *q, const char *format, ...) __attribute__((format(printf, 2, 3)));

// gate_rules.c
bool gate_mode_is_act(struct question *q);                // S16
bool gate_tables_are_complete(struct question *q);        // S7
bool gate_prefix_is_nobody_elses(struct question *q);     // S1
bool gate_length_is_permissible(struct question *q);      // S5
bool gate_is_no_bogon(struct question *q);                // S5
bool gate_preference_is_permissible(struct question *q);  // S5
bool gate_session_is_up(struct question *q);              // S1
bool gate_is_learned(struct question *q);                 // S1; looks at the paths
bool gate_path_is_live(struct question *q);               // S2
bool gate_is_marked(struct question *q);                  // S3
bool gate_another_way_stays(struct question *q);          // S13

// gate_control.c
bool gate_spares_control_paths(struct question *q);  // S6

// gate_often.c: how many, and how often
bool gate_there_is_room(struct question *q);      // S4
bool gate_minute_has_room(struct question *q);    // S8
bool gate_stays_long_enough(struct question *q);  // S15
bool gate_world_had_time(struct question *q);     // I3

// gate_exit.c
bool gate_exit_is_configured(struct question *q);         // S1
bool gate_exit_is_live(struct question *q);               // S2
bool gate_exit_leaves_a_way(struct question *q);          // S13
bool gate_exit_begins_at_its_router(struct question *q);  // S13
bool gate_one_exit_at_a_time(struct question *q);         // S8
// The upstream that everything of `upstream` goes through now, on any router; NET_NOBODY: its own.
uint32_t gate_drained_to(const struct gate *gate, uint32_t upstream);

// gate_circle.c
bool gate_packets_get_out(struct question *q);  // S13: no loop among the routers

// gate_own.c
bool gate_own_is_configured(struct question *q);   // S1
bool gate_own_is_permissible(struct question *q);  // S5
bool gate_own_is_sayable(struct question *q);      // S3: a community for each stance
bool gate_own_stays_offered(struct question *q);   // S13
void gate_own_fill(struct permit *permit, const struct question *q);
