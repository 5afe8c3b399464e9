// SPDX-License-Identifier: ISC
#include "count/agent.h"

enum { CS_NS = 10 * NS_PER_MS };

// By its clock, which says when the counters were read better than the moment an answer came.
static struct mono time_of(const struct count_agent_reading *reading)
{
    return (struct mono){(int64_t)reading->uptime_cs * CS_NS};
}

// An uptime comes round after 497 days: like a restart, it costs one reading.
static bool counts_anew(const struct count_agent *agent, struct mono now,
                        const struct count_agent_reading *reading)
{
    const struct count_agent_reading *last = &agent->last;
    int64_t passed_cs = (int64_t)reading->uptime_cs - last->uptime_cs;
    int64_t slip_cs = passed_cs - mono_since_ns(now, agent->at) / CS_NS;
    return passed_cs < 0 || slip_cs > COUNT_AGENT_SLIP_CS || slip_cs < -COUNT_AGENT_SLIP_CS ||
           reading->index != last->index || reading->discontinuity != last->discontinuity;
}

bool count_agent_take(struct count_agent *agent, struct mono now,
                      const struct count_agent_reading *reading, struct count_use *use)
{
    bool is_anew = !agent->begun || counts_anew(agent, now, reading);
    bool stands_still =
        !is_anew && reading->out == agent->last.out && reading->in == agent->last.in;
    agent->generation += is_anew;
    agent->begun = true;
    agent->at = now;
    agent->last = *reading;
    if (stands_still && reading->uptime_cs - agent->still_since_cs < COUNT_AGENT_STILL_CS)
        return false;
    agent->still_since_cs = reading->uptime_cs;
    const struct count_octets octets = {agent->generation, reading->out, reading->in};
    return count_rate_take(&agent->rate, time_of(reading), &octets, use);
}
