// SPDX-License-Identifier: ISC
#include "detect/budget.h"

#include <assert.h>

#define DAY_S 86400.0
#define YEAR_S 31557600.0

double budget_suspect_s(const struct net *net, uint64_t tests)
{
    assert(net->detect.false_suspicions_mpd > 0 && tests > 0);
    return DAY_S * (double)tests * 1000 / net->detect.false_suspicions_mpd;
}

double budget_act_s(const struct net *net, uint64_t tests)
{
    assert(net->detect.false_acts_mpy > 0 && tests > 0);
    return YEAR_S * (double)tests * 1000 / net->detect.false_acts_mpy;
}
