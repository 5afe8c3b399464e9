// SPDX-License-Identifier: ISC
// The journal of systemd, by its own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): what the daemon
// tells goes there as fields, so that `journalctl FAIRLEAD_EFFECT=outage` finds it. Who is slow
// there is not waited for.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { JOURNAL_ENTRY_MAX = 16384 };

// Error, warning, or info, as RFC 5424 §6.2.1 numbers them.
int journal_priority(const char *text);
// The entry: `text` is its MESSAGE; each member of `json`, an object or NULL, is a field
// FAIRLEAD_NAME. Gives its size; 0: it does not fit.
size_t journal_entry(const char *text, const char *json, char entry[JOURNAL_ENTRY_MAX]);
// A socket to it, if `fd` is written there, as $JOURNAL_STREAM says; -1: it is not, or not reached.
int journal_open(int fd);
bool journal_tell(int journal, const char *text, const char *json);  // false: it was not taken
