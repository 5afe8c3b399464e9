// SPDX-License-Identifier: ISC
// Asks what each router says of the overrides that stand there, and passes on what it says
// otherwise than before. Who holds the tables knows what that is; here is only when it counts.
#pragma once

// What it says of one.
enum standing_word {
    STANDING_UNTOLD,
    STANDING_TAKEN,      // its packets go by it
    STANDING_NOT_TAKEN,  // they go otherwise
};

enum {
    WORDS_EVERY_MS = 1000,  // what is told late by that much is told soon enough
    // What a router says is of the time before until it has been asked so often since it was told.
    WORDS_ASKED_MIN = 1,
};

struct ledger;
struct standing;

struct words_hearer {
    void *context;
    // `why` gets how it knows (WORDS_WHY_MAX bytes).
    enum standing_word (*ask)(void *context, const struct standing *standing, char *why);
    void (*told)(void *context, const struct standing *standing, enum standing_word word,
                 const char *why);
};

enum { WORDS_WHY_MAX = 96 };

// Every WORDS_EVERY_MS. Our own prefixes are no overrides: nobody's packets go by them here.
void words_ask(struct ledger *ledger, const struct words_hearer *hearer);
