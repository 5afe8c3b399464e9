// SPDX-License-Identifier: ISC
// What the loops of all processes end with.
#pragma once

#include <uv.h>

// Closes every handle that is not closing yet: the loop ends once it has run so far.
void loop_close_all(uv_loop_t *loop);
