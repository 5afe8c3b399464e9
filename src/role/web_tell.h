// SPDX-License-Identifier: ISC
// What the engine's process tells the web's, one text a packet: a picture, which begins with '{',
// "ID LINE", an effect as a line of `--json` with its number, or a renewed certificate (renew.h).
// The web process may be slow or gone: what it has no room for it misses, and its listeners see by
// the numbers that they missed some.
#pragma once

#include "role/daemon.h"

void web_tell_effect(struct daemon *d, const struct effect *effect);
void web_tell_picture(struct daemon *d);  // when one is due
