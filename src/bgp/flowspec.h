// SPDX-License-Identifier: ISC
// The components of a FlowSpec NLRI: RFC 8955 §4.2, for IPv6 RFC 8956 §3.
#pragma once

#include "bgp/attributes.h"

enum flow_kind { FLOW_UNKNOWN, FLOW_PREFIX, FLOW_NUMBERS, FLOW_BITS };

struct flow_component {
    uint8_t type;
    const char *name;  // "destination-port"; IPv6 has other names for some
    enum flow_kind kind;
    struct prefix prefix;   // of FLOW_PREFIX
    uint8_t offset;         // bits of an IPv6 prefix that are not compared: RFC 8956 §3.1
    struct cursor matches;  // of the others: read them with flow_match_next()
};

struct flow_match {             // one operator and its value: RFC 8955 §4.2.1
    bool joined;                // both this and the one before; otherwise either
    bool less, greater, equal;  // of numbers
    bool inverted, whole;       // of bits: RFC 8955 §4.2.1.2
    uint64_t value;
};

// The next component, all of which must come in rising order of type; false at the end, and where
// they cannot be read (then `components` has failed).
bool flow_component_next(struct cursor *components, enum family family,
                         struct flow_component *component);
bool flow_match_next(struct cursor *matches, struct flow_match *match);
// Whether all can be read.
bool flow_is_good(struct bgp_bytes components, enum family family);
