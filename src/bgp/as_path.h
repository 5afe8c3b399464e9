// SPDX-License-Identifier: ISC
// AS paths: RFC 4271 §4.3, confederations RFC 5065 §3, 4-octet numbers RFC 6793. The segments must
// be well formed, as bgp_update_decode() gives them; where they are not, reading ends.
#pragma once

#include "base/writer.h"
#include "bgp/update.h"

enum as_segment_type { AS_SET = 1, AS_SEQUENCE, AS_CONFED_SEQUENCE, AS_CONFED_SET };

struct as_segment {
    uint8_t type, count;
    struct cursor numbers;  // `count` of them
};

// The next segment; false at the end, and where the path cannot be read (then `path` has failed).
bool as_segment_next(struct cursor *path, uint8_t as_size, struct as_segment *segment);
bool as_segment_is_confederation(uint8_t type);
uint32_t as_number_next(struct cursor *numbers, uint8_t as_size);

// With 4-octet numbers. A SET counts one, confederation segments none: RFC 4271 §9.1.2.2,
// RFC 5065 §5.3.
uint32_t bgp_as_path_length(struct bgp_bytes path);
// The AS the route was learned from; 0 for an empty path or one that begins with a SET.
uint32_t bgp_as_path_neighbour(struct bgp_bytes path);
// The AS that it comes from; 0 for an empty path or one that ends with a SET (RFC 6811 §2).
uint32_t bgp_as_path_origin(struct bgp_bytes path);
// Writes the path with 4-octet numbers, AS4_PATH merged in: RFC 6793 §4.2.3.
void bgp_as_path_write(struct writer *w, const struct bgp_attributes *attributes);

// The other way, from 4-octet numbers for a peer that knows none: AS_PATH with AS_TRANS in their
// stead; and whether AS4_PATH is needed beside it (RFC 6793 §4.2.2).
void bgp_as_path_write_short(struct writer *w, struct bgp_bytes path);
bool bgp_as_path_needs_as4(struct bgp_bytes path);
// What goes into AS4_PATH: the path without confederation segments.
void bgp_as4_path_write(struct writer *w, struct bgp_bytes path);

// "64500 64501 {64502,64503} (65001 65002) [65003,65004]", as bgpdump writes it, into `text`
// (`size` bytes; BGP_AS_PATH_TEXT_MAX is enough for every path that a message can hold).
enum { BGP_AS_PATH_TEXT_MAX = 65536 * 4 };
const char *bgp_as_path_text(struct bgp_bytes path, uint8_t as_size, char *text, size_t size);
