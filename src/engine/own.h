// SPDX-License-Identifier: ISC
// Our own prefixes: how each is to be offered, and what stands on every router. They are the
// operator's words, not decisions of ours: announced as soon as a session is up, in every mode, and
// taken back only when they are unhealthy, or a person drains them. A loss that was measured, a
// freeze, a release of overrides are no reasons to take one back; how they are offered a loss may
// change (inbound.h). Part of the engine; see state.h.
//
// Those that turn unhealthy within a minute of each other are kept, but for the first few: a check
// that finds everything sick is more likely sick itself (S12).
#pragma once

#include "engine/event.h"
#include "net/object.h"

#include <jansson.h>

struct engine;

enum {
    OWN_ASK_AGAIN_MS = 10 * 1000,
    OWN_ANSWER_MS = 2000,
    OWN_WISHES_MAX =
        64 + 2,  // of DRAINS_MAX drains; and of both families of an upstream that loses
    OWN_SHOWN_MAX = 100,
};

struct own_stances {  // as in struct effect_stance
    bool announced;
    uint32_t prepend, graceful, withheld;  // upstreams, bit sets
};

struct own_place {              // on one router
    struct own_stances stands;  // as route said last
    struct own_stances asked;
    bool waits, refused;  // for an answer; the last one was no
    struct mono asked_at;
    char reason[96];
};

struct own {
    bool healthy, known;  // as its check said; known: it has spoken
    bool kept;            // not healthy, but announced all the same
    struct mono withdrawn_at;
    char reason[96];
    struct own_place places[NET_ROUTERS_MAX];
};

struct own_wish {  // one for each object and family
    struct net_object object;
    enum family family;  // FAMILY_NONE: prefixes of both
    enum net_stance stance;
};

struct owns {
    struct own items[NET_ANNOUNCE_MAX];
    uint32_t wish_count;
    struct own_wish wishes[OWN_WISHES_MAX];  // other than normal
};

// How our own prefixes are to be offered while this object is to be left; NET_STANCE_NORMAL: as
// usual. Of several wishes for an upstream the furthest holds, as far as its configuration has a
// word for it; but the last upstream that has a prefix is not denied it (S13), unless other sites
// announce it too. A site's takes anycast prefixes from the routers when it is NET_STANCE_WITHHELD;
// others stay, for nobody else announces them.
void own_want(struct engine *e, const struct own_wish *wish);
// Whether every router says our prefixes as they are wanted now.
bool own_settled(const struct engine *e);
// Whether the router of the path's upstream says those of its family so.
bool own_is_said(const struct engine *e, const struct net_path *path);
// Upstreams (a bit set) to which routers offer this one of net.announce as usual.
uint32_t own_usual(const struct engine *e, uint32_t own);
// As far as the upstream's configuration has a word for it.
enum net_stance own_sayable(const struct net_upstream *upstream, enum net_stance stance);

// Whether people keep it back: a site is drained.
bool own_is_withheld(const struct engine *e, struct prefix prefix);
// Whether the router has it from us.
bool own_is_announced(const struct engine *e, struct prefix prefix, uint32_t router);

// For engine.c, presence.c and status.c.
void own_health(struct engine *e, const struct event_health *health);
void own_told(struct engine *e, const struct event_override *told);
void own_router_lost(struct engine *e, uint32_t router);
void own_advance(struct engine *e);
// At most OWN_SHOWN_MAX, those that are not as usual first; `count` grows by how many there are.
json_t *own_json(const struct engine *e, json_int_t *count);
