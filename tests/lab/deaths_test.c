// SPDX-License-Identifier: ISC
// Whatever dies or hangs, at whatever moment of an outage: within the hold time and a second, the
// tables of both routers and of their kernels are those without Fairlead (safety.md P2). Processes
// that nothing announced depends on may die: what was moved stays, and returns as if they lived.
//
//   lab_deaths_test FAIRLEAD SCENARIO         a choice of deaths, for every day
//   lab_deaths_test FAIRLEAD SCENARIO route   all deaths of one process, or of "all" together
//   lab_deaths_test FAIRLEAD SCENARIO any     all deaths: about 10 minutes
//   lab_deaths_test FAIRLEAD SCENARIO chance RUNS [SEED]   any of them, by any signal, at any
//                                             moment from the fault on until all is long back; see
//                                             bench/deaths
#include "lab/daemons.h"
#include "lab/rehearsal.h"
#include "lab/traffic_wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CHANCE_MS = 16000,  // the fault lasts 5 s, and its traffic is back some 5 s later
    LONG_BACK_MS = CHANCE_MS + 10000,  // however busy the machine
    CHANCE_FAULT_MS = 5000,
};
enum { SKIPPED = 77, PIDS_MAX = 8, PROMISED_MS = 9000 + 1000, STATE_MS = 60000 };

enum victim {
    ENGINE,
    PROBE,
    ROUTE,
    WEB,
    AUDIT,
    INGEST,
    HOOK,
    NOTIFY,
    STORE,
    SHELL,  // asks devices: the scenario has none
    ALL,
    VICTIMS
};
static const char *const victim_names[VICTIMS] = {
    "engine", "probe", "route", "web", "audit", "ingest", "hook", "notify", "store", "shell", "all",
};

struct death {
    enum victim victim;
    int signal;
    enum incident_state when;
    bool every_day;
};

static const struct death deaths[] = {
    {ALL, SIGKILL, INCIDENT_HELD, true},      {ALL, SIGSTOP, INCIDENT_HELD, false},
    {ROUTE, SIGSTOP, INCIDENT_ACTING, true},  {ENGINE, SIGSTOP, INCIDENT_ACTING, true},
    {PROBE, SIGSTOP, INCIDENT_HELD, true},    {ENGINE, SIGKILL, INCIDENT_ACTING, false},
    {ENGINE, SIGKILL, INCIDENT_HELD, false},  {ENGINE, SIGSTOP, INCIDENT_HELD, false},
    {ENGINE, SIGSTOP, INCIDENT_TRIAL, false}, {PROBE, SIGKILL, INCIDENT_HELD, false},
    {PROBE, SIGKILL, INCIDENT_ACTING, false}, {PROBE, SIGSTOP, INCIDENT_ACTING, false},
    {ROUTE, SIGKILL, INCIDENT_HELD, false},   {ROUTE, SIGKILL, INCIDENT_ACTING, false},
    {ROUTE, SIGSTOP, INCIDENT_HELD, false},   {ROUTE, SIGSTOP, INCIDENT_TRIAL, false},
    {WEB, SIGKILL, INCIDENT_HELD, false},     {WEB, SIGSTOP, INCIDENT_HELD, false},
    {ALL, SIGKILL, INCIDENT_ACTING, false},   {ALL, SIGSTOP, INCIDENT_ACTING, false},
    {ALL, SIGKILL, INCIDENT_TRIAL, false},    {AUDIT, SIGKILL, INCIDENT_HELD, false},
    {AUDIT, SIGSTOP, INCIDENT_HELD, false},   {STORE, SIGKILL, INCIDENT_HELD, false},
    {STORE, SIGSTOP, INCIDENT_HELD, false},   {INGEST, SIGKILL, INCIDENT_HELD, false},
    {INGEST, SIGSTOP, INCIDENT_HELD, false},  {HOOK, SIGKILL, INCIDENT_HELD, false},
    {HOOK, SIGSTOP, INCIDENT_HELD, false},    {NOTIFY, SIGKILL, INCIDENT_HELD, false},
    {NOTIFY, SIGSTOP, INCIDENT_HELD, false},
};

struct test {
    struct rehearsal rehearsal;
    struct scenario scenario;
    struct text baseline;
};

struct pids {
    pid_t of[VICTIMS];  // 0: none
};

// Nothing that is announced depends on it.
static bool may_die(enum victim victim)
{
    return victim >= WEB && victim < ALL;
}

// The edges: the routers that Fairlead speaks to.
static bool is_edge(const struct scenario_node *node)
{
    return strncmp(node->name, "edge", 4) == 0;
}

static int read_tables(struct test *t, struct text *tables)
{
    int result = 0;
    text_clear(tables);
    for (uint32_t i = 0; i < t->scenario.node_count && result == 0; i++)
        if (is_edge(&t->scenario.nodes[i]))
            result = daemons_tables(&t->rehearsal.lab, i, tables);
    return result;
}

static bool is_baseline(struct test *t, struct text *tables)
{
    return read_tables(t, tables) == 0 && strcmp(text_get(tables), text_get(&t->baseline)) == 0;
}

static void take_pid(struct pids *pids, pid_t pid)
{
    char path[64];
    struct text name = {0};
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    if (text_read(&name, path) == 0)
        for (enum victim v = PROBE; v < ALL; v++) {
            char title[32];
            snprintf(title, sizeof title, "fairlead-%s\n", victim_names[v]);
            if (strcmp(text_get(&name), title) == 0)
                pids->of[v] = pid;
        }
    text_done(&name);
}

static struct pids pids_of(pid_t engine)
{
    struct pids pids = {.of = {[ENGINE] = engine}};
    char path[64];
    struct text children = {0};
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)engine, (int)engine);
    text_read(&children, path);
    for (char *at = children.bytes, *end = at; at && *at; at = end) {
        pid_t pid = (pid_t)strtol(at, &end, 10);
        if (end == at)
            break;
        take_pid(&pids, pid);
    }
    text_done(&children);
    return pids;
}

static void send_signal(const struct pids *pids, enum victim victim, int signal)
{
    for (enum victim v = ENGINE; v < ALL; v++)
        if (pids->of[v] > 0 && (victim == v || victim == ALL))
            kill(pids->of[v], signal);
}

// In how many families an incident is, or was, in this state.
static int families_in(const struct guard *guard, enum incident_state state)
{
    bool seen[FAMILIES] = {false};
    for (size_t i = 0; i < guard->effect_count; i++) {
        const struct effect *effect = &guard->effects[i].effect;
        if (effect->kind == EFFECT_INCIDENT && effect->incident.state == state)
            seen[net_path(&guard->net, effect->incident.path).family] = true;
    }
    return seen[FAMILY_IPV4] + seen[FAMILY_IPV6];
}

// Held: in both families. Acting: as soon as it begins in one.
static int wait_state(struct test *t, enum incident_state state)
{
    int64_t limit = traffic_now_ns() + STATE_MS * (int64_t)NS_PER_MS;
    int families = state == INCIDENT_HELD ? 2 : 1, result = 0;
    while (result == 0 && families_in(&t->rehearsal.guard, state) < families)
        result = traffic_now_ns() < limit ? rehearsal_turn(&t->rehearsal, limit) : -ETIME;
    return result;
}

// Until both routers are as without Fairlead: how long that took, or -1.
static int64_t wait_baseline(struct test *t, struct text *tables)
{
    int64_t began = traffic_now_ns(), limit = began + PROMISED_MS * (int64_t)NS_PER_MS;
    while (traffic_now_ns() < limit) {
        if (is_baseline(t, tables))
            return (traffic_now_ns() - began) / NS_PER_MS;
        if (rehearsal_turn(&t->rehearsal, limit) < 0)
            break;
    }
    return -1;
}

// Who may die changes nothing. Whoever else dies: everything.
static int judge(struct test *t, const struct death *death, bool moved)
{
    struct text tables = {0};
    int64_t took_ms = wait_baseline(t, &tables);
    int failed = 1;
    if (!moved && death->when != INCIDENT_ACTING)
        printf("FAIL  nothing was moved: this proves nothing\n");
    else if (may_die(death->victim) && took_ms >= 0)
        printf("FAIL  the moves were gone after %lld ms\n", (long long)took_ms);
    else if (!may_die(death->victim) && took_ms < 0)
        printf("FAIL  the tables are not as before after %d ms\n--- before\n%s--- after\n%s",
               PROMISED_MS, text_get(&t->baseline), text_get(&tables));
    else
        failed = 0;
    if (!failed && took_ms >= 0)
        printf("ok    as before after %lld ms\n", (long long)took_ms);
    else if (!failed)
        printf("ok    the moves stayed\n");
    text_done(&tables);
    return failed;
}

// Whether all are there that the scenario asks for; says who is not.
static bool are_all_there(const struct pids *pids)
{
    for (enum victim v = ENGINE; v < SHELL; v++)
        if (pids->of[v] == 0)
            return printf("FAIL  no process '%s' found\n", victim_names[v]), false;
    return true;
}

static int die(struct test *t, const struct death *death)
{
    struct pids pids = pids_of(t->rehearsal.guard.pid);
    struct text tables = {0};
    if (!are_all_there(&pids))
        return 1;
    bool moved = !is_baseline(t, &tables);
    text_done(&tables);
    send_signal(&pids, death->victim, death->signal);
    int failed = judge(t, death, moved);
    send_signal(&pids, ALL, SIGKILL);
    return failed;
}

// What the store would tell the next run of this one's outage.
static void forget(const struct guard *guard)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char path[sizeof guard->net.store.path + 8];
        snprintf(path, sizeof path, "%s%s", guard->net.store.path, ends[i]);
        unlink(path);
    }
}

static void end_run(struct rehearsal *r)
{
    faults_clear(&r->faults);
    r->faults.zero_ns = 0;
    guard_stop(&r->guard);
    forget(&r->guard);
    guard_done(&r->guard);
}

static int run_death(struct test *t, const struct death *death)
{
    const struct guard_files files = {0};
    struct rehearsal *r = &t->rehearsal;
    printf("%-7s %-8s while %-7s ", victim_names[death->victim],
           death->signal == SIGKILL ? "SIGKILL" : "SIGSTOP",
           death->when == INCIDENT_HELD    ? "held"
           : death->when == INCIDENT_TRIAL ? "trial"
                                           : "acting");
    fflush(stdout);
    int result = guard_start(&r->guard, &r->lab, &files, 0);
    if (result == 0)
        result = rehearsal_wait_ready(r, traffic_now_ns() + 40 * (int64_t)NS_PER_S);
    if (result == 0)
        result = faults_begin(&r->faults, traffic_now_ns());
    if (result == 0)
        result = wait_state(t, death->when == INCIDENT_TRIAL ? INCIDENT_HELD : death->when);
    if (result == 0 && death->when == INCIDENT_TRIAL)
        result = faults_clear(&r->faults);  // what was bad is good again: back on trial
    if (result == 0)
        result = wait_state(t, death->when);
    int status = result == 0 ? die(t, death) : 1;
    if (result < 0)
        printf("FAIL  %s: %s\n", r->lab.why, strerror(-result));
    end_run(r);
    return result == -EINTR ? -EINTR : status;
}

struct fate {
    enum victim victim;
    int signal;
    int64_t at_ms;  // after the fault
};

static int wait_until(struct test *t, int64_t until_ns)
{
    int result = 0;
    while (result == 0 && traffic_now_ns() < until_ns)
        result = rehearsal_turn(&t->rehearsal, until_ns);
    return result;
}

// Whoever dies: within the promised time nothing of Fairlead is left. Who may die changes nothing:
// that time counts from when all is long back. `began_ns`: the fault.
static int judge_chance(struct test *t, const struct fate *fate, int64_t began_ns)
{
    struct pids pids = pids_of(t->rehearsal.guard.pid);
    struct text tables = {0};
    if (!are_all_there(&pids))
        return 1;
    enum victim victim = fate->victim == SHELL && !pids.of[SHELL] ? ALL : fate->victim;
    bool moved = !is_baseline(t, &tables);
    send_signal(&pids, victim, fate->signal);
    if (may_die(victim) && wait_until(t, began_ns + LONG_BACK_MS * (int64_t)NS_PER_MS) < 0)
        return printf("FAIL  the run ended with '%s'\n", victim_names[victim]), 1;
    int64_t took_ms = wait_baseline(t, &tables);
    printf("%s %s %s at %lld ms, %s: %s%lld ms\n", took_ms < 0 ? "FAIL" : "ok",
           victim_names[victim], fate->signal == SIGKILL ? "SIGKILL" : "SIGSTOP",
           (long long)fate->at_ms, moved ? "moved" : "as before",
           took_ms < 0 ? "not as before after " : "as before after ",
           (long long)(took_ms < 0 ? PROMISED_MS : took_ms));
    if (took_ms < 0)
        printf("--- before\n%s--- after\n%s", text_get(&t->baseline), text_get(&tables));
    text_done(&tables);
    send_signal(&pids, ALL, SIGKILL);
    return took_ms < 0;
}

static int run_chance(struct test *t)
{
    const struct guard_files files = {0};
    struct rehearsal *r = &t->rehearsal;
    struct fate fate = {.victim = (enum victim)(random_unit(&r->random) * VICTIMS)};
    fate.signal = random_unit(&r->random) < 0.5 ? SIGKILL : SIGSTOP;
    fate.at_ms = (int64_t)(random_unit(&r->random) * CHANCE_MS);
    int result = guard_start(&r->guard, &r->lab, &files, 0);
    if (result == 0)
        result = rehearsal_wait_ready(r, traffic_now_ns() + 40 * (int64_t)NS_PER_S);
    if (result == 0)
        result = faults_begin(&r->faults, traffic_now_ns());
    int64_t began_ns = traffic_now_ns();
    if (result == 0)
        result = wait_until(t, began_ns + fate.at_ms * NS_PER_MS);
    int failed = result == 0 ? judge_chance(t, &fate, began_ns) : 1;
    if (result < 0)
        printf("FAIL  %s: %s\n", r->lab.why, strerror(-result));
    fflush(stdout);
    end_run(r);
    return result == -EINTR ? -EINTR : failed;
}

static int run_chances(struct test *t, uint32_t runs)
{
    int failed = 0;
    for (uint32_t i = 0; i < runs; i++) {
        int result = run_chance(t);
        if (result == -EINTR)
            return -EINTR;
        failed += result;
    }
    printf("%u deaths, %d failed\n", runs, failed);
    return failed;
}

// `whose` NULL: those of every day.
static bool is_asked_for(const struct death *death, const char *whose)
{
    return whose ? strcmp(whose, "any") == 0 || strcmp(whose, victim_names[death->victim]) == 0
                 : death->every_day;
}

static int run_deaths(struct test *t, const char *whose)
{
    int failed = 0, ran = 0;
    for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++) {
        if (!is_asked_for(&deaths[i], whose))
            continue;
        int result = run_death(t, &deaths[i]);
        if (result == -EINTR)
            return -EINTR;
        failed += result;
        ran++;
    }
    printf("%d deaths, %d failed\n", ran, failed);
    return ran ? failed : 1;
}

struct chance {
    uint32_t runs;  // 0: those of the list
    uint64_t seed;
};

// The baseline is read when the routers know each other and Fairlead was never there.
static int run(struct test *t, const char *program, const char *whose, const struct chance *chance)
{
    struct rehearsal *r = &t->rehearsal;
    struct rehearsal_options options = {.program = program, .seed = chance->seed};
    int result = rehearsal_open(r, &t->scenario, &options);
    if (result == 0)
        result = read_tables(t, &t->baseline);
    if (result < 0)
        fprintf(stderr, "fairlead: cannot begin: %s\n", r->lab.why);
    else
        result = chance->runs ? run_chances(t, chance->runs) : run_deaths(t, whose);
    rehearsal_close(r);
    text_done(&t->baseline);
    return result == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (geteuid() != 0)
        return fprintf(stderr, "needs root: skipped\n"), SKIPPED;
    if (argc < 3)
        return fprintf(stderr, "usage: %s FAIRLEAD SCENARIO [PROCESS|all|any]\n", argv[0]), 2;
    struct test *t = calloc(1, sizeof *t);
    struct net_errors *errors = calloc(1, sizeof *errors);
    int status = 3;
    if (t && errors && scenario_open(&t->scenario, argv[2], errors)) {
        bool by_chance = argc > 4 && strcmp(argv[3], "chance") == 0;
        const struct chance chance = {by_chance ? (uint32_t)strtoul(argv[4], NULL, 10) : 0,
                                      argc > 5 ? strtoull(argv[5], NULL, 10) : 1};
        // Of the list: it lasts, so that what changes is Fairlead's doing.
        t->scenario.faults[0].until_ns = by_chance ? CHANCE_FAULT_MS * (int64_t)NS_PER_MS : 0;
        status = run(t, argv[1], argc > 3 ? argv[3] : NULL, &chance);
    }
    if (t)
        scenario_close(&t->scenario);
    free(errors);
    free(t);
    return status;
}
