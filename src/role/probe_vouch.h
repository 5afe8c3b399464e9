// SPDX-License-Identifier: ISC
// What people are told of whether our own side may judge.
#pragma once

#include "role/probe.h"

void probe_tell_vouch(struct probe_role *r);
