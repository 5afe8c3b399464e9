// SPDX-License-Identifier: ISC
#include "probe/tcp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct tcp_reply reply;
    if (tcp_reply_decode(FAMILY_IPV4, bytes, size, &reply) && size < 20 + 20)
        abort();  // no two headers fit in less
    if (tcp_reply_decode(FAMILY_IPV6, bytes, size, &reply) && size < 20)
        abort();
    return 0;
}
