// SPDX-License-Identifier: ISC
// What each path attribute must look like, and what a bad one costs, as data: RFC 7606 §7.
#pragma once

#include "base/cursor.h"
#include "bgp/update.h"

enum { ATTR_OPTIONAL = 0x80, ATTR_TRANSITIVE = 0x40, ATTR_PARTIAL = 0x20, ATTR_EXTENDED = 0x10 };
enum { ATTR_RULES = 129, ATTR_SIZE_ANY = UINT16_MAX };

struct attr_fault {  // what a row cannot say
    enum bgp_remedy remedy;
    uint8_t subcode;  // of code 3, with BGP_SESSION_RESET
    bool readable;    // the value is wrong for us, but clear
    const char *spec, *reason;
};

struct attr_pass {  // while the attributes of one UPDATE are read
    const struct bgp_context *context;
    struct bgp_update *update;
    bool classic;                // there are prefixes in the NLRI field
    uint64_t seen[4];            // bit n: type n stood there, good or not
    uint32_t as4_aggregator_as;  // RFC 6793 §4.2.3: judged when all attributes are known
    struct address as4_aggregator;
};

// Reads a value whose size the row allows. NULL: it is good. On a fault `value` stands where it is.
typedef const struct attr_fault *attr_decode(struct cursor *value, struct attr_pass *pass);

struct attr_rule {
    const char *name;  // NULL: not an attribute that we know
    uint8_t flags;
    bool internal_only;                      // discarded from an external peer, whatever it says
    bool carried;                            // transitive, and without a field: see bgp_others()
    uint16_t size_min, size_max, size_step;  // octets
    enum bgp_remedy remedy;                  // of a bad size
    const char *spec;
    attr_decode *decode;
};

extern const struct attr_rule attr_rules[ATTR_RULES];

static inline bool attr_is_carried(uint8_t type)
{
    return type >= ATTR_RULES || !attr_rules[type].name || attr_rules[type].carried;
}

// Of attr.c, attr_path.c, attr_mp.c and attr_tlv.c.
attr_decode attr_origin, attr_next_hop, attr_med, attr_local_pref, attr_atomic, attr_aggregator,
    attr_communities, attr_originator_id, attr_cluster_list, attr_extended, attr_as4_aggregator,
    attr_ipv6_ext, attr_large, attr_otc;
attr_decode attr_as_path, attr_as4_path;
attr_decode attr_mp_reach, attr_mp_unreach;
attr_decode attr_aigp, attr_prefix_sid, attr_bgp_ls, attr_tunnel, attr_set, attr_skip;

// Reads a whole block, which begins `at` octets into the message. Every fault raises `verdict`.
void attr_read(const struct cursor *attributes, size_t at, struct attr_pass *pass,
               struct bgp_verdict *verdict);

// Whether an address can be a host's, and so a next hop.
bool attr_is_host(struct address address);
bool attr_is_next_hop(struct address address, const struct bgp_context *context);
