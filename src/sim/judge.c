// SPDX-License-Identifier: ISC
#include "sim/judge.h"

#include "sim/scenario.h"
#include "sim/world.h"

#include <stdarg.h>
#include <stdio.h>

const struct sim_rule_text sim_rule_texts[SIM_RULES] = {
    [SIM_S1] = {"S1", "announced is exactly what the router has learned", NULL},
    [SIM_S2] = {"S2", "path and next hop are copied from a live path", NULL},
    [SIM_S3] = {"S3", "every route carries NO_EXPORT and our marker", NULL},
    [SIM_S4] = {"S4", "no more routes stand than the limits allow", NULL},
    [SIM_S5] = {"S5", "no bogon, nothing too short or too long", NULL},
    [SIM_S6] = {"S6", "nothing that Fairlead itself hangs by", NULL},
    [SIM_S7] = {"S7", "quiet start; only what was announced is withdrawn", NULL},
    [SIM_S8] = {"S8", "no more acts in a minute than the limit", NULL},
    [SIM_S9] = {"S9", "no more upstreams are left at once than may be", NULL},
    [SIM_S10] = {"S10", "no move fills an upstream over its capacity", NULL},
    [SIM_S11] = {"S11", "dead or stopped: the routers forget in hold time + 1 s", NULL},
    [SIM_S12] = {"S12", "a prober that cannot see is no reason to act", NULL},
    [SIM_S13] = {"S13", "never to a way that is bad itself, nor on stale data", NULL},
    [SIM_S14] = {"S14", "the engine or the prober is silent: all goes", NULL},
    [SIM_S15] = {"S15", "six acts an hour at most", NULL},
    [SIM_S16] = {"S16", "observe and advise move nothing, confirm not unasked", NULL},
    [SIM_S17] = {"S17", "two controllers make no loop", NULL},
    [SIM_S18] = {"S18", "only what two persons lift is moved beyond a limit", NULL},
    [SIM_S19] = {"S19", "forged counters are no reason to act", NULL},
    [SIM_S20] = {"S20", "stopped: all is withdrawn within 1 s", NULL},
    [SIM_S21] = {"S21", "no neighbour hears what is not for the world", NULL},
    [SIM_S22] = {"S22", "no record, no act; what stands may go", NULL},
    [SIM_S23] = {"S23", "routers hear us where customers fill the links", NULL},
    [SIM_S24] = {"S24", "what stands is by one configuration, the old or the new", NULL},
    [SIM_S25] = {"S25", "clocks that step change nothing", NULL},
    [SIM_I1] = {"I1", "the way moved to exists", NULL},
    [SIM_I2] = {"I2", "less overflow than loss removed", NULL},
    [SIM_I3] = {"I3", "not more traffic in a minute than may be", NULL},
    [SIM_I4] = {"I4", "one upstream at a time is left, until that is proven", NULL},
    [SIM_I5] = {"I5", "what no move owns, or no lease holds up, ends", NULL},
    [SIM_I6] = {"I6", "bad everywhere is no reason to act", NULL},
    [SIM_I7] = {"I7", "void samples are no reason to act", NULL},
    [SIM_I8] = {"I8", "what harms is taken back", NULL},
    [SIM_I9] = {"I9", "moves are bounded by the hold time", NULL},
    [SIM_I10] = {"I10", "pinned probes never follow: nothing returns to a way that loses", NULL},
    [SIM_I11] = {"I11", "frozen: no move after 1 s", NULL},
    [SIM_I12] = {"I12", "the same input, the same output", NULL},
    [SIM_I13] = {"I13", "only what left by a failing upstream is moved", NULL},
    [SIM_I14] = {"I14", "a slice returns before the rest", NULL},
    [SIM_L1] = {"L1", "a lossy way with a good alternative is left", NULL},
    [SIM_L2] = {"L2", "all is well: nothing of ours is left", NULL},
    [SIM_L3] = {"L3", "no packet circles by what we say", NULL},
    [SIM_L4] = {"L4", "safe to work is said where traffic has left", NULL},
    [SIM_L5] = {"L5", "own prefixes are out while they are well, and only then", NULL},
    [SIM_L6] = {"L6", "a program takes a part out of use, and back when it did not help", NULL},
    [SIM_L7] = {"L7", "what a router says it did not take is taken back", NULL},
    [SIM_N] = {"N", "a hard negative moves nothing (--scenario)", NULL},
    [SIM_P] = {"P", "a hard positive has its right act (--scenario)", NULL},
};

void sim_exercised(struct sim_world *w, enum sim_rule rule)
{
    w->judge->exercised[rule]++;
}

enum { LINE_MAX = 1400 };

void sim_broken(struct sim_world *w, enum sim_rule rule, const char *format, ...)
{
    char what[512], line[LINE_MAX];
    va_list arguments;
    w->judge->broken[rule]++;
    if (w->failures++ > 0 && !w->traced)
        return;  // what follows from the first is no news
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "seed=%llu%s%s time=%.3fs broken=%s (%s): %s",
             (unsigned long long)w->seed, w->scenario ? " scenario=" : "",
             w->scenario ? w->scenario->name : "", (double)w->now_ms / 1e3,
             sim_rule_texts[rule].name, sim_rule_texts[rule].words, what);
    w->judge->say(w->judge->context, line);
}

void sim_trace(const struct sim_world *w, const char *format, ...)
{
    char line[LINE_MAX];
    va_list arguments;
    if (!w->traced)
        return;
    int start = snprintf(line, sizeof line, "%9.3f  ", (double)w->now_ms / 1e3);
    va_start(arguments, format);
    vsnprintf(line + start, sizeof line - (size_t)start, format, arguments);
    va_end(arguments);
    w->judge->say(w->judge->context, line);
}
