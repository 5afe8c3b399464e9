// SPDX-License-Identifier: ISC
// Any file of rules for traps is taken, or refused at a line of it; whatever was taken matches any
// trap, and what it takes lies in its room. What stands behind the first empty line is the trap.
#include "syslog/trap.h"

#include <assert.h>
#include <stdlib.h>

static void check_inside(const struct trap_match *m, struct syslog_text text)
{
    assert(text.size == 0 || (text.at >= m->room && text.at + text.size <= m->room + TRAP_ROOM));
}

static void match_all(const struct trap_rules *rules, struct syslog_text line)
{
    char room[TRAP_LINE_OCTETS_MAX];
    struct trap *trap = malloc(sizeof *trap);
    struct trap_match *match = malloc(sizeof *match);
    if (trap && match && trap_line_read(line, trap, room)) {
        if (trap_rules_match(rules, trap, match))
            for (size_t i = 0; i < SYSLOG_FIELDS; i++)
                check_inside(match, match->match.fields[i]);
        check_inside(match, match->message.text);
        assert(match->used <= TRAP_ROOM);
    }
    free(trap);
    free(match);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct syslog_text all = {size > 0 ? (const char *)bytes : "", size};
    const char *end = size > 1 ? memmem(all.at, size, "\n\n", 2) : NULL;
    struct syslog_text file = {all.at, end ? (size_t)(end - all.at) : size};
    struct trap_rules *rules = trap_rules_new();
    struct syslog_pattern_error error = {0};
    if (!rules)
        return 0;
    bool taken = trap_rules_add(rules, "fuzz", file, &error);
    assert(taken || error.what[0]);
    assert(taken || trap_rules_count(rules) == 0);
    match_all(rules, (struct syslog_text){all.at + file.size, size - file.size});
    trap_rules_free(rules);
    return 0;
}
