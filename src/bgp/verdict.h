// SPDX-License-Identifier: ISC
// What is to be done about a received message, and why: RFC 4271 §6, RFC 7606 §2.
#pragma once

#include "base/prefix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bgp_remedy {  // from harmless to strongest; of several the strongest wins (RFC 7606 §3 h)
    BGP_ACCEPT,
    BGP_IGNORE,  // nothing in it is for us
    BGP_ATTRIBUTE_DISCARD,
    BGP_TREAT_AS_WITHDRAW,
    BGP_SESSION_RESET,  // answer with NOTIFICATION code/subcode
    BGP_CLOSE,          // a NOTIFICATION was received: never answered
    BGP_REMEDIES
};

struct bgp_verdict {
    enum bgp_remedy remedy;
    uint8_t code, subcode;  // of the NOTIFICATION, with BGP_SESSION_RESET
    uint8_t data[8];        // its data, as RFC 4271 §6 asks
    uint8_t data_size;
    const char *spec;  // "RFC 7606 §7.1"; NULL with BGP_ACCEPT
    size_t at;         // octet in the message, header included, where it was found
    char reason[96];   // "ORIGIN has length 2"
};

enum bgp_peer_sort { BGP_INTERNAL, BGP_EXTERNAL };
enum bgp_state { BGP_STATE_ANY, BGP_STATE_OPENSENT, BGP_STATE_ESTABLISHED };

// What was negotiated, and who we are: all that a verdict may depend on.
struct bgp_context {
    enum bgp_peer_sort peer;
    enum bgp_state state;
    bool as4;
    bool families[FAMILIES];  // unicast families negotiated
    bool add_path[FAMILIES];  // we receive path identifiers
    bool extended_message;    // RFC 8654
    bool enhanced_refresh;    // RFC 7313
    uint32_t local_as;
    uint32_t peer_as;   // 0: any
    uint32_t local_id;  // BGP identifier, host order
};

const char *bgp_remedy_name(enum bgp_remedy remedy);  // "treat-as-withdraw" and so on
