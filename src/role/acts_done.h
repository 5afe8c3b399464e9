// SPDX-License-Identifier: ISC
// Acts that were asked for with a request's id, and what was answered: who asks again, because an
// answer was lost, gets it again, and nothing is done twice. The last ACTS_DONE_MAX; a daemon that
// is started anew knows none.
#pragma once

#include "engine/ask.h"
#include "role/person.h"

#include <jansson.h>

enum { ACTS_DONE_MAX = 64, ACTS_DONE_ANSWER_MAX = 768 };

struct act_done {
    char name[NET_NAME_MAX], request_id[WEB_REQUEST_ID_MAX];  // id "": free
    char question[ASK_LINE_MAX], answer[ACTS_DONE_ANSWER_MAX];
};

struct acts_done {
    uint32_t next;
    struct act_done items[ACTS_DONE_MAX];
};

// What this person asked for with that id; NULL: nothing.
const struct act_done *acts_done_find(const struct acts_done *done, const struct person *person);
// The answer again, with "again":true; an error when that was another act. NULL: memory is out.
json_t *acts_done_again(const struct act_done *before, const struct ask *ask);
void acts_done_add(struct acts_done *done, const struct person *person, const struct ask *ask,
                   const json_t *answer);
