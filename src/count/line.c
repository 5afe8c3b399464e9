// SPDX-License-Identifier: ISC
#include "count/line.h"

#include <string.h>

enum { DECIMALS_MAX = 6 };  // of a rate; clients print more, which say nothing

// A line that is read from left to right.
struct reading {
    const char *text;
    size_t size, at;
    struct count_error *why;
};

bool count_lines_next(struct count_lines *lines, struct count_text *line)
{
    while (lines->at < lines->size) {
        const char *from = lines->text + lines->at;
        const char *end = memchr(from, '\n', lines->size - lines->at);
        size_t size = end ? (size_t)(end - from) : lines->size - lines->at;
        *line = (struct count_text){from, size, lines->at + 1};
        lines->at += size + 1;
        lines->number++;
        if (size > 0 && from[size - 1] == '\r')
            line->size--;
        if (line->size > 0)
            return true;
    }
    return false;
}

static bool is_at_end(const struct reading *r)
{
    return r->at == r->size;
}

static bool take_byte(struct reading *r, char byte)
{
    bool is_there = !is_at_end(r) && r->text[r->at] == byte;
    r->at += is_there;
    return is_there;
}

// Up to one of `ends` or the end of the line.
static struct count_text take_until(struct reading *r, const char *ends)
{
    struct count_text taken = {r->text + r->at, 0, r->at + 1};
    while (!is_at_end(r) && (r->text[r->at] == '\0' || !strchr(ends, r->text[r->at])))
        r->at++;
    taken.size = (size_t)(r->text + r->at - taken.text);
    return taken;
}

static bool is_digit(const struct reading *r)
{
    return !is_at_end(r) && r->text[r->at] >= '0' && r->text[r->at] <= '9';
}

static bool take_value(struct reading *r, uint64_t *value)
{
    size_t from = r->at;
    for (*value = 0; is_digit(r) && *value <= COUNT_VALUE_MAX; r->at++)
        *value = *value * 10 + (uint64_t)(r->text[r->at] - '0');
    return r->at > from && *value <= COUNT_VALUE_MAX;
}

// "0.1" is 100000, "1" and "1.0" are all.
static bool take_rate(struct reading *r, uint32_t *ppm)
{
    uint64_t whole, unit = COUNT_RATE_ALL, part = 0;
    if (!take_value(r, &whole) || whole > 1)
        return false;
    if (take_byte(r, '.'))
        for (int i = 0; is_digit(r); r->at++, i++) {
            unit /= 10;
            part += i < DECIMALS_MAX ? unit * (uint64_t)(r->text[r->at] - '0') : 0;
        }
    *ppm = (uint32_t)(whole * COUNT_RATE_ALL + part);
    return *ppm > 0 && *ppm <= COUNT_RATE_ALL;
}

static bool is_text(struct count_text text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.text, word, text.size) == 0;
}

static enum count_verdict read_tag(struct reading *r, struct count_subject *subject)
{
    const struct {
        const char *name;
        struct count_text *place;
    } known[] = {{"upstream", &subject->upstream},
                 {"family", &subject->family},
                 {"prefix", &subject->prefix},
                 {"site", &subject->site}};
    struct count_text name = take_until(r, ":,|");
    bool has_value = take_byte(r, ':');
    struct count_text value = take_until(r, ",|");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!is_text(name, known[i].name))
            continue;
        if (!has_value || value.size == 0)
            return count_refuse(r->why, value.byte, "a value of the tag %s", known[i].name);
        if (known[i].place->text)
            return count_refuse(r->why, name.byte, "the tag %s only once", known[i].name);
        *known[i].place = value;
    }
    return COUNT_TAKEN;
}

static enum count_verdict read_tags(struct reading *r, struct count_subject *subject)
{
    enum count_verdict verdict;
    do
        verdict = read_tag(r, subject);
    while (verdict == COUNT_TAKEN && take_byte(r, ','));
    return verdict;
}

// What may follow the type, each behind a '|', in any order.
static enum count_verdict read_section(struct reading *r, struct count_subject *subject,
                                       uint32_t *rate_ppm)
{
    static const char *const passed_over[] = {"c:", "T", "e:", "card:"};
    size_t byte = r->at + 1;
    if (take_byte(r, '#'))
        return read_tags(r, subject);
    if (take_byte(r, '@')) {
        if (take_rate(r, rate_ppm) && (is_at_end(r) || r->text[r->at] == '|'))
            return COUNT_TAKEN;
        return count_refuse(r->why, byte, "a rate above 0, at most 1, such as @0.1");
    }
    struct count_text section = take_until(r, "|");
    for (size_t i = 0; i < sizeof passed_over / sizeof passed_over[0]; i++)
        if (section.size >= strlen(passed_over[i]) &&
            memcmp(section.text, passed_over[i], strlen(passed_over[i])) == 0)
            return COUNT_TAKEN;
    return count_refuse(r->why, byte, "@RATE or #TAG:VALUE,...");
}

static enum count_verdict read_rest(const struct net *net, struct reading *r, struct count *count)
{
    struct count_subject subject = {0};
    while (take_byte(r, '|')) {
        enum count_verdict verdict = read_section(r, &subject, &count->rate_ppm);
        if (verdict != COUNT_TAKEN)
            return verdict;
    }
    subject.byte = r->at + 1;
    if (!is_at_end(r))
        return count_refuse(r->why, r->at + 1, "'|' or the end of the line");
    return count_subject_read(net, &subject, count, r->why) ? COUNT_TAKEN : COUNT_MALFORMED;
}

enum count_verdict count_line_read(const struct net *net, const char *text, size_t size,
                                   struct count *count, struct count_error *why)
{
    static const char ours[] = "fairlead.";
    struct reading r = {text, size, 0, why};
    struct count read = {.rate_ppm = COUNT_RATE_ALL};
    struct count_text name = take_until(&r, ":|");
    bool is_attempts = is_text(name, "fairlead.attempts");
    if (name.size < strlen(ours) || memcmp(name.text, ours, strlen(ours)) != 0)
        return COUNT_FOREIGN;
    if (!is_attempts && !is_text(name, "fairlead.failed"))
        return count_refuse(why, 1, "fairlead.attempts or fairlead.failed");
    if (!take_byte(&r, ':'))
        return count_refuse(why, r.at + 1, "':' and a number");
    size_t byte = r.at + 1;
    if (!take_value(&r, is_attempts ? &read.attempts : &read.failed))
        return count_refuse(why, byte, "a whole number, at most %d", COUNT_VALUE_MAX);
    if (!take_byte(&r, '|') || !take_byte(&r, 'c'))
        return count_refuse(why, r.at + 1, "'|c' after a whole number");
    enum count_verdict verdict = read_rest(net, &r, &read);
    if (verdict == COUNT_TAKEN)
        *count = read;
    return verdict;
}
