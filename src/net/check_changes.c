// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

#include <string.h>

static uint32_t entry_line(const struct check *c, const char *of, uint32_t index, const char *key)
{
    const struct tree_node *list = tree_find(tree_find(c->root, "changes"), of);
    const struct tree_node *value = tree_find(tree_at(list, index), key);
    return value ? value->key_line : line_in(c, "changes", of);
}

static bool is_branch(const char *name)
{
    return name[0] != '-' && !strpbrk(name, " \t~^:?*[\\") && !strstr(name, "..");
}

static void check_pattern(const struct check *c, const char *of, uint32_t i, const char *pattern,
                          const char *example)
{
    const char *device = strstr(pattern, "{device}");
    if (pattern[0] && (!device || strstr(device + 1, "{device}")))
        net_errors_add(c->errors, NET_ERROR, entry_line(c, of, i, "devices"),
                       "changes.%s[%u].devices: '%s' does not have {device} once: write such as %s",
                       of, i, pattern, example);
}

static bool is_this_host(const char *url)
{
    static const char *const here[] = {"127.0.0.1", "[::1]", "localhost"};
    const char *host = strstr(url, "://") + 3;
    size_t size = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++)
        if (strlen(here[i]) == size && strncmp(host, here[i], size) == 0)
            return true;
    return false;
}

static void check_etcd_secret(const struct check *c, uint32_t i)
{
    const struct net_etcd *etcd = &c->net->changes.etcd[i];
    if (etcd->secret_file[0] && etcd->secret_file[0] != '/')
        net_errors_add(c->errors, NET_ERROR, entry_line(c, "etcd", i, "secret_file"),
                       "changes.etcd[%u].secret_file: '%s' is no absolute path", i,
                       etcd->secret_file);
    if (etcd->user[0] && !etcd->secret_file[0])
        net_errors_add(c->errors, NET_ERROR, entry_line(c, "etcd", i, "user"),
                       "changes.etcd[%u].user: '%s' has no password: write secret_file", i,
                       etcd->user);
    if (etcd->secret_file[0] && strncmp(etcd->url, "http://", 7) == 0 && !is_this_host(etcd->url))
        net_errors_add(c->errors, NET_WARNING, entry_line(c, "etcd", i, "url"),
                       "changes.etcd[%u].url: anybody on the way reads the secret: write https", i);
}

static void check_etcd(const struct check *c, uint32_t i)
{
    const struct net_etcd *etcd = &c->net->changes.etcd[i];
    const char *host = strstr(etcd->url, "://");
    bool is_http = strncmp(etcd->url, "http://", 7) == 0 || strncmp(etcd->url, "https://", 8) == 0;
    if (etcd->url[0] && (!is_http || strchr(host + 3, '/') || strchr(host + 3, '@')))
        net_errors_add(
            c->errors, NET_ERROR, entry_line(c, "etcd", i, "url"),
            "changes.etcd[%u].url: '%s' is not as https://HOST:2379 is: no path, no user", i,
            etcd->url);
    check_pattern(c, "etcd", i, etcd->devices, "/net/{device}/**");
    check_etcd_secret(c, i);
}

static void check_repository(const struct check *c, uint32_t i)
{
    const struct net_repository *git = &c->net->changes.git[i];
    if (git->path[0] && git->path[0] != '/')
        net_errors_add(c->errors, NET_ERROR, entry_line(c, "git", i, "path"),
                       "changes.git[%u].path: '%s' is no absolute path", i, git->path);
    if (!is_branch(git->branch))
        net_errors_add(c->errors, NET_ERROR, entry_line(c, "git", i, "branch"),
                       "changes.git[%u].branch: '%s' is no branch: write its name without "
                       "refs/heads/, such as main",
                       i, git->branch);
    check_pattern(c, "git", i, git->devices, "hosts/{device}.conf");
}

void check_changes(const struct check *c)
{
    const struct net_changes *changes = &c->net->changes;
    const struct net_counters *counters = &c->net->counters;
    bool has_http = counters->http[FAMILY_IPV4].family || counters->http[FAMILY_IPV6].family;
    for (uint32_t i = 0; i < changes->git_count; i++)
        check_repository(c, i);
    for (uint32_t i = 0; i < changes->etcd_count; i++)
        check_etcd(c, i);
    if (changes->token_file[0] && changes->token_file[0] != '/')
        net_errors_add(c->errors, NET_ERROR, line_in(c, "changes", "token_file"),
                       "changes.token_file: '%s' is no absolute path", changes->token_file);
    if (c->sound && changes->token_file[0] && !has_http)
        net_errors_add(c->errors, NET_ERROR, line_in(c, "changes", "token_file"),
                       "changes.token_file: there is nowhere to post to: write counters.http");
}
