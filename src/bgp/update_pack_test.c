// SPDX-License-Identifier: ISC
// Many routes in few messages, with every attribute there is: what is packed comes back as it was.
#include "base/check.h"
#include "base/random.h"
#include "bgp/as_path.h"
#include "bgp/message.h"
#include "bgp/update_encode.h"

#include <string.h>

enum { ROUTES = 3000, MESSAGES_BYTES = 1 << 17 };

static const struct {
    const char *name;
    enum family family;
    const char *next_hop, *mp_next_hop, *link_local;
    struct bgp_context context;
} rows[] = {
    {"IPv4", FAMILY_IPV4, "192.0.2.1", NULL, NULL, {.as4 = true}},
    {"IPv4 to an external peer",
     FAMILY_IPV4,
     "192.0.2.1",
     NULL,
     NULL,
     {.as4 = true, .peer = BGP_EXTERNAL}},
    {"IPv4, 2-octet peer", FAMILY_IPV4, "192.0.2.1", NULL, NULL, {.as4 = false}},
    {"IPv4, ADD-PATH",
     FAMILY_IPV4,
     "192.0.2.1",
     NULL,
     NULL,
     {.as4 = true, .add_path_send = {[FAMILY_IPV4] = true}}},
    {"IPv4, ADD-PATH for IPv6 only",
     FAMILY_IPV4,
     "192.0.2.1",
     NULL,
     NULL,
     {.as4 = true, .add_path_send = {[FAMILY_IPV6] = true}}},
    {"IPv4, long", FAMILY_IPV4, "192.0.2.1", NULL, NULL, {.as4 = true, .extended_message = true}},
    {"IPv4 over IPv6",
     FAMILY_IPV4,
     NULL,
     "2001:db8::1",
     NULL,
     {.as4 = true, .next_hop_ipv6 = true}},
    {"IPv4 over IPv6, two next hops",
     FAMILY_IPV4,
     NULL,
     "2001:db8::1",
     "fe80::1",
     {.as4 = true, .next_hop_ipv6 = true}},
    {"IPv4 in MP_REACH_NLRI", FAMILY_IPV4, NULL, "192.0.2.1", NULL, {.as4 = true}},
    {"IPv6", FAMILY_IPV6, NULL, "2001:db8::1", NULL, {.as4 = true}},
    {"IPv6, two next hops", FAMILY_IPV6, NULL, "2001:db8::1", "fe80::1", {.as4 = true}},
    {"IPv6, 2-octet peer", FAMILY_IPV6, NULL, "2001:db8::1", NULL, {.as4 = false}},
    {"IPv6, ADD-PATH, long",
     FAMILY_IPV6,
     NULL,
     "2001:db8::1",
     NULL,
     {.as4 = true, .extended_message = true, .add_path_send = {[FAMILY_IPV6] = true}}},
};

// What the other side negotiated, seen from there.
static struct bgp_context receiver(const struct bgp_context *sender)
{
    struct bgp_context context = *sender;
    context.families[FAMILY_IPV4] = context.families[FAMILY_IPV6] = true;
    memcpy(context.add_path, sender->add_path_send, sizeof context.add_path);
    return context;
}

static const uint8_t as_path[] = {2, 3, 0, 0, 0xfd, 0xe9, 0xfa, 0x56, 0xea, 0, 0, 0, 0, 7};
static const uint8_t list[] = {1,  2,  3,  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                               16, 1,  2,  3, 4, 5, 6, 7, 8, 9,  10, 11, 12, 13, 14,
                               15, 16, 1,  2, 3, 4, 5, 6, 7, 8,  9,  10, 11, 12, 13,
                               14, 15, 16, 1, 2, 3, 4, 5, 6, 7,  8,  9,  10, 11, 12};
// A tunnel encapsulation, an unknown attribute marked partial, and a large one.
static const uint8_t others[] = {0xc0, 23, 4, 0, 1,    0,   0, 0xe0, 200,
                                 3,    7,  8, 9, 0xd0, 201, 0, 1,    5};

static struct bgp_attributes everything(size_t row)
{
    static const uint8_t types[] = {
        ATTR_MED,          ATTR_LOCAL_PREF,           ATTR_ATOMIC_AGGREGATE,
        ATTR_AGGREGATOR,   ATTR_COMMUNITIES,          ATTR_ORIGINATOR_ID,
        ATTR_CLUSTER_LIST, ATTR_EXTENDED_COMMUNITIES, ATTR_IPV6_EXTENDED_COMMUNITIES,
        ATTR_AIGP,         ATTR_LARGE_COMMUNITIES,    ATTR_OTC,
    };
    struct bgp_attributes a = {
        .origin = 2,
        .as_path = {as_path, sizeof as_path},
        .as_size = 4,
        .med = 1,
        .local_pref = 2,
        .originator_id = 3,
        .aggregator_as = 4200000004,
        .aggregator = check_address("192.0.2.4"),
        .communities = {list, 60},
        .extended_communities = {list, 56},
        .large_communities = {list, 60},
        .cluster_list = {list, 8},
        .ipv6_extended_communities = {list, 60},
        .only_to_customer = 5,
        .accumulated_igp = UINT64_C(0x0102030405060708),
    };
    for (size_t i = 0; i < sizeof types; i++)
        bgp_attribute_add(&a, types[i]);
    bgp_others_set(&a, (struct bgp_bytes){others, sizeof others});
    if (rows[row].next_hop)
        a.next_hop = check_address(rows[row].next_hop);
    if (rows[row].mp_next_hop)
        a.mp_next_hop = check_address(rows[row].mp_next_hop);
    if (rows[row].link_local)
        a.mp_link_local = check_address(rows[row].link_local);
    return a;
}

static struct bgp_route random_route(struct random *random, enum family family)
{
    struct address address = {.family = family};
    for (size_t i = 0; i < family_bits(family) / 8u; i++)
        address.bytes[i] = (uint8_t)random_u64(random);
    uint8_t length = (uint8_t)(random_u64(random) % (family_bits(family) + 1u));
    return (struct bgp_route){prefix_of(address, length), (uint32_t)random_u64(random)};
}

#define SAME(member)                                                                               \
    (got->member.size == sent->member.size &&                                                      \
     memcmp(got->member.bytes, sent->member.bytes, sent->member.size) == 0)

static void check_same(const char *name, const struct bgp_attributes *got,
                       const struct bgp_attributes *sent, bool internal)
{
    uint8_t bytes[256];
    struct writer path = writer_over(bytes, sizeof bytes);
    bgp_as_path_write(&path, got);
    CHECK_ROW(name, path.size == sizeof as_path && memcmp(bytes, as_path, path.size) == 0);
    CHECK_ROW(name, got->origin == 2 && got->med == 1 && got->only_to_customer == 5);
    CHECK_ROW(name, address_equal(got->next_hop, sent->next_hop));
    CHECK_ROW(name, address_equal(got->mp_next_hop, sent->mp_next_hop));
    CHECK_ROW(name, address_equal(got->mp_link_local, sent->mp_link_local));
    CHECK_ROW(name, bgp_attribute_present(got, ATTR_LOCAL_PREF) == internal);
    CHECK_ROW(name, bgp_attribute_present(got, ATTR_ORIGINATOR_ID) == internal);
    CHECK_ROW(name, bgp_attribute_present(got, ATTR_CLUSTER_LIST) == internal);
    CHECK_ROW(name, !internal || (got->local_pref == 2 && got->originator_id == 3));
    CHECK_ROW(name, !internal || SAME(cluster_list));
    CHECK_ROW(name, bgp_attribute_present(got, ATTR_ATOMIC_AGGREGATE));
    CHECK_ROW(name, got->aggregator_as == sent->aggregator_as);
    CHECK_ROW(name, address_equal(got->aggregator, sent->aggregator));
    CHECK_ROW(name, SAME(communities) && SAME(extended_communities) && SAME(large_communities));
    CHECK_ROW(name, SAME(ipv6_extended_communities));
    CHECK_ROW(name, got->accumulated_igp == sent->accumulated_igp);
}

// The carried ones, each with its flags; the extended length of the third is no more needed.
static void check_others(const char *name, const struct bgp_attributes *got)
{
    static const struct bgp_other expected[] = {
        {0xc0, 23, {others + 3, 4}}, {0xe0, 200, {others + 10, 3}}, {0xd0, 201, {others + 17, 1}}};
    struct bgp_others read = bgp_others(got);
    struct bgp_other other;
    size_t count = 0;
    for (; bgp_others_next(&read, &other); count++) {
        CHECK_ROW(name, count < 3 && other.type == expected[count].type);
        CHECK_ROW(name, (other.flags | 0x10) == (expected[count].flags | 0x10));
        CHECK_ROW(name, other.value.size == expected[count].value.size);
        CHECK_ROW(name,
                  memcmp(other.value.bytes, expected[count].value.bytes, other.value.size) == 0);
    }
    CHECK_ROW(name, count == 3);
}

static bool same_route(const struct bgp_route *a, const struct bgp_route *b, bool add_path)
{
    return prefix_equal(a->prefix, b->prefix) && a->path_id == (add_path ? b->path_id : 0);
}

// Reads the message and compares its routes with the first of those sent; gives their number.
static size_t check_message(size_t row, const struct writer *w, const struct bgp_route *routes,
                            const struct bgp_attributes *sent)
{
    const char *name = rows[row].name;
    struct bgp_context context = receiver(&rows[row].context);
    struct bgp_message message;
    struct bgp_verdict verdict =
        bgp_message_decode(cursor_over(w->bytes, w->size), &context, &message);
    CHECK_ROW(name, verdict.remedy == BGP_ACCEPT);
    CHECK_ROW(name, w->size <= (context.extended_message ? 65535 : 4096));
    struct bgp_update *u = &message.update;
    struct bgp_nlri *fields[] = {&u->announced, &u->mp_announced, &u->withdrawn, &u->mp_withdrawn};
    size_t count = 0;
    for (size_t i = 0; i < 4; i++)
        for (struct bgp_route got; bgp_nlri_next(fields[i], &got); count++) {
            CHECK_ROW(name, (i < 2) == (sent != NULL));
            CHECK_ROW(name, same_route(&got, &routes[count],
                                       rows[row].context.add_path_send[rows[row].family]));
        }
    if (sent) {
        check_same(name, &u->attributes, sent, context.peer == BGP_INTERNAL);
        check_others(name, &u->attributes);
    }
    return count;
}

static void make_routes(struct bgp_route routes[ROUTES], enum family family)
{
    struct random random = {.state = 7};
    for (size_t i = 0; i < ROUTES; i++)
        routes[i] = random_route(&random, family);
}

static void what_is_packed_comes_back(void **state)
{
    (void)state;
    static uint8_t bytes[MESSAGES_BYTES];
    static struct bgp_route routes[ROUTES];
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        make_routes(routes, rows[row].family);
        struct bgp_attributes a = everything(row);
        size_t messages = 0, octets = 0;
        for (size_t done = 0, count; done < ROUTES; done += count, messages++) {
            struct writer w = writer_over(bytes, sizeof bytes);
            count = bgp_update_encode(&w, &rows[row].context, &a, routes + done, ROUTES - done);
            CHECK_ROW(rows[row].name, count > 0 && writer_ok(&w));
            CHECK_ROW(rows[row].name, check_message(row, &w, routes + done, &a) == count);
            octets += w.size;
        }
        // Every message but the last is filled to less than one prefix.
        size_t most = rows[row].context.extended_message ? 65535 : 4096;
        CHECK_ROW(rows[row].name, octets > (messages - 1) * (most - 22));
        for (size_t done = 0, count; done < ROUTES; done += count) {
            struct writer w = writer_over(bytes, sizeof bytes);
            count = bgp_withdraw_encode(&w, &rows[row].context, routes + done, ROUTES - done);
            CHECK_ROW(rows[row].name, count > 0 && writer_ok(&w));
            CHECK_ROW(rows[row].name, check_message(row, &w, routes + done, NULL) == count);
        }
    }
}

// However little room there is: whole messages of fewer routes, or none at all.
static void room_is_never_exceeded(void **state)
{
    (void)state;
    uint8_t bytes[700];
    static struct bgp_route routes[ROUTES];
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        make_routes(routes, rows[row].family);
        struct bgp_attributes a = everything(row);
        size_t most = 0;
        for (size_t room = 0; room < sizeof bytes; room++) {
            memset(bytes, 0xee, sizeof bytes);
            struct writer w = writer_over(bytes, room);
            size_t count = bgp_update_encode(&w, &rows[row].context, &a, routes, ROUTES);
            CHECK_ROW(rows[row].name, (count > 0) == writer_ok(&w) && count >= most);
            CHECK_ROW(rows[row].name, count == 0 || check_message(row, &w, routes, &a) == count);
            CHECK_ROW(rows[row].name, bytes[room] == 0xee);
            most = count;
            w = writer_over(bytes, room);
            count = bgp_withdraw_encode(&w, &rows[row].context, routes, ROUTES);
            CHECK_ROW(rows[row].name, (count > 0) == writer_ok(&w));
            CHECK_ROW(rows[row].name, count == 0 || check_message(row, &w, routes, NULL) == count);
        }
        CHECK_ROW(rows[row].name, most > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_comes_back),
        cmocka_unit_test(room_is_never_exceeded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
