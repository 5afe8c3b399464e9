// SPDX-License-Identifier: ISC
// Which facts traps of SNMP tell (RFC 3416 §4.2.6): rules as data, one file a vendor, with numbers
// for names, so that no MIB is needed. A rule is
//
//   [interface_down]                                 the fact, as in pattern.h
//   trap      = linkDown 1.3.6.1.6.3.1.1.5.3         one to four of them, each with its name
//   only      = 1.3.6.1.2.1.2.2.1.7 1                optional: a variable has this number
//   interface = value 1.3.6.1.2.1.31.1.1.1.1         a field, and where it is taken from
//   interface = index 1.3.6.1.2.1.2.2.1.1            where that is not there
//   line      = 1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1.526 i 526
//
// A field is the `value` of the first variable whose name begins with these numbers, the `address`
// that its octets are, the `index` that is the rest of its name, the address at the end of this
// (`inet`, RFC 4001 and 4273), or a `text` that stands here. A rule fits only where each field that
// it names is there. `line` is an example, as snmptrap(1) takes its arguments.
#pragma once

#include "syslog/pattern.h"

enum {
    TRAP_OID_MAX = 128,  // numbers (RFC 2578 §3.5)
    TRAP_VARIABLES_MAX = 64,
    TRAP_RULES_MAX = 512,
    TRAP_ROOM = 2048,  // bytes for what is taken from one
    TRAP_LINE_OCTETS_MAX = 512,
};

struct trap_oid {
    uint32_t count, ids[TRAP_OID_MAX];
};

enum trap_kind { TRAP_OTHER, TRAP_NUMBER, TRAP_OCTETS };

struct trap_variable {
    struct trap_oid name;
    enum trap_kind kind;
    int64_t number;
    struct syslog_text octets;  // borrowed
};

struct trap {
    struct trap_oid id;
    uint32_t count;  // those behind TRAP_VARIABLES_MAX are not looked at
    struct trap_variable variables[TRAP_VARIABLES_MAX];
};

struct trap_match {
    struct syslog_match match;      // valid until rules are added
    struct syslog_message message;  // its text are the words: "linkDown: interface et-0/0/8"
    size_t used;
    char room[TRAP_ROOM];
};

struct trap_rules;

struct trap_rules *trap_rules_new(void);  // NULL: memory is out
void trap_rules_free(struct trap_rules *rules);
// Takes all rules of a file, or none and fills `error`. `vendor` and `text` are copied.
bool trap_rules_add(struct trap_rules *rules, const char *vendor, struct syslog_text text,
                    struct syslog_pattern_error *error);
uint32_t trap_rules_count(const struct trap_rules *rules);
// False: no rule knows the trap; then the message says what it is, for a sample.
bool trap_rules_match(const struct trap_rules *rules, const struct trap *trap,
                      struct trap_match *match);

// Numbers with dots between; false: they are not, or too many.
bool trap_oid_read(struct syslog_text text, struct trap_oid *oid);
// A line of an example; its octets lie in it or in `room` (TRAP_LINE_OCTETS_MAX).
bool trap_line_read(struct syslog_text line, struct trap *trap, char *room);
