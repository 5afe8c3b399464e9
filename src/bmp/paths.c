// SPDX-License-Identifier: ISC
#include "bmp/paths.h"

enum look { EMPTY, LIKELY, UNLIKELY };

// Routers clear the bits behind a prefix, and none has reason to tell of the default route among
// others in one field: where such stand, something else was taken for a length.
static enum look look_at(struct bgp_nlri nlri)
{
    struct cursor c = nlri.bytes;
    size_t prefixes = 0, defaults = 0;
    if (nlri.family == FAMILY_NONE || cursor_left(&c) == 0)
        return EMPTY;
    for (; cursor_left(&c) > 0; prefixes++) {
        if (nlri.add_path)
            cursor_be32(&c);
        uint8_t length = cursor_u8(&c);
        size_t size = (length + 7u) / 8;
        const uint8_t *bytes = cursor_bytes(&c, size);
        if (!bytes)
            return UNLIKELY;
        if (length % 8 > 0 && bytes[size - 1] & 0xff >> length % 8)
            return UNLIKELY;
        defaults += length == 0;
    }
    return defaults > 0 && prefixes > 1 ? UNLIKELY : LIKELY;
}

static enum look look_of(const struct bgp_update *update)
{
    enum look worst = EMPTY;
    if (!update)
        return UNLIKELY;
    const struct bgp_nlri *fields[] = {&update->withdrawn, &update->announced,
                                       &update->mp_withdrawn, &update->mp_announced};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        enum look look = look_at(*fields[i]);
        worst = look > worst ? look : worst;
    }
    return worst;
}

// What stands first: the octet of a length, or the highest of an identifier.
static uint8_t first_octet(const struct bgp_update *update)
{
    const struct bgp_nlri *fields[] = {&update->mp_announced, &update->announced,
                                       &update->mp_withdrawn, &update->withdrawn};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct cursor c = fields[i]->bytes;
        if (fields[i]->family != FAMILY_NONE && cursor_left(&c) > 0)
            return cursor_u8(&c);
    }
    return 0;
}

struct bmp_paths_verdict bmp_paths_judge(const struct bgp_update *told,
                                         const struct bgp_update *missing)
{
    enum look with = look_of(told), without = look_of(missing);
    if (with == EMPTY || without == EMPTY || (with == UNLIKELY && without == UNLIKELY))
        return (struct bmp_paths_verdict){BMP_PATHS_UNKNOWN, false};
    if (with == UNLIKELY || without == UNLIKELY)
        return (struct bmp_paths_verdict){with == LIKELY ? BMP_PATHS_TOLD : BMP_PATHS_MISSING,
                                          true};
    // Identifiers are counted from 1 wherever they were seen; lengths are 8 and more.
    return (struct bmp_paths_verdict){first_octet(told) == 0 ? BMP_PATHS_TOLD : BMP_PATHS_MISSING,
                                      false};
}
