// SPDX-License-Identifier: ISC
// Pages that are not delivered yet, on the disk: what is in there goes out after whatever becomes
// of this process. Two files, written by a thread of its own, so that a disk that hangs or is full
// holds up no page: then pages go out all the same, and only do not outlive us.
//
// A line a page, "P SECONDS MESSAGE", and one when it is done, "D PAGE CHANNEL". When one file has
// grown, what still waits is written to the other, and only then the first is emptied: whenever we
// end, both together have all of it. A last line that is torn is none.
#pragma once

#include "engine/effect.h"

#include <stdbool.h>
#include <stddef.h>

struct notify_spool;

enum { NOTIFY_SPOOL_BYTES_MAX = 256 * 1024 };  // of one file, then the other's turn comes

// Opens PATH.0 and PATH.1; path "": there is none, which is good too. NULL: `why` (ROLE_ERROR_MAX
// bytes) says what failed.
struct notify_spool *notify_spool_open(const char *path, char *why);
void notify_spool_close(struct notify_spool *spool);

// Calls `each` for every page that waits, as it was kept.
struct notify_kept {
    void (*each)(void *context, const struct alert_page *page, int64_t since_s);
    void *context;
};
void notify_spool_read(struct notify_spool *spool, const struct net *net,
                       const struct notify_kept *kept);
// Starts the thread: in the process that writes, after notify_spool_read(). 0 or -errno.
int notify_spool_start(struct notify_spool *spool);
void notify_spool_stop(struct notify_spool *spool);

// Asks for it to be written; false: there is no room to wait in.
bool notify_spool_keep(struct notify_spool *spool, const struct net *net,
                       const struct alert_page *page, int64_t since_s);
bool notify_spool_done(struct notify_spool *spool, const struct net *net,
                       const struct alert_page *page);
// Whether the file has grown: then the caller says notify_spool_turn(), keeps all that waits once
// more, and says notify_spool_turned().
bool notify_spool_is_full(const struct notify_spool *spool);
void notify_spool_turn(struct notify_spool *spool);
void notify_spool_turned(struct notify_spool *spool);

// Readable when a page is on the disk; -1: never.
int notify_spool_fd(const struct notify_spool *spool);
// The next page that is on the disk now, in the order in which they were kept; false: none.
bool notify_spool_next_kept(struct notify_spool *spool, int64_t *page, uint32_t *channel);
// Why nothing is kept; NULL: all is well.
const char *notify_spool_trouble(struct notify_spool *spool);
