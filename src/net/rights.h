// SPDX-License-Identifier: ISC
// What a person, or a machine's token, may do. A set of bits: none follows from another.
#pragma once

enum {
    RIGHT_READ = 1,   // see what there is
    RIGHT_ACK = 2,    // say that somebody has an outage in hand
    RIGHT_ACT = 4,    // have something moved, held or let go
    RIGHT_ADMIN = 8,  // lift a limit, end the daemon
    RIGHTS_ALL = 15,
    RIGHT_COUNT = 4,
};

extern const char *const right_names[RIGHT_COUNT];  // by their bit
