// SPDX-License-Identifier: ISC
// The attributes of a route as bgpdump understands them, also odd and broken ones, and their text.
#pragma once

#include "base/cursor.h"

#include <stdbool.h>

enum { LINE_AFIS = 2, LINE_SAFIS = 3 };  // IPv4, IPv6; unicast, multicast, both
enum {
    // Octets of text: of a path, of communities, and of all that follows the prefix in a line.
    LINE_PATH_MAX = 8064,
    LINE_COMMUNITIES_MAX = 8192,
    LINE_TAIL_MAX = LINE_PATH_MAX + LINE_COMMUNITIES_MAX + 256,
};

struct line_nlri {  // MP_REACH_NLRI or MP_UNREACH_NLRI of one family
    bool there;
    uint8_t hop_size;  // as it says
    uint8_t hop[16];
    struct cursor prefixes;
};

struct line_attributes {
    uint32_t present;  // bit n: attribute type n stood there; only types below 32
    uint8_t as_size;
    uint8_t origin;
    uint8_t next_hop[4];
    uint32_t med, local_pref;
    uint32_t aggregator_as, as4_aggregator_as;
    uint8_t aggregator[4], as4_aggregator[4];
    struct cursor as_path, as4_path, communities;
    struct line_nlri announced[LINE_AFIS][LINE_SAFIS], withdrawn[LINE_AFIS][LINE_SAFIS];
};

// Reads a block of attributes, whatever it holds.
void line_attributes_read(struct cursor block, uint8_t as_size, struct line_attributes *a);

// "64500 64501 {64502}", at most LINE_PATH_MAX octets; AS4_PATH merged in.
char *line_path(char *to, const struct line_attributes *a);
// "64500:1 no-export", at most LINE_COMMUNITIES_MAX octets.
char *line_communities(char *to, struct cursor communities);
