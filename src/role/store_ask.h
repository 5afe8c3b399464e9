// SPDX-License-Identifier: ISC
// People's questions about the past, answered by the process that has the file open, straight to
// the person's connection (role/handover.h). An answer is made at once, as it is bounded, and sent
// as fast as it is read: what hangs waits alone, and is cut off after STORE_ASK_PATIENCE_MS.
#pragma once

#include "role/store_read.h"

#include <poll.h>

enum { STORE_ASKS_MAX = 4, STORE_ASK_PATIENCE_MS = 10000 };

struct store_answer {
    char *text;  // NULL: none
    int fd;
    size_t size, room, sent;
    struct mono moved_at;  // the last progress
};

struct store_asker {
    int handover, parent;  // ends of the pair; the parent's until it takes it; -1: none
    struct store_answer answers[STORE_ASKS_MAX];
};

// 0 or -errno.
int store_ask_open(struct store_asker *asker);
void store_ask_close(struct store_asker *asker);
int store_ask_take_handover(struct store_asker *asker);
// What it waits for, at most STORE_ASKS_MAX + 1 of them; gives how many.
nfds_t store_ask_waits(const struct store_asker *asker, struct pollfd *waits);
// Takes questions and goes on with answers. `db` NULL: `why` says why it is not open.
void store_ask_turn(struct store_asker *asker, struct sqlite3 *db, const char *why);
