// SPDX-License-Identifier: ISC
#include "probe/frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct frame_udp udp;
    if (!frame_udp_read(bytes, size, &udp))
        return 0;
    bool is_inside = udp.payload >= bytes + FRAME_ETHERNET + 20 + 8 &&
                     udp.payload + udp.payload_size <= bytes + size;
    if (!is_inside || udp.source.family == FAMILY_NONE ||
        udp.source.family != udp.destination.family)
        abort();
    return 0;
}
