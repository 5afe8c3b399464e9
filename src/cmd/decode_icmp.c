// SPDX-License-Identifier: ISC
// `fairlead decode icmp`: echo and errors, as probes get them, of both families.
#include "cmd/decode_datagrams.h"
#include "probe/icmp.h"

#include <getopt.h>
#include <string.h>

struct settings {
    enum family family;  // of lines that are no IP packets; FAMILY_NONE: what the type suggests
};

static const char help[] =
    "  fairlead decode icmp capture.pcap\n"
    "  echo 0000fffa00010004 | fairlead decode icmp --hex\n"
    "\n"
    "Prints ICMP (RFC 792) and ICMPv6 (RFC 4443) as a prober takes them, one JSON object each: "
    "with\n"
    "--hex of each line, an IP packet or an ICMP message; else of a capture (pcap, pcapng). Echo "
    "and\n"
    "errors that quote a packet are accepted; all else is ignored.\n"
    "\n"
    "  --hex       a packet or message in hexadecimal a line\n"
    "  --family F  ipv4 or ipv6: of messages; else by their type: 128 and more are of IPv6\n"
    "  --help      this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the world failed.\n";

enum meaning { ECHO, ERROR };

static const struct type {
    enum family family;
    uint8_t type;
    enum meaning meaning;
    const char *name, *spec;
} types[] = {
    {FAMILY_IPV4, 0, ECHO, "echo_reply", "RFC 792"},
    {FAMILY_IPV4, 3, ERROR, "destination_unreachable", "RFC 792"},
    {FAMILY_IPV4, 5, ERROR, "redirect", "RFC 792"},
    {FAMILY_IPV4, 8, ECHO, "echo_request", "RFC 792"},
    {FAMILY_IPV4, 11, ERROR, "time_exceeded", "RFC 792"},
    {FAMILY_IPV4, 12, ERROR, "parameter_problem", "RFC 792"},
    {FAMILY_IPV6, 1, ERROR, "destination_unreachable", "RFC 4443 §3.1"},
    {FAMILY_IPV6, 2, ERROR, "packet_too_big", "RFC 4443 §3.2"},
    {FAMILY_IPV6, 3, ERROR, "time_exceeded", "RFC 4443 §3.3"},
    {FAMILY_IPV6, 4, ERROR, "parameter_problem", "RFC 4443 §3.4"},
    {FAMILY_IPV6, 128, ECHO, "echo_request", "RFC 4443 §4.1"},
    {FAMILY_IPV6, 129, ECHO, "echo_reply", "RFC 4443 §4.2"},
};

enum { FRAGMENTATION_NEEDED = 4 };  // code of type 3, RFC 1191 §4
enum { HEADER_SIZE = 8, CHECKSUM_AT = 2 };

static const struct type *find(enum family family, uint8_t type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].family == family && types[i].type == type)
            return &types[i];
    return NULL;
}

static void set_integer(json_t *object, const char *key, json_int_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

static void set_address(json_t *object, const char *key, enum family family, const void *bytes)
{
    char text[ADDRESS_TEXT_MAX];
    address_format(address_from_bytes(family, bytes), text);
    json_object_set_new(object, key, json_string(text));
}

// As much as there is: errors quote eight octets behind an IPv4 header at least (RFC 792).
static void set_transport(json_t *object, struct cursor c, uint8_t protocol)
{
    enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58 };
    if (cursor_left(&c) < HEADER_SIZE)
        return;
    if (protocol == TCP || protocol == UDP) {
        set_integer(object, "source_port", cursor_be16(&c));
        set_integer(object, "destination_port", cursor_be16(&c));
    } else if (protocol == ICMP || protocol == ICMPV6) {
        set_integer(object, "type", cursor_u8(&c));
        set_integer(object, "code", cursor_u8(&c));
        cursor_be16(&c);
        set_integer(object, "id", cursor_be16(&c));
        set_integer(object, "sequence", cursor_be16(&c));
    }
}

static bool set_quoted_ipv4(json_t *object, struct cursor c)
{
    size_t header = 4u * (cursor_u8(&c) & 15);
    uint8_t class = cursor_u8(&c);
    cursor_be16(&c);  // length: some change it on the way
    uint16_t id = cursor_be16(&c);
    cursor_be16(&c);
    uint8_t ttl = cursor_u8(&c);
    uint8_t protocol = cursor_u8(&c);
    cursor_be16(&c);
    const uint8_t *addresses = cursor_bytes(&c, 8);
    if (!cursor_ok(&c) || header < 20)
        return false;
    set_address(object, "source", FAMILY_IPV4, addresses);
    set_address(object, "destination", FAMILY_IPV4, addresses + 4);
    set_integer(object, "dscp", class >> 2);
    set_integer(object, "ip_id", id);
    set_integer(object, "ttl", ttl);
    set_integer(object, "protocol", protocol);
    cursor_bytes(&c, header - 20);
    set_transport(object, c, protocol);
    return true;
}

static bool set_quoted_ipv6(json_t *object, struct cursor c)
{
    uint32_t word = cursor_be32(&c);
    cursor_be16(&c);
    uint8_t protocol = cursor_u8(&c);
    uint8_t hops = cursor_u8(&c);
    const uint8_t *addresses = cursor_bytes(&c, 32);
    if (!cursor_ok(&c))
        return false;
    set_address(object, "source", FAMILY_IPV6, addresses);
    set_address(object, "destination", FAMILY_IPV6, addresses + 16);
    set_integer(object, "dscp", word >> 22 & 0x3f);
    set_integer(object, "flow_label", word & 0xfffff);
    set_integer(object, "ttl", hops);
    set_integer(object, "protocol", protocol);
    set_transport(object, c, protocol);
    return true;
}

static bool set_quoted(json_t *object, enum family family, struct cursor c)
{
    struct cursor peek = c;
    json_t *quoted = json_object();
    uint8_t version = cursor_u8(&peek) >> 4;
    bool is_good = family == FAMILY_IPV4 ? version == 4 && set_quoted_ipv4(quoted, c)
                                         : version == 6 && set_quoted_ipv6(quoted, c);
    if (is_good)
        json_object_set(object, "quoted", quoted);
    json_decref(quoted);
    return is_good;
}

static void set_echo(json_t *object, struct cursor c)
{
    set_integer(object, "id", cursor_be16(&c));
    set_integer(object, "sequence", cursor_be16(&c));
    set_integer(object, "payload_bytes", (json_int_t)cursor_left(&c));
}

static bool set_error(json_t *object, const struct type *type, uint8_t code, struct cursor c)
{
    uint32_t word = cursor_be32(&c);
    if (type->family == FAMILY_IPV6 && strcmp(type->name, "packet_too_big") == 0)
        set_integer(object, "mtu_bytes", word);
    else if (type->family == FAMILY_IPV4 && type->type == 3 && code == FRAGMENTATION_NEEDED)
        set_integer(object, "mtu_bytes", word & 0xffff);
    else if (strcmp(type->name, "redirect") == 0)
        set_address(object, "gateway", FAMILY_IPV4, c.bytes + c.pos - 4);
    return set_quoted(object, type->family, c);
}

// Whether the checksum is right, where all it is over is known.
static bool checksum_fits(struct cursor message, enum family family, const struct packet *packet)
{
    uint8_t pseudo[40] = {0};
    size_t size = cursor_left(&message);
    const uint8_t *bytes = cursor_bytes(&message, size);
    if (packet && packet->size != size)
        return true;
    if (family == FAMILY_IPV4)
        return icmp_checksum(bytes, size) == 0;
    if (!packet)
        return true;
    struct writer w = writer_over(pseudo, sizeof pseudo);
    writer_bytes(&w, packet->source.address.bytes, 16);
    writer_bytes(&w, packet->destination.address.bytes, 16);
    writer_be32(&w, (uint32_t)size);
    writer_be32(&w, 58);  // RFC 8200 §8.1
    uint32_t sum = (uint32_t)(uint16_t)~icmp_checksum(pseudo, sizeof pseudo) +
                   (uint16_t)~icmp_checksum(bytes, size);
    return (sum & 0xffff) + (sum >> 16) == 0xffff;
}

static const char *judge(json_t *object, struct cursor bytes, enum family family,
                         struct decode_refusal *refusal)
{
    struct cursor c = bytes;
    uint8_t type_number = cursor_u8(&c);
    uint8_t code = cursor_u8(&c);
    const struct type *type = find(family, type_number);
    cursor_be16(&c);  // checksum
    set_integer(object, "type", type_number);
    set_integer(object, "code", code);
    if (!type)
        return "of no use to a prober";
    json_object_set_new(object, "message", json_string(type->name));
    refusal->spec = type->spec;
    if (type->meaning == ECHO && code != 0)
        return "echo with a code";
    if (type->meaning == ECHO)
        set_echo(object, c);
    else if (!set_error(object, type, code, c))
        return "quotes no packet";
    return NULL;
}

static void set_message(json_t *object, struct cursor bytes, enum family family,
                        const struct packet *packet)
{
    struct decode_refusal refusal = {"ignore", NULL,
                                     family == FAMILY_IPV6 ? "RFC 4443 §2.1" : "RFC 792", 0};
    json_object_set_new(object, "verdict", json_string("accept"));
    json_object_set_new(object, "family", json_string(family_name(family)));
    if (cursor_left(&bytes) < HEADER_SIZE) {
        refusal.reason = "shorter than 8 octets";
        refusal.at = cursor_left(&bytes);
    } else if (!checksum_fits(bytes, family, packet)) {
        refusal.reason = "the checksum is wrong";
        refusal.at = CHECKSUM_AT;
    } else {
        refusal.reason = judge(object, bytes, family, &refusal);
    }
    if (refusal.reason)
        decode_set_refusal(object, &refusal);
}

// No ICMP message has a type that begins an IP header with: 0x45 to 0x4f and 0x60 are unassigned.
static bool is_ip(struct cursor bytes)
{
    uint8_t first = cursor_u8(&bytes);
    return (first >= 0x45 && first <= 0x4f) || first >> 4 == 6;
}

static void message(json_t *object, struct cursor bytes, const struct packet *packet,
                    const void *settings)
{
    const struct settings *s = settings;
    struct packet read = {0};
    if (packet) {
        set_message(object, bytes, packet->source.address.family, packet);
        return;
    }
    if (is_ip(bytes)) {
        if (packet_read(PACKET_RAW, bytes, &read) == PACKET_ICMP)
            set_message(object, read.data, read.source.address.family, &read);
        else
            decode_set_refusal(object, &(struct decode_refusal){
                                           "ignore", "an IP packet without ICMP", "RFC 792", 0});
        return;
    }
    struct cursor peek = bytes;
    enum family likely = cursor_u8(&peek) >= 128 ? FAMILY_IPV6 : FAMILY_IPV4;
    set_message(object, bytes, s->family != FAMILY_NONE ? s->family : likely, NULL);
}

static bool is_mine(const struct packet *packet, const void *settings)
{
    (void)packet, (void)settings;
    return true;
}

static bool read_family(const char *text, enum family *family)
{
    *family = strcmp(text, "ipv6") == 0 ? FAMILY_IPV6 : FAMILY_IPV4;
    return strcmp(text, family_name(*family)) == 0;
}

int decode_icmp(int argc, char **argv)
{
    static const struct option options[] = {
        {"hex", no_argument, NULL, 'x'},
        {"family", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct settings settings = {0};
    bool hex = false;
    optind = 1;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'h')
            return fputs(help, stdout) == EOF ? 3 : 0;
        if (c == 'x')
            hex = true;
        if (c == '?' || (c == 'f' && !read_family(optarg, &settings.family)))
            return decode_wrong_option("icmp", argv[optind - 1]);
    }
    if (argc - optind > 1)
        return decode_too_many(argv[optind + 1]);
    const struct decode_datagrams protocol = {"ICMP", PACKET_ICMP, is_mine, message, &settings};
    return decode_datagrams(argv[optind], hex, &protocol);
}
