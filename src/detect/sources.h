// SPDX-License-Identifier: ISC
// Who sends counters, and whether one who used to has fallen silent: no word is never "no problem".
// Somebody used to send who was heard in ten different seconds over a minute; silent is who is not
// heard for four times the longest usual pause, and half a minute at least.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"
#include "detect/notice.h"

enum { SOURCES_MAX = 256 };

struct source {
    struct address address;
    struct mono first_at, heard_at;
    int64_t pause_ns;  // the longest usual one
    uint32_t reports;  // seconds with at least one
    bool silent, tell;
};

struct sources {
    uint32_t count;
    uint64_t unwatched;  // reports of those for whom there was no room
    struct source items[SOURCES_MAX];
};

void sources_heard(struct sources *sources, struct address address, struct mono now);
// We did not listen for so long ourselves: that was nobody's silence.
void sources_excuse(struct sources *sources, int64_t ns);
// True: `notice` is to be told; ask again until false.
bool sources_tick(struct sources *sources, struct mono now, struct notice *notice);
