// SPDX-License-Identifier: ISC
// Patterns that change while lines come.
#include "role/ingest_check.h"

#include <poll.h>

#define LINE "<13>Dec 14 12:08:59 sw1 toaster: bread is burnt"
#define RULE(text)                                                                                 \
    "[alarm_set]\napp  = toaster\ntext = {reason} is " text "\nline = <13>Dec 14 12:08:59 sw1 "    \
    "toaster: bread is " text "\n"

static void write_rules(const char *place, const char *name, const char *rules)
{
    char path[64], written[64];
    snprintf(path, sizeof path, "%s/%s", place, name);
    snprintf(written, sizeof written, "%s/.%s.new", place, name);
    FILE *file = fopen(written, "w");
    assert_true(file && fputs(rules, file) >= 0 && fclose(file) == 0);
    assert_int_equal(rename(written, path), 0);
}

static void remove_all(const char *place)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", place);
    assert_int_equal(system(command), 0);
}

// Changed, and then left alone from one look to the next: so that no half of a file is taken.
static void sees_changes_that_are_over(void **state)
{
    (void)state;
    char place[] = "/tmp/fairlead-patterns-XXXXXX";
    struct pattern_watch watch;
    struct mono now = {NS_PER_S};
    assert_non_null(mkdtemp(place));
    write_rules(place, "a.pattern", RULE("black"));
    pattern_watch_begin(&watch, place);
    assert_false(pattern_watch_changed(&watch, now));
    write_rules(place, "b.pattern", RULE("burnt"));
    assert_false(pattern_watch_changed(&watch, now));  // too early to look
    now.ns += NS_PER_S;
    assert_false(pattern_watch_changed(&watch, now));
    write_rules(place, "b.pattern", RULE("brown"));
    now.ns += NS_PER_S;
    assert_false(pattern_watch_changed(&watch, now));  // it changes still
    now.ns += NS_PER_S;
    assert_true(pattern_watch_changed(&watch, now));
    now.ns += NS_PER_S;
    assert_false(pattern_watch_changed(&watch, now));
    remove_all(place);
    now.ns += NS_PER_S;
    assert_false(pattern_watch_changed(&watch, now));
    now.ns += NS_PER_S;
    assert_true(pattern_watch_changed(&watch, now));
}

// The line is sent again and again until something is told of it, or of the patterns.
static struct notice hear(const struct server *server)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    union endpoint endpoint =
        endpoint_of(server->net.syslog.listen[FAMILY_IPV6], server->net.syslog.port);
    struct pollfd readable = {.fd = server->channel, .events = POLLIN};
    for (int i = 0; i < 600 && readable.revents == 0; i++) {
        int fd = socket(AF_INET6, SOCK_DGRAM, 0);
        sendto(fd, LINE, strlen(LINE), 0, &endpoint.any, endpoint_size(&endpoint));
        close(fd);
        poll(&readable, 1, 100);
    }
    assert_int_equal(channel_receive_event(server->channel, &server->net, &event, why), 1);
    assert_int_equal(event.kind, EVENT_NOTICE);
    return event.notice;
}

// Until this is told, whatever else is.
static void wait_for(const struct server *server, enum notice_kind kind, bool raised)
{
    struct notice notice;
    do {
        notice = hear(server);
    } while (notice.kind != kind || notice.raised != raised);
}

static void takes_patterns_anew(void **state)
{
    (void)state;
    char place[] = "/tmp/fairlead-patterns-XXXXXX";
    struct net net = site();
    assert_non_null(mkdtemp(place));
    write_rules(place, "a.pattern", RULE("black"));
    net.syslog.listen[FAMILY_IPV6] = check_address("::1");
    net.syslog.port = (uint16_t)(net.counters.http_port + 1);
    strcpy(net.syslog.patterns, place);
    struct server server = start_at(&net);
    write_rules(place, "a.pattern", "[alarm_set]\ntext = no example\n");
    struct notice notice = hear(&server);  // nothing was known of the line: this comes first
    assert_int_equal(notice.kind, NOTICE_PATTERNS_REFUSED);
    assert_true(notice.raised);
    assert_non_null(strstr(notice.text, "a.pattern:"));
    assert_non_null(strstr(notice.text, "the old ones stay"));
    write_rules(place, "a.pattern", RULE("burnt"));
    wait_for(&server, NOTICE_PATTERNS_REFUSED, false);
    wait_for(&server, NOTICE_DEVICE_ALARM, true);
    stop(&server);
    remove_all(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_changes_that_are_over),
        cmocka_unit_test(takes_patterns_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
