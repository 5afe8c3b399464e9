// SPDX-License-Identifier: ISC
#include "net/keys.h"

#include "net/net.h"

static const struct key git_rows[] = {
    {.name = "path",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_repository, path),
     .min = 1,
     .max = NET_TEXT_MAX - 1,
     .doc = "the repository on this host, bare or not, readable by hooks_user"},
    {.name = "branch",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_repository, branch),
     .min = 1,
     .max = NET_TEXT_MAX - 1,
     .fallback = "main",
     .doc = "commits that come to it are changes, merges as one"},
    {.name = "devices",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_repository, devices),
     .min = 1,
     .max = NET_TEXT_MAX - 1,
     .doc = "which device a file is of: a path in which {device} stands for its name, * for "
            "anything but a slash and ** for anything"},
    {.name = "interval_s",
     .kind = KEY_S,
     .offset = offsetof(struct net_repository, interval_ns),
     .min = 1,
     .max = 3600,
     .fallback = "2",
     .doc = "from one look to the next"},
};
static const struct keys git_keys = KEYS_OF(git_rows);

static const struct key etcd_rows[] = {
    {.name = "url",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_etcd, url),
     .min = 8,
     .max = NET_TEXT_MAX - 1,
     .doc = "of etcd's JSON gateway (version 3.4 or newer), without a path: http://[::1]:2379"},
    {.name = "prefix",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_etcd, prefix),
     .min = 1,
     .max = NET_TEXT_MAX - 1,
     .doc = "keys that begin with it are watched"},
    {.name = "devices",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_etcd, devices),
     .min = 1,
     .max = NET_TEXT_MAX - 1,
     .doc = "which device a key is of, as in git[].devices; keys of none are no changes"},
    {.name = "authorities",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_etcd, authorities),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "file with the certificates of who signs that of https, as PEM; empty: those that this "
            "host trusts"},
};
static const struct keys etcd_keys = KEYS_OF(etcd_rows);

static const struct key rows[] = {
    {.name = "token_file",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net, changes.token_file),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "a file, readable by nobody else, with what a request to POST /api/v1/changes at "
            "counters.http must bring as 'Authorization: Bearer TOKEN'; none: nobody may post"},
    {.name = "git",
     .kind = KEY_LIST,
     .offset = offsetof(struct net, changes.git),
     .max = NET_REPOSITORIES_MAX,
     .fallback = "",
     .section = &git_keys,
     .count_offset = offsetof(struct net, changes.git_count),
     .stride = sizeof(struct net_repository),
     .doc = "Repositories of git whose commits are changes."},
    {.name = "etcd",
     .kind = KEY_LIST,
     .offset = offsetof(struct net, changes.etcd),
     .max = NET_ETCDS_MAX,
     .fallback = "",
     .section = &etcd_keys,
     .count_offset = offsetof(struct net, changes.etcd_count),
     .stride = sizeof(struct net_etcd),
     .doc = "Keys of etcd that are watched: what is put or removed there is a change."},
};
const struct keys keys_changes = KEYS_OF(rows);
