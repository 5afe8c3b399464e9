// SPDX-License-Identifier: ISC
// The answer to ASK_BMP: routers, their peers, and all that is kept of what they told.
#pragma once

#include "role/route_ask.h"

bool route_bmp_show(struct route_job *job);
void route_bmp_show_done(struct route_job *job);
