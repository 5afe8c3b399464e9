// SPDX-License-Identifier: ISC
// The form of the audit log: one record a line, each sealed with the hash of all before it.
//   {"hash":"<64 hexadecimal digits>","number":7,"record":"...",...}
// The hash is SHA-256 over the digits of the record before and all of this line that stands behind
// `{"hash":"...",`, without the newline. Whoever keeps the last hash elsewhere can prove that no
// record was changed, put in, taken out or moved.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    AUDIT_HASH_TEXT = 65,       // bytes, with the final zero
    AUDIT_BODY_MAX = 7 * 1024,  // bytes of what a record says
    // Bytes: no write holds more. A longer stretch without a record is damage, and so is a shorter
    // one in which whole records stand that do not fit.
    AUDIT_WRITE_MAX = 64 * 1024,
    AUDIT_LINE_MAX = 8 * 1024,  // with hash, number and newline
};

struct audit_chain {  // the last record
    uint64_t number;  // 0: there is none
    char hash[AUDIT_HASH_TEXT];
};

void audit_chain_init(struct audit_chain *chain);
// The next record, of these members: `"record":"act",...` (AUDIT_BODY_MAX bytes at most), into
// `line` (AUDIT_LINE_MAX bytes) with its newline; gives its length.
size_t audit_chain_seal(struct audit_chain *chain, const char *body, size_t size, char *line);
// The hash of the record that follows `hash` and whose line goes on with `rest`.
void audit_hash(const char *hash, const char *rest, size_t size, char *text);
// SHA-256 of anything, as text.
void audit_digest(const void *bytes, size_t size, char *text);
