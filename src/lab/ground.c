// SPDX-License-Identifier: ISC
#include "lab/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_INDEX = 2 };  // of a port; lo is 1

struct setting {
    const char *path, *value;
    bool routers_only;
};

static const struct setting settings[] = {
    {"ipv4/ip_forward", "1", true},
    {"ipv6/conf/all/forwarding", "1", true},
    {"ipv6/conf/default/forwarding", "1", true},
    // Packets may come in another way than answers go: that is what transits are like.
    {"ipv4/conf/all/rp_filter", "0", false},
    {"ipv4/conf/default/rp_filter", "0", false},
    // An edge sends packets back out of the port they came in by; hosts must not learn from it.
    {"ipv4/conf/all/send_redirects", "0", false},
    {"ipv4/conf/default/send_redirects", "0", false},
    {"ipv4/conf/all/accept_redirects", "0", false},
    {"ipv4/conf/default/accept_redirects", "0", false},
    {"ipv6/conf/all/accept_redirects", "0", false},
    {"ipv6/conf/default/accept_redirects", "0", false},
    {"ipv6/conf/all/accept_ra", "0", false},
    {"ipv6/conf/default/accept_ra", "0", false},
    // Duplicate address detection would hold addresses back for a second.
    {"ipv6/conf/all/accept_dad", "0", false},
    {"ipv6/conf/default/accept_dad", "0", false},
    // A rate limit would look like loss.
    {"ipv4/icmp_ratelimit", "0", false},
    {"ipv6/icmp/ratelimit", "0", false},
    {"ipv4/fib_multipath_hash_policy", "1", false},
    {"ipv6/fib_multipath_hash_policy", "1", false},
};

static int setting_write(const struct setting *setting)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/sys/net/%s", setting->path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t size = strlen(setting->value);
    int result = write(fd, setting->value, size) == (ssize_t)size ? 0 : -errno;
    close(fd);
    return result;
}

// In the copy: /proc/sys/net is that of the namespace one is in.
static int settings_write(bool is_router)
{
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if ((is_router || !settings[i].routers_only) && setting_write(&settings[i]) < 0) {
            fprintf(stderr, "fairlead: cannot set net/%s: %s\n", settings[i].path, strerror(errno));
            return 1;
        }
    return 0;
}

static int settings_apply(struct lab *lab, uint32_t node)
{
    int status;
    pid_t pid = process_fork(lab->namespaces[node]);
    if (pid == 0)
        _exit(settings_write(lab->scenario->nodes[node].kind == SCENARIO_ROUTER));
    if (pid < 0)
        return lab_fail(lab, (int)pid, "cannot fork: %s", strerror((int)-pid));
    if (waitpid(pid, &status, 0) < 0 || status != 0)
        return lab_fail(lab, -EIO, "cannot set up the kernel of node '%s'",
                        lab->scenario->nodes[node].name);
    return 0;
}

// `family` is "-4", "-6" or NULL: as the lines say.
static int batch(struct lab *lab, const char *family, int space, const struct text *lines)
{
    const char *argv[] = {"ip", "-batch", "-", family, NULL};
    struct text output = {0};
    int status = text_ok(lines) ? process_run(&(struct process_how){.space = space, .argv = argv},
                                              text_get(lines), &output)
                                : -ENOMEM;
    int result = 0;
    if (status < 0)
        result = lab_fail(lab, status, "cannot run ip: %s", strerror(-status));
    else if (status > 0)
        result = lab_fail(lab, -EIO, "ip refused the lab's network: %.300s", text_get(&output));
    text_done(&output);
    return result;
}

static int add_spaces_and_links(struct lab *lab)
{
    const struct scenario *s = lab->scenario;
    struct text lines = {0};
    for (uint32_t i = 0; i < s->node_count; i++)
        text_add(&lines, "netns add %s-%s\n", lab->space.prefix, s->nodes[i].name);
    for (uint32_t i = 0; i < s->link_count; i++) {
        const struct scenario_end *a = &s->links[i][0], *b = &s->links[i][1];
        // Ends whose index is alike are no urgent news to Linux: what depends on their carrier,
        // such as a port of a bridge, would follow up to a second later.
        text_add(&lines,
                 "link add name %s index %u netns %s-%s type veth peer name %s index %u netns "
                 "%s-%s\n",
                 a->port, 2 * i + FIRST_INDEX, lab->space.prefix, a->node, b->port,
                 2 * i + 1 + FIRST_INDEX, lab->space.prefix, b->node);
    }
    int result = batch(lab, NULL, -1, &lines);
    text_done(&lines);
    return result;
}

static int open_spaces(struct lab *lab)
{
    for (uint32_t i = 0; i < lab->scenario->node_count; i++) {
        const char *name = lab->scenario->nodes[i].name;
        lab->namespaces[i] = space_namespace(&lab->space, name);
        if (lab->namespaces[i] < 0)
            return lab_fail(lab, lab->namespaces[i], "cannot open the namespace of '%s': %s", name,
                            strerror(-lab->namespaces[i]));
    }
    return 0;
}

static void add_ports(const struct lab *lab, uint32_t node, struct text *lines)
{
    const struct scenario *s = lab->scenario;
    const struct scenario_node *n = &s->nodes[node];
    text_add(lines, "link set lo up\n");
    if (n->kind == SCENARIO_SWITCH)
        text_add(lines, "link add switch type bridge mcast_snooping 0\nlink set switch up\n");
    for (uint32_t i = 0; i < s->link_count * 2; i++) {
        const struct scenario_end *end = &s->links[i / 2][i % 2];
        if (end->node != n->name)
            continue;
        text_add(lines, "link set %s up%s\n", end->port,
                 n->kind == SCENARIO_SWITCH ? " master switch" : "");
    }
    for (const struct tree_node *port = n->addresses ? n->addresses->first : NULL; port;
         port = port->next)
        for (const struct tree_node *address = port->first; address; address = address->next)
            text_add(lines, "address add %s dev %s%s\n", address->text, port->key,
                     strchr(address->text, ':') ? " nodad" : "");
}

static bool is_ipv6(const char *line)
{
    return strchr(line, ':') || strncmp(line, "-6 ", 3) == 0;
}

static void add_lines(const struct tree_node *list, const char *what, bool ipv6, struct text *lines)
{
    for (const struct tree_node *line = list ? list->first : NULL; line; line = line->next)
        if (line->text && is_ipv6(line->text) == ipv6)
            text_add(lines, "%s add %s\n", what,
                     line->text + (strncmp(line->text, "-6 ", 3) == 0 ? 3 : 0));
}

static int build_node(struct lab *lab, uint32_t node)
{
    const struct scenario_node *n = &lab->scenario->nodes[node];
    struct text lines = {0};
    int result = settings_apply(lab, node);
    add_ports(lab, node, &lines);
    if (result == 0)
        result = batch(lab, NULL, lab->namespaces[node], &lines);
    for (int ipv6 = 0; ipv6 <= 1 && result == 0; ipv6++) {
        text_clear(&lines);
        add_lines(n->routes, "route", ipv6, &lines);
        add_lines(n->rules, "rule", ipv6, &lines);
        if (lines.size)
            result = batch(lab, ipv6 ? "-6" : "-4", lab->namespaces[node], &lines);
    }
    text_done(&lines);
    return result;
}

int ground_build(struct lab *lab)
{
    int result = add_spaces_and_links(lab);
    if (result == 0)
        result = open_spaces(lab);
    for (uint32_t i = 0; i < lab->scenario->node_count && result == 0; i++)
        result = build_node(lab, i);
    return result;
}
