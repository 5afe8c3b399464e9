// SPDX-License-Identifier: ISC
// Which part of the network fails? Takes the samples of all flows of a site, notices by a bank of
// each flow and each path that something is wrong, and asks localise.h for the part that explains
// it best. A part is
//
//   suspected  when losses have gone on for a second, and which part it is is not sure
//   named      when it is ten times likelier than the next best story and 99 % sure against all of
//              them, when harmless bursts do not explain it (stat/burst.h), and when we see well
//   over       when Wald's test says that it is clean, or nothing points at it any more
//
// Two kinds of loss are told apart: a share of every flow's packets, and a share of 5-tuples that
// are wholly dead while all others pass, which is a broken member of a hash somewhere within. Void
// samples count for nothing, and with many of them nobody is named. Knows no clock; after it is
// made it allocates nothing.
#pragma once

#include "base/region.h"
#include "detect/components.h"
#include "detect/fault.h"
#include "detect/harmless.h"
#include "probe/sample.h"
#include "stat/cusum_book.h"

enum {
    SITE_RUN_MS = 250,        // how often it asks at most,
    SITE_RUN_SMALL_MS = 100,  // and where that takes a millisecond or two: of so many
    SITE_SMALL_UNITS = 1000,  // flows, and pairs of path and target
    SITE_FAULTS_MAX = 16,     // open at once
};

// A 5-tuple that was tried by roving (probe/rove.h).
struct site_tuple {
    uint32_t path, target;
    bool dead;
    double nats;              // that it is dead
    struct mono sent_at, at;  // its first packet; when that was known
};

struct site;

// All are lent and must outlive it; `memory` is for what is written all over (NULL: its own). NULL
// without memory, or when what is asked has no rule.
struct site *site_new(const struct net *net, const struct flow *flows, uint32_t count,
                      struct cusum_book *book, struct region *memory);
void site_free(struct site *site);

// What to send soon, for its result tells best which of two parts is at fault: a packet of a flow,
// or with NET_NOBODY as the flow a fresh 5-tuple by the path to the target.
struct site_wish {
    uint32_t flow, path, target;
};

// Soon a sample of that flow comes.
void site_fetch(const struct site *site, uint32_t flow);
void site_sample(struct site *site, const struct sample *sample);
void site_tuple(struct site *site, const struct site_tuple *tuple);
// What is harmless on a path, where its detector has learned it; until then it is as configured. A
// part is held against the worst of the paths that it is seen by.
void site_harmless(struct site *site, uint32_t path, const struct harmless *harmless);
// A link of `net` came up: what goes by it is not named for a moment.
void site_link_came_up(struct site *site, uint32_t link, struct mono now);
void site_learn(struct site *site, uint32_t flow, const struct components_way *way);
// As components_hops().
uint32_t site_hops(const struct site *site, uint32_t flow,
                   struct address hops[COMPONENTS_HOPS_MAX]);
// True when a fault is opened, another than was told, or over; ask again until it is not.
bool site_tick(struct site *site, struct mono now, struct fault *out);
// True at most once for each time that it asked, while there is a doubt.
bool site_take_wish(struct site *site, struct site_wish *wish);
