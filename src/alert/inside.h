// SPDX-License-Identifier: ISC
// For alert.c and send.c only.
#pragma once

#include "alert/alert.h"

// Rounds and acknowledgements whose time has come. False: there is no case.
bool alert_advance(struct alert *alert, struct alert_now now);
// A page that somebody must answer.
bool alert_is_call(enum page_kind kind);
