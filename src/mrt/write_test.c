// SPDX-License-Identifier: ISC
#include "mrt/write.h"

#include "base/check.h"
#include "bgp/message.h"
#include "mrt/update.h"

#include <stdlib.h>
#include <string.h>

static uint32_t next(uint32_t *state)  // xorshift: a fixed seed, the same test every time
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static struct address any_address(uint32_t *seed, enum family family)
{
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(next(seed) % 127 + 1);  // a host's in both families
    return address_from_bytes(family, bytes);
}

static enum family any_family(uint32_t *seed)
{
    return next(seed) % 2 ? FAMILY_IPV4 : FAMILY_IPV6;
}

struct any_route {
    struct prefix prefix;
    uint16_t peer_index;
    uint32_t originated_s, path_id;
    struct bgp_attributes attributes;
    uint8_t path[64], communities[48], large[24];
};

// Attributes of every kind, some of them there and some not.
static void make_route(uint32_t *seed, struct prefix prefix, struct any_route *r)
{
    *r = (struct any_route){.prefix = prefix, .peer_index = (uint16_t)(next(seed) % 3)};
    r->originated_s = next(seed);
    r->path_id = next(seed);
    struct bgp_attributes *a = &r->attributes;
    struct writer path = writer_over(r->path, sizeof r->path);
    uint8_t length = (uint8_t)(next(seed) % 8 + 1);
    writer_u8(&path, 2);
    writer_u8(&path, length);
    for (uint8_t i = 0; i < length; i++)
        writer_be32(&path, next(seed) % 4000000 + 1);
    a->as_size = 4;
    a->origin = (uint8_t)(next(seed) % 3);
    a->as_path = (struct bgp_bytes){r->path, path.size};
    bool ipv6_hop = prefix.address.family == FAMILY_IPV6 || next(seed) % 4 == 0;
    if (ipv6_hop)
        a->mp_next_hop = any_address(seed, FAMILY_IPV6);
    else
        a->next_hop = any_address(seed, FAMILY_IPV4);
    if (ipv6_hop && next(seed) % 2) {
        a->mp_link_local = any_address(seed, FAMILY_IPV6);
        a->mp_link_local.bytes[0] = 0xfe;
        a->mp_link_local.bytes[1] = 0x80;
    }
    a->med = next(seed);
    a->local_pref = next(seed);
    memset(r->communities, (int)(next(seed) % 200), sizeof r->communities);
    memset(r->large, (int)(next(seed) % 200), sizeof r->large);
    a->communities = (struct bgp_bytes){r->communities, 4 * (next(seed) % 12 + 1)};
    a->large_communities = (struct bgp_bytes){r->large, 12 * (next(seed) % 2 + 1)};
    const uint8_t optional[] = {ATTR_MED, ATTR_LOCAL_PREF, ATTR_ATOMIC_AGGREGATE, ATTR_COMMUNITIES,
                                ATTR_LARGE_COMMUNITIES};
    for (size_t i = 0; i < sizeof optional; i++)
        if (next(seed) % 2)
            bgp_attribute_add(a, optional[i]);
}

static struct bgp_context context_of(bool add_path)
{
    return (struct bgp_context){.observed = true,
                                .as4 = true,
                                .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
                                .add_path = {[FAMILY_IPV4] = add_path, [FAMILY_IPV6] = add_path},
                                .extended_message = true};
}

// What was read back, judged and decoded, is the route that was written.
static void check_entry(const struct any_route *r, const struct mrt_rib *rib,
                        const struct mrt_entry *entry)
{
    static uint8_t bytes[4096];
    assert_int_equal(entry->peer_index, r->peer_index);
    assert_int_equal(entry->originated_s, r->originated_s);
    assert_int_equal(entry->path_id, rib->add_path ? r->path_id : 0);
    assert_true(prefix_equal(mrt_prefix(&rib->nlri), r->prefix));
    struct mrt_announcement a = mrt_announcement_of_entry(rib, entry);
    struct writer w = writer_over(bytes, sizeof bytes);
    mrt_announcement_encode(&w, &a, sizeof bytes);
    struct bgp_context context = context_of(rib->add_path);
    struct bgp_message message;
    struct bgp_verdict verdict = bgp_message_decode(cursor_over(bytes, w.size), &context, &message);
    if (verdict.remedy != BGP_ACCEPT)
        fail_msg("%s", verdict.reason);
    const struct bgp_attributes *back = &message.update.attributes, *was = &r->attributes;
    assert_int_equal(back->origin, was->origin);
    assert_int_equal(back->as_path.size, was->as_path.size);
    assert_memory_equal(back->as_path.bytes, was->as_path.bytes, was->as_path.size);
    assert_true(address_equal(back->next_hop, was->next_hop));
    assert_true(address_equal(back->mp_next_hop, was->mp_next_hop));
    assert_true(address_equal(back->mp_link_local, was->mp_link_local));
    for (uint8_t type = ATTR_MED; type <= ATTR_LARGE_COMMUNITIES; type++)
        if (type != ATTR_MP_REACH)
            assert_int_equal(bgp_attribute_present(back, type), bgp_attribute_present(was, type));
    if (bgp_attribute_present(was, ATTR_MED))
        assert_int_equal(back->med, was->med);
    if (bgp_attribute_present(was, ATTR_LOCAL_PREF))
        assert_int_equal(back->local_pref, was->local_pref);
    if (bgp_attribute_present(was, ATTR_COMMUNITIES)) {
        assert_int_equal(back->communities.size, was->communities.size);
        assert_memory_equal(back->communities.bytes, was->communities.bytes, was->communities.size);
    }
    if (bgp_attribute_present(was, ATTR_LARGE_COMMUNITIES))
        assert_int_equal(back->large_communities.size, was->large_communities.size);
}

static void write_table(struct writer *w, const struct mrt_peer *peers,
                        const struct any_route *routes, size_t paths, bool add_path)
{
    mrt_write_peers(w, 1700000000, 0xc0000201, "a view", peers, 3);
    struct mrt_rib_write rib = mrt_write_rib_begin(w, 1700000000, 7, routes[0].prefix, add_path);
    for (size_t i = 0; i < paths; i++) {
        uint8_t bytes[1024];
        struct writer attributes = writer_over(bytes, sizeof bytes);
        mrt_write_attributes(&attributes, &routes[i].attributes, routes[i].prefix.address.family);
        assert_true(writer_ok(&attributes));
        mrt_write_entry(w, &rib, routes[i].peer_index, routes[i].originated_s, routes[i].path_id,
                        (struct bgp_bytes){bytes, attributes.size});
    }
    mrt_write_rib_end(w, &rib);
}

static void tables_come_back(void **state)
{
    (void)state;
    enum { PATHS = 6 };
    static uint8_t bytes[1 << 16];
    static struct any_route routes[PATHS];
    uint32_t seed = 4711;
    for (unsigned round = 0; round < 500; round++) {
        struct mrt_peer peers[3];
        for (size_t i = 0; i < 3; i++)
            peers[i] =
                (struct mrt_peer){any_address(&seed, any_family(&seed)), next(&seed), next(&seed)};
        enum family family = any_family(&seed);
        uint8_t length = (uint8_t)(next(&seed) % (family_bits(family) + 1u));
        struct prefix prefix = prefix_of(any_address(&seed, family), length);
        size_t paths = next(&seed) % (PATHS + 1);
        for (size_t i = 0; i < PATHS; i++)
            make_route(&seed, prefix, &routes[i]);
        bool add_path = next(&seed) % 2;
        struct writer w = writer_over(bytes, sizeof bytes);
        write_table(&w, peers, routes, paths, add_path);
        assert_true(writer_ok(&w));

        struct mrt_reader reader = mrt_reader_over(bytes, w.size, 0);
        struct mrt_record record;
        struct mrt_peers back = {0};
        struct mrt_item item;
        assert_int_equal(mrt_reader_next(&reader, &record), MRT_RECORD);
        mrt_item_decode(&record, &back, &item);
        assert_int_equal(item.kind, MRT_PEERS);
        assert_int_equal(back.count, 3);
        assert_int_equal(back.collector_id, 0xc0000201);
        for (size_t i = 0; i < 3; i++)
            assert_true(address_equal(back.list[i].address, peers[i].address) &&
                        back.list[i].as == peers[i].as && back.list[i].id == peers[i].id);
        assert_int_equal(mrt_reader_next(&reader, &record), MRT_RECORD);
        assert_int_equal(record.time_s, 1700000000);
        mrt_item_decode(&record, &back, &item);
        assert_int_equal(item.rib.sequence, 7);
        assert_int_equal(item.rib.add_path, add_path);
        struct mrt_entry entry;
        size_t seen = 0;
        while (mrt_entry_next(&item, &entry))
            check_entry(&routes[seen++], &item.rib, &entry);
        assert_int_equal(seen, paths);
        assert_int_equal(item.kind, MRT_RIB);
        assert_int_equal(mrt_reader_left(&reader), 0);
        mrt_peers_done(&back);
    }
}

static void sessions_come_back(void **state)
{
    (void)state;
    static const uint8_t keepalive[] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                        255, 255, 255, 255, 255, 255, 0,   19,  4};
    uint8_t bytes[256];
    for (unsigned bits = 0; bits < 64; bits++) {
        enum family family = bits & 1 ? FAMILY_IPV6 : FAMILY_IPV4;
        uint32_t seed = bits + 1;
        struct mrt_session session = {.peer = any_address(&seed, family),
                                      .local = any_address(&seed, family),
                                      .peer_as = 64500,
                                      .local_as = 64501,
                                      .as_size = bits & 2 ? 4 : 2,
                                      .sent = bits & 4,
                                      .add_path = bits & 8,
                                      .old_state = 5,
                                      .new_state = 6};
        struct mrt_stamp at = {1700000000, 123456, bits & 16};
        struct writer w = writer_over(bytes, sizeof bytes);
        bool message = bits & 32;
        if (message)
            mrt_write_message(&w, &at, &session, (struct bgp_bytes){keepalive, sizeof keepalive});
        else
            mrt_write_state(&w, &at, &session);
        assert_true(writer_ok(&w));
        struct mrt_reader reader = mrt_reader_over(bytes, w.size, 0);
        struct mrt_record record;
        struct mrt_peers peers = {0};
        struct mrt_item item;
        assert_int_equal(mrt_reader_next(&reader, &record), MRT_RECORD);
        assert_int_equal(record.time_us, at.extended ? 123456 : 0);
        mrt_item_decode(&record, &peers, &item);
        assert_int_equal(item.kind, message ? MRT_MESSAGE : MRT_STATE);
        const struct mrt_session *back = &item.session;
        assert_true(address_equal(back->peer, session.peer));
        assert_true(address_equal(back->local, session.local));
        assert_int_equal(back->peer_as, 64500);
        assert_int_equal(back->local_as, 64501);
        assert_int_equal(back->as_size, session.as_size);
        assert_int_equal(back->sent, message && session.sent);
        assert_int_equal(back->add_path, message && session.add_path);
        assert_int_equal(back->new_state, message ? 0 : 6);
        assert_int_equal(cursor_left(&back->message), message ? sizeof keepalive : 0);
    }
}

// Wherever there is no room the writer fails, and nothing stands behind the room.
static void what_does_not_fit_fails(void **state)
{
    (void)state;
    static struct any_route routes[2];
    uint32_t seed = 1;
    struct mrt_peer peers[3];
    for (size_t i = 0; i < 3; i++)
        peers[i] = (struct mrt_peer){any_address(&seed, FAMILY_IPV4), 1, 1};
    struct prefix prefix = check_prefix("2001:db8::/32");
    make_route(&seed, prefix, &routes[0]);
    make_route(&seed, prefix, &routes[1]);
    uint8_t bytes[1024];
    struct writer w = writer_over(bytes, sizeof bytes);
    write_table(&w, peers, routes, 2, true);
    for (size_t room = 0; room <= w.size; room++) {
        uint8_t *exact = malloc(room > 0 ? room : 1);
        struct writer small = writer_over(exact, room);
        write_table(&small, peers, routes, 2, true);
        assert_int_equal(writer_ok(&small), room == w.size);
        free(exact);
    }
    static uint8_t large[UINT16_MAX + 100];
    w = writer_over(large, sizeof large);
    struct mrt_rib_write rib = mrt_write_rib_begin(&w, 0, 0, prefix, false);
    mrt_write_entry(&w, &rib, 0, 0, 0, (struct bgp_bytes){large, UINT16_MAX + 1});
    assert_false(writer_ok(&w));
}

// What no reader takes is not written: more entries than are counted, a body above the limit.
static void what_is_too_much_fails(void **state)
{
    (void)state;
    enum { ROOM = MRT_BODY_MAX + (1 << 17), LARGE = 65000 };
    static const uint8_t attributes[LARGE];
    const struct prefix prefix = check_prefix("2001:db8::/32");
    static const struct {
        uint32_t entries;
        size_t size;
        bool good;
    } rows[] = {
        {UINT16_MAX, 0, true},
        {UINT16_MAX + 1, 0, false},
        {MRT_BODY_MAX / LARGE - 1, LARGE, true},
        {MRT_BODY_MAX / LARGE + 1, LARGE, false},
    };
    uint8_t *bytes = malloc(ROOM);
    assert_non_null(bytes);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct writer w = writer_over(bytes, ROOM);
        struct mrt_rib_write rib = mrt_write_rib_begin(&w, 0, 0, prefix, false);
        for (uint32_t n = 0; n < rows[i].entries; n++)
            mrt_write_entry(&w, &rib, 0, 0, 0, (struct bgp_bytes){attributes, rows[i].size});
        mrt_write_rib_end(&w, &rib);
        assert_int_equal(writer_ok(&w), rows[i].good);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_come_back),
        cmocka_unit_test(sessions_come_back),
        cmocka_unit_test(what_does_not_fit_fails),
        cmocka_unit_test(what_is_too_much_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
