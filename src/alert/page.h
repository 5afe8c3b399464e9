// SPDX-License-Identifier: ISC
// What a page says: what, where, since when, why, what was done, what to do; in 300 characters,
// whatever it is made of.
#pragma once

#include "incident/outage.h"

#include <stdint.h>

enum page_kind {
    PAGE_NONE,
    PAGE_NEW,
    PAGE_AGAIN,      // nobody has acknowledged
    PAGE_CHANGED,    // what is said of it, or who has it in hand
    PAGE_OVER,       // no more to be done
    PAGE_HEARTBEAT,  // the way of pages is whole: for a watcher outside
    PAGE_GRAVER,     // it is worse than when it was paged or acknowledged
    PAGE_EXPIRED,    // whoever acknowledged it has had it for long enough
    PAGE_STARTED,    // of no outage: what Fairlead found when it started
    PAGE_KINDS
};
extern const char *const page_kind_names[PAGE_KINDS];

enum { PAGE_TEXT_MAX = 301 };  // bytes, with the final zero

struct page_about {
    enum page_kind kind;
    const char *site;
    uint32_t outage;
    enum outage_state state;
    enum outage_severity severity;
    uint32_t share_ppm;  // of all packets: lost
    int64_t onset_s;     // UTC
    const char *title, *cause, *action;
    const char *has_it;  // who acknowledged it; "": nobody
    const char *had_it;  // likewise, while that was good; "": nobody
    uint32_t others;     // further outages that this page stands for
};

// What a start found of what people asked of the life before.
struct page_found {
    const char *site;
    const char *frozen;  // it still is: by whom, since when, why; "": it is not
    const char *drain;   // one that ended with that life, by its object
    uint32_t drains;     // so many did
};

void page_write(const struct page_about *about, char text[PAGE_TEXT_MAX]);
void page_write_found(const struct page_found *found, char text[PAGE_TEXT_MAX]);
// Of a heartbeat: there is no outage.
void page_write_heartbeat(const char *site, const char *channel, int64_t now_s,
                          char text[PAGE_TEXT_MAX]);
