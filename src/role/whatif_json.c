// SPDX-License-Identifier: ISC
#include "role/whatif_json.h"

#include <stdio.h>
#include <string.h>

struct whatif_drain whatif_json_drain(const struct net *net, struct net_object object)
{
    uint32_t routers = net_object_routers(net, object);
    return (struct whatif_drain){.routers = routers,
                                 .upstreams = routers ? 0 : net_object_upstreams(net, object)};
}

static const char *way_text(const struct net *net, uint8_t way, char *text)
{
    char name[WHATIF_WAY_TEXT_MAX];
    if (way == WHATIF_NO_WAY)
        return "null";
    snprintf(text, WHATIF_WAY_TEXT_MAX + 2, "\"%s\"", whatif_way_name(net, way, name));
    return text;
}

size_t whatif_json_move(const struct net *net, const struct whatif_move *move, char *text)
{
    char prefix[PREFIX_TEXT_MAX], from[WHATIF_WAY_TEXT_MAX + 2], to[WHATIF_WAY_TEXT_MAX + 2];
    size_t size =
        (size_t)snprintf(text, WHATIF_LINE_MAX, "{\"move\":{\"prefix\":\"%s\",\"routers\":{",
                         prefix_format(move->prefix, prefix));
    for (uint32_t moved = move->moved; moved != 0; moved &= moved - 1) {
        uint32_t r = (uint32_t)__builtin_ctz(moved);
        size += (size_t)snprintf(
            text + size, WHATIF_LINE_MAX - size, "%s\"%s\":{\"from\":%s,\"to\":%s}",
            moved == move->moved ? "" : ",", net->routers[r].name,
            way_text(net, move->from[r], from), way_text(net, move->to[r], to));
    }
    size += (size_t)snprintf(
        text + size, WHATIF_LINE_MAX - size, "},\"ways_before\":%d,\"ways_after\":%d}}\n",
        __builtin_popcountll(move->ways_before), __builtin_popcountll(move->ways_after));
    return size;
}

json_t *whatif_json_counts(const struct net *net, enum family family,
                           const struct whatif_counts *counts)
{
    json_t *gained = json_object();
    for (uint32_t way = 0; way < WHATIF_WAYS; way++) {
        char text[WHATIF_WAY_TEXT_MAX];
        if (counts->gained[way] > 0)
            json_object_set_new(gained, whatif_way_name(net, way, text),
                                json_integer(counts->gained[way]));
    }
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:o}", "family", family_name(family), "prefixes",
                     (json_int_t)counts->prefixes, "moved", (json_int_t)counts->moved, "lost",
                     (json_int_t)counts->lost, "one_way", (json_int_t)counts->one_way, "gained",
                     gained);
}
