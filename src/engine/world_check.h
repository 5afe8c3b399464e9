// SPDX-License-Identifier: ISC
// For tests: a site in virtual time around the engine. Two routers, one slower than the other by
// 60 ms as FRR is than BIRD, a transit on each, losses on a time line, a prober with the real
// detectors, a route process that does as it is told, and customers whose packets follow the
// routers. Checks after every effect what must never be.
#pragma once

#include "base/random.h"
#include "detect/path.h"
#include "engine/engine.h"
#include "engine/message.h"
#include "engine/small_net.h"

enum {
    WORLD_PREFIXES = 4,  // two of each family
    WORLD_PATHS = 6,
    WORLD_FLIGHTS = 512,
    WORLD_PENDING = 256,
    WORLD_REASONS = 64,
};

// What happens when, in milliseconds from the start.
enum world_deed {
    WORLD_LOSS,     // `who`: upstream, `family` or none for both, `ppm` lost until `until_ms`
    WORLD_SLICE,    // the same, but only while some of the family's prefixes are moved, not all
    WORLD_VOID,     // the prober sees nothing usable
    WORLD_HALT,     // the prober is stopped (SIGSTOP)
    WORLD_ROLE,     // `who` is a role, `ppm` its new state
    WORLD_SESSION,  // `who`: router; down until `until_ms`
    WORLD_COMMAND,  // `who` is the command
    WORLD_REFUSE,   // route refuses announcements on router `who`
    WORLD_DROP,     // route drops an override on router `who` by itself
    WORLD_MUTE,     // route does not answer
    WORLD_DEAF,     // target `who` answers `ppm` of the probes less, on all ways
};

struct world_event {
    enum world_deed deed;
    int64_t at_ms, until_ms;  // 0: for ever
    uint32_t who;
    enum family family;
    uint32_t ppm;
};

struct world_override {  // what stands on one router for one prefix
    bool asked, stands;  // announced by the engine; in route
    uint32_t via;        // in the router's forwarding
    bool forwards;
    int64_t changes_ms;  // when forwarding follows `stands`; 0: it has
    int64_t refused_ms;  // the answer may be on its way
};

struct world_flight {  // a probe on its way
    bool used, lost;
    struct sample sample;
    int64_t known_ms;
};

struct world {
    struct net net;
    struct engine *engine;
    const struct world_event *events;
    uint32_t event_count;
    bool second_is_backup;  // router 2 itself prefers the way of router 1
    int64_t now_ms;
    struct random random;
    struct detect_path *detectors[WORLD_PATHS];
    struct event_tally tallies[WORLD_PATHS][3];
    struct world_flight flights[WORLD_FLIGHTS];
    uint32_t flights_end;  // those in use stand before it
    struct prefix prefixes[WORLD_PREFIXES];
    struct world_override overrides[2][WORLD_PREFIXES];
    bool session_up[2];
    struct event pending[WORLD_PENDING];  // answers of route, due when their time has come
    uint32_t pending_count;
    int64_t partial_since_ms[WORLD_PREFIXES];  // on some routers only; 0: not
    int64_t withdrawn_ms[WORLD_PREFIXES];      // the last time
    int64_t leased_ms, halted_until_ms;
    bool dropped;
    // What came of it.
    uint32_t announced, withdrawn, released, acts, relapses, loops, ready;
    int64_t customers_lost_last_ms[FAMILIES], customers_lost[FAMILIES];
    int64_t fault_free_lost;  // customers' packets lost while no upstream lost any
    int64_t confirmed_at_ms, acted_at_ms, helped_at_ms, returned_at_ms, released_at_ms;
    uint32_t states_seen;  // bit set of enum incident_state
    uint32_t reason_count;
    char reasons[WORLD_REASONS][160];  // of refused plans and undone ones
    const char *broken;                // an invariant; NULL: none
    uint64_t digest;                   // of all effects, as text
    char *script;                      // all events, as text, a line each; NULL: not kept
    size_t script_size, script_room;
};

// small_net() in this mode, with times that suit a test.
struct net world_net(enum net_mode mode);
// With `recorded` all events are kept as text in `script`.
struct world *world_new(const struct net *net, uint64_t seed, bool recorded);
void world_run(struct world *w, int64_t until_ms);
void world_free(struct world *w);
bool world_said(const struct world *w, const char *part);
uint64_t world_digest(uint64_t digest, const struct net *net, const struct effect *effect);
// Whether no override stands or is asked for anywhere.
bool world_is_bare(const struct world *w);
