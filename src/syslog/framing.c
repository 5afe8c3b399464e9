// SPDX-License-Identifier: ISC
#include "syslog/framing.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

// RFC 6587 §3.4.1: MSG-LEN SP SYSLOG-MSG, MSG-LEN without leading zeros.
static struct syslog_frame next_counted(struct syslog_framing *f, struct syslog_text bytes,
                                        bool last)
{
    struct syslog_reader r = {.text = bytes.at, .size = bytes.size};
    struct syslog_frame frame = {.message = {bytes.at, 0}};
    uint32_t size = 0;
    bool zero = syslog_peek(&r, 0) == '0';
    size_t digits = syslog_number(&r, SYSLOG_COUNT_DIGITS_MAX, &size);
    bool open = syslog_left(&r) == 0 && !last && !zero && bytes.size <= SYSLOG_COUNT_DIGITS_MAX;
    if (bytes.size == 0 || (open && digits > 0))
        return frame;
    if (digits == 0 || zero || !syslog_skip(&r, ' ')) {
        frame.verdict = SYSLOG_FRAME_LOST;
        return frame;
    }
    size_t wanted = least(size, SYSLOG_SIZE_MAX), there = least(wanted, syslog_left(&r));
    if (there < wanted && !last)
        return frame;
    frame.message = (struct syslog_text){r.text + r.pos, there};
    frame.taken = r.pos + there;
    frame.verdict = there < size ? SYSLOG_FRAME_CUT : SYSLOG_FRAME_MESSAGE;
    f->passed_over = size - there;
    return frame;
}

// RFC 6587 §3.4.2. A zero ends a message too: some senders put one.
static size_t line_size(struct syslog_text bytes)
{
    size_t size = 0;
    while (size < bytes.size && bytes.at[size] != '\n' && bytes.at[size] != '\0')
        size++;
    return size;
}

static struct syslog_frame next_line(struct syslog_framing *f, struct syslog_text bytes, bool last)
{
    struct syslog_frame frame = {.message = {bytes.at, 0}};
    size_t size = line_size(bytes);
    bool ends = size < bytes.size;
    if (f->in_long_line) {
        frame.taken = size + ends;
        f->in_long_line = !ends;
    } else if (size > SYSLOG_SIZE_MAX) {
        frame.verdict = SYSLOG_FRAME_CUT;
        frame.message.size = frame.taken = SYSLOG_SIZE_MAX;
        f->in_long_line = true;
    } else if (ends || (last && size > 0)) {
        frame.verdict = SYSLOG_FRAME_MESSAGE;
        frame.message.size = size;
        frame.taken = size + ends;
    }
    return frame;
}

struct syslog_frame syslog_frame_next(struct syslog_framing *framing, struct syslog_text bytes,
                                      bool last)
{
    if (framing->kind == SYSLOG_FRAMING_OPEN && bytes.size > 0)
        framing->kind =
            syslog_is_digit(bytes.at[0]) ? SYSLOG_FRAMING_COUNTED : SYSLOG_FRAMING_LINES;
    if (framing->passed_over > 0) {
        size_t taken = least(framing->passed_over, bytes.size);
        framing->passed_over -= taken;
        return (struct syslog_frame){.taken = taken, .message = {bytes.at, 0}};
    }
    return framing->kind == SYSLOG_FRAMING_COUNTED ? next_counted(framing, bytes, last)
                                                   : next_line(framing, bytes, last);
}
