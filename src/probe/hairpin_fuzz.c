// SPDX-License-Identifier: ISC
#include "probe/hairpin.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct siphash_key key = {1, 2};
    struct hairpin_probe probe;
    if (hairpin_decode(bytes, size, key, &probe) && size < 14 + 20 + 8 + 24)
        abort();  // nothing that could be tagged fits in less
    return 0;
}
