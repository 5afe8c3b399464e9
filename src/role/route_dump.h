// SPDX-License-Identifier: ISC
// The answer to ASK_TABLE: the tables of all sessions and of BMP as an MRT archive, from a
// snapshot, in slices. Peers stand in it in the order of route_show_upstreams(), kernels left out.
#pragma once

#include "role/route_ask.h"

bool route_dump_step(struct route_job *job);
void route_dump_done(struct route_job *job);
