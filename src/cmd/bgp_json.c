// SPDX-License-Identifier: ISC
#include "cmd/bgp_json.h"

#include "bgp/as_path.h"
#include "bgp/attr_rules.h"
#include "bgp/community.h"

#include <stdlib.h>

typedef void item_text(struct cursor *list, char *text);

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *address_json(struct address address)
{
    char text[ADDRESS_TEXT_MAX];
    return json_string(address_format(address, text));
}

json_t *bgp_json_id(uint32_t id)
{
    char text[BGP_COMMUNITY_TEXT_MAX];
    bgp_identifier_text(id, text);
    return json_string(text);
}

static void cluster_text(struct cursor *list, char *text)
{
    bgp_identifier_text(cursor_be32(list), text);
}

static json_t *as_path_json(struct bgp_bytes path, uint8_t as_size)
{
    size_t text_max = path.size * 6 + 16;  // two octets become at most ", 65535"
    char *text = malloc(text_max);
    json_t *json = text ? json_string(bgp_as_path_text(path, as_size, text, text_max)) : NULL;
    free(text);
    return json;
}

static void set_as_paths(json_t *object, const struct bgp_attributes *a)
{
    size_t whole_max =
        (a->as_path.size + a->as4_path.size) * 2 + 16;  // widened, AS4_PATH behind it
    uint8_t *bytes = malloc(whole_max);
    if (!bytes)
        return;
    struct writer whole = writer_over(bytes, whole_max);
    bgp_as_path_write(&whole, a);
    set(object, "as_path", as_path_json((struct bgp_bytes){bytes, whole.size}, 4));
    free(bytes);
    if (a->as_size == 2 && bgp_attribute_present(a, ATTR_AS4_PATH)) {
        set(object, "as_path_2_octet", as_path_json(a->as_path, 2));
        set(object, "as4_path", as_path_json(a->as4_path, 4));
    }
}

// The next hop of what is announced: MP_REACH_NLRI's, unless there are classic prefixes.
static void set_next_hops(json_t *object, const struct bgp_update *update)
{
    const struct bgp_attributes *a = &update->attributes;
    bool multiprotocol = update->mp_announced.family != FAMILY_NONE;
    bool classic = bgp_attribute_present(a, ATTR_NEXT_HOP);
    if (classic && (!multiprotocol || cursor_left(&update->announced.bytes) > 0))
        set(object, "next_hop", address_json(a->next_hop));
    else if (multiprotocol)
        set(object, "next_hop", address_json(a->mp_next_hop));
    if (multiprotocol)
        set(object, "mp_next_hop", address_json(a->mp_next_hop));
    if (a->mp_link_local.family != FAMILY_NONE)
        set(object, "mp_link_local", address_json(a->mp_link_local));
}

static void set_numbers(json_t *object, const struct bgp_attributes *a)
{
    const struct {
        uint8_t type;
        const char *key;
        uint64_t value;
    } numbers[] = {
        {ATTR_MED, "med", a->med},
        {ATTR_LOCAL_PREF, "local_pref", a->local_pref},
        {ATTR_AIGP, "aigp", a->accumulated_igp},
        {ATTR_OTC, "only_to_customer", a->only_to_customer},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (bgp_attribute_present(a, numbers[i].type))
            set(object, numbers[i].key, json_integer((json_int_t)numbers[i].value));
}

static void set_lists(json_t *object, const struct bgp_attributes *a)
{
    const struct {
        uint8_t type;
        const char *key;
        struct bgp_bytes list;
        item_text *item;
    } lists[] = {
        {ATTR_COMMUNITIES, "communities", a->communities, bgp_community_text},
        {ATTR_EXTENDED_COMMUNITIES, "extended_communities", a->extended_communities,
         bgp_extended_community_text},
        {ATTR_LARGE_COMMUNITIES, "large_communities", a->large_communities,
         bgp_large_community_text},
        {ATTR_IPV6_EXTENDED_COMMUNITIES, "ipv6_extended_communities", a->ipv6_extended_communities,
         bgp_ipv6_extended_community_text},
        {ATTR_CLUSTER_LIST, "cluster_list", a->cluster_list, cluster_text},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (!bgp_attribute_present(a, lists[i].type))
            continue;
        json_t *array = json_array();
        struct cursor c = cursor_over(lists[i].list.bytes, lists[i].list.size);
        while (cursor_left(&c) > 0) {
            char text[BGP_COMMUNITY_TEXT_MAX];
            lists[i].item(&c, text);
            json_array_append_new(array, json_string(text));
        }
        set(object, lists[i].key, array);
    }
}

json_t *bgp_json_attributes(const struct bgp_update *update)
{
    static const char *const origins[] = {"igp", "egp", "incomplete"};
    const struct bgp_attributes *a = &update->attributes;
    json_t *object = json_object();
    if (bgp_attribute_present(a, ATTR_ORIGIN))
        set(object, "origin", json_string(origins[a->origin]));
    if (bgp_attribute_present(a, ATTR_AS_PATH))
        set_as_paths(object, a);
    set_next_hops(object, update);
    set_numbers(object, a);
    if (bgp_attribute_present(a, ATTR_ATOMIC_AGGREGATE))
        set(object, "atomic_aggregate", json_true());
    if (bgp_attribute_present(a, ATTR_AGGREGATOR)) {
        char text[ADDRESS_TEXT_MAX];
        set(object, "aggregator",
            json_sprintf("%u %s", a->aggregator_as, address_format(a->aggregator, text)));
    }
    set_lists(object, a);
    if (bgp_attribute_present(a, ATTR_ORIGINATOR_ID))
        set(object, "originator_id", bgp_json_id(a->originator_id));
    return object;
}

static void add_routes(json_t *array, struct bgp_nlri nlri)
{
    struct bgp_route route;
    while (bgp_nlri_next(&nlri, &route)) {
        char text[PREFIX_TEXT_MAX];
        json_t *item = json_object();
        set(item, "prefix", json_string(prefix_format(route.prefix, text)));
        if (nlri.add_path)
            set(item, "path_id", json_integer(route.path_id));
        json_array_append_new(array, item);
    }
}

// What stands in a family that we do not hold.
static void add_foreign(json_t *array, const char *field, uint16_t afi, uint8_t safi,
                        const struct bgp_foreign_nlri *nlri)
{
    json_t *item = json_object();
    set(item, "field", json_string(field));
    set(item, "afi", json_integer(afi));
    set(item, "safi", json_integer(safi));
    const struct bgp_foreign *family = bgp_foreign_of(afi, safi);
    if (family)
        set(item, "family", json_string(family->name));
    if (nlri->family && nlri->family->form != BGP_FORM_NAMED)
        set(item, "routes", bgp_foreign_json(*nlri));
    json_array_append_new(array, item);
}

static void set_foreign(json_t *object, const struct bgp_update *update)
{
    json_t *array = json_array();
    if (update->mp_afi != 0 && update->mp_announced.family == FAMILY_NONE) {
        add_foreign(array, "mp_reach", update->mp_afi, update->mp_safi, &update->foreign_announced);
        json_t *next_hop = bgp_foreign_next_hop_json(update);
        if (next_hop)
            set(json_array_get(array, 0), "next_hop", next_hop);
    }
    if (update->mp_unreach_afi != 0 && update->mp_withdrawn.family == FAMILY_NONE)
        add_foreign(array, "mp_unreach", update->mp_unreach_afi, update->mp_unreach_safi,
                    &update->foreign_withdrawn);
    if (json_array_size(array) > 0)
        set(object, "unsupported", array);
    else
        json_decref(array);
}

static void set_update(json_t *object, const struct bgp_update *update)
{
    json_t *announced = json_array(), *withdrawn = json_array();
    add_routes(announced, update->announced);
    add_routes(announced, update->mp_announced);
    add_routes(withdrawn, update->withdrawn);
    add_routes(withdrawn, update->mp_withdrawn);
    set(object, "announced", announced);
    set(object, "withdrawn", withdrawn);
    set(object, "attributes", bgp_json_attributes(update));
    set_foreign(object, update);
    if (update->end_of_rib != FAMILY_NONE)
        set(object, "end_of_rib", json_string(family_name(update->end_of_rib)));
    if (update->foreign_end_of_rib)
        set(object, "end_of_rib", json_string(update->foreign_end_of_rib->name));
}

void bgp_json_open(json_t *object, const struct bgp_open *open)
{
    static const char *const directions[] = {NULL, "receive", "send", "both"};
    json_t *families = json_array(), *add_path = json_object();
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (open->families[family])
            json_array_append_new(families, json_string(family_name(family)));
        if (open->add_path[family] != 0)
            set(add_path, family_name(family), json_string(directions[open->add_path[family]]));
    }
    json_t *foreign = json_array();
    for (size_t i = 0; i < BGP_FOREIGNS; i++) {
        if (open->foreign & bgp_foreign_bit(&bgp_foreigns[i]))
            json_array_append_new(foreign, json_string(bgp_foreigns[i].name));
    }
    set(object, "asn", json_integer(open->asn));
    set(object, "hold_time_s", json_integer(open->hold_s));
    set(object, "id", bgp_json_id(open->id));
    set(object, "families", families);
    set(object, "other_families", foreign);
    set(object, "as4", json_boolean(open->as4));
    set(object, "add_path", add_path);
    set(object, "route_refresh", json_boolean(open->refresh));
    set(object, "enhanced_route_refresh", json_boolean(open->enhanced_refresh));
    set(object, "extended_message", json_boolean(open->extended_message));
    set(object, "extended_next_hop", json_boolean(open->next_hop_ipv6));
    set(object, "extended_parameters", json_boolean(open->long_parameters));
    set(object, "graceful_restart", json_boolean(open->graceful_restart));
    set(object, "role", json_string(bgp_role_name(open->role)));
}

void bgp_json_notification(json_t *object, const struct bgp_notification *n)
{
    char name[80], text[BGP_TEXT_MAX];
    set(object, "code", json_integer(n->code));
    set(object, "subcode", json_integer(n->subcode));
    set(object, "name", json_string(bgp_error_name(n->code, n->subcode, name, sizeof name)));
    set(object, "hard_reset", json_boolean(n->hard_reset));
    if (n->text)
        set(object, "text", json_string(bgp_notification_text(n, text)));
}

static void set_refresh(json_t *object, const struct bgp_refresh *refresh)
{
    static const char *const kinds[] = {"request", "begin", "end"};
    set(object, "afi", json_integer(refresh->afi));
    set(object, "safi", json_integer(refresh->safi));
    if (refresh->family != FAMILY_NONE)
        set(object, "family", json_string(family_name(refresh->family)));
    set(object, "kind", json_string(kinds[refresh->kind]));
}

void bgp_json_verdict(json_t *object, const struct bgp_verdict *verdict)
{
    set(object, "verdict", json_string(bgp_remedy_name(verdict->remedy)));
    if (verdict->remedy == BGP_SESSION_RESET)
        set(object, "notification", json_sprintf("%u/%u", verdict->code, verdict->subcode));
    if (verdict->remedy == BGP_ACCEPT)
        return;
    set(object, "reason", json_string(verdict->reason));
    set(object, "spec", json_string(verdict->spec));
    set(object, "at", json_integer((json_int_t)verdict->at));
}

void bgp_json_decoded(json_t *object, const struct bgp_verdict *verdict,
                      const struct bgp_message *message)
{
    bgp_json_verdict(object, verdict);
    if (message->header.type != 0)
        set(object, "message", json_string(bgp_type_name(message->header.type)));
    // With a session reset nothing of the body is to be used, so nothing is shown.
    if (!message->decoded || verdict->remedy == BGP_SESSION_RESET)
        return;
    if (message->header.type == BGP_OPEN)
        bgp_json_open(object, &message->open);
    else if (message->header.type == BGP_UPDATE)
        set_update(object, &message->update);
    else if (message->header.type == BGP_NOTIFICATION)
        bgp_json_notification(object, &message->notification);
    else if (message->header.type == BGP_ROUTE_REFRESH)
        set_refresh(object, &message->refresh);
}

void bgp_json_message(json_t *object, struct cursor bytes, const struct bgp_context *context)
{
    struct bgp_message message;
    struct bgp_verdict verdict = bgp_message_decode(bytes, context, &message);
    bgp_json_decoded(object, &verdict, &message);
}
