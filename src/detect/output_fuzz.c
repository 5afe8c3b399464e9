// SPDX-License-Identifier: ISC
// Whatever a device prints, and however often: what is told as over was told before, and nothing is
// told twice. An empty line begins the next look.
#include "detect/output.h"

#include <assert.h>
#include <stdlib.h>

static const char rules[] = "[bfd_down]\napp = junos\ntext = {peer} Down{*}\n"
                            "line = <13>1 - e junos - - - 192.0.2.1 Down ge-0/0/0\n\n"
                            "[process_crashed]\napp = junos\ntext = core.{process}\n"
                            "line = <13>1 - e junos - - - core.rpd\n";

static void end(struct output *o, const struct output_of *of, bool whole, struct notice *standing,
                uint32_t *count)
{
    struct notice notice;
    output_end_command(o, of);
    output_end(o, whole);
    while (output_next(o, &notice)) {
        uint32_t i = 0;
        while (i < *count && !notice_is_same(&standing[i], &notice))
            i++;
        if (!notice_rules[notice.kind].stands)
            continue;
        assert(notice.raised == (i == *count));
        if (notice.raised)
            standing[(*count)++] = notice;
        else
            standing[i] = standing[--*count];
    }
    assert(*count <= o->count && o->count <= OUTPUT_FACTS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct notice standing[OUTPUT_FACTS_MAX];
    static const struct net net;
    struct syslog_patterns *patterns = syslog_patterns_new();
    struct output *o = calloc(1, sizeof *o);
    struct syslog_pattern_error error;
    const struct output_of of = {&net, patterns, "edge1", "junos"};
    uint32_t count = 0;
    if (!o || !patterns)
        abort();
    syslog_patterns_add(patterns, "x", (struct syslog_text){rules, sizeof rules - 1}, &error);
    output_begin(o);
    for (size_t i = 0; i < size; i++) {
        bool good = output_take(o, &of, (const char *)bytes + i, 1);
        if (good && (i == 0 || bytes[i] != '\n' || bytes[i - 1] != '\n'))
            continue;
        end(o, &of, good && i % 2 == 0, standing, &count);
        output_begin(o);
    }
    end(o, &of, true, standing, &count);
    syslog_patterns_free(patterns);
    free(o);
    return 0;
}
