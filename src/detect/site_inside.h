// SPDX-License-Identifier: ISC
// The state of the site detector; what its parts ask of each other is in site_parts.h.
#pragma once

#include "detect/crossing.h"
#include "detect/localise.h"
#include "detect/site.h"
#include "detect/site_rule.h"
#include "stat/sprt.h"

enum {
    SITE_HISTORY = 1 << 17,      // samples of all flows: 26 s at 5000 a second
    SITE_SENT_MAX = 8192,        // of a part: enough for every threshold
    SITE_TUPLES = 1 << 12,       // tried tuples
    SITE_RISES_MAX = 4096,       // of more flows one in so many
    SITE_WINDOW_MS = 60 * 1000,  // nothing older explains what is wrong now
    SITE_TIMEOUT_MS = 2000,      // by then every probe has its verdict
    SITE_VOID_SLOTS = 4,         // of a quarter of a second each
    SITE_RULES = 20,             // of bursts: for rates, by powers of two, and what is harmless
    SITE_LEVELS_MAX = LOCALISE_LEVELS_MAX,  // of normal loss
    SITE_FINDINGS_MAX = 2 * LOCALISE_PARTS_MAX,
};

struct site_entry {
    int64_t sent_ns;
    uint32_t flow : 31, lost : 1;
    uint32_t before;  // the flow's sample before: its position, low bits; 0: none
};

struct site_flow {  // 24 bytes: there may be very many
    struct cusum_bank bank;
    uint32_t last;  // position of its last sample; 0: none
    union {
        uint16_t run;       // straight losses, while a look counts them
        uint16_t answered;  // its last sample in `sent`, plus 1, while that is held against bursts
    };
    uint16_t longest : 15, alarms : 1;    // longest run
    uint16_t lost_forward, lost_reverse;  // since the bank was at rest
};

struct site_sent {  // a sample of a part
    int64_t sent_ns;
    uint32_t flow;
    bool lost;
};

struct site_tried {
    int64_t sent_ns, at_ns;  // as of struct site_tuple
    uint32_t unit : 31, dead : 1;
};

struct site_finding {
    enum fault_symptom symptom;
    uint32_t component, rival_count;
    struct localise_rival rivals[LOCALISE_RIVALS_MAX];
    double loss, gain_nats, odds_nats, posterior, dead_elsewhere;
    struct fault_evidence evidence;
    bool outlasts;      // harmless bursts; or
    bool nears, alone;  // half of that evidence is there; nothing else explains it as well
    int64_t began_ns, last_lost_ns;
    enum fault_direction direction;
    uint32_t tried, tried_dead;  // by roving
    int64_t tried_began_ns;      // when the first of these was sent; INT64_MAX: none
};

struct site_fault {
    struct fault fault;
    uint32_t component;             // LOCALISE_NOBODY: gone
    bool told, news;                // news: since it was told
    uint32_t grows_into;            // a wider part that was found,
    struct mono grows_at, grew_at;  // since when, and until when
    struct mono seen_at, opened_at;
    struct mono lost_at;  // when its last lost sample was sent
    struct sprt clean;
};

struct site {
    const struct net *net;
    struct cusum_book *book;
    struct region *memory;
    const struct flow *flows;
    uint32_t flow_count, unit_count, path_count;
    struct net_path ways[NET_PATHS_MAX];  // each path: net_path() looks through all
    struct components *components;
    struct localise *localise;
    struct localise_path *paths;              // of each unit: the input of a look
    struct harmless harmless[NET_PATHS_MAX];  // on each path,
    uint8_t level_of[NET_PATHS_MAX];          // and which of these is its normal loss
    struct harmless refused[NET_PATHS_MAX];   // what each path has learned that had no level
    struct site_level levels[SITE_LEVELS_MAX];
    uint32_t level_count;
    struct crossing crossing[FAMILIES];
    struct site_flow *banks, path_banks[NET_PATHS_MAX];
    // Of each flow: what was sent before belongs to a fault that is over. Nearly always 0, so
    // apart: what nobody writes takes no memory.
    int64_t *from_ns;
    uint32_t alarms;  // banks that are at their threshold
    struct site_entry *history;
    uint64_t next;  // position; the first is 1
    struct site_tried *tried;
    uint64_t tried_next, tried_from;  // from: what was before belongs to a fault that is over
    int64_t tried_dead_ns;            // the last dead one
    double tuple_prior_nats[COMPONENTS_MAX];
    int64_t *rises;  // when flows began to lose
    struct site_sent *sent;
    struct {
        int64_t slot;
        uint32_t voided, all;
    } voids[SITE_VOID_SLOTS];
    struct site_rule rules[SITE_RULES];
    uint32_t rules_made;                    // ever: the oldest makes room
    struct mono link_up_at[NET_LINKS_MAX];  // 0: it was up from the start
    uint32_t wish;                          // a unit to be probed soon; NET_NOBODY
    struct mono now, ran_at, blind_at;      // blind_at: when we last could not see well
    uint32_t finding_count, fault_count, numbers;
    struct site_finding findings[SITE_FINDINGS_MAX];
    struct site_fault faults[SITE_FAULTS_MAX];
};
