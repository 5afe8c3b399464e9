// SPDX-License-Identifier: ISC
#include "role/askers.h"

#include "base/escape.h"
#include "engine/message.h"
#include "role/handover.h"
#include "role/now.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BYTES_PER_TURN_MAX = 64 * 1024 };

struct asker {
    struct askers *all;
    uint32_t place;
    int fd;
    uv_poll_t poll;
    struct mono moved_at;  // the last progress
    size_t length;         // of the question, so far
    char question[ASK_LINE_MAX];
    char *answer;  // NULL: the question is not complete
    size_t answer_size, sent;
    struct person person;
};

// ---- one of them

static void free_asker(uv_handle_t *handle)
{
    struct asker *asker = handle->data;
    free(asker->answer);
    free(asker);
}

static void close_asker(struct asker *asker)
{
    asker->all->places[asker->place] = NULL;
    uv_close((uv_handle_t *)&asker->poll, free_asker);
    close(asker->fd);
}

static void on_asker(uv_poll_t *poll, int status, int events);

static void say(struct asker *asker, char *answer, size_t size)
{
    asker->answer = answer;
    asker->answer_size = size;
    if (!answer || uv_poll_start(&asker->poll, UV_WRITABLE, on_asker) < 0)
        close_asker(asker);
}

// Exit status 2: wrongly asked; 3: nobody there to answer.
static void refuse(struct asker *asker, int exit, const char *what)
{
    char *answer = NULL, harmless[256];
    escape_text(what, strlen(what), harmless, sizeof harmless);  // it may quote the question
    json_t *error = json_pack("{s:s, s:i}", "error", harmless, "exit", exit);
    char *text = error ? json_dumps(error, JSON_COMPACT) : NULL;
    int size = text ? asprintf(&answer, "%s\n", text) : -1;
    json_decref(error);
    free(text);
    say(asker, size < 0 ? NULL : answer, (size_t)size);
}

// The question, and what goes along in the same message, behind a newline.
static int send_question(struct asker *asker, const struct ask *ask, size_t size, int to)
{
    const struct asker_answers *answers = &asker->all->answers;
    size_t more_size = 0;
    void *more = answers->along ? answers->along(answers->context, ask, &more_size) : NULL;
    if (!more)
        return handover_send(to, asker->question, size, asker->fd);
    char *both = malloc(size + 1 + more_size);
    int error = both ? 0 : -EAGAIN;
    if (both) {
        memcpy(both, asker->question, size);
        both[size] = '\n';
        memcpy(both + size + 1, more, more_size);
        error = handover_send(to, both, size + 1 + more_size, asker->fd);
    }
    if (error ==
        -EMSGSIZE)  // of a host that allows sockets little: what goes along is then unknown
        error = handover_send(to, asker->question, size, asker->fd);
    free(both);
    free(more);
    return error;
}

static void hand_over(struct asker *asker, const struct ask *ask, size_t size)
{
    bool past = ask->kind == ASK_HISTORY;
    int to = past ? asker->all->handovers.store : asker->all->handovers.route;
    int error = to < 0 ? -EPIPE : send_question(asker, ask, size, to);
    if (!error)
        close_asker(asker);
    else if (error == -EAGAIN)
        refuse(asker, 3, "too many questions at once: ask again");
    else if (past)
        refuse(asker, 3, "nothing is kept: there is no 'store.file', or the process of it is gone");
    else
        refuse(asker, 3, "the process that holds the tables is gone");
}

static void take_question(struct asker *asker, size_t size)
{
    char why[MESSAGE_WHY_MAX], said[MESSAGE_WHY_MAX + 32];
    struct ask ask;
    if (!ask_read(asker->question, size, &ask, why)) {
        snprintf(said, sizeof said, "not a question: %s", why);
        refuse(asker, 2, said);
        return;
    }
    if (ask.version != ASK_VERSION) {
        snprintf(said, sizeof said, "version %u was asked, this daemon answers %d", ask.version,
                 ASK_VERSION);
        refuse(asker, 2, said);
        return;
    }
    size_t answer_size = 0;
    char *answer =
        asker->all->answers.answer(asker->all->answers.context, &ask, &asker->person, &answer_size);
    if (answer)
        say(asker, answer, answer_size);
    else
        hand_over(asker, &ask, size);
}

static void hear(struct asker *asker)
{
    ssize_t got = recv(asker->fd, asker->question + asker->length,
                       sizeof asker->question - asker->length, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        close_asker(asker);
        return;
    }
    asker->length += (size_t)got;
    const char *end = memchr(asker->question, '\n', asker->length);
    if (end)
        take_question(asker, (size_t)(end - asker->question));
    else if (asker->length == sizeof asker->question)
        refuse(asker, 2, "not a question: too long");
}

static void answer(struct asker *asker, struct mono now)
{
    size_t left = asker->answer_size - asker->sent;
    ssize_t sent =
        send(asker->fd, asker->answer + asker->sent,
             left < BYTES_PER_TURN_MAX ? left : BYTES_PER_TURN_MAX, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    asker->moved_at = now;
    asker->sent += sent > 0 ? (size_t)sent : 0;
    if (sent < 0 || asker->sent == asker->answer_size)
        close_asker(asker);
}

static void on_asker(uv_poll_t *poll, int status, int events)
{
    struct asker *asker = poll->data;
    if (status < 0)
        close_asker(asker);
    else if (asker->answer && (events & UV_WRITABLE))
        answer(asker, now_mono());
    else if (!asker->answer && (events & UV_READABLE))
        hear(asker);
}

// ---- all of them

void askers_init(struct askers *all, uv_loop_t *loop, struct asker_answers answers,
                 struct asker_handovers handovers)
{
    *all = (struct askers){.loop = loop, .answers = answers, .handovers = handovers};
}

static void turn_away(int fd)
{
    static const char answer[] =
        "{\"error\":\"too many questions at once: ask again\",\"exit\":3}\n";
    (void)send(fd, answer, sizeof answer - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
}

void askers_take(struct askers *all, int fd, const struct person *person)
{
    uint32_t place = 0;
    while (place < ASKERS_MAX && all->places[place])
        place++;
    struct asker *asker = place < ASKERS_MAX ? calloc(1, sizeof *asker) : NULL;
    if (!asker || uv_poll_init(all->loop, &asker->poll, fd) < 0) {
        free(asker);
        turn_away(fd);
        return;
    }
    asker->all = all;
    asker->place = place;
    asker->fd = fd;
    asker->person = *person;
    asker->moved_at = now_mono();
    asker->poll.data = asker;
    all->places[place] = asker;
    if (uv_poll_start(&asker->poll, UV_READABLE, on_asker) < 0)
        close_asker(asker);
}

void askers_tick(struct askers *all, struct mono now)
{
    for (uint32_t place = 0; place < ASKERS_MAX; place++) {
        struct asker *asker = all->places[place];
        if (asker && mono_since_ns(now, asker->moved_at) >= (int64_t)ASKER_PATIENCE_MS * NS_PER_MS)
            close_asker(asker);
    }
}

uint32_t askers_descriptors(const struct askers *all, int *fds, uint32_t max)
{
    uint32_t count = 0;
    for (uint32_t place = 0; place < ASKERS_MAX && count < max; place++)
        if (all->places[place])
            fds[count++] = all->places[place]->fd;
    return count;
}

void askers_close(struct askers *all)
{
    for (uint32_t place = 0; place < ASKERS_MAX; place++)
        if (all->places[place])
            close_asker(all->places[place]);
}
