// SPDX-License-Identifier: ISC
// When an event is, by the world's clock: time zones are those that the calendar itself brings (RFC
// 5545 §3.6.5), or else those of this host by name.
#pragma once

#include <libical/ical.h>
#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_WHY_MAX = 128 };

// False: it cannot be known; `why` (WINDOW_WHY_MAX bytes) says why.
bool window_of(icalcomponent *event, int64_t *from_s, int64_t *until_s, char *why);
