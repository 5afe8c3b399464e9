// SPDX-License-Identifier: ISC
#include "engine/own.h"

#include "engine/state.h"

#include <string.h>

static const struct net_announce *announce_of(const struct engine *e, uint32_t own)
{
    return &e->net->announce[own];
}

static bool is_for_same(const struct own_wish *a, const struct own_wish *b)
{
    return net_object_equal(a->object, b->object) && a->family == b->family;
}

void own_want(struct engine *e, const struct own_wish *wish)
{
    struct owns *owns = &e->owns;
    uint32_t at = 0;
    while (at < owns->wish_count && !is_for_same(&owns->wishes[at], wish))
        at++;
    if (at == OWN_WISHES_MAX)
        return;  // more than stand at once
    if (at == owns->wish_count && wish->stance != NET_STANCE_NORMAL)
        owns->wish_count++;
    if (at == owns->wish_count)
        return;
    owns->wishes[at] = *wish;
    if (wish->stance == NET_STANCE_NORMAL)
        owns->wishes[at] = owns->wishes[--owns->wish_count];
}

// The furthest that the configuration has a word for.
enum net_stance own_sayable(const struct net_upstream *upstream, enum net_stance stance)
{
    while (stance > NET_STANCE_NORMAL && upstream->inbound[stance].kind == NET_TAG_NONE)
        stance--;
    return stance;
}

// A site's drain is for what other sites announce too.
static bool concerns(const struct engine *e, uint32_t own, const struct own_wish *wish)
{
    const struct net_announce *announce = announce_of(e, own);
    return (wish->family == FAMILY_NONE || wish->family == announce->prefix.address.family) &&
           (wish->object.kind != NET_OBJECT_SITE || announce->anycast);
}

static enum net_stance wished_towards(const struct engine *e, uint32_t own, uint32_t upstream)
{
    enum net_stance furthest = NET_STANCE_NORMAL;
    for (uint32_t i = 0; i < e->owns.wish_count; i++) {
        const struct own_wish *wish = &e->owns.wishes[i];
        if (concerns(e, own, wish) && wish->stance > furthest &&
            net_object_upstreams(e->net, wish->object) >> upstream & 1)
            furthest = wish->stance;
    }
    return own_sayable(&e->net->upstreams[upstream], furthest);
}

// By which upstreams of a router the world could come to it.
static uint32_t served_by(const struct engine *e, uint32_t own, uint32_t router)
{
    enum family family = announce_of(e, own)->prefix.address.family;
    uint32_t served = 0;
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        if (e->net->upstreams[u].router == router && e->net->upstreams[u].next_hop[family].family)
            served |= UINT32_C(1) << u;
    return served;
}

static bool is_offered_elsewhere(const struct engine *e, uint32_t own, uint32_t router)
{
    for (uint32_t r = 0; r < e->net->router_count; r++) {
        const struct own_stances *stands = &e->owns.items[own].places[r].stands;
        if (r != router && stands->announced && served_by(e, own, r) & ~stands->withheld)
            return true;
    }
    return false;
}

// The last upstream keeps it (S13), but where other sites have it too: of several here none is
// added to those that it is withheld from, and if those were all, all keep it.
static uint32_t kept_by(const struct engine *e, uint32_t own, uint32_t router)
{
    uint32_t served = served_by(e, own, router), wished = 0;
    uint32_t stands = e->owns.items[own].places[router].stands.withheld;
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        if (served >> u & 1 && wished_towards(e, own, u) == NET_STANCE_WITHHELD)
            wished |= UINT32_C(1) << u;
    if (announce_of(e, own)->anycast || served & ~wished || is_offered_elsewhere(e, own, router))
        return 0;
    return served & ~stands ? served & ~stands : served;
}

static bool is_site_withheld(const struct engine *e, uint32_t own)
{
    for (uint32_t i = 0; i < e->owns.wish_count; i++)
        if (e->owns.wishes[i].object.kind == NET_OBJECT_SITE &&
            concerns(e, own, &e->owns.wishes[i]))
            return e->owns.wishes[i].stance == NET_STANCE_WITHHELD;
    return false;
}

static bool is_well(const struct engine *e, uint32_t own)
{
    const struct own *item = &e->owns.items[own];
    bool is_asked = announce_of(e, own)->health.program[0] != '\0';
    return !is_asked || item->healthy || item->kept;
}

static struct own_stances wanted(const struct engine *e, uint32_t own, uint32_t router)
{
    struct own_stances stances = {.announced = is_well(e, own) && !is_site_withheld(e, own)};
    uint32_t kept = kept_by(e, own, router);
    for (uint32_t u = 0; stances.announced && u < e->net->upstream_count; u++) {
        if (e->net->upstreams[u].router != router)
            continue;
        enum net_stance stance = wished_towards(e, own, u);
        if (stance == NET_STANCE_WITHHELD && kept >> u & 1)
            stance = own_sayable(&e->net->upstreams[u], NET_STANCE_GRACEFUL);
        stances.prepend |= stance == NET_STANCE_PREPEND ? UINT32_C(1) << u : 0;
        stances.graceful |= stance == NET_STANCE_GRACEFUL ? UINT32_C(1) << u : 0;
        stances.withheld |= stance == NET_STANCE_WITHHELD ? UINT32_C(1) << u : 0;
    }
    return stances;
}

static bool is_same(struct own_stances a, struct own_stances b)
{
    return a.announced == b.announced && a.prepend == b.prepend && a.graceful == b.graceful &&
           a.withheld == b.withheld;
}

// Whether the router is to hear of it at all.
static bool takes_part(const struct engine *e, uint32_t own, uint32_t router)
{
    enum family family = announce_of(e, own)->prefix.address.family;
    return e->sessions[router].up && e->net->routers[router].families[family] &&
           net_announces_to(announce_of(e, own), router);
}

static bool may_ask(const struct engine *e, const struct own_place *place, struct own_stances want)
{
    int64_t wait_ms = place->waits ? OWN_ANSWER_MS : OWN_ASK_AGAIN_MS;
    bool is_open = place->waits || place->refused;
    return !is_open || !is_same(place->asked, want) ||
           mono_reached(e->now, mono_add_ms(place->asked_at, wait_ms));
}

static void ask(struct engine *e, uint32_t own, uint32_t router, struct own_stances want)
{
    struct own_place *place = &e->owns.items[own].places[router];
    place->asked = want;
    place->asked_at = e->now;
    place->waits = true;
    place->refused = false;
    engine_tell(e, EFFECT_STANCE)->stance = (struct effect_stance){
        router, own, want.announced, want.prepend, want.graceful, want.withheld};
}

bool own_is_withheld(const struct engine *e, struct prefix prefix)
{
    uint32_t own = net_announce_of(e->net, prefix);
    return own != NET_NOBODY && is_site_withheld(e, own);
}

bool own_is_announced(const struct engine *e, struct prefix prefix, uint32_t router)
{
    uint32_t own = net_announce_of(e->net, prefix);
    return own != NET_NOBODY && e->owns.items[own].places[router].stands.announced;
}

// Who was stopped for longer than its lease reads of the end of that before its timer fires: what
// it ordered now would be refused for want of a lease, and asked for again only much later. So
// would what is ordered before the first.
void own_advance(struct engine *e)
{
    uint32_t asked = 0;
    if (!e->started || e->stopped || e->leased_at.ns == 0 || presence_just_awake(e) ||
        e->roles[ROLE_ROUTE].state == ROLE_DEAD)
        return;
    for (uint32_t own = 0; own < e->net->announce_count; own++)
        for (uint32_t router = 0; router < e->net->router_count; router++) {
            const struct own_place *place = &e->owns.items[own].places[router];
            struct own_stances want = wanted(e, own, router);
            if (takes_part(e, own, router) && !is_same(place->stands, want) &&
                may_ask(e, place, want) && asked++ < ENGINE_ORDERS_PER_STEP)
                ask(e, own, router, want);
        }
}

static bool is_said_by(const struct engine *e, uint32_t own, uint32_t router)
{
    return !takes_part(e, own, router) ||
           is_same(e->owns.items[own].places[router].stands, wanted(e, own, router));
}

bool own_settled(const struct engine *e)
{
    for (uint32_t own = 0; own < e->net->announce_count; own++)
        for (uint32_t router = 0; router < e->net->router_count; router++)
            if (!is_said_by(e, own, router))
                return false;
    return true;
}

bool own_is_said(const struct engine *e, const struct net_path *path)
{
    for (uint32_t own = 0; own < e->net->announce_count; own++)
        if (announce_of(e, own)->prefix.address.family == path->family &&
            !is_said_by(e, own, e->net->upstreams[path->upstream].router))
            return false;
    return true;
}

uint32_t own_usual(const struct engine *e, uint32_t own)
{
    uint32_t usual = 0;
    for (uint32_t router = 0; router < e->net->router_count; router++) {
        const struct own_stances *stands = &e->owns.items[own].places[router].stands;
        if (stands->announced)
            usual |= served_by(e, own, router) &
                     ~(stands->prepend | stands->graceful | stands->withheld);
    }
    return usual;
}

void own_told(struct engine *e, const struct event_override *told)
{
    uint32_t own = net_announce_of(e->net, told->prefix);
    if (own == NET_NOBODY)
        return;
    struct own_place *place = &e->owns.items[own].places[told->router];
    place->waits = false;
    place->refused = told->state == OVERRIDE_REFUSED;
    if (told->state == OVERRIDE_ANNOUNCED)
        place->stands = place->asked;
    else if (told->state == OVERRIDE_WITHDRAWN)
        place->stands = (struct own_stances){0};
    memcpy(place->reason, told->reason, sizeof place->reason);
}

void own_router_lost(struct engine *e, uint32_t router)
{
    for (uint32_t own = 0; own < e->net->announce_count; own++)
        e->owns.items[own].places[router] = (struct own_place){0};
}

static uint32_t withdrawn_lately(const struct engine *e)
{
    uint32_t count = 0;
    for (uint32_t own = 0; own < e->net->announce_count; own++) {
        const struct own *item = &e->owns.items[own];
        struct mono over = mono_add_ms(item->withdrawn_at, STEER_OWN_WINDOW_MS);
        count += item->known && item->withdrawn_at.ns > 0 && !mono_reached(e->now, over);
    }
    return count;
}

static void tell_kept(struct engine *e, uint32_t own, bool kept)
{
    struct own *item = &e->owns.items[own];
    if (item->kept == kept)
        return;
    item->kept = kept;
    struct notice notice = {
        .kind = NOTICE_OWN_KEPT,
        .raised = kept,
        .router = NET_NOBODY,
        .prefix = announce_of(e, own)->prefix,
        .since = e->now,
    };
    memcpy(notice.text, item->reason, sizeof item->reason);
    engine_notice_take(e, &notice);
}

void own_health(struct engine *e, const struct event_health *health)
{
    if (health->announced >= e->net->announce_count)
        return;
    struct own *item = &e->owns.items[health->announced];
    bool was = item->healthy;
    item->known = true;
    memcpy(item->reason, health->reason, sizeof item->reason);
    if (was && !health->healthy) {
        bool too_many = withdrawn_lately(e) >= e->net->guard.own_withdrawn_together_max;
        if (!too_many)
            item->withdrawn_at = e->now;
        tell_kept(e, health->announced, too_many);
    }
    item->healthy = health->healthy;
    if (item->healthy)
        tell_kept(e, health->announced, false);
}

static json_t *names(const struct engine *e, uint32_t set)
{
    json_t *list = json_array();
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        if (set >> u & 1)
            json_array_append_new(list, json_string(e->net->upstreams[u].name));
    return list;
}

static json_t *place_json(const struct engine *e, uint32_t own, uint32_t router)
{
    const struct own *item = &e->owns.items[own];
    const struct own_place *place = &item->places[router];
    const char *state = place->stands.announced ? "announced" : "withdrawn";
    char prefix[PREFIX_TEXT_MAX];
    bool is_asked = announce_of(e, own)->health.program[0] != '\0';
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:b, s:s}", "prefix",
                     prefix_format(announce_of(e, own)->prefix, prefix), "router",
                     e->net->routers[router].name, "state", state, "prepend",
                     names(e, place->stands.prepend), "graceful", names(e, place->stands.graceful),
                     "withheld", names(e, place->stands.withheld), "healthy",
                     is_asked && item->known ? json_boolean(item->healthy) : json_null(), "kept",
                     (int)item->kept, "refused", (int)place->refused, "reason", place->reason);
}

// As it is when nothing is the matter: offered to all alike.
static bool is_as_usual(const struct engine *e, uint32_t own, uint32_t router)
{
    const struct own *item = &e->owns.items[own];
    const struct own_place *place = &item->places[router];
    const struct own_stances *stands = &place->stands;
    return stands->announced && !(stands->prepend | stands->graceful | stands->withheld) &&
           !item->kept && !place->refused && (!item->known || item->healthy);
}

json_t *own_json(const struct engine *e, json_int_t *count)
{
    json_t *list = json_array();
    for (int usual = 0; usual < 2; usual++)
        for (uint32_t own = 0; own < e->net->announce_count; own++)
            for (uint32_t router = 0; router < e->net->router_count; router++)
                if (net_announces_to(announce_of(e, own), router) &&
                    is_as_usual(e, own, router) == usual && (*count)++ < OWN_SHOWN_MAX)
                    json_array_append_new(list, place_json(e, own, router));
    return list;
}
