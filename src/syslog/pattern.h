// SPDX-License-Identifier: ISC
// Which facts lines tell: patterns as data, one file a vendor. A rule is
//
//   [bgp_down]                          the fact
//   id   = BGP-5-ADJCHANGE              the mnemonic, or
//   app  = bgpd                         the program; both: both must fit; neither: any line
//   text = peer {peer} (VRF {} AS {as}) old state Established event {reason} new state {}
//   line = <13>Dec 14 12:08:59 sw1 Bgp: %BGP-5-ADJCHANGE: peer 192.0.2.2 (VRF default AS ...
//
// `text` is what the message's text must be, from its first to its last letter. {name} takes what
// stands there, up to the next letters of the rule where they come first, and no blank; {name*}
// takes blanks too; {} and {*} take and forget. `line` is an example, and there must be one at
// least: a file is taken only when each of its examples gives its own rule. '#' begins a comment
// line. The first rule that fits, in the order of the file, is taken.
#pragma once

#include "syslog/message.h"

enum syslog_fact {
    SYSLOG_FACT_NONE,
    SYSLOG_PROCESS_CRASHED,
    SYSLOG_PROCESS_RESTARTED,
    SYSLOG_PROCESS_GAVE_UP,  // its supervisor starts it no more
    SYSLOG_ALARM_SET,
    SYSLOG_ALARM_CLEARED,
    SYSLOG_BFD_DOWN,
    SYSLOG_BFD_UP,
    SYSLOG_BGP_DOWN,
    SYSLOG_BGP_UP,
    SYSLOG_BGP_PREFIX_LIMIT,
    SYSLOG_BGP_KEY_WRONG,
    SYSLOG_IGP_DOWN,
    SYSLOG_IGP_UP,
    SYSLOG_LACP_DOWN,
    SYSLOG_LACP_UP,
    SYSLOG_INTERFACE_DOWN,
    SYSLOG_INTERFACE_UP,
    SYSLOG_CONFIG_COMMITTED,
    SYSLOG_CONFIG_ROLLED_BACK,
    SYSLOG_MAINTENANCE_BEGAN,
    SYSLOG_MAINTENANCE_ENDED,
    SYSLOG_FACTS
};
extern const char *const syslog_fact_names[SYSLOG_FACTS];

enum syslog_field {
    SYSLOG_PEER,  // address or name of a neighbour
    SYSLOG_AS,
    SYSLOG_VRF,
    SYSLOG_INTERFACE,
    SYSLOG_PROCESS,
    SYSLOG_PID,
    SYSLOG_SIGNAL,
    SYSLOG_USER,
    SYSLOG_CHANGE,  // a commit's number or comment
    SYSLOG_CLASS,   // of an alarm
    SYSLOG_COLOR,
    SYSLOG_REASON,
    SYSLOG_FIELDS
};
extern const char *const syslog_field_names[SYSLOG_FIELDS];

struct syslog_rule {
    enum syslog_fact fact;
    const char *vendor;
    uint32_t line;  // of the file, where it begins
};

struct syslog_match {
    const struct syslog_rule *rule;            // valid until patterns are added
    struct syslog_text fields[SYSLOG_FIELDS];  // size 0: not told; pieces of the message
};

struct syslog_pattern_error {
    uint32_t line;
    char what[256];  // what is wrong, and what would be right
};

enum { SYSLOG_RULES_MAX = 2048, SYSLOG_RULE_PARTS_MAX = 24, SYSLOG_EXAMPLES_MAX = 4 };

struct syslog_patterns;

struct syslog_patterns *syslog_patterns_new(void);  // NULL: memory is out
void syslog_patterns_free(struct syslog_patterns *patterns);
// Takes all rules of a file, or none and fills `error`. `vendor` and `text` are copied.
bool syslog_patterns_add(struct syslog_patterns *patterns, const char *vendor,
                         struct syslog_text text, struct syslog_pattern_error *error);
uint32_t syslog_patterns_count(const struct syslog_patterns *patterns);
// False: no rule knows the line.
bool syslog_patterns_match(const struct syslog_patterns *patterns,
                           const struct syslog_message *message, struct syslog_match *match);
