// SPDX-License-Identifier: ISC
// What the daemon tells people: every effect as a sentence with its time, or as a JSON line, on
// standard output, or as fields to the journal; and the last sentences again for the status page. A
// reader that is slow or gone is left behind: the engine never waits for it.
#pragma once

#include "engine/effect.h"

#include <jansson.h>

enum { TELLER_FACTS_MAX = 100, TELLER_FACT_MAX = 512 };

struct teller_fact {
    struct wall at;
    bool acted;  // an override was announced, withdrawn or refused:
    uint32_t router, upstream, state;
    uint32_t more;  // such facts of other prefixes right after it
    char text[TELLER_FACT_MAX];
};

struct teller {
    const struct net *net;
    int fd;
    int journal;  // told in place of `fd`; -1: not
    bool json;
    // Wall time less monotonic time, as first read: a replay tells the same times. Read again only
    // when somebody has set the clock.
    int64_t wall_offset_ns;
    uint64_t skipped;  // lines that nobody read in time, since the last one that was
    uint64_t told;     // facts in all; the last TELLER_FACTS_MAX are kept
    struct teller_fact facts[TELLER_FACTS_MAX];
};

// The present reading of both clocks.
struct teller_now {
    struct mono mono;
    struct wall wall;
};

enum { TELLER_LINE_MAX = 4096 };

void teller_init(struct teller *t, const struct net *net, int fd, bool json);
// Whether programs are to hear of it, as a JSON line.
bool teller_is_news(enum effect_kind kind);
void teller_effect(struct teller *t, struct teller_now now, const struct effect *effect);
// It as a JSON line without its newline, into `line` (TELLER_LINE_MAX bytes); gives its size; 0: it
// has none.
size_t teller_json(struct teller *t, struct teller_now now, const struct effect *effect,
                   char *line);
// The daemon about itself; nothing on standard output when that is JSON.
void teller_say(struct teller *t, struct teller_now now, const char *text, ...)
    __attribute__((format(printf, 3, 4)));

// RFC 3339 with microseconds, UTC; `text` has TELLER_TIME_MAX bytes; gives it back.
enum { TELLER_TIME_MAX = 40 };
const char *teller_time(struct wall at, char *text);

// The facts, newest first, as a new array; NULL when memory is out. What was done to many prefixes
// is one fact with the number of the others.
json_t *teller_facts_json(const struct teller *t);
