// SPDX-License-Identifier: ISC
// Any octets as one BGP message, in any context: what is accepted can be worked with, and what
// Fairlead would announce of it is accepted by a router.
#include "bgp/as_path.h"
#include "bgp/attr_rules.h"
#include "bgp/flowspec.h"
#include "bgp/fuzz.h"
#include "bgp/message.h"
#include "bgp/update_encode.h"

#include <string.h>

static void check_prefixes(struct bgp_nlri nlri)
{
    struct bgp_route route;
    size_t left = cursor_left(&nlri.bytes);
    while (bgp_nlri_next(&nlri, &route)) {
        FUZZ_CHECK(cursor_left(&nlri.bytes) < left);  // it goes on
        left = cursor_left(&nlri.bytes);
        FUZZ_CHECK(route.prefix.length <= family_bits(nlri.family));
        struct prefix masked = prefix_of(route.prefix.address, route.prefix.length);
        FUZZ_CHECK(prefix_equal(masked, route.prefix));
    }
    FUZZ_CHECK(nlri.family == FAMILY_NONE || left == 0);
}

static void check_foreign(struct bgp_foreign_nlri nlri)
{
    struct bgp_foreign_route route;
    size_t left = cursor_left(&nlri.bytes);
    while (bgp_foreign_next(&nlri, &route) != BGP_FOREIGN_END) {
        FUZZ_CHECK(cursor_left(&nlri.bytes) < left);  // it goes on
        left = cursor_left(&nlri.bytes);
        const struct prefix *prefix = &route.prefix;
        FUZZ_CHECK(prefix->length <= family_bits(prefix->address.family));
        FUZZ_CHECK(prefix_equal(prefix_of(prefix->address, prefix->length), *prefix));
        struct cursor c = cursor_over(route.content.bytes, route.content.size);
        struct flow_component component;
        struct flow_match match;
        bool flow = nlri.family->form == BGP_FORM_FLOW || nlri.family->form == BGP_FORM_FLOW_VPN;
        while (flow && flow_component_next(&c, nlri.family->family, &component))
            while (component.kind != FLOW_PREFIX && flow_match_next(&component.matches, &match))
                FUZZ_CHECK(match.value <= UINT64_MAX >> 1 || component.matches.pos >= 8);
    }
}

// The route goes out again as an override would, and comes back as it was.
static void check_announced_again(const struct bgp_update *update, struct bgp_route route,
                                  struct address next_hop, bool as4)
{
    static uint8_t as_path[BGP_EXTENDED_MESSAGE_MAX * 3], message[BGP_MESSAGE_MAX];
    struct writer path = writer_over(as_path, sizeof as_path);
    bgp_as_path_write(&path, &update->attributes);
    FUZZ_CHECK(writer_ok(&path));
    struct bgp_attributes a = {
        .origin = update->attributes.origin,
        .as_path = {as_path, path.size},
        .as_size = 4,
        .local_pref = 200,
    };
    bool ipv4 = route.prefix.address.family == FAMILY_IPV4;
    *(ipv4 ? &a.next_hop : &a.mp_next_hop) = next_hop;
    bgp_attribute_add(&a, ATTR_LOCAL_PREF);
    struct writer w = writer_over(message, sizeof message);
    struct bgp_context context = fuzz_context(as4 ? 0x80 : 0x82);
    bgp_update_encode(&w, &context, &a, &route, 1);
    if (!writer_ok(&w))
        return;  // a path that no message of ours can hold
    struct bgp_message again;
    struct bgp_verdict verdict = bgp_message_decode(cursor_over(message, w.size), &context, &again);
    FUZZ_CHECK(verdict.remedy == BGP_ACCEPT);
    struct bgp_route back;
    FUZZ_CHECK(bgp_nlri_next(ipv4 ? &again.update.announced : &again.update.mp_announced, &back));
    FUZZ_CHECK(prefix_equal(back.prefix, route.prefix));
    if (!as4)
        return;  // confederations lose their 4-octet numbers
    FUZZ_CHECK(again.update.attributes.as_path.size == path.size);
    FUZZ_CHECK(path.size == 0 ||
               memcmp(again.update.attributes.as_path.bytes, as_path, path.size) == 0);
}

static bool same(struct bgp_bytes a, struct bgp_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static void check_others(const struct bgp_attributes *a, const struct bgp_attributes *b)
{
    struct bgp_others left = bgp_others(a), right = bgp_others(b);
    struct bgp_other mine, theirs;
    while (bgp_others_next(&left, &mine)) {
        FUZZ_CHECK(bgp_others_next(&right, &theirs));
        FUZZ_CHECK(mine.type == theirs.type && same(mine.value, theirs.value));
    }
    FUZZ_CHECK(!bgp_others_next(&right, &theirs));
}

// Everything that was good goes out again as it came, as `fairlead feed` does it, and comes back.
static void check_played_again(const struct bgp_update *update, const struct bgp_context *context)
{
    enum { ROUTES = 64 };
    static uint8_t bytes[BGP_EXTENDED_MESSAGE_MAX];
    struct bgp_attributes a = update->attributes;
    struct bgp_nlri nlri = update->announced;
    bool classic = cursor_left(&nlri.bytes) > 0;
    if (!classic)
        nlri = update->mp_announced;
    if (classic)
        a.mp_next_hop = a.mp_link_local = (struct address){0};
    else
        a.next_hop = (struct address){0};
    struct bgp_route routes[ROUTES], back;
    size_t count = 0;
    while (count < ROUTES && bgp_nlri_next(&nlri, &routes[count]))
        count++;
    if (count == 0)
        return;
    struct bgp_context sends = *context;
    memcpy(sends.add_path_send, context->add_path, sizeof sends.add_path_send);
    struct writer w = writer_over(bytes, sizeof bytes);
    size_t sent = bgp_update_encode(&w, &sends, &a, routes, count);
    FUZZ_CHECK((sent > 0) == writer_ok(&w) && sent <= count);
    if (sent == 0)
        return;  // what AS4_PATH adds did not fit
    struct bgp_message again;
    struct bgp_verdict verdict = bgp_message_decode(cursor_over(bytes, w.size), context, &again);
    FUZZ_CHECK(verdict.remedy <= BGP_ATTRIBUTE_DISCARD);
    const struct bgp_attributes *b = &again.update.attributes;
    nlri = classic ? again.update.announced : again.update.mp_announced;
    for (size_t i = 0; i < sent; i++) {
        FUZZ_CHECK(bgp_nlri_next(&nlri, &back) && prefix_equal(back.prefix, routes[i].prefix));
        FUZZ_CHECK(back.path_id == routes[i].path_id);
    }
    FUZZ_CHECK(a.origin == b->origin && a.med == b->med && a.aggregator_as == b->aggregator_as);
    FUZZ_CHECK(same(a.communities, b->communities) &&
               same(a.large_communities, b->large_communities));
    FUZZ_CHECK(same(a.extended_communities, b->extended_communities));
    FUZZ_CHECK(same(a.as_path, b->as_path) && same(a.cluster_list, b->cluster_list));
    FUZZ_CHECK(a.only_to_customer == b->only_to_customer && a.local_pref == b->local_pref);
    check_others(&a, b);
}

static void check_update(const struct bgp_update *update, enum bgp_remedy remedy,
                         const struct bgp_context *context)
{
    check_prefixes(update->withdrawn);
    check_prefixes(update->announced);
    check_prefixes(update->mp_withdrawn);
    check_prefixes(update->mp_announced);
    check_foreign(update->foreign_withdrawn);
    check_foreign(update->foreign_announced);
    const struct bgp_attributes *a = &update->attributes;
    struct bgp_nlri classic = update->announced, multiprotocol = update->mp_announced;
    bool usable = remedy == BGP_ACCEPT || remedy == BGP_ATTRIBUTE_DISCARD;
    struct bgp_route route;
    if (usable)
        check_played_again(update, context);
    if (usable && bgp_nlri_next(&classic, &route)) {
        FUZZ_CHECK(bgp_attribute_present(a, ATTR_ORIGIN) && bgp_attribute_present(a, ATTR_AS_PATH));
        FUZZ_CHECK(bgp_attribute_present(a, ATTR_NEXT_HOP));
        check_announced_again(update, route, a->next_hop, true);
        check_announced_again(update, route, a->next_hop, false);
    }
    if (usable && bgp_nlri_next(&multiprotocol, &route)) {
        FUZZ_CHECK(bgp_attribute_present(a, ATTR_ORIGIN) && bgp_attribute_present(a, ATTR_AS_PATH));
        struct address hop = address_from_bytes(route.prefix.address.family, "\x20\x01\x0d\xb8"
                                                                             "2345678901234");
        check_announced_again(update, route, hop, true);
    }
    FUZZ_CHECK(update->end_of_rib == FAMILY_NONE || remedy == BGP_ACCEPT);
}

static void check_notification(const struct bgp_notification *n)
{
    char text[BGP_TEXT_MAX], name[80];
    bgp_error_name(n->code, n->subcode, name, sizeof name);
    for (const char *c = bgp_notification_text(n, text); *c; c++)
        FUZZ_CHECK((uint8_t)*c >= 0x20 && *c != 0x7f && *c != '"');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    struct bgp_context context = fuzz_context(bytes[0]);
    struct cursor input = cursor_over(bytes + 1, size - 1);
    struct bgp_message message, twin;
    struct bgp_verdict verdict = bgp_message_decode(input, &context, &message);
    fuzz_check_verdict(&verdict, size - 1);
    struct bgp_verdict again = bgp_message_decode(input, &context, &twin);
    FUZZ_CHECK(again.remedy == verdict.remedy && again.at == verdict.at);

    struct bgp_header header;
    if (size - 1 >= BGP_HEADER_SIZE) {
        bool illegal = bgp_header_decode(input, &context, &header).remedy != BGP_ACCEPT;
        FUZZ_CHECK(!illegal || verdict.remedy >= BGP_SESSION_RESET);
    }
    if (!message.decoded || verdict.remedy == BGP_SESSION_RESET)
        return 0;
    FUZZ_CHECK((message.header.type == BGP_NOTIFICATION) == (verdict.remedy == BGP_CLOSE));
    if (message.header.type == BGP_UPDATE)
        check_update(&message.update, verdict.remedy, &context);
    if (message.header.type == BGP_NOTIFICATION)
        check_notification(&message.notification);
    return 0;
}
