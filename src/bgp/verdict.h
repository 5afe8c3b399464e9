// SPDX-License-Identifier: ISC
// What is to be done about a received message, and why: RFC 4271 §6, RFC 7606 §2.
#pragma once

#include "base/prefix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {  // RFC 4271 §4.5, RFC 7313 §5, RFC 9687 §4: error codes of a NOTIFICATION
    BGP_HEADER_ERROR = 1,
    BGP_OPEN_ERROR,
    BGP_UPDATE_ERROR,
    BGP_HOLD_TIMER_EXPIRED,
    BGP_FSM_ERROR,
    BGP_CEASE,
    BGP_REFRESH_ERROR,
    BGP_SEND_HOLD_EXPIRED,
};

enum bgp_remedy {  // from harmless to strongest; of several the strongest wins (RFC 7606 §3 h)
    BGP_ACCEPT,
    BGP_ATTRIBUTE_DISCARD,
    BGP_IGNORE,  // nothing in it is for us; what it announces is to be forgotten
    BGP_TREAT_AS_WITHDRAW,
    BGP_SESSION_RESET,  // answer with NOTIFICATION code/subcode
    BGP_CLOSE,          // a NOTIFICATION was received: never answered
    BGP_REMEDIES
};

struct bgp_verdict {
    enum bgp_remedy remedy;
    uint8_t code, subcode;  // of the NOTIFICATION, with BGP_SESSION_RESET
    uint8_t data[24];  // its data, as RFC 4271 §6 and RFC 7313 §5 ask; cut off where it is longer
    uint8_t data_size;
    const char *spec;  // "RFC 7606 §7.1"; NULL with BGP_ACCEPT
    size_t at;         // octet in the message, header included, where it was found
    char reason[96];   // "ORIGIN has length 2"
};

enum bgp_peer_sort { BGP_INTERNAL, BGP_EXTERNAL };
enum bgp_state {
    BGP_STATE_ANY,  // every message is in its place
    BGP_STATE_OPENSENT,
    BGP_STATE_OPENCONFIRM,
    BGP_STATE_ESTABLISHED,
    BGP_STATES
};

enum bgp_role {  // RFC 9234 §4.1: the code on the wire plus 1, so that all zero is none
    BGP_ROLE_NONE,
    BGP_ROLE_PROVIDER,
    BGP_ROLE_ROUTE_SERVER,
    BGP_ROLE_ROUTE_SERVER_CLIENT,
    BGP_ROLE_CUSTOMER,
    BGP_ROLE_PEER,
    BGP_ROLES
};

// What was negotiated, and who we are: all that a verdict may depend on.
struct bgp_context {
    enum bgp_peer_sort peer;
    enum bgp_state state;
    bool as4;
    bool families[FAMILIES];  // unicast families negotiated
    bool add_path[FAMILIES];  // we receive path identifiers
    bool add_path_send[FAMILIES];
    // The same of families that we do not hold: bits of bgp_foreign_bit(). A session has none.
    uint32_t foreign, foreign_add_path;
    bool extended_message;  // RFC 8654
    bool next_hop_ipv6;     // RFC 8950: of IPv4 prefixes
    bool enhanced_refresh;  // RFC 7313
    bool as_sets;           // routes with AS_SET are good; RFC 9774 §3 says they are not
    bool observed;  // said between two others: what an OPEN offers is not ours to refuse, and the
                    // next hop of a router's own routes is unspecified
    enum bgp_role role;  // ours, towards an external peer
    bool role_agreed;    // the peer has the one that fits: leaks can be told
    uint32_t local_as;
    uint32_t peer_as;   // 0: any
    uint32_t local_id;  // BGP identifier, host order
};

const char *bgp_remedy_name(enum bgp_remedy remedy);  // "treat-as-withdraw" and so on

// A verdict of session reset with NOTIFICATION code/subcode and no data.
struct bgp_verdict bgp_reset(uint8_t code, uint8_t subcode, size_t at, const char *spec,
                             const char *reason, ...) __attribute__((format(printf, 5, 6)));
// Keeps the stronger; of two equal ones the first.
void bgp_verdict_raise(struct bgp_verdict *strongest, const struct bgp_verdict *another);
