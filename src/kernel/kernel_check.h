// SPDX-License-Identifier: ISC
// For tests of the kernel's messages: a body in hex behind a header, decoded.
#pragma once

#include "base/check.h"
#include "kernel/message.h"

#include <string.h>

struct check_kernel {
    enum kernel_verdict verdict;
    const char *wrong;  // NULL unless malformed
    struct kernel_message message;
};

static inline struct check_kernel check_decode_bytes(uint16_t type, const uint8_t *body,
                                                     size_t size, enum netlink_order order)
{
    struct check_kernel got = {.wrong = NULL};
    struct netlink_message message = {.type = type, .body = cursor_over(body, size)};
    got.verdict = kernel_decode(&message, order, &got.message, &got.wrong);
    return got;
}

static inline struct check_kernel check_decode(uint16_t type, const char *hex)
{
    uint8_t body[2048];
    return check_decode_bytes(type, body, check_hex(hex, body), NETLINK_LITTLE);
}
