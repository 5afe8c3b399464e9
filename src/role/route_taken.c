// SPDX-License-Identifier: ISC
#include "role/route_taken.h"

#include "role/route.h"
#include "role/route_bmp_note.h"
#include "steer/words.h"

#include <stdio.h>

struct shown {                             // by one router, of BMP; NULL: it does not
    const struct route_bmp_table *chosen;  // its Loc-RIB
    const struct route_bmp_table *came;    // from us, before its policy
};

struct asking {
    struct route_role *role;
    struct shown shown[NET_ROUTERS_MAX];
};

// ---- what there is to look at

static bool is_us(const struct route_role *r, const struct bmp_known *known)
{
    return known->type == BMP_PEER_GLOBAL && known->asn == r->net->asn &&
           known->id == be32_at(r->net->router_id.bytes);
}

static void look_at_peer(const struct route_role *r, const struct bmp_known *known,
                         const struct route_bmp_peer *peer, struct shown *shown)
{
    const struct route_bmp_table *tables = peer->tables;
    if (known->distinguisher != 0)
        return;  // of a VRF
    if (known->type == BMP_PEER_LOC_RIB && tables[BMP_LOC].rib != RIB_NO_PEER)
        shown->chosen = &tables[BMP_LOC];
    if (is_us(r, known))
        shown->came = &tables[BMP_IN_PRE];
}

static void find_shown(struct asking *asking)
{
    const struct route_role *r = asking->role;
    for (uint32_t i = 0; i < r->net->bmp.sender_count; i++) {
        const struct route_bmp_sender *s = &r->bmp.senders[i];
        uint32_t router = route_bmp_sender_router(s);
        if (router == NET_NOBODY || !s->monitor)
            continue;
        for (uint32_t peer = 0; peer < bmp_monitor_count(s->monitor); peer++)
            look_at_peer(r, bmp_monitor_peer(s->monitor, peer), &s->peers[peer],
                         &asking->shown[router]);
    }
}

// ---- of one override

// The one that has come to be ours, or a path to where ours leads.
static bool find_ours(const struct route_role *r, uint32_t peer, const struct permit *permit,
                      struct rib_path *path)
{
    for (struct rib_paths paths = rib_peer_paths(r->rib, peer, permit->prefix);
         rib_paths_next(&paths, path);) {
        struct rib_attributes a = rib_attributes(r->rib, path->attributes);
        if (a.marked || address_equal(a.next_hop, permit->next_hop))
            return true;
    }
    return false;
}

static bool has_ours(const struct route_role *r, const struct route_bmp_table *table,
                     const struct permit *permit)
{
    struct rib_path path;
    return table && table->rib != RIB_NO_PEER && find_ours(r, table->rib, permit, &path);
}

static bool is_whole(const struct route_role *r, const struct route_bmp_table *table,
                     enum family family)
{
    return table->rib != RIB_NO_PEER && !table->filtered && table->complete[family] &&
           !rib_peer_is_partial(r->rib, table->rib);
}

// Something of it came since the router was told, or within minutes where that is longer ago than
// is counted. A stream that stands still tells of no time, however long.
static bool is_of_now(const struct route_role *r, const struct route_bmp_table *table,
                      const struct standing *standing)
{
    struct mono since = mono_add_ms(r->now, -(int64_t)standing->asked * WORDS_EVERY_MS);
    bool any = false;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        any |= table->heard_at[family].ns > 0 && mono_reached(table->heard_at[family], since);
    return any;
}

// Whether the kernel sends it where it sends what goes to another upstream.
static bool goes_by_another(const struct route_role *r, struct fib *fib,
                            const struct permit *permit)
{
    for (uint32_t u = 0; u < r->net->upstream_count; u++) {
        struct address other = r->net->upstreams[u].next_hop[permit->prefix.address.family];
        if (u != permit->upstream && other.family != FAMILY_NONE &&
            !address_equal(other, permit->next_hop) &&
            fib_follows(fib, permit->prefix, other) == FIB_MATCH)
            return true;
    }
    return false;
}

// By one of the two, or it is no word: behind one gateway may be both, as behind a link-local
// address or another router, and a daemon may find next hops in a table that is not the kernel's.
static enum standing_word by_kernel(struct route_role *r, const struct permit *permit, char *why)
{
    struct fib *fib = r->fibs ? r->fibs[permit->router].fib : NULL;
    enum fib_verdict follows =
        fib ? fib_follows(fib, permit->prefix, permit->next_hop) : FIB_UNKNOWN;
    bool is_taken = follows == FIB_MATCH;
    if (follows == FIB_UNKNOWN || goes_by_another(r, fib, permit) == is_taken)
        return STANDING_UNTOLD;
    snprintf(why, WORDS_WHY_MAX, "its kernel forwards by %s", is_taken ? "it" : "another upstream");
    return is_taken ? STANDING_TAKEN : STANDING_NOT_TAKEN;
}

static enum standing_word by_choice(const struct route_role *r, const struct shown *shown,
                                    const struct standing *standing, char *why)
{
    const struct permit *permit = &standing->permit;
    const struct route_bmp_table *chosen = shown->chosen;
    if (!chosen || !is_whole(r, chosen, permit->prefix.address.family))
        return STANDING_UNTOLD;
    if (has_ours(r, chosen, permit)) {
        snprintf(why, WORDS_WHY_MAX, "it is in its Loc-RIB");
        return STANDING_TAKEN;
    }
    if (!has_ours(r, shown->came, permit) && !is_of_now(r, chosen, standing))
        return STANDING_UNTOLD;
    struct rib_path path;
    struct rib_paths paths = rib_peer_paths(r->rib, chosen->rib, permit->prefix);
    char text[ADDRESS_TEXT_MAX] = "none";
    if (rib_paths_next(&paths, &path))
        address_format(rib_attributes(r->rib, path.attributes).next_hop, text);
    snprintf(why, WORDS_WHY_MAX, "next hop in its Loc-RIB: %s", text);
    return STANDING_NOT_TAKEN;
}

// With ADD-PATH it shows what it has, chosen or not.
static enum standing_word by_echo(const struct route_role *r, const struct permit *permit,
                                  char *why)
{
    struct rib_path path;
    if (!find_ours(r, permit->router, permit, &path) || path.path_id != 0 ||
        !rib_attributes(r->rib, path.attributes).marked)
        return STANDING_UNTOLD;
    snprintf(why, WORDS_WHY_MAX, "it sends it back");
    return STANDING_TAKEN;
}

// Who is nearer to the packets speaks first.
static enum standing_word ask(void *context, const struct standing *standing, char *why)
{
    const struct asking *asking = context;
    struct route_role *r = asking->role;
    const struct shown *shown = &asking->shown[standing->permit.router];
    enum standing_word word = by_kernel(r, &standing->permit, why);
    if (word == STANDING_UNTOLD)
        word = by_choice(r, shown, standing, why);
    if (word == STANDING_UNTOLD)
        word = by_echo(r, &standing->permit, why);
    if (word == STANDING_UNTOLD)
        why[0] = '\0';
    return word;
}

static void told(void *context, const struct standing *standing, enum standing_word word,
                 const char *why)
{
    const struct asking *asking = context;
    const struct permit *permit = &standing->permit;
    struct event_override said = {permit->router, permit->upstream, permit->prefix,
                                  override_of_word(word), ""};
    snprintf(said.reason, sizeof said.reason, "%s", why);
    route_steer_tell(asking->role, &said);
}

void route_taken_tick(struct route_role *r)
{
    struct asking asking = {.role = r};
    if (r->ledger->count == 0 ||
        mono_since_ns(r->now, r->words_asked_at) < WORDS_EVERY_MS * (int64_t)NS_PER_MS)
        return;
    r->words_asked_at = r->now;
    find_shown(&asking);
    words_ask(r->ledger, &(struct words_hearer){&asking, ask, told});
}
