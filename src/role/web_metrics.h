// SPDX-License-Identifier: ISC
// The picture of the engine as OpenMetrics 1.0, which Prometheus reads as its own text format too:
// gauges only, base units in the names. What the engine does not know is left out, not zero.
#pragma once

#include <jansson.h>
#include <stddef.h>

// `status` is what GET /api/v1/status answers, or NULL: nothing was heard yet. `age_s` is how long
// ago. Gives the text, to be freed, and its size; NULL: out of memory.
char *web_metrics_text(const json_t *status, double age_s, size_t *size);
