// SPDX-License-Identifier: ISC
#include "net/rights.h"

const char *const right_names[RIGHT_COUNT] = {"read", "ack", "act", "admin"};
