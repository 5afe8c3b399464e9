// SPDX-License-Identifier: ISC
// What signs links in pages (web/link.h): the process that pages and the one that is asked read it,
// each while the parent still may.
#pragma once

#include "net/access.h"
#include "web/link.h"

#include <stdbool.h>

// "" where none is configured. False: `why` (ROLE_ERROR_MAX bytes) says what is wrong with it.
bool link_secret_read(const struct net_access *access, char secret[WEB_LINK_SECRET_MAX], char *why);
