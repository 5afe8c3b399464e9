// SPDX-License-Identifier: ISC
// A configuration's statements as numbers, so that those of several devices can be compared in one
// sort. Equal words in equal places give equal numbers; the device's own name counts as one and the
// same word everywhere.
#pragma once

#include "change/config.h"

struct hashed {
    const struct config *config;
    uint64_t *words;       // of each word alone
    uint64_t *statements;  // with context
    uint8_t *marks;        // of each statement, for who compares
};

// False: memory is out.
bool hashed_read(struct hashed *hashed, const struct config *config, const char *name);
void hashed_done(struct hashed *hashed);

// Which word of the configuration stands at a place of config_flat(); CONFIG_NONE: none.
uint32_t hashed_word_at(const struct hashed *hashed, uint32_t statement, uint32_t place);
// As if another word stood there, the same for all.
uint64_t hashed_without(const struct hashed *hashed, uint32_t statement, uint32_t place);
// As if all words that look like values were the same: numbers, addresses, names with digits.
uint64_t hashed_skeleton(const struct hashed *hashed, uint32_t statement);
// Of the first words of config_flat() alone.
uint64_t hashed_first(const struct hashed *hashed, uint32_t statement, uint32_t places);
// The outermost block it stands in, or itself.
uint32_t hashed_root(const struct hashed *hashed, uint32_t statement);
