// SPDX-License-Identifier: ISC
// The counters of a Statistics Report: RFC 7854 §4.8, RFC 8671 §6.2, RFC 9069 §5.5.
#pragma once

#include "base/cursor.h"

enum { BMP_STATISTICS = 18 };  // types 0 to 17

struct bmp_statistic {
    uint16_t type;
    const char *name;  // "rejected_prefixes"; NULL: unknown
    bool readable;     // its value has the size of its type, or is a number of an unknown one
    uint64_t value;
    uint16_t afi;  // 0: of all families
    uint8_t safi;
    struct cursor octets;  // as received
};

// The next counter of a report that was accepted; false at the end.
bool bmp_statistic_next(struct cursor *counters, struct bmp_statistic *statistic);
const char *bmp_statistic_name(uint16_t type);  // NULL: unknown
