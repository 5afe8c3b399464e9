// SPDX-License-Identifier: ISC
#include "syslog/message_inside.h"

const char *const syslog_format_names[SYSLOG_FORMATS] = {"rfc3164", "rfc5424"};

enum { PRIORITY_MAX = 191, PRIORITY_DIGITS_MAX = 3, VERSION_DIGITS_MAX = 3 };

// RFC 5424 §6.2.1: no leading zeros, 191 at most.
static bool read_priority(struct syslog_reader *r, struct syslog_message *m)
{
    struct syslog_reader in = *r;
    uint32_t value;
    bool zero = syslog_peek(&in, 1) == '0' && syslog_is_digit(syslog_peek(&in, 2));
    if (!syslog_skip(&in, '<') || syslog_number(&in, PRIORITY_DIGITS_MAX, &value) == 0 ||
        value > PRIORITY_MAX || zero || !syslog_skip(&in, '>'))
        return false;
    m->facility = (uint8_t)(value >> 3);
    m->severity = value & 7;
    *r = in;
    return true;
}

// A version, and then a date or none: IOS has numbers there too, with a colon, and NX-OS years.
static bool looks_like_5424(const struct syslog_reader *r)
{
    struct syslog_reader in = *r;
    uint32_t version, year;
    if (syslog_number(&in, VERSION_DIGITS_MAX, &version) == 0 || !syslog_skip(&in, ' '))
        return false;
    if (syslog_peek(&in, 0) == '-')
        return true;
    return syslog_number(&in, 4, &year) == 4 && syslog_peek(&in, 0) == '-';
}

static struct syslog_reader begin(const void *bytes, size_t size, struct syslog_message *m)
{
    struct syslog_reader r = {.text = size > 0 ? bytes : "", .size = size};
    if (r.size > SYSLOG_SIZE_MAX)
        r.size = SYSLOG_SIZE_MAX;
    while (r.size > 0 && strchr("\r\n", r.text[r.size - 1]))  // and a zero, which strchr() finds
        r.size--;
    *m = (struct syslog_message){.facility = SYSLOG_UNKNOWN, .severity = SYSLOG_UNKNOWN};
    const struct syslog_text none = {r.text, 0};
    m->time = m->host = m->app = m->pid = m->id = m->node = m->structured = m->text = none;
    if (!read_priority(&r, m))
        syslog_fault(m, 0, "a priority <0> to <191> is wanted (RFC 5424 6.2.1)");
    return r;
}

void syslog_message_read(const void *bytes, size_t size, struct syslog_message *message)
{
    struct syslog_reader r = begin(bytes, size, message);
    if (looks_like_5424(&r))
        syslog_read_5424(&r, message);
    else
        syslog_read_bsd(&r, message);
}

void syslog_message_read_5424(const void *bytes, size_t size, struct syslog_message *message)
{
    struct syslog_reader r = begin(bytes, size, message);
    syslog_read_5424(&r, message);
}
