// SPDX-License-Identifier: ISC
// What the files of a review share.
#pragma once

#include "change/review.h"
#include "change/saying.h"

// One more finding, whose words are to be said; without room they go nowhere.
struct saying review_open(struct review *review, enum review_kind kind, uint32_t line);
bool review_is(struct config_word word, const char *text);

struct review_numbers {
    uint64_t *items;
    size_t count, room;
};

bool review_numbers_add(struct review_numbers *numbers, uint64_t number);  // false: memory is out
void review_numbers_sort(struct review_numbers *numbers);
bool review_numbers_have(const struct review_numbers *numbers, uint64_t number);  // when sorted
void review_numbers_done(struct review_numbers *numbers);
