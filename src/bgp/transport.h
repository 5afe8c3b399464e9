// SPDX-License-Identifier: ISC
// How packets of our sessions are marked (safety.md S23): as network control, which routers forward
// before all that customers send.
#pragma once

enum { BGP_TRAFFIC_CLASS = 48 << 2 };  // octet of TOS or traffic class: CS6 (RFC 4594 §3.1)
