// SPDX-License-Identifier: ISC
#include "role/acts_done.h"

#include <string.h>

const struct act_done *acts_done_find(const struct acts_done *done, const struct person *person)
{
    for (uint32_t i = 0; person->request_id[0] && i < ACTS_DONE_MAX; i++)
        if (strcmp(done->items[i].request_id, person->request_id) == 0 &&
            strcmp(done->items[i].name, person->name) == 0)
            return &done->items[i];
    return NULL;
}

json_t *acts_done_again(const struct act_done *before, const struct ask *ask)
{
    char question[ASK_LINE_MAX] = "";
    ask_write(ask, question, sizeof question);
    if (strcmp(question, before->question) != 0)
        return json_pack("{s:s, s:i}", "error", "this request_id was another act's: take a new one",
                         "exit", 2);
    json_t *answer = json_loads(before->answer, 0, NULL);
    if (answer)
        json_object_set_new(answer, "again", json_true());
    return answer;
}

void acts_done_add(struct acts_done *done, const struct person *person, const struct ask *ask,
                   const json_t *answer)
{
    struct act_done *item = &done->items[done->next % ACTS_DONE_MAX];
    struct act_done added = {0};
    size_t size = json_dumpb(answer, added.answer, sizeof added.answer - 1, JSON_COMPACT);
    if (!person->request_id[0] || size == 0 || size >= sizeof added.answer)
        return;
    memcpy(added.name, person->name, sizeof added.name);
    memcpy(added.request_id, person->request_id, sizeof added.request_id);
    ask_write(ask, added.question, sizeof added.question);
    *item = added;
    done->next++;
}
