// SPDX-License-Identifier: ISC
// Every lost packet of a run, and every change of way, as one JSON object a line: for whoever wants
// to know which packet it was, and when.
#pragma once

#include "lab/measure.h"

// 0 or -errno.
int losses_write(struct traffic_log *log, const struct scenario *scenario,
                 const struct measure_window *window, const char *path);
