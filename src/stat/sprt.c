// SPDX-License-Identifier: ISC
#include "stat/sprt.h"

#include <assert.h>
#include <math.h>

// ln((1 - 0.001) / 0.001): wrong once in a thousand times, either way.
#define DECIDES_NATS 6.906754778648554

void sprt_init(struct sprt *s, uint32_t good_ppm, uint32_t bad_ppm)
{
    assert(0 < good_ppm && good_ppm < bad_ppm && bad_ppm < 1000 * 1000);
    double good = good_ppm / 1e6, bad = bad_ppm / 1e6;
    *s = (struct sprt){.lost_nats = log(bad / good), .ok_nats = log((1 - bad) / (1 - good))};
}

enum sprt_answer sprt_add(struct sprt *s, uint64_t ok, uint64_t lost)
{
    s->score += (double)lost * s->lost_nats + (double)ok * s->ok_nats;
    return sprt_answer(s);
}

enum sprt_answer sprt_answer(const struct sprt *s)
{
    if (s->score >= DECIDES_NATS)
        return SPRT_BAD;
    return s->score <= -DECIDES_NATS ? SPRT_GOOD : SPRT_OPEN;
}

uint64_t sprt_least_good(const struct sprt *s)
{
    return (uint64_t)ceil(-DECIDES_NATS / s->ok_nats);
}

// Wald (1945): the bound over the drift, of the errors the few that are wrong set aside.
double sprt_mean_good(const struct sprt *s)
{
    double good = -expm1(s->ok_nats) / (exp(s->lost_nats) - exp(s->ok_nats));
    return -DECIDES_NATS / (good * s->lost_nats + (1 - good) * s->ok_nats);
}

void sprt_restart(struct sprt *s)
{
    s->score = 0;
}
