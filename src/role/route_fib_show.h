// SPDX-License-Identifier: ISC
// The answer to ASK_FIB: what is known of each router's kernel, and what stands against it. What
// changes while the answer is made may be missed, or told twice.
#pragma once

#include "role/route_ask.h"

bool route_fib_show(struct route_job *job);
void route_fib_show_done(struct route_job *job);
