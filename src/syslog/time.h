// SPDX-License-Identifier: ISC
// Times as syslog writes them. They are read to be passed over: when something happened is told by
// when it arrived, since a device's own clock is one more thing that may be wrong.
#pragma once

#include "syslog/text.h"

// RFC 5424 §6.2.3, strictly, with days of each month. False: `*at` gets the byte that is wrong.
bool syslog_time_5424(struct syslog_reader *r, struct syslog_text *time, size_t *at);
// Any other: "Feb  5 17:32:18", with a year before or behind, fractions, a zone; marks of IOS for a
// clock that is not set ('*', '.') before it. Reads nothing when there is none.
bool syslog_time_bsd(struct syslog_reader *r, struct syslog_text *time);
