// SPDX-License-Identifier: ISC
// Pages as the engine has them: outages go to alert/, its pages to the notify process, deliveries
// and acknowledgements back. Beside them heartbeats, which show that the whole way is good. Part of
// the engine; see state.h. Nothing that decides looks at it.
#pragma once

#include "alert/kept.h"
#include "engine/effect.h"
#include "engine/event.h"

#include <jansson.h>

enum {
    PAGES_PER_STEP_MAX = 16,
    PAGES_MISSED_MAX = 3,  // heartbeats in a row that are not delivered: people are told
};

struct page_way {  // of one channel
    struct mono due;
    int64_t page;     // the last heartbeat; 0: none yet
    bool waits;       // for its delivery
    uint32_t missed;  // in a row
    struct mono missed_since;
    // What its last delivery said.
    bool is_known;
    enum event_delivery_state state;
    char reason[96];
};

struct pages_found {  // of the life before, until people are told
    bool is_told;
    struct mono due;
    char frozen[NOTICE_TEXT_MAX], drain[NOTICE_PEER_MAX];
    uint32_t drains;
};

struct pages {
    int64_t wall_ns;  // of the wall clock, when the monotonic one was 0
    int64_t run_s;    // the wall clock when the engine began: names this run of it
    struct pages_found found;
    struct alert alert;
    struct page_way ways[NET_CHANNELS_MAX];
};

struct engine;

void pages_start(struct engine *e, struct wall wall);
void pages_zone(struct engine *e, const struct event *event);
void pages_delivery(struct engine *e, const struct event *event);
void pages_sender_began(struct engine *e);
// Those of a start's are paged: who was to be left alone must not learn of it by chance.
void pages_notice(struct engine *e, const struct notice *notice);
// `text` (ENGINE_WHY_MAX bytes) gets what was done, or why not.
bool pages_acknowledge(struct engine *e, const struct event_asked *asked, char *text);
// After whatever else a tick does: takes the outages that it told.
void pages_advance(struct engine *e);
// What alert/ knows of an outage as it was told.
struct alert_outage pages_outage(const struct engine *e, const struct effect_outage *told);
// From another life of the engine.
void pages_take_up(struct engine *e, const struct alert_outage *outage,
                   const struct alert_kept *kept);
// NULL when memory is out.
json_t *pages_json(const struct engine *e);
