// SPDX-License-Identifier: ISC
// Who came in over the web, was refused, or went, as its process tells the engine's, a line each:
//   {"entry":"login","name":"anna","from":"2001:db8::1"}
// For the audit log; nothing else hangs on it.
#pragma once

#include "base/prefix.h"
#include "net/net.h"

#include <stdbool.h>
#include <stddef.h>

enum { WEB_ENTRY_BYTES_MAX = 256 };
enum web_entry_kind { WEB_ENTRY_LOGIN, WEB_ENTRY_REFUSED, WEB_ENTRY_LOGOUT, WEB_ENTRY_KINDS };

struct web_entry {
    enum web_entry_kind kind;
    char name[NET_NAME_MAX];      // "": of nobody who is configured
    char from[ADDRESS_TEXT_MAX];  // "": not known
};

const char *web_entry_word(enum web_entry_kind kind);
// Gives the length written; 0 when it does not fit, or memory is out.
size_t web_entry_write(const struct web_entry *entry, char *text, size_t size);
// False: it is none.
bool web_entry_read(const char *text, size_t size, struct web_entry *entry);
