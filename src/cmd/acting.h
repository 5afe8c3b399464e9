// SPDX-License-Identifier: ISC
// What people have the running daemon do, for every verb that does: options, the reason, the
// answer.
#pragma once

#include "cmd/asking.h"

struct acting {
    struct asking asking;
    struct ask_act act;
};

enum { ACTING_REASON = ASKING_OWN, ACTING_OWN };  // own options from here on

#define ACTING_OPTIONS                                                                             \
    ASKING_OPTIONS,                                                                                \
    {                                                                                              \
        "reason", required_argument, NULL, ACTING_REASON                                           \
    }

// False: not one of these options, or not with this value; `why` then says what would be right, if
// it is theirs.
bool acting_option(struct acting *acting, int option, const char **why);

// Asks and shows what became of it: 0 done, 1 refused, 2 and 3 as everywhere.
int acting_run(const struct acting *acting, enum ask_kind kind);
