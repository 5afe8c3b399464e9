// SPDX-License-Identifier: ISC
// NLRI of families that Fairlead does not hold, as JSON.
#include "cmd/bgp_json.h"

#include "bgp/flowspec.h"

#include <stdio.h>
#include <string.h>

enum { LABEL_SIZE = 3, RD_TYPES = 3 };

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

// RFC 4364 §4.2, RFC 6793: "65000:100", "192.0.2.1:100", "4200000000:100".
static json_t *rd_json(const uint8_t *rd)
{
    struct cursor c = cursor_over(rd, 8);
    uint16_t type = cursor_be16(&c);
    if (type >= RD_TYPES) {
        uint64_t rest = (uint64_t)cursor_be16(&c) << 32;
        rest |= cursor_be32(&c);
        return json_sprintf("type %u 0x%012llx", type, (unsigned long long)rest);
    }
    if (type == 0) {
        uint16_t asn = cursor_be16(&c);
        return json_sprintf("%u:%u", asn, cursor_be32(&c));
    }
    uint32_t administrator = cursor_be32(&c);
    uint16_t number = cursor_be16(&c);
    if (type == 2)
        return json_sprintf("%u:%u", administrator, number);
    return json_sprintf("%u.%u.%u.%u:%u", administrator >> 24, administrator >> 16 & 255,
                        administrator >> 8 & 255, administrator & 255, number);
}

// RFC 3032 §2.1: the upper 20 bits.
static void set_labels(json_t *object, struct bgp_bytes labels)
{
    if (labels.size == 0)
        return;
    json_t *array = json_array();
    struct cursor c = cursor_over(labels.bytes, labels.size);
    while (cursor_left(&c) >= LABEL_SIZE) {
        uint32_t label = (uint32_t)cursor_be16(&c) << 8;
        label |= cursor_u8(&c);
        json_array_append_new(array, json_integer(label >> 4));
    }
    set(object, "labels", array);
}

static void set_address(json_t *object, const char *key, struct address address)
{
    char text[ADDRESS_TEXT_MAX];
    if (address.family != FAMILY_NONE)
        set(object, key, json_string(address_format(address, text)));
}

static void set_prefix(json_t *object, struct prefix prefix)
{
    char text[PREFIX_TEXT_MAX];
    if (prefix.address.family != FAMILY_NONE)
        set(object, "prefix", json_string(prefix_format(prefix, text)));
}

// "00:11:22:33:44:55" of any number of octets.
static void set_octets(json_t *object, const char *key, const uint8_t *bytes, size_t size)
{
    char text[64] = "";
    for (size_t i = 0; bytes && i < size && i < sizeof text / 3; i++)
        snprintf(text + (i > 0 ? 3 * i - 1 : 0), 4, i > 0 ? ":%02x" : "%02x", bytes[i]);
    if (bytes)
        set(object, key, json_string(text));
}

static void set_evpn(json_t *object, const struct bgp_foreign_route *route)
{
    struct bgp_evpn evpn;
    bool good = bgp_evpn_read(route, &evpn);
    set(object, "route_type",
        evpn.name ? json_string(evpn.name) : json_sprintf("type-%u", route->type));
    if (!good || !evpn.name)
        return;
    set_octets(object, "segment", evpn.segment, 10);
    if (evpn.has_tag)
        set(object, "ethernet_tag", json_integer(evpn.tag));
    set_octets(object, "mac", evpn.mac, 6);
    set_address(object, "address", evpn.address);
    set_prefix(object, evpn.prefix);
    set_address(object, "gateway", evpn.gateway);
    set_labels(object, evpn.labels);
}

static size_t match_text(const struct flow_component *component, const struct flow_match *match,
                         char *text, size_t size)
{
    unsigned long long value = match->value;
    if (component->kind == FLOW_BITS)
        return (size_t)snprintf(text, size, "%s%s0x%llx", match->inverted ? "!" : "",
                                match->whole ? "=" : "", value);
    return (size_t)snprintf(text, size, "%s%s%s%llu", match->less ? "<" : "",
                            match->greater ? ">" : "", match->equal ? "=" : "", value);
}

// "=80 >8080&<8088": a blank is or, & is and.
static json_t *matches_json(const struct flow_component *component)
{
    char text[1024] = "";
    size_t used = 0;
    struct flow_match match;
    for (struct cursor c = component->matches;
         used + 64 < sizeof text && flow_match_next(&c, &match);) {
        if (used > 0)
            text[used++] = match.joined ? '&' : ' ';
        used += match_text(component, &match, text + used, sizeof text - used);
    }
    return json_string(text);
}

static json_t *flow_prefix_json(const struct flow_component *component)
{
    char text[PREFIX_TEXT_MAX];
    prefix_format(component->prefix, text);
    return component->offset == 0 ? json_string(text)
                                  : json_sprintf("%s-%u", text, component->offset);
}

static void set_flow(json_t *object, struct bgp_bytes content, enum family family)
{
    json_t *rules = json_object();
    struct flow_component component;
    for (struct cursor c = cursor_over(content.bytes, content.size);
         flow_component_next(&c, family, &component);)
        set(rules, component.name,
            component.kind == FLOW_PREFIX ? flow_prefix_json(&component)
                                          : matches_json(&component));
    set(object, "rules", rules);
}

static json_t *route_json(const struct bgp_foreign_nlri *nlri,
                          const struct bgp_foreign_route *route)
{
    json_t *object = json_object();
    if (route->rd)
        set(object, "rd", rd_json(route->rd));
    set_prefix(object, route->prefix);
    set_labels(object, route->labels);
    if (nlri->family->form == BGP_FORM_EVPN)
        set_evpn(object, route);
    else if (nlri->family->form == BGP_FORM_FLOW || nlri->family->form == BGP_FORM_FLOW_VPN)
        set_flow(object, route->content, nlri->family->family);
    if (nlri->add_path)
        set(object, "path_id", json_integer(route->path_id));
    return object;
}

json_t *bgp_foreign_json(struct bgp_foreign_nlri nlri)
{
    json_t *array = json_array();
    struct bgp_foreign_route route;
    for (;;) {
        enum bgp_foreign_read read = bgp_foreign_next(&nlri, &route);
        if (read == BGP_FOREIGN_END)
            return array;
        json_t *item = read == BGP_FOREIGN_LOST ? json_object() : route_json(&nlri, &route);
        if (read != BGP_FOREIGN_GOOD)
            set(item, "malformed", json_true());
        json_array_append_new(array, item);
        if (read == BGP_FOREIGN_LOST)
            return array;
    }
}

// RFC 4364 §4.3.2, RFC 2545 §3: the address, behind a distinguisher in a VPN.
json_t *bgp_foreign_next_hop_json(const struct bgp_update *update)
{
    struct bgp_bytes hop = update->foreign_next_hop;
    size_t rd = hop.size % 12 == 0 ? 8 : 0;
    char text[ADDRESS_TEXT_MAX];
    if (hop.size < rd + 4)
        return NULL;
    enum family family = hop.size - rd >= 16 ? FAMILY_IPV6 : FAMILY_IPV4;
    if (hop.size < rd + family_bits(family) / 8u)
        return NULL;
    return json_string(address_format(address_from_bytes(family, hop.bytes + rd), text));
}
