// SPDX-License-Identifier: ISC
#include "cmd/verbs.h"

#include "lab/range.h"
#include "lab/report.h"
#include "lab/story.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "  fairlead rehearse telia                 play that outage once, on real routers\n"
    "  fairlead rehearse telia --runs 20 --json\n"
    "  fairlead rehearse telia --watch --keep  tell it as a story, then stay up to be looked at\n"
    "\n"
    "Builds the scenario's network of namespaces with its routing daemons, sends traffic through\n"
    "it, starts `fairlead run` in it, breaks and mends what the scenario says, and measures by "
    "the\n"
    "traffic alone how long detection and repair took and what was lost. Needs root. Everything "
    "is\n"
    "removed afterwards, also on SIGINT. SCENARIO is a name under scenarios/, a directory, or the\n"
    "scenario.yaml in it.\n"
    "\n"
    "  --runs N      each with a new Fairlead and the fault at another moment (1)\n"
    "  --seconds N   for scenarios without an outage: how long a run lasts\n"
    "  --seed N      of the moments (random)\n"
    "  --json        one JSON object for each run, then one for all\n"
    "  --report DIR  keep the recording, the effects, the errors and the lost packets of each run\n"
    "  --watch       tell one run while it happens, with the dashboard at the configured "
    "address\n"
    "  --keep        stay up after the last run, until interrupted\n"
    "  --stay N      stay up after the last run for N seconds\n"
    "  --help        this page\n"
    "\n"
    "Exit status: 0 as the scenario expects, 1 not so, 2 wrong usage or scenario, 3 the world\n"
    "failed, or interrupted.\n";

struct options {
    const char *scenario, *report;
    uint32_t runs, seconds, stay_s;
    uint64_t seed;
    bool json, watch;
};

static int wrong(const char *what, const char *why)
{
    fprintf(stderr, "fairlead: rehearse: %s: %s: try fairlead rehearse --help\n", what, why);
    return 2;
}

static bool parse_number(const char *text, unsigned long long max, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *number <= max;
}

enum flag {
    FLAG_RUNS = 1,
    FLAG_SECONDS,
    FLAG_SEED,
    FLAG_STAY,
    FLAG_JSON,
    FLAG_REPORT,
    FLAG_WATCH,
    FLAG_KEEP,
    FLAG_HELP
};

static const struct option long_options[] = {
    {"runs", required_argument, NULL, FLAG_RUNS},
    {"seconds", required_argument, NULL, FLAG_SECONDS},
    {"seed", required_argument, NULL, FLAG_SEED},
    {"stay", required_argument, NULL, FLAG_STAY},
    {"report", required_argument, NULL, FLAG_REPORT},
    {"json", no_argument, NULL, FLAG_JSON},
    {"watch", no_argument, NULL, FLAG_WATCH},
    {"keep", no_argument, NULL, FLAG_KEEP},
    {"help", no_argument, NULL, FLAG_HELP},
    {NULL, 0, NULL, 0},
};

// Options whose argument is a number: where it goes, and how large it may be.
static int take_number(int flag, struct options *o)
{
    const struct {
        int flag;
        uint32_t *value;
        uint32_t min, max;
    } rows[] = {{FLAG_RUNS, &o->runs, 1, RANGE_VALUES_MAX},
                {FLAG_SECONDS, &o->seconds, 1, 7 * 24 * 3600},
                {FLAG_STAY, &o->stay_s, 0, 24 * 3600}};
    uint64_t number;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].flag != flag)
            continue;
        if (!parse_number(optarg, rows[i].max, &number) || number < rows[i].min) {
            fprintf(stderr, "fairlead: rehearse: '%s' is not a number from %u to %u\n", optarg,
                    rows[i].min, rows[i].max);
            return 2;
        }
        *rows[i].value = (uint32_t)number;
    }
    if (flag == FLAG_SEED && !parse_number(optarg, UINT64_MAX, &o->seed))
        return wrong(optarg, "not a seed");
    return 0;
}

// 0: go on; 1: help was printed; 2: wrong.
static int parse(int argc, char **argv, struct options *o)
{
    *o = (struct options){.runs = 1};
    if (getrandom(&o->seed, sizeof o->seed, 0) < 0)
        o->seed = (uint64_t)getpid();
    optind = 1;
    for (int flag; (flag = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (flag == '?')
            return 2;
        if (flag == FLAG_HELP)
            return printf("%s", help) < 0 ? 2 : 1;
        o->json |= flag == FLAG_JSON;
        o->watch |= flag == FLAG_WATCH;
        if (flag == FLAG_KEEP)
            o->stay_s = UINT32_MAX;
        if (flag == FLAG_REPORT)
            o->report = optarg;
        if (take_number(flag, o) != 0)
            return 2;
    }
    if (optind + 1 != argc)
        return wrong("which scenario", "name one, and only one");
    o->scenario = argv[optind];
    if (o->watch && o->runs > 1)
        return wrong("--watch", "a story is told of one run");
    return 0;
}

// The page's address is on the host, Fairlead in a namespace: the socket is made here and handed
// on.
static int page_open(int *listener)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(REHEARSAL_PAGE_PORT)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    *listener = fd;
    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0)
        return 0;
    int error = errno;
    if (error == EADDRINUSE)
        fprintf(stderr, "fairlead: port %d is taken: is another ./try running?\n",
                REHEARSAL_PAGE_PORT);
    else
        fprintf(stderr, "fairlead: cannot listen on 127.0.0.1:%d: %s\n", REHEARSAL_PAGE_PORT,
                strerror(error));
    return 3;
}

static int files_for(const struct options *o, uint32_t number, struct rehearsal_files *files)
{
    *files = (struct rehearsal_files){0};
    if (!o->report)
        return 0;
    if (mkdir(o->report, 0755) < 0 && errno != EEXIST) {
        fprintf(stderr, "fairlead: cannot make '%s': %s\n", o->report, strerror(errno));
        return 3;
    }
    const struct {
        char *path;
        const char *end;
    } rows[] = {{files->guard.recording, "recording"},
                {files->guard.effects, "effects.jsonl"},
                {files->guard.errors, "errors"},
                {files->traffic, "traffic.jsonl"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (snprintf(rows[i].path, sizeof files->traffic, "%s/run-%02u.%s", o->report, number,
                     rows[i].end) >= (int)sizeof files->traffic) {
            fprintf(stderr, "fairlead: the path '%s' is too long\n", o->report);
            return 3;
        }
    return 0;
}

static void print_json(json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(7)) : NULL;
    printf("%s\n", text ? text : "{}");
    fflush(stdout);
    free(text);
    json_decref(object);
}

static int failed(const struct rehearsal *r, int result)
{
    if (result == -EINTR)
        fprintf(stderr, "fairlead: rehearsal interrupted: the lab is removed\n");
    else
        fprintf(stderr, "fairlead: rehearsal failed: %s\n",
                r->lab.why[0] ? r->lab.why : strerror(-result));
    return 3;
}

static int run_all(const struct options *o, struct rehearsal *r, struct rehearsal_run *runs)
{
    int status = 0;
    for (uint32_t i = 0; i < o->runs && status == 0; i++) {
        struct rehearsal_files files;
        status = files_for(o, i + 1, &files);
        int result =
            status ? 0 : rehearsal_run(r, &files, i + 1 == o->runs ? o->stay_s : 0, &runs[i]);
        if (result < 0)
            return failed(r, result);
        if (status == 0 && o->json)
            print_json(report_run_json(&runs[i], i + 1));
        else if (status == 0 && !o->watch)
            report_run_print(&runs[i], i + 1, stdout);
    }
    return status;
}

static int conclude(const struct options *o, const struct scenario *scenario,
                    const struct rehearsal_run *runs)
{
    struct report report = report_of(scenario, runs, o->runs);
    report_add_peers(&report, scenario);
    if (o->json)
        print_json(report_json(&report, scenario));
    else if (o->watch)  // the story has told the rest
        report_print_verdict(&report, stdout);
    else
        report_print(&report, scenario, stdout);
    int status = report.pass ? 0 : 1;
    report_done(&report);
    return status;
}

static int rehearse(const struct options *o, const struct scenario *scenario)
{
    char program[4096] = "";
    struct rehearsal *r = calloc(1, sizeof *r);
    struct rehearsal_run *runs = calloc(o->runs, sizeof *runs);
    struct story *story = o->watch ? story_new(scenario, stdout) : NULL;
    struct rehearsal_options how = {.program = program, .seed = o->seed, .soak_s = o->seconds};
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    int status = 3;
    if (!r || !runs || length < 0 || (o->watch && !story))
        fprintf(stderr, "fairlead: cannot begin: %s\n", strerror(errno));
    else
        status = o->watch ? page_open(&how.listen) : 0;
    if (status == 0) {
        if (story)
            how.watcher = story_watcher(story);
        int result = rehearsal_open(r, scenario, &how);
        status = result < 0 ? failed(r, result) : run_all(o, r, runs);
        rehearsal_close(r);
    }
    if (how.listen > 0)
        close(how.listen);
    if (status == 0)
        status = conclude(o, scenario, runs);
    story_free(story);
    free(runs);
    free(r);
    return status;
}

static bool open_scenario(struct scenario *scenario, const char *name)
{
    struct net_errors *errors = calloc(1, sizeof *errors);
    char line[NET_ERROR_LINE_MAX];
    bool usable = errors && scenario_open(scenario, name, errors);
    for (uint32_t i = 0; errors && i < errors->count; i++)
        fprintf(stderr, "%s\n", net_error_format(errors, i, line, sizeof line));
    free(errors);
    return usable;
}

int cmd_rehearse(int argc, char **argv)
{
    struct options options;
    int status = parse(argc, argv, &options);
    if (status != 0)
        return status == 1 ? 0 : status;
    struct scenario *scenario = calloc(1, sizeof *scenario);
    if (!scenario)
        return 3;
    if (!open_scenario(scenario, options.scenario)) {
        status = 2;
    } else if (geteuid() != 0) {
        fprintf(stderr, "fairlead: rehearse needs root, to make network namespaces: try sudo\n");
        status = 3;
    } else {
        status = rehearse(&options, scenario);
    }
    scenario_close(scenario);
    free(scenario);
    return status;
}
