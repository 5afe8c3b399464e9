// SPDX-License-Identifier: ISC
// Events to the engine, in order, none lost: what it has no room for waits, and when much is
// waiting, the routers wait too. Lines to the log.
#include "role/route.h"

#include "role/channel.h"
#include "role/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum { LOG_BURST = 20, LOG_FILL_S = 10 };  // lines that peers can cause: 20 in 10 s

static bool send_now(struct route_role *r, const struct event *event)
{
    int error = channel_send_event(r->channel, r->net, event);
    if (error && error != -EAGAIN)
        route_stop(r, 0, "the engine is gone");
    return !error;
}

void route_tell(struct route_role *r, const struct event *event)
{
    struct route_outbox *box = &r->outbox;
    if (box->count == 0 && send_now(r, event))
        return;
    if (box->count == ROUTE_OUTBOX_MAX) {
        route_stop(r, 3, "the engine does not read");
        return;
    }
    box->events[(box->first + box->count++) % ROUTE_OUTBOX_MAX] = *event;
    r->paused = box->count > ROUTE_OUTBOX_MAX / 4;
}

void route_tell_waiting(struct route_role *r)
{
    struct route_outbox *box = &r->outbox;
    while (box->count > 0 && send_now(r, &box->events[box->first])) {
        box->first = (box->first + 1) % ROUTE_OUTBOX_MAX;
        box->count--;
    }
    r->paused = r->paused && box->count > 0;
}

void route_notice(struct route_role *r, const struct notice *notice)
{
    struct event event = {.kind = EVENT_NOTICE, .at = r->now, .notice = *notice};
    if (event.notice.since.ns == 0)
        event.notice.since = r->now;
    if (notices_take(r->notices, r->now, &event.notice))
        route_tell(r, &event);
}

void route_notices_tick(struct route_role *r)
{
    struct event event = {.kind = EVENT_NOTICE, .at = r->now};
    for (int i = 0; i < NOTICES_BURST && notices_next(r->notices, r->now, &event.notice); i++)
        route_tell(r, &event);
}

void route_log(const char *event, const char *format, ...)
{
    char line[LOG_LINE_MAX - 64];  // and the name
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    log_line("event=%s %s", event, line);
}

bool route_log_may(struct route_role *r)
{
    int64_t since_ns = mono_since_ns(r->now, r->log_filled_at);
    if (since_ns >= (int64_t)LOG_FILL_S * NS_PER_S) {
        if (r->log_dropped > 0)
            route_log("log_dropped", "lines=%llu", (unsigned long long)r->log_dropped);
        r->log_filled_at = r->now;
        r->log_tokens = LOG_BURST;
        r->log_dropped = 0;
    }
    if (r->log_tokens == 0) {
        r->log_dropped++;
        return false;
    }
    r->log_tokens--;
    return true;
}
