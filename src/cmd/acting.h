// SPDX-License-Identifier: ISC
// What people have the running daemon do, for every verb that does: options, the reason, the
// answer.
#pragma once

#include "cmd/asking.h"

struct acting {
    struct asking asking;
    struct ask_act act;
};

enum { ACTING_REASON = ASKING_OWN, ACTING_FOR, ACTING_OWN };  // own options from here on

#define ACTING_OPTIONS                                                                             \
    ASKING_OPTIONS,                                                                                \
    {                                                                                              \
        "reason", required_argument, NULL, ACTING_REASON                                           \
    }

// False: not one of these options, or not with this value; `why` then says what would be right, if
// it is theirs.
bool acting_option(struct acting *acting, int option, const char **why);

// Reads the command line of a verb that has the options `names`, all of them such; what is behind
// them is at optind. ASKING_GOES_ON, or the exit status: after the help page, or wrong usage, which
// is told.
int acting_options(struct acting *acting, const char *help, const struct option *names, int argc,
                   char **argv);
// The same for a verb that has no more than ACTING_OPTIONS.
int acting_plain(struct acting *acting, const char *help, int argc, char **argv);

// The number of a plan or the like, from 1 on.
bool acting_number(const char *text, uint32_t *number);

// "2h", "90m", "30s", "1d", "1h30m" to seconds; false: no such length, or more than 30 days.
bool acting_length(const char *text, uint32_t *seconds);

// Asks and shows what became of it: 0 done, 1 refused, 2 and 3 as everywhere. `number` gets that of
// the drain, if it is not NULL.
int acting_run(const struct acting *acting, enum ask_kind kind, uint32_t *number);

// The whole of a verb that asks by a number; `what` says which is to be written.
int acting_numbered(enum ask_kind kind, const char *help, const char *what, int argc, char **argv);
