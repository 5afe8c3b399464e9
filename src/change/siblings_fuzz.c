// SPDX-License-Identifier: ISC
// Any bytes are configurations, one after the other with a zero between, and what differs can be
// said.
#include "change/siblings.h"

#include <assert.h>
#include <string.h>

enum { DEVICES_MAX = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[DEVICES_MAX] = {"rr-1", "rr-2", "rr-3", "rr-4", "rr-5"};
    static struct sibling_findings findings;
    struct config configs[DEVICES_MAX];
    struct sibling siblings[DEVICES_MAX];
    uint32_t count = 0;
    for (; count < DEVICES_MAX && size > 0; count++) {
        const uint8_t *end = memchr(bytes, 0, size);
        size_t part = end ? (size_t)(end - bytes) : size;
        assert(config_read(&configs[count], (const char *)bytes, part));
        siblings[count] = (struct sibling){names[count], &configs[count], &configs[0]};
        bytes += part + (end ? 1 : 0);
        size -= part + (end ? 1 : 0);
    }
    assert(siblings_compare(siblings, count, &findings));
    for (uint32_t i = 0; i < findings.count; i++) {
        char text[160];
        const struct sibling_finding *f = &findings.items[i];
        assert(f->odd && !(f->odd & f->usual) && !(f->odd >> count) && !(f->usual >> count));
        assert(i == 0 || f->weight <= findings.items[i - 1].weight);
        sibling_say(siblings, f, text, sizeof text);
        for (const char *c = text; *c; c++)
            assert(*c >= ' ' && *c < 0x7f);
    }
    for (uint32_t i = 0; i < count; i++)
        config_done(&configs[i]);
    return 0;
}
