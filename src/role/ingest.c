// SPDX-License-Identifier: ISC
#include "role/ingest.h"

#include "count/line.h"
#include "role/channel.h"
#include "role/ingest_tls.h"
#include "role/ingest_snmp.h"
#include "role/ingest_traps.h"
#include "role/log.h"
#include "role/loop.h"
#include "role/now.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    TICK_MS = 100,
    BATCHES_PER_TURN_MAX = 16,  // of one socket, so that a flood cannot stop the rest
    COMPLAIN_EVERY_MS = 10 * 1000,
};

static void stop(struct ingest_role *r);

// ---- what is wrong with what comes

void ingest_complain(struct ingest_role *r, enum ingest_wrong wrong, const struct address *sender,
                     const char *form, ...)
{
    struct ingest_complaint *complaint = &r->complaints[wrong];
    r->counts.wrong[wrong]++;
    if (complaint->count++ > 0)
        return;  // the first tells what is wrong, the others how often
    char text[ADDRESS_TEXT_MAX];
    int size = sender ? snprintf(complaint->text, sizeof complaint->text,
                                 "%s: ", address_format(*sender, text))
                      : 0;
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(complaint->text + size, sizeof complaint->text - (size_t)size, form, arguments);
    va_end(arguments);
}

// The next one whose time has come, as a notice.
static bool next_complaint(struct ingest_role *r, struct notice *notice)
{
    for (enum ingest_wrong wrong = 0; wrong < INGEST_WRONGS; wrong++) {
        struct ingest_complaint *complaint = &r->complaints[wrong];
        bool is_early = complaint->told_at.ns > 0 &&
                        !mono_reached(r->now, mono_add_ms(complaint->told_at, COMPLAIN_EVERY_MS));
        if (complaint->count == 0 || is_early)
            continue;
        static const enum notice_kind kinds[INGEST_WRONGS] = {
            [INGEST_MALFORMED] = NOTICE_COUNTERS_REFUSED,
            [INGEST_STRANGER] = NOTICE_COUNTERS_REFUSED,
            [INGEST_NO_ROOM] = NOTICE_COUNTERS_REFUSED,
            [INGEST_CHANGE_MALFORMED] = NOTICE_CHANGE_REFUSED,
            [INGEST_LOST] = NOTICE_COUNTERS_LOST,
            [INGEST_SYSLOG_STRANGER] = NOTICE_SYSLOG_REFUSED,
            [INGEST_SYSLOG_UNREADABLE] = NOTICE_SYSLOG_REFUSED,
            [INGEST_SYSLOG_NO_ROOM] = NOTICE_SYSLOG_LOST,
            [INGEST_SYSLOG_LOST] = NOTICE_SYSLOG_LOST,
            [INGEST_TRAP_REFUSED] = NOTICE_SYSLOG_REFUSED,
        };
        uint64_t lines = r->counts.lines - complaint->lines_before;
        *notice = (struct notice){
            .kind = kinds[wrong],
            .raised = true,
            .router = NET_NOBODY,
            .since = r->now,
            .count = complaint->count,
            .total = lines < UINT32_MAX ? (uint32_t)lines : UINT32_MAX,
        };
        memcpy(notice->text, complaint->text, sizeof notice->text);
        *complaint = (struct ingest_complaint){.lines_before = r->counts.lines, .told_at = r->now};
        return true;
    }
    return false;
}

// ---- counters in

bool ingest_take(struct ingest_role *r, const struct address *sender, const struct count *count)
{
    if (!passive_take(r->passive, count, r->now)) {
        ingest_complain(r, INGEST_NO_ROOM, sender, "no room for more than %d prefixes",
                        PASSIVE_PREFIXES_MAX);
        return false;
    }
    passive_heard(r->passive, *sender, r->now);
    r->counts.taken++;
    return true;
}

static bool is_loopback(const struct address *address)
{
    static const uint8_t one[16] = {[15] = 1};
    return address->family == FAMILY_IPV4 ? address->bytes[0] == 127
                                          : memcmp(address->bytes, one, sizeof one) == 0;
}

bool ingest_is_among(const struct net_prefixes *list, const struct address *sender)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (prefix_contains_address(list->items[i], *sender))
            return true;
    return is_loopback(sender);
}

static void take_lines(struct ingest_role *r, const struct address *sender, const char *text,
                       size_t size)
{
    struct count_lines lines = {.text = text, .size = size};
    struct count_text line;
    while (count_lines_next(&lines, &line)) {
        struct count count;
        struct count_error why;
        r->counts.lines++;
        switch (count_line_read(r->net, line.text, line.size, &count, &why)) {
        case COUNT_TAKEN:
            ingest_take(r, sender, &count);
            break;
        case COUNT_FOREIGN:
            r->counts.foreign++;
            break;
        case COUNT_MALFORMED:
            ingest_complain(r, INGEST_MALFORMED, sender, "line %u, byte %zu: expected %s",
                            lines.number, why.byte, why.expected);
            break;
        }
    }
}

// Of one that was cut, all lines but the last.
static size_t whole_lines(const char *text, size_t size)
{
    while (size > 0 && text[size - 1] != '\n')
        size--;
    return size;
}

static void lose_counters(struct ingest_role *r, int32_t count)
{
    passive_void(r->passive);
    ingest_complain(r, INGEST_LOST, NULL,
                    "%d datagrams came faster than they were read: those of these seconds are not "
                    "scored",
                    count);
}

static void take_counters(struct ingest_role *r, const struct address *sender, const char *text,
                          size_t size)
{
    r->counts.datagrams++;
    if (!ingest_is_among(&r->net->counters.sources, sender)) {
        ingest_complain(r, INGEST_STRANGER, sender, "not among counters.sources");
        return;
    }
    if (size == SIZE_MAX) {
        size = whole_lines(text, DATAGRAM_SIZE_MAX);
        ingest_complain(r, INGEST_MALFORMED, sender, "expected a datagram of at most %d bytes",
                        DATAGRAM_SIZE_MAX);
    }
    take_lines(r, sender, text, size);
}

static const struct ingest_datagrams counters = {take_counters, lose_counters};

// ---- datagrams of any kind

static int watch(struct ingest_role *r, uv_poll_t *poll, int fd, uv_poll_cb on_event)
{
    int error = uv_poll_init(&r->loop, poll, fd);
    return error ? error : uv_poll_start(poll, UV_READABLE, on_event);
}

static void check_drops(struct ingest_role *r, struct ingest_socket *socket, uint32_t dropped)
{
    int32_t more = (int32_t)(dropped - socket->dropped);
    if (more <= 0)
        return;
    socket->dropped = dropped;
    socket->kind->lose(r, more);
}

static void receive(struct ingest_role *r, struct ingest_socket *socket)
{
    for (int batch = 0; batch < BATCHES_PER_TURN_MAX; batch++) {
        int came = datagram_receive(socket->fd, &r->in);
        for (int i = 0; i < came; i++) {
            const struct datagram_slot *slot = &r->in.slots[i];
            struct address sender = endpoint_address(&slot->peer);
            check_drops(r, socket, datagram_facts(&r->in, i).dropped);
            r->peer = &slot->peer;
            socket->kind->take(r, &sender, (const char *)slot->bytes, datagram_size(&r->in, i));
        }
        if (came < DATAGRAM_BATCH)
            break;
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct ingest_socket *socket = poll->data;
    socket->role->now = now_mono();
    receive(socket->role, socket);
    if (status < 0)
        uv_poll_start(poll, UV_READABLE, on_readable);
}

int ingest_watch(struct ingest_role *r, struct ingest_socket *socket,
                 const struct ingest_datagrams *kind)
{
    socket->role = r;
    socket->kind = kind;
    socket->poll.data = socket;
    if (socket->fd < 0)
        return 0;
    socket->dropped = datagram_dropped(socket->fd);  // nobody read before we started
    return watch(r, &socket->poll, socket->fd, on_readable);
}

void ingest_look(struct ingest_role *r, struct ingest_socket *socket)
{
    if (socket->fd < 0)
        return;
    receive(r, socket);
    check_drops(r, socket, datagram_dropped(socket->fd));
}

// ---- notices out

// False when the engine has no room now.
static bool tell(struct ingest_role *r, const struct notice *notice)
{
    const struct event event = {.kind = EVENT_NOTICE, .at = r->now, .notice = *notice};
    int error = channel_send_event(r->channel, r->net, &event);
    if (error == -EPIPE)
        stop(r);
    return error != -EAGAIN;
}

static void tell_all(struct ingest_role *r)
{
    for (;;) {
        if (!r->has_pending)
            r->has_pending = ingest_syslog_next(&r->syslog, &r->pending) ||
                             passive_tick(r->passive, r->now, &r->pending) ||
                             next_complaint(r, &r->pending);
        if (!r->has_pending || r->channel < 0 || !tell(r, &r->pending))
            return;
        r->has_pending = false;
    }
}

// ---- the loop

static void on_http(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct ingest_http *http = poll->data;
    http->role->now = now_mono();
    ingest_http_turn(http);
}

// What waits is read before a block is closed or a sender called silent.
static void on_timer(uv_timer_t *timer)
{
    struct ingest_role *r = timer->data;
    r->now = now_mono();
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        ingest_look(r, &r->sockets[family]);
        if (r->http[family].server)
            ingest_http_turn(&r->http[family]);
    }
    ingest_syslog_tick(r);
    ingest_meter_tick(r);
    ingest_etcd_tick(r);
    ingest_changes_tell(r);
    ingest_snmp_tick(r);
    ingest_traps_tick(r);
    tell_all(r);
}

// The engine has nothing to order here: it renews a certificate, or it is gone.
static void on_channel(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct ingest_role *r = poll->data;
    size_t size;
    int came;
    while ((came = channel_receive_text(r->channel, r->told, sizeof r->told, &size)) == 1) {
        ingest_tls_renew(r, r->told, size);
        explicit_bzero(r->told, size);
    }
    if (came != 0 && came != -EMSGSIZE)
        stop(r);
}

static void on_terminate(uv_signal_t *handle, int number)
{
    (void)number;
    stop(handle->data);
}

static void stop(struct ingest_role *r)
{
    r->channel = -1;
    loop_close_all(&r->loop);
}

static int watch_family(struct ingest_role *r, enum family family)
{
    struct ingest_http *http = &r->http[family];
    int error = ingest_watch(r, &r->sockets[family], &counters);
    http->poll.data = http;
    if (!error && http->listen_fd >= 0 && !ingest_http_open(http, r, http->listen_fd))
        error = UV_ENOMEM;
    if (!error && http->server)
        error = watch(r, &http->poll, ingest_http_fd(http), on_http);
    return error;
}

static int start(struct ingest_role *r)
{
    int error = uv_timer_init(&r->loop, &r->timer);
    if (!error)
        error = uv_signal_init(&r->loop, &r->terminate);
    if (!error)
        error = uv_signal_start(&r->terminate, on_terminate, SIGTERM);
    r->timer.data = r->terminate.data = r->channel_poll.data = r;
    if (!error)
        error = watch(r, &r->channel_poll, r->channel, on_channel);
    for (enum family family = FAMILY_IPV4; !error && family < FAMILIES; family++)
        error = watch_family(r, family);
    if (!error)
        error = ingest_syslog_start(r);
    if (!error)
        error = ingest_traps_start(r);
    if (!error && !ingest_etcd_start(r))
        error = UV_ENOMEM;
    return error ? error : uv_timer_start(&r->timer, on_timer, 0, TICK_MS);
}

static void tell_counts(const struct ingest_counts *c)
{
    log_line("event=ingest_end datagrams=%" PRIu64 " requests=%" PRIu64 " lines=%" PRIu64
             " taken=%" PRIu64 " foreign=%" PRIu64 " malformed=%" PRIu64 " strangers=%" PRIu64
             " no_room=%" PRIu64 " losses=%" PRIu64,
             c->datagrams, c->requests, c->lines, c->taken, c->foreign, c->wrong[INGEST_MALFORMED],
             c->wrong[INGEST_STRANGER], c->wrong[INGEST_NO_ROOM], c->wrong[INGEST_LOST]);
}

int ingest_role_run(struct ingest_role *r, int channel)
{
    signal(SIGINT, SIG_IGN);  // from a terminal it comes to all; the engine tells us when to end
    r->channel = channel;
    r->now = now_mono();
    int error = uv_loop_init(&r->loop);
    if (!error) {
        error = link_watch_open(&r->links);
        if (!error)
            error = start(r);
        if (error)
            stop(r);
        uv_run(&r->loop, UV_RUN_DEFAULT);
        uv_loop_close(&r->loop);
    }
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        ingest_http_close(&r->http[family]);
    ingest_etcd_stop(r);
    link_watch_close(&r->links);
    if (error)
        fprintf(stderr, "fairlead: cannot take counters: %s\n", uv_strerror(error));
    tell_counts(&r->counts);
    ingest_syslog_tell(&r->syslog);
    ingest_traps_tell(r->traps);
    return error ? 3 : 0;
}
