// SPDX-License-Identifier: ISC
// The status of each outage, from what is told of it: a draft, and what of it is published. A draft
// is published when a person says so, as it stands then, or at once where the configuration wants
// it so. What an earlier life of the process drafted is taken up again.
#pragma once

#include "said/status.h"

// Of outages that are over the oldest go first.
enum {
    SAID_STATUSES_MAX = 16,
    SAID_CARRIED_MAX = 16,
    SAID_NAMES_MAX = SAID_STATUSES_MAX * sizeof " -9223372036854775808.4294967295 4294967295" + 1,
};

struct said_entry {
    int64_t run;
    uint32_t number;
    bool told;  // its outage was, by this life, so that these hold:
    struct effect_outage outage;
    struct effect_extent extent;  // number 0: nothing is lost yet
    int64_t began_s;
    bool in_hand;               // a person acknowledged it
    json_t *draft, *published;  // NULL: none
    bool dirty;                 // to be kept
};

struct said_desk {
    const struct net *net;
    int64_t run;
    // Outages of earlier runs that were open when this one began, and go on in it.
    uint32_t carried_count;
    struct {
        int64_t run;
        uint32_t number;
    } carried[SAID_CARRIED_MAX];
    uint32_t count;
    struct said_entry entries[SAID_STATUSES_MAX];  // the oldest first
};

void said_desk_done(struct said_desk *desk);
// Before what was kept of it.
void said_desk_carry(struct said_desk *desk, int64_t run, uint32_t number);
// What was kept; those that are no such texts are left out.
void said_desk_load(struct said_desk *desk, int64_t run, uint32_t number, const char *draft,
                    const char *published);
// Takes over what another has that holds what is newer; its run gets to be that of `desk`.
void said_desk_join(struct said_desk *desk, struct said_desk *newer);
// True when a draft changed, or what is published.
bool said_desk_take(struct said_desk *desk, struct wall at, const struct effect *effect);
// What people may call those that are drafted, " 3.12 7.1 1 ": with the run, and without where that
// means the same one. " ": there is none.
void said_desk_names(const struct said_desk *desk, char names[SAID_NAMES_MAX]);
// A page of all that is drafted, or published, the latest first. NULL: memory is out.
json_t *said_desk_page(const struct said_desk *desk, bool published, int64_t now_s);
