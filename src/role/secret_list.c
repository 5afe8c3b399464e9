// SPDX-License-Identifier: ISC
#include "role/secret_list.h"

uint32_t secret_list(const struct net *net, struct secret_use uses[SECRET_USES_MAX])
{
    static const char link_key[] = "access.link_secret_file";
    const struct secret_use all[] = {
        {"access.tls_key", net->access.tls_key, ROLE_WEB},
        {link_key, net->access.link_secret, ROLE_WEB},
        {link_key, net->access.link_secret, ROLE_NOTIFY},
        {"syslog.tls_key", net->syslog.tls_key, ROLE_INGEST},
        {"changes.token_file", net->changes.token_file, ROLE_INGEST},
        {"ssh.key_file", net->ssh.key_file, ROLE_SHELL},
    };
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].file[0])
            uses[count++] = all[i];
    for (uint32_t i = 0; i < net->alert.channel_count; i++) {
        const char *file = net->alert.channels[i].secret_file;
        if (file[0])
            uses[count++] = (struct secret_use){"alert.channels[].secret_file", file, ROLE_NOTIFY};
    }
    for (uint32_t i = 0; i < net->changes.etcd_count; i++) {
        const char *file = net->changes.etcd[i].secret_file;
        if (file[0])
            uses[count++] = (struct secret_use){"changes.etcd[].secret_file", file, ROLE_INGEST};
    }
    return count;
}
