// SPDX-License-Identifier: ISC
// One syslog message, as RFC 5424 or RFC 3164 wrote it or as devices really do. Any bytes give a
// message: what is not as the RFC says is taken as far as it goes, marked, and what is left is its
// text. All pieces lie in the bytes given, which must outlive them.
//
// Of RFC 3164, whose header is "what was seen in the wild" (§4), the dialects of Junos, EOS, IOS,
// IOS-XR, NX-OS, SR OS, VRP, NetIron and Linux are read: sequence numbers, origin ids,
// milliseconds, time zones, years, node names, and mnemonics such as %BGP-5-ADJCHANGE.
#pragma once

#include "syslog/text.h"

enum syslog_format { SYSLOG_BSD, SYSLOG_5424, SYSLOG_FORMATS };
extern const char *const syslog_format_names[SYSLOG_FORMATS];

enum {
    SYSLOG_UNKNOWN = 0xff,     // facility or severity that was not said
    SYSLOG_SIZE_MAX = 8192,    // bytes of a message that are looked at (RFC 5424 §6.1: 2048)
    SYSLOG_ELEMENTS_MAX = 64,  // of structured data
    SYSLOG_ELEMENT_PARAMETERS_MAX = 64,
};

struct syslog_message {
    enum syslog_format format;
    uint8_t facility, severity;  // or SYSLOG_UNKNOWN
    uint32_t version;            // of RFC 5424
    // As written; size 0: absent.
    struct syslog_text time, host, app, pid;
    struct syslog_text id;    // MSGID, or the mnemonic in front of the text: BGP-5-ADJCHANGE
    struct syslog_text node;  // of a device, that speaks: re0, RP/0/RP0/CPU0
    struct syslog_text structured;
    struct syslog_text text;
    const char *fault;  // what is not as RFC 5424 says, or that the priority is; NULL: nothing
    size_t fault_at;    // the byte
};

// Line ends and zeros behind it do not count.
void syslog_message_read(const void *bytes, size_t size, struct syslog_message *message);
// The same for a source that is known to speak RFC 5424 only.
void syslog_message_read_5424(const void *bytes, size_t size, struct syslog_message *message);
