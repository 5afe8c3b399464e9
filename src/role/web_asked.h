// SPDX-License-Identifier: ISC
#pragma once

#include "role/daemon.h"

// Takes what the web process hands on. 1: something came; 0: none now; -EBADMSG: what may not
// come; other -errno: the other side is gone.
int web_asked_take(struct daemon *d, int channel);
