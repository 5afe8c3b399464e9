// SPDX-License-Identifier: ISC
// A program of somebody else's that is run for us: without a shell, in a session of its own, with
// nothing of ours but two pipes' ends, for a limited time, and with its last words kept. Whatever
// it does (hang, flood, start daemons, not be there), who runs it is never held up.
//
// The caller learns of ends by SIGCHLD and looks whose they are without reaping; see role/hook.c.
#pragma once

#include "base/clock.h"
#include "net/net.h"

#include <stdbool.h>
#include <sys/types.h>

enum {
    PROGRAM_TAIL_MAX = 1024,  // bytes of its output that are kept
    PROGRAM_REASON_MAX = 96,  // bytes, with the final zero
    PROGRAM_MERCY_MS = 1000,  // from asking it to end (TERM) until it is ended (KILL)
    PROGRAM_ENVIRONMENT_MAX = 9,
    PROGRAM_WORDS_MAX = 32,
};

struct program_order {
    const char *path;
    const struct net_arguments *arguments;
    const char *const *words;                          // instead of those: NULL after the last one
    const char *environment[PROGRAM_ENVIRONMENT_MAX];  // "NAME=value", NULL after the last one
    int64_t timeout_ns;
    char *keep;  // what it writes, from the first byte on; NULL: only its last words
    size_t keep_max;
};

enum program_end { PROGRAM_WELL, PROGRAM_BADLY, PROGRAM_TOO_LATE };

struct program {
    pid_t pid;   // also of its session and process group; 0: none runs
    int output;  // what it writes to standard output and error; -1: none
    struct mono started_at, end_by, kill_by;
    bool is_ending, is_late;
    bool is_flooding;  // it wrote more than is read at once: its output can wait a moment
    size_t tail_size;  // bytes in `tail`, of `written` in all
    uint64_t written;
    char tail[PROGRAM_TAIL_MAX];
    char *keep;  // as ordered; `kept` bytes of it are filled, and stay when it has ended
    size_t keep_max, kept;
};

void program_init(struct program *program);
// 0 or -errno. That there is no such program is told as its own end, with a reason.
int program_start(struct program *program, const struct program_order *order, struct mono now);
// Takes what it wrote, a bounded amount; then what its time limit asks for.
void program_turn(struct program *program, struct mono now);
// When program_turn() must be called next, without output; INT64_MAX ns: never.
struct mono program_due(const struct program *program);
// Asks it to end, and sees to it that it does.
void program_end_it(struct program *program, struct mono now);
void program_kill(struct program *program);
// It has ended, and nobody reaped it: this does, and what is left of its process group goes too.
// `reason` (PROGRAM_REASON_MAX bytes) gets its last words and what is known, in printable ASCII.
enum program_end program_reap(struct program *program, char *reason);
