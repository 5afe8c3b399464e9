// SPDX-License-Identifier: ISC
// One BGP message of any type, judged: what the session and `fairlead decode` both call, so that
// both always say the same.
#pragma once

#include "bgp/header.h"
#include "bgp/notification.h"
#include "bgp/open.h"
#include "bgp/refresh.h"
#include "bgp/update.h"

struct bgp_message {
    struct bgp_header header;
    bool decoded;  // the member of header.type below was filled; good only as the verdict says
    union {
        struct bgp_open open;
        struct bgp_update update;
        struct bgp_notification notification;
        struct bgp_refresh refresh;
    };
};

// `bytes` is one whole message with its header: as many octets as the header says, or it is
// refused. What is decoded are views into it.
struct bgp_verdict bgp_message_decode(struct cursor bytes, const struct bgp_context *context,
                                      struct bgp_message *message);

// The same for who has had the header accepted by bgp_header_decode(), in `message` already, and
// then waited for all of it.
struct bgp_verdict bgp_body_decode(struct cursor bytes, const struct bgp_context *context,
                                   struct bgp_message *message);
