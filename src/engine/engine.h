// SPDX-License-Identifier: ISC
// The deciding core: one pure step. Event in, effects out. Reads no clock, opens nothing, allocates
// nothing in a step. The same events give the same effects, byte for byte.
#pragma once

#include "engine/effect.h"
#include "engine/event.h"

#include <jansson.h>
#include <stddef.h>

enum {
    ENGINE_TICK_MS = 50,
    ENGINE_EFFECTS_MAX = 2048,
    ENGINE_STATUS_BYTES_MAX = 128 * 1024,  // of the picture for people
};

struct engine;
struct moves;

// `net` is lent and must outlive the engine. NULL when memory is out.
struct engine *engine_new(const struct net *net);
void engine_free(struct engine *engine);

// What follows from the event; valid until the next step. `count` gets how many.
const struct effect *engine_step(struct engine *engine, const struct event *event, size_t *count);
// What it accounts for of what routers have, and wants them to have.
const struct moves *engine_moves(const struct engine *engine);

// The notices that stand, 0 to engine_notice_count()-1, and the latest told, youngest first; NULL:
// there are no more.
struct engine_notice {
    struct mono at;
    struct notice notice;
};
uint32_t engine_notice_count(const struct engine *engine);
const struct notice *engine_notice(const struct engine *engine, uint32_t n);
// As the status page has it, see below; NULL when memory is out.
json_t *engine_notice_json(const struct engine *engine, const struct notice *notice,
                           struct mono now);
const struct engine_notice *engine_notice_told(const struct engine *engine, uint32_t n);

// Drains, those that are over last until others need their place; NULL when memory is out.
// [{"number":3,"object":"upstream transit-a","state":"safe","who":"anna","uid":1000,"reason":"...",
//   "text":"safe to work: ...","id":"","since_ns":1,"left_ns":null,"begins_ns":null,
//   "inside_unknown":false}]
//                     left_ns null: until undrained; begins_ns: of a planned one; id: why it is
//                     planned; inside_unknown: of a router, 'safe' says nothing of what comes to it
//                     from inside
json_t *engine_drains_json(const struct engine *engine, struct mono now);
// What open incidents do, would do, or why not.
// [{"incident":4,"path":"transit-a ipv4","state":"held","verdict":"act","from":"transit-a",
//   "to":"transit-b","approval":0,"prefixes":12,"loss_from_ppm":1,"loss_to_ppm":2,"reason":"..."}]
json_t *engine_plans_json(const struct engine *engine);
// Upstreams to which own prefixes are offered otherwise while they lose packets, or why not.
// [{"path":"transit-a ipv4","state":"held","approval":0,...}]     others as of an EFFECT_INBOUND
json_t *engine_inbound_json(const struct engine *engine);

// Limits that two persons lifted, and those that wait for the second.
// [{"number":5,"rule":"S9","object":"upstream transit-a","state":"in_force","first":"anna",
//   "second":"bert","reason":"...","left_ns":1}]     second "": it waits for one
json_t *engine_lifts_json(const struct engine *engine, struct mono now);

// Outages that are open: what is told of each, why (every cause with the terms that add up to it),
// and what is joined in it; not `whole`: without causes, incidents and faults. NULL when memory is
// out.
// [{"outage":2,"state":"open","severity":"major","age_ns":1,"since_ns":1,"share_ppm":20000,
//   "title":"...","cause":"...","action":"...","causes":[{"cause":"change","words":"...",
//   "share_ppm":990000,"millinats":21300,"time_millinats":1,...}],"incidents":[{"path":
//   "transit-a ipv4","incident":4,"state":"acting","reason":"...","since_ns":1}],"faults":[3]}]
//                                                     incident and since_ns null: well again
json_t *engine_outages_json(const struct engine *engine, struct mono now, bool whole);

// Writes the present state as one JSON object for the status page and gives its length; 0 when it
// does not fit, which ENGINE_STATUS_BYTES_MAX always do. Lists longer than a page shows are cut;
// counts are not; and what is left out of lists because all of it would not fit is said.
//   {"site":"fra1","mode":"act","frozen":false,"frozen_why":"anna: a
//   change","ready":true,"waiting":"why it is not ready, or ''",
//    "paths":[{"path":"transit-a ipv4","upstream":"transit-a","family":"ipv4","verdict":"good",
//      "loss_ppm":0,"rtt_p50_ns":2100000,"samples":500,"relative_millinats":0,
//      "servers":null}],             upstream null: as routed; servers: what they say that fails;
//                                               verdict: good, suspect, confirmed, silent, unheard
//    "incidents":[{"incident":1,"path":"transit-a ipv4","state":"held","since_ns":123,
//      "reason":"...","plan":"..."}],          open ones, newest first; since_ns: for how long so
//    "sessions":[{"router":"edge1","up":true,"complete":["ipv4","ipv6"]}],
//    "roles":[{"role":"probe","state":"alive"}],
//    "overrides":[{"prefix":"203.0.113.0/24","router":"edge1","upstream":"transit-b",
//      "state":"announced"}],"override_count":1,           or ordered, withdrawing
//    "route_count":4,"routes_refused":0,                   steerable; news for which was no room
//    "notices":[{"notice":"own_withdrawn","words":"own prefix withdrawn","severity":"error",
//      "router":"edge1","prefix":"203.0.113.0/24","peer":"edge1","text":"...","count":0,"total":0,
//      "since_ns":123}],"notice_count":1,                  standing; the grave ones first
//    "faults":[{"fault":3,"state":"named","symptom":"loss","upstream":"transit-a",
//      "target":null,"family":null,"direction":"reverse","words":"...","others":"...",
//                                                    null, either: any; forward: on the way out
//      "samples":60,"lost":30,"loss_ppm":500000,"odds_millinats":14200,"asked_millinats":2303,
//      "since_ns":123}],"fault_count":1,                   open ones
//    "use":[{"upstream":"transit-a","capacity_mbps":10000,"out_bps":123,"in_bps":456,
//      "out_p95_bps":150,"in_p95_bps":500,"age_ns":1000000000}],   null: unknown, or too old
//    "hooks":[{"hook":"shut-ca2","object":"member ca/ca2","state":"ended","undo":false,
//      "in_force":true,"number":4,"repair":"held","reason":"port 4 is shut"}],
//                          number: of the incident or drain that asked; in_force: not taken back
//    "lifts":[...],"inbound":[...],             as engine_lifts_json(), engine_inbound_json()
//    "own":[{"prefix":"192.0.2.0/24","router":"edge1","state":"announced","prepend":[],
//      "graceful":["transit-a"],"withheld":[],"healthy":null,"kept":false,"refused":false,
//      "reason":""}],"own_count":1,                or withdrawn; healthy null: nobody has said
//    "demand_count":7,                            prefixes of which the traffic is told
//    "drains":[...],                              as engine_drains_json(),
//    "outages":[...],                             as engine_outages_json(), not whole,
//    "run_s":1795675609,                          when the engine began: outages of another run
//                                                 have the same numbers
//    "pages":{"on_call":[{"team":"network","primary":"anna","secondary":null}],
//      "channels":[{"channel":"phone","state":"sent","reason":"","missed":0}],   "": none was sent
//      "cases":[{"outage":1,"run_s":1795675609,"state":"open","has_it":"",       or acknowledged
//        "planned":false,                        run_s: of the run in which the outage began
//        "paged":[{"person":"anna","delivered":true}]}]},
//    "places":[{"kind":"site","name":"fra1","latitude_udeg":50110000,"longitude_udeg":8680000}],
//                                                 or upstream, target; null: not said
//    "left_out":{}}                               {"own":50}: of this list so many did not fit
size_t engine_status_json(const struct engine *engine, struct mono now, char *text, size_t size);
