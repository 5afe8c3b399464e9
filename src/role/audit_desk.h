// SPDX-License-Identifier: ISC
// The parent's side of the audit log: records on their way to the role that writes them, and acts
// that wait until theirs is on the disk (safety.md S22). It never blocks; bounded in all: records
// for which there is no room are counted, acts for which there is none are refused.
#pragma once

#include "engine/effect.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    AUDIT_DESK_ACTS_MAX = 1024,
    AUDIT_DESK_BYTES = 2 << 20,  // of records that the role has not written yet
    // An act that waits longer is refused: what it was decided on is no longer true. A disk that is
    // well takes some milliseconds.
    AUDIT_PATIENCE_MS = 2000,
    AUDIT_PING_MS = 500,
    AUDIT_MUTE_MS = 10 * 1000,  // longer than a disk that is only busy takes
};

struct audit_desk;

struct audit_desk *audit_desk_new(void);
void audit_desk_free(struct audit_desk *desk);

// A record: members without braces, see audit/chain.h.
void audit_desk_write(struct audit_desk *desk, const char *body, size_t size);
// The act waits for the record just written; it is refused at once when there is no room, or the
// log is not well.
void audit_desk_hold(struct audit_desk *desk, const struct effect *act);
// Whatever waits that this effect would undo or replace is cancelled: it never leaves. Gives how
// many. An announcement that is withdrawn is refused: each has an answer (steer/moves.h).
uint32_t audit_desk_cancel(struct audit_desk *desk, const struct effect *undo);

// Sends what can be sent and hears what is written; `channel` -1: the role is gone.
void audit_desk_turn(struct audit_desk *desk, int channel, struct mono now);
// Whether the role has answered nothing for so long that it hangs, and is to be begun anew. One
// that says what is wrong does not hang.
bool audit_desk_is_mute(const struct audit_desk *desk, struct mono now);
// The role began anew: it must be told all again that it has not written.
void audit_desk_restart(struct audit_desk *desk);
// The next act whose record is on the disk; false: none now.
bool audit_desk_next(struct audit_desk *desk, struct effect *act);
// The next act that was refused because the log is not well, or that was taken back; false: none.
bool audit_desk_next_refused(struct audit_desk *desk, struct effect *act);
// NULL: it is well; else why acts must not be asked for.
const char *audit_desk_trouble(const struct audit_desk *desk);
// Whether everything is written, or can no longer be.
bool audit_desk_is_done(const struct audit_desk *desk);
