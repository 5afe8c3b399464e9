// SPDX-License-Identifier: ISC
#include "bmp/monitor.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bmp_monitor {
    struct siphash_key key;
    uint32_t peers_max, count, slots_mask;
    uint32_t last;    // whose message came last: the next is often of the same
    uint32_t *slots;  // open addressing: a peer's number and one more; 0: empty
    struct bmp_known *peers;
};

struct bmp_monitor *bmp_monitor_new(uint32_t peers_max, struct siphash_key key)
{
    assert(peers_max > 0 && peers_max <= BMP_MONITOR_PEERS_MAX);
    uint32_t slots = 2;
    while (slots < peers_max * 2)
        slots *= 2;
    struct bmp_monitor *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    *m = (struct bmp_monitor){.key = key, .peers_max = peers_max, .slots_mask = slots - 1};
    m->slots = calloc(slots, sizeof *m->slots);
    m->peers = calloc(peers_max, sizeof *m->peers);
    if (m->slots && m->peers)
        return m;
    bmp_monitor_free(m);
    return NULL;
}

void bmp_monitor_free(struct bmp_monitor *m)
{
    if (!m)
        return;
    free(m->slots);
    free(m->peers);
    free(m);
}

uint32_t bmp_monitor_count(const struct bmp_monitor *m)
{
    return m->count;
}

const struct bmp_known *bmp_monitor_peer(const struct bmp_monitor *m, uint32_t peer)
{
    assert(peer < m->count);
    return &m->peers[peer];
}

static bool is_same(const struct bmp_known *known, const struct bmp_peer *peer)
{
    return known->type == peer->type && known->distinguisher == peer->distinguisher &&
           address_equal(known->address, peer->address);
}

static uint32_t slot_of(const struct bmp_monitor *m, const struct bmp_peer *peer)
{
    uint8_t identity[1 + sizeof peer->distinguisher + sizeof peer->address.bytes];
    identity[0] = peer->type;
    memcpy(identity + 1, &peer->distinguisher, sizeof peer->distinguisher);
    memcpy(identity + 1 + sizeof peer->distinguisher, peer->address.bytes,
           sizeof peer->address.bytes);
    return (uint32_t)siphash(m->key, identity, sizeof identity) & m->slots_mask;
}

// Its number, a new one if need be; BMP_NOBODY when there is no room.
static uint32_t find(struct bmp_monitor *m, const struct bmp_peer *peer)
{
    if (m->last < m->count && is_same(&m->peers[m->last], peer))
        return m->last;
    uint32_t slot = slot_of(m, peer);
    for (; m->slots[slot] != 0; slot = (slot + 1) & m->slots_mask)
        if (is_same(&m->peers[m->slots[slot] - 1], peer))
            return m->last = m->slots[slot] - 1;
    if (m->count == m->peers_max)
        return BMP_NOBODY;
    m->peers[m->count] = (struct bmp_known){
        .type = peer->type, .distinguisher = peer->distinguisher, .address = peer->address};
    m->last = m->count++;
    m->slots[slot] = m->count;
    return m->last;
}

// RFC 7911 §4: path identifiers stand where one side sends and the other receives them. Of a
// Loc-RIB both OPENs are made up by the router, and alike: RFC 9069 §5.2.
static void derive(struct bmp_known *known, const struct bmp_peer_up *up)
{
    known->external = up->sent.asn != up->received.asn;
    known->as4 = up->sent.as4 && up->received.as4;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        uint8_t ours = up->sent.add_path[family], theirs = up->received.add_path[family];
        known->add_path_in[family] = ours & BGP_ADD_PATH_RECEIVE && theirs & BGP_ADD_PATH_SEND;
        known->add_path_out[family] = ours & BGP_ADD_PATH_SEND && theirs & BGP_ADD_PATH_RECEIVE;
        known->add_path_loc[family] = ours != 0 && theirs != 0;
    }
}

static const bool *add_path_of(const struct bmp_known *known, enum bmp_table table)
{
    switch (table) {
    case BMP_OUT_PRE:
    case BMP_OUT_POST:
        return known->add_path_out;
    case BMP_LOC:
        return known->add_path_loc;
    case BMP_IN_PRE:
    case BMP_IN_POST:
    case BMP_TABLES:
        break;
    }
    return known->add_path_in;
}

// RFC 7854 §4.2: the numbers of a path are as the A flag says, whatever was negotiated. Families
// stand in the routes themselves. Before the router's policy a peer from outside may say as little
// of local preference as in the session itself; behind it, it is the router's own word.
static struct bgp_context context_of(const struct bmp_known *known, enum bmp_table table)
{
    struct bgp_context context = {
        .peer = known->external && table == BMP_IN_PRE ? BGP_EXTERNAL : BGP_INTERNAL,
        .state = BGP_STATE_ESTABLISHED,
        .as4 = true,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .extended_message = true,
        .next_hop_ipv6 = true,
        .as_sets = true,
        .observed = true,
    };
    memcpy(context.add_path, add_path_of(known, table), sizeof context.add_path);
    return context;
}

struct bgp_context bmp_monitor_mirror_context(const struct bmp_monitor *m, uint32_t peer)
{
    static const struct bmp_known nobody = {0};
    const struct bmp_known *known = peer < m->count ? &m->peers[peer] : &nobody;
    struct bgp_context context = context_of(known, BMP_IN_PRE);
    context.state = BGP_STATE_ANY;
    context.as4 = known->as4 || known->state == BMP_UNTOLD;
    return context;
}

// Octets that stand behind the UPDATE: some routers put elements there that RFC 7854 does not know
// (why a route was chosen), and their routes are good all the same.
static size_t behind_update(struct cursor body)
{
    enum { LENGTH_AT = 16 };
    size_t left = cursor_left(&body);
    cursor_bytes(&body, LENGTH_AT);
    uint16_t size = cursor_be16(&body);
    return cursor_ok(&body) && size >= BGP_HEADER_SIZE && size < left ? left - size : 0;
}

static void read_as(struct cursor body, const struct bgp_context *context, bool paths,
                    struct bgp_message *message, struct bgp_verdict *verdict)
{
    struct bgp_context as = *context;
    if (!paths)
        memset(as.add_path, 0, sizeof as.add_path);
    *verdict = bgp_message_decode(body, &as, message);
}

static const struct bgp_update *update_of(const struct bgp_message *message,
                                          const struct bgp_verdict *verdict)
{
    bool good = verdict->remedy < BGP_SESSION_RESET && message->header.type == BGP_UPDATE;
    return good ? &message->update : NULL;
}

// Until a route has shown whether its peer's have identifiers, each is read both ways.
static void read_update(struct bmp_known *known, struct cursor body,
                        const struct bgp_context *context, struct bmp_reading *reading)
{
    enum bmp_table table = reading->message.peer.table;
    bool negotiated = context->add_path[FAMILY_IPV4] || context->add_path[FAMILY_IPV6];
    bool missing = known->paths[table] == BMP_PATHS_MISSING;
    read_as(body, context, !missing, &reading->bgp, &reading->bgp_verdict);
    if (!negotiated || known->paths[table] != BMP_PATHS_UNKNOWN) {
        reading->paths_missing = negotiated && missing;
        return;
    }
    struct bgp_message message;
    struct bgp_verdict verdict;
    read_as(body, context, false, &message, &verdict);
    struct bmp_paths_verdict judged = bmp_paths_judge(
        update_of(&reading->bgp, &reading->bgp_verdict), update_of(&message, &verdict));
    if (judged.paths == BMP_PATHS_MISSING) {
        reading->bgp = message;
        reading->bgp_verdict = verdict;
        reading->paths_missing = true;
    }
    if (judged.sure) {
        known->paths[table] = (uint8_t)judged.paths;
        reading->misread =
            known->guessed[table] != BMP_PATHS_UNKNOWN && known->guessed[table] != judged.paths;
    } else if (judged.paths != BMP_PATHS_UNKNOWN) {
        known->guessed[table] = (uint8_t)judged.paths;
    }
}

static struct bmp_verdict read_route(struct bmp_monitor *m, struct bmp_reading *reading)
{
    const struct bmp_peer *peer = &reading->message.peer;
    struct bmp_known *known = &m->peers[reading->peer];
    size_t at = BMP_HEADER_SIZE + BMP_PEER_HEADER_SIZE;
    if (known->state == BMP_DOWN)
        return bmp_verdict_of(BMP_DROP, BMP_HEADER_SIZE, "RFC 7854 §4.9", "the peer is down");
    struct bgp_context context = context_of(known, peer->table);
    context.as4 = !peer->two_octet_as;
    struct cursor body = reading->message.body;
    size_t behind = behind_update(body);
    reading->has_bgp = true;
    read_update(known, cursor_part(&body, cursor_left(&body) - behind), &context, reading);
    if (reading->bgp_verdict.remedy >= BGP_SESSION_RESET)
        return bmp_verdict_of(BMP_DROP, at + reading->bgp_verdict.at, "RFC 7854 §4.6",
                              "its UPDATE: %s", reading->bgp_verdict.reason);
    if (reading->bgp.header.type != BGP_UPDATE)
        return bmp_verdict_of(BMP_DROP, at + 18, "RFC 7854 §4.6", "%s instead of an UPDATE",
                              bgp_type_name(reading->bgp.header.type));
    if (behind > 0)
        return bmp_verdict_of(BMP_DISCARD, reading->message.size - behind, "RFC 7854 §4.6",
                              "%zu octets stand behind the UPDATE", behind);
    return (struct bmp_verdict){.remedy = BMP_ACCEPT};
}

static void go_up(struct bmp_known *known, const struct bmp_message *message)
{
    known->asn = message->peer.asn;
    known->id = message->peer.id;
    known->state = BMP_UP;
    memset(known->paths, BMP_PATHS_UNKNOWN, sizeof known->paths);
    memset(known->guessed, BMP_PATHS_UNKNOWN, sizeof known->guessed);
    derive(known, &message->up);
}

struct bmp_verdict bmp_monitor_read(struct bmp_monitor *m, struct cursor bytes,
                                    struct bmp_reading *reading)
{
    reading->peer = BMP_NOBODY;
    reading->before = BMP_UNTOLD;
    reading->has_bgp = reading->paths_missing = reading->misread = false;
    struct bmp_verdict verdict = bmp_message_decode(bytes, &reading->message);
    bool good = verdict.remedy == BMP_ACCEPT || verdict.remedy == BMP_DISCARD;
    if (!good || !reading->message.has_peer)
        return verdict;
    reading->peer = find(m, &reading->message.peer);
    if (reading->peer == BMP_NOBODY)
        return bmp_verdict_of(BMP_IGNORE, BMP_HEADER_SIZE, "RFC 7854 §4.2",
                              "no room for more than %u peers", m->peers_max);
    struct bmp_known *known = &m->peers[reading->peer];
    reading->before = known->state;
    if (known->state == BMP_UNTOLD) {
        known->asn = reading->message.peer.asn;
        known->id = reading->message.peer.id;
    }
    if (reading->message.type == BMP_PEER_UP)
        go_up(known, &reading->message);
    else if (reading->message.type == BMP_PEER_DOWN)
        known->state = BMP_DOWN;
    else if (reading->message.type == BMP_ROUTE_MONITORING)
        return read_route(m, reading);
    return verdict;
}

const char *bmp_known_text(const struct bmp_known *known, char *text)
{
    char address[ADDRESS_TEXT_MAX], distinguisher[BMP_DISTINGUISHER_TEXT_MAX];
    const char *name =
        known->type == BMP_PEER_LOC_RIB ? "loc-rib" : address_format(known->address, address);
    if (known->distinguisher == 0)
        snprintf(text, BMP_KNOWN_TEXT_MAX, "%s", name);
    else
        snprintf(text, BMP_KNOWN_TEXT_MAX, "%s/%s", name,
                 bmp_distinguisher_text(known->type, known->distinguisher, distinguisher));
    return text;
}
