// SPDX-License-Identifier: ISC
// What each kind writes is what its far end understands, and what comes back from there is what it
// reads: by the reflector's own code, and for echo by turning the request around.
#include "role/probe_kind.h"

#include "base/check.h"
#include "probe/icmp.h"
#include "probe/stamp.h"
#include "probe/tcp.h"

#include <string.h>

enum { PACKET_MAX = 2000, STAMP_LEAST = 8 + STAMP_SIZE };

static const struct {
    const char *name, *source, *destination;
    enum net_protocol protocol;
    size_t size_bytes, expected_bytes;
} rows[] = {
    {"STAMP, IPv4", "192.0.2.1", "192.0.2.9", NET_STAMP, 0, 20 + STAMP_LEAST},
    {"STAMP, IPv6", "2001:db8::1", "2001:db8::9", NET_STAMP, 0, 40 + STAMP_LEAST},
    {"STAMP, IPv4, large", "192.0.2.1", "192.0.2.9", NET_STAMP, 1500, 1500},
    {"STAMP, IPv6, large", "2001:db8::1", "2001:db8::9", NET_STAMP, 1500, 1500},
    {"STAMP, no room for a TLV", "192.0.2.1", "192.0.2.9", NET_STAMP, 75, 20 + STAMP_LEAST},
    {"STAMP, an empty TLV", "192.0.2.1", "192.0.2.9", NET_STAMP, 76, 76},
    {"TCP, IPv4", "192.0.2.1", "192.0.2.9", NET_TCP, 0, 20 + TCP_SYN_SIZE},
    {"TCP, IPv6", "2001:db8::1", "2001:db8::9", NET_TCP, 0, 40 + TCP_SYN_SIZE},
    {"TCP, IPv4, without padding", "192.0.2.1", "192.0.2.9", NET_TCP, 1500, 20 + TCP_SYN_SIZE},
    {"ICMP, IPv4", "192.0.2.1", "192.0.2.9", NET_ICMP, 0, 20 + ICMP_ECHO_SIZE},
    {"ICMP, IPv6", "2001:db8::1", "2001:db8::9", NET_ICMP, 0, 40 + ICMP_ECHO_SIZE},
    {"ICMP, IPv4, large", "192.0.2.1", "192.0.2.9", NET_ICMP, 999, 999},
    {"ICMP, IPv6, large", "2001:db8::1", "2001:db8::9", NET_ICMP, 999, 999},
};

static struct probe_packet packet_of(size_t i)
{
    const struct probe_kind *kind = &probe_kinds[rows[i].protocol];
    struct probe_packet packet = {
        .ip.ttl = 255,
        .port = 61007,
        .target_port = 862,
        .ssid = 77,
        .sequence = 0xfedcba98,
        .tag = 0x0123456789abcdef,
        .at = {1700000000 * (int64_t)NS_PER_S},
        .size_bytes = rows[i].size_bytes,
        .is_to_us = true,
    };
    assert_true(address_parse(rows[i].source, &packet.ip.source));
    assert_true(address_parse(rows[i].destination, &packet.ip.destination));
    enum family family = packet.ip.destination.family;
    packet.ip.protocol = probe_carriers[kind->carrier].protocol[family];
    return packet;
}

// The packet, and what its answer must return.
static size_t compose(size_t i, uint8_t *bytes, uint64_t *echo)
{
    struct probe_packet packet = packet_of(i);
    struct writer w = writer_over(bytes, PACKET_MAX);
    ip_header_begin(&w, &packet.ip);
    *echo = probe_kinds[rows[i].protocol].write(&packet, &w);
    ip_header_finish(&w, &packet.ip);
    assert_true(writer_ok(&w));
    return w.size;
}

// As a datagram socket there would give it to its owner.
static size_t answer_stamp(const uint8_t *packet, size_t size, size_t header, uint8_t *answer)
{
    struct stamp_reflection how = {
        .stateful = true, .sequence = 5, .received_at = 1, .sent_at = 1, .ttl = 250};
    return stamp_reflect(packet + header + 8, size - header - 8, &how, answer).size;
}

// As a raw socket here gives it to us; the checksum covers the type as well.
static size_t answer_icmp(const uint8_t *packet, size_t size, size_t header, uint8_t *answer)
{
    bool is_ipv4 = header == 20;
    size_t skipped = is_ipv4 ? 0 : header, at = header - skipped;
    memcpy(answer, packet + skipped, size - skipped);
    answer[at] = is_ipv4 ? 0 : 129;
    memset(answer + at + 2, 0, 2);
    uint16_t checksum = icmp_checksum(answer + at, size - header);
    answer[at + 2] = (uint8_t)(checksum >> 8);
    answer[at + 3] = (uint8_t)checksum;
    return size - skipped;
}

// A refusal, as a raw socket here gives it to us: ports the other way round, one more acknowledged.
static size_t answer_tcp(const uint8_t *packet, size_t size, size_t header, uint8_t *answer)
{
    size_t at = header == 20 ? 20 : 0;
    const uint8_t *syn = packet + header;
    struct writer w = writer_over(answer, PACKET_MAX);
    writer_bytes(&w, packet, at);
    writer_bytes(&w, syn + 2, 2);
    writer_bytes(&w, syn, 2);
    writer_be32(&w, 0);
    writer_be32(&w, 0xfedcba98 + 1);
    writer_be16(&w, 0x5014);
    writer_bytes(&w, (uint8_t[6]){0}, 6);
    assert_true(writer_ok(&w) && size == header + TCP_SYN_SIZE);
    return w.size;
}

static const struct {
    size_t (*answer)(const uint8_t *packet, size_t size, size_t header, uint8_t *answer);
    uint32_t sequence;  // as it comes back
    bool is_short;
    uint16_t ssid;
    uint8_t forward_ttl;
    size_t too_short;
} ends[NET_PROTOCOLS] = {
    [NET_STAMP] = {answer_stamp, 0xfedcba98, false, 77, 250, 40},
    [NET_ICMP] = {answer_icmp, 0xba98, true, 0, 0, 11},
    [NET_TCP] = {answer_tcp, 0xfedcba98, false, 0, 0, 19},
};

static void reads_what_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t packet[PACKET_MAX], bytes[PACKET_MAX];
        uint64_t echo;
        enum net_protocol protocol = rows[i].protocol;
        enum family family = packet_of(i).ip.destination.family;
        size_t size = compose(i, packet, &echo), header = ip_header_size(family);
        CHECK_ROW(rows[i].name, size == rows[i].expected_bytes);
        size_t came = ends[protocol].answer(packet, size, header, bytes);
        struct probe_answer answer = {0};
        const struct probe_kind *kind = &probe_kinds[protocol];
        CHECK_ROW(rows[i].name, kind->read(family, bytes, came, &answer));
        CHECK_ROW(rows[i].name, answer.flight.echo == echo);
        CHECK_ROW(rows[i].name, answer.flight.sequence == ends[protocol].sequence);
        CHECK_ROW(rows[i].name, answer.is_short == ends[protocol].is_short);
        CHECK_ROW(rows[i].name, answer.ssid == ends[protocol].ssid);
        CHECK_ROW(rows[i].name, answer.forward_ttl == ends[protocol].forward_ttl);
        CHECK_ROW(rows[i].name, !kind->read(family, bytes, ends[protocol].too_short, &answer));
    }
}

// Of a class of its own, what arrived there and what was refused.
static void asks_for_its_class(void **state)
{
    (void)state;
    for (uint8_t dscp = 0; dscp < 64; dscp += 23) {
        struct probe_packet packet = packet_of(0);
        uint8_t bytes[PACKET_MAX], reply[PACKET_MAX];
        packet.ip.dscp = dscp;
        struct writer w = writer_over(bytes, sizeof bytes);
        ip_header_begin(&w, &packet.ip);
        probe_kinds[NET_STAMP].write(&packet, &w);
        ip_header_finish(&w, &packet.ip);
        const struct stamp_reflection how = {
            .policy = {.traffic_class = 10 << 2, .dscp_allowed = UINT64_C(1) << 23}};
        struct stamp_answer sent = stamp_reflect(bytes + 28, w.size - 28, &how, reply);
        struct probe_answer answer = {0};
        assert_true(probe_kinds[NET_STAMP].read(FAMILY_IPV4, reply, sent.size, &answer));
        assert_int_equal(answer.has_class, dscp > 0);
        assert_int_equal(sent.verdict.dscp, dscp == 23 ? 23 : 10);
        assert_true(dscp == 0 || answer.arrived.dscp_came == 10);
        assert_true(dscp == 0 || answer.arrived.refused == (dscp != 23));
    }
}

// Who is to answer and which link we send by: from our own reflector, of that node or of another,
// which serves links or does not.
static void asks_who_answers(void **state)
{
    (void)state;
    static const char *const nodes[] = {"192.0.2.77", "2001:db8::77"};
    for (size_t i = 0; i < 8; i++) {
        bool is_own = i & 1, has_links = i & 2;
        size_t row = i / 4;  // IPv4, then IPv6
        struct probe_packet packet = packet_of(row);
        enum family family = packet.ip.destination.family;
        uint8_t bytes[PACKET_MAX], reply[PACKET_MAX];
        struct writer w = writer_over(bytes, sizeof bytes);
        packet.node = check_address(nodes[row]);
        packet.micro_session = 3;
        ip_header_begin(&w, &packet.ip);
        probe_kinds[NET_STAMP].write(&packet, &w);
        ip_header_finish(&w, &packet.ip);
        size_t header = ip_header_size(family) + 8;
        assert_int_equal(w.size, header + STAMP_SIZE + (row ? 20 : 8) + 8);
        const struct stamp_reflection how = {.policy = {.own = &packet.node,
                                                        .own_count = is_own,
                                                        .micro_session = has_links ? 4 : 0}};
        struct stamp_answer sent = stamp_reflect(bytes + header, w.size - header, &how, reply);
        struct probe_answer answer = {0};
        assert_true(sent.size == w.size - header && !sent.verdict.discard);
        assert_true(probe_kinds[NET_STAMP].read(family, reply, sent.size, &answer));
        assert_int_equal(answer.node, is_own ? STAMP_NODE_MEANT : STAMP_NODE_OTHER);
        assert_int_equal(answer.micro_session, has_links ? 4 : 0);
    }
}

// The padding is a TLV that a reflector finds well-formed.
static void pads_with_a_tlv(void **state)
{
    (void)state;
    uint8_t packet[PACKET_MAX];
    uint64_t echo;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].protocol != NET_STAMP || rows[i].expected_bytes != rows[i].size_bytes)
            continue;
        size_t size = compose(i, packet, &echo);
        size_t header = ip_header_size(packet_of(i).ip.destination.family) + 8;
        struct stamp_request request;
        struct stamp_tlv tlv;
        CHECK_ROW(rows[i].name, stamp_request_decode(packet + header, size - header, &request));
        CHECK_ROW(rows[i].name, stamp_tlv_next(&request.tlvs, &tlv));
        CHECK_ROW(rows[i].name, tlv.framed && tlv.type == 1 && cursor_left(&request.tlvs) == 0);
    }
}

// Strangers are asked what any reflector answers: nothing but zeros to its size; only who is to
// answer, which is written of that target.
static void spares_strangers_tlvs(void **state)
{
    (void)state;
    for (size_t row = 0; row < 4; row++) {
        static const uint8_t zeros[PACKET_MAX];
        struct probe_packet packet = packet_of(row);
        enum family family = packet.ip.destination.family;
        for (int names_node = 0; names_node < 2; names_node++) {
            uint8_t bytes[PACKET_MAX];
            struct writer w = writer_over(bytes, sizeof bytes);
            packet.is_to_us = false;
            packet.ip.dscp = 46;
            packet.micro_session = 3;
            packet.node = names_node ? packet.ip.destination : (struct address){0};
            ip_header_begin(&w, &packet.ip);
            probe_kinds[NET_STAMP].write(&packet, &w);
            ip_header_finish(&w, &packet.ip);
            size_t least = ip_header_size(family) + STAMP_LEAST;
            size_t tlv = names_node ? 4 + family_bits(family) / 8 : 0;
            size_t size = packet.size_bytes > 0 ? packet.size_bytes : least + tlv;
            CHECK_ROW(rows[row].name, writer_ok(&w) && w.size == size);
            CHECK_ROW(rows[row].name, !names_node || bytes[least + 1] == STAMP_NODE_ADDRESS);
            CHECK_ROW(rows[row].name,
                      memcmp(bytes + least + tlv, zeros, w.size - least - tlv) == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_comes_back), cmocka_unit_test(asks_for_its_class),
        cmocka_unit_test(asks_who_answers),      cmocka_unit_test(pads_with_a_tlv),
        cmocka_unit_test(spares_strangers_tlvs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
