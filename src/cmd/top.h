// SPDX-License-Identifier: ISC
// `fairlead top`: what the daemon last said, where the reader is in it, and how that is drawn. No
// terminal and no socket here: see top.c and top_link.h.
#pragma once

#include "cmd/canvas.h"

#include <jansson.h>

enum top_view { TOP_OVERVIEW, TOP_OUTAGE, TOP_HELP };

enum top_key {  // what a person may want
    TOP_UP,
    TOP_DOWN,
    TOP_PAGE_UP,
    TOP_PAGE_DOWN,
    TOP_FIRST,
    TOP_LAST,
    TOP_OPEN,
    TOP_BACK,
    TOP_ASK_HELP,
    TOP_QUIT,
    TOP_NOTHING
};

enum { TOP_TROUBLE_MAX = 160, TOP_WORDS_MAX = 1024, TOP_LENGTH_MAX = 24 };

struct top {
    json_t *picture;                // what `status` answers; NULL: nothing was heard yet
    json_t *outages;                // an array, as `incidents` answers, sorted; NULL: none
    char trouble[TOP_TROUBLE_MAX];  // why the daemon does not answer; "": it does
    int64_t silent_ns;              // for so long by now
    enum top_view view, before;     // before help was asked for
    int64_t chosen;                 // number of the outage; 0: the first one
    bool follows;                   // the screen shows what is chosen
    uint32_t scroll, shown;         // lines of the page above the screen, and on it
};

void top_draw(struct top *top, struct canvas *canvas);  // sets `shown`, corrects `scroll`
bool top_take(struct top *top, enum top_key key);       // false: enough

// ---- what there is, as text

void top_sort(json_t *outages);  // the gravest first, and of those the oldest

// Is anything wrong, since when, what did Fairlead do: into `text` (TOP_WORDS_MAX bytes); gives how
// bad it is.
enum canvas_ink top_sentence(const struct top *top, char *text);
const char *top_length(int64_t length_ns, char *text);  // "41 s", "3 h 05 min"
const char *top_bits(int64_t bps, char *text);          // "3.1 Gbit/s"
enum canvas_ink top_verdict_ink(const char *verdict);
enum canvas_ink top_severity_ink(const char *severity);

// ---- pieces of a page; each gives the row behind it (top_draw.c has the page)

struct top_page {
    struct canvas *canvas;
    uint32_t row;
    uint32_t chosen_row, chosen_end;  // of the outage under the cursor; the same: none
};

void top_line(struct top_page *page, uint32_t column, enum canvas_ink ink, const char *form, ...)
    __attribute__((format(printf, 4, 5)));
void top_head(struct top_page *page, const char *text);  // of a section
void top_text(struct top_page *page, uint32_t column, enum canvas_ink ink, const char *text);
void top_matrix(struct top_page *page, const json_t *engine);
void top_outage(struct top_page *page, const struct top *top);  // the chosen one, as a page
const json_t *top_chosen(const struct top *top);                // NULL: it is over

static inline const char *top_word(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static inline int64_t top_number(const json_t *object, const char *key)
{
    return (int64_t)json_number_value(json_object_get(object, key));
}
