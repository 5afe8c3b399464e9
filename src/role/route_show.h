// SPDX-License-Identifier: ISC
// Answers out of the tables: all that is known of a prefix, and who told how much.
#pragma once

#include "role/route_ask.h"

bool route_show_routes(struct route_job *job);
bool route_show_upstreams(struct route_job *job);
void route_show_upstreams_done(struct route_job *job);
