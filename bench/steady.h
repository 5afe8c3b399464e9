// SPDX-License-Identifier: ISC
// What steady sending costs: the CPU time of a process and its probes, from a second after it began
// on. What it takes to begin is no cost of a probe.
#pragma once

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { STEADY_AFTER_S = 1 };

struct steady_moment {
    double cpu_s;
    uint64_t sent;
};

struct steady {
    struct steady_moment first, last;
};

// Of this process CLOCK_PROCESS_CPUTIME_ID, of another what clock_getcpuclockid() gives.
static inline double steady_cpu_s(clockid_t clock)
{
    struct timespec t = {0};
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// Now and then: so much was sent `at_s` seconds after it began; it sends for `seconds`.
static inline void steady_note(struct steady *steady, double at_s, double seconds, clockid_t clock,
                               uint64_t sent)
{
    if (at_s >= STEADY_AFTER_S && steady->first.sent == 0)
        steady->first = (struct steady_moment){steady_cpu_s(clock), sent};
    if (at_s >= seconds && steady->last.sent == 0)
        steady->last = (struct steady_moment){steady_cpu_s(clock), sent};
}

// As the end of an object.
static inline void steady_print(const struct steady *steady)
{
    printf("\"steady_cpu_s\": %.6f, \"steady_sent\": %" PRIu64 "}\n",
           steady->last.cpu_s - steady->first.cpu_s, steady->last.sent - steady->first.sent);
}
