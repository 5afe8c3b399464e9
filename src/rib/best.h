// SPDX-License-Identifier: ISC
// Which of several paths is preferred, and by what: RFC 4271 §9.1.1 and §9.1.2.2, with RFC 4456 §9
// and RFC 5065 §5.3. What the next hop costs (step e) only the router knows; it is passed over.
#pragma once

#include "rib/view.h"

enum rib_step {           // in the order asked
    RIB_STEP_ONLY,        // there is but one
    RIB_STEP_LOCAL_PREF,  // the highest
    RIB_STEP_AS_PATH,     // the shortest
    RIB_STEP_ORIGIN,      // the lowest: igp, egp, incomplete
    RIB_STEP_MED,         // the lowest among those from one neighbour AS
    RIB_STEP_EXTERNAL,    // learned by eBGP before learned by iBGP, where the peer is known
    RIB_STEP_ID,          // the lowest ORIGINATOR_ID, or BGP identifier of the speaker
    RIB_STEP_CLUSTERS,    // the shortest CLUSTER_LIST
    RIB_STEP_ADDRESS,     // the lowest address of the speaker
    RIB_STEP_PATH_ID,     // the lowest, and
    RIB_STEP_PEER,        // the first peer: ours, so that the order of arrival never decides
    RIB_STEPS
};

struct rib_choice {
    struct rib_path path;
    enum rib_step step;      // that left it alone
    struct rib_path second;  // what it left there; with RIB_STEP_ONLY the same
};

enum { RIB_CANDIDATES_MAX = 512, RIB_CHOICE_TEXT_MAX = 128 };

// The best of `count` paths, all different, 1 to RIB_CANDIDATES_MAX, of one peer or of many. Echoes
// are the caller's to leave out.
struct rib_choice rib_best_of(const struct rib_view *view, const struct rib_path *paths,
                              size_t count);

// The peer's own choice as far as its routes tell; false: it has none. Echoes of our own
// announcements never count.
bool rib_best(const struct rib *rib, uint32_t peer, struct prefix prefix,
              struct rib_choice *choice);

// "shorter AS path: 3 against 5", into `text` (RIB_CHOICE_TEXT_MAX bytes); gives it back.
const char *rib_choice_text(const struct rib_view *view, const struct rib_choice *choice,
                            char *text);

// Whether every router of the AS prefers `a` to `b`, whichever of the two is nearer to it: by the
// steps before MED.
bool rib_path_beats(const struct rib_view *view, const struct rib_path *a,
                    const struct rib_path *b);
