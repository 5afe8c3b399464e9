// SPDX-License-Identifier: ISC
#include "role/route_ask.h"

#include "engine/message.h"
#include "role/handover.h"
#include "role/now.h"
#include "role/route.h"
#include "role/route_bmp_show.h"
#include "role/route_dump.h"
#include "role/route_fib_show.h"
#include "role/route_show.h"
#include "role/route_whatif.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BYTES_PER_TURN_MAX = 64 * 1024 };

static const struct route_answer answers[ASK_KINDS] = {
    [ASK_ROUTES] = {route_show_routes, NULL},
    [ASK_UPSTREAMS] = {route_show_upstreams, route_show_upstreams_done},
    [ASK_WHATIF] = {route_whatif_step, route_whatif_done},
    [ASK_BMP] = {route_bmp_show, route_bmp_show_done},
    [ASK_TABLE] = {route_dump_step, route_dump_done},
    [ASK_FIB] = {route_fib_show, route_fib_show_done},
};

// ---- what is said

static bool make_room(struct route_job *job, size_t size)
{
    if (job->out_end + size <= job->out_room)
        return true;
    size_t held = job->out_end - job->out_first;
    if (job->out_first > 0)
        memmove(job->out, job->out + job->out_first, held);
    job->out_first = 0;
    job->out_end = held;
    if (held + size <= job->out_room)
        return true;
    size_t room = 2 * job->out_room + size;
    char *out = realloc(job->out, room);
    if (!out)
        return false;
    job->out = out;
    job->out_room = room;
    return true;
}

void route_job_bytes(struct route_job *job, const void *bytes, size_t size)
{
    if (job->failed || !make_room(job, size)) {
        job->failed = true;
        return;
    }
    memcpy(job->out + job->out_end, bytes, size);
    job->out_end += size;
}

void route_job_say(struct route_job *job, json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (!text) {
        job->failed = true;
        return;
    }
    route_job_bytes(job, text, strlen(text));
    route_job_bytes(job, "\n", 1);
    free(text);
}

bool route_job_fail(struct route_job *job, const char *form, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(text, sizeof text, form, arguments);
    va_end(arguments);
    route_job_say(job, json_pack("{s:s}", "error", text));
    return false;
}

// ---- one question

static struct route_job **place_of(struct route_asker *asker, const struct route_job *job)
{
    for (int i = 0; i < ROUTE_ASKS_MAX; i++) {
        if (asker->jobs[i] == job)
            return &asker->jobs[i];
    }
    return NULL;
}

static void end_making(struct route_job *job)
{
    if (!job->finished && answers[job->ask.kind].done)
        answers[job->ask.kind].done(job);
    job->finished = true;
}

static void free_poll(uv_handle_t *handle)
{
    free(handle);
}

static void end_job(struct route_job *job)
{
    end_making(job);
    *place_of(&job->role->asker, job) = NULL;
    if (job->poll)
        uv_close((uv_handle_t *)job->poll, free_poll);
    close(job->fd);
    free(job->out);
    free(job->traffic);
    free(job);
}

static bool may_make(const struct route_job *job)
{
    return !job->finished && job->out_end - job->out_first < ROUTE_ASK_READ_AHEAD;
}

static void on_idle(uv_idle_t *idle);
static void on_client(uv_poll_t *poll, int status, int events);

// Making goes on while there is room; the reader is listened to while there is something to say.
static void want(struct route_job *job)
{
    if (job->out_end > job->out_first)
        uv_poll_start(job->poll, UV_WRITABLE, on_client);
    else
        uv_poll_stop(job->poll);
    if (may_make(job))
        uv_idle_start(&job->role->asker.idle, on_idle);
}

static void make(struct route_job *job)
{
    if (!answers[job->ask.kind].step(job) || job->failed)
        end_making(job);
    want(job);
}

static void write_out(struct route_job *job)
{
    size_t left = job->out_end - job->out_first;
    ssize_t sent =
        send(job->fd, job->out + job->out_first,
             left < BYTES_PER_TURN_MAX ? left : BYTES_PER_TURN_MAX, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (sent < 0) {
        end_job(job);
        return;
    }
    job->moved_at = job->role->now;
    job->out_first += (size_t)sent;
    if (job->out_first == job->out_end && job->finished)
        end_job(job);
    else
        want(job);
}

static void on_client(uv_poll_t *poll, int status, int events)
{
    struct route_job *job = poll->data;
    job->role->now = now_mono();
    if (status < 0)
        end_job(job);
    else if (events & UV_WRITABLE)
        write_out(job);
}

// A slice of each answer in turn, and no more than the time allows.
static void on_idle(uv_idle_t *idle)
{
    struct route_role *r = idle->data;
    struct mono began = now_mono();
    bool more = false;
    r->now = began;
    for (int i = 0; i < ROUTE_ASKS_MAX; i++) {
        struct route_job *job = r->asker.jobs[i];
        while (job && may_make(job) &&
               mono_since_ns(now_mono(), began) < (int64_t)ROUTE_ASK_SLICE_US * NS_PER_US)
            make(job);
        more |= job && may_make(job);
    }
    if (!more)
        uv_idle_stop(idle);
}

// Behind the question's line; false: it is not what it should be, or memory is out.
static bool take_along(struct route_job *job, const char *bytes, size_t size)
{
    job->traffic = malloc(sizeof *job->traffic);
    return job->traffic && traffic_read(job->traffic, bytes, size);
}

static bool take_question(struct route_job *job, const char *text, size_t size)
{
    char why[MESSAGE_WHY_MAX];
    const char *end = memchr(text, '\n', size);
    size_t length = end ? (size_t)(end - text) : size;
    return ask_read(text, length, &job->ask, why) && answers[job->ask.kind].step &&
           (!end || take_along(job, end + 1, size - length - 1));
}

static void take(struct route_role *r, const char *text, size_t size, int fd)
{
    struct route_job **place = place_of(&r->asker, NULL);
    struct route_job *job = place ? calloc(1, sizeof *job) : NULL;
    uv_poll_t *poll = job ? calloc(1, sizeof *poll) : NULL;
    if (!poll || !take_question(job, text, size) || uv_poll_init(&r->loop, poll, fd) < 0) {
        static const char answer[] = "{\"error\":\"too many questions at once: ask again\"}\n";
        (void)send(fd, answer, sizeof answer - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        close(fd);
        free(poll);
        free(job ? job->traffic : NULL);
        free(job);
        return;
    }
    job->role = r;
    job->fd = fd;
    job->poll = poll;
    job->moved_at = r->now;
    poll->data = job;
    *place = job;
    want(job);
}

static void on_handover(uv_poll_t *poll, int status, int events)
{
    struct route_role *r = poll->data;
    size_t size;
    int fd, came = -EPIPE;
    (void)events;
    r->now = now_mono();
    for (int i = 0; status >= 0 && i < ROUTE_ASKS_MAX; i++) {
        came =
            handover_receive(r->asker.handover, r->asker.heard, sizeof r->asker.heard, &size, &fd);
        if (came == 1)
            take(r, r->asker.heard, size, fd);
        if (came != 1 && came != -EBADMSG)
            break;
    }
    if (came < 0 && came != -EBADMSG)  // the engine is gone, or soon will be: its channel says so
        uv_poll_stop(poll);
}

// ---- all of them

int route_ask_open(struct route_asker *asker)
{
    int fds[2];
    int error = handover_pair(fds);
    asker->handover = error ? -1 : fds[1];
    asker->parent = error ? -1 : fds[0];
    return error;
}

void route_ask_close(struct route_asker *asker)
{
    if (asker->handover >= 0)
        close(asker->handover);
    if (asker->parent >= 0)
        close(asker->parent);
    asker->handover = asker->parent = -1;
}

int route_role_take_handover(struct route_role *role)
{
    int parent = role->asker.parent;
    role->asker.parent = -1;
    return parent;
}

void route_ask_start(struct route_role *r)
{
    if (r->asker.parent >= 0)
        close(r->asker.parent);
    r->asker.parent = -1;
    uv_idle_init(&r->loop, &r->asker.idle);
    r->asker.idle.data = r;
    uv_poll_init(&r->loop, &r->asker.poll, r->asker.handover);
    r->asker.poll.data = r;
    uv_poll_start(&r->asker.poll, UV_READABLE, on_handover);
}

void route_ask_tick(struct route_role *r)
{
    for (int i = 0; i < ROUTE_ASKS_MAX; i++) {
        struct route_job *job = r->asker.jobs[i];
        if (!job)
            continue;
        if (job->out_first == job->out_end)  // we are slow, not the reader
            job->moved_at = r->now;
        if (mono_since_ns(r->now, job->moved_at) >= (int64_t)ROUTE_ASK_PATIENCE_MS * NS_PER_MS)
            end_job(job);
    }
}

void route_ask_stop(struct route_role *r)
{
    for (int i = 0; i < ROUTE_ASKS_MAX; i++) {
        if (r->asker.jobs[i])
            end_job(r->asker.jobs[i]);
    }
}
