// SPDX-License-Identifier: ISC
#include "mrt/line_attributes.h"

#include "bgp/attributes.h"
#include "bgp/attr_rules.h"
#include "mrt/loose.h"

static const uint8_t no_hop[4] = {255, 255, 255, 255};

static void read_hop(struct cursor *value, struct line_nlri *nlri)
{
    memset(nlri->hop, 0, sizeof nlri->hop);
    nlri->hop_size = loose_u8(value);
    if (nlri->hop_size == 4)
        loose_bytes(value, nlri->hop, 4);
    else if (nlri->hop_size == 16 || nlri->hop_size == 32)
        loose_bytes(value, nlri->hop, 16);
    if (nlri->hop_size == 32)
        loose_part(value, 16);  // link-local
}

// NULL for a family that has no lines. AFI 0 and SAFI 0 are read by bgpdump, too, but never shown.
static struct line_nlri *place(struct line_nlri families[LINE_AFIS][LINE_SAFIS],
                               struct cursor *value)
{
    uint16_t afi = loose_be16(value);
    uint8_t safi = loose_u8(value);
    if (afi < 1 || afi > LINE_AFIS || safi < 1 || safi > LINE_SAFIS)
        return NULL;
    struct line_nlri *nlri = &families[afi - 1][safi - 1];
    return nlri->there ? NULL : nlri;
}

static void read_mp_reach(struct cursor *value, const uint8_t *end, struct line_attributes *a)
{
    // In a RIB entry it is cut down to the next hop; then it does not begin with the 0 of an AFI.
    // bgpdump looks at that octet even if the value is empty.
    const uint8_t *first = value->bytes + value->pos;
    if (first < end && *first != 0) {
        struct line_nlri *nlri = &a->announced[1][0];
        if (!nlri->there)
            read_hop(value, nlri);
        nlri->there = true;
        return;
    }
    struct line_nlri *nlri = place(a->announced, value);
    if (!nlri)
        return;
    nlri->there = true;
    read_hop(value, nlri);
    for (uint8_t snpas = loose_u8(value); snpas > 0; snpas--)
        loose_part(value, loose_u8(value));
    nlri->prefixes = *value;
}

static void read_mp_unreach(struct cursor *value, struct line_attributes *a)
{
    struct line_nlri *nlri = place(a->withdrawn, value);
    if (!nlri)
        return;
    nlri->there = true;
    nlri->prefixes = *value;
}

static uint32_t read_as(struct cursor *value, uint8_t as_size)
{
    return as_size == 4 ? loose_be32(value) : loose_be16(value);
}

static void read_one(uint8_t type, struct cursor value, const uint8_t *end, bool again,
                     struct line_attributes *a)
{
    switch (type) {
    case ATTR_MP_REACH:
        read_mp_reach(&value, end, a);
        break;
    case ATTR_MP_UNREACH:
        read_mp_unreach(&value, a);
        break;
    case ATTR_AGGREGATOR:  // of two the second counts
        a->aggregator_as = read_as(&value, a->as_size);
        loose_bytes(&value, a->aggregator, 4);
        break;
    // Of the others bgpdump takes no second one: it aborts, unless the first was all ones.
    case ATTR_ORIGIN:
        if (!again)
            a->origin = loose_u8(&value);
        break;
    case ATTR_AS_PATH:
        if (!again)
            a->as_path = value;
        break;
    case ATTR_NEXT_HOP:
        if (memcmp(a->next_hop, no_hop, sizeof no_hop) == 0)
            loose_bytes(&value, a->next_hop, 4);
        break;
    case ATTR_MED:
        if (a->med == UINT32_MAX)
            a->med = loose_be32(&value);
        break;
    case ATTR_LOCAL_PREF:
        if (a->local_pref == UINT32_MAX)
            a->local_pref = loose_be32(&value);
        break;
    case ATTR_COMMUNITIES:
        if (!again)
            a->communities = value;
        break;
    case ATTR_AS4_PATH:
        if (!again)
            a->as4_path = value;
        break;
    case ATTR_AS4_AGGREGATOR:
        if (a->as4_aggregator_as == UINT32_MAX) {
            a->as4_aggregator_as = loose_be32(&value);
            loose_bytes(&value, a->as4_aggregator, 4);
        }
        break;
    default:
        break;
    }
}

// RFC 6793 §4.2.3, where AGGREGATOR also decides whether AS4_PATH is believed.
static void merge_aggregators(struct line_attributes *a)
{
    enum { AS_TRANS = 23456 };
    const uint32_t both = 1u << ATTR_AGGREGATOR | 1u << ATTR_AS4_AGGREGATOR;
    if (a->as_size == 4 || (a->present & both) != both)
        return;
    if (a->aggregator_as != AS_TRANS) {
        a->present &= ~(1u << ATTR_AS4_PATH);
        return;
    }
    a->aggregator_as = a->as4_aggregator_as;
    memcpy(a->aggregator, a->as4_aggregator, sizeof a->aggregator);
}

void line_attributes_read(struct cursor block, uint8_t as_size, struct line_attributes *a)
{
    *a = (struct line_attributes){.as_size = as_size,
                                  .origin = UINT8_MAX,
                                  .med = UINT32_MAX,
                                  .local_pref = UINT32_MAX,
                                  .as4_aggregator_as = UINT32_MAX};
    memcpy(a->next_hop, no_hop, sizeof no_hop);
    memcpy(a->aggregator, no_hop, sizeof no_hop);
    const uint8_t *end = block.bytes + block.size;
    while (loose_left(&block) > 0) {
        uint8_t flags = loose_u8(&block);
        uint8_t type = loose_u8(&block);
        size_t size = flags & ATTR_EXTENDED ? loose_be16(&block) : loose_u8(&block);
        struct cursor value = loose_part(&block, size);
        if (value.size < size)
            break;  // cut: it was the last
        bool again = type < 32 && a->present >> type & 1;
        if (type < 32)
            a->present |= 1u << type;
        read_one(type, value, end, again, a);
    }
    merge_aggregators(a);
}
