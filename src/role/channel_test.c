// SPDX-License-Identifier: ISC
#include "role/channel.h"

#include "base/check.h"
#include "engine/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ends {
    int fds[2];
};

static struct ends open_pair(void)
{
    struct ends ends;
    assert_int_equal(channel_pair(ends.fds), 0);
    return ends;
}

static void close_pair(struct ends ends)
{
    close(ends.fds[0]);
    close(ends.fds[1]);
}

static struct event tick(int64_t ns)
{
    return (struct event){.kind = EVENT_TICK, .at = {ns}};
}

static void carries_messages_in_order_both_ways(void **state)
{
    (void)state;
    static struct net net;
    struct ends ends = open_pair();
    struct event event;
    char why[MESSAGE_WHY_MAX];
    for (int64_t i = 1; i <= 3; i++) {
        struct event sent = tick(i);
        assert_int_equal(channel_send_event(ends.fds[0], &net, &sent), 0);
    }
    for (int64_t i = 1; i <= 3; i++) {
        assert_int_equal(channel_receive_event(ends.fds[1], &net, &event, why), 1);
        assert_int_equal(event.kind, EVENT_TICK);
        assert_int_equal(event.at.ns, i);
    }
    assert_int_equal(channel_receive_event(ends.fds[1], &net, &event, why), 0);

    struct effect effect, lease = {.kind = EFFECT_LEASE, .at = {7}};
    assert_int_equal(channel_send_effect(ends.fds[1], &net, &lease), 0);
    assert_int_equal(channel_receive_effect(ends.fds[0], &net, &effect, why), 1);
    assert_int_equal(effect.kind, EFFECT_LEASE);
    assert_int_equal(effect.at.ns, 7);
    close_pair(ends);
}

static void add_ticks(struct channel_burst *burst, const struct net *net, int64_t first)
{
    for (int64_t i = 0; i < CHANNEL_BURST; i++) {
        struct event event = tick(first + i);
        assert_true(channel_burst_add(burst, net, &event));
    }
    struct event more = tick(0);
    assert_false(channel_burst_add(burst, net, &more));
}

// All of them in order as long as there is room; then the first ones, and none twice.
static void carries_many_by_one_call(void **state)
{
    (void)state;
    static struct net net;
    struct ends ends = open_pair();
    struct channel_burst burst = {.count = 0};
    struct event event;
    char why[MESSAGE_WHY_MAX];
    uint32_t sent = 1;
    assert_int_equal(channel_burst_send(&burst, ends.fds[0], &sent), 0);
    assert_int_equal(sent, 0);
    int64_t all = 0, received = 0;
    int answer = 0;
    for (; answer == 0 && all < 1000 * 1000; all += sent) {
        add_ticks(&burst, &net, all);
        answer = channel_burst_send(&burst, ends.fds[0], &sent);
        assert_true(answer != 0 || sent == CHANNEL_BURST);
    }
    assert_int_equal(answer, -EAGAIN);
    assert_true(all > 100 && sent < CHANNEL_BURST);
    while (channel_receive_event(ends.fds[1], &net, &event, why) == 1)
        assert_int_equal(event.at.ns, received++);
    assert_int_equal(received, all);
    close(ends.fds[1]);
    add_ticks(&burst, &net, 0);
    assert_int_equal(channel_burst_send(&burst, ends.fds[0], &sent), -EPIPE);
    assert_int_equal(sent, 0);
    close(ends.fds[0]);
}

static void never_blocks_and_loses_nothing_silently(void **state)
{
    (void)state;
    static struct net net;
    struct ends ends = open_pair();
    int64_t sent = 0, received = 0;
    struct event event = tick(0);
    char why[MESSAGE_WHY_MAX];
    int answer;
    while ((answer = channel_send_event(ends.fds[0], &net, &event)) == 0 && sent < 1000 * 1000)
        event = tick(++sent);
    assert_int_equal(answer, -EAGAIN);
    assert_true(sent > 100);
    while (channel_receive_event(ends.fds[1], &net, &event, why) == 1)
        assert_int_equal(event.at.ns, received++);
    assert_int_equal(received, sent);
    assert_int_equal(channel_send_event(ends.fds[0], &net, &event), 0);
    close_pair(ends);
}

static void tells_the_end_after_what_was_sent(void **state)
{
    (void)state;
    static struct net net;
    struct ends ends = open_pair();
    struct event event = tick(5);
    char why[MESSAGE_WHY_MAX];
    // Unread bytes on the closing side make the kernel report a reset first.
    assert_int_equal(channel_send_event(ends.fds[1], &net, &event), 0);
    assert_int_equal(channel_send_event(ends.fds[0], &net, &event), 0);
    close(ends.fds[0]);
    assert_int_equal(channel_receive_event(ends.fds[1], &net, &event, why), 1);
    assert_int_equal(channel_receive_event(ends.fds[1], &net, &event, why), -EPIPE);
    assert_int_equal(channel_send_event(ends.fds[1], &net, &event), -EPIPE);
    close(ends.fds[1]);
}

static void refuses_what_is_no_message(void **state)
{
    (void)state;
    static struct net net;
    static char long_text[MESSAGE_MAX + 1];
    memset(long_text, ' ', sizeof long_text);
    const struct {
        const char *name, *text;
        size_t size;
    } rows[] = {
        {"not JSON", "hello", 5},
        {"an effect where an event is due", "{\"effect\":\"lease\",\"at_ns\":1}", 28},
        {"too long", long_text, sizeof long_text},
    };
    struct ends ends = open_pair();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct event event;
        char why[MESSAGE_WHY_MAX] = "";
        assert_int_equal(channel_send_text(ends.fds[0], rows[i].text, rows[i].size), 0);
        CHECK_ROW(rows[i].name, channel_receive_event(ends.fds[1], &net, &event, why) == -EBADMSG);
        CHECK_ROW(rows[i].name, why[0] != '\0');
    }
    struct event event = tick(1);  // and goes on after it
    char why[MESSAGE_WHY_MAX];
    assert_int_equal(channel_send_event(ends.fds[0], &net, &event), 0);
    assert_int_equal(channel_receive_event(ends.fds[1], &net, &event, why), 1);
    close_pair(ends);
}

static void carries_texts_as_long_as_a_page_of_status(void **state)
{
    (void)state;
    enum { LONG = 96 * 1024 };
    struct ends ends = open_pair();
    char *text = malloc(LONG), *got = malloc(LONG);
    size_t size = 0;
    memset(text, 'x', LONG);
    assert_int_equal(channel_send_text(ends.fds[0], text, LONG), 0);
    assert_int_equal(channel_receive_text(ends.fds[1], got, LONG, &size), 1);
    assert_int_equal(size, LONG);
    assert_memory_equal(text, got, LONG);
    assert_int_equal(channel_send_text(ends.fds[0], text, LONG), 0);
    assert_int_equal(channel_receive_text(ends.fds[1], got, LONG - 1, &size), -EMSGSIZE);
    free(text);
    free(got);
    close_pair(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_messages_in_order_both_ways),
        cmocka_unit_test(carries_many_by_one_call),
        cmocka_unit_test(never_blocks_and_loses_nothing_silently),
        cmocka_unit_test(tells_the_end_after_what_was_sent),
        cmocka_unit_test(refuses_what_is_no_message),
        cmocka_unit_test(carries_texts_as_long_as_a_page_of_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
