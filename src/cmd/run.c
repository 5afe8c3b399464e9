// SPDX-License-Identifier: ISC
#include "cmd/config_file.h"
#include "cmd/verbs.h"
#include "role/recorder.h"
#include "role/run.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char help[] =
    "  fairlead run -c /etc/fairlead.yaml           the daemon, in the foreground\n"
    "  fairlead run -c /etc/fairlead.yaml --json    what it sees and does, as JSON lines\n"
    "\n"
    "usage: fairlead run -c FILE [--json]\n"
    "\n"
    "Probes every upstream, keeps BGP sessions with the routers, and, in mode 'act', moves "
    "traffic\n"
    "away from an upstream that loses packets and back when it is well again. Tells on standard\n"
    "output what it sees and does, and serves the dashboard on loopback (key 'web').\n"
    "\n"
    "SIGINT or SIGTERM end it, and so does the end of its terminal: everything is withdrawn and\n"
    "the sessions are closed. Killed in any other way, the routers forget what it said within the\n"
    "hold time. Without a terminal SIGHUP has the dashboard's certificate read again.\n"
    "\n"
    "  -c, --config FILE   the configuration: see fairlead.yaml(5), `fairlead config check FILE`\n"
    "  --json              one JSON object a line for every effect, with \"time\" and \"at_ns\"\n"
    "  --help              this page\n"
    "\n"
    "Needs root, or CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF for probes and CAP_NET_BIND_SERVICE to\n"
    "listen on port 179; as root its processes become 'user' of the configuration, and with\n"
    "'role_users', which CAP_SETUID and CAP_SETGID do for, too, each a user of its own.\n"
    "Exit status: 0 asked to end, 2 wrong usage or configuration, 3 the world failed.\n";

static int wrong(const char *what)
{
    fprintf(stderr, "fairlead: run: %s: try fairlead run --help\n", what);
    return 2;
}

// Said, not refused: a file that was well until an update must not keep a guard down.
static void warn_of_readers(const char *path, const struct net *net)
{
    struct stat about;
    if (stat(path, &about) == 0 && about.st_mode & S_IROTH && recorder_has_to_hide(net))
        fprintf(stderr,
                "fairlead: warning: '%s' holds secrets, and others may read it: chmod 640\n", path);
}

static int run(const char *path, bool json)
{
    struct config_file *file = malloc(sizeof *file);  // too large for a stack
    if (!file) {
        fprintf(stderr, "fairlead: out of memory\n");
        return 3;
    }
    int status = config_file_load(file, path);
    config_file_report(file);
    if (status == 0)
        warn_of_readers(path, &file->net);
    if (status == 0)
        status = run_daemon(&(struct run_options){
            .net = &file->net,
            .config = {.file_name = path, .text = file->text, .size = file->size},
            .json = json,
            .kinds = run_roles,
        });
    config_file_done(file);
    free(file);
    return status;
}

enum { FLAG_JSON = 1, FLAG_HELP };

int cmd_run(int argc, char **argv)
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'},
        {"json", no_argument, NULL, FLAG_JSON},
        {"help", no_argument, NULL, FLAG_HELP},
        {NULL, 0, NULL, 0},
    };
    const char *path = NULL;
    bool json = false;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == FLAG_HELP)
            return fputs(help, stdout) < 0 ? 3 : 0;
        if (option == '?')
            return wrong("an unknown option, or one without its value");
        json |= option == FLAG_JSON;
        path = option == 'c' ? optarg : path;
    }
    if (optind < argc)
        return wrong("too many arguments");
    if (!path)
        return wrong("no configuration: write -c FILE");
    return run(path, json);
}
