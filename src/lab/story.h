// SPDX-License-Identifier: ISC
// A rehearsal told while it happens, in plain words with times: what the lab does and sees of the
// traffic, and between it what Fairlead says.
#pragma once

#include "lab/rehearsal.h"

struct story;

// Writes to `out`. NULL when memory is out.
struct story *story_new(const struct scenario *scenario, FILE *out);
void story_free(struct story *story);

struct rehearsal_watcher story_watcher(struct story *story);
