// SPDX-License-Identifier: ISC
#include "cmd/top.h"

// Place of the chosen outage; the count of all when it is none of them.
static size_t place_of(const struct top *top)
{
    size_t i;
    const json_t *outage, *chosen = top_chosen(top);
    json_array_foreach(top->outages, i, outage) if (outage == chosen) return i;
    return i;
}

static void choose(struct top *top, size_t place)
{
    top->chosen = top_number(json_array_get(top->outages, place), "outage");
    top->follows = true;
}

// Line by line where nothing is chosen, and behind the last outage.
static void go_down(struct top *top)
{
    size_t place = place_of(top), count = json_array_size(top->outages);
    if (top->view == TOP_OVERVIEW && place + 1 < count) {
        choose(top, place + 1);
        return;
    }
    top->follows = false;
    top->scroll++;
}

static void go_up(struct top *top)
{
    size_t place = place_of(top);
    bool scrolled = !top->follows && top->scroll > 0;
    if (scrolled)
        top->scroll--;
    else if (top->view == TOP_OVERVIEW && place > 0 && place < json_array_size(top->outages))
        choose(top, place - 1);
}

static void go_page(struct top *top, bool down)
{
    uint32_t step = top->shown > 1 ? top->shown - 1 : 1;
    top->follows = false;
    if (down)
        top->scroll += step;
    else
        top->scroll -= step < top->scroll ? step : top->scroll;
}

static void go_to(struct top *top, enum top_view view)
{
    top->view = view;
    top->scroll = 0;
    top->follows = view == TOP_OVERVIEW;
}

static void open_chosen(struct top *top)
{
    const json_t *outage = top_chosen(top);
    if (top->view != TOP_OVERVIEW || !outage)
        return;
    top->chosen = top_number(outage, "outage");  // it stays, when a graver one comes
    go_to(top, TOP_OUTAGE);
}

static void go_back(struct top *top)
{
    enum top_view view = top->view == TOP_HELP ? top->before : TOP_OVERVIEW;
    if (view == TOP_OVERVIEW && !top_chosen(top))
        top->chosen = 0;
    if (top->view != view)
        go_to(top, view);
}

static void ask_help(struct top *top)
{
    if (top->view == TOP_HELP) {
        go_back(top);
        return;
    }
    top->before = top->view;
    go_to(top, TOP_HELP);
}

static void go_end(struct top *top, uint32_t scroll)
{
    top->follows = false;
    top->scroll = scroll;
}

bool top_take(struct top *top, enum top_key key)
{
    switch (key) {
    case TOP_UP:
        go_up(top);
        break;
    case TOP_DOWN:
        go_down(top);
        break;
    case TOP_PAGE_UP:
    case TOP_PAGE_DOWN:
        go_page(top, key == TOP_PAGE_DOWN);
        break;
    case TOP_FIRST:
    case TOP_LAST:
        go_end(top, key == TOP_FIRST ? 0 : UINT32_MAX / 2);  // drawing knows how long it is
        break;
    case TOP_OPEN:
        open_chosen(top);
        break;
    case TOP_BACK:
        go_back(top);
        break;
    case TOP_ASK_HELP:
        ask_help(top);
        break;
    case TOP_QUIT:
        return false;
    case TOP_NOTHING:
        break;
    }
    return true;
}
