// SPDX-License-Identifier: ISC
// The BGP OPEN message: RFC 4271 §4.2, capabilities RFC 5492, long parameters RFC 9072.
#pragma once

#include "base/cursor.h"
#include "base/writer.h"
#include "bgp/verdict.h"

enum { BGP_ADD_PATH_RECEIVE = 1, BGP_ADD_PATH_SEND = 2 };  // RFC 7911 §4, of the OPEN's sender

struct bgp_open {
    uint32_t asn;                // of the capability if it is there
    uint32_t id;                 // BGP identifier, host order
    uint16_t hold_s;             // 0 is no keepalives, else 3 or more
    bool families[FAMILIES];     // RFC 4760 §8; IPv4 alone when no family is named
    bool as4;                    // RFC 6793
    bool refresh;                // RFC 2918
    bool enhanced_refresh;       // RFC 7313
    bool extended_message;       // RFC 8654
    bool next_hop_ipv6;          // RFC 8950, of IPv4 unicast
    uint8_t add_path[FAMILIES];  // BGP_ADD_PATH_* or both; 0: none
    uint32_t foreign;            // families that we do not hold: bits of bgp_foreign_bit()
    uint32_t foreign_send, foreign_receive;  // of those, path identifiers
    enum bgp_role role;                      // RFC 9234
    bool role_unfit;                         // a role that does not exist, or two different ones
    bool long_parameters;                    // in the form of RFC 9072
    bool graceful_restart;                   // the peer's, RFC 4724; never encoded
};

// Reads the body, after the 19-byte header. Unless accepted, `open` holds nothing to use.
struct bgp_verdict bgp_open_decode(struct cursor body, const struct bgp_context *context,
                                   struct bgp_open *open);

// Writes a whole message. Graceful restart is never offered: whatever Fairlead announces must go
// when Fairlead goes.
void bgp_open_encode(struct writer *w, const struct bgp_open *open);
const char *bgp_role_name(enum bgp_role role);  // "customer"; "none"
