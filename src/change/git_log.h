// SPDX-License-Identifier: ISC
// What `git log --left-right` says of the way from one commit to another, to changes. The format
// that it is asked for is here too.
#pragma once

#include "change/change.h"

#define GIT_LOG_FORMAT "--format=%x01%m%x02%H%x02%an%x02%ct%x02%s%x02"

enum { GIT_HASH_MAX = 65 };  // bytes, with the final zero; SHA-256 has 64 digits

struct git_commit {
    bool is_gone;  // it was on the branch, and is no more: history was rewritten
    char hash[GIT_HASH_MAX];
    int64_t at_unix_s;
    struct change change;  // done_at is not set; no devices: none of its files is of one
};

struct git_log {
    const char *at;
    size_t size;
};

// The next commit, in the order in which git says them. False: there are no more; what is no commit
// is left out.
bool git_log_next(struct git_log *log, const struct net *net, const char *pattern,
                  struct git_commit *commit);
// A hash and nothing else, such as rev-parse writes: false when it is none.
bool git_hash_read(const char *text, size_t size, char hash[GIT_HASH_MAX]);
