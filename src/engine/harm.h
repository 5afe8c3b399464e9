// SPDX-License-Identifier: ISC
// Whether what is held elsewhere does worse there by now than where it came from. A detector judges
// a path by all its targets, and sets one aside that loses alone: of what was moved that may be
// all. So each target has its own evidence, of its probes that are pinned to both ways. Bad
// everywhere is none. Part of the engine; see state.h.
#pragma once

#include "detect/window.h"
#include "net/net.h"
#include "stat/evalue.h"

struct harm_target {                   // in one family
    uint32_t way, old;                 // paths: it was moved to, and away from
    struct window_sum on_way, on_old;  // what was counted there, up to the last look
    struct evalue evidence;            // that more is lost on the way
};

struct harm {
    struct mono looked_at[NET_PATHS_MAX];
    struct harm_target targets[NET_TARGETS_MAX][FAMILIES];
};

struct engine;

// While what left the path is held: takes back the prefixes that surely lose more where they are;
// true when there are any.
bool harm_look(struct engine *e, uint32_t path);
