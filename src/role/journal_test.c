// SPDX-License-Identifier: ISC
#include "role/journal.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *text, *json, *entry;
} rows[] = {
    {"the web process is alive", NULL,
     "MESSAGE=the web process is alive\nPRIORITY=6\nSYSLOG_IDENTIFIER=fairlead\n"},
    {"warning: a link", "{}", "MESSAGE=warning: a link\nPRIORITY=4\nSYSLOG_IDENTIFIER=fairlead\n"},
    {"alarm: down",
     "{\"effect\":\"outage\",\"time\":\"2026-11-26T02:00:00Z\",\"outage\":7,\"share_ppm\":1.5,"
     "\"whole\":true,\"who\":null,\"lost\":[1,\"a\"]}",
     "MESSAGE=alarm: down\nPRIORITY=3\nSYSLOG_IDENTIFIER=fairlead\nFAIRLEAD_EFFECT=outage\n"
     "FAIRLEAD_OUTAGE=7\nFAIRLEAD_SHARE_PPM=1.5\nFAIRLEAD_WHOLE=true\nFAIRLEAD_WHO=null\n"
     "FAIRLEAD_LOST=[1,\"a\"]\n"},
    {"a neighbour's text", "{\"reason\":\"a\\nPRIORITY=0\",\"router\":\"edge1\"}",
     "MESSAGE=a neighbour's text\nPRIORITY=6\nSYSLOG_IDENTIFIER=fairlead\nFAIRLEAD_ROUTER=edge1\n"},
    {"cut", "{\"effect\":", "MESSAGE=cut\nPRIORITY=6\nSYSLOG_IDENTIFIER=fairlead\n"},
};

static void writes_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char entry[JOURNAL_ENTRY_MAX];
        size_t size = journal_entry(rows[i].text, rows[i].json, entry);
        CHECK_ROW(rows[i].text, size == strlen(rows[i].entry));
        assert_memory_equal(entry, rows[i].entry, size);
    }
}

static void writes_no_half_entry(void **state)
{
    (void)state;
    static char json[JOURNAL_ENTRY_MAX + 64], entry[JOURNAL_ENTRY_MAX];
    snprintf(json, sizeof json, "{\"a\":\"%0*d\"}", JOURNAL_ENTRY_MAX, 7);
    assert_int_equal(journal_entry("much", json, entry), 0);
}

// Only what systemd has connected to it goes there.
static void is_asked_for_by_the_stream(void **state)
{
    (void)state;
    char stream[64];
    struct stat about;
    int fd = dup(STDOUT_FILENO);
    assert_int_equal(fstat(fd, &about), 0);
    unsetenv("JOURNAL_STREAM");
    assert_int_equal(journal_open(fd), -1);
    const char *const others[] = {"", "x", "1:2"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        setenv("JOURNAL_STREAM", others[i], 1);
        assert_int_equal(journal_open(fd), -1);
    }
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)about.st_dev,
             (unsigned long long)about.st_ino + 1);
    setenv("JOURNAL_STREAM", stream, 1);
    assert_int_equal(journal_open(fd), -1);
    unsetenv("JOURNAL_STREAM");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_fields),
        cmocka_unit_test(writes_no_half_entry),
        cmocka_unit_test(is_asked_for_by_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
