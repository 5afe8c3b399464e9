// SPDX-License-Identifier: ISC
#include "probe/icmp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct icmp_echo echo;
    if (icmp_reply_decode(FAMILY_IPV4, bytes, size, &echo) && size < 20 + 16)
        abort();  // no IP header, no header of ICMP and no tag fit in less
    if (icmp_reply_decode(FAMILY_IPV6, bytes, size, &echo) && size < 16)
        abort();
    return 0;
}
