// SPDX-License-Identifier: ISC
// A table as an MRT archive (TABLE_DUMP_V2), a piece at a time, so that nothing waits for whoever
// reads: the pieces are of a snapshot, and the table may change meanwhile. `fairlead mrt` and
// `fairlead feed` read it back. When a route was learned the table does not know; the archive says
// the time of the dump.
#pragma once

#include "mrt/item.h"
#include "rib/rib.h"

struct table_dump_peer {  // whose routes are to be written
    uint32_t peer;        // its number in the table
    struct mrt_peer who;
};

struct table_dump;

// NULL when there are too many snapshots or memory is out. Peers are written in this order, at most
// RIB_PEERS_MAX.
struct table_dump *table_dump_new(struct rib *rib, uint32_t time_s, uint32_t collector_id,
                                  const struct table_dump_peer *peers, uint16_t count);
void table_dump_free(struct table_dump *dump);

// Writes whole records, about TABLE_DUMP_PIECE of them or what some hundred prefixes give, and
// gives their size, which may be 0; `more` says whether there is more. No more: all are written, or
// the table needed the memory of its snapshot. `size` must be 1 MiB at least: a peer index table
// fits always, and so does a prefix, be it in several records.
enum { TABLE_DUMP_PIECE = 32 * 1024, TABLE_DUMP_SIZE_MIN = 1 << 20 };  // bytes
size_t table_dump_read(struct table_dump *dump, uint8_t *bytes, size_t size, bool *more);
// The snapshot was lost, or memory: what was written is true, but not all.
bool table_dump_is_cut(const struct table_dump *dump);
uint64_t table_dump_routes(const struct table_dump *dump);    // written so far
uint64_t table_dump_left_out(const struct table_dump *dump);  // too long for any record
