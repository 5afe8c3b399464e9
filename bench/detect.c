// SPDX-License-Identifier: ISC
// How fast the detectors are and how often they are wrong, by simulation of the real ones: no
// socket, no clock. Beside each figure what cannot be beaten: the exact optimum for the same
// probes.
#include "bench/detect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool note(struct bench *b, bool met, double measured, const char *asked, const char *what,
                 va_list arguments)
{
    struct bench_row *row = &b->rows[b->row_count];
    if (b->row_count == BENCH_ROWS_MAX)
        abort();
    b->row_count++;
    vsnprintf(row->what, sizeof row->what, what, arguments);
    snprintf(row->asked, sizeof row->asked, "%s", asked);
    row->measured = measured;
    row->met = met;
    return met;
}

bool bench_at_most(struct bench *b, double measured, double limit, const char *what, ...)
{
    va_list arguments;
    char asked[24];
    snprintf(asked, sizeof asked, "<= %.4g", limit);
    va_start(arguments, what);
    bool met = note(b, measured <= limit, measured, asked, what, arguments);
    va_end(arguments);
    return met;
}

bool bench_at_least(struct bench *b, double measured, double limit, const char *what, ...)
{
    va_list arguments;
    char asked[24];
    snprintf(asked, sizeof asked, ">= %.4g", limit);
    va_start(arguments, what);
    bool met = note(b, measured >= limit, measured, asked, what, arguments);
    va_end(arguments);
    return met;
}

bool bench_wrong(struct bench *b, double share, double intervals, const char *what, ...)
{
    va_list arguments;
    char asked[24];
    double limit = 1;
    if (b->seeds < BENCH_SEEDS)
        limit += 3 / sqrt(intervals * b->seeds / BENCH_SEEDS);
    snprintf(asked, sizeof asked, "<= %.4g", limit);
    va_start(arguments, what);
    bool met = note(b, share <= limit, share, asked, what, arguments);
    va_end(arguments);
    return met;
}

static int tell(const struct bench *b)
{
    int missed = 0;
    printf("\nwhat is asked\n%-72s %12s %10s  met\n", "", "asked", "measured");
    for (uint32_t i = 0; i < b->row_count; i++) {
        const struct bench_row *row = &b->rows[i];
        printf("%-72s %12s %10.4g  %s\n", row->what, row->asked, row->measured,
               row->met ? "yes" : "NO");
        missed += !row->met;
    }
    printf("\n{\"bench\": \"detect\", \"seeds\": %u, \"asked\": [", b->seeds);
    for (uint32_t i = 0; i < b->row_count; i++) {
        const struct bench_row *row = &b->rows[i];
        printf("%s{\"what\": \"%s\", \"asked\": \"%s\", \"measured\": %.6g, \"met\": %s}",
               i ? ", " : "", row->what, row->asked, row->measured, row->met ? "true" : "false");
    }
    printf("]}\n");
    return missed ? 1 : 0;
}

static const struct {
    const char *name;
    void (*run)(struct bench *b);
} parts[] = {
    {"bank", bench_bank}, {"schedule", bench_schedule}, {"burst", bench_burst},
    {"rove", bench_rove}, {"delay", bench_delay},       {"crossing", bench_crossing},
};

enum { PARTS = sizeof parts / sizeof parts[0] };

int main(int argc, char **argv)
{
    static struct bench b;
    b.seeds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    if (b.seeds == 0) {
        fprintf(stderr, "usage: detect_bench SEEDS [PART...]\n");
        return 2;
    }
    for (uint32_t i = 0; i < PARTS; i++) {
        bool wanted = argc == 2;
        for (int n = 2; n < argc; n++)
            wanted |= strcmp(argv[n], parts[i].name) == 0;
        if (wanted)
            parts[i].run(&b);
        fflush(stdout);
    }
    return tell(&b);
}
