// SPDX-License-Identifier: ISC
// Sets of what the configuration names, as texts: "NAME, NAME*, NAME", each with a mark if it has
// one.
#pragma once

#include "incident/words.h"
#include "net/net.h"

enum names_kind { NAMES_PATHS, NAMES_OWN, NAMES_PEOPLE, NAMES_KINDS };
enum names_mark { NAMES_BARE, NAMES_STAR, NAMES_PLUS, NAMES_MARKS };

struct names {
    uint64_t all, marked[NAMES_MARKS];  // bit sets by number; of the bare ones nothing is marked
};

void names_say(const struct net *net, enum names_kind kind, const struct names *names,
               struct words *words);
// What the configuration does not have is left out.
struct names names_read(const struct net *net, enum names_kind kind, const char *text);
