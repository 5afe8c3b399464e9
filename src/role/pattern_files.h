// SPDX-License-Identifier: ISC
// The pattern files of a directory: each `VENDOR.pattern`, in the order of names.
#pragma once

#include "syslog/pattern.h"

enum { PATTERN_FILES_WHY_MAX = 512 };

// All of them, or NULL and `why` (PATTERN_FILES_WHY_MAX bytes): "FILE:LINE: what is wrong".
struct syslog_patterns *pattern_files_load(const char *directory, char *why);
// Where they are when nothing is said: beside the source, or where they were installed.
const char *pattern_files_usual(void);
