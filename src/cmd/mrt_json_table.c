// SPDX-License-Identifier: ISC
// Routes of tables. Each is judged as the UPDATE that would have announced it.
#include "bgp/family.h"
#include "cmd/bgp_json.h"
#include "cmd/mrt_json_put.h"
#include "mrt/update.h"

#include <stdlib.h>
#include <string.h>

struct judged {
    struct bgp_message message;
    struct bgp_verdict verdict;
};

static void judge(struct mrt_json *json, const struct mrt_announcement *a, uint8_t as_size,
                  struct judged *j)
{
    struct writer w = writer_over(json->message, sizeof json->message);
    mrt_announcement_encode(&w, a, sizeof json->message);
    struct bgp_context context = json_context(as_size, a->add_path);
    j->message = (struct bgp_message){0};
    if (writer_ok(&w))
        j->verdict = bgp_message_decode(cursor_over(json->message, w.size), &context, &j->message);
    else
        j->verdict = bgp_reset(BGP_UPDATE_ERROR, 1, 0, "RFC 4271 §4.1",
                               "the attributes are longer than any message");
}

// Some collectors leave out MP_REACH_NLRI, and with it the next hop. That makes a route useless,
// but its attributes are good: they are read beside the unspecified address, which is not shown.
static char *judge_without_hop(struct mrt_json *json, const struct mrt_announcement *a,
                               uint8_t as_size, size_t *size)
{
    static const uint8_t unspecified[16];
    struct mrt_announcement with_hop = *a;
    with_hop.next_hop = (struct bgp_bytes){unspecified, sizeof unspecified};
    struct judged j;
    judge(json, &with_hop, as_size, &j);
    j.message.update.mp_announced.family = FAMILY_NONE;
    if (j.verdict.remedy == BGP_ACCEPT) {
        j.verdict = (struct bgp_verdict){.remedy = BGP_TREAT_AS_WITHDRAW, .spec = "RFC 7606 §3 d"};
        strcpy(j.verdict.reason, "the next hop is missing");
    }
    return json_tail(&j.verdict, &j.message, false, size);
}

static char *tail_of(struct mrt_json *json, const struct mrt_announcement *a, uint8_t as_size,
                     size_t *size)
{
    if (a->afi == AFI_IPV6 && a->next_hop.size == 0 && mrt_next_hop(a->attributes).size == 0)
        return judge_without_hop(json, a, as_size, size);
    struct judged j;
    judge(json, a, as_size, &j);
    return json_tail(&j.verdict, &j.message, false, size);
}

static void put_judged(struct mrt_json *json, const struct mrt_announcement *a, uint8_t as_size)
{
    size_t size = 0;
    char *tail = tail_of(json, a, as_size, &size);
    json_put_tail(json, tail, size);
    free(tail);
}

// The same of an entry whose attributes the peer's slot may remember.
static void put_remembered(struct mrt_json *json, const struct mrt_announcement *a,
                           struct json_slot *slot)
{
    struct bgp_bytes attributes = a->attributes;
    if (attributes.size > 0 && slot->attributes_size == attributes.size &&
        slot->family == a->nlri->family &&
        memcmp(slot->attributes, attributes.bytes, attributes.size) == 0) {
        json_put_tail(json, slot->tail, slot->tail_size);
        return;
    }
    size_t size = 0;
    char *tail = tail_of(json, a, 4, &size);
    json_put_tail(json, tail, size);
    slot->attributes_size = 0;
    if (tail && attributes.size <= sizeof slot->attributes && size <= sizeof slot->tail) {
        memcpy(slot->attributes, attributes.bytes, attributes.size);
        memcpy(slot->tail, tail, size);
        slot->attributes_size = attributes.size;
        slot->tail_size = size;
        slot->family = a->nlri->family;
    }
    free(tail);
}

// A route of another family, multicast too: read and shown as `decode bgp` does.
static void put_foreign(struct mrt_json *json, const struct mrt_announcement *a, uint8_t as_size,
                        uint32_t originated_s)
{
    struct judged j;
    size_t size = 0;
    judge(json, a, as_size, &j);
    char *tail = json_tail(&j.verdict, &j.message, false, &size);
    json_t *routes =
        j.message.decoded ? bgp_foreign_json(j.message.update.foreign_announced) : NULL;
    json_put_foreign(json, a->afi, a->safi, json_array_get(routes, 0));
    json_put_time(json, "originated", originated_s);
    json_put_tail(json, tail, size);
    json_decref(routes);
    free(tail);
}

static bool is_unicast(uint16_t afi, uint8_t safi)
{
    return bgp_family(afi, safi) != FAMILY_NONE;
}

void json_write_rib(struct mrt_json *json, const struct mrt_record *record, struct mrt_item *item)
{
    const struct mrt_rib *rib = &item->rib;
    struct mrt_entry entry;
    while (mrt_entry_next(item, &entry)) {
        struct mrt_announcement a = mrt_announcement_of_entry(rib, &entry);
        json_put_head(json, record, "rib", &entry.peer->address, entry.peer->as);
        if (!is_unicast(rib->afi, rib->safi)) {
            put_foreign(json, &a, 4, entry.originated_s);
            continue;
        }
        json_put_prefix(json, mrt_prefix(&rib->nlri));
        if (rib->add_path)
            json_put_format(json, ",\"path_id\":%u", entry.path_id);
        json_put_time(json, "originated", entry.originated_s);
        put_remembered(json, &a, &json->slots[entry.peer_index % JSON_SLOTS]);
    }
}

void json_write_route(struct mrt_json *json, const struct mrt_record *record,
                      const struct mrt_route *route)
{
    struct mrt_announcement a = mrt_announcement_of_route(route);
    json_put_head(json, record, "rib", &route->peer, route->peer_as);
    if (!is_unicast(route->afi, route->safi)) {
        put_foreign(json, &a, route->as_size, route->originated_s);
        return;
    }
    json_put_prefix(json, mrt_prefix(&route->nlri));
    json_put_time(json, "originated", route->originated_s);
    put_judged(json, &a, route->as_size);
}
