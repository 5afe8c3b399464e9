// SPDX-License-Identifier: ISC
#include "probe/departure.h"

// The longest time-out of a probe: by then all that waited with that one have their verdict.
enum { DOUBT_MS = 1000 };

static bool is_within(struct mono since, int64_t ms, struct mono now)
{
    return since.ns > 0 && mono_since_ns(now, since) < ms * (int64_t)NS_PER_MS;
}

static int64_t untold_ms(const struct departure *d)
{
    bool grew = is_within(d->late_at, DOUBT_MS, d->asked_at);
    return grew ? DEPARTURE_UNTOLD_LATE_MS : DEPARTURE_UNTOLD_MS;
}

bool departure_is_due(const struct departure *d, struct mono now)
{
    return !is_within(d->asked_at, d->waits ? untold_ms(d) : DEPARTURE_EVERY_MS, now);
}

// Whatever happens to packets in the network, the device told of them: if it does no longer, such
// as when a neighbour does not answer and they wait for it, that is not for us to void for ever.
void departure_asked(struct departure *d, struct mono sent_at)
{
    d->is_told &= !d->waits;
    d->asked_at = sent_at;
    d->waits = true;
}

int64_t departure_told(struct departure *d, struct mono left_at, struct mono now)
{
    int64_t late_ns = mono_since_ns(left_at, d->asked_at);
    if (late_ns < 0)  // one that was given up
        return 0;
    d->waits = false;
    d->is_told = true;
    if (late_ns > DEPARTURE_LATE_MS * (int64_t)NS_PER_MS)
        d->late_at = now;
    return late_ns;
}

bool departure_is_in_doubt(const struct departure *d, struct mono now)
{
    bool overdue = d->waits && !is_within(d->asked_at, DEPARTURE_LATE_MS, now) &&
                   is_within(d->asked_at, untold_ms(d), now);
    return (d->is_told && overdue) || is_within(d->late_at, DOUBT_MS, now);
}
