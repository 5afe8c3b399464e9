// SPDX-License-Identifier: ISC
#include "detect/output.h"

#include <string.h>

void output_begin(struct output *o)
{
    for (uint32_t i = 0; i < o->count; i++)
        o->facts[i].is_here = false;
    o->bytes = o->filled = 0;
}

// A moment is known by its line, what stands by its subject: its line may count up.
static bool is_same(const struct notice *a, const struct notice *b)
{
    return notice_is_same(a, b) && (notice_rules[a->kind].stands || strcmp(a->text, b->text) == 0);
}

// What was so before we first looked is no news, where it is a moment.
static void keep(struct output *o, const struct notice *notice)
{
    for (uint32_t i = 0; i < o->count; i++)
        if (is_same(&o->facts[i].notice, notice)) {
            o->facts[i].is_here = true;
            return;
        }
    if (o->count == OUTPUT_FACTS_MAX) {
        o->dropped++;
        return;
    }
    o->facts[o->count++] = (struct output_fact){
        .notice = *notice,
        .is_here = true,
        .is_told = !o->was_whole && !notice_rules[notice->kind].stands,
    };
}

// Columns are moved by what stands in others: blanks in a row are one, and none are at the ends.
static size_t squeeze(char *line, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        char c = line[i] == '\t' || line[i] == '\r' ? ' ' : line[i];
        if (c != ' ' || (used > 0 && line[used - 1] != ' '))
            line[used++] = c;
    }
    return used > 0 && line[used - 1] == ' ' ? used - 1 : used;
}

static void take_line(struct output *o, const struct output_of *of)
{
    struct syslog_message message = {
        .app = {of->vendor, strlen(of->vendor)},
        .text = {o->line, squeeze(o->line, o->filled)},
    };
    struct syslog_match match;
    struct notice notice;
    o->filled = 0;
    if (message.text.size > 0 && syslog_patterns_match(of->patterns, &message, &match) &&
        device_notice(of->net, of->device, &message, &match, &notice) && notice.raised) {
        notice.asked = true;
        keep(o, &notice);
    }
}

bool output_take(struct output *o, const struct output_of *of, const char *bytes, size_t size)
{
    if (o->bytes + size > OUTPUT_BYTES_MAX)
        return false;
    o->bytes += size;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n')
            take_line(o, of);
        else if (o->filled < OUTPUT_LINE_MAX)
            o->line[o->filled++] = bytes[i];
    }
    return true;
}

void output_end_command(struct output *o, const struct output_of *of)
{
    if (o->filled > 0)
        take_line(o, of);
    o->bytes = 0;
}

void output_end(struct output *o, bool whole)
{
    for (uint32_t i = 0; i < o->count; i++)
        o->facts[i].is_over = whole && !o->facts[i].is_here;
    o->was_whole |= whole;
    o->next = 0;
}

// One of a moment that is over goes without a word: it may come again.
bool output_next(struct output *o, struct notice *notice)
{
    while (o->next < o->count) {
        struct output_fact *fact = &o->facts[o->next];
        bool tells = fact->is_over ? fact->is_told && notice_rules[fact->notice.kind].stands
                                   : !fact->is_told;
        fact->is_told = true;
        *notice = fact->notice;
        notice->raised = !fact->is_over;
        if (fact->is_over)
            *fact = o->facts[--o->count];
        else
            o->next++;
        if (tells)
            return true;
    }
    return false;
}
