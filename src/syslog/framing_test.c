// SPDX-License-Identifier: ISC
#include "base/check.h"
#include "syslog/framing.h"

// What comes of a stream, given in pieces of each size: "a|b|" are two messages, '~' behind one
// that was cut, '!' for an end because nobody knows where the next begins.
static void play(const char *stream, size_t size, size_t piece, char *said)
{
    struct syslog_framing framing = {0};
    size_t from = 0, to = 0;
    while (from < size) {
        to = to + piece < size ? to + piece : size;
        struct syslog_frame frame;
        do {
            frame = syslog_frame_next(&framing, (struct syslog_text){stream + from, to - from},
                                      to == size);
            from += frame.taken;
            if (frame.verdict == SYSLOG_FRAME_MESSAGE || frame.verdict == SYSLOG_FRAME_CUT) {
                memcpy(said, frame.message.at, frame.message.size);
                said += frame.message.size;
                *said++ = frame.verdict == SYSLOG_FRAME_CUT ? '~' : '|';
            }
        } while (frame.verdict != SYSLOG_FRAME_LOST &&
                 (frame.taken > 0 || frame.verdict != SYSLOG_FRAME_MORE));
        if (frame.verdict == SYSLOG_FRAME_LOST) {
            *said++ = '!';
            break;
        }
        if (to == size)
            break;
    }
    *said = '\0';
}

static const struct {
    const char *stream, *said;
} rows[] = {
    {"5 <1>ab6 <1>abc", "<1>ab|<1>abc|"},
    {"5 <1>a\n4 <1>b", "<1>a\n|<1>b|"},  // counted octets may hold ends of lines
    {"9 <1>ab", "<1>ab~"},               // the stream ends too early
    {"5 <1>ab<2>c\n", "<1>ab|!"},
    {"05 <1>ab", "!"},
    {"5<1>ab", "!"},
    {"12345678 <1>ab", "!"},
    {"5", "!"},
    {"<1>ab\n<2>c\n", "<1>ab|<2>c|"},
    {"<1>ab\r\n\n<2>c", "<1>ab\r||<2>c|"},
    {"<1>ab\0", "<1>ab|"},
    {"", ""},
};

static void test_streams(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = strlen(rows[i].stream) + (i == 10);
        for (size_t piece = 1; piece < 20; piece++) {
            char said[64];
            play(rows[i].stream, size, piece, said);
            if (strcmp(said, rows[i].said) != 0)
                fail_msg("'%s' by %zu: '%s'", rows[i].stream, piece, said);
        }
    }
}

// Longer than is looked at: cut, and the next one is read.
static void test_long(void **state)
{
    (void)state;
    enum { LONG = SYSLOG_SIZE_MAX + 5000 };
    static char stream[LONG + 64], said[LONG + 64];
    int head = sprintf(stream, "%d ", LONG);
    memset(stream + head, 'x', LONG);
    strcpy(stream + head + LONG, "2 ok");
    play(stream, (size_t)head + LONG + 4, 1000, said);
    assert_int_equal(strlen(said), SYSLOG_SIZE_MAX + 4);
    assert_string_equal(said + SYSLOG_SIZE_MAX - 1, "x~ok|");
    memset(stream, 'x', LONG);
    strcpy(stream + LONG, "\nok\n");
    play(stream, LONG + 4, 10000, said);
    assert_int_equal(strlen(said), SYSLOG_SIZE_MAX + 4);
    assert_string_equal(said + SYSLOG_SIZE_MAX - 1, "x~ok|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
