// SPDX-License-Identifier: ISC
// What `fairlead decode bgp` was asked, and BGP as a stream of messages.
#pragma once

#include "bgp/verdict.h"
#include "cmd/decode_stream.h"

struct decode_bgp_settings {
    struct bgp_context context;
    bool hex;
    // What was asked for is so; what was not, a capture says by the OPENs in it.
    bool state_given, local_as_given, local_id_given, peer_given, as4_given, add_path_given;
    uint16_t port;
};

extern const struct decode_protocol decode_bgp_protocol;  // its settings are the above
