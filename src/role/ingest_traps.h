// SPDX-License-Identifier: ISC
// What devices say by traps and informs of SNMP, versions 2c and 3: to facts by rules, and those to
// the engine as notices, as what they say by syslog. Datagrams are read here and judged by
// net-snmp's library: BER, keys and times of version 3, answers to informs. Part of the ingest
// role.
#pragma once

#include "role/ingest_syslog.h"
#include "syslog/trap.h"

struct ingest_traps;

// What needs privileges: false, and `why` says so.
bool ingest_traps_open(struct ingest_role *role, char *why);
void ingest_traps_close(struct ingest_traps *traps);

int ingest_traps_start(struct ingest_role *role);  // 0 or an error of libuv
void ingest_traps_tick(struct ingest_role *role);
void ingest_traps_tell(const struct ingest_traps *traps);  // its counts, at the end
