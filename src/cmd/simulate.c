// SPDX-License-Identifier: ISC
#include "cmd/columns.h"
#include "cmd/verbs.h"
#include "sim/scenario.h"
#include "sim/world.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "  fairlead simulate --seeds 1-1000 --jobs 2    a thousand virtual networks\n"
    "  fairlead simulate --seed 4711 --trace        the story of one of them\n"
    "  fairlead simulate --scenario N6 --seeds 1-1000\n"
    "\n"
    "usage: fairlead simulate [--seeds A-B | --seed N | --new] [OPTIONS]\n"
    "\n"
    "Plays the deciding core and the gate in virtual networks: routers, providers, traffic, "
    "faults,\n"
    "people, stalls, crashes and lies, all from one number. Routers' tables and traffic are held\n"
    "against the rules of the design. A broken rule is one line with its seed.\n"
    "\n"
    "  --seeds A-B      these; 1-100 when nothing is said\n"
    "  --seed N         this one\n"
    "  --new            seeds that were never played, beginning by the clock\n"
    "  --time SECONDS   begin no seed after so long\n"
    "  --jobs N         processes; 1\n"
    "  --kept FILE      seeds that once broke a rule, one a line: SEED SCENARIO|- WHY\n"
    "  --scenario NAME  not a world drawn at random, but a named one; `list` names them\n"
    "  --trace          what happens, line by line\n"
    "  --json           one JSON object at the end\n"
    "  --help           this page\n"
    "\n"
    "Exit status: 0 no rule broken, 1 broken, 2 wrong usage, 3 it could not be done.\n";

enum { JOBS_MAX = 64, SEEDS_USUAL = 100 };

struct job {
    uint64_t first, last;
    unsigned jobs;
    double time_s;  // 0: no limit
    const struct sim_scenario *scenario;
    const char *kept;  // file of seeds, instead of the range
    bool trace, json;
};

static void say(void *context, const char *line)
{
    fprintf(context, "%s\n", line);
    fflush(context);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool read_number(const char *text, uint64_t most, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-' && *number <= most;
}

// One line of a file of kept seeds; false when it is none.
static bool play_kept(struct sim_world *w, char *line)
{
    char *rest, *name, *seed = strtok_r(line, " ", &rest);
    uint64_t number;
    if (!seed || seed[0] == '#')
        return true;
    name = strtok_r(NULL, " ", &rest);
    if (!name || !read_number(seed, UINT64_MAX / 2, &number))
        return false;
    const struct sim_scenario *scenario = sim_scenario_find(name);
    if (!scenario && strcmp(name, "-") != 0)
        return false;
    sim_world_play(w, number, scenario);
    return true;
}

// Every `jobs`-th line from the `number`-th on.
static bool play_file(struct sim_world *w, const struct job *job, unsigned number)
{
    char line[512];
    FILE *file = fopen(job->kept, "re");
    bool good = file != NULL;
    if (!good)
        fprintf(stderr, "fairlead: '%s': %s\n", job->kept, strerror(errno));
    for (unsigned n = 0; good && fgets(line, sizeof line, file); n++) {
        line[strcspn(line, "\n")] = '\0';
        good = n % job->jobs != number || play_kept(w, line);
        if (!good)
            fprintf(stderr, "fairlead: '%s': no kept seed: '%s'\n", job->kept, line);
    }
    if (file)
        fclose(file);
    return good;
}

// Every `jobs`-th seed from the `number`-th on.
static bool play(const struct job *job, unsigned number, struct sim_judge *judge)
{
    double began = now_s();
    struct sim_world *w = sim_world_new(judge);
    if (!w)
        return false;
    w->traced = job->trace;
    bool good = !job->kept || play_file(w, job, number);
    for (uint64_t seed = job->first + number; !job->kept && seed <= job->last; seed += job->jobs) {
        if (job->time_s > 0 && now_s() - began > job->time_s)
            break;
        sim_world_play(w, seed, job->scenario);
    }
    sim_world_free(w);
    return good;
}

static void add(struct sim_judge *sum, const struct sim_judge *part)
{
    for (int rule = 0; rule < SIM_RULES; rule++) {
        sum->exercised[rule] += part->exercised[rule];
        sum->broken[rule] += part->broken[rule];
    }
    sum->worlds += part->worlds;
    sum->failed += part->failed;
    sum->announced += part->announced;
    sum->acts += part->acts;
    sum->virtual_s += part->virtual_s;
    sum->loss_s += part->loss_s;
}

// A child's part of the seeds; its counts come back by a pipe.
static int begin(const struct job *job, unsigned number, pid_t *child)
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    *child = fork();
    if (*child != 0) {
        close(ends[1]);
        return *child < 0 ? -1 : ends[0];
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // whoever ends us ends all
    close(ends[0]);
    struct sim_judge judge = {.say = say, .context = stdout};
    bool done =
        play(job, number, &judge) && write(ends[1], &judge, sizeof judge) == (ssize_t)sizeof judge;
    _exit(done ? 0 : 3);
}

static bool play_in_children(const struct job *job, struct sim_judge *sum)
{
    int ends[JOBS_MAX];
    pid_t children[JOBS_MAX];
    bool done = true;
    for (unsigned i = 0; i < job->jobs; i++)
        ends[i] = begin(job, i, &children[i]);
    for (unsigned i = 0; i < job->jobs; i++) {
        struct sim_judge part;
        int status;
        bool came = ends[i] >= 0 && read(ends[i], &part, sizeof part) == (ssize_t)sizeof part;
        if (came)
            add(sum, &part);
        if (children[i] > 0)
            done &= waitpid(children[i], &status, 0) == children[i] && status == 0;
        done &= came;
        if (ends[i] >= 0)
            close(ends[i]);
    }
    return done;
}

static void print_rules(const struct sim_judge *judge)
{
    struct columns columns;
    columns_init(&columns, 4, 0x6);
    columns_add(&columns, "rule");
    columns_add(&columns, "exercised");
    columns_add(&columns, "broken");
    columns_add(&columns, "");
    for (int rule = 0; rule < SIM_RULES; rule++) {
        const struct sim_rule_text *text = &sim_rule_texts[rule];
        columns_add(&columns, text->name);
        if (text->elsewhere)
            columns_add(&columns, "-");
        else
            columns_addf(&columns, "%llu", (unsigned long long)judge->exercised[rule]);
        columns_addf(&columns, "%llu", (unsigned long long)judge->broken[rule]);
        columns_addf(&columns, "%s%s%s%s", text->words,
                     text->elsewhere ? " (not judged here: " : "",
                     text->elsewhere ? text->elsewhere : "", text->elsewhere ? ")" : "");
    }
    columns_print(&columns, "");
    columns_done(&columns);
}

// Of all processes that played, a world.
static double cpu_ms(const struct sim_judge *judge)
{
    struct rusage self, children;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    double s = (double)(self.ru_utime.tv_sec + children.ru_utime.tv_sec + self.ru_stime.tv_sec +
                        children.ru_stime.tv_sec);
    double us = (double)(self.ru_utime.tv_usec + children.ru_utime.tv_usec + self.ru_stime.tv_usec +
                         children.ru_stime.tv_usec);
    return judge->worlds > 0 ? (s * 1e3 + us / 1e3) / (double)judge->worlds : 0;
}

static void print_json(const struct sim_judge *judge, double took_s)
{
    json_t *rules = json_object();
    for (int rule = 0; rule < SIM_RULES; rule++) {
        const struct sim_rule_text *text = &sim_rule_texts[rule];
        json_t *one = json_pack("{s:I,s:I,s:s}", "exercised", (json_int_t)judge->exercised[rule],
                                "broken", (json_int_t)judge->broken[rule], "words", text->words);
        if (text->elsewhere)
            json_object_set_new(one, "not_judged", json_string(text->elsewhere));
        json_object_set_new(rules, text->name, one);
    }
    json_t *all =
        json_pack("{s:I,s:I,s:I,s:I,s:f,s:f,s:f,s:f,s:o}", "worlds", (json_int_t)judge->worlds,
                  "failed", (json_int_t)judge->failed, "acts", (json_int_t)judge->acts, "announced",
                  (json_int_t)judge->announced, "virtual_s", judge->virtual_s, "loss_s",
                  judge->worlds ? judge->loss_s / (double)judge->worlds : 0, "took_s", took_s,
                  "cpu_ms", cpu_ms(judge), "rules", rules);
    json_dumpf(all, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(all);
}

static int run(const struct job *job)
{
    struct sim_judge judge = {.say = say, .context = stdout};
    double began = now_s();
    bool done = job->jobs == 1 ? play(job, 0, &judge) : play_in_children(job, &judge);
    double took_s = now_s() - began;
    if (!done) {
        fprintf(stderr, "fairlead: not all seeds could be played\n");
        return 3;
    }
    if (job->json) {
        print_json(&judge, took_s);
    } else {
        print_rules(&judge);
        printf("%llu worlds, %llu with a broken rule; %.0f s of virtual time in %.1f s, "
               "%.1f ms of CPU each; %llu acts, %llu announcements\n",
               (unsigned long long)judge.worlds, (unsigned long long)judge.failed, judge.virtual_s,
               took_s, cpu_ms(&judge), (unsigned long long)judge.acts,
               (unsigned long long)judge.announced);
    }
    return judge.failed > 0 ? 1 : 0;
}

static bool read_seeds(const char *text, struct job *job)
{
    char first[24];
    const char *dash = strchr(text, '-');
    size_t size = dash ? (size_t)(dash - text) : 0;
    if (size == 0 || size >= sizeof first)
        return false;
    memcpy(first, text, size);
    first[size] = '\0';
    return read_number(first, UINT64_MAX / 2, &job->first) &&
           read_number(dash + 1, UINT64_MAX / 2, &job->last) && job->first <= job->last;
}

static int list_scenarios(void)
{
    const struct sim_scenario *scenario;
    for (uint32_t n = 0; (scenario = sim_scenario_at(n)); n++)
        printf("%-9s %s\n", scenario->name, scenario->words);
    return 0;
}

static int wrong(const char *why)
{
    fprintf(stderr, "fairlead: simulate: %s: try fairlead simulate --help\n", why);
    return 2;
}

// False when the option or its value is not known.
static bool take_option(struct job *job, int option, const char *value)
{
    uint64_t number;
    bool is_number = value && read_number(value, UINT32_MAX, &number);
    if (option == 'n') {
        job->first = (uint64_t)time(NULL) * 100000;
        job->last = UINT64_MAX / 2;
    } else if (option == 'x') {
        job->trace = true;
    } else if (option == 'o') {
        job->json = true;
    } else if (option == 'r') {
        return read_seeds(value, job);
    } else if (option == 's') {
        bool read = read_number(value, UINT64_MAX / 2, &job->first);
        job->last = job->first;
        return read;
    } else if (option == 't' && is_number) {
        job->time_s = (double)number;
    } else if (option == 'j' && is_number && number > 0 && number <= JOBS_MAX) {
        job->jobs = (unsigned)number;
    } else if (option == 'k') {
        job->kept = value;
    } else if (option == 'c') {
        return (job->scenario = sim_scenario_find(value)) != NULL;
    } else {
        return false;
    }
    return true;
}

int cmd_simulate(int argc, char **argv)
{
    static const struct option names[] = {
        {"seeds", required_argument, NULL, 'r'},
        {"seed", required_argument, NULL, 's'},
        {"new", no_argument, NULL, 'n'},
        {"time", required_argument, NULL, 't'},
        {"jobs", required_argument, NULL, 'j'},
        {"scenario", required_argument, NULL, 'c'},
        {"kept", required_argument, NULL, 'k'},
        {"trace", no_argument, NULL, 'x'},
        {"json", no_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct job job = {.first = 1, .last = SEEDS_USUAL, .jobs = 1};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (option == 'h')
            return fputs(help, stdout) < 0 ? 3 : 0;
        if (option == 'c' && strcmp(optarg, "list") == 0)
            return list_scenarios();
        if (!take_option(&job, option, option == '?' ? NULL : optarg))
            return wrong("an unknown option, or one without a good value");
    }
    if (optind < argc)
        return wrong("no argument is expected");
    if (job.last == UINT64_MAX / 2 && job.time_s == 0)
        return wrong("--new needs --time");
    return run(&job);
}
