// SPDX-License-Identifier: ISC
#include "role/log.h"

#include "base/check.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

// Standard error is a pipe; gives its reading end and, in `before`, what it was.
static int begin(int *before)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    *before = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    return ends[0];
}

static void end(int reader, int before)
{
    dup2(before, STDERR_FILENO);
    close(before);
    close(reader);
}

static void writes_whole_lines(void **state)
{
    (void)state;
    int before, reader = begin(&before);
    char text[2 * LOG_LINE_MAX] = "", longest[LOG_LINE_MAX + 10] = "";
    memset(longest, 'a', sizeof longest - 1);
    log_line("event=%s n=%d", "one", 1);
    ssize_t first = read(reader, text, sizeof text - 1);
    log_line("%s", longest);
    ssize_t second = read(reader, longest, sizeof longest);
    end(reader, before);
    assert_int_equal(first, (ssize_t)strlen("event=one n=1\n"));
    assert_string_equal(text, "event=one n=1\n");
    assert_int_equal(second, LOG_LINE_MAX - 1);
    assert_int_equal(longest[second - 1], '\n');
}

// A line that waited would end the test by its alarm.
static void never_waits_for_a_reader(void **state)
{
    (void)state;
    int before, reader = begin(&before);
    alarm(10);
    for (int i = 0; i < 20 * 1000; i++)
        log_line("event=again n=%d reason=\"a line of some length that fills the pipe\"", i);
    alarm(0);
    end(reader, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_whole_lines),
        cmocka_unit_test(never_waits_for_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
