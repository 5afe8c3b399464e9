// SPDX-License-Identifier: ISC
#include "cmd/top_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERVAL_NS (1 * (int64_t)NS_PER_S)
#define PATIENCE_NS (5 * (int64_t)NS_PER_S)  // an answer takes milliseconds
enum { ANSWER_BYTES_MAX = 4 << 20, READ_BYTES = 1 << 16 };

void top_link_init(struct top_link *link)
{
    link->fd = -1;
    link->next_at = (struct mono){0};
}

static void hang_up(struct top_link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    free(link->bytes);
    link->fd = -1;
    link->bytes = NULL;
    link->size = link->room = 0;
}

static void forget(struct top_link *link)
{
    hang_up(link);
    json_decref(link->picture);
    json_decref(link->outages);
    link->picture = link->outages = NULL;
}

void top_link_done(struct top_link *link)
{
    forget(link);
}

static enum top_link_news fail(struct top_link *link, const char *why)
{
    snprintf(link->why, sizeof link->why, "%s", why);
    forget(link);
    return TOP_LINK_TROUBLE;
}

static const char *reason_of(int error)
{
    return error == ENOENT || error == ECONNREFUSED ? "no daemon is running there"
           : error == EACCES ? "only root, its owner and 'control_group' may ask"
                             : strerror(error);
}

// Asks; 0 or the error.
static int ask(struct top_link *link, enum ask_kind kind, struct mono now)
{
    const struct ask question = {.kind = kind, .version = ASK_VERSION};
    hang_up(link);
    int error = asking_send(link->path, &question, &link->fd);
    if (error)
        return error;
    fcntl(link->fd, F_SETFL, fcntl(link->fd, F_GETFL) | O_NONBLOCK);
    link->asked = kind;
    link->asked_at = now;
    return 0;
}

// Reads what is there: 1 more may come, 0 it ended, or -errno.
static int read_all(struct top_link *link)
{
    for (;;) {
        if (link->room - link->size < READ_BYTES) {
            size_t room = 2 * link->room + READ_BYTES;
            char *bytes = room <= ANSWER_BYTES_MAX ? realloc(link->bytes, room) : NULL;
            if (!bytes)
                return -EMSGSIZE;
            link->bytes = bytes;
            link->room = room;
        }
        ssize_t got = recv(link->fd, link->bytes + link->size, link->room - link->size, 0);
        if (got < 0)
            return errno == EAGAIN || errno == EINTR ? 1 : -errno;
        if (got == 0)
            return 0;
        link->size += (size_t)got;
    }
}

// A line of the answer. Gives whether it was the last; `why` is set when it is none.
static bool take_line(struct top_link *link, const char *text, size_t size, const char **why)
{
    json_t *line = json_loadb(text, size, 0, NULL);
    json_t *outage = json_object_get(line, "outage");
    bool done = json_object_get(line, "done") != NULL;
    if (!line || json_object_get(line, "error"))
        *why =
            line ? "it refused the question: is it of another version?" : "its answer is not JSON";
    else if (!done && link->asked == ASK_STATUS)
        json_object_update_missing(link->picture, line);
    else if (outage)
        json_array_append(link->outages, outage);
    json_decref(line);
    return done;
}

static bool take_lines(struct top_link *link, const char **why)
{
    const char *from = link->bytes, *end = link->bytes + link->size, *line_end;
    for (; from < end && !*why; from = line_end + 1) {
        line_end = memchr(from, '\n', (size_t)(end - from));
        if (!line_end || take_line(link, from, (size_t)(line_end - from), why))
            return line_end && !*why;
    }
    return false;
}

// The next question, or the round is over.
static enum top_link_news go_on(struct top_link *link, struct mono now)
{
    if (link->asked == ASK_INCIDENTS) {
        hang_up(link);
        return TOP_LINK_PICTURE;
    }
    int error = ask(link, ASK_INCIDENTS, now);
    return error ? fail(link, reason_of(error)) : TOP_LINK_NOTHING;
}

static enum top_link_news begin(struct top_link *link, struct mono now)
{
    forget(link);
    link->next_at = mono_add_ns(now, INTERVAL_NS);
    link->picture = json_object();
    link->outages = json_array();
    int error = ask(link, ASK_STATUS, now);
    return error ? fail(link, reason_of(error)) : TOP_LINK_NOTHING;
}

enum top_link_news top_link_turn(struct top_link *link, struct mono now)
{
    const char *why = NULL;
    if (link->fd < 0)
        return mono_reached(now, link->next_at) ? begin(link, now) : TOP_LINK_NOTHING;
    int more = read_all(link);
    if (more < 0)
        return fail(link, more == -EMSGSIZE ? "its answer is too long" : strerror(-more));
    if (more == 1)
        return mono_since_ns(now, link->asked_at) > PATIENCE_NS
                   ? fail(link, "it is there, but does not answer")
                   : TOP_LINK_NOTHING;
    if (!take_lines(link, &why))
        return fail(link, why ? why : "its answer ended early");
    return go_on(link, now);
}

int top_link_wait_ms(const struct top_link *link, struct mono now)
{
    struct mono until =
        link->fd >= 0 ? mono_add_ns(link->asked_at, PATIENCE_NS + NS_PER_MS) : link->next_at;
    int64_t wait_ns = until.ns - now.ns;
    return wait_ns > 0 ? (int)(wait_ns / NS_PER_MS + 1) : 0;
}
