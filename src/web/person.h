// SPDX-License-Identifier: ISC
// Who a request is from, and what that one may do.
#pragma once

#include "net/net.h"
#include "net/rights.h"

struct web_person {
    char name[NET_NAME_MAX];  // "": nobody has said
    unsigned rights;          // RIGHT_*
};
