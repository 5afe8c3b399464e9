// SPDX-License-Identifier: ISC
#include "detect/vouch.h"

#include "net/net.h"

#include <stdio.h>
#include <string.h>

enum {
    STALL_MS = 80,  // more than a time slice of each of some dozen busy processes
    VOID_MIN = 5,
    VOID_PERCENT_MIN = 1,
    LOOK_MS = 1000,
    STALL_LOOK_MS = 300,  // after a stall, when what it did to samples is known
    SAY_AGAIN_MS = 10 * 1000,
};

static struct vouch_second *second_of(struct vouch *vouch, struct mono now)
{
    int64_t number = now.ns / NS_PER_S;
    struct vouch_second *second = &vouch->seconds[(uint64_t)number % VOUCH_SECONDS];
    if (second->number != number)
        *second = (struct vouch_second){.number = number};
    return second;
}

void vouch_sample(struct vouch *vouch, const struct sample *sample, struct mono now)
{
    struct vouch_second *second = second_of(vouch, now);
    if (sample->late)  // it was counted when it was told as lost
        return;
    second->samples++;
    second->voided[sample->void_reason] += sample->verdict == SAMPLE_VOID;
}

void vouch_stall(struct vouch *vouch, int64_t late_ns, struct mono now)
{
    struct vouch_second *second = second_of(vouch, now);
    if (late_ns > second->stall_ns)
        second->stall_ns = late_ns;
    if (late_ns < STALL_MS * (int64_t)NS_PER_MS || vouch->raised || vouch->looks_soon)
        return;
    vouch->looks_soon = true;
    vouch->look_at = mono_add_ms(now, STALL_LOOK_MS);
}

// Of the last ten seconds, in the form of one; `number` is how many samples are void.
static struct vouch_second sum_up(const struct vouch *vouch, struct mono now)
{
    struct vouch_second sum = {0};
    for (int i = 0; i < VOUCH_SECONDS; i++) {
        const struct vouch_second *second = &vouch->seconds[i];
        if (now.ns / NS_PER_S - second->number >= VOUCH_SECONDS)
            continue;
        sum.samples += second->samples;
        for (int reason = 0; reason < SAMPLE_VOID_REASONS; reason++) {
            sum.voided[reason] += second->voided[reason];
            sum.number += second->voided[reason];
        }
        if (second->stall_ns > sum.stall_ns)
            sum.stall_ns = second->stall_ns;
    }
    return sum;
}

// What stands goes only with what raised it.
static bool is_worth_telling(const struct vouch_second *sum, bool stands)
{
    bool is_share = sum->number * 100 >= (int64_t)sum->samples * VOID_PERCENT_MIN;
    return sum->stall_ns >= STALL_MS * (int64_t)NS_PER_MS ||
           (sum->number >= VOID_MIN && (is_share || stands));
}

static void fill_text(const struct vouch_second *sum, char *text, size_t size)
{
    static const char *const words[SAMPLE_VOID_REASONS] = {
        [SAMPLE_LOOP_LAGGED] = "our loop lagged",
        [SAMPLE_SEND_FAILED] = "not sent",
        [SAMPLE_SOCKET_DROPPED] = "dropped by our socket",
        [SAMPLE_CLOCK_STEPPED] = "clock stepped",
        [SAMPLE_LINK_DOWN] = "first link down or no way",
        [SAMPLE_LINK_DROPPED] = "dropped by our interface",
        [SAMPLE_UNDATED] = "without time of arrival",
        [SAMPLE_UNSEEN] = "not seen to leave in time",
        [SAMPLE_MET_TRACE] = "met by our own trace",
    };
    int used = snprintf(text, size, "%d of %u samples within %d s", (int)sum->number, sum->samples,
                        VOUCH_SECONDS);
    for (int reason = 0; reason < SAMPLE_VOID_REASONS && (size_t)used < size; reason++)
        if (sum->voided[reason] > 0 && words[reason])
            used += snprintf(text + used, size - (size_t)used, ", %s %u", words[reason],
                             sum->voided[reason]);
    if (sum->stall_ns >= STALL_MS * (int64_t)NS_PER_MS && (size_t)used < size)
        snprintf(text + used, size - (size_t)used, "; the prober stood still for %.2f s",
                 (double)sum->stall_ns / NS_PER_S);
}

static bool tell(struct vouch *vouch, const struct vouch_second *sum, struct mono now,
                 struct notice *notice)
{
    vouch->told_at = now;
    *notice = (struct notice){.kind = NOTICE_PROBES_VOID,
                              .raised = vouch->raised,
                              .router = NET_NOBODY,
                              .since = vouch->since,
                              .count = (uint32_t)sum->number,
                              .total = sum->samples};
    if (vouch->raised)
        fill_text(sum, notice->text, sizeof notice->text);
    return true;
}

bool vouch_tick(struct vouch *vouch, struct mono now, struct notice *notice)
{
    if (!mono_reached(now, vouch->look_at))
        return false;
    vouch->look_at = mono_add_ms(now, LOOK_MS);
    vouch->looks_soon = false;
    struct vouch_second sum = sum_up(vouch, now);
    bool was_raised = vouch->raised;
    vouch->raised = is_worth_telling(&sum, was_raised);
    if (vouch->raised != was_raised) {
        vouch->since = vouch->raised ? now : vouch->since;
        return tell(vouch, &sum, now, notice);
    }
    return vouch->raised && mono_reached(now, mono_add_ms(vouch->told_at, SAY_AGAIN_MS)) &&
           tell(vouch, &sum, now, notice);
}
