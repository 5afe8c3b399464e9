// SPDX-License-Identifier: ISC
// Catches what comes to a range of UDP ports with one socket: a program that the kernel asks for
// the socket of each datagram (BPF_PROG_TYPE_SK_LOOKUP, Linux 5.9). A socket bound to each port
// would do the same and cost one descriptor and its buffers for each; without either the host would
// answer that the port is unreachable.
#pragma once

#include "base/prefix.h"

#include <stdint.h>

// Sends what comes in this network namespace to a UDP port from `first` on to the socket of its
// family, whatever that is bound to; a negative one: none of that family. Connected sockets keep
// what is theirs. Gives a descriptor that holds it up: it ends with the last copy of that; or
// -errno. Needs CAP_BPF and CAP_NET_ADMIN.
int port_catch_open(const int sockets[FAMILIES], uint16_t first);
