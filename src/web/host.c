// SPDX-License-Identifier: ISC
#include "web/host.h"

#include <string.h>
#include <strings.h>

bool web_host_is_local(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = strlen(names[i]);
        const char *rest = host + size;
        if (strncasecmp(host, names[i], size) != 0)
            continue;
        if (*rest == ':')
            rest += 1 + strspn(rest + 1, "0123456789");
        if (*rest == '\0')
            return true;
    }
    return false;
}

bool web_host_is_ours(const struct net *net, const char *host)
{
    const char *url = net->access.url, *rest = strstr(url, "://");
    if (!rest)
        return web_host_is_local(host) || net_access_is_guarded(&net->access);
    return web_host_is_local(host) || strcasecmp(host, rest + 3) == 0;
}
