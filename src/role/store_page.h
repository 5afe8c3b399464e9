// SPDX-License-Identifier: ISC
// The files of the public status, as the store's process writes them: draft/ and public/ of the
// configured directory, each with index.html, status.json and feed.atom. Each file is whole at any
// time (rename(2)). What is drafted is kept in the store, to be gone on with; without a store that
// works it is written all the same.
#pragma once

#include "role/store_file.h"
#include "said/desk.h"

struct store_page {
    struct said_desk desk;
    bool loaded;                 // what the store kept
    bool draft_due, public_due;  // to be written
    struct mono write_at;        // not before
    char why[STORE_WHY_MAX];     // they cannot be written; "": they can
};

// Nothing is done where no directory is configured.
void store_page_init(struct store_page *page, const struct net *net);
void store_page_done(struct store_page *page);
// An effect as the parent told it.
void store_page_take(struct store_page *page, const struct store_fact *fact);
// Takes up what is kept there once the file is open, and keeps there what changed.
enum store_result store_page_keep(struct store_page *page, struct store_file *file, char *why);
// Writes what is due. True when `page->why` is another than before.
bool store_page_write(struct store_page *page, struct mono now, struct wall wall);
// In how many milliseconds something is due; -1: nothing is.
int store_page_wait_ms(const struct store_page *page, struct mono now);
