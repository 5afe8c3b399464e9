// SPDX-License-Identifier: ISC
// The session that plays: one loop over one socket. All messages are encoded, and in memory, when
// the peer's OPEN has come; from then on it is the peer that has to keep up.
#include "cmd/feed.h"

#include "role/endpoint.h"
#include "role/now.h"
#include "role/route_socket.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CEASE_SHUTDOWN = 2, BAD_PEER_AS = 2 };  // RFC 4486 §3, RFC 4271 §4.5
enum {
    PROGRESS_MS = 200,
    LAST_WORDS_MS = 2000,  // for the peer to read on until the message is whole, and hang up
};

enum step { STEP_REST, STEP_ANNOUNCE, STEP_UPDATE, STEP_WITHDRAW };
static const char *const step_names[] = {
    [STEP_REST] = "rest",
    [STEP_ANNOUNCE] = "announced",
    [STEP_UPDATE] = "updated",
    [STEP_WITHDRAW] = "withdrawn",
};

struct feed {
    const struct feed_options *o;
    const struct feed_archive *archive;
    struct bgp_session session;
    int fd, signals;
    struct mono now, deadline;  // the latter: for the session to come up
    bool encoded, up, resting, ended;
    bool waits;   // for the speaker to be there
    bool asked;   // to end
    bool stands;  // the table is announced
    bool again;   // the peer wants to hear it once more
    int status;
    struct feed_output output;
    struct feed_schedule schedule;
    uint32_t steps;  // begun so far
    enum step step;
    const struct feed_stream *stream;  // what is being written; NULL: nothing
    size_t sent, limit;                // octets of it: written; that may be by now
    size_t message_end;                // of the message that `sent` stands in, or before
    size_t due;                        // of the schedule: the next
    struct feed_stats stats;
    struct mono progress_at, rests_since;
    char peer_as[64];  // what it said, for a refusal
};

// A table is announced `cycles` times, withdrawn between; then come the updates.
static enum step plan(const struct feed *f, uint32_t index)
{
    const struct feed_options *o = f->o;
    bool table = f->archive->table.count > 0, updates = f->archive->replay.count > 0;
    uint32_t rounds = table ? 2 * o->cycles - 1 : 0;  // announced, withdrawn, ... announced
    if (o->step || index < rounds)
        return index % 2 == 0 ? STEP_ANNOUNCE : STEP_WITHDRAW;
    if (updates && index == rounds)
        return STEP_UPDATE;
    return o->withdraw && table && index == rounds + updates ? STEP_WITHDRAW : STEP_REST;
}

static void begin_step(struct feed *f, enum step step)
{
    f->step = step;
    f->stats = (struct feed_stats){.began = f->now};
    f->sent = f->message_end = f->due = 0;
    f->resting = step == STEP_REST;
    f->stream = step == STEP_ANNOUNCE   ? &f->output.announce
                : step == STEP_WITHDRAW ? &f->output.withdraw
                : step == STEP_UPDATE   ? &f->schedule.stream
                                        : NULL;
    if (f->resting) {
        f->rests_since = f->now;
        feed_tell_rest(f->o);
        return;
    }
    f->limit = step == STEP_UPDATE ? 0 : f->stream->size;
    feed_tell_begun(f->o, step_names[step], f->now);
}

static void end_step(struct feed *f)
{
    const struct feed_counts *counts = &f->output.counts;
    uint64_t routes = counts->routes[FAMILY_IPV4] + counts->routes[FAMILY_IPV6];
    f->stands = f->step == STEP_WITHDRAW ? false : f->stands || f->step == STEP_ANNOUNCE;
    f->stats.ended = f->now = now_mono();  // writing took its time
    f->stats.announced = f->step == STEP_ANNOUNCE ? routes : 0;
    f->stats.withdrawn = f->step == STEP_WITHDRAW ? routes : 0;
    if (f->step == STEP_UPDATE) {
        f->stats.announced = f->schedule.announced;
        f->stats.withdrawn = f->schedule.withdrawn;
    }
    f->stats.messages = f->stream->messages;
    f->stats.bytes = f->stream->size;
    f->stream = NULL;
    feed_tell_progress(f->o, 1, 1);
    feed_tell_done(f->o, step_names[f->step], &f->stats);
}

static bool is_free(const struct feed *f)
{
    return f->up && !f->stream && !f->asked && !f->ended;
}

// Whether the next step may begin of itself: with --step there must be a line for it.
static bool has_next(const struct feed *f)
{
    return is_free(f) && ((f->again && f->stands) || (!f->o->step && !f->resting));
}

static void begin_next(struct feed *f)
{
    bool again = f->again && f->stands;
    f->again = false;
    begin_step(f, again ? STEP_ANNOUNCE : plan(f, f->steps++));
}

static struct address local_address(int fd)
{
    union endpoint endpoint = {0};
    socklen_t size = sizeof endpoint;
    (void)getsockname(fd, &endpoint.any, &size);
    return endpoint_address(&endpoint);
}

static bool encode(struct feed *f)
{
    const struct feed_options *o = f->o;
    const struct bgp_context *context = &f->session.context;
    struct feed_how how = {
        .context = context,
        .prepend_as = context->peer == BGP_EXTERNAL && !o->keep_path ? o->local_as : 0,
    };
    memcpy(how.next_hop, o->next_hop, sizeof how.next_hop);
    struct address self = local_address(f->fd);
    if (o->next_hop_self)
        how.next_hop[self.family] = self;
    feed_output_done(&f->output);
    feed_schedule_done(&f->schedule);
    f->output = (struct feed_output){0};
    f->schedule = (struct feed_schedule){0};
    f->encoded = feed_table_encode(&f->archive->table, &how, &f->output) &&
                 feed_replay_encode(&f->archive->replay, &how, &f->schedule);
    if (f->encoded)
        feed_tell_encoded(o, &f->output, &f->schedule);
    else
        feed_problem("out of memory");
    return f->encoded;
}

static void drop_socket(struct feed *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

// The last words were written, or never will be. Unread input would make the kernel answer with a
// reset that overtakes them: so the peer hangs up first, if it will.
static void hang_up(struct feed *f)
{
    uint8_t unread[4096];
    if (f->fd < 0)
        return;
    size_t size;
    const uint8_t *bytes = bgp_session_output(&f->session, &size);
    if (size > 0 && f->sent == f->message_end)
        (void)!send(f->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(f->fd, SHUT_WR);
    struct mono until = mono_add_ms(now_mono(), f->up ? LAST_WORDS_MS : 0);
    struct pollfd ready = {.fd = f->fd, .events = POLLIN};
    while (!mono_reached(now_mono(), until) && poll(&ready, 1, PROGRESS_MS) >= 0)
        if (ready.revents && recv(f->fd, unread, sizeof unread, MSG_DONTWAIT) <= 0)
            break;
    drop_socket(f);
}

static void end(struct feed *f, int status)
{
    f->ended = true;
    f->status = status;
}

static void dial(struct feed *f)
{
    f->fd = route_socket_dial(&f->o->peer);
    if (f->fd >= 0)
        return;
    int error = -f->fd;
    f->fd = -1;
    bgp_session_closed(&f->session, f->now, strerror(error));
}

// Whoever says a NOTIFICATION means it; a connection that fails may be there in a moment.
static bool is_refusal(const struct feed *f)
{
    const struct bgp_message *message = &f->session.message;
    return f->up || f->encoded || f->session.verdict.remedy == BGP_SESSION_RESET ||
           message->header.type == BGP_NOTIFICATION;
}

static bool is_bad_peer_as(const struct bgp_session *session)
{
    const struct bgp_message *message = &session->message;
    return message->header.type == BGP_NOTIFICATION &&
           message->notification.code == BGP_OPEN_ERROR &&
           message->notification.subcode == BAD_PEER_AS;
}

static void explain(const struct feed *f, const char *reason, char *text, size_t size)
{
    char to[ENDPOINT_TEXT_MAX];
    endpoint_format(f->o->peer.address, f->o->peer.port, to);
    if (is_bad_peer_as(&f->session))
        snprintf(text, size, "%s: we say that we are AS%u%s", reason, f->o->local_as, f->peer_as);
    else if (!f->up)
        snprintf(text, size, "no session with %s: %s", to, reason);
    else
        snprintf(text, size, "%s", reason);
}

static void go_down(struct feed *f, const char *reason)
{
    char text[BGP_REASON_MAX + ENDPOINT_TEXT_MAX + 128];
    bool over = f->asked || is_refusal(f) || mono_reached(f->now, f->deadline);
    explain(f, reason, text, sizeof text);
    hang_up(f);
    if (over) {
        feed_tell_down(f->o, text, f->asked);
        end(f, f->asked ? 0 : 3);
    } else if (!f->waits) {
        feed_problem("%s; trying again for %lld s", text, (long long)f->o->wait_s);
        f->waits = true;
    }
}

static void take_event(struct feed *f, const struct bgp_session_event *event)
{
    switch (event->kind) {
    case BGP_EVENT_DIAL:
        dial(f);
        break;
    case BGP_EVENT_OPENED:
        snprintf(f->peer_as, sizeof f->peer_as, ", it that it is AS%u", f->session.peer.asn);
        if (!encode(f))
            end(f, 3);
        break;
    case BGP_EVENT_UP:
        f->up = true;
        feed_tell_up(f->o, &f->session);
        break;
    case BGP_EVENT_UPDATE:  // we play, and do not listen
        break;
    case BGP_EVENT_REFRESH:  // updates have changed the table since: it cannot be told as it is now
        f->again = f->archive->replay.count == 0;
        break;
    case BGP_EVENT_DOWN:
        go_down(f, event->reason);
        break;
    }
}

static void draw_events(struct feed *f)
{
    struct bgp_session_event event;
    while (!f->ended && bgp_session_next(&f->session, f->now, &event))
        take_event(f, &event);
}

static void lost(struct feed *f, int error)
{
    bgp_session_closed(&f->session, f->now, strerror(error));
    draw_events(f);
}

// Gives whether all of it was taken.
static bool write_some(struct feed *f, const uint8_t *bytes, size_t size, size_t *taken)
{
    ssize_t sent = send(f->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    *taken = sent > 0 ? (size_t)sent : 0;
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        lost(f, errno);
    return *taken == size;
}

// What the session itself says goes between two messages of the stream.
static bool write_session(struct feed *f)
{
    size_t size, taken;
    const uint8_t *bytes = bgp_session_output(&f->session, &size);
    if (size == 0)
        return true;
    bool all = write_some(f, bytes, size, &taken);
    if (taken > 0)
        bgp_session_sent(&f->session, f->now, taken);
    return all;
}

// What is due by now of the recorded updates.
static void advance_schedule(struct feed *f)
{
    const struct feed_schedule *schedule = &f->schedule;
    if (f->step != STEP_UPDATE || !f->stream)
        return;
    int64_t since_ns = mono_since_ns(f->now, f->stats.began);
    for (; f->due < schedule->count; f->due++) {
        int64_t at_ns = (int64_t)((double)schedule->dues[f->due].at_ns / f->o->speed);
        if (at_ns > since_ns)
            break;
        if (!isinf(f->o->speed) && since_ns - at_ns > f->stats.late_ns)
            f->stats.late_ns = since_ns - at_ns;
        f->limit = schedule->dues[f->due].end;
    }
}

static void write_stream(struct feed *f)
{
    while (f->fd >= 0 && !f->ended) {
        size_t pending, taken;
        bool between = f->sent == f->message_end;
        if (between && !write_session(f))
            return;
        bgp_session_output(&f->session, &pending);
        size_t until = pending > 0 || f->asked ? f->message_end : f->limit;
        if (!f->stream || f->sent >= until)
            return;
        bool all = write_some(f, f->stream->bytes + f->sent, until - f->sent, &taken);
        if (!f->stream)
            return;
        f->sent += taken;
        if (f->sent > f->message_end)
            f->message_end = feed_stream_boundary(f->stream, f->message_end, f->sent);
        if (!all)
            return;
    }
}

static void write_all(struct feed *f)
{
    if (f->fd < 0 || f->session.state == BGP_CONNECT)
        return;
    advance_schedule(f);
    write_stream(f);
    if (f->stream && f->sent == f->stream->size)
        end_step(f);
    else if (f->stream && mono_reached(f->now, f->progress_at)) {
        f->progress_at = mono_add_ms(f->now, PROGRESS_MS);
        feed_tell_progress(f->o, f->sent, f->stream->size);
    }
}

static void read_some(struct feed *f)
{
    size_t room;
    uint8_t *to = bgp_session_room(&f->session, &room);
    ssize_t came = recv(f->fd, to, room, MSG_DONTWAIT);
    if (came > 0)
        bgp_session_received(&f->session, (size_t)came);
    else if (came == 0)
        bgp_session_closed(&f->session, f->now, "the peer closed the connection");
    else if (errno != EAGAIN && errno != EINTR)
        bgp_session_closed(&f->session, f->now, strerror(errno));
}

static void finish_dialling(struct feed *f)
{
    int error = route_socket_error(f->fd);
    if (error)
        bgp_session_closed(&f->session, f->now, strerror(-error));
    else
        bgp_session_connected(&f->session, f->now);
}

static void hear_socket(struct feed *f, short events)
{
    if (events == 0 || f->fd < 0)
        return;
    if (f->session.state == BGP_CONNECT)
        finish_dialling(f);
    else if (events & (POLLIN | POLLHUP | POLLERR))
        read_some(f);
    draw_events(f);
}

// Asked to end: between two messages, so that the peer understands why.
static void ask_to_end(struct feed *f)
{
    if (f->asked)
        end(f, 0);  // and asked again
    f->asked = true;
    f->deadline = mono_add_ms(f->now, LAST_WORDS_MS);
}

static void end_if_asked(struct feed *f)
{
    if (!f->asked || f->ended)
        return;
    bool whole = !f->stream || f->sent == f->message_end;
    if (whole || mono_reached(f->now, f->deadline)) {
        bgp_session_stop(&f->session, f->now, CEASE_SHUTDOWN, "the feed ends");
        draw_events(f);
        if (!f->ended)  // there was no connection yet
            end(f, 0);
    }
}

static void hear_signals(struct feed *f, short events)
{
    struct signalfd_siginfo info;
    if (events && read(f->signals, &info, sizeof info) == sizeof info)
        ask_to_end(f);
}

// With --step a line begins the next step; the end of the input ends the session.
static void hear_steps(struct feed *f, short events)
{
    char line[256];
    if (!events)
        return;
    ssize_t came = read(STDIN_FILENO, line, sizeof line);
    if (came <= 0)
        ask_to_end(f);
    else if (is_free(f))
        begin_step(f, plan(f, f->steps++));
}

static void look_at_time(struct feed *f)
{
    if (mono_reached(f->now, bgp_session_deadline(&f->session))) {
        bgp_session_time(&f->session, f->now);
        draw_events(f);
    }
    bool rested = f->resting && f->o->stay_s >= 0 &&
                  mono_since_ns(f->now, f->rests_since) >= f->o->stay_s * NS_PER_S;
    if (rested && !f->asked)
        ask_to_end(f);
}

static void sooner(struct mono *first, struct mono at)
{
    if (at.ns < first->ns)
        *first = at;
}

static struct mono next_time(const struct feed *f)
{
    struct mono first = bgp_session_deadline(&f->session);
    if (f->asked)
        sooner(&first, f->deadline);
    if (f->resting && f->o->stay_s >= 0)
        sooner(&first, mono_add_ns(f->rests_since, f->o->stay_s * NS_PER_S));
    if (f->step == STEP_UPDATE && f->stream && f->due < f->schedule.count) {
        double after_ns = (double)f->schedule.dues[f->due].at_ns / f->o->speed;
        sooner(&first, mono_add_ns(f->stats.began, (int64_t)after_ns));
    }
    return first;
}

// Waits for what comes first: the socket, a signal, a line, or time.
static void wait(struct feed *f)
{
    size_t pending;
    bgp_session_output(&f->session, &pending);
    bool writes =
        f->session.state == BGP_CONNECT || pending > 0 || (f->stream && f->sent < f->limit);
    struct pollfd fds[] = {
        {.fd = f->fd, .events = (short)(writes ? POLLIN | POLLOUT : POLLIN)},
        {.fd = f->signals, .events = POLLIN},
        {.fd = f->o->step && !f->asked ? STDIN_FILENO : -1, .events = POLLIN},
    };
    struct mono first = next_time(f);
    int64_t wait_ns = mono_since_ns(first, now_mono());
    if (wait_ns < 0 || has_next(f))
        wait_ns = 0;
    struct timespec wait = {wait_ns / NS_PER_S, wait_ns % NS_PER_S};
    int ready = ppoll(fds, 3, first.ns == INT64_MAX && !has_next(f) ? NULL : &wait, NULL);
    f->now = now_mono();
    if (ready <= 0)
        return;
    hear_socket(f, fds[0].revents);
    hear_signals(f, fds[1].revents);
    hear_steps(f, fds[2].revents);
}

static void init(struct feed *f, const struct feed_options *o, const struct feed_archive *archive)
{
    f->o = o;
    f->archive = archive;
    f->fd = -1;
    f->now = now_mono();
    f->deadline = mono_add_ns(f->now, o->wait_s * NS_PER_S);
    struct bgp_session_config config = {
        .asn = o->local_as,
        .id = o->id,
        .peer_as = o->peer_as,
        .hold_s = o->hold_s,
        .any_hold = true,  // what we say ends with the session, and that with the process
        .extended_message = !o->no_extended,
        .next_hop_ipv6 = true,
        .dials = true,
    };
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        config.families[family] = o->families[family];
        config.add_path[family] = archive->path_ids ? BGP_ADD_PATH_SEND : 0;
    }
    bgp_session_init(&f->session, &config, f->now, (uint64_t)f->now.ns);
}

int feed_session_run(const struct feed_options *options, const struct feed_archive *archive)
{
    struct feed *f = calloc(1, sizeof *f);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if (!f) {
        feed_problem("out of memory");
        return 3;
    }
    init(f, options, archive);
    f->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    while (!f->ended) {
        look_at_time(f);
        if (has_next(f))
            begin_next(f);
        write_all(f);
        end_if_asked(f);
        if (!f->ended)
            wait(f);
    }
    drop_socket(f);
    close(f->signals);
    feed_output_done(&f->output);
    feed_schedule_done(&f->schedule);
    int status = f->status;
    free(f);
    return status;
}
