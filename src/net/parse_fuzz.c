// SPDX-License-Identifier: ISC
// Any text is a configuration or has an error with a line of it; what is accepted keeps the bounds
// that every role relies on.
#include "net/parse.h"

#include "net/tree.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_net_bounds(const struct net *net)
{
    char name[NET_NAME_MAX + 8];
    assert(net->router_count >= 1 && net->router_count <= NET_ROUTERS_MAX);
    assert(net->upstream_count >= 1 && net->upstream_count <= NET_UPSTREAMS_MAX);
    assert(net->target_count >= 1 && net->target_count <= NET_TARGETS_MAX);
    assert(net->mode < NET_MODES);
    for (uint32_t i = 0; i < net->upstream_count; i++)
        assert(net->upstreams[i].router < net->router_count);
    for (uint32_t i = 0; i < net->router_count; i++) {
        assert(net->routers[i].hold_time_s >= 3);
        assert((int64_t)net->routers[i].hold_time_s * NS_PER_S >= net->steer.lease_ns);
    }
    assert(net->steer.prefixes.count <= NET_PREFIXES_MAX);
    assert(net->guard.routes_max <= NET_ROUTES_MAX);
    assert(net_path_count(net) <= NET_PATHS_MAX);
    for (uint32_t i = 0; i < net_path_count(net); i++)
        net_path_name(net, i, name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct net net;
    static struct net_errors errors;
    uint32_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] >= 0x80 || bytes[i] == 0;
    bool parsed = net_parse((const char *)bytes, size, "f", &net, &errors);
    assert(parsed == (errors.fatal == 0));
    for (uint32_t i = 0; i < errors.count; i++) {
        char text[NET_ERROR_LINE_MAX];
        net_error_format(&errors, i, text, sizeof text);
        assert(strlen(text) > 0 && !strchr(text, '\n'));
        assert(errors.items[i].line >= 1 && errors.items[i].line <= lines + 1);
        assert(i == 0 || errors.items[i].line >= errors.items[i - 1].line);
    }
    if (parsed)
        check_net_bounds(&net);
    return 0;
}
