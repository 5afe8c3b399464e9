// SPDX-License-Identifier: ISC
// Rules of CUSUM banks, each solved once: of a hundred paths nearly all ask for the same, and to
// solve takes milliseconds. What is asked alone decides the rule, so a book changes no result, only
// how long it takes. Its owner lends it to detectors, which may share it; a zeroed one is empty.
#pragma once

#include "stat/cusum.h"

enum { CUSUM_BOOK_RULES = 64 };  // 10 kB; what a site asks for at once are some ten

struct cusum_book {
    uint32_t solved;  // ever: the oldest makes room
    struct cusum_book_page {
        struct cusum_ask ask;
        bool has_rule;
        struct cusum_rule rule;
    } pages[CUSUM_BOOK_RULES];
};

// As cusum_rule_init().
bool cusum_book_rule(struct cusum_book *book, struct cusum_rule *rule, const struct cusum_ask *ask);
