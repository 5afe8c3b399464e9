// SPDX-License-Identifier: ISC
// Between the files that read a message; nobody else's.
#pragma once

#include "syslog/message.h"

// The first fault is kept.
static inline void syslog_fault(struct syslog_message *m, size_t at, const char *what)
{
    if (!m->fault) {
        m->fault = what;
        m->fault_at = at;
    }
}

// What stands behind the priority.
void syslog_read_5424(struct syslog_reader *r, struct syslog_message *m);
void syslog_read_bsd(struct syslog_reader *r, struct syslog_message *m);
// "%BGP-5-ADJCHANGE: ", "RPD_BGP_NEIGHBOR_STATE_CHANGED: " and their like in front of the text.
void syslog_read_mnemonic(struct syslog_reader *r, struct syslog_message *m);
