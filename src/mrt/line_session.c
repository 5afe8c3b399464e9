// SPDX-License-Identifier: ISC
// Lines of BGP4MP records and of the type BGP before it.
#include "bgp/attributes.h"
#include "bgp/header.h"
#include "mrt/line_put.h"
#include "mrt/loose.h"
#include "mrt/text.h"

struct update {
    const struct mrt_record *record;
    const struct mrt_session *session;
    struct line_attributes a;
    char head[128];  // "BGP4MP|TIME|"
    size_t head_size;
    char peer[64];  // "PEER|AS|"
    size_t peer_size;
};

static bool is_early(const struct update *u)
{
    return u->record->type == MRT_BGP;
}

static char *put_six_digits(char *to, uint32_t value)
{
    for (uint32_t least = 100000; least > 1 && value < least; least /= 10)
        *to++ = '0';
    return text_decimal(to, value);
}

static char *put_time(char *to, const struct mrt_record *record)
{
    to = text_decimal(to, record->time_s);
    if (record->type == MRT_BGP4MP_ET)
        to = put_six_digits(text_char(to, '.'), record->time_us);
    return text_char(to, '|');
}

// With ADD-PATH bgpdump forgets that it was the recorder who sent.
static void set_head(struct update *u)
{
    bool sent = u->session->sent && !u->session->add_path;
    char *to = text_string(u->head, is_early(u) ? "BGP" : "BGP4MP");
    if (u->record->type == MRT_BGP4MP_ET)
        to = text_string(to, "_ET");
    if (sent)
        to = text_string(to, "_LOCAL");
    if (u->session->add_path)
        to = text_string(to, "_AP");
    u->head_size = (size_t)(put_time(text_char(to, '|'), u->record) - u->head);
}

// The same then names the recorder in place of the peer.
static void set_peer(struct update *u)
{
    const struct mrt_session *s = u->session;
    bool recorder = s->sent && s->add_path;
    char *to = line_put_address(u->peer, recorder ? &s->local : &s->peer);
    to = text_decimal(text_char(to, '|'), recorder ? s->local_as : s->peer_as);
    u->peer_size = (size_t)(text_char(to, '|') - u->peer);
}

static char *put_head(char *to, const struct update *u, const char *kind)
{
    to = text_bytes(to, u->head, u->head_size);
    return text_bytes(to, kind, 2);
}

struct prefix_view {
    uint32_t path_id;
    uint8_t length;
    uint8_t bytes[32];  // zero behind the prefix
};

// bgpdump stores the octets of a prefix where an address, a length and a path identifier lie one
// behind the other. What is longer than an address overwrites them, and so it is printed.
static void overwrite(struct prefix_view *prefix, size_t size)
{
    enum { LENGTH_AT = 16, PATH_ID_AT = 20, PATH_ID_END = 24 };
    if (size > LENGTH_AT)
        prefix->length = prefix->bytes[LENGTH_AT];
    for (size_t i = PATH_ID_AT; i < size && i < PATH_ID_END; i++) {
        unsigned shift =
            8 * (unsigned)(i - PATH_ID_AT);  // the least octet first, as on its machine
        prefix->path_id &= ~((uint32_t)0xff << shift);
        prefix->path_id |= (uint32_t)prefix->bytes[i] << shift;
    }
}

// The next prefix; false at the end, and at one that is cut.
static bool prefix_next(struct cursor *list, bool add_path, struct prefix_view *prefix)
{
    if (loose_left(list) == 0)
        return false;
    prefix->path_id = add_path ? loose_be32(list) : 0;
    prefix->length = loose_u8(list);
    size_t size = ((size_t)prefix->length + 7) / 8;
    if (loose_left(list) < size)
        return false;
    memset(prefix->bytes, 0, sizeof prefix->bytes);
    loose_bytes(list, prefix->bytes, size);
    overwrite(prefix, size);
    return true;
}

static char *put_prefix(char *to, enum family family, const uint8_t *bytes, uint8_t length)
{
    to = family == FAMILY_IPV6 ? text_ipv6(to, bytes) : text_ipv4(to, bytes);
    return text_decimal(text_char(to, '/'), length);
}

static void withdraw(struct line_out *out, const struct update *u, struct cursor list,
                     enum family family)
{
    const struct mrt_session *s = u->session;
    struct prefix_view prefix;
    while (prefix_next(&list, s->add_path, &prefix)) {
        char *to = put_head(line_begin(out), u, "W|");
        if (family == FAMILY_IPV6 && s->sent && !s->add_path && s->peer.family == FAMILY_IPV4) {
            // bgpdump writes the peer's IPv4 address as if it were IPv6.
            to = text_char(text_ipv6(to, s->peer.bytes), '|');
            to = text_char(text_decimal(to, s->peer_as), '|');
        } else {
            to = text_bytes(to, u->peer, u->peer_size);
        }
        // In the type BGP it writes the peer's address in place of the prefix's.
        to = put_prefix(to, family, is_early(u) ? s->peer.bytes : prefix.bytes, prefix.length);
        if (s->add_path)
            to = text_decimal(text_char(to, '|'), prefix.path_id);
        line_end(out, text_char(to, '\n'));
    }
}

static void announce(struct line_out *out, const struct update *u, struct cursor list,
                     enum family family, const char *tail, size_t tail_size)
{
    struct prefix_view prefix;
    while (prefix_next(&list, u->session->add_path, &prefix)) {
        char *to = put_head(line_begin(out), u, "A|");
        to = text_bytes(to, u->peer, u->peer_size);
        to = put_prefix(to, family, prefix.bytes, prefix.length);
        to = text_char(to, '|');
        if (u->session->add_path)
            to = text_char(text_decimal(to, prefix.path_id), '|');
        line_end(out, text_bytes(to, tail, tail_size));
    }
}

static void announce_classic(struct line_out *out, const struct update *u, struct cursor list)
{
    if (loose_left(&list) == 0)
        return;
    char tail[LINE_TAIL_MAX];
    char *to = line_put_path(tail, &u->a);
    to = line_put_metrics(text_ipv4(to, u->a.next_hop), &u->a);
    if (is_early(u))
        to--;  // there bgpdump forgets the bar before the communities
    to = line_put_rest(to, &u->a);
    announce(out, u, list, FAMILY_IPV4, tail, (size_t)(to - tail));
}

// Where bgpdump does not know the next hop's size it leaves out the fields that it writes with it.
static void announce_mp(struct line_out *out, const struct update *u, const struct line_nlri *nlri,
                        enum family family)
{
    char tail[LINE_TAIL_MAX], *to = tail;
    bool hop = line_hop_is_good(nlri), ipv4 = family == FAMILY_IPV4;
    if (hop || ipv4)
        to = line_put_path(to, &u->a);
    if (hop && ipv4)
        to = line_put_signed_metrics(line_put_hop(to, nlri), &u->a);
    else if (hop)
        to = line_put_metrics(line_put_hop(to, nlri), &u->a);
    to = line_put_rest(to, &u->a);
    announce(out, u, nlri->prefixes, family, tail, (size_t)(to - tail));
}

struct sections {
    struct cursor withdrawn, attributes, announced;
};

static struct sections split(const struct mrt_session *session)
{
    struct cursor body = session->body;
    struct sections s = {.withdrawn = loose_part(&body, loose_be16(&body))};
    s.attributes = loose_part(&body, loose_be16(&body));
    s.announced = body;
    return s;
}

static void write_multiprotocol(struct line_out *out, const struct update *u, bool announced)
{
    static const enum family families[LINE_AFIS] = {FAMILY_IPV4, FAMILY_IPV6};
    for (size_t afi = 0; afi < LINE_AFIS; afi++)
        for (size_t safi = 0; safi < LINE_SAFIS; safi++) {
            const struct line_nlri *nlri =
                announced ? &u->a.announced[afi][safi] : &u->a.withdrawn[afi][safi];
            if (nlri->prefixes.size > 0 && announced)
                announce_mp(out, u, nlri, families[afi]);
            else if (nlri->prefixes.size > 0)
                withdraw(out, u, nlri->prefixes, families[afi]);
        }
}

void line_message(struct line_out *out, const struct mrt_record *record,
                  const struct mrt_session *session)
{
    if (session->type != BGP_UPDATE)
        return;
    struct update u = {.record = record, .session = session};
    struct sections s = split(session);
    line_attributes_read(s.attributes, session->as_size, &u.a);
    set_head(&u);
    set_peer(&u);
    withdraw(out, &u, s.withdrawn, FAMILY_IPV4);
    if (!is_early(&u))
        write_multiprotocol(out, &u, false);
    announce_classic(out, &u, s.announced);
    if (!is_early(&u))
        write_multiprotocol(out, &u, true);
}

static uint64_t count(struct cursor list, bool add_path)
{
    struct prefix_view prefix;
    uint64_t prefixes = 0;
    while (prefix_next(&list, add_path, &prefix))
        prefixes++;
    return prefixes;
}

void mrt_update_count(const struct mrt_session *session, uint64_t *announced, uint64_t *withdrawn)
{
    struct sections s = split(session);
    struct line_attributes a;
    line_attributes_read(s.attributes, session->as_size, &a);
    *announced += count(s.announced, session->add_path);
    *withdrawn += count(s.withdrawn, session->add_path);
    for (size_t i = 0; i < (size_t)LINE_AFIS * LINE_SAFIS; i++) {
        size_t afi = i / LINE_SAFIS, safi = i % LINE_SAFIS;
        *announced += count(a.announced[afi][safi].prefixes, session->add_path);
        *withdrawn += count(a.withdrawn[afi][safi].prefixes, session->add_path);
    }
}

void line_state(struct line_out *out, const struct mrt_record *record,
                const struct mrt_session *session)
{
    char *to = line_begin(out);
    to = text_string(to, record->type == MRT_BGP         ? "BGP|"
                         : record->type == MRT_BGP4MP_ET ? "BGP4MP_ET|"
                                                         : "BGP4MP|");
    to = text_bytes(put_time(to, record), "STATE|", 6);
    to = text_char(line_put_address(to, &session->peer), '|');
    to = text_char(text_decimal(to, session->peer_as), '|');
    to = text_char(text_decimal(to, session->old_state), '|');
    line_end(out, text_char(text_decimal(to, session->new_state), '\n'));
}
