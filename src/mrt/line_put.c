// SPDX-License-Identifier: ISC
#include "mrt/line_put.h"

#include "bgp/attributes.h"
#include "mrt/text.h"

#include <string.h>

char *line_begin(struct line_out *out)
{
    if (out->text + LINE_TEXT_SIZE - out->to < LINE_MAX)
        line_hand_over(out);
    return out->to;
}

void line_end(struct line_out *out, char *to)
{
    out->to = to;
}

void line_hand_over(struct line_out *out)
{
    if (out->to != out->text)
        out->take(out->user, out->text, (size_t)(out->to - out->text));
    out->to = out->text;
}

char *line_put_address(char *to, const struct address *address)
{
    return address->family == FAMILY_IPV6 ? text_ipv6(to, address->bytes)
                                          : text_ipv4(to, address->bytes);
}

char *line_put_prefix(char *to, const struct mrt_nlri *nlri)
{
    uint8_t whole[16] = {0};
    memcpy(whole, nlri->bytes, ((size_t)nlri->length + 7) / 8);
    to = nlri->family == FAMILY_IPV6 ? text_ipv6(to, whole) : text_ipv4(to, whole);
    return text_decimal(text_char(to, '/'), nlri->length);
}

static char *put_origin(char *to, uint8_t origin)
{
    return text_string(to, origin == 0 ? "IGP" : origin == 1 ? "EGP" : "INCOMPLETE");
}

bool line_hop_is_good(const struct line_nlri *nlri)
{
    return nlri->hop_size == 4 || nlri->hop_size == 16 || nlri->hop_size == 32;
}

char *line_put_hop(char *to, const struct line_nlri *nlri)
{
    return nlri->hop_size == 4 ? text_ipv4(to, nlri->hop) : text_ipv6(to, nlri->hop);
}

// "|LOCAL_PREF|MED|", 0 for what is missing.
char *line_put_metrics(char *to, const struct line_attributes *a)
{
    to = text_char(to, '|');
    to = text_decimal(to, a->present >> ATTR_LOCAL_PREF & 1 ? a->local_pref : 0);
    to = text_char(to, '|');
    to = text_decimal(to, a->present >> ATTR_MED & 1 ? a->med : 0);
    return text_char(to, '|');
}

// The same as bgpdump does it for IPv4 in MP_REACH_NLRI, where they have a sign.
static char *put_signed(char *to, uint32_t value)
{
    if (value <= INT32_MAX)
        return text_decimal(to, value);
    return text_decimal(text_char(to, '-'), 0 - value);
}

char *line_put_signed_metrics(char *to, const struct line_attributes *a)
{
    to = text_char(to, '|');
    to = put_signed(to, a->present >> ATTR_LOCAL_PREF & 1 ? a->local_pref : 0);
    to = text_char(to, '|');
    to = put_signed(to, a->present >> ATTR_MED & 1 ? a->med : 0);
    return text_char(to, '|');
}

// "COMMUNITIES|AG|AGGREGATOR|" and the end of the line.
char *line_put_rest(char *to, const struct line_attributes *a)
{
    static const uint8_t none[4] = {255, 255, 255, 255};
    to = line_communities(to, a->communities);
    to = text_string(to, a->present >> ATTR_ATOMIC_AGGREGATE & 1 ? "|AG|" : "|NAG|");
    if (memcmp(a->aggregator, none, sizeof none) != 0) {
        to = text_decimal(to, a->aggregator_as);
        to = text_char(to, ' ');
        to = text_ipv4(to, a->aggregator);
    }
    return text_bytes(to, "|\n", 2);
}

char *line_put_path(char *to, const struct line_attributes *a)
{
    to = line_path(to, a);
    to = text_char(to, '|');
    to = put_origin(to, a->origin);
    return text_char(to, '|');
}
