// SPDX-License-Identifier: ISC
#include "cmd/bgp_json.h"
#include "cmd/decode.h"
#include "cmd/decode_bgp.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "  echo ffffffffffffffffffffffffffffffff001304 | fairlead decode bgp --hex\n"
    "\n"
    "usage: fairlead decode bgp [OPTIONS] [FILE]\n"
    "\n"
    "Prints one JSON object for each BGP message of FILE or standard input: what it says, and\n"
    "what a session would do about it (RFC 4271, RFC 7606).\n"
    "FILE is the raw bytes of one direction of a TCP stream, or a capture (pcap, pcapng):\n"
    "what no option says is then as the OPENs in it have it.\n"
    "\n"
    "  --hex                one message a line in hexadecimal, blanks allowed\n"
    "  --port N             of a capture: only connections with this TCP port\n"
    "                       [179, and what looks like BGP]\n"
    "  --peer ibgp|ebgp     who sends it [ibgp]\n"
    "  --as4, --no-as4      4-octet AS numbers negotiated or not [--as4]\n"
    "  --families LIST      negotiated [ipv4,ipv6]; also ipv4-labelled, ipv4-vpn, l2vpn-evpn,\n"
    "                       ipv4-flowspec, ipv4-flowspec-vpn and others: judged, never held\n"
    "  --addpath LIST       families with path identifiers [none]\n"
    "  --state STATE        any, opensent, openconfirm or established [established; raw: any]\n"
    "  --local-as N         ours [65000]; if given, an ibgp OPEN must name it\n"
    "  --peer-as N          what the OPEN must name [whatever it names]\n"
    "  --local-id A         our BGP identifier [192.0.2.1]\n"
    "  --role ROLE          ours towards ebgp: provider, customer, peer, rs, rs-client or none\n"
    "                       [provider]\n"
    "  --as-sets            routes with AS_SET are good, unlike RFC 9774\n"
    "  --extended-message   messages above 4096 octets negotiated\n"
    "  --enhanced-refresh   enhanced route refresh negotiated\n"
    "\n"
    "verdicts: accept, attribute-discard, ignore, treat-as-withdraw, session-reset, close\n";

typedef bool read_option(const char *value, struct decode_bgp_settings *settings);

static bool one_of(const char *value, const char *const *names, size_t count, size_t *index)
{
    for (*index = 0; *index < count; ++*index)
        if (strcmp(value, names[*index]) == 0)
            return true;
    return false;
}

static bool read_hex(const char *value, struct decode_bgp_settings *s)
{
    (void)value;
    return s->hex = true;
}

static bool read_peer(const char *value, struct decode_bgp_settings *s)
{
    static const char *const names[] = {[BGP_INTERNAL] = "ibgp", [BGP_EXTERNAL] = "ebgp"};
    size_t index;
    bool good = one_of(value, names, 2, &index);
    s->peer_given = true;
    s->context.peer = good ? (enum bgp_peer_sort)index : BGP_INTERNAL;
    return good;
}

static bool read_as4(const char *value, struct decode_bgp_settings *s)
{
    (void)value;
    return s->as4_given = s->context.as4 = true;
}

static bool read_no_as4(const char *value, struct decode_bgp_settings *s)
{
    (void)value;
    s->context.as4 = false;
    return s->as4_given = true;
}

static bool name_is(const char *name, const char *value, size_t size)
{
    return strlen(name) == size && strncmp(value, name, size) == 0;
}

// Ours, or a bit of those that nobody holds; false: there is no such family.
static bool read_family(const char *value, size_t size, bool *families, uint32_t *foreign)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (name_is(family_name(family), value, size))
            return families[family] = true;
    }
    for (size_t i = 0; i < BGP_FOREIGNS; i++) {
        if (!name_is(bgp_foreigns[i].name, value, size))
            continue;
        *foreign |= bgp_foreign_bit(&bgp_foreigns[i]);
        return true;
    }
    return false;
}

static bool read_families(const char *value, bool *families, uint32_t *foreign)
{
    memset(families, 0, FAMILIES * sizeof *families);
    *foreign = 0;
    while (*value) {
        size_t size = strcspn(value, ",");
        if (!read_family(value, size, families, foreign))
            return false;
        value += size;
        value += *value == ',';
    }
    return true;
}

static bool read_negotiated(const char *value, struct decode_bgp_settings *s)
{
    return read_families(value, s->context.families, &s->context.foreign);
}

static bool read_add_path(const char *value, struct decode_bgp_settings *s)
{
    s->add_path_given = true;
    return read_families(value, s->context.add_path, &s->context.foreign_add_path);
}

static bool read_state(const char *value, struct decode_bgp_settings *s)
{
    static const char *const names[BGP_STATES] = {"any", "opensent", "openconfirm", "established"};
    size_t index;
    bool good = one_of(value, names, BGP_STATES, &index);
    s->context.state = good ? (enum bgp_state)index : BGP_STATE_ANY;
    s->state_given = true;
    return good;
}

static bool read_as(const char *value, uint32_t *asn)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    *asn = (uint32_t)number;
    return value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0 && number > 0 &&
           number <= UINT32_MAX;
}

static bool read_local_as(const char *value, struct decode_bgp_settings *s)
{
    s->local_as_given = true;
    return read_as(value, &s->context.local_as);
}

static bool read_peer_as(const char *value, struct decode_bgp_settings *s)
{
    return read_as(value, &s->context.peer_as);
}

static bool read_local_id(const char *value, struct decode_bgp_settings *s)
{
    struct address address;
    if (!address_parse(value, &address) || address.family != FAMILY_IPV4)
        return false;
    s->context.local_id = be32_at(address.bytes);
    return s->local_id_given = true;
}

static bool read_role(const char *value, struct decode_bgp_settings *s)
{
    for (enum bgp_role role = BGP_ROLE_NONE; role < BGP_ROLES; role++) {
        s->context.role = role;
        s->context.role_agreed = true;
        if (strcmp(value, bgp_role_name(role)) == 0)
            return true;
    }
    return false;
}

static bool read_as_sets(const char *value, struct decode_bgp_settings *s)
{
    (void)value;
    return s->context.as_sets = true;
}

static bool read_extended_message(const char *value, struct decode_bgp_settings *s)
{
    (void)value;
    return s->context.extended_message = true;
}

static bool read_enhanced_refresh(const char *value, struct decode_bgp_settings *s)
{
    (void)value;
    return s->context.enhanced_refresh = true;
}

static bool read_port(const char *value, struct decode_bgp_settings *s)
{
    return decode_read_port(value, &s->port);
}

static const struct {
    const char *name;
    int takes_value;
    read_option *read;
} options[] = {
    {"hex", no_argument, read_hex},
    {"peer", required_argument, read_peer},
    {"as4", no_argument, read_as4},
    {"no-as4", no_argument, read_no_as4},
    {"families", required_argument, read_negotiated},
    {"addpath", required_argument, read_add_path},
    {"state", required_argument, read_state},
    {"local-as", required_argument, read_local_as},
    {"peer-as", required_argument, read_peer_as},
    {"local-id", required_argument, read_local_id},
    {"role", required_argument, read_role},
    {"as-sets", no_argument, read_as_sets},
    {"port", required_argument, read_port},
    {"extended-message", no_argument, read_extended_message},
    {"enhanced-refresh", no_argument, read_enhanced_refresh},
};

enum { OPTIONS = sizeof options / sizeof options[0], GO_ON = -1 };

// GO_ON, or the exit status.
static int read_options(int argc, char **argv, struct decode_bgp_settings *settings)
{
    struct option known[OPTIONS + 2] = {[OPTIONS] = {"help", no_argument, NULL, 'h'}};
    for (size_t i = 0; i < OPTIONS; i++)
        known[i] = (struct option){options[i].name, options[i].takes_value, NULL, 1};
    int index = 0;
    optind = 1;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "h", known, &index)) != -1;) {
        if (c == 'h')
            return fputs(help, stdout) == EOF ? 3 : 0;
        if (c != 1)
            return decode_wrong_option("bgp", argv[optind - 1]);
        if (!options[index].read(optarg, settings)) {
            fprintf(stderr, "fairlead: --%s cannot be '%s': try fairlead decode bgp --help\n",
                    options[index].name, optarg);
            return 2;
        }
    }
    return argc - optind <= 1 ? GO_ON : decode_too_many(argv[optind + 1]);
}

static bool frame_is_whole(struct cursor bytes, const struct bgp_context *context, size_t *size)
{
    struct bgp_header header;
    if (cursor_left(&bytes) < BGP_HEADER_SIZE ||
        bgp_frame_decode(bytes, context, &header).remedy != BGP_ACCEPT)
        return false;
    *size = header.size;
    return header.size <= cursor_left(&bytes);
}

static bool is_sequence(struct cursor bytes, const struct bgp_context *context)
{
    for (size_t size; cursor_left(&bytes) > 0; cursor_bytes(&bytes, size))
        if (!frame_is_whole(bytes, context, &size))
            return false;
    return true;
}

// A line is one message. Should it be several whole ones, the others are told under "more".
static void decode_line(json_t *object, struct cursor bytes, const void *settings)
{
    const struct bgp_context *context = settings;
    size_t size = cursor_left(&bytes);
    bool sequence = is_sequence(bytes, context) && frame_is_whole(bytes, context, &size);
    bgp_json_message(object, cursor_part(&bytes, size), context);
    if (!sequence || cursor_left(&bytes) == 0)
        return;
    json_t *more = json_array();
    while (frame_is_whole(bytes, context, &size)) {
        json_t *item = json_object();
        bgp_json_message(item, cursor_part(&bytes, size), context);
        json_array_append_new(more, item);
    }
    json_object_set_new(object, "more", more);
}

static void refuse_line(json_t *object, const char *reason)
{
    decode_bgp_protocol.refuse(object, reason);
}

int decode_bgp(int argc, char **argv)
{
    struct decode_bgp_settings settings = {
        .context =
            {
                .peer = BGP_INTERNAL,
                .state = BGP_STATE_ESTABLISHED,
                .as4 = true,
                .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
                .next_hop_ipv6 = true,  // there is no OPEN to say
                .role = BGP_ROLE_PROVIDER,
                .local_as = 65000,
                .local_id = 0xc0000201,  // 192.0.2.1
            },
    };
    struct bgp_context *context = &settings.context;
    int status = read_options(argc, argv, &settings);
    if (status != GO_ON)
        return status;
    if (settings.local_as_given && context->peer == BGP_INTERNAL && context->peer_as == 0)
        context->peer_as = context->local_as;
    if (!settings.hex && !settings.state_given)
        context->state = BGP_STATE_ANY;

    const char *path = argv[optind];
    struct decode_wish wish = {&decode_bgp_protocol, &settings, settings.port};
    if (!settings.hex)
        return decode_streams(path, &wish);
    struct decode_form form = {decode_line, refuse_line, context};
    return decode_hex_lines(path, &form);
}
