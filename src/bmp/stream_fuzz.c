// SPDX-License-Identifier: ISC
// Any octets as the BMP stream of a router: whatever it says, each message goes on behind the last,
// what was accepted can be worked with, and peers stay within their room.
#include "bgp/fuzz.h"
#include "bmp/monitor.h"
#include "bmp/statistics.h"
#include "bmp/tlv.h"

#include <string.h>

enum { PEERS_MAX = 4 };

static void check_text(const char *text)
{
    for (; *text; text++)
        FUZZ_CHECK((uint8_t)*text >= 0x20 && *text != 0x7f && *text != '"');
}

static void check_prefixes(struct bgp_nlri nlri)
{
    struct bgp_route route;
    for (size_t left = cursor_left(&nlri.bytes); bgp_nlri_next(&nlri, &route);) {
        FUZZ_CHECK(cursor_left(&nlri.bytes) < left);
        left = cursor_left(&nlri.bytes);
        FUZZ_CHECK(route.prefix.length <= family_bits(nlri.family));
    }
}

static void check_tlvs(struct cursor tlvs)
{
    size_t end;
    FUZZ_CHECK(bmp_tlvs_check(tlvs, &end) && end == cursor_left(&tlvs));
}

static void check_statistics(struct cursor counters)
{
    struct bmp_statistic s;
    size_t left = cursor_left(&counters);
    for (; bmp_statistic_next(&counters, &s); left = cursor_left(&counters))
        FUZZ_CHECK(cursor_left(&counters) + 4 <= left);
    FUZZ_CHECK(cursor_ok(&counters) && left == 0);
}

static void check_peer(const struct bmp_monitor *m, const struct bmp_reading *reading)
{
    const struct bmp_known *known = bmp_monitor_peer(m, reading->peer);
    const struct bmp_peer *peer = &reading->message.peer;
    char text[BMP_KNOWN_TEXT_MAX];
    FUZZ_CHECK(known->type == peer->type && known->distinguisher == peer->distinguisher);
    FUZZ_CHECK(address_equal(known->address, peer->address));
    FUZZ_CHECK((known->type == BMP_PEER_LOC_RIB) == (known->address.family == FAMILY_NONE));
    check_text(bmp_known_text(known, text));
    struct bgp_context context = bmp_monitor_mirror_context(m, reading->peer);
    FUZZ_CHECK(context.observed);
}

static void check_used(const struct bmp_monitor *m, const struct bmp_reading *reading)
{
    const struct bmp_message *message = &reading->message;
    char text[100];
    if (message->has_peer)
        check_peer(m, reading);
    if (message->type == BMP_STATISTICS_REPORT)
        check_statistics(message->body);
    else if (message->type == BMP_INITIATION || message->type == BMP_ROUTE_MIRRORING)
        check_tlvs(message->body);
    else if (message->type == BMP_PEER_UP)
        check_tlvs(message->up.information);
    else if (message->type == BMP_PEER_DOWN)
        check_text(bmp_down_text(&message->down, text, sizeof text));
    if (!reading->has_bgp)
        return;
    FUZZ_CHECK(reading->bgp_verdict.remedy < BGP_SESSION_RESET);
    check_prefixes(reading->bgp.update.withdrawn);
    check_prefixes(reading->bgp.update.announced);
    check_prefixes(reading->bgp.update.mp_withdrawn);
    check_prefixes(reading->bgp.update.mp_announced);
}

static bool check_message(struct bmp_monitor *m, struct cursor bytes)
{
    struct bmp_reading reading;
    struct bmp_verdict verdict = bmp_monitor_read(m, bytes, &reading);
    FUZZ_CHECK(verdict.remedy < BMP_REMEDIES);
    FUZZ_CHECK((verdict.remedy == BMP_ACCEPT) == !verdict.spec);
    FUZZ_CHECK((verdict.remedy == BMP_ACCEPT) == !verdict.reason[0]);
    FUZZ_CHECK(verdict.at <= cursor_left(&bytes));
    FUZZ_CHECK(bmp_monitor_count(m) <= PEERS_MAX);
    if (verdict.remedy == BMP_ACCEPT || verdict.remedy == BMP_DISCARD)
        check_used(m, &reading);
    return verdict.remedy != BMP_CLOSE;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct bmp_monitor *m = bmp_monitor_new(PEERS_MAX, (struct siphash_key){1, 2});
    if (!m)
        abort();
    struct cursor stream = cursor_over(bytes, size);
    bool goes_on = true;
    while (goes_on && cursor_left(&stream) >= BMP_HEADER_SIZE) {
        uint32_t message_size;
        uint8_t type;
        goes_on = bmp_frame_decode(stream, &message_size, &type).remedy == BMP_ACCEPT;
        if (goes_on && message_size > cursor_left(&stream))
            break;
        goes_on =
            check_message(m, cursor_part(&stream, goes_on ? message_size : cursor_left(&stream))) &&
            goes_on;
    }
    bmp_monitor_free(m);
    return 0;
}
