// SPDX-License-Identifier: ISC
// `fairlead decode stamp`: both packets of RFC 8762 with their TLVs.
#include "cmd/decode_datagrams.h"
#include "probe/stamp.h"

#include <getopt.h>
#include <inttypes.h>
#include <string.h>

enum side { SIDE_ANY, SIDE_SENDER, SIDE_REFLECTOR };
enum { STAMP_PORT = 862, MBZ_AT = 16, TLVS_AT = STAMP_SIZE };

struct settings {
    enum side side;
    uint16_t port;
};

static const char help[] =
    "  fairlead decode stamp capture.pcap\n"
    "  fairlead decode stamp --hex lines.txt\n"
    "\n"
    "Prints the packets of STAMP (RFC 8762, TLVs of RFC 8972, 9503, 9534) and of TWAMP-Light, one\n"
    "JSON object each: with --hex of each line, what UDP carries; else of a capture (pcap, "
    "pcapng).\n"
    "A request is accepted when a reflector answers it, a reply when a sender takes it; with a "
    "TLV\n"
    "that is not well formed, the verdict is attribute-discard.\n"
    "\n"
    "  --hex        a packet in hexadecimal a line\n"
    "  --from SIDE  sender or reflector: whose packets they are; else the port says it, or that\n"
    "               a sender's octets 16 to 43 are zero\n"
    "  --port N     of the reflector, in captures (862)\n"
    "  --help       this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the world failed.\n";

static const char *const tlv_names[] = {
    [1] = "extra_padding",       [2] = "location",
    [3] = "timestamp_info",      [4] = "class_of_service",
    [5] = "direct_measurement",  [6] = "access_report",
    [7] = "follow_up_telemetry", [8] = "hmac",
    [9] = "node_address",        [10] = "return_path",
    [11] = "micro_session_id",
};

static void set_integer(json_t *object, const char *key, json_int_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

// NTP counts from 1900 and comes round in 2036: what would be before 1968 is after that (RFC 4330
// §3). PTPv2 counts from 1970, in nanoseconds.
static json_t *timestamp_json(uint64_t timestamp, uint16_t error_estimate)
{
    bool is_ptp = error_estimate & 0x4000;
    uint32_t seconds = (uint32_t)(timestamp >> 32), rest = (uint32_t)timestamp;
    int64_t since_1970 = seconds;
    if (!is_ptp)
        since_1970 += (seconds & 0x80000000 ? 0 : INT64_C(1) << 32) - INT64_C(2208988800);
    int64_t us = is_ptp ? rest / 1000 : (int64_t)((uint64_t)rest * 1000000 >> 32);
    const struct timeval time = {.tv_sec = since_1970, .tv_usec = us};
    json_t *object = json_object();
    json_object_set_new(object, "raw", json_sprintf("%016" PRIx64, timestamp));
    json_object_set_new(object, "time", decode_time_json(&time));
    return object;
}

static json_t *error_json(uint16_t error)
{
    json_t *object = json_object();
    json_object_set_new(object, "synchronized", json_boolean(error & 0x8000));
    json_object_set_new(object, "format", json_string(error & 0x4000 ? "ptp" : "ntp"));
    set_integer(object, "scale", error >> 8 & 0x3f);
    set_integer(object, "multiplier", error & 0xff);
    return object;
}

static json_t *octets_json(struct cursor bytes)
{
    enum { SHOWN_MAX = 64 };
    char text[2 * SHOWN_MAX + 1] = "";
    for (size_t i = 0; i < SHOWN_MAX && cursor_left(&bytes) > 0; i++)
        snprintf(text + 2 * i, 3, "%02x", cursor_u8(&bytes));
    return json_string(text);
}

static void set_class(json_t *object, struct cursor value)
{
    uint16_t fields = cursor_be16(&value);
    set_integer(object, "dscp_back", fields >> 10);
    set_integer(object, "dscp_came", fields >> 4 & 0x3f);
    set_integer(object, "ecn_came", fields >> 2 & 3);
    json_object_set_new(object, "refused", json_boolean((fields & 3) == 1));
}

static void set_node(json_t *object, struct cursor value)
{
    size_t size = cursor_left(&value);
    enum family family = size == 16 ? FAMILY_IPV6 : FAMILY_IPV4;
    char text[ADDRESS_TEXT_MAX];
    address_format(address_from_bytes(family, cursor_bytes(&value, size)), text);
    json_object_set_new(object, "address", json_string(text));
}

static void set_value(json_t *object, const struct stamp_tlv *tlv)
{
    struct cursor value = tlv->value;
    if (tlv->type == STAMP_CLASS_OF_SERVICE) {
        set_class(object, value);
    } else if (tlv->type == STAMP_NODE_ADDRESS) {
        set_node(object, value);
    } else if (tlv->type == STAMP_MICRO_SESSION_ID) {
        set_integer(object, "sender", cursor_be16(&value));
        set_integer(object, "reflector", cursor_be16(&value));
    } else if (tlv->type != STAMP_EXTRA_PADDING) {
        json_object_set_new(object, "value", octets_json(value));
    }
}

static json_t *tlv_json(const struct stamp_tlv *tlv, bool is_good)
{
    json_t *object = json_object();
    bool is_known = tlv->type < sizeof tlv_names / sizeof tlv_names[0] && tlv_names[tlv->type];
    set_integer(object, "type", tlv->type);
    if (is_known)
        json_object_set_new(object, "name", json_string(tlv_names[tlv->type]));
    json_object_set_new(object, "unrecognized", json_boolean(tlv->flags & STAMP_UNRECOGNISED));
    json_object_set_new(object, "malformed", json_boolean(tlv->flags & STAMP_MALFORMED));
    json_object_set_new(object, "integrity_failed", json_boolean(tlv->flags & STAMP_INTEGRITY));
    set_integer(object, "length", tlv->size);
    if (is_good)
        set_value(object, tlv);
    return object;
}

// RFC 8972 §4: behind one that is not well formed nothing can be read. Sets the verdict.
static void set_tlvs(json_t *object, struct cursor tlvs)
{
    struct decode_refusal bad = {"attribute-discard", NULL, "RFC 8972 §4", 0};
    json_t *list = json_array();
    struct stamp_tlv tlv;
    size_t at = tlvs.pos;
    for (; !bad.reason && stamp_tlv_next(&tlvs, &tlv); at = tlvs.pos) {
        if (!tlv.framed)
            bad.reason = "a TLV is longer than the packet";
        else if (!stamp_tlv_length_fits(tlv.type, tlv.size))
            bad.reason = "a TLV has a length that its type cannot have";
        bad.at = TLVS_AT + at;
        json_array_append_new(list, tlv_json(&tlv, !bad.reason));
    }
    if (!bad.reason && at < tlvs.size) {
        bad.reason = "the rest is shorter than the header of a TLV";
        bad.at = TLVS_AT + at;
    }
    if (bad.reason)
        decode_set_refusal(object, &bad);
    json_object_set_new(object, "tlvs", list);
}

static void set_request(json_t *object, const struct stamp_request *request)
{
    json_object_set_new(object, "message", json_string("request"));
    set_integer(object, "sequence", request->sequence);
    json_object_set_new(object, "timestamp",
                        timestamp_json(request->timestamp, request->error_estimate));
    json_object_set_new(object, "error_estimate", error_json(request->error_estimate));
    set_integer(object, "ssid", request->ssid);
    set_tlvs(object, request->tlvs);
}

static void set_reply(json_t *object, const struct stamp_reply *reply)
{
    json_object_set_new(object, "message", json_string("reply"));
    set_integer(object, "sequence", reply->sequence);
    json_object_set_new(object, "timestamp",
                        timestamp_json(reply->timestamp, reply->error_estimate));
    json_object_set_new(object, "error_estimate", error_json(reply->error_estimate));
    set_integer(object, "ssid", reply->ssid);
    json_object_set_new(object, "received",
                        timestamp_json(reply->received_at, reply->error_estimate));
    set_integer(object, "kept_ns", stamp_turnaround_ns(reply));
    set_integer(object, "sender_sequence", reply->sender_sequence);
    json_object_set_new(object, "sender_timestamp",
                        timestamp_json(reply->sender_timestamp, reply->sender_error_estimate));
    json_object_set_new(object, "sender_error_estimate", error_json(reply->sender_error_estimate));
    set_integer(object, "sender_ttl", reply->sender_ttl);
    set_tlvs(object, reply->tlvs);
}

// RFC 8762 §4.2.1: what a sender leaves zero is where a reflector puts when it received.
static bool looks_sent(struct cursor bytes)
{
    cursor_bytes(&bytes, MBZ_AT);
    for (size_t i = MBZ_AT; i < STAMP_SIZE && cursor_left(&bytes) > 0; i++)
        if (cursor_u8(&bytes) != 0)
            return false;
    return true;
}

static bool is_request(struct cursor bytes, const struct packet *packet,
                       const struct settings *settings)
{
    if (settings->side != SIDE_ANY)
        return settings->side == SIDE_SENDER;
    if (packet && packet->source.port != packet->destination.port)
        return packet->destination.port == settings->port;
    return looks_sent(bytes);
}

static void message(json_t *object, struct cursor bytes, const struct packet *packet,
                    const void *settings)
{
    struct stamp_request request;
    struct stamp_reply reply;
    size_t size = cursor_left(&bytes);
    const void *octets = cursor_bytes(&bytes, size);
    if (packet && size < packet->size) {
        decode_set_refusal(object, &(struct decode_refusal){"ignore", "not captured as a whole",
                                                            "RFC 8762 §4", size});
        return;
    }
    json_object_set_new(object, "verdict", json_string("accept"));
    bool sent = is_request(cursor_over(octets, size), packet, settings);
    if (sent && stamp_request_decode(octets, size, &request))
        set_request(object, &request);
    else if (!sent && stamp_reply_decode(octets, size, &reply))
        set_reply(object, &reply);
    else
        decode_set_refusal(
            object, &(struct decode_refusal){"ignore", "shorter than 41 octets",
                                             sent ? "RFC 8762 §4.6" : "RFC 8762 §4.3.1", size});
}

static bool is_mine(const struct packet *packet, const void *settings)
{
    uint16_t port = ((const struct settings *)settings)->port;
    return packet->source.port == port || packet->destination.port == port;
}

static bool read_side(const char *text, enum side *side)
{
    bool is_sender = strcmp(text, "sender") == 0;
    *side = is_sender ? SIDE_SENDER : SIDE_REFLECTOR;
    return is_sender || strcmp(text, "reflector") == 0;
}

int decode_stamp(int argc, char **argv)
{
    static const struct option options[] = {
        {"hex", no_argument, NULL, 'x'},
        {"from", required_argument, NULL, 'f'},
        {"port", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct settings settings = {.port = STAMP_PORT};
    bool hex = false;
    optind = 1;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'h')
            return fputs(help, stdout) == EOF ? 3 : 0;
        if (c == 'x')
            hex = true;
        if (c == '?' || (c == 'p' && !decode_read_port(optarg, &settings.port)) ||
            (c == 'f' && !read_side(optarg, &settings.side)))
            return decode_wrong_option("stamp", argv[optind - 1]);
    }
    if (argc - optind > 1)
        return decode_too_many(argv[optind + 1]);
    const struct decode_datagrams protocol = {"STAMP", PACKET_UDP, is_mine, message, &settings};
    return decode_datagrams(argv[optind], hex, &protocol);
}
