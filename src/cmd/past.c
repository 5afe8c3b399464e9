// SPDX-License-Identifier: ISC
#include "cmd/past.h"

#include "cmd/config_file.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLAG_STORE = 1, FLAG_JSON, FLAG_HELP, FLAG_EXTRA };  // the last: and those after it

int past_wrong(const struct past *h, const char *what)
{
    fprintf(stderr, "fairlead: %s: %s: try fairlead %s --help\n", h->verb, what, h->verb);
    return 2;
}

int past_unreadable(const struct past *h)
{
    fprintf(stderr, "fairlead: cannot read '%s': %s\n", h->path, sqlite3_errmsg(h->db));
    return 3;
}

int past_told(const struct past *h, const char *why, int status)
{
    if (status == 2)
        return past_wrong(h, why);
    if (status == 3)
        fprintf(stderr, "fairlead: cannot read '%s': %s\n", h->path, why);
    if (status == 1)
        fprintf(stderr, "fairlead: %s in '%s'\n", why, h->path);
    return status;
}

static int open_and_show(struct past *h, int (*show)(struct past *h))
{
    int code = sqlite3_open_v2(h->path, &h->db, SQLITE_OPEN_READONLY, NULL);
    int status = code == SQLITE_OK ? show(h) : past_unreadable(h);
    sqlite3_close(h->db);
    return status;
}

static int find_store(struct past *h, int (*show)(struct past *h))
{
    struct config_file *file = malloc(sizeof *file);  // too large for a stack
    if (!file)
        return 3;
    int status = config_file_load(file, h->config);
    if (status != 0)
        config_file_report(file);
    else if (file->net.store.path[0] == '\0')
        status = past_wrong(h, "the configuration has no 'store.file'");
    if (status == 0) {
        h->path = file->net.store.path;
        memcpy(h->site, file->net.site, sizeof h->site);
        status = open_and_show(h, show);
    }
    config_file_done(file);
    free(file);
    return status;
}

static void add_extras(const struct past *h, struct option *names)
{
    for (int i = 0; h->extras && h->extras[i]; i++)
        *names++ = (struct option){h->extras[i], required_argument, NULL, FLAG_EXTRA + i};
    *names = (struct option){NULL, 0, NULL, 0};
}

static void take_option(struct past *h, int option)
{
    if (option == FLAG_JSON)
        h->json = true;
    else if (option == 'c')
        h->config = optarg;
    else if (option == FLAG_STORE)
        h->path = optarg;
    else
        h->values[option - FLAG_EXTRA] = optarg;
}

int past_run(struct past *h, int argc, char **argv, int (*show)(struct past *h))
{
    enum { COMMON = 4 };
    struct option names[COMMON + PAST_EXTRAS_MAX + 1] = {
        {"config", required_argument, NULL, 'c'},
        {"store", required_argument, NULL, FLAG_STORE},
        {"json", no_argument, NULL, FLAG_JSON},
        {"help", no_argument, NULL, FLAG_HELP},
    };
    add_extras(h, names + COMMON);
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == FLAG_HELP)
            return fputs(h->help, stdout) < 0 ? 3 : 0;
        if (option == '?')
            return past_wrong(h, "an unknown option, or one without its value");
        take_option(h, option);
    }
    if (optind + 1 < argc)
        return past_wrong(h, "too many arguments");
    h->id = optind < argc ? argv[optind] : NULL;
    if (h->path)
        return open_and_show(h, show);
    return h->config ? find_store(h, show)
                     : past_wrong(h, "no store: write -c FILE or --store FILE");
}
