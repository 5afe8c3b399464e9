// SPDX-License-Identifier: ISC
// Any bytes are a message, whose pieces lie in them, or a stream of messages.
#include "syslog/framing.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_piece(const uint8_t *bytes, size_t size, struct syslog_text piece)
{
    if (piece.size == 0)
        return;
    const uint8_t *at = (const uint8_t *)piece.at;
    assert(at >= bytes && at + piece.size <= bytes + size);
}

static void check_message(const uint8_t *bytes, size_t size, const struct syslog_message *m)
{
    const struct syslog_text pieces[] = {m->time, m->host, m->app,        m->pid,
                                         m->id,   m->node, m->structured, m->text};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        check_piece(bytes, size, pieces[i]);
    assert(!m->fault || m->fault_at <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct syslog_message m;
    syslog_message_read(bytes, size, &m);
    check_message(bytes, size, &m);
    syslog_message_read_5424(bytes, size, &m);
    check_message(bytes, size, &m);

    struct syslog_framing framing = {0};
    struct syslog_text left = {size > 0 ? (const char *)bytes : "", size};
    for (;;) {
        struct syslog_frame frame = syslog_frame_next(&framing, left, true);
        assert(frame.taken <= left.size && frame.message.size <= SYSLOG_SIZE_MAX);
        check_piece(bytes, size, frame.message);
        left = (struct syslog_text){left.at + frame.taken, left.size - frame.taken};
        if (frame.verdict == SYSLOG_FRAME_LOST || left.size == 0)
            return 0;
        assert(frame.taken > 0);
    }
}
