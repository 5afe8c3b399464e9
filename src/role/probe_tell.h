// SPDX-License-Identifier: ISC
// What becomes of samples: detectors hear them, the engine what these say, and sums.
#pragma once

#include "role/probe.h"

// What became of a probe. The detectors hear of sentinels alone.
void probe_tell(struct probe_role *r, const struct sample *sample);
void probe_void(struct probe_role *r, uint32_t flow, enum sample_void_reason reason);
void probe_tick_detectors(struct probe_role *r);
void probe_send_tallies(struct probe_role *r);
