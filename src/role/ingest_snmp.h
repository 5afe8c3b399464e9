// SPDX-License-Identifier: ISC
// Asks devices by SNMP what their interfaces to upstreams carry (net-snmp's library): the part of
// the ingest role that nothing waits for. An agent that is silent, refuses or has no such interface
// leaves it unknown, and the log says so once.
#pragma once

#include "role/ingest.h"

// False without memory; opens no socket yet.
bool ingest_snmp_open(struct ingest_role *r, char *why);
void ingest_snmp_close(struct ingest_snmp *snmp);
// Makes the library ready, once, for traps too.
void ingest_snmp_get_ready(struct ingest_snmp *snmp);
// Reads what was answered, and asks what is due.
void ingest_snmp_tick(struct ingest_role *r);
