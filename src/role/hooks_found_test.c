// SPDX-License-Identifier: ISC
#include "role/hooks_found.h"

#include "base/check.h"
#include "engine/small_net.h"
#include "role/audit_files_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AT(time, effect)                                                                           \
    "{\"hash\":\"00\",\"number\":1,\"record\":\"effect\",\"time\":\"" time                         \
    "\",\"effect\":{" effect "}}\n"
#define RUN(time, hook, undo)                                                                      \
    AT(time, "\"effect\":\"hook\",\"at_ns\":5,\"hook\":\"" hook "\",\"number\":7,\"undo\":" undo)
#define ENDED(time, hook, undo, state)                                                             \
    AT(time, "\"effect\":\"hooked\",\"at_ns\":6,\"hook\":\"" hook "\",\"number\":7,\"undo\":" undo \
             ",\"state\":\"" state "\",\"reason\":\"said\"")
#define OTHERS "{\"hash\":\"00\",\"number\":1,\"record\":\"start\",\"time\":\"t0\"}\n\n{\"ha"

// Files of a log, the latest first; what of the hooks drain-a and drain-b stands; NULL: nothing.
static const struct {
    const char *name;
    const char *files[AUDIT_FILES];
    const char *why[2];
} rows[] = {
    {"no log", {NULL}, {NULL}},
    {"nothing was run", {OTHERS}, {NULL}},
    {"done", {RUN("t1", "drain-a", "false") ENDED("t2", "drain-a", "false", "done")}, {"t1"}},
    {"no end is known", {RUN("t1", "drain-b", "false")}, {NULL, "t1"}},
    {"it runs", {RUN("t1", "drain-a", "false") ENDED("t2", "drain-a", "false", "started")}, {"t1"}},
    {"failed: half may be done",
     {RUN("t1", "drain-a", "false") ENDED("t2", "drain-a", "false", "failed")},
     {"t1"}},
    {"taken back",
     {RUN("t1", "drain-a", "false") RUN("t2", "drain-a", "true")
          ENDED("t3", "drain-a", "true", "done")},
     {NULL}},
    {"to be taken back",
     {RUN("t1", "drain-a", "false") RUN("t2", "drain-a", "true")
          ENDED("t3", "drain-a", "true", "started")},
     {"t1"}},
    {"could not be taken back",
     {RUN("t1", "drain-a", "false") ENDED("t3", "drain-a", "true", "timed_out")},
     {"t1"}},
    {"taken back and run again",
     {ENDED("t1", "drain-a", "true", "done") RUN("t2", "drain-a", "false")},
     {"t2"}},
    {"each for itself",
     {RUN("t1", "drain-a", "false") RUN("t2", "drain-b", "false")
          ENDED("t3", "drain-a", "true", "done")},
     {NULL, "t2"}},
    {"in the file before", {OTHERS, RUN("t1", "drain-a", "false")}, {"t1"}},
    {"in the one before that", {OTHERS, OTHERS, RUN("t1", "drain-b", "false")}, {NULL, "t1"}},
    {"the end of it in a later file",
     {ENDED("t2", "drain-a", "false", "done"), RUN("t1", "drain-a", "false")},
     {"t2"}},
    {"taken back in a later file",
     {ENDED("t2", "drain-a", "true", "done"), RUN("t1", "drain-a", "false")},
     {NULL}},
    {"of another configuration", {RUN("t1", "drain-z", "false")}, {NULL}},
    {"somebody's words",
     {AT("t1", "\"effect\":\"hooked\",\"at_ns\":6,\"hook\":\"drain-a\",\"number\":7,\"undo\":true,"
               "\"state\":\"failed\",\"reason\":\"{\\\"effect\\\":\\\"hook\\\"}\"")},
     {"t1"}},
    {"damage",
     {"{\"effect\":\"hook\n{\"effect\":\"hook\"}\n" RUN("t1", "drain-a", "false")},
     {"t1"}},
    {"found at the start before",
     {AT("t9", "\"effect\":\"hooked\",\"at_ns\":6,\"hook\":\"drain-a\",\"number\":0,\"undo\":false,"
               "\"state\":\"stands\",\"reason\":\"it ran at t1\"")},
     {"t1"}},
};

static void finds_what_stands(void **state)
{
    (void)state;
    static const char *const none[AUDIT_FILES];
    char directory[] = "/tmp/hooks_found.XXXXXX", stray[NET_TEXT_MAX + 16];
    static struct net net;
    net = small_net();
    assert_non_null(mkdtemp(directory));
    snprintf(net.audit_path, sizeof net.audit_path, "%s/audit.jsonl", directory);
    snprintf(stray, sizeof stray, "%s.0000000009000", net.audit_path);  // is of nobody
    FILE *file = fopen(stray, "w");
    fputs(RUN("t0", "drain-a", "false"), file);
    fclose(file);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hooks_found found;
        uint32_t count = 0;
        audit_files_write(net.audit_path, rows[i].files);
        hooks_found_read(&found, &net);
        for (uint32_t hook = 0; hook < 2; hook++) {
            if (!rows[i].why[hook])
                continue;
            CHECK_ROW(rows[i].name, found.count > count);
            const struct event_hook *it = &found.hooks[count++];
            CHECK_ROW(rows[i].name, it->hook == hook && it->state == HOOK_STANDS && !it->undo);
            CHECK_ROW(rows[i].name, strncmp(it->reason, "it ran at ", 10) == 0);
            CHECK_ROW(rows[i].name, strcmp(it->reason + 10, rows[i].why[hook]) == 0);
        }
        CHECK_ROW(rows[i].name, found.count == count);
    }
    audit_files_write(net.audit_path, none);
    unlink(stray);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest units[] = {cmocka_unit_test(finds_what_stands)};
    return cmocka_run_group_tests(units, NULL, NULL);
}
