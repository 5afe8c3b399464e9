// SPDX-License-Identifier: ISC
// The segment of prefixes at hand, as words (whatif_ranks.h): which prefixes lie side by side with
// the same paths, what all tables say of these together, and which tables say the best.
#pragma once

#include "rib/prefixes.h"

enum { WHATIF_LANES = 32 };  // atoms that loops of vector code take at a time

// Neighbours in a segment whose paths are the same in every table are decided as one: atoms (Afek,
// Ben-Shalom and Bremler-Barr, 2002). What one network announces alike mostly lies side by side.
struct whatif_atoms {
    uint32_t count;
    size_t lanes;                    // count, up to whole WHATIF_LANES: places that hold something
    uint16_t first[SEGMENT_SIZE];    // the prefix where it begins; above count 0
    uint32_t changes[SEGMENT_SIZE];  // not 0: the next prefix has other paths
};

struct whatif_words {  // of one table's paths, by atom
    int32_t of[SEGMENT_SIZE];
    int32_t unused[16];  // a cache line, so that one prefix's words have each their own place there
};

enum whatif_when { WHATIF_BEFORE, WHATIF_AFTER, WHATIF_WHENS };

// All tables together, for each atom of the segment at hand.
struct whatif_best {
    int32_t drained[SEGMENT_SIZE], kept[SEGMENT_SIZE];  // the lowest word of such ways
    int32_t some[SEGMENT_SIZE], all[SEGMENT_SIZE];      // bits of the words of ways that are kept
    int32_t differ[WHATIF_WHENS][SEGMENT_SIZE];         // bits in which words of one merit differ
};

enum { WHATIF_BLOCK = 32 };  // tables

// Which tables have a path of the best merit, for each atom: a bit each. In the order in which
// paths of one merit are preferred, the lowest first.
struct whatif_marks {
    uint32_t best[WHATIF_WHENS][SEGMENT_SIZE];
};
