// SPDX-License-Identifier: ISC
// Questions of people on their way through the web process: each is one end of a socket pair; the
// other end, with who asks, goes to the engine's process, which answers or has it answered.
// Bounded: how many, how long, how much.
#pragma once

#include "base/clock.h"
#include "web/lines.h"
#include "web/question.h"

#include <poll.h>

enum {
    WEB_QUESTIONS_MAX = 8,        // as many as the process that holds the tables takes
    WEB_QUESTION_MS_MAX = 15000,  // longer than the other side's patience
    WEB_LINES_BYTES_MAX = 16 * 1024 * 1024,
};

struct web_asked {
    int fd;  // -1: it is answered
    struct mono until;
    enum web_answerer answerer;
    char rest[WEB_REST_MAX];
    char *lines;
    size_t size, room;
    bool failed;
    bool by_link;  // answered as a page, see role/web_ack.h; `rest` is what it is about
    void *owner;   // who waits for it; NULL: nobody any more
};

struct web_questions {
    int channel;  // to the engine's process
    struct web_asked *places[WEB_QUESTIONS_MAX];
};

void web_questions_init(struct web_questions *all, int channel);
// Asks. NULL: it cannot be asked now.
struct web_asked *web_questions_ask(struct web_questions *all, const struct web_question *question,
                                    const struct web_caller *caller, struct mono now);
// Takes what came; those that are answered, or will not be, have an `fd` of -1 then.
void web_questions_turn(struct web_questions *all, struct mono now);
// Adds what is to be waited for; gives how many of `max` they are.
nfds_t web_questions_wait(const struct web_questions *all, struct pollfd *fds, nfds_t max);
// Somebody has not been told the whole answer yet.
bool web_questions_are_open(const struct web_questions *all);
// The body of one that is answered.
struct web_body web_asked_body(const struct web_asked *asked);
void web_questions_drop(struct web_questions *all, struct web_asked *asked);
void web_questions_done(struct web_questions *all);
