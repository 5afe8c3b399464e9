// SPDX-License-Identifier: ISC
// A router's configuration, in whatever form its vendor writes it, as statements with their
// context: "bfd profile fast transmit-interval 15". Three forms: indented lines (FRR, IOS, EOS,
// NX-OS), braces (Junos, BIRD, OpenBGPD), and Junos' lines of "set". It does not know what any of
// the words mean.
//
// Any bytes are a configuration: what cannot be understood becomes a statement of its own.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_form { CONFIG_INDENTED, CONFIG_BRACED, CONFIG_SET, CONFIG_FORMS };
extern const char *const config_form_names[CONFIG_FORMS];

enum {
    CONFIG_BYTES_MAX = 16 * 1024 * 1024,  // a full configuration of a large router has 5 MB
    CONFIG_DEPTH_MAX = 32,                // blocks in blocks; deeper ones count as their outer one
    CONFIG_WORDS_MAX = 1024,              // of one statement with its context; further ones are cut
};
#define CONFIG_NONE UINT32_MAX

struct config_word {  // quotes around it are gone
    const char *at;
    uint32_t size;
};

struct config_statement {
    uint32_t parent;                  // whose block it stands in; CONFIG_NONE: the whole file
    uint32_t first_word, word_count;  // its own
    uint32_t depth_words;             // of its parents, with theirs
    uint32_t line;                    // from 1 on
    bool is_block;                    // others stand in it
};

struct config {
    enum config_form form;
    uint32_t statement_count, word_count;
    uint32_t statement_room, word_room;
    struct config_statement *statements;
    struct config_word *words;
};

// `text` is lent: words point into it. False: memory is out, or it is too large.
bool config_read(struct config *config, const char *text, size_t size);
void config_done(struct config *config);

// The words of a statement after those of its parents; gives how many, CONFIG_WORDS_MAX at most.
uint32_t config_flat(const struct config *config, uint32_t statement,
                     struct config_word words[CONFIG_WORDS_MAX]);
// A word whose value nobody is to see: it follows "password", "secret", "key" and the like.
bool config_is_secret(const struct config_word *words, uint32_t at);
