// SPDX-License-Identifier: ISC
#include "bgp/open.h"

#include "base/check.h"
#include "bgp/header.h"

#include <string.h>

enum { FINE = -1, EXTERNAL = 1, OBSERVED = 2 };

// Fields: version, AS 64500, hold time 90 s, identifier 192.0.2.2, parameters' size, parameters.
// We are AS 64500, 192.0.2.1, and provider of external peers.
static const struct row {
    const char *name, *body;
    int flags, subcode;
    uint32_t asn;
    uint16_t hold_s;
} rows[] = {
    {"no parameters", "04 fbf4 005a c0000202 00", 0, FINE, 64500, 90},
    {"no keepalives", "04 fbf4 0000 c0000202 00", 0, FINE, 64500, 0},
    {"hold time 3 s", "04 fbf4 0003 c0000202 00", 0, FINE, 64500, 3},
    {"4-octet AS", "04 5ba0 005a c0000202 08 0206 4104fa56ea00", 0, FINE, 4200000000, 90},
    {"among others", "04 5ba0 005a c0000202 0a 0208 0200 4104fa56ea00", 0, FINE, 4200000000, 90},
    {"parameter each", "04 5ba0 005a c0000202 0c 0202 0200 0206 4104fa56ea00", 0, FINE, 4200000000,
     90},
    {"not that one", "04 fbf4 005a c0000202 08 0206 c804fa56ea00", 0, FINE, 64500, 90},
    {"long form", "04 5ba0 005a c0000202 ff ff 0009 02 0006 4104fa56ea00", 0, FINE, 4200000000, 90},
    {"long form, length not 255", "04 5ba0 005a c0000202 05 ff 0009 02 0006 4104fa56ea00", 0, FINE,
     4200000000, 90},
    {"FQDN overruns itself", "04 fbf4 005a c0000202 08 0206 4904c8616263", 0, FINE, 64500, 90},
    {"multiprotocol of 2", "04 fbf4 005a c0000202 06 0204 01020001", 0, FINE, 64500, 90},
    {"role of a customer", "04 fbf5 005a c0000202 05 0203 090103", EXTERNAL, FINE, 64501, 90},
    {"same identifier outside", "04 fbf5 005a c0000201 00", EXTERNAL, FINE, 64501, 90},
    {"version 3", "03 fbf4 005a c0000202 00", 0, 1, 0, 0},
    {"version 5", "05 fbf4 005a c0000202 00", 0, 1, 0, 0},
    {"version 3 and more", "03 fbf4 005a c0000202 ff", 0, 1, 0, 0},
    {"AS 0", "04 0000 005a c0000202 00", 0, 2, 0, 0},
    {"AS 0, long form", "04 5ba0 005a c0000202 08 0206 410400000000", 0, 2, 0, 0},
    {"AS 0, short form", "04 0000 005a c0000202 08 0206 41040000fbf4", 0, 2, 0, 0},
    {"another AS", "04 fde7 005a c0000202 00", 0, 2, 0, 0},
    {"identifier 0", "04 fbf4 005a 00000000 00", 0, 3, 0, 0},
    {"identifier ours", "04 fbf4 005a c0000201 00", 0, 3, 0, 0},
    {"parameter 1", "04 fbf4 005a c0000202 02 0100", 0, 4, 0, 0},
    {"parameter 9 behind", "04 fbf4 005a c0000202 06 0202 0200 0900", 0, 4, 0, 0},
    {"hold time 1 s", "04 fbf4 0001 c0000202 00", 0, 6, 0, 0},
    {"hold time 2 s", "04 fbf4 0002 c0000202 00", 0, 6, 0, 0},
    {"role of a provider", "04 fbf5 005a c0000202 05 0203 090100", EXTERNAL, 11, 0, 0},
    {"role of a peer", "04 fbf5 005a c0000202 05 0203 090104", EXTERNAL, 11, 0, 0},
    {"role that does not exist", "04 fbf5 005a c0000202 05 0203 090105", EXTERNAL, 11, 0, 0},
    {"two roles", "04 fbf5 005a c0000202 08 0206 090103 090102", EXTERNAL, 11, 0, 0},
    {"two roles, the last fits", "04 fbf5 005a c0000202 08 0206 090102 090103", EXTERNAL, 11, 0, 0},
    {"identifier 0, seen from outside", "04 fbf4 0001 00000000 00", OBSERVED, FINE, 64500, 1},
    {"role mismatch, seen from outside", "04 fbf5 005a c0000202 05 0203 090104",
     EXTERNAL | OBSERVED, FINE, 64501, 90},
    {"parameters too long", "04 fbf4 005a c0000202 03 0200", 0, 0, 0, 0},
    {"parameters too short", "04 fbf4 005a c0000202 00 0200", 0, 0, 0, 0},
    {"CVE-2022-43681", "04 dead 00de adbeef6b ff", 0, 0, 0, 0},
    {"CVE-2022-40302", "04 dead 0005 c0a83901 ff ff 0002 0001", 0, 0, 0, 0},
    {"parameter 9 too long", "04 fbf4 005a c0000202 02 0901", 0, 0, 0, 0},
    {"long form too long", "04 fbf4 005a c0000202 ff ff 000a 02 0006 4104fa56ea00", 0, 0, 0, 0},
    {"long form too short", "04 fbf4 005a c0000202 ff ff 0000 02 0006", 0, 0, 0, 0},
    {"capability too long", "04 fbf4 005a c0000202 04 0202 4104", 0, 0, 0, 0},
    {"4-octet AS of 3", "04 fbf4 005a c0000202 07 0205 4103 fa56ea", 0, 0, 0, 0},
    {"4-octet AS of 5", "04 fbf4 005a c0000202 09 0207 4105 fa56ea0000", 0, 0, 0, 0},
};

static struct bgp_verdict decode(const struct row *row, const uint8_t *body, size_t size,
                                 struct bgp_open *open)
{
    bool external = row->flags & EXTERNAL;
    struct bgp_context context = {
        .peer = external ? BGP_EXTERNAL : BGP_INTERNAL,
        .observed = row->flags & OBSERVED,
        .role = BGP_ROLE_PROVIDER,
        .local_as = 64500,
        .peer_as = row->subcode == FINE ? row->asn
                   : external           ? 64501
                                        : 64500,
        .local_id = 0xc0000201,
    };
    return bgp_open_decode(cursor_over(body, size), &context, open);
}

static void answers_as_the_rfcs_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t body[64];
        struct bgp_open open;
        struct bgp_verdict verdict = decode(&rows[i], body, check_hex(rows[i].body, body), &open);
        if (rows[i].subcode == FINE) {
            CHECK_ROW(rows[i].name, verdict.remedy == BGP_ACCEPT);
            CHECK_ROW(rows[i].name, open.asn == rows[i].asn && open.hold_s == rows[i].hold_s);
        } else {
            CHECK_ROW(rows[i].name, verdict.remedy == BGP_SESSION_RESET && verdict.code == 2);
            CHECK_ROW(rows[i].name, verdict.subcode == rows[i].subcode && verdict.spec);
        }
    }
}

// Wherever a good message is cut off, it is malformed and nothing else.
static void refuses_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t body[64];
        size_t size = check_hex(rows[i].body, body);
        for (size_t cut = 0; rows[i].subcode == FINE && cut < size; cut++) {
            struct bgp_open open;
            struct bgp_verdict verdict = decode(&rows[i], body, cut, &open);
            CHECK_ROW(rows[i].name, verdict.code == 2 && verdict.subcode == 0);
        }
    }
}

static void names_the_version_it_speaks(void **state)
{
    (void)state;
    struct bgp_open open;
    struct bgp_context context = {0};
    struct bgp_verdict verdict = bgp_open_decode(cursor_over("\x03", 1), &context, &open);
    assert_int_equal(verdict.data_size, 2);
    assert_memory_equal(verdict.data, "\x00\x04", 2);
}

static void families_are_ipv4_unless_named(void **state)
{
    (void)state;
    static const struct {
        const char *name, *body;
        bool ipv4, ipv6;
    } named[] = {
        {"none", "04 fbf4 005a c0000202 00", true, false},
        {"IPv4", "04 fbf4 005a c0000202 08 0206 010400010001", true, false},
        {"IPv6", "04 fbf4 005a c0000202 08 0206 010400020001", false, true},
        {"both", "04 fbf4 005a c0000202 0e 020c 010400010001 010400020001", true, true},
        {"VPN only", "04 fbf4 005a c0000202 08 0206 010400010080", false, false},
        {"of 3, so none", "04 fbf4 005a c0000202 07 0205 0103000200", true, false},
    };
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        uint8_t body[64];
        size_t size = check_hex(named[i].body, body);
        struct bgp_context context = {0};
        struct bgp_open open;
        bgp_open_decode(cursor_over(body, size), &context, &open);
        CHECK_ROW(named[i].name, open.families[FAMILY_IPV4] == named[i].ipv4);
        CHECK_ROW(named[i].name, open.families[FAMILY_IPV6] == named[i].ipv6);
        CHECK_ROW(named[i].name, !open.families[FAMILY_NONE]);
    }
}

static void add_path_is_read_by_family(void **state)
{
    (void)state;
    uint8_t body[64];
    size_t size = check_hex("04 fbf4 005a c0000202 10 020e 450c 00010101 00020103 00010401", body);
    struct bgp_context context = {0};
    struct bgp_open open;
    struct bgp_verdict verdict = bgp_open_decode(cursor_over(body, size), &context, &open);
    assert_int_equal(verdict.remedy, BGP_ACCEPT);
    assert_int_equal(open.add_path[FAMILY_IPV4], BGP_ADD_PATH_RECEIVE);
    assert_int_equal(open.add_path[FAMILY_IPV6], BGP_ADD_PATH_RECEIVE | BGP_ADD_PATH_SEND);

    size = check_hex("04 fbf4 005a c0000202 08 0206 4504 00010104", body);  // RFC 7911 §4: no 4
    bgp_open_decode(cursor_over(body, size), &context, &open);
    assert_int_equal(open.add_path[FAMILY_IPV4], 0);
}

// RFC 8950 §4: of what may be named, IPv4 unicast with IPv6 next hops is what we have a use for.
static void next_hops_of_the_other_family(void **state)
{
    (void)state;
    static const struct {
        const char *name, *capability;
        bool has;
    } cases[] = {
        {"IPv4 unicast", "0506 0001 0001 0002", true},
        {"IPv4 labelled", "0506 0001 0004 0002", false},
        {"IPv6 over IPv4", "0506 0002 0001 0001", false},
        {"IPv4 over IPv4", "0506 0001 0001 0001", false},
        {"the second of two", "050c 0001 0080 0002 0001 0001 0002", true},
        {"cut", "0505 0001 0001 00", false},
        {"cut behind a whole one", "0507 0001 0001 0002 00", true},
        {"none", "0500", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t body[64], capability[32];
        size_t size = check_hex(cases[i].capability, capability);
        check_hex("04 fbf4 005a c0000202 00 0200", body);
        body[9] = (uint8_t)(size + 2);
        body[11] = (uint8_t)size;
        memcpy(body + 12, capability, size);
        struct bgp_context context = {0};
        struct bgp_open open;
        struct bgp_verdict verdict = bgp_open_decode(cursor_over(body, 12 + size), &context, &open);
        CHECK_ROW(cases[i].name, verdict.remedy == BGP_ACCEPT);
        CHECK_ROW(cases[i].name, open.next_hop_ipv6 == cases[i].has);
    }
}

static const struct bgp_open offers[] = {
    {.asn = 64500, .id = 0xc0000201, .hold_s = 9, .families = {[FAMILY_IPV4] = true}},
    {.asn = 64500, .id = 1, .hold_s = 0, .families = {[FAMILY_IPV6] = true}, .as4 = true},
    {.asn = 4200000000,
     .id = 0xc0000201,
     .hold_s = 65535,
     .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
     .as4 = true,
     .refresh = true,
     .enhanced_refresh = true,
     .extended_message = true,
     .add_path = {[FAMILY_IPV4] = BGP_ADD_PATH_RECEIVE, [FAMILY_IPV6] = BGP_ADD_PATH_SEND},
     .next_hop_ipv6 = true,
     .role = BGP_ROLE_PEER},
    {.asn = 64500,
     .id = 1,
     .hold_s = 9,
     .families = {[FAMILY_IPV6] = true},
     .as4 = true,
     .long_parameters = true},
};

static void what_is_encoded_is_decoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        uint8_t bytes[128];
        struct writer w = writer_over(bytes, sizeof bytes);
        bgp_open_encode(&w, &offers[i]);
        assert_true(writer_ok(&w));
        struct bgp_context context = {0};
        struct bgp_header header;
        struct bgp_verdict verdict =
            bgp_header_decode(cursor_over(bytes, w.size), &context, &header);
        assert_int_equal(verdict.remedy, BGP_ACCEPT);
        assert_true(header.size == w.size && header.type == BGP_OPEN);

        struct bgp_open open;
        struct cursor body = cursor_over(bytes + BGP_HEADER_SIZE, w.size - BGP_HEADER_SIZE);
        verdict = bgp_open_decode(body, &context, &open);
        assert_int_equal(verdict.remedy, BGP_ACCEPT);
        assert_true(open.asn == offers[i].asn && open.id == offers[i].id);
        assert_true(open.hold_s == offers[i].hold_s && open.role == offers[i].role);
        assert_memory_equal(open.families, offers[i].families, sizeof open.families);
        assert_memory_equal(open.add_path, offers[i].add_path, sizeof open.add_path);
        assert_true(open.as4 == offers[i].as4 && open.refresh == offers[i].refresh);
        assert_true(open.enhanced_refresh == offers[i].enhanced_refresh);
        assert_true(open.extended_message == offers[i].extended_message);
        assert_true(open.next_hop_ipv6 == offers[i].next_hop_ipv6);
        assert_true(open.long_parameters == offers[i].long_parameters);
        assert_false(open.graceful_restart);
    }
}

// Also when it comes from a peer's OPEN that had it.
static void graceful_restart_is_never_offered(void **state)
{
    (void)state;
    struct bgp_open open = offers[2];
    open.graceful_restart = true;
    uint8_t with[128], without[128];
    struct writer w = writer_over(with, sizeof with), v = writer_over(without, sizeof without);
    bgp_open_encode(&w, &open);
    bgp_open_encode(&v, &offers[2]);
    assert_int_equal(w.size, v.size);
    assert_memory_equal(with, without, w.size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_as_the_rfcs_say),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(names_the_version_it_speaks),
        cmocka_unit_test(families_are_ipv4_unless_named),
        cmocka_unit_test(add_path_is_read_by_family),
        cmocka_unit_test(next_hops_of_the_other_family),
        cmocka_unit_test(what_is_encoded_is_decoded),
        cmocka_unit_test(graceful_restart_is_never_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
