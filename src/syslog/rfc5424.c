// SPDX-License-Identifier: ISC
// RFC 5424 §6. What is wrong is marked; the rest is still taken as its text.
#include "syslog/message_inside.h"
#include "syslog/time.h"

enum { HOST_MAX = 255, APP_MAX = 48, PID_MAX = 128, ID_MAX = 32, SD_NAME_MAX = 32 };

static bool is_print(char c)
{
    return c > ' ' && c < 0x7f;
}

static bool read_version(struct syslog_reader *r, struct syslog_message *m)
{
    size_t at = r->pos;
    bool zero = syslog_peek(r, 0) == '0';
    if (syslog_number(r, 3, &m->version) > 0 && !zero && syslog_skip(r, ' '))
        return true;
    syslog_fault(m, at, "a version of one to three digits is wanted (6.2.2)");
    return false;
}

static bool read_time(struct syslog_reader *r, struct syslog_message *m)
{
    size_t at = r->pos;
    bool none = syslog_skip(r, '-');
    if ((none || syslog_time_5424(r, &m->time, &at)) && syslog_skip(r, ' '))
        return true;
    syslog_fault(m, at, "a time such as 2003-10-11T22:14:15.003Z, or -, is wanted (6.2.3)");
    return false;
}

static bool read_field(struct syslog_reader *r, struct syslog_message *m, size_t size_max,
                       struct syslog_text *field)
{
    size_t at = r->pos;
    struct syslog_text word = syslog_word(r);
    bool good = word.size > 0 && word.size <= size_max;
    for (size_t i = 0; good && i < word.size; i++)
        good = is_print(word.at[i]);
    if (good && !syslog_text_is(word, "-"))
        *field = word;
    if (good && syslog_skip(r, ' '))
        return true;
    syslog_fault(m, at, "a name of printable letters, or -, is wanted (6.2.4 to 6.2.7)");
    return false;
}

static struct syslog_text sd_name(struct syslog_reader *r)
{
    size_t begin = r->pos;
    while (is_print(syslog_peek(r, 0)) && !strchr("=]\"", syslog_peek(r, 0)))
        r->pos++;
    return (struct syslog_text){r->text + begin, r->pos - begin};
}

// 6.3.3: '"', '\' and ']' are escaped by '\', and nothing else is.
static bool sd_value(struct syslog_reader *r)
{
    if (!syslog_skip(r, '"'))
        return false;
    while (syslog_left(r) > 0 && syslog_peek(r, 0) != '"' && syslog_peek(r, 0) != ']') {
        if (syslog_skip(r, '\\') && (syslog_left(r) == 0 || !strchr("\"\\]", syslog_peek(r, 0))))
            return false;
        r->pos++;
    }
    return syslog_skip(r, '"');
}

static bool sd_element(struct syslog_reader *r, struct syslog_text *name)
{
    if (!syslog_skip(r, '['))
        return false;
    *name = sd_name(r);
    if (name->size == 0 || name->size > SD_NAME_MAX)
        return false;
    for (int i = 0; i < SYSLOG_ELEMENT_PARAMETERS_MAX && syslog_skip(r, ' '); i++) {
        struct syslog_text parameter = sd_name(r);
        if (parameter.size == 0 || parameter.size > SD_NAME_MAX || !syslog_skip(r, '=') ||
            !sd_value(r))
            return false;
    }
    return syslog_skip(r, ']');
}

static bool is_among(const struct syslog_text *names, size_t count, struct syslog_text name)
{
    for (size_t i = 0; i < count; i++)
        if (syslog_text_equal(names[i], name))
            return true;
    return false;
}

static bool read_structured(struct syslog_reader *r, struct syslog_message *m)
{
    struct syslog_text names[SYSLOG_ELEMENTS_MAX];
    size_t begin = r->pos, count = 0;
    if (syslog_skip(r, '-'))
        return true;
    do {
        struct syslog_text name;
        size_t at = r->pos;
        if (!sd_element(r, &name) || is_among(names, count, name)) {
            syslog_fault(m, at,
                         "structured data such as [id name=\"value\"], or -, is wanted (6.3)");
            return false;
        }
        names[count++] = name;
    } while (syslog_peek(r, 0) == '[' && count < SYSLOG_ELEMENTS_MAX);
    m->structured = (struct syslog_text){r->text + begin, r->pos - begin};
    return true;
}

static bool read_header(struct syslog_reader *r, struct syslog_message *m)
{
    return read_version(r, m) && read_time(r, m) && read_field(r, m, HOST_MAX, &m->host) &&
           read_field(r, m, APP_MAX, &m->app) && read_field(r, m, PID_MAX, &m->pid) &&
           read_field(r, m, ID_MAX, &m->id) && read_structured(r, m);
}

void syslog_read_5424(struct syslog_reader *r, struct syslog_message *m)
{
    m->format = SYSLOG_5424;
    if (read_header(r, m) && syslog_left(r) > 0 && !syslog_skip(r, ' '))
        syslog_fault(m, r->pos, "a blank is wanted before the text (6)");
    if (syslog_left(r) >= 3 && memcmp(r->text + r->pos, "\xef\xbb\xbf", 3) == 0)
        r->pos += 3;  // 6.4: says that the text is UTF-8
    if (!m->fault && m->id.size == 0) {
        syslog_skip_blanks(r);
        syslog_read_mnemonic(r, m);
    }
    m->text = syslog_rest(r);
}
