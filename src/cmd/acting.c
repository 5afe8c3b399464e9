// SPDX-License-Identifier: ISC
#include "cmd/acting.h"

#include <string.h>

static bool take_reason(struct acting *acting, const char *text, const char **why)
{
    if (strlen(text) >= sizeof acting->act.reason)
        *why = "--reason: at most 95 bytes";
    for (const char *c = text; *c && !*why; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *why = "--reason: one line of printable text";
    if (!*why)
        strcpy(acting->act.reason, text);
    return !*why;
}

bool acting_option(struct acting *acting, int option, const char **why)
{
    if (option == ACTING_REASON)
        return take_reason(acting, optarg, why);
    return asking_option(&acting->asking, option);
}

static void show_nothing(void *context, json_t *line)
{
    (void)context, (void)line;
}

int acting_run(const struct acting *acting, enum ask_kind kind)
{
    const struct ask ask = {.kind = kind, .version = ASK_VERSION, .act = acting->act};
    json_t *done;
    int status = asking_run(&acting->asking, &ask, (struct asking_show){show_nothing, NULL}, &done);
    const char *text = json_string_value(json_object_get(done, "text"));
    bool accepted = json_is_true(json_object_get(done, "accepted"));
    if (status == 0 && !acting->asking.json)
        fprintf(accepted ? stdout : stderr, "%s%s\n",
                accepted ? "" : "fairlead: refused: ", text ? text : "");
    json_decref(done);
    return status == 0 && !accepted ? 1 : status;
}
