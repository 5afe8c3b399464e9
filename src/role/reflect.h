// SPDX-License-Identifier: ISC
// The other end of a probe: answers STAMP on some addresses until SIGINT or SIGTERM.
#pragma once

#include "base/prefix.h"
#include "role/roles.h"

#include <stdbool.h>
#include <stdint.h>

enum { REFLECT_LISTEN_MAX = 16 };

struct reflect_options {
    struct address listen[REFLECT_LISTEN_MAX];
    uint32_t listen_count;  // 0: every address of both families
    uint16_t port;
    bool stateless;          // answers carry the sender's number instead of our count
    uint32_t rate_max_pps;   // answers in a second, over all senders
    uint64_t dscp_allowed;   // a bit for each that senders may ask answers to be sent with
    uint16_t micro_session;  // RFC 9534: the link of a bundle that all probes come by; 0: none
};

struct reflect_counts {
    uint64_t answered;
    uint64_t malformed;  // too short or too long to be a probe
    uint64_t over_rate;
    uint64_t unsent;     // the kernel did not take the answer
    uint64_t elsewhere;  // meant for another link of a bundle (RFC 9534)
    uint64_t uncounted;  // answered with the sender's number: no room for one more session
};

struct reflect;

// Takes over SIGINT and SIGTERM. NULL on failure; `why` (ROLE_ERROR_MAX bytes) says what failed,
// why, and what would help.
struct reflect *reflect_open(const struct reflect_options *options, char *why);
// Where it listens, into `text`, for people.
void reflect_describe(const struct reflect *reflect, char *text, size_t size);
// Until SIGINT or SIGTERM. 0 or -errno.
int reflect_run(struct reflect *reflect, struct reflect_counts *counts);
void reflect_close(struct reflect *reflect);
