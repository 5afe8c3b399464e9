// SPDX-License-Identifier: ISC
// What the parts of the site detector ask of each other: site.c takes samples and keeps banks and
// history, site_find.c makes findings of them, site_bursts.c holds these against harmless bursts,
// site_life.c makes faults of the findings, site_words.c their words; what is harmless where,
// site_harmless.c keeps.
#pragma once

#include "detect/site_inside.h"

// A part that loses more is dead as a whole: then its packets say no more than its flows do.
#define SITE_WHOLLY 0.9

static inline struct site_entry *site_entry(const struct site *s, uint64_t position)
{
    return &s->history[position % SITE_HISTORY];
}

static inline uint64_t site_oldest(const struct site *s)
{
    return s->next > SITE_HISTORY ? s->next - SITE_HISTORY : 1;
}

// Verdicts come in another order than packets were sent, but not much later.
static inline bool site_is_before(const struct site_entry *entry, int64_t from_ns)
{
    return entry->sent_ns < from_ns - SITE_TIMEOUT_MS * (int64_t)NS_PER_MS;
}

// What is normal on the path.
static inline const struct site_level *site_level(const struct site *s, uint32_t path)
{
    return &s->levels[s->level_of[path]];
}

// The position behind the low bits of one of the last SITE_HISTORY; 0: it is gone.
uint64_t site_position(const struct site *s, uint32_t low, uint32_t flow);
bool site_passes(const struct site *s, uint32_t unit, uint32_t component);
// Whether all flows of the one pass the other, which has more.
bool site_is_within(const struct site *s, uint32_t component, uint32_t wider);

#define SITE_NAME_ODDS_NATS 2.302585  // 10:1, to be named
#define SITE_NAME_POSTERIOR 0.99

void site_find(struct site *s);  // fills `findings` and `wish`
// Of what site_find() counted: whether the flow's losses are one straight run: it died, and may
// have come back.
bool site_looks_dead(const struct site *s, uint32_t flow);
// Whether it is more than harmless bursts, when it began and when it was seen last.
void site_hold_against_bursts(struct site *s, struct site_finding *finding, int64_t from_ns);
void site_live(struct site *s);
// When each open fault is over is asked anew: other loss is normal now.
void site_watch_all(struct site *s);
void site_rest(struct site *s, struct site_flow *flow);  // its bank knows of nothing
bool site_harmless_init(struct site *s);                 // false when there is no rule for it
// The worst of the paths by which the component is seen.
struct harmless site_harmless_of(const struct site *s, uint32_t component);
void site_hear(struct site *s, uint32_t flow, bool lost, int64_t sent_ns);
void site_words(const struct site *s, const struct site_finding *finding, struct fault *fault);
