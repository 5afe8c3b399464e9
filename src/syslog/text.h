// SPDX-License-Identifier: ISC
// Pieces of a line, and reading them one behind the other. A piece borrows the line's bytes.
#pragma once

#include "base/escape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct syslog_text {
    const char *at;  // never NULL behind a read
    size_t size;     // 0: absent
};

static inline bool syslog_text_equal(struct syslog_text a, struct syslog_text b)
{
    return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

static inline bool syslog_text_is(struct syslog_text text, const char *what)
{
    return syslog_text_equal(text, (struct syslog_text){what, strlen(what)});
}

// For people: `shown` has `size` bytes, see base/escape.h.
static inline void syslog_text_show(struct syslog_text text, char *shown, size_t size)
{
    escape_text(text.size > 0 ? text.at : "", text.size, shown, size);
}

struct syslog_reader {
    const char *text;
    size_t size, pos;
};

static inline size_t syslog_left(const struct syslog_reader *r)
{
    return r->size - r->pos;
}

// The byte so many behind the next one; 0 past the end.
static inline char syslog_peek(const struct syslog_reader *r, size_t ahead)
{
    return ahead < syslog_left(r) ? r->text[r->pos + ahead] : '\0';
}

static inline struct syslog_text syslog_rest(const struct syslog_reader *r)
{
    return (struct syslog_text){r->text + r->pos, syslog_left(r)};
}

static inline bool syslog_skip(struct syslog_reader *r, char what)
{
    bool is = syslog_left(r) > 0 && r->text[r->pos] == what;
    r->pos += is;
    return is;
}

static inline void syslog_skip_blanks(struct syslog_reader *r)
{
    while (syslog_skip(r, ' '))
        ;
}

// Up to the next blank or the end, which may be nothing.
static inline struct syslog_text syslog_word(struct syslog_reader *r)
{
    struct syslog_text left = syslog_rest(r);
    const char *end = left.size ? memchr(left.at, ' ', left.size) : NULL;
    struct syslog_text word = {left.at, end ? (size_t)(end - left.at) : left.size};
    r->pos += word.size;
    return word;
}

static inline bool syslog_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool syslog_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

// Up to `digits_max` digits; how many there were. Nothing is read when there are more.
static inline size_t syslog_number(struct syslog_reader *r, size_t digits_max, uint32_t *value)
{
    size_t digits = 0;
    uint32_t sum = 0;
    while (digits <= digits_max && syslog_is_digit(syslog_peek(r, digits)))
        sum = sum * 10 + (uint32_t)(syslog_peek(r, digits++) - '0');
    if (digits == 0 || digits > digits_max)
        return 0;
    r->pos += digits;
    *value = sum;
    return digits;
}
