// SPDX-License-Identifier: ISC
// Who listens hears whole events in order, however much it takes at once; who is slow is cut off.
#include "web/stream.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

struct ear {
    struct web_stream *stream;
    struct web_listener listener;
    struct mono now;
    char heard[1 << 16];
    size_t size;
};

static struct ear *ear_open(void)
{
    struct ear *ear = calloc(1, sizeof *ear);
    ear->stream = calloc(1, sizeof *ear->stream);
    ear->now.ns = NS_PER_S;
    web_listener_init(&ear->listener, ear->stream, NULL, ear->now);
    return ear;
}

static void ear_close(struct ear *ear)
{
    web_listener_done(&ear->listener);
    web_stream_done(ear->stream);
    free(ear->stream);
    free(ear);
}

static void effect(struct ear *ear, uint64_t id, const char *line)
{
    web_stream_effect(ear->stream, id, line, strlen(line));
}

// Takes what there is, `step` bytes at once; gives all of it.
static const char *hear(struct ear *ear, size_t step)
{
    int64_t got;
    ear->size = 0;
    while ((got = web_listener_take(&ear->listener, ear->stream, ear->now, ear->heard + ear->size,
                                    step)) > 0)
        ear->size += (size_t)got;
    ear->heard[ear->size] = '\0';
    return ear->heard;
}

#define PICTURE "event: picture\ndata: {\"p\":1}\n\n"
#define EFFECT "id: 1\nevent: effect\ndata: {\"a\":1}\n\nid: 2\nevent: effect\ndata: {\"b\":2}\n\n"

static void tells_whole_events(void **state)
{
    (void)state;
    for (size_t step = 1; step < 100; step += 7) {
        struct ear *ear = ear_open();
        assert_false(web_listener_wants(&ear->listener, ear->stream, ear->now));
        assert_string_equal(hear(ear, step), "");
        web_stream_picture(ear->stream, "{\"p\":1}", 7);
        effect(ear, 1, "{\"a\":1}");
        effect(ear, 2, "{\"b\":2}");
        assert_true(web_listener_wants(&ear->listener, ear->stream, ear->now));
        assert_string_equal(hear(ear, step), EFFECT PICTURE);
        assert_false(web_listener_wants(&ear->listener, ear->stream, ear->now));
        ear_close(ear);
    }
}

// An effect that comes while a picture is taken waits for its end.
static void tells_nothing_within_a_picture(void **state)
{
    (void)state;
    struct ear *ear = ear_open();
    web_stream_picture(ear->stream, "{\"p\":1}", 7);
    assert_int_equal(web_listener_take(&ear->listener, ear->stream, ear->now, ear->heard, 5), 5);
    effect(ear, 1, "{\"a\":1}");
    effect(ear, 2, "{\"b\":2}");
    web_stream_picture(ear->stream, "{\"p\":2}", 7);
    assert_string_equal(hear(ear, 9), ": picture\ndata: {\"p\":1}\n\n" EFFECT);
    ear->now = mono_add_ms(ear->now, WEB_PICTURE_MS - 1);
    assert_string_equal(hear(ear, 9), "");
    ear->now = mono_add_ms(ear->now, 1);
    assert_string_equal(hear(ear, 9), "event: picture\ndata: {\"p\":2}\n\n");
    ear->now = mono_add_ms(ear->now, WEB_HEARTBEAT_MS);
    assert_string_equal(hear(ear, 9), ": here\n\n");
    ear_close(ear);
}

static void goes_on_where_it_was(void **state)
{
    (void)state;
    static const struct {
        const char *last_id, *heard;
    } rows[] = {
        {"1", "id: 2\nevent: effect\ndata: {\"b\":2}\n\n"},
        {"2", ""},
        {"3", ""},
        {"", ""},
        {"0", ""},
        {"x", ""},
        {"18446744073709551616", ""},
    };
    struct ear *ear = ear_open();
    effect(ear, 1, "{\"a\":1}");
    effect(ear, 2, "{\"b\":2}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        web_listener_init(&ear->listener, ear->stream, rows[i].last_id, ear->now);
        assert_string_equal(hear(ear, 99), rows[i].heard);
    }
    ear_close(ear);
}

static void cuts_off_the_slow(void **state)
{
    (void)state;
    char line[2000];
    memset(line, 'x', sizeof line);
    struct ear *ear = ear_open();
    web_stream_effect(ear->stream, 1, line, sizeof line);
    assert_int_equal(web_listener_take(&ear->listener, ear->stream, ear->now, ear->heard, 3), 3);
    for (uint64_t id = 2; ear->stream->end - ear->listener.at <= WEB_RING_BYTES + 3 * sizeof line;
         id++) {
        web_stream_effect(ear->stream, id, line, sizeof line);
    }
    assert_true(web_listener_wants(&ear->listener, ear->stream, ear->now));
    assert_int_equal(web_listener_take(&ear->listener, ear->stream, ear->now, ear->heard, 9), -1);
    web_listener_init(&ear->listener, ear->stream, "1", ear->now);  // that one is forgotten
    assert_string_equal(hear(ear, 99), "");

    web_stream_picture(ear->stream, line, sizeof line);
    assert_int_equal(web_listener_take(&ear->listener, ear->stream, ear->now, ear->heard, 9), 9);
    ear->now = mono_add_ms(ear->now, WEB_PICTURE_MS_MAX);
    assert_int_equal(web_listener_take(&ear->listener, ear->stream, ear->now, ear->heard, 9), -1);
    web_listener_done(&ear->listener);
    web_listener_init(&ear->listener, ear->stream, NULL, ear->now);
    ear->now = mono_add_ms(ear->now, WEB_LISTEN_MS_MAX);
    assert_int_equal(web_listener_take(&ear->listener, ear->stream, ear->now, ear->heard, 9), -1);
    ear_close(ear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_whole_events),
        cmocka_unit_test(tells_nothing_within_a_picture),
        cmocka_unit_test(goes_on_where_it_was),
        cmocka_unit_test(cuts_off_the_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
