// SPDX-License-Identifier: ISC
#include "lab/daemons.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMANDS_MAX = 3, WORDS_MAX = 64 };

// In the lines, @ is the node's directory. Each line is one process.
struct sort {
    const char *name, *user;  // whose the directory must be
    const char *start[COMMANDS_MAX];
    const char *version, *before_version;
};

// FRR: zebra installs what bgpd learns; without --v6-rr-semantics it deletes an IPv6 route before
// it adds the changed one, and packets between the two are lost. Not `-d`: what forks away cannot
// be watched.
static const struct sort sorts[SCENARIO_DAEMONS] = {
    [SCENARIO_BIRD] = {"bird",
                       "root",
                       {"bird -f -c @/daemon.conf -s @/bird.ctl -P @/bird.pid"},
                       "bird --version",
                       "BIRD version "},
    [SCENARIO_FRR] = {"frr",
                      "frr",
                      {"/usr/lib/frr/zebra -f @/zebra.conf -i @/zebra.pid -z @/zserv.api "
                       "--v6-rr-semantics --vty_socket @ -A 127.0.0.1 -P 0 --log stdout",
                       "/usr/lib/frr/bgpd -f @/daemon.conf -i @/bgpd.pid -z @/zserv.api "
                       "--vty_socket @ -A 127.0.0.1 -P 0 --log stdout -M bmp"},
                      "/usr/lib/frr/bgpd --version",
                      "bgpd version "},
};

// Splits at blanks, @ replaced; `words` end with NULL.
static bool split(char *line, char **words)
{
    size_t count = 0;
    for (char *rest = NULL, *word = strtok_r(line, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest)) {
        if (count + 1 == WORDS_MAX)
            return false;
        words[count++] = word;
    }
    words[count] = NULL;
    return count > 0;
}

static int log_open(struct lab *lab, uint32_t node)
{
    char path[SPACE_PATH_MAX];
    return open(lab_path(lab, node, "log", path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static int start_line(struct lab *lab, uint32_t node, const char *line)
{
    char expanded[LAB_LINE_MAX], *words[WORDS_MAX];
    char path[LAB_WORD_MAX];
    if (!lab_expand(lab, node, line, expanded) || !split(expanded, words))
        return lab_fail(lab, -EINVAL, "not a command line that fits: '%.200s'", line);
    for (char **word = words; *word; word++)
        *word = (char *)lab_word(lab, *word, path);
    int log = log_open(lab, node);
    pid_t pid = process_start(&(struct process_how){
        .space = lab->namespaces[node],
        .host_name = lab->scenario->nodes[node].name,
        .argv = (const char *const *)words,
        .input = -1,
        .output = log,
        // A router has a machine of its own: this one being busy must not make it slow.
        .nice = -10,
    });
    close(log);
    if (pid < 0)
        return lab_fail(lab, (int)pid, "cannot start '%.200s' in node '%s': %s", line,
                        lab->scenario->nodes[node].name, strerror((int)-pid));
    return 0;
}

static int copy_config(struct lab *lab, uint32_t node)
{
    const struct scenario_node *n = &lab->scenario->nodes[node];
    char from[512], to[SPACE_PATH_MAX];
    struct text config = {0};
    int result = -ENAMETOOLONG;
    if (scenario_path(lab->scenario, n->config, from, sizeof from))
        result = text_read(&config, from);
    if (result == 0)
        result = text_write(&config, lab_path(lab, node, "daemon.conf", to));
    text_done(&config);
    if (result < 0)
        return lab_fail(lab, result, "cannot use '%s': %s", n->config, strerror(-result));
    return 0;
}

// FRR's daemons become the user frr before they read and write here.
static int give_directory(struct lab *lab, uint32_t node, const char *user)
{
    char path[SPACE_PATH_MAX];
    const struct passwd *entry = getpwnam(user);
    if (!entry)
        return lab_fail(lab, -ENOENT, "no user '%s' on this machine: install frr", user);
    struct text empty = {0};
    text_write(&empty, lab_path(lab, node, "zebra.conf", path));
    if (chown(lab_path(lab, node, ".", path), entry->pw_uid, entry->pw_gid) < 0)
        return lab_fail(lab, -errno, "cannot give '%s' to %s: %s", path, user, strerror(errno));
    return 0;
}

static int start_daemon(struct lab *lab, uint32_t node)
{
    const struct sort *sort = &sorts[lab->scenario->nodes[node].daemon];
    int result = sort->name ? copy_config(lab, node) : 0;
    if (sort->name && result == 0)
        result = give_directory(lab, node, sort->user);
    for (size_t i = 0; i < COMMANDS_MAX && sort->start[i] && result == 0; i++)
        result = start_line(lab, node, sort->start[i]);
    return result;
}

int daemons_start(struct lab *lab)
{
    int result = 0;
    for (uint32_t i = 0; i < lab->scenario->node_count && result == 0; i++) {
        char path[SPACE_PATH_MAX];
        if (mkdir(lab_path(lab, i, ".", path), 0755) < 0)
            return lab_fail(lab, -errno, "cannot make '%s': %s", path, strerror(errno));
        result = start_daemon(lab, i);
        const struct tree_node *run = lab->scenario->nodes[i].run;
        for (const struct tree_node *line = run ? run->first : NULL; line && result == 0;
             line = line->next)
            result = line->text ? start_line(lab, i, line->text) : -EINVAL;
    }
    return result;
}

bool daemons_version(enum scenario_daemon daemon, struct text *text)
{
    const struct sort *sort = &sorts[daemon];
    struct text output = {0};
    char line[LAB_LINE_MAX], *words[WORDS_MAX];
    snprintf(line, sizeof line, "%s", sort->name ? sort->version : "");
    bool found = split(line, words) &&
                 process_run(&(struct process_how){.space = -1, .argv = (const char *const *)words},
                             NULL, &output) >= 0;
    const char *at = found ? strstr(text_get(&output), sort->before_version) : NULL;
    if (at) {
        at += strlen(sort->before_version);
        text_add(text, "%s %.*s", sort->name, (int)strcspn(at, " \n"), at);
    }
    text_done(&output);
    return at != NULL;
}

// What FRR tells of a route's past instead of its present.
static void drop_history(json_t *routes)
{
    const char *prefix;
    json_t *paths, *path;
    size_t index;
    json_object_foreach(routes, prefix, paths)
    {
        json_array_foreach(paths, index, path)
        {
            json_object_del(path, "version");
            json_object_del(path, "selectionReason");
        }
    }
}

// FRR counts the versions of its tables; only the routes are kept.
static int add_frr_table(struct lab *lab, uint32_t node, const char *family, struct text *tables)
{
    char directory[SPACE_PATH_MAX], command[64];
    struct text output = {0};
    lab_path(lab, node, ".", directory);
    snprintf(command, sizeof command, "show bgp %s unicast json", family);
    const char *argv[] = {"vtysh",   "--vty_socket", directory, "--config_dir",
                          directory, "-c",           command,   NULL};
    int status = process_run(&(struct process_how){.space = lab->namespaces[node], .argv = argv},
                             NULL, &output);
    // vtysh complains of a missing vtysh.conf before it answers.
    const char *brace = strchr(text_get(&output), '{');
    json_t *json = status == 0 && brace ? json_loads(brace, 0, NULL) : NULL;
    drop_history(json_object_get(json, "routes"));
    char *routes =
        json ? json_dumps(json_object_get(json, "routes"), JSON_SORT_KEYS | JSON_INDENT(1)) : NULL;
    if (routes)
        text_add(tables, "frr %s\n%s\n", family, routes);
    free(routes);
    json_decref(json);
    text_done(&output);
    return routes ? 0
                  : lab_fail(lab, -EIO, "node '%s': vtysh does not answer",
                             lab->scenario->nodes[node].name);
}

static int add_bird_table(struct lab *lab, uint32_t node, struct text *tables)
{
    int status = lab_run(lab, node, "birdc -s @/bird.ctl show route all", NULL, tables);
    return status == 0 ? 0
                       : lab_fail(lab, -EIO, "node '%s': birdc does not answer",
                                  lab->scenario->nodes[node].name);
}

// FRR gives the kernel numbered next hops, and the numbers grow.
static void drop_numbers(struct text *text)
{
    char *to = text->bytes;
    for (const char *from = text->bytes; from && *from;) {
        if (strncmp(from, "nhid ", 5) == 0) {
            from += 5;
            from += strspn(from, "0123456789 ");
        }
        *to++ = *from++;
    }
    if (to) {
        *to = '\0';
        text->size = (size_t)(to - text->bytes);
    }
}

static int add_kernel_tables(struct lab *lab, uint32_t node, struct text *tables)
{
    struct text output = {0};
    int status = lab_run(lab, node, "ip -4 route show table all", NULL, &output);
    if (status == 0)
        status = lab_run(lab, node, "ip -6 route show table all", NULL, &output);
    drop_numbers(&output);
    text_add(tables, "kernel\n%s", text_get(&output));
    text_done(&output);
    return status == 0 ? 0
                       : lab_fail(lab, -EIO, "node '%s': cannot read the kernel's routes",
                                  lab->scenario->nodes[node].name);
}

int daemons_tables(struct lab *lab, uint32_t node, struct text *tables)
{
    int result = 0;
    if (lab->scenario->nodes[node].daemon == SCENARIO_BIRD)
        result = add_bird_table(lab, node, tables);
    if (lab->scenario->nodes[node].daemon == SCENARIO_FRR)
        result = add_frr_table(lab, node, "ipv4", tables);
    if (lab->scenario->nodes[node].daemon == SCENARIO_FRR && result == 0)
        result = add_frr_table(lab, node, "ipv6", tables);
    return result == 0 ? add_kernel_tables(lab, node, tables) : result;
}
