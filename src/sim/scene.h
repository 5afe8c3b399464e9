// SPDX-License-Identifier: ISC
// Named worlds of scenario.h: what several begin with, and those of what only some sites have.
#pragma once

#include "sim/world.h"

enum { SCENE_FROM_MS = 15000, SCENE_AT_MS = 20000 };

// One site in mode act, with two or three transits, none of which fails yet.
void scene_site(struct sim_world *w, uint8_t upstreams, int64_t end_ms);
// From some moment on, until the end.
struct sim_fault *scene_add(struct sim_world *w, enum sim_fault_kind kind, uint8_t upstream,
                            uint32_t ppm);
// The upstream by which a prefix that targets can tell of leaves router 0, which exists.
uint8_t scene_used(const struct sim_world *w, enum family family);
bool scene_is_left(struct sim_world *w, enum family family, uint8_t upstream);
// Switches are bounded, and nothing overflows that did not before.
void scene_check_few(struct sim_world *w, uint32_t most);

void scene_make_exit(struct sim_world *w);
void scene_check_exit(struct sim_world *w);
void scene_make_own(struct sim_world *w);
void scene_check_own(struct sim_world *w);
void scene_make_inbound(struct sim_world *w);
void scene_make_inbound_reverse(struct sim_world *w);
void scene_check_inbound(struct sim_world *w);
void scene_make_inbound_beset(struct sim_world *w);
void scene_check_inbound_beset(struct sim_world *w);
void scene_make_hook(struct sim_world *w);
void scene_check_hook(struct sim_world *w);
void scene_make_restart(struct sim_world *w);
void scene_check_restart(struct sim_world *w);
void scene_make_freeze(struct sim_world *w);
void scene_check_freeze(struct sim_world *w);
void scene_make_lift(struct sim_world *w);
void scene_check_lift(struct sim_world *w);
void scene_make_cross(struct sim_world *w);
void scene_check_cross(struct sim_world *w);
void scene_make_policy(struct sim_world *w);
void scene_check_policy(struct sim_world *w);
void scene_make_word(struct sim_world *w);
void scene_check_word(struct sim_world *w);
void scene_make_return(struct sim_world *w);
void scene_check_return(struct sim_world *w);
void scene_make_fill(struct sim_world *w);
void scene_check_fill(struct sim_world *w);
