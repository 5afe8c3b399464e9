// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

#include <string.h>

static uint32_t git_line(const struct check *c, uint32_t index, const char *key)
{
    const struct tree_node *list = tree_find(tree_find(c->root, "changes"), "git");
    const struct tree_node *value = tree_find(tree_at(list, index), key);
    return value ? value->key_line : line_in(c, "changes", "git");
}

static bool is_branch(const char *name)
{
    return name[0] != '-' && !strpbrk(name, " \t~^:?*[\\") && !strstr(name, "..");
}

static void check_repository(const struct check *c, uint32_t i)
{
    const struct net_repository *git = &c->net->changes.git[i];
    const char *device = strstr(git->devices, "{device}");
    if (git->path[0] && git->path[0] != '/')
        net_errors_add(c->errors, NET_ERROR, git_line(c, i, "path"),
                       "changes.git[%u].path: '%s' is no absolute path", i, git->path);
    if (!is_branch(git->branch))
        net_errors_add(c->errors, NET_ERROR, git_line(c, i, "branch"),
                       "changes.git[%u].branch: '%s' is no branch: write its name without "
                       "refs/heads/, such as main",
                       i, git->branch);
    if (git->devices[0] && (!device || strstr(device + 1, "{device}")))
        net_errors_add(c->errors, NET_ERROR, git_line(c, i, "devices"),
                       "changes.git[%u].devices: '%s' does not have {device} once: write such as "
                       "hosts/{device}.conf",
                       i, git->devices);
}

void check_changes(const struct check *c)
{
    const struct net_changes *changes = &c->net->changes;
    const struct net_counters *counters = &c->net->counters;
    bool has_http = counters->http[FAMILY_IPV4].family || counters->http[FAMILY_IPV6].family;
    for (uint32_t i = 0; i < changes->git_count; i++)
        check_repository(c, i);
    if (changes->token_file[0] && changes->token_file[0] != '/')
        net_errors_add(c->errors, NET_ERROR, line_in(c, "changes", "token_file"),
                       "changes.token_file: '%s' is no absolute path", changes->token_file);
    if (c->sound && changes->token_file[0] && !has_http)
        net_errors_add(c->errors, NET_ERROR, line_in(c, "changes", "token_file"),
                       "changes.token_file: there is nowhere to post to: write counters.http");
}
