// SPDX-License-Identifier: ISC
// A service manager's socket, of both kinds, and environments that hold something else.
#include "role/service.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 128 };

// Listens as systemd does. An abstract name where `path` begins with '@'.
static int manager(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    strcpy(address.sun_path, path);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    socklen_t size = path[0] == '@' ? (socklen_t)(sizeof(sa_family_t) + strlen(path))
                                    : (socklen_t)sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    setenv("NOTIFY_SOCKET", path, 1);
    return fd;
}

static const char *heard(int fd)
{
    static char text[SIZE];
    ssize_t size = recv(fd, text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    return text;
}

static struct mono at_ms(int64_t ms)
{
    return mono_add_ms((struct mono){NS_PER_S}, ms);
}

static void tells_over_both_kinds(void **state)
{
    (void)state;
    char path[64], name[64];
    snprintf(path, sizeof path, "/tmp/fairlead-service-%d", (int)getpid());
    snprintf(name, sizeof name, "@fairlead-service-%d", (int)getpid());
    const char *const rows[] = {path, name};
    for (size_t i = 0; i < 2; i++) {
        struct service service;
        int fd = manager(rows[i]);
        service_open(&service);
        assert_null(getenv("NOTIFY_SOCKET"));
        service_tell(&service, "READY=1\nSTATUS=site fra1");
        assert_string_equal(heard(fd), "READY=1\nSTATUS=site fra1");
        service_turn(&service, at_ms(60000));  // nobody asked for it
        assert_string_equal(heard(fd), "");
        close(fd);
        service_tell(&service, "STOPPING=1");  // and nobody is there any more
        service_close(&service);
    }
    unlink(path);
}

static void lives_twice_as_often_as_asked(void **state)
{
    (void)state;
    char name[64], pid[16];
    struct service service;
    snprintf(name, sizeof name, "@fairlead-watchdog-%d", (int)getpid());
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    int fd = manager(name);
    setenv("WATCHDOG_USEC", "5000000", 1);
    setenv("WATCHDOG_PID", pid, 1);
    service_open(&service);
    assert_true(service.watchdog_ns == 5 * (int64_t)NS_PER_S);
    service_turn(&service, at_ms(2500));
    assert_string_equal(heard(fd), "WATCHDOG=1");
    service_turn(&service, at_ms(4999));
    assert_string_equal(heard(fd), "");
    service_turn(&service, at_ms(5000));
    assert_string_equal(heard(fd), "WATCHDOG=1");
    service_close(&service);
    close(fd);
}

static void wants_nothing_of_others(void **state)
{
    (void)state;
    static const struct {
        const char *socket, *usec, *pid;
        bool told, watched;
    } rows[] = {
        {NULL, "5000000", NULL, false, false},  {"", NULL, NULL, false, false},
        {"relative", NULL, NULL, false, false}, {"@", NULL, NULL, false, false},
        {"@x", "0", NULL, true, false},         {"@x", "-5", NULL, true, false},
        {"@x", "word", NULL, true, false},      {"@x", "9223372036854775807", NULL, true, false},
        {"@x", "5000000", "1", true, false},    {"@x", "5000000", NULL, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct service service;
        const char *const values[] = {rows[i].socket, rows[i].usec, rows[i].pid};
        static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"};
        for (size_t n = 0; n < 3; n++)
            if (values[n])
                setenv(names[n], values[n], 1);
        service_open(&service);
        CHECK_ROW(rows[i].socket ? rows[i].socket : "none",
                  (service.fd >= 0) == rows[i].told &&
                      (service.watchdog_ns > 0) == rows[i].watched);
        for (size_t n = 0; n < 3; n++)
            assert_null(getenv(names[n]));
        service_close(&service);
    }
    char longest[sizeof((struct sockaddr_un *)0)->sun_path + 2];
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    setenv("NOTIFY_SOCKET", longest, 1);
    struct service service;
    service_open(&service);
    assert_int_equal(service.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_over_both_kinds),
        cmocka_unit_test(lives_twice_as_often_as_asked),
        cmocka_unit_test(wants_nothing_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
