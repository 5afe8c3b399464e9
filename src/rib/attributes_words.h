// SPDX-License-Identifier: ISC
// How a set of attributes lies in words; for attributes.c and attributes_read.c alone.
//
// The words of a set: those that its bits announce, in the order of the bits; then two octets for
// the number of the next hop, and the AS path as on the wire.
#pragma once

enum {
    SET_ORIGIN = 3 << 0,
    SET_MARKED = 1 << 2,
    SET_ATOMIC = 1 << 3,
    SET_LOCAL_PREF = 1 << 4,
    SET_MED = 1 << 5,
    SET_COMMUNITIES = 1 << 6,  // handle of a list
    SET_EXTRAS = 1 << 7,       // handle of a run of fields
    SET_ODD_PATH = 1 << 8,     // not just one sequence: its octets and its length come before
    SET_REFLECTED = 1 << 9,    // among the extras are ORIGINATOR_ID or CLUSTER_LIST
};

enum { SET_NEXT_HOP_BYTES = 2 };

// The fields of the extras: a word with the kind above the number of octets, then those.
enum {
    EXTRA_EXTENDED,
    EXTRA_IPV6_EXTENDED,
    EXTRA_LARGE,
    EXTRA_CLUSTERS,
    EXTRA_OTHERS,
    EXTRA_ORIGINATOR,
    EXTRA_AGGREGATOR_AS,
    EXTRA_AGGREGATOR,
    EXTRA_ONLY_TO_CUSTOMER,
    EXTRA_AIGP,
    EXTRA_NEXT_HOP,  // when the numbers of next hops are used up
    EXTRA_KINDS,
    EXTRA_KIND_SHIFT = 24,
    EXTRA_SIZE_MASK = (1 << EXTRA_KIND_SHIFT) - 1,
};
