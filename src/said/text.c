// SPDX-License-Identifier: ISC
#include "said/text.h"

#include "base/civil.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void said_text_done(struct said_text *text)
{
    free(text->bytes);
    *text = (struct said_text){0};
}

static bool make_room(struct said_text *text, size_t size)
{
    if (text->size + size < text->room)
        return true;
    size_t room = 2 * text->room + size + 256;
    char *bytes = text->failed ? NULL : realloc(text->bytes, room);
    text->failed |= !bytes;
    if (!bytes)
        return false;
    text->bytes = bytes;
    text->room = room;
    return true;
}

void said_add(struct said_text *text, const char *form, ...)
{
    va_list arguments;
    va_start(arguments, form);
    int size = vsnprintf(NULL, 0, form, arguments);
    va_end(arguments);
    if (size < 0 || !make_room(text, (size_t)size))
        return;
    va_start(arguments, form);
    vsnprintf(text->bytes + text->size, text->room - text->size, form, arguments);
    va_end(arguments);
    text->size += (size_t)size;
}

void said_add_markup(struct said_text *text, const char *what)
{
    static const struct {
        char c;
        const char *name;
    } names[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (; *what; what++) {
        size_t i = 0;
        while (i < sizeof names / sizeof names[0] && names[i].c != *what)
            i++;
        bool control = (unsigned char)*what < ' ' || *what == 0x7f;
        if (i < sizeof names / sizeof names[0])
            said_add(text, "%s", names[i].name);
        else
            said_add(text, "%c", control ? '?' : *what);
    }
}

void said_add_markdown(struct said_text *text, const char *what)
{
    for (; *what; what++)
        said_add(text, "%s%c", strchr("\\`*_[]<>#|&", *what) ? "\\" : "",
                 (unsigned char)*what < ' ' ? ' ' : *what);
}

const char *said_time(int64_t at_s, char *text)
{
    int64_t days = civil_floor(at_s, CIVIL_DAY_S);
    int of_day_s = (int)(at_s - days * CIVIL_DAY_S);
    struct civil date = civil_of(days);
    snprintf(text, SAID_TIME_MAX, "%04d-%02u-%02uT%02d:%02d:%02dZ", date.year, date.month, date.day,
             of_day_s / 3600, of_day_s / 60 % 60, of_day_s % 60);
    return text;
}
