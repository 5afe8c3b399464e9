// SPDX-License-Identifier: ISC
// BMP messages and their verdicts as JSON, in the form that doc/fairlead.8 promises.
#pragma once

#include "bmp/monitor.h"

#include <jansson.h>

void bmp_json_verdict(json_t *object, const struct bmp_verdict *verdict);
// Adds to `object` what became of a message, and what it says.
void bmp_json_reading(json_t *object, const struct bmp_verdict *verdict,
                      const struct bmp_reading *reading, const struct bmp_monitor *monitor);
