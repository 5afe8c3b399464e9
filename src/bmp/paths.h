// SPDX-License-Identifier: ISC
// Whether path identifiers (RFC 7911) stand in the routes of a peer that negotiated them. RFC 7854
// §4.6 has the UPDATE as on the session, but FRR 8.4 and GoBGP 3.10 leave the identifiers out all
// the same; read as they were negotiated, their routes would be others, default routes even.
#pragma once

#include "bgp/update.h"

enum bmp_paths { BMP_PATHS_UNKNOWN, BMP_PATHS_TOLD, BMP_PATHS_MISSING };

struct bmp_paths_verdict {
    enum bmp_paths paths;  // how the UPDATE is to be read; UNKNOWN: it shows nothing
    bool sure;             // it cannot be read the other way
};

// One UPDATE, read both ways; NULL: that way it cannot be read.
struct bmp_paths_verdict bmp_paths_judge(const struct bgp_update *told,
                                         const struct bgp_update *missing);
