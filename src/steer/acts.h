// SPDX-License-Identifier: ISC
// What was done lately, for the limits on how often: acts in a minute (S8), acts on one prefix of
// one router (S15), visible changes of one own prefix towards one upstream (I3). Bounded: what is
// long past makes room. Knows no limits but those on its memory: who asks brings them.
#pragma once

#include "base/clock.h"
#include "net/net.h"

enum {
    ACTS_KEPT = 12,           // times of each: the most that a limit may count
    ACTS_WINDOW_S = 60 * 60,  // S15 looks back for an hour
};

struct acts;

// Of so many prefixes, each on a router; NULL when memory is out.
struct acts *acts_new(uint32_t most);
void acts_free(struct acts *acts);

struct act {
    uint32_t router;
    struct prefix prefix;
};

struct acts_limit {   // S15
    uint32_t most;    // within the window, ACTS_KEPT at most
    int64_t stay_ns;  // the third comes so long after the second; each further one twice as long
};

// Fetches what questions about this one will ask for first.
void acts_expect(const struct acts *acts, const struct act *act);
void acts_note(struct acts *acts, const struct act *act, struct mono now);
// How long until the limit allows another; 0: it does.
int64_t acts_wait_ns(const struct acts *acts, const struct act *act, const struct acts_limit *limit,
                     struct mono now);
// How many of this router and prefix lie in the window.
uint32_t acts_in_window(const struct acts *acts, const struct act *act, struct mono now);
// Whether one more can be remembered.
bool acts_have_room(struct acts *acts, const struct act *act, struct mono now);

// Of all that moves traffic, in the last minute.
void acts_note_move(struct acts *acts, struct mono now);
uint32_t acts_in_minute(struct acts *acts, struct mono now);

struct act_stance {
    struct prefix prefix;  // our own
    uint32_t upstream;
    enum net_stance stance;
};

void acts_note_stance(struct acts *acts, const struct act_stance *stance, struct mono now);
// For how long nothing was bettered there, if this stance is better than what was said last;
// INT64_MAX: it is not, or nothing ever was.
int64_t acts_unbettered_ns(const struct acts *acts, const struct act_stance *stance,
                           struct mono now);
