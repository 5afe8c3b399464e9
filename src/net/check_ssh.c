// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

#include <string.h>

static uint32_t entry_line(const struct check *c, const char *of, uint32_t index, const char *key)
{
    const struct tree_node *list = tree_find(tree_find(c->root, "ssh"), of);
    const struct tree_node *value = tree_find(tree_at(list, index), key);
    return value ? value->key_line : line_in(c, "ssh", of);
}

static bool is_vendor(const struct net_ssh *ssh, const char *name)
{
    bool found = false;
    for (uint32_t i = 0; i < ssh->vendor_count; i++)
        found |= strcmp(ssh->vendors[i].name, name) == 0;
    return found;
}

static void check_vendor(const struct check *c, uint32_t i)
{
    const struct net_ssh_vendor *vendor = &c->net->ssh.vendors[i];
    for (uint32_t j = 0; j < i; j++)
        if (vendor->name[0] && strcmp(vendor->name, c->net->ssh.vendors[j].name) == 0)
            net_errors_add(c->errors, NET_ERROR, entry_line(c, "vendors", i, "name"),
                           "ssh.vendors[%u].name: '%s' is also ssh.vendors[%u]: write each once", i,
                           vendor->name, j);
}

static void check_device(const struct check *c, uint32_t i)
{
    const struct net_ssh_device *device = &c->net->ssh.devices[i];
    for (uint32_t j = 0; j < i; j++)
        if (device->name[0] && strcmp(device->name, c->net->ssh.devices[j].name) == 0)
            net_errors_add(c->errors, NET_ERROR, entry_line(c, "devices", i, "name"),
                           "ssh.devices[%u].name: '%s' is also ssh.devices[%u]: write each once", i,
                           device->name, j);
    if (device->vendor[0] && !is_vendor(&c->net->ssh, device->vendor))
        net_errors_add(c->errors, NET_ERROR, entry_line(c, "devices", i, "vendor"),
                       "ssh.devices[%u].vendor: no ssh.vendors has the name '%s'", i,
                       device->vendor);
}

static void check_file(const struct check *c, const char *key, const char *path)
{
    if (path[0] && path[0] != '/')
        net_errors_add(c->errors, NET_ERROR, line_in(c, "ssh", key),
                       "ssh.%s: '%s' is no absolute path", key, path);
    if (c->sound && !path[0] && c->net->ssh.device_count > 0)
        net_errors_add(c->errors, NET_ERROR, line_in(c, "ssh", "devices"),
                       "ssh.devices: nobody can be asked without ssh.%s: write it", key);
}

void check_ssh(const struct check *c)
{
    const struct net_ssh *ssh = &c->net->ssh;
    for (uint32_t i = 0; i < ssh->vendor_count; i++)
        check_vendor(c, i);
    for (uint32_t i = 0; i < ssh->device_count; i++)
        check_device(c, i);
    check_file(c, "key_file", ssh->key_file);
    check_file(c, "known_hosts", ssh->known_hosts);
    if (c->sound && !ssh->user[0] && ssh->device_count > 0)
        net_errors_add(c->errors, NET_ERROR, line_in(c, "ssh", "devices"),
                       "ssh.devices: nobody can be asked without ssh.user: write it");
}
