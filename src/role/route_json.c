// SPDX-License-Identifier: ISC
#include "role/route_json.h"

#include "bgp/as_path.h"
#include "bgp/community.h"

#include <stdlib.h>

typedef void item_text(struct cursor *list, char *text);

static void cluster_text(struct cursor *list, char *text)
{
    bgp_identifier_text(cursor_be32(list), text);
}

static json_t *address_json(struct address address)
{
    char text[ADDRESS_TEXT_MAX];
    return json_string(address_format(address, text));
}

static json_t *as_path_json(struct bgp_bytes path)
{
    char *text = malloc(BGP_AS_PATH_TEXT_MAX);
    json_t *json = text ? json_string(bgp_as_path_text(path, 4, text, BGP_AS_PATH_TEXT_MAX)) : NULL;
    free(text);
    return json;
}

static json_t *list_json(struct bgp_bytes bytes, item_text *item)
{
    json_t *array = json_array();
    struct cursor c = cursor_over(bytes.bytes, bytes.size);
    while (cursor_ok(&c) && cursor_left(&c) > 0) {
        char text[BGP_COMMUNITY_TEXT_MAX];
        item(&c, text);
        json_array_append_new(array, json_string(text));
    }
    return array;
}

static int set_lists(json_t *object, const struct rib_attributes *a)
{
    const struct {
        const char *key;
        struct bgp_bytes bytes;
        item_text *item;
    } lists[] = {
        {"communities", a->communities, bgp_community_text},
        {"extended_communities", a->extended, bgp_extended_community_text},
        {"large_communities", a->large, bgp_large_community_text},
        {"ipv6_extended_communities", a->ipv6_extended, bgp_ipv6_extended_community_text},
        {"cluster_list", a->cluster_list, cluster_text},
    };
    int bad = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (lists[i].bytes.size > 0)
            bad |=
                json_object_set_new(object, lists[i].key, list_json(lists[i].bytes, lists[i].item));
    }
    return bad;
}

static int set_numbers(json_t *object, const struct rib_attributes *a)
{
    const struct {
        const char *key;
        bool has;
        uint64_t value;
    } numbers[] = {
        {"local_pref", a->has_local_pref, a->local_pref},
        {"med", a->has_med, a->med},
        {"aigp", a->has_aigp, a->aigp},
        {"only_to_customer", a->has_only_to_customer, a->only_to_customer},
    };
    int bad = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].has)
            bad |= json_object_set_new(object, numbers[i].key,
                                       json_integer((json_int_t)numbers[i].value));
    }
    return bad;
}

bool route_json_attributes(json_t *object, const struct rib_attributes *a)
{
    static const char *const origins[] = {"igp", "egp", "incomplete"};
    char text[BGP_COMMUNITY_TEXT_MAX];
    int bad = json_object_set_new(object, "next_hop", address_json(a->next_hop));
    bad |= json_object_set_new(object, "as_path", as_path_json(a->as_path));
    bad |= json_object_set_new(object, "origin",
                               json_string(a->origin < 3 ? origins[a->origin] : "?"));
    if (a->link_local.family != FAMILY_NONE)
        bad |= json_object_set_new(object, "link_local", address_json(a->link_local));
    bad |= set_numbers(object, a);
    bad |= set_lists(object, a);
    if (a->originator_id != 0) {
        bgp_identifier_text(a->originator_id, text);
        bad |= json_object_set_new(object, "originator_id", json_string(text));
    }
    if (a->marked)
        bad |= json_object_set_new(object, "our_echo", json_true());
    return !bad;
}

const char *route_json_kind(enum rib_peer_kind kind)
{
    static const char *const names[RIB_PEER_KINDS] = {"none",    "session", "bmp_in",
                                                      "bmp_out", "bmp_loc", "fib"};
    return names[kind];
}
