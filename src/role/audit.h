// SPDX-License-Identifier: ISC
// The audit role from inside. Its channel carries texts, one a packet: from the parent
// "TICKET BODY", a record to write (an empty body: none, only an answer is wanted); to it "TICKET",
// all up to this one is on the disk, or "!why", it cannot be written now.
#pragma once

#include "role/audit_file.h"
#include "role/roles.h"
#include "stat/quantile.h"

enum {
    AUDIT_PACKET_MAX = AUDIT_BODY_MAX + 32,
    AUDIT_PENDING_MAX = 4096,
    AUDIT_PENDING_BYTES = 1 << 20,
};

struct audit_entry {
    uint64_t ticket;
    size_t at, size;  // in `bytes`
};

struct audit_role {
    struct audit_file file;
    int channel;
    bool failing, rotate_failed;
    struct mono retry_at;
    uint64_t ticket, answered;  // up to which all is written; as said
    uint32_t entry_count;
    size_t end;
    struct audit_entry entries[AUDIT_PENDING_MAX];
    char bytes[AUDIT_PENDING_BYTES];
    struct audit_batch batch;
    uint64_t writes;
    struct quantile write_times;
    int64_t write_ns_max;
};
