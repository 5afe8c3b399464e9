// SPDX-License-Identifier: ISC
#include "rib/sample.h"

#include "rib/table.h"

static bool read_at(const struct prefixes *prefixes, uint64_t place, struct prefix *prefix)
{
    const uint32_t *records = prefixes_records(prefixes, (uint32_t)(place >> SEGMENT_BITS));
    struct prefix_key key;
    if (!records ||
        !prefixes_read(prefixes, records + (place % SEGMENT_SIZE) * prefixes_words(prefixes), &key))
        return false;
    *prefix = prefix_of_key(prefixes->family, key);
    return true;
}

// The first that is there in each of so many pieces.
uint32_t rib_sample(const struct rib_view *view, enum family family, struct prefix *sample,
                    uint32_t most)
{
    const struct prefixes *prefixes = &view->rib->prefixes[family];
    uint64_t places = (uint64_t)prefixes->segment_count << SEGMENT_BITS;
    uint64_t pieces = places < most ? places : most;
    uint32_t count = 0;
    if (prefixes->live <= most)
        pieces = places;  // each that is there
    for (uint64_t piece = 0; piece < pieces && count < most; piece++) {
        uint64_t place = piece * places / pieces, end = (piece + 1) * places / pieces;
        while (place < end && !read_at(prefixes, place, &sample[count]))
            place++;
        count += place < end;
    }
    return count;
}
