// SPDX-License-Identifier: ISC
// What providers announce of their maintenance: iCalendar (RFC 5545) with the properties of the
// maintnote convention (X-MAINTNOTE-...). The calendar itself is read by libical; here is what it
// means, and what of it is believed. Every time is one of the world's clock: a local time without a
// zone that is known is refused, not guessed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MAINTNOTE_BYTES_MAX = 256 * 1024,  // of a file: announcements have some thousand
    MAINTNOTE_TEXT_MAX = 64,           // bytes of a name, with the final zero
    MAINTNOTE_SUMMARY_MAX = 96,
    MAINTNOTE_OBJECTS_MAX = 64,  // of one announcement
    MAINTNOTE_WHY_MAX = 160,
};

enum maintnote_status {
    MAINTNOTE_TENTATIVE,
    MAINTNOTE_CONFIRMED,
    MAINTNOTE_IN_PROCESS,
    MAINTNOTE_COMPLETED,
    MAINTNOTE_CANCELLED,
    MAINTNOTE_STATUSES
};
extern const char *const maintnote_status_names[MAINTNOTE_STATUSES];  // as written there

enum maintnote_impact {
    MAINTNOTE_NO_IMPACT,
    MAINTNOTE_REDUCED_REDUNDANCY,
    MAINTNOTE_DEGRADED,
    MAINTNOTE_OUTAGE,
    MAINTNOTE_IMPACTS
};
extern const char *const maintnote_impact_names[MAINTNOTE_IMPACTS];

struct maintnote_object {
    char id[MAINTNOTE_TEXT_MAX];
    enum maintnote_impact impact;  // its own, or that of all
};

struct maintnote {
    char provider[MAINTNOTE_TEXT_MAX], account[MAINTNOTE_TEXT_MAX];  // account: may be empty
    char id[MAINTNOTE_TEXT_MAX];
    char summary[MAINTNOTE_SUMMARY_MAX];  // may be empty
    uint32_t sequence;
    enum maintnote_status status;
    int64_t from_s, until_s;  // from 1970 on
    uint32_t object_count;
    struct maintnote_object objects[MAINTNOTE_OBJECTS_MAX];
};

// All texts are printable: what is not is a '?'.
struct maintnote_visit {
    void (*each)(void *context, const struct maintnote *note);
    void (*wrong)(void *context, const char *why);  // of one event, or of the whole
    void *context;
};

// In the order of the text.
void maintnote_read(const char *text, size_t size, const struct maintnote_visit *visit);

// Whether what goes by an object of this impact is to leave before.
bool maintnote_hurts(const struct maintnote *note, enum maintnote_impact impact);
// Whether there is nothing to come of it any more.
bool maintnote_is_over(const struct maintnote *note);
