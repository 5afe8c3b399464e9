// SPDX-License-Identifier: ISC
// Everything the engine ever wants done or told. The roles carry it out; the log, the narration and
// the status page show it. A replay is right when these come out the same, byte for byte.
#pragma once

#include "alert/alert.h"
#include "base/clock.h"
#include "base/prefix.h"
#include "change/change.h"
#include "detect/fault.h"
#include "detect/flow_report.h"
#include "detect/notice.h"
#include "detect/rate.h"
#include "detect/signal.h"
#include "engine/kept_record.h"
#include "incident/lifecycle.h"
#include "incident/outage.h"
#include "net/net.h"

enum effect_kind {
    EFFECT_NONE,
    // For route.
    EFFECT_ANNOUNCE,  // hold up an override
    EFFECT_WITHDRAW,  // let one go
    EFFECT_RELEASE,   // let all go, now, but our own prefixes
    EFFECT_LEASE,     // the engine lives: what stands may stand net.steer.lease_ns from here
    EFFECT_STANCE,    // one of our own prefixes on one router: announced or not, and how
    EFFECT_PLACE,     // a steerable prefix is worth its place more than another that has one
    // For hook.
    EFFECT_HOOK,  // run a hook's program
    // For people: facts, in the order in which they became true.
    EFFECT_READY,     // tables complete, paths heard, quiet time over
    EFFECT_SIGNAL,    // a detector spoke
    EFFECT_INCIDENT,  // an incident changed its state
    EFFECT_PLAN,      // what is to be done, or why nothing is
    EFFECT_ACTED,     // route confirmed or refused an override
    EFFECT_SESSION,   // a BGP session changed
    EFFECT_ROLE,      // a role changed
    EFFECT_NOTICE,    // something about a table or a session; moves no traffic
    EFFECT_FAULT,     // which part of the network fails; moves no traffic
    EFFECT_HOOKED,    // what became of a run of a hook's program
    EFFECT_INBOUND,   // own prefixes are to be offered otherwise, or why not, or what came of it
    EFFECT_REPAIR,    // a hook is to take a part at fault out of use, or why not
    EFFECT_HEALTH,    // whether what is announced is well
    EFFECT_DRAIN,     // how far a drain is
    EFFECT_ANSWERED,  // what became of what a person asked for
    EFFECT_OUTAGE,    // what is broken, as one: it began, something else is to be said, or is over
    EFFECT_CHANGE,    // somebody changed devices
    EFFECT_ODD,       // what of a change differs on some of its devices
    EFFECT_LIFT,      // what became of a limit that people lift
    // Of pages.
    EFFECT_PAGE,       // for notify: to be delivered
    EFFECT_DELIVERED,  // what became of one, heartbeats excepted
    EFFECT_RATE,       // how a path was; so often that no sentence is made of it
    EFFECT_EXTENT,     // how far an outage reaches, as measured; likewise
    EFFECT_PUBLISH,    // for store: a person wants the status of an outage out, as it is drafted
    EFFECT_FLOW,       // what became of one 5-tuple of a path that loses packets; likewise
    EFFECT_USE,        // what an upstream carries, when it is another than was told; likewise
    // For store, to be given back as an event: what the next life must know of an open outage.
    EFFECT_KEPT_FACT,
    EFFECT_KEPT_OUTAGE,
    EFFECT_KINDS
};

struct effect_override {
    uint32_t router, upstream;  // upstream: the one to move to
    struct prefix prefix;
    uint32_t incident;
};

struct effect_place {
    struct prefix prefix, instead;  // of one family
};

struct effect_stance {
    uint32_t router, own;  // own: of net.announce
    bool announced;
    // To which upstreams it is offered otherwise than usual: bit sets.
    uint32_t prepend, graceful, withheld;
};

struct effect_incident {
    uint32_t incident, path;
    enum incident_state state, before;
    char reason[160];
};

enum effect_plan_verdict {
    PLAN_ACT,       // mode act: it is being done
    PLAN_ADVISE,    // mode advise: it would be right; a person decides
    PLAN_CONFIRM,   // mode confirm: it waits for a person's approval
    PLAN_OBSERVED,  // mode observe: it would be right
    PLAN_REFUSED,   // a reason not to move: see `reason`
    PLAN_UNDO,      // not better: back
    PLAN_RETURN,    // recovered: back through a trial
    PLAN_VERDICTS
};

struct effect_plan {
    uint32_t incident, from, to;  // upstreams
    enum family family;
    enum effect_plan_verdict verdict;
    uint32_t prefixes;  // how many move
    uint32_t loss_from_ppm,
        loss_to_ppm;              // pessimistic bounds: of `from` the lower, of `to` the upper
    uint32_t relative_millinats;  // evidence that `from` is worse than its peers
    char reason[160];
    uint32_t approval;  // number by which a person approves it; 0: none is asked
};

enum effect_inbound_stage {
    INBOUND_PLANNED,  // `verdict` says what
    INBOUND_HEEDED,   // less comes in since
    INBOUND_UNKNOWN,  // whether less does is not known
    INBOUND_STAGES
};

enum { INBOUND_LISTED_MAX = 4 };  // own prefixes that are named

struct effect_inbound {
    uint32_t incident, upstream;
    enum family family;
    enum effect_inbound_stage stage;
    enum effect_plan_verdict verdict;
    enum net_stance stance;
    uint32_t prefixes;
    char own[192];                                       // some of them, with how many more
    uint32_t to;                                         // of the others the best; NET_NOBODY
    uint32_t loss_ppm, loss_to_ppm, relative_millinats;  // bounds and evidence as of a plan
    uint32_t approval;                                   // likewise
    char reason[160];
};

struct effect_acted {
    uint32_t router, upstream;
    struct prefix prefix;
    uint32_t state;  // enum event_override_state
    char reason[96];
};

struct effect_session {
    uint32_t router, state;  // enum event_session_state
    enum family family;
    char reason[96];
};

struct effect_role {
    uint32_t role, state;  // enum event_role, enum event_role_state
    char reason[96];
};

struct effect_hook {
    uint32_t hook;
    uint32_t number;  // of the incident or drain for which it runs
    bool undo;
};

struct effect_hooked {
    uint32_t hook, number;
    bool undo;
    uint32_t state;  // enum event_hook_state
    char reason[96];
};

struct effect_repair {
    uint32_t hook, number;
    enum effect_plan_verdict verdict;
    char reason[240];  // of an act: what is at fault
};

struct effect_health {
    uint32_t announced;
    bool healthy;
    char reason[96];
};

struct effect_drain {
    uint32_t number;
    struct net_object object;
    uint32_t state;  // enum drain_state
    char who[NET_NAME_MAX];
    char text[160];
};

struct effect_answered {
    uint32_t what;    // enum event_asked_for, below ANSWERED_KINDS
    bool done;        // false: refused
    uint32_t number;  // of the drain; 0: none
    uint32_t uid;
    char who[NET_NAME_MAX];
    char text[160];  // what was done, or why not
};

struct effect_outage {
    uint32_t number;
    enum outage_state state;
    enum outage_severity severity;  // the highest yet
    struct mono onset;
    uint32_t share_ppm;  // of all packets that leave: lost now
    char title[OUTAGE_TITLE_MAX];
    char cause[OUTAGE_CAUSE_MAX];
    char action[OUTAGE_ACTION_MAX];  // what Fairlead does about it
    uint32_t part_of;                // found to be part of that outage, and over as one; 0: not
};

enum { EXTENT_DESTINATIONS_MAX = 240, EXTENT_OWN_MAX = 160 };

struct effect_extent {
    uint32_t number;                // of the outage
    uint32_t share_ppm;             // of all packets that leave: lost now
    bool traffic_known;             // of all upstreams; false: each path counts the same in that
    uint32_t hit_ipv4, hit_ipv6;    // upstreams that lose now, bit sets,
    uint32_t ever_ipv4, ever_ipv6;  // and that ever did
    int32_t routed_ipv4_ppm, routed_ipv6_ppm;    // lost the way customers' packets go; < 0: unknown
    uint32_t moved;                              // prefixes that are moved away from these
    char destinations[EXTENT_DESTINATIONS_MAX];  // "DE (AS3320): 3 of 4; US: 0 of 2"
    uint32_t own_lost;                           // own prefixes that are unseen from outside now,
    char own[EXTENT_OWN_MAX];      // and that ever were: "192.0.2.0/24, 2001:db8::/48"
    uint32_t foreign_now;          // own prefixes that others announce now, or a part of them,
    char foreign[EXTENT_OWN_MAX];  // and that they ever did, likewise
};

struct effect_publish {
    uint32_t run, number;  // as event_asked has them
    char who[NET_NAME_MAX];
    char note[96];  // what they say beside it
};

struct effect_lift {
    uint32_t number;
    uint32_t rule;  // enum lift_rule
    struct net_object object;
    uint32_t state;  // enum lift_state
    char first[NET_NAME_MAX], second[NET_NAME_MAX];
    char text[160];
};

struct effect_delivered {
    int64_t page;
    uint32_t channel;
    uint32_t state;  // enum event_delivery_state
    char reason[96];
};

struct effect_use {  // ours out of the network, and into it
    uint32_t upstream;
    int64_t out_bps, in_bps;
};

struct effect {
    enum effect_kind kind;
    struct mono at;
    union {
        struct effect_override override;  // EFFECT_ANNOUNCE, EFFECT_WITHDRAW
        struct effect_stance stance;
        struct effect_place place;
        struct signal signal;
        struct effect_incident incident;
        struct effect_plan plan;
        struct effect_inbound inbound;
        struct effect_acted acted;
        struct effect_session session;
        struct effect_role role;
        struct notice notice;
        struct fault fault;
        struct effect_hook hook;
        struct effect_hooked hooked;
        struct effect_repair repair;
        struct effect_health health;
        struct effect_drain drain;
        struct effect_answered answered;
        struct effect_lift lift;
        struct effect_outage outage;
        struct change change;
        struct change_odd odd;
        struct alert_page page;
        struct effect_delivered delivered;
        struct rate rate;
        struct flow_report flow;
        struct effect_use use;
        struct effect_extent extent;
        struct effect_publish publish;
        struct kept_fact kept_fact;
        struct kept_outage kept_outage;
    };
};
