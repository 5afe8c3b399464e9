// SPDX-License-Identifier: ISC
// A time as people write it, in UTC: "2026-03-03T09:14:22Z", also without seconds, time or Z;
// seconds from 1970 on; or before now: "-90m", of s, m, h, d.
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool when_parse(const char *text, int64_t now_s, int64_t *at_s);
