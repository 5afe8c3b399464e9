// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

void check_changes(const struct check *c)
{
    const struct net_changes *changes = &c->net->changes;
    const struct net_counters *counters = &c->net->counters;
    bool has_http = counters->http[FAMILY_IPV4].family || counters->http[FAMILY_IPV6].family;
    if (changes->token_file[0] && changes->token_file[0] != '/')
        net_errors_add(c->errors, NET_ERROR, line_in(c, "changes", "token_file"),
                       "changes.token_file: '%s' is no absolute path", changes->token_file);
    if (c->sound && changes->token_file[0] && !has_http)
        net_errors_add(c->errors, NET_ERROR, line_in(c, "changes", "token_file"),
                       "changes.token_file: there is nowhere to post to: write counters.http");
}
