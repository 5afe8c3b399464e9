// SPDX-License-Identifier: ISC
// Any output is commits or none, and what comes of each is a line; any path is of a device or not.
#include "change/git_log.h"

#include "change/line_check.h"
#include "change/place.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct net net = {.router_count = 2};
    struct git_log log = {(const char *)bytes, size};
    struct git_commit commit;
    snprintf(net.routers[0].name, NET_NAME_MAX, "r0");
    snprintf(net.routers[1].name, NET_NAME_MAX, "r1");
    for (size_t left = size + 1; git_log_next(&log, &net, "**/{device}/*", &commit); left--) {
        assert(left > 0 && log.size <= size);
        assert(strlen(commit.hash) >= 40 && is_line(commit.change.who) &&
               is_line(commit.change.what));
    }
    char pattern[32] = "", name[NET_NAME_MAX] = "";
    size_t head = size < sizeof pattern - 1 ? size : sizeof pattern - 1;
    memcpy(pattern, bytes, head);
    if (place_device(&net, pattern, (const char *)bytes + head, size - head, name))
        assert(place_is_pattern(pattern) || strstr(pattern, "{device}"));
    return 0;
}
