// SPDX-License-Identifier: ISC
#include "role/store_ask.h"

#include "engine/message.h"
#include "role/handover.h"
#include "role/now.h"
#include "role/store_past.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int store_ask_open(struct store_asker *asker)
{
    int fds[2];
    int error = handover_pair(fds);
    *asker = (struct store_asker){.handover = error ? -1 : fds[1], .parent = error ? -1 : fds[0]};
    return error;
}

static void end(struct store_answer *answer)
{
    if (answer->text)
        close(answer->fd);
    free(answer->text);
    *answer = (struct store_answer){0};
}

void store_ask_close(struct store_asker *asker)
{
    for (int i = 0; i < STORE_ASKS_MAX; i++)
        end(&asker->answers[i]);
    if (asker->handover >= 0)
        close(asker->handover);
    if (asker->parent >= 0)
        close(asker->parent);
    asker->handover = asker->parent = -1;
}

int store_ask_take_handover(struct store_asker *asker)
{
    int parent = asker->parent;
    asker->parent = -1;
    return parent;
}

nfds_t store_ask_waits(const struct store_asker *asker, struct pollfd *waits)
{
    nfds_t count = 0;
    for (int i = 0; i < STORE_ASKS_MAX; i++)
        if (asker->answers[i].text)
            waits[count++] = (struct pollfd){.fd = asker->answers[i].fd, .events = POLLOUT};
    // Who asks while all places are taken waits in the pair, and is turned away when that is full.
    if (count < STORE_ASKS_MAX && asker->handover >= 0)
        waits[count++] = (struct pollfd){.fd = asker->handover, .events = POLLIN};
    return count;
}

// ---- making one

static void add(void *context, json_t *line)
{
    struct store_answer *answer = context;
    size_t most = json_dumpb(line, NULL, 0, JSON_COMPACT) + 1;
    if (answer->size + most > answer->room) {
        size_t room = 2 * answer->room + most + 1024;
        char *text = realloc(answer->text, room);
        if (!text)
            return;  // a line less: memory is out
        answer->text = text;
        answer->room = room;
    }
    answer->size += json_dumpb(line, answer->text + answer->size, most, JSON_COMPACT);
    answer->text[answer->size++] = '\n';
}

static void add_and_free(struct store_answer *answer, json_t *line)
{
    if (line)
        add(answer, line);
    json_decref(line);
}

static void make(struct store_answer *answer, const struct ask *ask, struct sqlite3 *db,
                 const char *why)
{
    struct store_reader reader = {.db = db, .say = add, .context = answer};
    int status = 3;
    if (db)
        status = ask->history.what >= ASK_PAST_POSTMORTEM ? store_past_read(&reader, &ask->history)
                                                          : store_read(&reader, &ask->history);
    else
        snprintf(reader.why, sizeof reader.why, "the store is not open: %.120s", why);
    bool more = reader.next[0] != '\0';
    add_and_free(
        answer, status == 0 ? json_pack("{s:b, s:I, s:s?}", "done", 1, "lines",
                                        (json_int_t)reader.lines, "next", more ? reader.next : NULL)
                            : json_pack("{s:s, s:i}", "error", reader.why, "exit", status));
}

static void go_on(struct store_answer *answer, struct mono now)
{
    ssize_t sent = send(answer->fd, answer->text + answer->sent, answer->size - answer->sent,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    bool waits = sent < 0 && (errno == EAGAIN || errno == EINTR);
    if (sent > 0) {
        answer->sent += (size_t)sent;
        answer->moved_at = now;
    }
    bool hangs = mono_since_ns(now, answer->moved_at) >= (int64_t)STORE_ASK_PATIENCE_MS * NS_PER_MS;
    if ((sent < 0 && !waits) || hangs || answer->sent == answer->size)
        end(answer);
}

static struct store_answer *free_place(struct store_asker *asker)
{
    for (int i = 0; i < STORE_ASKS_MAX; i++)
        if (!asker->answers[i].text)
            return &asker->answers[i];
    return NULL;
}

static void take(struct store_asker *asker, struct sqlite3 *db, const char *why)
{
    struct store_answer *place;
    struct ask ask;
    char text[ASK_LINE_MAX], wrong[MESSAGE_WHY_MAX];
    size_t size;
    int fd;
    while (asker->handover >= 0 && (place = free_place(asker))) {
        int came = handover_receive(asker->handover, text, sizeof text, &size, &fd);
        if (came == -EBADMSG)
            continue;
        if (came == -EPIPE) {  // the engine is gone, or soon will be: its channel says so
            close(asker->handover);
            asker->handover = -1;
        }
        if (came != 1)
            return;
        *place = (struct store_answer){.fd = fd, .moved_at = now_mono()};
        if (ask_read(text, size, &ask, wrong) && ask.kind == ASK_HISTORY)
            make(place, &ask, db, why);
        if (!place->text)
            close(fd);
    }
}

void store_ask_turn(struct store_asker *asker, struct sqlite3 *db, const char *why)
{
    take(asker, db, why);
    for (int i = 0; i < STORE_ASKS_MAX; i++)
        if (asker->answers[i].text)
            go_on(&asker->answers[i], now_mono());
}
