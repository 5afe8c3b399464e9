// SPDX-License-Identifier: ISC
// The pattern files of a directory: each `VENDOR.pattern`, in the order of names.
#pragma once

#include "base/clock.h"
#include "syslog/pattern.h"
#include "syslog/trap.h"

enum { PATTERN_FILES_WHY_MAX = 512 };

// All of them, or NULL and `why` (PATTERN_FILES_WHY_MAX bytes): "FILE:LINE: what is wrong".
struct syslog_patterns *pattern_files_load(const char *directory, char *why);
struct trap_rules *pattern_files_load_traps(const char *directory, char *why);
// Where they are when nothing is said: beside the source, or where they were installed.
const char *pattern_files_usual(void);
const char *pattern_files_shell(void);  // those for what devices print when they are asked
const char *pattern_files_trap(void);   // those for traps of SNMP

// Whether the files are others than before: by names, sizes and times, looked at twice a second.
struct pattern_watch {
    const char *directory;
    uint64_t taken, seen;  // of the files as they were taken, and as they were last
    struct mono looked_at;
};
void pattern_watch_begin(struct pattern_watch *watch, const char *directory);
// True once, when they changed and then stayed as they are from one look to the next.
bool pattern_watch_changed(struct pattern_watch *watch, struct mono now);
