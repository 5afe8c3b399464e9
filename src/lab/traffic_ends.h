// SPDX-License-Identifier: ISC
// The two ends of the lab's traffic, each in a process of its own; they return only when something
// is wrong with them, with an exit status.
#pragma once

#include "lab/traffic.h"

int traffic_send(const struct scenario_traffic *data, struct traffic_log *log);
// `namespaces` by node.
int traffic_receive(const struct scenario_traffic *data, const int *namespaces,
                    struct traffic_log *log);
