// SPDX-License-Identifier: ISC
// Writes archives: tables as TABLE_DUMP_V2 (RFC 6396 §4.3, RFC 8050 §4), what sessions say and do
// as BGP4MP (§4.4). What is written here, mrt/item.h reads back as it was.
//
// A record that does not fit fails the writer, like all writing: begin it again in an empty one.
#pragma once

#include "base/writer.h"
#include "mrt/item.h"

struct mrt_stamp {
    uint32_t time_s, time_us;  // since 1970
    bool extended;             // a session's record keeps the microseconds: BGP4MP_ET
};

// Comes once, before the table. `view` may be "".
void mrt_write_peers(struct writer *w, uint32_t time_s, uint32_t collector_id, const char *view,
                     const struct mrt_peer *peers, uint16_t count);

// A prefix and what peers said of it: begin, an entry for each path, end. `add_path`: every entry
// has its path identifier.
struct mrt_rib_write {
    size_t begun, count_at;
    uint16_t count;
    bool add_path;
};
struct mrt_rib_write mrt_write_rib_begin(struct writer *w, uint32_t time_s, uint32_t sequence,
                                         struct prefix prefix, bool add_path);
// `attributes` as mrt_write_attributes() makes them: once for all prefixes that share them.
void mrt_write_entry(struct writer *w, struct mrt_rib_write *rib, uint16_t peer_index,
                     uint32_t originated_s, uint32_t path_id, struct bgp_bytes attributes);
void mrt_write_rib_end(struct writer *w, const struct mrt_rib_write *rib);

// Attributes in the form of a table: 4-octet AS numbers, AS4_PATH merged in, MP_REACH_NLRI cut down
// to the next hop. For a prefix of `family`, which must have a next hop in them.
void mrt_write_attributes(struct writer *w, const struct bgp_attributes *attributes,
                          enum family family);

// A BGP message with its header, as it went over the session; its `message` and `body` are not
// looked at. A change of state takes old_state and new_state from the session.
void mrt_write_message(struct writer *w, const struct mrt_stamp *at,
                       const struct mrt_session *session, struct bgp_bytes message);
void mrt_write_state(struct writer *w, const struct mrt_stamp *at,
                     const struct mrt_session *session);
