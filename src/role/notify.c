// SPDX-License-Identifier: ISC
#include "role/notify.h"

#include "engine/message.h"
#include "role/channel.h"
#include "role/hook.h"
#include "role/link_secret.h"
#include "role/log.h"
#include "role/now.h"
#include "role/secret.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TURN_MS_MAX = 1000,
    PROGRAM_TURN_MS = 50,     // while one runs: its end is looked for so often
    PAGES_PER_TURN_MAX = 64,  // from the engine
    AGAIN_FIRST_MS = 2000,    // after an attempt that failed, each time twice as late
    AGAIN_LAST_MS = 300 * 1000,
    GIVE_UP_S = 6 * 3600,  // by then people know, or it is of no use to them
    STOP_MS = 1200,        // for attempts that run, when the engine is gone
    REASON_MAX = 96,
};

// ---- jobs

static struct notify_job *find(struct notify_role *r, int64_t page, uint32_t channel)
{
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++)
        if (r->jobs[i].is_used && r->jobs[i].page.number == page &&
            r->jobs[i].page.channel == channel)
            return &r->jobs[i];
    return NULL;
}

static bool runs(const struct notify_job *job)
{
    return job->attempt || job->program.pid > 0;
}

static void tell(struct notify_role *r, const struct alert_page *page,
                 enum event_delivery_state state, const char *reason)
{
    struct event event = {.kind = EVENT_DELIVERY, .at = r->now};
    event.delivery = (struct event_delivery){page->number, page->channel, state, ""};
    snprintf(event.delivery.reason, sizeof event.delivery.reason, "%s", reason);
    // The engine asks for what it does not hear of once more.
    if (channel_send_event(r->channel, r->net, &event) == -EPIPE)
        r->is_stopping = true;
}

static void end_job(struct notify_role *r, struct notify_job *job)
{
    if (job->page.kind != PAGE_HEARTBEAT)
        (void)notify_spool_done(r->spool, r->net, &job->page);
    notify_http_drop(r, job);
    *job = (struct notify_job){0};
    program_init(&job->program);
}

// Whether a newer page says all that the older one says, and to the same person.
static bool replaces(const struct alert_page *newer, const struct alert_page *older)
{
    return newer->channel == older->channel && newer->person == older->person &&
           newer->outage == older->outage && newer->number >> 20 == older->number >> 20 &&
           newer->number > older->number;
}

static void drop_what_is_old(struct notify_role *r, const struct alert_page *page)
{
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++)
        if (r->jobs[i].is_used && !runs(&r->jobs[i]) && replaces(page, &r->jobs[i].page))
            end_job(r, &r->jobs[i]);
}

static struct notify_job *add_job(struct notify_role *r, const struct alert_page *page,
                                  int64_t since_s)
{
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++) {
        struct notify_job *job = &r->jobs[i];
        if (job->is_used)
            continue;
        *job =
            (struct notify_job){.is_used = true, .page = *page, .since_s = since_s, .due = r->now};
        program_init(&job->program);
        return job;
    }
    return NULL;
}

static void take_page(struct notify_role *r, const struct alert_page *page)
{
    struct notify_job *job = find(r, page->number, page->channel);
    if (page->channel >= r->net->alert.channel_count)
        return;
    if (job) {  // asked for once more: at once, and by a way that may be another now
        job->page.way = page->way;
        job->due = runs(job) ? job->due : r->now;
        return;
    }
    drop_what_is_old(r, page);
    if (!add_job(r, page, r->now_s))
        tell(r, page, DELIVERY_FAILED, "too many pages wait");
    else if (page->kind != PAGE_HEARTBEAT)
        (void)notify_spool_keep(r->spool, r->net, page, r->now_s);
}

// ---- attempts

static int64_t again_ms(struct notify_role *r, uint32_t tries)
{
    int64_t ms = AGAIN_FIRST_MS;
    for (uint32_t i = 1; i < tries && ms < AGAIN_LAST_MS; i++)
        ms *= 2;
    ms = ms < AGAIN_LAST_MS ? ms : AGAIN_LAST_MS;
    return ms * 3 / 4 + (int64_t)(random_unit(&r->random) * (double)(ms / 2));
}

static void fail(struct notify_role *r, struct notify_job *job, const char *why)
{
    bool is_last = job->page.kind == PAGE_HEARTBEAT || r->now_s - job->since_s > GIVE_UP_S;
    log_line("event=page_failed page=%" PRId64 " channel=%s tries=%u last=%d reason='%s'",
             job->page.number, r->net->alert.channels[job->page.channel].name, job->tries, is_last,
             why);
    tell(r, &job->page, DELIVERY_FAILED, why);
    notify_http_drop(r, job);
    job->due = mono_add_ms(r->now, again_ms(r, job->tries));
    if (is_last)
        end_job(r, job);
}

static void end_attempt(struct notify_role *r, struct notify_job *job, bool good, const char *why)
{
    char line[REASON_MAX];
    snprintf(line, sizeof line, "%s", why);
    for (char *c = line; *c; c++)  // it may be the other end's words
        *c = (unsigned char)*c < ' ' || (unsigned char)*c > '~' ? '?' : *c;
    if (!good) {
        fail(r, job, line);
        return;
    }
    int64_t page = job->page.number;
    tell(r, &job->page, DELIVERY_SENT, "");
    end_job(r, job);
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++)  // the person has it: by no other channel any more
        if (r->jobs[i].is_used && !runs(&r->jobs[i]) && r->jobs[i].page.number == page)
            end_job(r, &r->jobs[i]);
}

static bool start_program(struct notify_role *r, struct notify_job *job, char *why, size_t size)
{
    static const struct net_arguments none;
    const struct net_channel *channel = &r->net->alert.channels[job->page.channel];
    bool is_known = job->page.person < r->net->alert.person_count;
    const struct notify_about about = {r->net, &job->page, "", r->now_s, r->link_secret};
    char words[7][PAGE_TEXT_MAX + 32], link[NOTIFY_LINK_MAX];
    snprintf(words[0], sizeof words[0], "FAIRLEAD_TEXT=%s", job->page.text);
    snprintf(words[1], sizeof words[1], "FAIRLEAD_KIND=%s", page_kind_names[job->page.kind]);
    snprintf(words[2], sizeof words[2], "FAIRLEAD_SEVERITY=%s",
             outage_severity_names[job->page.severity]);
    snprintf(words[3], sizeof words[3], "FAIRLEAD_OUTAGE=%u", job->page.outage);
    snprintf(words[4], sizeof words[4], "FAIRLEAD_PERSON=%s",
             is_known ? r->net->alert.people[job->page.person].name : "");
    snprintf(words[5], sizeof words[5], "FAIRLEAD_SITE=%s", r->net->site);
    notify_link(&about, link);
    snprintf(words[6], sizeof words[6], "FAIRLEAD_LINK=%s", link);
    const struct program_order run = {
        .path = channel->program,
        .arguments = &none,
        .environment = {hook_path_word, words[0], words[1], words[2], words[3], words[4], words[5],
                        words[6]},
        .timeout_ns = channel->timeout_ns,
    };
    int error = program_start(&job->program, &run, r->now);
    snprintf(why, size, "%s", error ? strerror(-error) : "");
    return error == 0;
}

static void start_attempt(struct notify_role *r, struct notify_job *job)
{
    char why[REASON_MAX] = "";
    bool is_program = r->net->alert.channels[job->page.channel].kind == NET_CHANNEL_PROGRAM;
    job->tries++;
    bool good = is_program ? start_program(r, job, why, sizeof why)
                           : notify_http_start(r, job, why, sizeof why);
    if (!good)
        fail(r, job, why);
}

static void start_what_is_due(struct notify_role *r)
{
    int running = 0;
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++)
        running += runs(&r->jobs[i]);
    for (int i = 0; i < NOTIFY_JOBS_MAX && running < NOTIFY_RUNNING_MAX; i++) {
        struct notify_job *job = &r->jobs[i];
        if (!job->is_used || runs(job) || !mono_reached(r->now, job->due))
            continue;
        start_attempt(r, job);
        running++;
    }
}

static void hear_http(struct notify_role *r)
{
    int left;
    char why[CURL_ERROR_SIZE];
    curl_multi_perform(r->multi, &left);
    for (CURLMsg *message; (message = curl_multi_info_read(r->multi, &left));) {
        struct notify_job *job = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &job);
        bool good = notify_http_end(job, message->data.result, why, sizeof why);
        end_attempt(r, job, good, why);
    }
}

static void hear_programs(struct notify_role *r)
{
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++) {
        struct notify_job *job = &r->jobs[i];
        siginfo_t ended = {0};
        char why[PROGRAM_REASON_MAX];
        if (!job->is_used || job->program.pid <= 0)
            continue;
        program_turn(&job->program, r->now);
        if (waitid(P_PID, (id_t)job->program.pid, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 ||
            ended.si_pid == 0)
            continue;
        enum program_end end = program_reap(&job->program, why);
        end_attempt(r, job, end == PROGRAM_WELL, why);
    }
}

// ---- the spool

static void hear_spool(struct notify_role *r)
{
    int64_t page;
    uint32_t channel;
    while (notify_spool_next_kept(r->spool, &page, &channel)) {
        const struct notify_job *job = find(r, page, channel);
        if (job)
            tell(r, &job->page, DELIVERY_KEPT, "");
    }
    if (!notify_spool_is_full(r->spool))
        return;
    notify_spool_turn(r->spool);
    bool all = !r->is_spool_fuller;
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++)
        if (r->jobs[i].is_used && r->jobs[i].page.kind != PAGE_HEARTBEAT)
            all &= notify_spool_keep(r->spool, r->net, &r->jobs[i].page, r->jobs[i].since_s);
    if (all)
        notify_spool_turned(r->spool);
}

static void take_kept(void *context, const struct alert_page *page, int64_t since_s)
{
    struct notify_role *r = context;
    if (!find(r, page->number, page->channel))
        r->is_spool_fuller |= !add_job(r, page, since_s);
}

// ---- the loop

static void hear_engine(struct notify_role *r)
{
    for (int i = 0; i < PAGES_PER_TURN_MAX; i++) {
        struct effect effect;
        char why[MESSAGE_WHY_MAX];
        int came = channel_receive_effect(r->channel, r->net, &effect, why);
        if (came == 0)
            return;
        if (came != 1) {
            r->is_stopping = true;
            return;
        }
        if (effect.kind == EFFECT_PAGE)
            take_page(r, &effect.page);
    }
}

static int wait_ms(const struct notify_role *r)
{
    int64_t wait = TURN_MS_MAX;
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++) {
        const struct notify_job *job = &r->jobs[i];
        int64_t due = mono_since_ns(job->due, r->now) / NS_PER_MS + 1;
        if (job->is_used && job->program.pid > 0)
            due = PROGRAM_TURN_MS;
        else if (!job->is_used || runs(job))
            continue;
        wait = due < wait ? due : wait;
    }
    return wait < 0 ? 0 : (int)wait;
}

static void turn(struct notify_role *r)
{
    struct curl_waitfd fds[2] = {{r->channel, CURL_WAIT_POLLIN, 0},
                                 {notify_spool_fd(r->spool), CURL_WAIT_POLLIN, 0}};
    unsigned first = r->is_stopping ? 1 : 0, end = fds[1].fd >= 0 ? 2 : 1;
    curl_multi_poll(r->multi, fds + first, end - first, wait_ms(r), NULL);
    r->now = now_mono();
    r->now_s = now_wall().ns / NS_PER_S;
    if (!r->is_stopping)
        hear_engine(r);
    hear_http(r);
    hear_programs(r);
    hear_spool(r);
    if (!r->is_stopping)
        start_what_is_due(r);
}

static bool is_any_running(const struct notify_role *r)
{
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++)
        if (runs(&r->jobs[i]))
            return true;
    return false;
}

// What still runs has a moment to end; what does not is in the spool.
static void end_all(struct notify_role *r)
{
    struct mono until = mono_add_ms(now_mono(), STOP_MS);
    while (is_any_running(r) && !mono_reached(now_mono(), until))
        turn(r);
    for (int i = 0; i < NOTIFY_JOBS_MAX; i++) {
        notify_http_drop(r, &r->jobs[i]);
        program_kill(&r->jobs[i].program);
    }
    notify_spool_stop(r->spool);
    curl_multi_cleanup(r->multi);
}

int notify_role_run(struct notify_role *r, int channel)
{
    r->channel = channel;
    r->now = now_mono();
    r->now_s = now_wall().ns / NS_PER_S;
    if (getrandom(&r->random.state, sizeof r->random.state, GRND_NONBLOCK) < 0)
        r->random.state = (uint64_t)r->now.ns;  // jitter wants no secret
    curl_global_init(CURL_GLOBAL_DEFAULT);
    r->multi = curl_multi_init();
    notify_spool_read(r->spool, r->net, &(struct notify_kept){take_kept, r});
    int error = notify_spool_start(r->spool);
    if (error)
        fprintf(stderr, "fairlead: pages are not kept: %s\n", strerror(-error));
    if (!r->multi)
        return 3;
    while (!r->is_stopping)
        turn(r);
    end_all(r);
    return 0;
}

// ---- in the parent

bool notify_role_wanted(const struct net *net)
{
    return net->alert.channel_count > 0;
}

bool notify_role_runs_programs(const struct net *net)
{
    bool runs = false;
    for (uint32_t i = 0; i < net->alert.channel_count; i++)
        runs |= net->alert.channels[i].kind == NET_CHANNEL_PROGRAM;
    return runs;
}

struct notify_role *notify_role_open(const struct net *net, char *why)
{
    struct notify_role *r = calloc(1, sizeof *r);
    snprintf(why, ROLE_ERROR_MAX, "cannot send pages: out of memory");
    bool good = r != NULL;
    good = good && link_secret_read(&net->access, r->link_secret, why);
    for (uint32_t i = 0; good && i < net->alert.channel_count; i++) {
        const char *file = net->alert.channels[i].secret_file;
        good = !file[0] || secret_read(file, r->secrets[i], NOTIFY_SECRET_MAX, why);
    }
    if (good) {
        r->net = net;
        r->spool = notify_spool_open(net->alert.spool, why);
        for (int i = 0; i < NOTIFY_JOBS_MAX; i++)
            program_init(&r->jobs[i].program);
    }
    if (good && r->spool)
        return r;
    notify_role_close(r);
    return NULL;
}

void notify_role_close(struct notify_role *r)
{
    if (r)
        notify_spool_close(r->spool);
    free(r);
}
