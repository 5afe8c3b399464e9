// SPDX-License-Identifier: ISC
// What etcd's JSON gateway says of keys that are watched (/v3/watch), one line each, to changes.
#pragma once

#include "change/change.h"

#include <jansson.h>

enum {
    ETCD_LINE_MAX = 1024 * 1024,
    ETCD_REASON_MAX = 96,
    ETCD_REQUEST_MAX = 1024,
    ETCD_TOKEN_MAX = 2048,  // a JWT signed by RSA has some 700 bytes
};

enum etcd_kind {
    ETCD_CREATED,    // the watch stands; `revision` is of now
    ETCD_EVENTS,     // or none: then only the revision is news
    ETCD_COMPACTED,  // what was asked for is no more: from `revision` on it can be had
    ETCD_REFUSED,    // `reason`
    ETCD_UNREADABLE,
};

struct etcd_answer {
    enum etcd_kind kind;
    int64_t revision;  // 0: not told
    char reason[ETCD_REASON_MAX];
    json_t *body;  // etcd_answer_done()
    size_t event;  // the next one
};

// What /v3/watch is asked: keys that begin with `prefix`, from a revision on; 0: from now. Gives
// its size; 0: it does not fit.
size_t etcd_request(const char *prefix, int64_t revision, char *text, size_t size);

// What /v3/auth/authenticate is asked; its size, or 0 as above.
size_t etcd_login_request(const char *user, const char *password, char *text, size_t size);
// What it answers: a token for the header of every request. False: `reason` says why there is none.
bool etcd_login_read(const char *text, size_t size, char token[ETCD_TOKEN_MAX],
                     char reason[ETCD_REASON_MAX]);

void etcd_answer_read(const char *text, size_t size, struct etcd_answer *answer);
void etcd_answer_done(struct etcd_answer *answer);
// The next event as a change, whose done_at is not set; with no device, and no others, it is of no
// device by the pattern. False: there are no more.
bool etcd_answer_next(struct etcd_answer *answer, const struct net *net, const char *pattern,
                      struct change *change);
