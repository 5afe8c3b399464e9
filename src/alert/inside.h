// SPDX-License-Identifier: ISC
// For alert.c, kept.c and send.c only.
#pragma once

#include "alert/alert.h"

enum { ALERT_NO_OUTAGE = 0 };   // the number of a case of none
enum { ALERT_ROUND_LAST = 2 };  // whole teams, and so from then on

// Rounds and acknowledgements whose time has come. False: there is no case.
bool alert_advance(struct alert *alert, struct alert_now now);
// A page that somebody must answer.
bool alert_is_call(enum page_kind kind);
// A place for it; NULL: all that are there are as grave.
struct alert_case *alert_make_case(struct alert *alert, const struct alert_outage *outage);
