// SPDX-License-Identifier: ISC
#include "bmp/message.h"

#include "base/escape.h"
#include "base/utf8.h"
#include "bgp/message.h"
#include "bmp/statistics.h"
#include "bmp/tlv.h"

#include <stdio.h>
#include <string.h>

enum { VERSION = 3, SIZE_AT = 1, TYPE_AT = 5 };

struct pass {  // while one message is read
    struct cursor c;
    struct bmp_message *message;
};

typedef struct bmp_verdict decode(struct pass *pass);

static struct bmp_verdict fine(void)
{
    return (struct bmp_verdict){.remedy = BMP_ACCEPT};
}

struct bmp_verdict bmp_frame_decode(struct cursor bytes, uint32_t *size, uint8_t *type)
{
    uint8_t version = cursor_u8(&bytes);
    *size = cursor_be32(&bytes);
    *type = cursor_u8(&bytes);
    if (version != VERSION)
        return bmp_verdict_of(BMP_CLOSE, 0, "RFC 7854 §4.1", "version %u", version);
    if (*size < BMP_HEADER_SIZE)
        return bmp_verdict_of(BMP_CLOSE, SIZE_AT, "RFC 7854 §4.1",
                              "length %u is below that of the header", *size);
    // RFC 7854 names no limit. Whoever means more than this has lost the thread, or means harm.
    if (*size > BMP_MESSAGE_MAX)
        return bmp_verdict_of(BMP_CLOSE, SIZE_AT, "RFC 7854 §4.1", "length %u is above %d", *size,
                              BMP_MESSAGE_MAX);
    return fine();
}

static struct bmp_verdict decode_route(struct pass *pass)
{
    pass->message->body = cursor_part(&pass->c, cursor_left(&pass->c));
    return fine();
}

// RFC 7854 §4.8. The number of counters is not needed, and so what it says does no harm.
static struct bmp_verdict decode_statistics(struct pass *pass)
{
    pass->message->statistics_announced = cursor_be32(&pass->c);
    size_t begin = pass->c.pos, end;
    if (!cursor_ok(&pass->c))
        return bmp_verdict_of(BMP_DROP, begin, "RFC 7854 §4.8", "the number of counters is cut");
    pass->message->body = cursor_part(&pass->c, cursor_left(&pass->c));
    if (!bmp_tlvs_check(pass->message->body, &end))
        return bmp_verdict_of(BMP_DROP, begin + end, "RFC 7854 §4.8",
                              "a counter overruns the message");
    return fine();
}

static struct bmp_verdict read_tlvs(struct cursor *c, struct cursor *tlvs, enum bmp_remedy remedy,
                                    const char *spec)
{
    size_t begin = c->pos, end;
    *tlvs = cursor_part(c, cursor_left(c));
    if (bmp_tlvs_check(*tlvs, &end))
        return fine();
    *tlvs = cursor_over(tlvs->bytes, end);
    return bmp_verdict_of(remedy, begin + end, spec, "an element overruns the message");
}

static struct bmp_verdict decode_initiation(struct pass *pass)
{
    return read_tlvs(&pass->c, &pass->message->body, BMP_DROP, "RFC 7854 §4.4");
}

static struct bmp_verdict decode_mirroring(struct pass *pass)
{
    return read_tlvs(&pass->c, &pass->message->body, BMP_DROP, "RFC 7854 §4.7");
}

// In its own words, made safe to show; they may be cut.
static void add_words(struct cursor tlvs, struct bmp_verdict *verdict)
{
    struct cursor value;
    char words[sizeof verdict->reason / 2];
    size_t used = strlen(verdict->reason);
    if (!bmp_tlv_find(tlvs, BMP_TERMINATION_TEXT, &value) || cursor_left(&value) == 0)
        return;
    size_t size = cursor_left(&value);
    escape_text(cursor_bytes(&value, size), size, words, sizeof words);
    snprintf(verdict->reason + used, sizeof verdict->reason - used, ": %s", words);
}

// RFC 7854 §4.5: nothing follows, whatever it holds.
static struct bmp_verdict decode_termination(struct pass *pass)
{
    struct bmp_verdict verdict =
        read_tlvs(&pass->c, &pass->message->body, BMP_CLOSE, "RFC 7854 §4.5");
    if (verdict.remedy == BMP_CLOSE)
        return verdict;
    struct cursor value;
    uint16_t reason = 0;
    bool told = bmp_tlv_find(pass->message->body, BMP_TERMINATION_REASON, &value);
    if (told)
        reason = cursor_be16(&value);
    told = told && cursor_ok(&value);
    verdict = bmp_verdict_of(BMP_CLOSE, BMP_HEADER_SIZE, "RFC 7854 §4.5", "the router ends it: %s",
                             told ? bmp_termination_name(reason) : "no reason given");
    add_words(pass->message->body, &verdict);
    return verdict;
}

// One OPEN out of a Peer Up. `bytes` is set to it.
static bool read_open(struct cursor *c, struct cursor *bytes, struct bgp_open *open)
{
    static const struct bgp_context context = {
        .state = BGP_STATE_ANY, .observed = true, .enhanced_refresh = true};
    struct cursor peek = *c;
    struct bgp_header header;
    if (cursor_left(&peek) < BGP_HEADER_SIZE ||
        bgp_frame_decode(peek, &context, &header).remedy != BGP_ACCEPT)
        return false;
    *bytes = cursor_part(c, header.size);
    struct bgp_message message;
    if (!cursor_ok(bytes) || header.type != BGP_OPEN ||
        bgp_message_decode(*bytes, &context, &message).remedy != BGP_ACCEPT)
        return false;
    *open = message.open;
    return true;
}

static struct bmp_verdict decode_peer_up(struct pass *pass)
{
    struct bmp_peer_up *up = &pass->message->up;
    *up = (struct bmp_peer_up){0};
    bmp_peer_address_read(&pass->c, bmp_peer_is_ipv6(&pass->message->peer), &up->local_address);
    up->local_port = cursor_be16(&pass->c);
    up->remote_port = cursor_be16(&pass->c);
    if (!cursor_ok(&pass->c))
        return bmp_verdict_of(BMP_DROP, pass->c.pos, "RFC 7854 §4.10", "the addresses are cut");
    if (pass->message->peer.type == BMP_PEER_LOC_RIB)
        up->local_address = (struct address){0};
    size_t at = pass->c.pos;
    if (!read_open(&pass->c, &up->sent_bytes, &up->sent))
        return bmp_verdict_of(BMP_DROP, at, "RFC 7854 §4.10", "the sent OPEN cannot be read");
    at = pass->c.pos;
    if (!read_open(&pass->c, &up->received_bytes, &up->received))
        return bmp_verdict_of(BMP_DROP, at, "RFC 7854 §4.10", "the received OPEN cannot be read");
    // Without its OPENs a peer's routes may be misread; without its names they are not.
    return read_tlvs(&pass->c, &up->information, BMP_DISCARD, "RFC 7854 §4.10");
}

static bool read_notification(struct cursor bytes, struct bgp_notification *n)
{
    static const struct bgp_context context = {.observed = true};
    struct bgp_message message;
    bgp_message_decode(bytes, &context, &message);
    if (!message.decoded || message.header.type != BGP_NOTIFICATION)
        return false;
    *n = message.notification;
    return true;
}

// That the peer is down is sure as soon as there is a reason; the rest is why.
static struct bmp_verdict decode_peer_down(struct pass *pass)
{
    struct bmp_peer_down *down = &pass->message->down;
    *down = (struct bmp_peer_down){0};
    down->reason = cursor_u8(&pass->c);
    size_t at = pass->c.pos;
    if (!cursor_ok(&pass->c))
        return bmp_verdict_of(BMP_DROP, at, "RFC 7854 §4.9", "the reason is missing");
    switch (down->reason) {
    case BMP_DOWN_LOCAL_NOTIFICATION:
    case BMP_DOWN_REMOTE_NOTIFICATION:
        down->notified = read_notification(pass->c, &down->notification);
        return down->notified ? fine()
                              : bmp_verdict_of(BMP_DISCARD, at, "RFC 7854 §4.9",
                                               "the NOTIFICATION cannot be read");
    case BMP_DOWN_LOCAL:
        down->fsm_event = cursor_be16(&pass->c);
        return cursor_ok(&pass->c)
                   ? fine()
                   : bmp_verdict_of(BMP_DISCARD, at, "RFC 7854 §4.9", "the FSM event is cut");
    case BMP_DOWN_LOC_RIB:
        return read_tlvs(&pass->c, &down->information, BMP_DISCARD, "RFC 9069 §5.3");
    default:
        return fine();
    }
}

static const struct {
    const char *name;
    bool has_peer;
    decode *decode;
} types[BMP_TYPES] = {
    [BMP_ROUTE_MONITORING] = {"route-monitoring", true, decode_route},
    [BMP_STATISTICS_REPORT] = {"statistics-report", true, decode_statistics},
    [BMP_PEER_DOWN] = {"peer-down", true, decode_peer_down},
    [BMP_PEER_UP] = {"peer-up", true, decode_peer_up},
    [BMP_INITIATION] = {"initiation", false, decode_initiation},
    [BMP_TERMINATION] = {"termination", false, decode_termination},
    [BMP_ROUTE_MIRRORING] = {"route-mirroring", true, decode_mirroring},
};

const char *bmp_type_name(uint8_t type)
{
    return type < BMP_TYPES ? types[type].name : "unknown";
}

static struct bmp_verdict read_peer(struct pass *pass)
{
    struct bmp_peer *peer = &pass->message->peer;
    bmp_peer_read(&pass->c, peer);
    pass->message->has_peer = cursor_ok(&pass->c);
    if (!cursor_ok(&pass->c))
        return bmp_verdict_of(BMP_DROP, pass->c.pos, "RFC 7854 §4.2", "the per-peer header is cut");
    if (peer->type >= BMP_PEER_TYPES)
        return bmp_verdict_of(BMP_IGNORE, BMP_HEADER_SIZE, "RFC 7854 §4.2", "peer type %u",
                              peer->type);
    return fine();
}

struct bmp_verdict bmp_message_decode(struct cursor bytes, struct bmp_message *message)
{
    message->size = 0;
    message->type = UINT8_MAX;
    message->decoded = message->has_peer = false;
    size_t size = cursor_left(&bytes);
    if (size < BMP_HEADER_SIZE)
        return bmp_verdict_of(BMP_CLOSE, size, "RFC 7854 §4.1",
                              "a header has 6 octets, and there are %zu", size);
    struct bmp_verdict verdict = bmp_frame_decode(bytes, &message->size, &message->type);
    if (verdict.remedy != BMP_ACCEPT)
        return verdict;
    if (message->size != size)
        return bmp_verdict_of(BMP_CLOSE, SIZE_AT, "RFC 7854 §4.1",
                              "the header says %u octets, and there are %zu", message->size, size);
    if (message->type >= BMP_TYPES)
        return bmp_verdict_of(BMP_IGNORE, TYPE_AT, "RFC 7854 §4.1", "message type %u",
                              message->type);

    struct pass pass = {bytes, message};
    cursor_bytes(&pass.c, BMP_HEADER_SIZE);
    if (types[message->type].has_peer)
        verdict = read_peer(&pass);
    if (verdict.remedy != BMP_ACCEPT)
        return verdict;
    message->decoded = true;
    return types[message->type].decode(&pass);
}

const char *bmp_down_reason_name(uint8_t reason)
{
    static const char *const names[BMP_DOWN_REASONS] = {
        [BMP_DOWN_LOCAL_NOTIFICATION] = "local-notification",
        [BMP_DOWN_LOCAL] = "local",
        [BMP_DOWN_REMOTE_NOTIFICATION] = "remote-notification",
        [BMP_DOWN_REMOTE] = "remote",
        [BMP_DOWN_UNMONITORED] = "unmonitored",
        [BMP_DOWN_LOC_RIB] = "loc-rib-closed",
    };
    return reason < BMP_DOWN_REASONS && names[reason] ? names[reason] : "unknown";
}

const char *bmp_termination_name(uint16_t reason)
{
    static const char *const names[] = {
        // RFC 7854 §4.5
        "administratively-closed", "unspecified",        "out-of-resources",
        "redundant-connection",    "permanently-closed",
    };
    return reason < sizeof names / sizeof names[0] ? names[reason] : "unknown";
}

static const char *who_said(uint8_t reason)
{
    return reason == BMP_DOWN_LOCAL_NOTIFICATION ? "the router said" : "the peer said";
}

const char *bmp_down_text(const struct bmp_peer_down *down, char *text, size_t size)
{
    char name[80], said[BGP_TEXT_MAX] = "";
    const struct bgp_notification *n = &down->notification;
    switch (down->reason) {
    case BMP_DOWN_LOCAL_NOTIFICATION:
    case BMP_DOWN_REMOTE_NOTIFICATION:
        snprintf(name, sizeof name, "something unreadable");
        if (down->notified)
            bgp_error_name(n->code, n->subcode, name, sizeof name);
        if (down->notified && n->text)
            bgp_notification_text(n, said);
        snprintf(text, size, "%s %s%s%s", who_said(down->reason), name, *said ? ": " : "", said);
        break;
    case BMP_DOWN_LOCAL:
        snprintf(text, size, "the router ended it, FSM event %u", down->fsm_event);
        break;
    case BMP_DOWN_REMOTE:
        snprintf(text, size, "the connection to the peer was lost");
        break;
    case BMP_DOWN_UNMONITORED:
        snprintf(text, size, "the router tells of it no longer");
        break;
    case BMP_DOWN_LOC_RIB:
        snprintf(text, size, "the router closed the instance");
        break;
    default:
        snprintf(text, size, "unknown reason %u", down->reason);
        break;
    }
    utf8_trim(text);
    return text;
}
