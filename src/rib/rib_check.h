// SPDX-License-Identifier: ISC
// For tests that fill a table: a route from its attributes in one step.
#pragma once

#include "base/check.h"
#include "rib/rib.h"

static inline enum rib_change check_learn(struct rib *rib, uint32_t peer, struct prefix prefix,
                                          uint32_t path_id, const struct rib_attributes *attributes)
{
    uint32_t handle = rib_attributes_take(rib, attributes);
    enum rib_change change = rib_learn(rib, peer, prefix, path_id, handle);
    rib_attributes_give(rib, handle);
    return change;
}
