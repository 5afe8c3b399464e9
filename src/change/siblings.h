// SPDX-License-Identifier: ISC
// Devices that ought to be configured alike, such as the reflectors of one site: what one of them
// has otherwise than the most. "bfd profile fast transmit-interval 15; the others have 150".
//
// What differs on every device (its address, its name) is no finding, nor is what each lacks of a
// mesh: itself. No word's meaning is known: a value counts as odd because most others agree.
#pragma once

#include "change/config.h"

enum {
    SIBLINGS_MIN = 3,  // of two that differ nobody knows which is odd
    SIBLINGS_MAX = 64,
    SIBLING_FINDINGS_MAX = 64,
    // Of masked statements; what would need more is not compared word by word.
    SIBLING_ENTRIES_MAX = 4 * 1000 * 1000,
};

struct sibling {
    const char *name;  // its name within its own statements is not a difference
    const struct config *now;
    const struct config *before;  // the same device before the change; NULL: not known
};

enum sibling_kind {
    SIBLING_WORD,       // one word is another
    SIBLING_STATEMENT,  // several words of one statement
    SIBLING_MISSING,
    SIBLING_EXTRA,
    SIBLING_KINDS
};

struct sibling_place {
    uint32_t sibling, statement, word;  // word: of config_flat()
};

struct sibling_finding {
    enum sibling_kind kind;
    uint64_t odd;                       // bit set of siblings
    uint64_t usual;                     // those that agree otherwise
    struct sibling_place at, usual_at;  // SIBLING_MISSING: only usual_at; SIBLING_EXTRA: only at
    uint32_t alike;                     // further statements with just the same difference
    uint32_t weight;                    // how much it looks like a mistake: for the order only
    bool is_new;                        // before the change the odd one did not have it
    struct config_word was;  // SIBLING_WORD: its own before the change; size 0: not known
};

struct sibling_findings {
    uint32_t count, more;  // heaviest first; `more` had no room
    bool is_partial;       // too much differs: only whole statements were compared
    struct sibling_finding items[SIBLING_FINDINGS_MAX];
};

// False: memory is out. Fewer than SIBLINGS_MIN have no findings.
bool siblings_compare(const struct sibling *siblings, uint32_t count,
                      struct sibling_findings *findings);

// "bfd profile fast transmit-interval 15; the others have 150"; cut to fit, secrets as "(secret)",
// bytes of no text as "?".
void sibling_say(const struct sibling *siblings, const struct sibling_finding *finding, char *text,
                 size_t size);
