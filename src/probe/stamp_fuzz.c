// SPDX-License-Identifier: ISC
#include "probe/stamp.h"

#include <stdlib.h>
#include <string.h>

static const struct address own = {.family = FAMILY_IPV4, .bytes = {192, 0, 2, 1}};
static const struct stamp_reflection how = {
    .stateful = true,
    .sequence = 1,
    .ttl = 64,
    .policy = {.traffic_class = 0xb9, .dscp_allowed = 1, .own = &own, .own_count = 1},
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct stamp_request request;
    struct stamp_reply reply;
    bool is_request = stamp_request_decode(bytes, size, &request);
    bool is_reply = stamp_reply_decode(bytes, size, &reply);
    if (is_reply && stamp_turnaround_ns(&reply) < 0)
        abort();

    uint8_t *answer = malloc(size + 1);  // its own size, so that a byte too far is seen
    size_t answer_size = stamp_reflect(bytes, size, &how, answer).size;
    if (answer_size != (is_request ? size : 0))
        abort();
    if (is_request && (!stamp_reply_decode(answer, answer_size, &reply) ||
                       reply.sender_sequence != request.sequence ||
                       reply.sender_timestamp != request.timestamp || reply.ssid != request.ssid))
        abort();  // what comes back must identify the probe
    struct stamp_class class;
    if (is_request && stamp_class_read(reply.tlvs, &class) &&
        (class.dscp_came != 0x2e || class.ecn_came != 1))
        abort();
    free(answer);
    return 0;
}
