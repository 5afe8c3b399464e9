// SPDX-License-Identifier: ISC
// The ways out of the site as a table: a row an upstream, and for each family its verdict, loss,
// the direction that loses where a fault names one, and delay; on a wide screen what it carries
// too.
#include "cmd/top.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    BLOCK_COLUMNS = 31,  // of one family: verdict 9, loss 7, direction 4, delay 8, and gaps
    LOSS_AT = 10,
    LOSS_END = 17,
    DIRECTION_AT = 18,
    DELAY_END = BLOCK_COLUMNS,
    NAME_AT = 1,
    NAME_END = 15,
    NAME_MORE_MAX = 16,
    WIDE_COLUMNS = NAME_END + 2 * (BLOCK_COLUMNS + 1),  // for both families side by side
    USE_COLUMNS = 21,
};

struct layout {
    uint32_t name_end, use_at;
    bool both, use;  // families side by side; what it carries
};

static const char *const families[] = {"ipv4", "ipv6"};

static struct layout lay_out(uint32_t columns)
{
    struct layout l = {.name_end = NAME_END};
    l.both = columns >= WIDE_COLUMNS;
    uint32_t blocks = l.both ? 2 * (BLOCK_COLUMNS + 1) : BLOCK_COLUMNS + 1;
    uint32_t spare = columns > NAME_END + blocks ? columns - NAME_END - blocks : 0;
    l.name_end += spare < NAME_MORE_MAX ? spare : NAME_MORE_MAX;
    l.use_at = l.name_end + blocks;
    l.use = l.use_at + 2 * USE_COLUMNS <= columns;
    return l;
}

static bool is_way(const json_t *path, const char *upstream, const char *family)
{
    return strcmp(top_word(path, "upstream"), upstream) == 0 &&
           strcmp(top_word(path, "family"), family) == 0;
}

static const json_t *find_path(const json_t *paths, const char *upstream, const char *family)
{
    size_t i;
    const json_t *path;
    json_array_foreach(paths, i, path) if (is_way(path, upstream, family)) return path;
    return NULL;
}

// As the reflector counts, of the last ten seconds: a direction that has three of four losses.
static const char *direction_counted(const json_t *path)
{
    const json_t *rate = json_object_get(path, "rate");
    int64_t out = top_number(rate, "lost_forward"), back = top_number(rate, "lost_reverse");
    if (out + back == 0 || top_number(path, "loss_ppm") == 0)
        return "";
    return out >= 3 * back ? "out" : back >= 3 * out ? "back" : "both";
}

// Where packets of the path are lost, or late: "out", "back", "both", or "": nobody knows.
static const char *direction_of(const json_t *engine, const json_t *path)
{
    size_t i;
    const json_t *fault;
    json_array_foreach(json_object_get(engine, "faults"), i, fault)
    {
        const char *family = top_word(fault, "family"), *way = top_word(fault, "direction");
        if (strcmp(top_word(fault, "upstream"), top_word(path, "upstream")) != 0 ||
            (family[0] && strcmp(family, top_word(path, "family")) != 0) ||
            top_word(path, "upstream")[0] == '\0')
            continue;
        if (strcmp(way, "forward") == 0)
            return "out";
        if (strcmp(way, "reverse") == 0)
            return "back";
    }
    return direction_counted(path);
}

static void put_block(struct top_page *page, uint32_t at, const json_t *engine, const json_t *path)
{
    struct canvas_place place = {page->row, at, at + LOSS_AT - 1, CANVAS_FAINT, false};
    double percent = (double)top_number(path, "loss_ppm") / 1e4;
    const char *verdict = top_word(path, "verdict");
    int64_t rtt_ns = top_number(path, "rtt_p50_ns");
    if (!path) {
        canvas_put(page->canvas, place, "-");
        return;
    }
    place.ink = top_verdict_ink(verdict);
    canvas_put(page->canvas, place, verdict);
    place = (struct canvas_place){page->row, at + LOSS_AT, at + LOSS_END, place.ink, true};
    if (top_number(path, "samples") > 0)
        canvas_putf(page->canvas, place, "%.*f %%", percent < 10 ? 2 : percent < 99.95, percent);
    else
        canvas_put(page->canvas, place, "-");
    place = (struct canvas_place){page->row, at + DIRECTION_AT, at + DELAY_END, place.ink, false};
    canvas_put(page->canvas, place, direction_of(engine, path));
    place =
        (struct canvas_place){page->row, at + DIRECTION_AT + 5, at + DELAY_END, place.ink, true};
    if (rtt_ns > 0)
        canvas_putf(page->canvas, place, "%.1f ms", (double)rtt_ns / NS_PER_MS);
    else
        canvas_put(page->canvas, place, "-");
}

static void put_use(struct top_page *page, uint32_t at, const json_t *use, const char *key)
{
    struct canvas_place place = {page->row, at, at + USE_COLUMNS - 1, CANVAS_PLAIN, true};
    char text[TOP_LENGTH_MAX];
    int64_t bps = top_number(use, key), capacity_mbps = top_number(use, "capacity_mbps");
    if (!json_is_number(json_object_get(use, key)))
        return;
    if (capacity_mbps > 0)
        canvas_putf(page->canvas, place, "%s %3" PRId64 " %%", top_bits(bps, text),
                    bps / (capacity_mbps * 10000));
    else
        canvas_put(page->canvas, place, top_bits(bps, text));
}

static void put_both_uses(struct top_page *page, const struct layout *l, const json_t *engine,
                          const char *upstream)
{
    size_t i;
    const json_t *use;
    json_array_foreach(json_object_get(engine, "use"), i, use)
    {
        if (!l->use || strcmp(top_word(use, "upstream"), upstream) != 0)
            continue;
        put_use(page, l->use_at, use, "out_bps");
        put_use(page, l->use_at + USE_COLUMNS, use, "in_bps");
    }
}

static void put_head(struct top_page *page, uint32_t from, uint32_t end, const char *text)
{
    struct canvas_place place = {page->row, from, end, CANVAS_FAINT, true};
    canvas_put(page->canvas, place, text);
}

static void put_heads(struct top_page *page, const struct layout *l)
{
    struct canvas_place place = {page->row, NAME_AT, l->name_end, CANVAS_TITLE, false};
    canvas_put(page->canvas, place, "WAYS OUT");
    for (uint32_t f = 0; f < (l->both ? 2u : 1u); f++) {
        uint32_t at = l->name_end + 1 + f * (BLOCK_COLUMNS + 1);
        place.column = at;
        place.end = at + LOSS_AT;
        canvas_put(page->canvas, place, !l->both ? "" : f == 0 ? "IPv4" : "IPv6");
        put_head(page, at + LOSS_AT, at + LOSS_END, "lost");
        put_head(page, at + DIRECTION_AT, at + DELAY_END, "delay");
    }
    if (l->use) {
        put_head(page, l->use_at, l->use_at + USE_COLUMNS - 1, "carries out");
        put_head(page, l->use_at + USE_COLUMNS, l->use_at + 2 * USE_COLUMNS - 1, "carries in");
    }
    page->row++;
}

static void put_row(struct top_page *page, const struct layout *l, const json_t *engine,
                    const char *upstream)
{
    const json_t *paths = json_object_get(engine, "paths");
    const char *name = upstream[0] ? upstream : "as routed";
    for (uint32_t f = 0; f < 2; f++) {
        const json_t *path = find_path(paths, upstream, families[f]);
        struct canvas_place place = {page->row, NAME_AT, l->name_end, CANVAS_PLAIN, false};
        if (!l->both && !path)
            continue;
        if (l->both)
            canvas_put(page->canvas, place, name);
        else
            canvas_putf(page->canvas, place, "%s %s", f == 0 ? "v4" : "v6", name);
        put_block(page, l->name_end + 1 + (l->both ? f * (BLOCK_COLUMNS + 1) : 0), engine, path);
        if (!l->both || f == 1) {
            put_both_uses(page, l, engine, upstream);
            page->row++;
        }
    }
}

void top_matrix(struct top_page *page, const json_t *engine)
{
    const json_t *paths = json_object_get(engine, "paths"), *path;
    struct layout l = lay_out(page->canvas->columns);
    size_t i, earlier;
    put_heads(page, &l);
    json_array_foreach(paths, i, path)
    {
        const char *upstream = top_word(path, "upstream");
        for (earlier = 0; earlier < i; earlier++)
            if (strcmp(top_word(json_array_get(paths, earlier), "upstream"), upstream) == 0)
                break;
        if (earlier == i)
            put_row(page, &l, engine, upstream);
    }
    json_array_foreach(paths, i, path) if (top_word(path, "servers")[0])
        top_line(page, NAME_AT, CANVAS_WARN, "servers over %s: %s", top_word(path, "path"),
                 top_word(path, "servers"));
}
