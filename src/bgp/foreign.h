// SPDX-License-Identifier: ISC
// NLRI of the families that Fairlead does not hold: read far enough to be framed, named, shown and
// judged by RFC 7606, and kept in a type of their own, so that none can be taken for unicast.
#pragma once

#include "bgp/attributes.h"
#include "bgp/family.h"

struct bgp_foreign_nlri {              // those of one field
    const struct bgp_foreign *family;  // NULL: there are none
    struct cursor bytes;
    bool add_path, withdrawn;
};

struct bgp_foreign_route {  // views; what its family does not have is empty
    uint32_t path_id;
    uint8_t type;              // of EVPN: RFC 7432 §7
    const uint8_t *rd;         // route distinguisher, 8 octets; NULL: none
    struct bgp_bytes labels;   // 3 octets each, RFC 8277 §2
    struct prefix prefix;      // FAMILY_NONE: none
    struct bgp_bytes content;  // EVPN: what follows the distinguisher; FlowSpec: the components
};

enum bgp_foreign_read {
    BGP_FOREIGN_END,
    BGP_FOREIGN_GOOD,
    BGP_FOREIGN_BAD,   // malformed, but its end is known: the next can be read
    BGP_FOREIGN_LOST,  // what follows cannot be read any more
};

// The next one; a family of BGP_FORM_NAMED has none.
enum bgp_foreign_read bgp_foreign_next(struct bgp_foreign_nlri *nlri,
                                       struct bgp_foreign_route *route);

// EVPN, RFC 7432 §7 and RFC 9136 §3: its fields as far as the type has them.
struct bgp_evpn {
    const char *name;              // "mac-ip"; NULL: a type that we do not know
    const uint8_t *segment, *mac;  // 10 and 6 octets; NULL: none
    uint32_t tag;
    bool has_tag;
    struct address address, gateway;  // FAMILY_NONE: none
    struct prefix prefix;             // FAMILY_NONE: none
    struct bgp_bytes labels;          // 3 octets each; RFC 7432 has no bottom of stack here
};
// False when the content is not what its type has.
bool bgp_evpn_read(const struct bgp_foreign_route *route, struct bgp_evpn *evpn);
