// SPDX-License-Identifier: ISC
#include "role/words_found.h"

#include "base/check.h"
#include "engine/small_net.h"
#include "role/audit_files_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH "00000000000000000000000000000000000000000000000000000000000000ff"
#define LINE(number, rest) "{\"hash\":\"" HASH "\",\"number\":" number ",\"record\":" rest "}\n"
#define NEW LINE("1", "\"begin\",\"previous\":\"00\",\"why\":\"a new log\"")
#define EVENT(time, event) LINE("7", "\"event\",\"time\":\"" time "\",\"event\":{" event "}")
#define ASKED(time, what, who, reason)                                                             \
    EVENT(time, "\"event\":\"asked\",\"at_ns\":5,\"what\":\"" what "\",\"uid\":7,\"who\":\"" who   \
                "\",\"object\":null,\"reason\":\"" reason "\"")
#define FREEZE ASKED("t1", "freeze", "anna", "core change")
#define THAW ASKED("t2", "thaw", "bert", "")
#define START(frozen)                                                                              \
    LINE("9", "\"start\",\"time\":\"t9\",\"mode\":\"act\",\"frozen\":\"" frozen "\"")
#define OLD_START LINE("9", "\"start\",\"time\":\"t9\",\"mode\":\"act\"")
#define DRAIN(number, object, state)                                                               \
    LINE("8", "\"effect\",\"time\":\"t3\",\"effect\":{\"effect\":\"drain\",\"at_ns\":6,"           \
              "\"number\":" number ",\"object\":\"" object "\",\"state\":\"" state                 \
              "\",\"who\":\"anna\",\"text\":\"it was said\"}")
#define OTHER LINE("8", "\"effect\",\"time\":\"t3\",\"effect\":{\"effect\":\"ready\",\"at_ns\":6}")
#define TORN "{\"hash\":\"" HASH "\",\"number\":8,\"rec"
#define TORN_EVENT "{\"hash\":\"" HASH "\",\"number\":8,\"record\":\"event\",\"time\":\"t"
#define TORN_EFFECT "{\"hash\":\"" HASH "\",\"number\":8,\"record\":\"effect\",\"time\":\"t"
#define BY_ANNA "anna since t1: core change"
#define DAMAGED "Fairlead itself: a damaged record of the audit log may have said so"
#define TOO_SHORT "Fairlead itself: the audit log does not go back to where it was said"

// Files of a log, the latest first; why it is frozen, "": it is not; what was drained.
static const struct {
    const char *name;
    const char *files[AUDIT_FILES];
    const char *frozen;
    const char *drains[2];
} rows[] = {
    {"no log", {NULL}, "", {NULL}},
    {"an empty one", {""}, "", {NULL}},
    {"nothing was asked", {NEW START("") OTHER}, "", {NULL}},
    {"frozen", {NEW START("") FREEZE OTHER}, BY_ANNA, {NULL}},
    {"without a reason", {NEW ASKED("t1", "freeze", "anna", "")}, "anna since t1", {NULL}},
    {"frozen twice: the second was refused",
     {NEW FREEZE ASKED("t4", "freeze", "bert", "mine")},
     BY_ANNA,
     {NULL}},
    {"thawed", {NEW FREEZE THAW OTHER}, "", {NULL}},
    {"frozen anew", {NEW FREEZE THAW FREEZE}, BY_ANNA, {NULL}},
    {"all withdrawn",
     {NEW ASKED("t1", "withdraw_all", "anna", "a fire")},
     "anna since t1: a fire",
     {NULL}},
    {"the kill file",
     {NEW EVENT("t1", "\"event\":\"command\",\"at_ns\":5,\"command\":\"withdraw\"")},
     "the kill file since t1",
     {NULL}},
    {"stopped, which is no freeze",
     {NEW EVENT("t1", "\"event\":\"command\",\"at_ns\":5,\"command\":\"stop\"")},
     "",
     {NULL}},
    {"stopped while frozen",
     {NEW FREEZE EVENT("t1", "\"event\":\"command\",\"at_ns\":5,\"command\":\"stop\"")},
     BY_ANNA,
     {NULL}},
    {"as the last start found it", {START(BY_ANNA) OTHER, NULL}, BY_ANNA, {NULL}},
    {"thawed since the last start", {START(BY_ANNA) THAW, FREEZE}, "", {NULL}},
    {"the last start found none", {START("") OTHER, FREEZE}, "", {NULL}},
    {"in the file before", {OTHER OTHER, START("") FREEZE}, BY_ANNA, {NULL}},
    {"in the one before that", {OTHER, OTHER, NEW FREEZE}, BY_ANNA, {NULL}},
    {"thawed in a later file", {THAW, START("") FREEZE}, "", {NULL}},
    {"a start that does not say", {OLD_START, NEW FREEZE}, BY_ANNA, {NULL}},
    {"nothing, as far back as there is a log", {OTHER, OTHER}, TOO_SHORT, {NULL}},
    {"somebody's words",
     {NEW START("") ASKED("t1", "ack", "anna",
                          "\\\"record\\\":\\\"event\\\",\\\"what\\\":"
                          "\\\"freeze\\\"")},
     "",
     {NULL}},
    {"a torn end", {NEW START("") TORN}, DAMAGED, {NULL}},
    {"of a person's word", {NEW START("") TORN_EVENT}, DAMAGED, {NULL}},
    {"of anything else", {NEW START("") TORN_EFFECT}, "", {NULL}},
    {"closed since", {NEW START("") TORN "\n" OTHER}, DAMAGED, {NULL}},
    {"and the next start said so", {NEW START("") TORN "\n" START("") OTHER}, "", {NULL}},
    {"torn while it was frozen", {NEW FREEZE TORN}, BY_ANNA, {NULL}},
    {"torn in a later file", {OTHER TORN, NEW FREEZE THAW}, DAMAGED, {NULL}},
    {"not JSON", {NEW "{\"hash\":\"00\",\"record\":\"event\",\"event\":{]}\n"}, DAMAGED, {NULL}},
    {"a drain",
     {NEW START("") DRAIN("3", "upstream transit-a", "safe")},
     "",
     {"upstream transit-a"}},
    {"two, of which one is over",
     {NEW START("") DRAIN("3", "upstream transit-a", "safe") DRAIN("4", "site", "moving")
          DRAIN("3", "upstream transit-a", "restoring")},
     "",
     {"site"}},
    {"begun in the file before",
     {OTHER, START("") DRAIN("3", "site", "moving") DRAIN("4", "router edge1", "planned")},
     "",
     {"site", "router edge1"}},
    {"over in a later file",
     {DRAIN("3", "site", "over"), START("") DRAIN("3", "site", "safe")},
     "",
     {NULL}},
    {"of a life before the last", {NEW DRAIN("3", "site", "safe") START("")}, "", {NULL}},
    {"of one before, in a file before",
     {OLD_START, NEW START("") DRAIN("3", "site", "safe")},
     "",
     {NULL}},
};

static void finds_what_was_asked(void **state)
{
    (void)state;
    static const char *const none[AUDIT_FILES];
    static struct net net;
    static struct words_found found;
    char directory[] = "/tmp/words_found.XXXXXX";
    net = small_net();
    assert_non_null(mkdtemp(directory));
    snprintf(net.audit_path, sizeof net.audit_path, "%s/audit.jsonl", directory);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t count = 0;
        audit_files_write(net.audit_path, rows[i].files);
        words_found_read(&found, &net);
        if (strcmp(found.frozen.why, rows[i].frozen) != 0)
            fail_msg("%s: '%s'", rows[i].name, found.frozen.why);
        for (; count < 2 && rows[i].drains[count]; count++)
            CHECK_ROW(rows[i].name, strcmp(found.drains[count].object, rows[i].drains[count]) == 0);
        CHECK_ROW(rows[i].name, found.drain_count == count);
    }
    audit_files_write(net.audit_path, none);
    // What is there and cannot be read.
    assert_int_equal(mkdir(net.audit_path, 0700), 0);
    words_found_read(&found, &net);
    assert_string_equal(found.frozen.why,
                        "Fairlead itself: the audit log cannot be read: Is a directory");
    rmdir(net.audit_path);
    net.audit_path[0] = '\0';
    words_found_read(&found, &net);
    assert_string_equal(found.frozen.why, "");
    rmdir(directory);
}

// A long reason is cut, and stays text that the start can be recorded with.
static void cuts_between_letters(void **state)
{
    (void)state;
    static struct net net;
    static struct words_found found;
    static const char *const none[AUDIT_FILES];
    char directory[] = "/tmp/words_found.XXXXXX", line[1024], reason[200];
    const char *files[AUDIT_FILES] = {line};
    net = small_net();
    assert_non_null(mkdtemp(directory));
    snprintf(net.audit_path, sizeof net.audit_path, "%s/audit.jsonl", directory);
    memset(reason, 'x', sizeof reason);
    memcpy(reason + sizeof found.frozen.why - 1 - strlen("anna since t1: ") - 1, "\xc3\xa9", 2);
    reason[sizeof reason - 1] = '\0';
    snprintf(line, sizeof line, NEW ASKED("t1", "freeze", "anna", "%s"), reason);
    audit_files_write(net.audit_path, files);
    words_found_read(&found, &net);
    assert_int_equal(strlen(found.frozen.why), sizeof found.frozen.why - 2);
    assert_int_equal(found.frozen.why[sizeof found.frozen.why - 3], 'x');
    audit_files_write(net.audit_path, none);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest units[] = {cmocka_unit_test(finds_what_was_asked),
                                       cmocka_unit_test(cuts_between_letters)};
    return cmocka_run_group_tests(units, NULL, NULL);
}
