// SPDX-License-Identifier: ISC
#include "cmd/config_file.h"
#include "cmd/verbs.h"
#include "net/keys.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "  fairlead config check /etc/fairlead.yaml    what is wrong in it, with line and remedy\n"
    "  fairlead config keys                        every key, what it takes, its default\n"
    "\n"
    "usage: fairlead config check FILE [--json]\n"
    "       fairlead config keys [--json|--mdoc]\n"
    "\n"
    "check reads FILE as `fairlead run` would and prints all errors, warnings and notes, each as\n"
    "FILE:LINE: what is wrong and what would be right. Warnings and notes do not make a file bad.\n"
    "\n"
    "  --json   one JSON object a line on standard output\n"
    "  --mdoc   keys as the list in fairlead.yaml(5)\n"
    "  --help   this page\n"
    "\n"
    "An example with every key: doc/fairlead.example.yaml.\n"
    "Exit status: 0 the file is good, 2 it is not, or wrong usage, 3 it cannot be read.\n";

static int wrong_usage(void)
{
    fprintf(stderr, "fairlead: config: wrong arguments: try fairlead config --help\n");
    return 2;
}

static void print_json(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_errors_json(const struct config_file *file)
{
    static const char *const severities[NET_SEVERITIES] = {"error", "warning", "note"};
    for (uint32_t i = 0; i < file->errors.count; i++) {
        const struct net_error *error = &file->errors.items[i];
        // What is not UTF-8, or is cut inside a character, is no string to jansson: left out.
        json_t *text = json_string(error->text), *name = json_string(file->errors.file_name);
        print_json(json_pack("{s:o*, s:i, s:s, s:o*}", "file", name, "line", (int)error->line,
                             "severity", severities[error->severity], "text", text));
    }
}

static void print_summary(const struct config_file *file)
{
    const struct net *net = &file->net;
    printf("%s: good: site %s, mode %s, %u routers, %u upstreams, %u paths, %u targets, "
           "%u prefixes\n",
           file->errors.file_name, net->site, net_mode_names[net->mode], net->router_count,
           net->upstream_count, net_path_count(net), net->target_count, net->steer.prefixes.count);
}

static int check(const char *path, bool json)
{
    struct config_file file;
    int status = config_file_load(&file, path);
    if (status != 3 && json)
        print_errors_json(&file);
    else if (status != 3)
        config_file_report(&file);
    if (status == 0 && !json)
        print_summary(&file);
    config_file_done(&file);
    return status;
}

// "3 to 180", or nothing where a key takes no number.
static const char *range_of(const struct key *key, char *text, size_t size)
{
    static const bool numeric[KEY_KINDS] = {[KEY_U16] = true,  [KEY_U32] = true, [KEY_I64] = true,
                                            [KEY_RATE] = true, [KEY_MS] = true,  [KEY_S] = true};
    text[0] = '\0';
    if (numeric[key->kind])
        snprintf(text, size, "%lld to %lld", (long long)key->min, (long long)key->max);
    return text;
}

static void print_key(void *context, const char *path, const struct key *key)
{
    (void)context;
    char range[64], value[96];
    const char *shape = range_of(key, range, sizeof range)[0] ? range : key_shape(key->kind);
    snprintf(value, sizeof value, "%s%s%s%s", shape, key->fallback && key->fallback[0] ? " (" : "",
             key->fallback ? key->fallback : "", key->fallback && key->fallback[0] ? ")" : "");
    printf("%-31s %-34s %s%s\n", path, value, key->doc, key->fallback ? "" : " [required]");
}

static void print_key_json(void *context, const char *path, const struct key *key)
{
    (void)context;
    char range[64];
    range_of(key, range, sizeof range);
    print_json(json_pack("{s:s, s:s, s:s, s:b, s:s*, s:s}", "key", path, "takes",
                         key_shape(key->kind), "range", range, "required", key->fallback == NULL,
                         "default", key->fallback, "doc", key->doc));
}

// One item of the list in fairlead.yaml(5), as mdoc(7). The rows' texts hold nothing that roff
// would take for a request.
static void print_key_mdoc(void *context, const char *path, const struct key *key)
{
    (void)context;
    char range[64];
    const char *shape = range_of(key, range, sizeof range)[0] ? range : key_shape(key->kind);
    if (shape[0])
        printf(".It Ic %s : Ar \"%s\"\n", path, shape);
    else
        printf(".It Ic %s :\n", path);
    printf("%c%s.\n", toupper((unsigned char)key->doc[0]), key->doc + 1);
    if (!key->fallback)
        printf("Required.\n");
    else if (key->fallback[0])
        printf("The default is\n.Ql %s .\n", key->fallback);
}

static int keys(const char *form)
{
    void (*each)(void *, const char *, const struct key *) = print_key;
    if (form && strcmp(form, "--json") == 0)
        each = print_key_json;
    else if (form && strcmp(form, "--mdoc") == 0)
        each = print_key_mdoc;
    else if (form)
        return wrong_usage();
    keys_walk(&(struct key_visit){each, NULL});
    return 0;
}

int cmd_config(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0) {
            fputs(help, stdout);
            return 0;
        }
    if (argc >= 2 && argc <= 3 && strcmp(argv[1], "keys") == 0)
        return keys(argv[2]);
    bool json = false;
    const char *path = NULL;
    if (argc < 3 || strcmp(argv[1], "check") != 0)
        return wrong_usage();
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (path || argv[i][0] == '-')
            return wrong_usage();
        else
            path = argv[i];
    return path ? check(path, json) : wrong_usage();
}
