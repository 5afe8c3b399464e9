// SPDX-License-Identifier: ISC
// Captures (pcap, pcapng by libpcap) for `fairlead decode`: one packet after the other.
#pragma once

#include "capture/packet.h"

#include <jansson.h>
#include <stdio.h>
#include <sys/time.h>

struct pcap_visit {
    // Of each packet, what it holds, and when it was captured; false: go no further.
    bool (*each)(void *context, enum packet_kind kind, const struct packet *packet,
                 const struct timeval *time);
    void *context;
    uint64_t kinds[PACKET_KINDS];  // how many of each there were
};

// By its first octets, which stay to be read.
bool decode_is_capture(FILE *in);
// The exit status; what failed, it says. Closes `in`.
int decode_pcap_walk(FILE *in, struct pcap_visit *visit);
// Tells what could not be read.
void decode_pcap_say_passed_over(const struct pcap_visit *visit);

json_t *decode_time_json(const struct timeval *time);
// "192.0.2.1:179", "[2001:db8::1]:179"; without a port the address alone.
json_t *decode_end_json(const struct packet_end *end);
