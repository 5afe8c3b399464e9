// SPDX-License-Identifier: ISC
#include "bgp/open.h"

#include "bgp/family.h"
#include "bgp/header.h"

#include <assert.h>

enum { VERSION = 4, HOLD_S_MIN = 3, AS_TRANS = 23456 };  // RFC 4271 §4.2, RFC 6793 §9
enum { PARAMETER_CAPABILITIES = 2 };                     // RFC 5492 §4
enum { PARAMETER_EXTENDED = 255 };                       // RFC 9072 §2

enum {  // RFC 4271 §4.5, RFC 9234 §4.2: subcodes of code 2
    UNSPECIFIC,
    BAD_VERSION,
    BAD_AS,
    BAD_ID,
    BAD_PARAMETER,
    BAD_HOLD = 6,
    ROLE_MISMATCH = 11,
};

enum {  // octets into the message
    VERSION_AT = BGP_HEADER_SIZE,
    AS_AT = VERSION_AT + 1,
    HOLD_AT = AS_AT + 2,
    ID_AT = HOLD_AT + 2,
    PARAMETERS_AT = ID_AT + 4,
};

enum capability {
    MULTIPROTOCOL = 1,
    REFRESH = 2,
    EXTENDED_NEXT_HOP = 5,
    EXTENDED_MESSAGE = 6,
    ROLE = 9,
    GRACEFUL_RESTART = 64,
    FOUR_OCTET_AS = 65,
    ADD_PATH = 69,
    ENHANCED_REFRESH = 70,
    LONG_LIVED_GRACEFUL_RESTART = 71,
};

static const char *const role_names[BGP_ROLES] = {
    [BGP_ROLE_NONE] = "none",         [BGP_ROLE_PROVIDER] = "provider",
    [BGP_ROLE_ROUTE_SERVER] = "rs",   [BGP_ROLE_ROUTE_SERVER_CLIENT] = "rs-client",
    [BGP_ROLE_CUSTOMER] = "customer", [BGP_ROLE_PEER] = "peer",
};

// RFC 9234 §4.2: what the other side of each role must be.
static const enum bgp_role role_partners[BGP_ROLES] = {
    [BGP_ROLE_PROVIDER] = BGP_ROLE_CUSTOMER,
    [BGP_ROLE_CUSTOMER] = BGP_ROLE_PROVIDER,
    [BGP_ROLE_ROUTE_SERVER] = BGP_ROLE_ROUTE_SERVER_CLIENT,
    [BGP_ROLE_ROUTE_SERVER_CLIENT] = BGP_ROLE_ROUTE_SERVER,
    [BGP_ROLE_PEER] = BGP_ROLE_PEER,
};

const char *bgp_role_name(enum bgp_role role)
{
    return role_names[role];
}

static struct bgp_verdict fine(void)
{
    return (struct bgp_verdict){.remedy = BGP_ACCEPT};
}

static struct bgp_verdict malformed(size_t at, const char *spec, const char *what)
{
    return bgp_reset(BGP_OPEN_ERROR, UNSPECIFIC, at, spec, "%s", what);
}

static void read_multiprotocol(struct cursor value, struct bgp_open *open)
{
    uint16_t afi = cursor_be16(&value);
    cursor_u8(&value);  // reserved
    uint8_t safi = cursor_u8(&value);
    const struct bgp_foreign *foreign = bgp_foreign_of(afi, safi);
    if (!cursor_ok(&value))
        return;
    open->families[bgp_family(afi, safi)] = true;
    open->foreign |= foreign ? bgp_foreign_bit(foreign) : 0;
}

static void read_add_path(struct cursor value, struct bgp_open *open)
{
    while (cursor_left(&value) > 0) {
        uint16_t afi = cursor_be16(&value);
        uint8_t safi = cursor_u8(&value);
        uint8_t directions = cursor_u8(&value);
        // RFC 7911 §4: any other value than 1, 2 and 3 is ignored
        if (!cursor_ok(&value) || directions > (BGP_ADD_PATH_RECEIVE | BGP_ADD_PATH_SEND))
            continue;
        open->add_path[bgp_family(afi, safi)] = directions;
        const struct bgp_foreign *foreign = bgp_foreign_of(afi, safi);
        uint32_t bit = foreign ? bgp_foreign_bit(foreign) : 0;
        open->foreign_send |= directions & BGP_ADD_PATH_SEND ? bit : 0;
        open->foreign_receive |= directions & BGP_ADD_PATH_RECEIVE ? bit : 0;
    }
}

// RFC 8950 §4: of the families that it may name, one is ours.
static void read_next_hops(struct cursor value, struct bgp_open *open)
{
    while (cursor_left(&value) > 0) {
        uint16_t afi = cursor_be16(&value);
        uint16_t safi = cursor_be16(&value);
        uint16_t next_hop_afi = cursor_be16(&value);
        bool ours = afi == AFI_IPV4 && safi == SAFI_UNICAST && next_hop_afi == AFI_IPV6;
        open->next_hop_ipv6 |= cursor_ok(&value) && ours;
    }
}

static void read_role(struct cursor value, struct bgp_open *open)
{
    uint8_t code = cursor_u8(&value);
    if (!cursor_ok(&value) || cursor_left(&value) > 0)
        return;
    enum bgp_role role = code + 1 < BGP_ROLES ? (enum bgp_role)(code + 1) : BGP_ROLE_NONE;
    if (role == BGP_ROLE_NONE || (open->role != BGP_ROLE_NONE && open->role != role))
        open->role_unfit = true;
    open->role = role;
}

// A capability that we cannot read is one the peer does not have, except for its AS number.
static bool read_capability(uint8_t code, struct cursor value, struct bgp_open *open)
{
    uint32_t asn;
    switch (code) {
    case MULTIPROTOCOL:
        read_multiprotocol(value, open);
        return true;
    case REFRESH:
        open->refresh = true;
        return true;
    case EXTENDED_NEXT_HOP:
        read_next_hops(value, open);
        return true;
    case EXTENDED_MESSAGE:
        open->extended_message = true;
        return true;
    case ROLE:
        read_role(value, open);
        return true;
    case GRACEFUL_RESTART:
        open->graceful_restart = true;
        return true;
    case FOUR_OCTET_AS:
        asn = cursor_be32(&value);
        if (!cursor_ok(&value) || cursor_left(&value) > 0)
            return false;
        open->asn = asn;
        open->as4 = true;
        return true;
    case ADD_PATH:
        read_add_path(value, open);
        return true;
    case ENHANCED_REFRESH:
        open->enhanced_refresh = true;
        return true;
    default:  // RFC 5492 §3: unknown ones are ignored
        return true;
    }
}

static struct bgp_verdict read_capabilities(struct cursor capabilities, size_t at,
                                            struct bgp_open *open)
{
    while (cursor_left(&capabilities) > 0) {
        size_t here = at + capabilities.pos;
        uint8_t code = cursor_u8(&capabilities);
        struct cursor value = cursor_part(&capabilities, cursor_u8(&capabilities));
        if (!cursor_ok(&value))
            return malformed(here, "RFC 5492 §4", "capability overruns its parameter");
        if (!read_capability(code, value, open))
            return malformed(here, "RFC 6793 §3", "4-octet AS capability has not length 4");
    }
    return fine();
}

static struct bgp_verdict read_parameters(struct cursor parameters, size_t at, bool extended,
                                          struct bgp_open *open)
{
    struct bgp_verdict verdict = fine();
    while (cursor_left(&parameters) > 0 && verdict.remedy == BGP_ACCEPT) {
        size_t here = at + parameters.pos;
        uint8_t type = cursor_u8(&parameters);
        size_t size = extended ? cursor_be16(&parameters) : cursor_u8(&parameters);
        size_t value_at = at + parameters.pos;
        struct cursor value = cursor_part(&parameters, size);
        if (!cursor_ok(&value))
            return malformed(here, extended ? "RFC 9072 §2" : "RFC 4271 §6.2",
                             "optional parameter overruns the message");
        if (type != PARAMETER_CAPABILITIES)
            return bgp_reset(BGP_OPEN_ERROR, BAD_PARAMETER, here, "RFC 4271 §6.2",
                             "optional parameter %u", type);
        verdict = read_capabilities(value, value_at, open);
    }
    return verdict;
}

// RFC 9072 §2: a first parameter of type 255 announces the long form, whatever the length before
// it.
static struct bgp_verdict read_options(struct cursor *body, struct bgp_open *open)
{
    uint8_t size = cursor_u8(body);
    size_t at = PARAMETERS_AT + 1;
    struct cursor peek = *body;
    bool extended = size > 0 && cursor_u8(&peek) == PARAMETER_EXTENDED && cursor_ok(&peek);
    struct cursor parameters;
    open->long_parameters = extended;
    if (extended) {
        cursor_u8(body);
        uint16_t extended_size = cursor_be16(body);
        parameters = cursor_part(body, extended_size);
        at += 3;
    } else {
        parameters = cursor_part(body, size);
    }
    if (!cursor_ok(body) || cursor_left(body) > 0)
        return malformed(PARAMETERS_AT, extended ? "RFC 9072 §2" : "RFC 4271 §6.2",
                         "length of optional parameters does not fit the message");
    return read_parameters(parameters, at, extended, open);
}

static struct bgp_verdict judge(const struct bgp_open *open, uint16_t short_as,
                                const struct bgp_context *context)
{
    if (context->observed)
        return fine();
    if (open->asn == 0 || short_as == 0)
        return bgp_reset(BGP_OPEN_ERROR, BAD_AS, AS_AT, "RFC 7607 §2", "AS is 0");
    if (context->peer_as != 0 && open->asn != context->peer_as)
        return bgp_reset(BGP_OPEN_ERROR, BAD_AS, AS_AT, "RFC 4271 §6.2", "AS is %u, not %u",
                         open->asn, context->peer_as);
    if (open->hold_s > 0 && open->hold_s < HOLD_S_MIN)
        return bgp_reset(BGP_OPEN_ERROR, BAD_HOLD, HOLD_AT, "RFC 4271 §6.2", "hold time is %u s",
                         open->hold_s);
    if (open->id == 0)
        return bgp_reset(BGP_OPEN_ERROR, BAD_ID, ID_AT, "RFC 6286 §2.2", "BGP identifier is 0");
    if (open->id == context->local_id && context->peer == BGP_INTERNAL)
        return bgp_reset(BGP_OPEN_ERROR, BAD_ID, ID_AT, "RFC 6286 §2.2",
                         "BGP identifier is our own");
    bool roles = context->peer == BGP_EXTERNAL && context->role != BGP_ROLE_NONE &&
                 (open->role != BGP_ROLE_NONE || open->role_unfit);
    if (roles && (open->role_unfit || role_partners[context->role] != open->role))
        return bgp_reset(BGP_OPEN_ERROR, ROLE_MISMATCH, PARAMETERS_AT, "RFC 9234 §4.2",
                         "we are %s, and the peer is %s", role_names[context->role],
                         role_names[open->role]);
    return fine();
}

struct bgp_verdict bgp_open_decode(struct cursor body, const struct bgp_context *context,
                                   struct bgp_open *open)
{
    *open = (struct bgp_open){0};
    uint8_t version = cursor_u8(&body);
    if (cursor_ok(&body) && version != VERSION) {
        struct bgp_verdict verdict = bgp_reset(BGP_OPEN_ERROR, BAD_VERSION, VERSION_AT,
                                               "RFC 4271 §6.2", "version %u", version);
        verdict.data[1] = VERSION;  // the largest that we speak, in two octets
        verdict.data_size = 2;
        return verdict;
    }
    uint16_t short_as = cursor_be16(&body);
    open->asn = short_as;
    open->hold_s = cursor_be16(&body);
    open->id = cursor_be32(&body);

    struct bgp_verdict verdict = read_options(&body, open);
    if (verdict.remedy != BGP_ACCEPT)
        return verdict;
    // What stands under NONE is families that we do not hold: who names only those, has not ours.
    bool named =
        open->families[FAMILY_NONE] || open->families[FAMILY_IPV4] || open->families[FAMILY_IPV6];
    open->families[FAMILY_IPV4] |= !named;  // RFC 4760 §8
    open->families[FAMILY_NONE] = false;
    open->add_path[FAMILY_NONE] = 0;
    return judge(open, short_as, context);
}

static size_t capability_begin(struct writer *w, enum capability code)
{
    // A router that keeps our routes when we are gone keeps an outage that we cannot end.
    assert(code != GRACEFUL_RESTART && code != LONG_LIVED_GRACEFUL_RESTART);
    writer_u8(w, (uint8_t)code);
    return writer_u8_reserve(w);
}

static void write_family(struct writer *w, enum family family)
{
    writer_be16(w, bgp_afi(family));
    writer_u8(w, 0);
    writer_u8(w, SAFI_UNICAST);
}

static void write_flag(struct writer *w, bool wanted, enum capability code)
{
    if (wanted)
        writer_u8_set_count(w, capability_begin(w, code));
}

static void write_add_path(struct writer *w, const struct bgp_open *open)
{
    if (open->add_path[FAMILY_IPV4] == 0 && open->add_path[FAMILY_IPV6] == 0)
        return;
    size_t begun = capability_begin(w, ADD_PATH);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (open->add_path[family] == 0)
            continue;
        writer_be16(w, bgp_afi(family));
        writer_u8(w, SAFI_UNICAST);
        writer_u8(w, open->add_path[family]);
    }
    writer_u8_set_count(w, begun);
}

static void write_capabilities(struct writer *w, const struct bgp_open *open)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (!open->families[family])
            continue;
        size_t begun = capability_begin(w, MULTIPROTOCOL);
        write_family(w, family);
        writer_u8_set_count(w, begun);
    }
    write_flag(w, open->refresh, REFRESH);
    if (open->next_hop_ipv6) {
        size_t begun = capability_begin(w, EXTENDED_NEXT_HOP);
        writer_be16(w, AFI_IPV4);
        writer_be16(w, SAFI_UNICAST);
        writer_be16(w, AFI_IPV6);
        writer_u8_set_count(w, begun);
    }
    write_flag(w, open->extended_message, EXTENDED_MESSAGE);
    if (open->role != BGP_ROLE_NONE) {
        size_t begun = capability_begin(w, ROLE);
        writer_u8(w, (uint8_t)(open->role - 1));
        writer_u8_set_count(w, begun);
    }
    if (open->as4) {
        size_t begun = capability_begin(w, FOUR_OCTET_AS);
        writer_be32(w, open->asn);
        writer_u8_set_count(w, begun);
    }
    write_add_path(w, open);
    write_flag(w, open->enhanced_refresh, ENHANCED_REFRESH);
}

// All that we can offer has 57 octets: the long form is never needed, but understood by who sent
// it.
static void write_parameters(struct writer *w, const struct bgp_open *open)
{
    size_t parameters = writer_u8_reserve(w);
    writer_u8(w, PARAMETER_CAPABILITIES);
    size_t capabilities = writer_u8_reserve(w);
    write_capabilities(w, open);
    writer_u8_set_count(w, capabilities);
    writer_u8_set_count(w, parameters);
}

// RFC 9072 §2
static void write_long_parameters(struct writer *w, const struct bgp_open *open)
{
    writer_u8(w, UINT8_MAX);
    writer_u8(w, PARAMETER_EXTENDED);
    size_t parameters = writer_be16_reserve(w);
    writer_u8(w, PARAMETER_CAPABILITIES);
    size_t capabilities = writer_be16_reserve(w);
    write_capabilities(w, open);
    writer_be16_set_count(w, capabilities);
    writer_be16_set_count(w, parameters);
}

void bgp_open_encode(struct writer *w, const struct bgp_open *open)
{
    size_t begun = bgp_message_begin(w, BGP_OPEN);
    writer_u8(w, VERSION);
    writer_be16(w, open->asn > UINT16_MAX ? AS_TRANS : (uint16_t)open->asn);
    writer_be16(w, open->hold_s);
    writer_be32(w, open->id);
    if (open->long_parameters)
        write_long_parameters(w, open);
    else
        write_parameters(w, open);
    bgp_message_end(w, begun);
}
