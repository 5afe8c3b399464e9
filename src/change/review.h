// SPDX-License-Identifier: ISC
// What looks wrong in one configuration, alone or beside what it was: what a template left behind,
// names that nothing defines, terms that lost all their conditions, differences from a golden file.
#pragma once

#include "change/config.h"

enum review_kind {
    REVIEW_TEMPLATE,     // "{{ bfd_interval }}" was not filled in
    REVIEW_UNDEFINED,    // a policy, prefix list and the like that is used and not there
    REVIEW_MATCHES_ALL,  // a term that had conditions has none any more
    REVIEW_DIFFERS,      // from the golden file
    REVIEW_KINDS
};
extern const char *const review_kind_names[REVIEW_KINDS];

enum { REVIEW_FINDINGS_MAX = 100, REVIEW_WHAT_MAX = 240 };

struct review_finding {
    enum review_kind kind;
    uint32_t line;  // 0: of a statement that is not there
    char what[REVIEW_WHAT_MAX];
};

struct review {
    uint32_t count, more;  // `more` had no room
    struct review_finding items[REVIEW_FINDINGS_MAX];
};

// Each adds to the review. False: memory is out.
void review_templates(const struct config *config, struct review *review);
// `before`: as it was, or NULL. A file that defines nothing is a part of one, and is not judged
// unless what it uses was defined before.
bool review_names(const struct config *config, const struct config *before, struct review *review);
bool review_conditions(const struct config *config, const struct config *before,
                       struct review *review);
bool review_golden(const struct config *config, const struct config *golden, struct review *review);
