// SPDX-License-Identifier: ISC
#include "rib/tally.h"

#include "rib/table.h"

void rib_tally_begin(struct rib_tally *tally, const struct rib_view *view, const struct net *net,
                     uint32_t peer)
{
    *tally = (struct rib_tally){.view = view, .net = net, .peer = peer, .family = FAMILY_IPV4};
}

enum { ECHO = RIB_TALLY_OTHERS + 1 };

static uint32_t place_of(const struct rib_tally *tally, uint32_t attributes)
{
    struct rib_attributes a = rib_view_attributes(tally->view, attributes);
    uint32_t upstream = net_upstream_by_next_hop(tally->net, a.next_hop);
    if (a.marked)
        return ECHO;
    return upstream == NET_NOBODY ? RIB_TALLY_OTHERS : upstream;
}

static void count(struct rib_tally *tally, uint32_t place)
{
    if (place == ECHO)
        tally->echoes[tally->family]++;
    else
        tally->paths[tally->family][place]++;
}

static void count_group(struct rib_tally *tally, uint32_t value)
{
    const struct group *group = group_at(&tally->view->rib->slabs, value);
    for (uint32_t i = 0; i < group->count; i++)
        count(tally, place_of(tally, group->paths[i].attributes));
}

static void count_chunk(struct rib_tally *tally, const struct chunk *chunk)
{
    uint32_t values[SEGMENT_SIZE], last = 0, place = 0;
    chunk_expand(chunk, values, NULL);
    for (uint32_t at = 0; at < SEGMENT_SIZE; at++) {
        if (values[at] & SLOT_GROUP) {
            count_group(tally, values[at]);
            continue;
        }
        if (values[at] == 0)
            continue;
        if (values[at] != last)  // neighbours often are alike
            place = place_of(tally, last = values[at]);
        count(tally, place);
    }
}

bool rib_tally_step(struct rib_tally *tally)
{
    if (tally->family == FAMILIES)
        return false;
    const struct column *column = tally->view->peers[tally->peer].columns[tally->family];
    const struct chunk *chunk = column_chunk(column, tally->segment);
    if (chunk)
        count_chunk(tally, chunk);
    if (column && ++tally->segment < column->chunk_count)
        return true;
    tally->segment = 0;
    tally->family++;
    return tally->family < FAMILIES;
}
