// SPDX-License-Identifier: ISC
// Where the scenarios and patterns are that came with the program: to be looked for in this order.
// One that was installed knows only where it was installed: a daemon must not believe what stands
// in somebody's source tree.
#pragma once

struct data_dirs {
    const char *scenarios, *patterns, *shell_patterns, *trap_patterns;
};
extern const struct data_dirs data_dirs[2];
