// SPDX-License-Identifier: ISC
// A scenario standing up: namespaces, wires, addresses, routing daemons. Whoever opens it need not
// know how; whoever closes it leaves nothing behind.
#pragma once

#include "lab/process.h"
#include "lab/scenario.h"
#include "lab/space.h"
#include "lab/text.h"
#include "lab/wire.h"

enum { LAB_WHY_MAX = 512, LAB_WORD_MAX = 512, LAB_LINE_MAX = 512 };

struct lab {
    const struct scenario *scenario;  // lent
    const char *program;              // lent: the path of `fairlead`
    struct space space;
    int namespaces[SCENARIO_NODES_MAX];  // descriptors
    struct wires wires;
    char why[LAB_WHY_MAX];  // what failed
};

// Builds everything and starts the daemons; they have not converged yet. 0, or -errno and
// `lab->why`. To be closed in any case.
int lab_open(struct lab *lab, const struct scenario *scenario, const char *program);
void lab_close(struct lab *lab);

// Writes what failed into `lab->why` and gives `result` back.
int lab_fail(struct lab *lab, int result, const char *text, ...)
    __attribute__((format(printf, 3, 4)));

// What stands for a word of a command line: this very program for `fairlead`, a file of the
// scenario for what begins with "./" (in `path`, LAB_WORD_MAX bytes), otherwise itself.
const char *lab_word(const struct lab *lab, const char *word, char *path);
// The line with the node's directory for each @. False: it does not fit.
bool lab_expand(const struct lab *lab, uint32_t node, const char *line,
                char expanded[LAB_LINE_MAX]);
// Runs a command line (split at blanks, @ as above, two files of the scenario at most) in a node to
// its end. Its exit status or -errno.
int lab_run(struct lab *lab, uint32_t node, const char *line, const char *input,
            struct text *output);
// Its file in the lab's directory, "DIRECTORY/NODE/NAME"; gives `path` (SPACE_PATH_MAX) back.
const char *lab_path(const struct lab *lab, uint32_t node, const char *name, char *path);
