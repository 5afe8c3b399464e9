// SPDX-License-Identifier: ISC
#include "role/web_questions.h"

#include "role/handover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BYTES_PER_TURN_MAX = 256 * 1024, FIRST_ROOM = 16 * 1024 };

void web_questions_init(struct web_questions *all, int channel)
{
    *all = (struct web_questions){.channel = channel};
}

// The question waits in the pair before its other end is handed on.
static int hand_on(int channel, const struct web_question *question,
                   const struct web_caller *caller)
{
    char text[WEB_CALLER_BYTES_MAX];
    int ends[2];
    size_t size = web_caller_write(caller, text, sizeof text);
    if (size == 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
        return -1;
    bool handed =
        send(ends[0], question->line, question->size, MSG_NOSIGNAL) == (ssize_t)question->size &&
        handover_send(channel, text, size, ends[1]) == 0;
    close(ends[1]);
    if (handed)
        return ends[0];
    close(ends[0]);
    return -1;
}

struct web_asked *web_questions_ask(struct web_questions *all, const struct web_question *question,
                                    const struct web_caller *caller, struct mono now)
{
    uint32_t place = 0;
    while (place < WEB_QUESTIONS_MAX && all->places[place])
        place++;
    struct web_asked *asked = place < WEB_QUESTIONS_MAX ? calloc(1, sizeof *asked) : NULL;
    if (!asked)
        return NULL;
    asked->fd = hand_on(all->channel, question, caller);
    if (asked->fd < 0) {
        free(asked);
        return NULL;
    }
    asked->until = mono_add_ms(now, WEB_QUESTION_MS_MAX);
    all->places[place] = asked;
    return asked;
}

static void end(struct web_asked *asked)
{
    close(asked->fd);
    asked->fd = -1;
}

static bool make_room(struct web_asked *asked)
{
    if (asked->size < asked->room)
        return true;
    size_t room = asked->room ? 2 * asked->room : FIRST_ROOM;
    char *lines = room <= WEB_LINES_BYTES_MAX ? realloc(asked->lines, room) : NULL;
    if (!lines)
        return false;
    asked->lines = lines;
    asked->room = room;
    return true;
}

static void hear(struct web_asked *asked)
{
    for (size_t heard = 0; heard < BYTES_PER_TURN_MAX;) {
        asked->failed = !make_room(asked);
        ssize_t got = asked->failed ? 0
                                    : recv(asked->fd, asked->lines + asked->size,
                                           asked->room - asked->size, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            end(asked);
            return;
        }
        asked->size += (size_t)got;
        heard += (size_t)got;
    }
}

void web_questions_turn(struct web_questions *all, struct mono now)
{
    for (uint32_t place = 0; place < WEB_QUESTIONS_MAX; place++) {
        struct web_asked *asked = all->places[place];
        if (asked && asked->fd >= 0)
            hear(asked);
        if (asked && asked->fd >= 0 && mono_reached(now, asked->until))
            end(asked);
    }
}

nfds_t web_questions_wait(const struct web_questions *all, struct pollfd *fds, nfds_t max)
{
    nfds_t count = 0;
    for (uint32_t place = 0; place < WEB_QUESTIONS_MAX && count < max; place++)
        if (all->places[place] && all->places[place]->fd >= 0)
            fds[count++] = (struct pollfd){.fd = all->places[place]->fd, .events = POLLIN};
    return count;
}

bool web_questions_are_open(const struct web_questions *all)
{
    for (uint32_t place = 0; place < WEB_QUESTIONS_MAX; place++)
        if (all->places[place])
            return true;
    return false;
}

struct web_body web_asked_body(const struct web_asked *asked)
{
    static const char too_much[] = "{\"error\":\"the answer is too long: ask for less\"}\n";
    bool failed = asked->failed;
    return web_lines_body(asked->answerer, asked->rest, failed ? too_much : asked->lines,
                          failed ? sizeof too_much - 1 : asked->size);
}

void web_questions_drop(struct web_questions *all, struct web_asked *asked)
{
    for (uint32_t place = 0; place < WEB_QUESTIONS_MAX; place++)
        if (all->places[place] == asked)
            all->places[place] = NULL;
    if (asked->fd >= 0)
        close(asked->fd);
    free(asked->lines);
    free(asked);
}

void web_questions_done(struct web_questions *all)
{
    for (uint32_t place = 0; place < WEB_QUESTIONS_MAX; place++)
        if (all->places[place])
            web_questions_drop(all, all->places[place]);
}
