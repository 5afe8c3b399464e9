// SPDX-License-Identifier: ISC
// The table of keys from inside: its sections fill two files.
#pragma once

#include "net/keys.h"

#define KEYS_OF(rows)                                                                              \
    {                                                                                              \
        rows, sizeof rows / sizeof rows[0]                                                         \
    }

#define KEY_LOCATION_OF(type, words)                                                               \
    {                                                                                              \
        .name = "location", .kind = KEY_LOCATION, .offset = offsetof(struct type, location),       \
        .fallback = "", .doc = words                                                               \
    }

extern const struct keys keys_maintenance;
extern const struct keys keys_store;
extern const struct keys keys_status_page;
extern const struct keys keys_limits;
extern const struct keys keys_modes;
extern const struct keys keys_selection;  // keys_probe.c: how packets of a path are sent
extern const struct keys keys_use;        // keys_use.c: where an upstream's use is read
extern const struct keys keys_shared;     // likewise: and who shares it
extern const struct keys keys_probe;      // likewise
extern const struct keys keys_alert;      // keys_people.c: channels, people, teams
extern const struct keys keys_access;     // keys_access.c: who may see and act over HTTP
extern const struct keys keys_gravities;  // keys_gravities.c: alert.severities
