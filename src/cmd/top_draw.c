// SPDX-License-Identifier: ISC
// The screen: a bar, the sentence, and a page of which as much is shown as fits.
#include "cmd/top.h"

#include "cmd/asking.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    PAGE_ROWS = 2000,
    SENTENCE_ROWS_MAX = 3,
    TEXT_ROWS_MAX = 12,
    FACTS_MAX = 50,
    TIME_AT = 11,  // of "2026-10-03T07:01:22Z", and so long is hours to seconds
    TIME_SIZE = 8,
};

void top_line(struct top_page *page, uint32_t column, enum canvas_ink ink, const char *form, ...)
{
    char text[TOP_WORDS_MAX];
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(text, sizeof text, form, arguments);
    va_end(arguments);
    canvas_put(page->canvas,
               (struct canvas_place){page->row++, column, page->canvas->columns, ink, false}, text);
}

void top_head(struct top_page *page, const char *text)
{
    page->row += page->row > 0;
    top_line(page, 1, CANVAS_TITLE, "%s", text);
}

void top_text(struct top_page *page, uint32_t column, enum canvas_ink ink, const char *text)
{
    struct canvas_place place = {page->row, column, page->canvas->columns, ink, false};
    page->row += canvas_wrap(page->canvas, place, TEXT_ROWS_MAX, text);
}

// A word with its ink, the text behind it in lines of its own column.
static void put_item(struct top_page *page, const char *name, const char *word, const char *text)
{
    enum { NAME_AT = 2, WORD_AT = 18, TEXT_AT = 29 };
    struct canvas_place place = {page->row, NAME_AT, WORD_AT - 1, CANVAS_PLAIN, false};
    canvas_put(page->canvas, place, name);
    place = (struct canvas_place){page->row, WORD_AT, TEXT_AT - 1, CANVAS_PLAIN, false};
    canvas_put(page->canvas, place, word);
    uint32_t before = page->row;
    top_text(page, TEXT_AT, CANVAS_PLAIN, text);
    page->row += page->row == before;
}

// ---- the overview

static void put_outage(struct top_page *page, const json_t *outage)
{
    char length[TOP_LENGTH_MAX];
    enum canvas_ink ink = top_severity_ink(top_word(outage, "severity"));
    top_line(page, 2, ink, "%" PRId64 "  %s, %s, for %s", top_number(outage, "outage"),
             top_word(outage, "severity"), top_word(outage, "state"),
             top_length(top_number(outage, "age_ns"), length));
    top_text(page, 5, CANVAS_PLAIN, top_word(outage, "title"));
    top_line(page, 5, CANVAS_PLAIN, "cause: %s", top_word(outage, "cause"));
    top_line(page, 5, CANVAS_PLAIN, "now:   %s", top_word(outage, "action"));
}

static void put_outages(struct top_page *page, const struct top *top)
{
    size_t i;
    const json_t *outage;
    const json_t *chosen = top_chosen(top);
    if (json_array_size(top->outages) == 0)
        return;
    top_head(page, "OPEN OUTAGES");
    json_array_foreach(top->outages, i, outage)
    {
        uint32_t row = page->row;
        put_outage(page, outage);
        if (outage == chosen) {
            canvas_mark(page->canvas, row);
            page->chosen_row = row;
            page->chosen_end = page->row;
        }
    }
}

static void put_faults(struct top_page *page, const json_t *engine)
{
    size_t i;
    const json_t *fault, *faults = json_object_get(engine, "faults");
    if (json_array_size(faults) > 0)
        top_head(page, "FAULTS");
    json_array_foreach(faults, i, fault)
    {
        char name[32];
        snprintf(name, sizeof name, "fault %" PRId64, top_number(fault, "fault"));
        put_item(page, name, top_word(fault, "state"), top_word(fault, "words"));
    }
}

static void put_drains(struct top_page *page, const json_t *engine)
{
    size_t i;
    const json_t *drain;
    bool any = false;
    json_array_foreach(json_object_get(engine, "drains"), i, drain)
    {
        if (strcmp(top_word(drain, "state"), "over") == 0)
            continue;
        if (!any)
            top_head(page, "DRAINS");
        any = true;
        put_item(page, top_word(drain, "object"), top_word(drain, "state"),
                 top_word(drain, "text"));
    }
}

static void put_inbound(struct top_page *page, const json_t *engine)
{
    size_t i;
    const json_t *inbound, *list = json_object_get(engine, "inbound");
    if (json_array_size(list) > 0)
        top_head(page, "WHAT COMES IN");
    json_array_foreach(list, i, inbound)
    {
        char offer[64], text[TOP_WORDS_MAX];
        snprintf(text, sizeof text, "%s: %s", asking_inbound_offer(inbound, offer, sizeof offer),
                 top_word(inbound, "reason"));
        put_item(page, top_word(inbound, "path"), asking_inbound_state(inbound), text);
    }
}

static void put_sessions(struct top_page *page, const json_t *engine)
{
    size_t i;
    const json_t *item;
    top_head(page, "SESSIONS AND PROCESSES");
    json_array_foreach(json_object_get(engine, "sessions"), i, item)
    {
        char names[64], text[96];
        const char *complete = asking_names(json_object_get(item, "complete"), names, sizeof names);
        snprintf(text, sizeof text, "%s%s", complete[0] ? "complete: " : "no family is complete",
                 complete);
        bool up = json_is_true(json_object_get(item, "up"));
        put_item(page, top_word(item, "router"), up ? "up" : "DOWN", text);
    }
    json_array_foreach(json_object_get(engine, "roles"), i, item)
        put_item(page, top_word(item, "role"), top_word(item, "state"), "");
}

static void put_notices(struct top_page *page, const json_t *engine)
{
    size_t i;
    const json_t *notice, *notices = json_object_get(engine, "notices");
    char text[TOP_WORDS_MAX];
    top_head(page, json_array_size(notices) > 0 ? "NOTICES" : "NO NOTICES");
    json_array_foreach(notices, i, notice)
    {
        const char *prefix = top_word(notice, "prefix"), *router = top_word(notice, "router");
        snprintf(text, sizeof text, "%s%s%s%s%s: %s", top_word(notice, "words"),
                 prefix[0] ? " " : "", prefix, router[0] ? " at " : "", router,
                 top_word(notice, "text"));
        enum canvas_ink ink = top_severity_ink(top_word(notice, "severity"));
        canvas_put(page->canvas, (struct canvas_place){page->row, 2, 7, ink, false},
                   top_word(notice, "severity"));
        top_text(page, 8, CANVAS_PLAIN, text);
    }
    int64_t more = top_number(engine, "notice_count") - (int64_t)json_array_size(notices);
    if (more > 0)
        top_line(page, 8, CANVAS_FAINT, "%" PRId64 " more: fairlead notices", more);
}

static void put_facts(struct top_page *page, const json_t *picture)
{
    size_t i;
    const json_t *fact, *facts = json_object_get(picture, "facts");
    if (json_array_size(facts) > 0)
        top_head(page, "TOLD LAST");
    json_array_foreach(facts, i, fact)
    {
        const char *time = top_word(fact, "time");
        if (i >= FACTS_MAX)
            return;
        canvas_putf(page->canvas, (struct canvas_place){page->row, 2, 10, CANVAS_FAINT, false},
                    "%.*s", TIME_SIZE, strlen(time) > TIME_AT ? time + TIME_AT : "");
        top_text(page, 11, CANVAS_PLAIN, top_word(fact, "text"));
    }
}

static void put_overview(struct top_page *page, const struct top *top)
{
    const json_t *engine = json_object_get(top->picture, "engine");
    if (!engine)
        return;
    put_outages(page, top);
    page->row += page->row > 0;
    top_matrix(page, engine);
    put_faults(page, engine);
    put_drains(page, engine);
    put_inbound(page, engine);
    put_sessions(page, engine);
    put_notices(page, engine);
    put_facts(page, top->picture);
}

static void put_help(struct top_page *page)
{
    static const char *const lines[] = {
        "up, down (k, j)      another outage; without one, another line",
        "page up, page down   a screen (b, space); home, end (g, G)",
        "enter                the outage's causes, with the evidence for each",
        "esc, backspace       back",
        "?, h                 this page",
        "q                    quit; so does control-C",
        "",
        "good       as the detectors know it        suspect    something is odd",
        "confirmed  it loses, or is late, proven    silent     no probe tells of it",
        "unheard    not measured yet",
        "",
        ("lost: share of the last probes; out, back or both beside it: the direction that loses, "
         "as a fault names it or the far end counts. delay: median round trip. From 137 columns on "
         "also what each way carries, and of what share of its capacity."),
        ("This screen only looks. What to type: fairlead ack NUMBER, approve NUMBER, drain OBJECT, "
         "freeze; postmortem NUMBER when it is over."),
    };
    top_head(page, "HELP");
    for (uint32_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        top_text(page, 2, CANVAS_PLAIN, lines[i]);
        page->row += lines[i][0] == '\0';
    }
}

// ---- around the page

static void put_bar(const struct top *top, struct canvas *canvas)
{
    const json_t *engine = json_object_get(top->picture, "engine");
    const char *time = top_word(top->picture, "time");
    struct canvas_place place = {0, 1, canvas->columns, CANVAS_TITLE, false};
    if (engine)
        canvas_putf(canvas, place, "fairlead %s  site %s, mode %s",
                    top_word(top->picture, "version"), top_word(engine, "site"),
                    top_word(engine, "mode"));
    else
        canvas_put(canvas, place, "fairlead");
    place = (struct canvas_place){0, canvas->columns > 14 ? canvas->columns - 13 : 0,
                                  canvas->columns - 1, CANVAS_TITLE, true};
    if (strlen(time) > TIME_AT)
        canvas_putf(canvas, place, "%.*s UTC", TIME_SIZE, time + TIME_AT);
    canvas_mark(canvas, 0);
}

// Sentence and trouble; gives the first row that is free.
static uint32_t put_sentence(const struct top *top, struct canvas *canvas)
{
    char text[TOP_WORDS_MAX], length[TOP_LENGTH_MAX];
    enum canvas_ink ink = top_sentence(top, text);
    struct canvas_place place = {1, 1, canvas->columns - 1, ink, false};
    place.row += canvas_wrap(canvas, place, SENTENCE_ROWS_MAX, text);
    if (!top->trouble[0])
        return place.row;
    snprintf(text, sizeof text, "NO ANSWER for %s: %s.%s", top_length(top->silent_ns, length),
             top->trouble, top->picture ? " What stands here is as old." : " Asking again.");
    place.ink = CANVAS_BAD;
    uint32_t rows = canvas_wrap(canvas, place, 2, text);
    for (uint32_t i = 0; i < rows; i++)
        canvas_mark(canvas, place.row + i);
    return place.row + rows;
}

static void put_keys(const struct top *top, struct canvas *canvas, uint32_t last, uint32_t rows)
{
    static const char *const keys[] = {
        [TOP_OVERVIEW] = "arrows move  enter opens an outage  ? help  q quit",
        [TOP_OUTAGE] = "arrows move  esc back  ? help  q quit",
        [TOP_HELP] = "esc back  q quit",
    };
    struct canvas_place place = {canvas->rows - 1, 1, canvas->columns - 1, CANVAS_FAINT, false};
    uint32_t behind = canvas_put(canvas, place, keys[top->view]);
    place.column = behind + 1;
    place.right = true;
    if (top->scroll > 0 || last < rows)
        canvas_putf(canvas, place, "lines %u to %u of %u", top->scroll + 1, last, rows);
}

// So far that the chosen outage is seen, and no further than the page goes.
static void correct_scroll(struct top *top, const struct top_page *page, uint32_t shown)
{
    uint32_t furthest = page->row > shown ? page->row - shown : 0;
    top->shown = shown;
    if (top->follows && page->chosen_end > page->chosen_row) {
        if (page->chosen_end > top->scroll + shown)
            top->scroll = page->chosen_end - shown;
        if (page->chosen_row < top->scroll || page->chosen_row == 1)
            top->scroll = page->chosen_row > 1 ? page->chosen_row : 0;  // its head too
    }
    top->scroll = top->scroll < furthest ? top->scroll : furthest;
}

void top_draw(struct top *top, struct canvas *canvas)
{
    struct canvas paper;
    if (canvas->rows < 3 || canvas->columns < 2)
        return;
    canvas_init(&paper, PAGE_ROWS, canvas->columns);
    struct top_page page = {.canvas = &paper};
    if (top->view == TOP_OUTAGE)
        top_outage(&page, top);
    else if (top->view == TOP_HELP)
        put_help(&page);
    else
        put_overview(&page, top);
    put_bar(top, canvas);
    uint32_t first = put_sentence(top, canvas) + (canvas->rows > 12);
    uint32_t shown = canvas->rows > first + 1 ? canvas->rows - first - 1 : 0;
    correct_scroll(top, &page, shown);
    canvas_copy(canvas, first, shown, &paper, top->scroll);
    uint32_t last = top->scroll + shown < page.row ? top->scroll + shown : page.row;
    put_keys(top, canvas, last, page.row);
    canvas_done(&paper);
}
