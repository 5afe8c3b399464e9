// SPDX-License-Identifier: ISC
#include "lab/rehearsal.h"

#include "lab/losses.h"
#include "lab/names.h"
#include "lab/said.h"
#include "lab/traffic_wire.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TURN_MS = 20,                     // conditions are looked at so often
    CONVERGE_MS = 20000,              // for the routers to find each other
    READY_MS = 40000,                 // for Fairlead to say that it is ready
    ARRIVE_MS = 300,                  // the slowest packet of the lab arrives within
    SETTLED_PACKETS = 1000,           // all delivered on the usual way: traffic is as it was
    PHASE_NS = NS_PER_S,              // chance between ready and the fault
    LONGER_S = READY_MS / 1000 + 40,  // the traffic's log holds a whole run, and this
};

static int signals_open(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void tell_watcher(struct rehearsal *r, int64_t now_ns)
{
    for (; r->told < r->guard.effect_count; r->told++)
        if (r->watcher.on_effect)
            r->watcher.on_effect(r->watcher.context, r, &r->guard.effects[r->told]);
    if (r->watcher.on_turn)
        r->watcher.on_turn(r->watcher.context, r, now_ns);
}

int rehearsal_turn(struct rehearsal *r, int64_t until_ns)
{
    int64_t now = traffic_now_ns();
    int64_t wait = least(least(until_ns, faults_next_ns(&r->faults)) - now, TURN_MS * NS_PER_MS);
    struct timespec timeout = {.tv_nsec = wait > 0 ? wait : 0};
    struct pollfd fds[] = {{.fd = r->signals, .events = POLLIN},
                           {.fd = r->guard.output, .events = POLLIN}};
    ppoll(fds, 2, &timeout, NULL);
    r->interrupted |= (fds[0].revents & POLLIN) != 0;
    if (r->interrupted)
        return -EINTR;
    now = traffic_now_ns();
    if (r->guard.output >= 0 && guard_read(&r->guard, now) == -EPIPE) {
        close(r->guard.output);
        r->guard.output = -1;
    }
    tell_watcher(r, now);
    if (!traffic_is_alive(&r->traffic))
        return lab_fail(&r->lab, -ECHILD, "the traffic generator ended");
    return faults_turn(&r->faults, now);
}

static bool goes_by(struct rehearsal *r, uint32_t way, uint32_t packets)
{
    int64_t before = traffic_now_ns() - ARRIVE_MS * (int64_t)NS_PER_MS;
    struct scenario_traffic data = r->lab.scenario->traffic;
    data.usual = way;
    return measure_is_usual(r->traffic.log, &data, FAMILY_IPV4, packets, before) &&
           measure_is_usual(r->traffic.log, &data, FAMILY_IPV6, packets, before);
}

bool rehearsal_is_usual(struct rehearsal *r, uint32_t packets)
{
    return goes_by(r, r->lab.scenario->traffic.usual, packets);
}

static int wait_way(struct rehearsal *r, uint32_t way, int64_t limit_ns)
{
    int result = 0;
    while (result == 0 && !goes_by(r, way, SETTLED_PACKETS / 4))
        result = traffic_now_ns() < limit_ns ? rehearsal_turn(r, limit_ns) : -ETIME;
    return result;
}

// As it is while no Fairlead is there.
static int wait_without(struct rehearsal *r)
{
    return wait_way(r, r->lab.scenario->traffic.without,
                    traffic_now_ns() + CONVERGE_MS * (int64_t)NS_PER_MS);
}

// What Fairlead announces may change the way: the run begins when that is over.
static int wait_usual(struct rehearsal *r, int64_t limit_ns)
{
    const struct scenario_traffic *data = &r->lab.scenario->traffic;
    if (data->usual == data->without)
        return 0;
    int result = wait_way(r, data->usual, limit_ns);
    r->began_ns = r->ready_ns = traffic_now_ns() - ARRIVE_MS * (int64_t)NS_PER_MS;
    return result;
}

int rehearsal_wait_ready(struct rehearsal *r, int64_t limit_ns)
{
    int result = 0;
    while (result == 0 && !guard_find(&r->guard, EFFECT_READY, 0, NULL, NULL)) {
        if (r->guard.output < 0)
            return -EPIPE;
        result = traffic_now_ns() < limit_ns ? rehearsal_turn(r, limit_ns) : -ETIME;
    }
    r->ready_ns = traffic_now_ns();
    return result == 0 ? wait_usual(r, limit_ns) : result;
}

// Whatever the daemon says, a fault that is over must leave traffic where it was before, and for a
// second at least.
static bool is_over(struct rehearsal *r, const struct scenario_fault *outage)
{
    const struct fault_span *state = &r->faults.states[outage - r->lab.scenario->faults];
    int64_t settled = state->ended_after_ns + NS_PER_S;
    return state->ended_after_ns && traffic_now_ns() > settled &&
           rehearsal_is_usual(r, SETTLED_PACKETS) && !guard_open_incidents(&r->guard);
}

static int play(struct rehearsal *r, struct rehearsal_run *run)
{
    const struct scenario_fault *outage = scenario_outage(r->lab.scenario);
    int64_t begin = r->ready_ns + (int64_t)(random_unit(&r->random) * PHASE_NS), now;
    int result = 0;
    while (result == 0 && traffic_now_ns() < begin)
        result = rehearsal_turn(r, begin);
    if (result == 0)
        result = faults_begin(&r->faults, now = traffic_now_ns());
    int64_t limit =
        r->faults.zero_ns + (outage ? r->lab.scenario->run_max_s * (int64_t)NS_PER_S : r->soak_ns);
    run->end = REHEARSAL_DONE;
    while (result == 0 && !(outage && is_over(r, outage))) {
        if (r->guard.output < 0)
            run->end = REHEARSAL_GUARD_ENDED;
        else if (traffic_now_ns() >= limit && outage)
            run->end = REHEARSAL_LATE;
        if (run->end != REHEARSAL_DONE || traffic_now_ns() >= limit)
            break;
        result = rehearsal_turn(r, limit);
    }
    return result;
}

static struct measure_window window_of(const struct rehearsal *r)
{
    const struct scenario_fault *outage = scenario_outage(r->lab.scenario);
    int64_t now = traffic_now_ns();
    struct measure_window window = {.from_ns = r->began_ns,
                                    .until_ns = now - ARRIVE_MS * (int64_t)NS_PER_MS};
    for (uint32_t i = 0; i < r->lab.scenario->fault_count && !window.people_ns; i++)
        if (r->lab.scenario->faults[i].by_people)
            window.people_ns = r->faults.states[i].begun_before_ns;
    if (!outage)
        return window;
    const struct fault_span *state = &r->faults.states[outage - r->lab.scenario->faults];
    window.fault_ns = state->begun_before_ns ? state->begun_before_ns : now;
    window.fault_over_ns = state->ended_before_ns ? state->ended_before_ns : now;
    window.return_ns = state->ended_after_ns ? state->ended_after_ns : now;
    return window;
}

struct wanted_signal {
    const struct net *net;
    enum signal_kind kind;
    enum family family;
    const char *upstream;
};

static bool is_wanted(const struct effect *effect, const void *context)
{
    const struct wanted_signal *wanted = context;
    struct net_path path = net_path(wanted->net, effect->signal.path);
    return effect->signal.kind == wanted->kind && path.family == wanted->family &&
           path.upstream != NET_NOBODY &&
           strcmp(wanted->net->upstreams[path.upstream].name, wanted->upstream) == 0;
}

static double ms_between(int64_t from_ns, int64_t to_ns)
{
    return from_ns && to_ns ? (double)(to_ns - from_ns) / NS_PER_MS : NAN;
}

static double signal_ms(const struct rehearsal *r, enum signal_kind kind, enum family family,
                        const struct measure *traffic)
{
    const struct wanted_signal wanted = {&r->guard.net, kind, family,
                                         scenario_outage(r->lab.scenario)->blames};
    const struct guard_effect *found =
        guard_find(&r->guard, EFFECT_SIGNAL, traffic->first_faulty_ns, is_wanted, &wanted);
    return ms_between(traffic->first_faulty_ns, found ? found->heard_ns : 0);
}

static void measure_families(struct rehearsal *r, const struct measure_window *window,
                             struct rehearsal_run *run)
{
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
        struct rehearsal_family *family = &run->families[f];
        struct measure m = measure_traffic(r->traffic.log, &r->lab.scenario->traffic, f, window);
        family->traffic = m;
        family->restore_ms = ms_between(m.first_faulty_ns, m.whole_ns);
        family->new_way_ms = ms_between(m.first_faulty_ns, m.new_way_ns);
        family->detect_ms = family->suspect_ms = NAN;
        if (m.first_faulty_ns) {
            family->detect_ms = signal_ms(r, SIGNAL_CONFIRMED, f, &m);
            family->suspect_ms = signal_ms(r, SIGNAL_SUSPECT, f, &m);
        }
    }
}

static double least_ms(double a, double b)
{
    return isnan(a) || b < a ? b : a;
}

// Where a part is to be named, whatever is said of a fault counts as its detection too: the share
// of dead 5-tuples may be too small for any path's own signal.
static void judge_names(struct rehearsal *r, const struct measure_window *window,
                        struct rehearsal_run *run)
{
    const struct scenario_expect *expect = &r->lab.scenario->expect;
    struct names_window names = {.fault_ns = window->fault_ns};
    int64_t *first = names.first_faulty_ns;
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
        first[f] = run->families[f].traffic.first_faulty_ns;
        if (first[f] && (!first[FAMILY_NONE] || first[f] < first[FAMILY_NONE]))
            first[FAMILY_NONE] = first[f];
    }
    struct names_result result = names_judge(&r->guard, expect, &names);
    run->name_ms = result.name_ms;
    run->wrong_names = result.wrong_names;
    memcpy(run->wrong_words, result.wrong_words, sizeof run->wrong_words);
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6 && expect->names; f++) {
        struct rehearsal_family *family = &run->families[f];
        family->suspect_ms = least_ms(family->suspect_ms, result.told_ms[f]);
        family->detect_ms = least_ms(family->detect_ms, result.told_ms[f]);
    }
}

static void judge_said(struct rehearsal *r, struct rehearsal_run *run)
{
    const struct scenario *s = r->lab.scenario;
    struct said_times times = {0};
    for (uint32_t i = 0; i < s->fault_count; i++)
        times.begun_ns[i] = r->faults.states[i].begun_before_ns;
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
        int64_t first = run->families[f].traffic.first_faulty_ns;
        if (first && (!times.first_faulty_ns || first < times.first_faulty_ns))
            times.first_faulty_ns = first;
    }
    for (uint32_t i = 0; i < s->expect.said_count; i++)
        run->said_ms[i] = said_ms(&r->guard, &s->expect.said[i], &times);
}

// What an act takes traffic away from: an upstream, or a part that a hook takes out of use; NULL:
// the effect is no act.
static const char *left_by(const struct net *net, const struct effect *effect)
{
    const struct effect_plan *plan = &effect->plan;
    const struct effect_repair *repair = &effect->repair;
    const struct effect_inbound *inbound = &effect->inbound;
    if (effect->kind == EFFECT_PLAN && plan->verdict == PLAN_ACT)
        return plan->from == NET_NOBODY ? "" : net->upstreams[plan->from].name;
    if (effect->kind == EFFECT_INBOUND && inbound->stage == INBOUND_PLANNED &&
        inbound->verdict == PLAN_ACT)
        return net->upstreams[inbound->upstream].name;
    if (effect->kind != EFFECT_REPAIR || repair->verdict != PLAN_ACT)
        return NULL;
    struct net_object object = net->hooks[repair->hook].object;
    return object.kind == NET_OBJECT_MEMBER ? net->groups[object.index].members[object.member].name
                                            : net->hooks[repair->hook].name;
}

// An act is right when it leaves the upstream or part whose fault it is, while it is, or when
// people asked for it. All others are false; so is traffic that moved although nothing was wrong.
static void count_actions(struct rehearsal *r, const struct measure_window *window,
                          struct rehearsal_run *run)
{
    const struct scenario_fault *outage = scenario_outage(r->lab.scenario);
    for (size_t i = 0; i < r->guard.effect_count; i++) {
        const struct guard_effect *seen = &r->guard.effects[i];
        const char *leaves = left_by(&r->guard.net, &seen->effect);
        if (!leaves)
            continue;
        run->acts++;
        bool right = outage && seen->heard_ns >= window->fault_ns &&
                     seen->heard_ns < window->fault_over_ns && strcmp(leaves, outage->blames) == 0;
        bool by_people = window->people_ns > 0 && seen->heard_ns >= window->people_ns;
        run->false_actions += !right && !by_people;
    }
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
        run->false_actions += run->families[f].traffic.strayed > 0;
}

// Everything works, and whoever likes may look around or break things.
static int linger(struct rehearsal *r, uint32_t linger_s)
{
    int64_t until = traffic_now_ns() + linger_s * (int64_t)NS_PER_S;
    int result = 0;
    while (result == 0 && traffic_now_ns() < until && r->guard.output >= 0)
        result = rehearsal_turn(r, until);
    return result == -EINTR ? 0 : result;
}

static int measure_run(struct rehearsal *r, const char *traffic_path, struct rehearsal_run *run)
{
    struct measure_window window = window_of(r);
    measure_families(r, &window, run);
    judge_names(r, &window, run);
    judge_said(r, run);
    count_actions(r, &window, run);
    run->own_drops = r->traffic.log->own_drops + wires_dropped(&r->lab.wires);
    run->unsent = r->traffic.log->unsent[FAMILY_IPV4] + r->traffic.log->unsent[FAMILY_IPV6];
    run->seconds = (double)(traffic_now_ns() - r->began_ns) / NS_PER_S;
    memcpy(run->unread, r->guard.unread, sizeof run->unread);
    guard_last_error(&r->guard, run->last_error, sizeof run->last_error);
    int result =
        traffic_path[0] ? losses_write(r->traffic.log, r->lab.scenario, &window, traffic_path) : 0;
    if (result < 0)
        lab_fail(&r->lab, result, "cannot write '%.300s': %s", traffic_path, strerror(-result));
    return result;
}

// Fairlead's end is part of the run: afterwards routing must be as it was before.
static int end_run(struct rehearsal *r, const struct rehearsal_files *files, uint32_t linger_s,
                   struct rehearsal_run *run)
{
    int result = measure_run(r, files->traffic, run);
    if (r->watcher.on_over)
        r->watcher.on_over(r->watcher.context, r, run, linger_s);
    if (result == 0)
        result = faults_clear(&r->faults);
    r->faults.zero_ns = 0;
    if (result == 0 && linger_s > 0)
        result = linger(r, linger_s);
    int status = guard_stop(&r->guard);
    run->exit_status = status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

static void begin_run(struct rehearsal *r, struct rehearsal_run *run)
{
    *run = (struct rehearsal_run){.end = REHEARSAL_NEVER_READY};
    r->told = 0;
    r->began_ns = traffic_now_ns();
    r->faults.zero_ns = 0;
    r->traffic.log->own_drops = 0;
    wires_dropped(&r->lab.wires);
    r->traffic.log->unsent[FAMILY_IPV4] = r->traffic.log->unsent[FAMILY_IPV6] = 0;
}

int rehearsal_run(struct rehearsal *r, const struct rehearsal_files *files, uint32_t linger_s,
                  struct rehearsal_run *run)
{
    begin_run(r, run);
    int result = guard_start(&r->guard, &r->lab, &files->guard, r->listen);
    if (result == 0)
        result = rehearsal_wait_ready(r, r->began_ns + READY_MS * (int64_t)NS_PER_MS);
    if (result == -EPIPE)
        run->end = REHEARSAL_GUARD_ENDED;
    if (result == 0)
        result = play(r, run);
    if (result == 0 || result == -ETIME || result == -EPIPE)
        result = end_run(r, files, linger_s, run);
    guard_done(&r->guard);
    if (result == 0 && !r->interrupted)
        result = wait_without(r);
    if (result == -ETIME)
        lab_fail(&r->lab, result, "traffic did not come back to its usual way after the run");
    return result;
}

int rehearsal_open(struct rehearsal *r, const struct scenario *scenario,
                   const struct rehearsal_options *options)
{
    *r = (struct rehearsal){.random = {options->seed},
                            .watcher = options->watcher,
                            .listen = options->listen,
                            .soak_ns = (options->soak_s ? options->soak_s : scenario->soak_s) *
                                       (int64_t)NS_PER_S,
                            .traffic = {.sender = -1, .receiver = -1},
                            .guard = {.pid = -1, .output = -1, .errors = -1}};
    r->signals = signals_open();
    int result = lab_open(&r->lab, scenario, options->program);
    if (result == 0)
        result = faults_init(&r->faults, &r->lab);
    uint32_t seconds =
        scenario_outage(scenario) ? scenario->run_max_s : (uint32_t)(r->soak_ns / NS_PER_S);
    if (result == 0)
        result = traffic_start(&r->traffic, &r->lab, seconds + LONGER_S);
    if (result == 0)
        result = wait_without(r);
    if (result == -ETIME)
        lab_fail(&r->lab, result, "the lab's routers did not find each other");
    return result;
}

void rehearsal_close(struct rehearsal *r)
{
    guard_done(&r->guard);
    traffic_stop(&r->traffic);
    lab_close(&r->lab);
    if (r->signals >= 0)
        close(r->signals);
}
