// SPDX-License-Identifier: ISC
// Which table this host's rules mean packets of a mark or a source for. A way from another one is
// not the way that was chosen: Linux forgets the routes of an interface that is taken down, and its
// packets fall through to a later rule.
#pragma once

#include "role/way_ask.h"

// The table that the first rule of this mark or source looks them up in, if nothing stands in that;
// 0: something does, or there is no such rule. Opens sockets, reads all rules.
uint32_t way_meant_empty(const struct way_question *question);
