// SPDX-License-Identifier: ISC
// A bank of six integer CUSUMs, each tuned to one loss rate, that notices within a few probes that
// loss has risen (detection.md 2.4). The rule is solved once and shared; a bank is 12 bytes. While
// losses are independent and no likelier than normal, its alarms come at least as far apart as was
// asked, on average. Knows no clock, no target.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    CUSUM_MEMBERS = 6,
    CUSUM_NOBODY = CUSUM_MEMBERS,  // no member
    CUSUM_QUICKENS = 3,            // the member whose score says "probe faster" (detection.md 2.5)
};

struct cusum_ask {
    uint32_t loss_normal_ppm;  // 10 to 100000
    double probes;             // asked mean number of probes between false alarms, > 1
    // How many of a hundred false alarms may be each member's; all 0: the same for all.
    uint8_t share[CUSUM_MEMBERS];
};

struct cusum_rule {
    uint32_t loss_ppm[CUSUM_MEMBERS];  // that each member is tuned to, rising
    uint16_t lost_step[CUSUM_MEMBERS];
    uint16_t ok_step[CUSUM_MEMBERS];
    uint16_t threshold[CUSUM_MEMBERS];
    double step_nats[CUSUM_MEMBERS];  // one step of the lattice as log-likelihood ratio
};

struct cusum_bank {
    uint16_t score[CUSUM_MEMBERS];  // 0 to threshold, where it stays until answers lower it
};

// When each score last left 0: the most likely start of a change, if that member alarms.
struct cusum_trail {
    int64_t began_ns[CUSUM_MEMBERS];  // of the caller's time line; meaningless while the score is 0
};

// The loss rate that a member is tuned to where so much is normal.
uint32_t cusum_member_ppm(uint32_t member, uint32_t normal_ppm);
// Solves the thresholds. False when what is asked is out of range or has no threshold.
bool cusum_rule_init(struct cusum_rule *rule, const struct cusum_ask *ask);

// Whether all scores are 0: an answer changes nothing then.
static inline bool cusum_is_at_rest(const struct cusum_bank *bank)
{
    uint32_t any = 0;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++)
        any |= bank->score[k];
    return any == 0;
}

// What cusum_add() is where something changes.
uint32_t cusum_add_any(struct cusum_bank *bank, const struct cusum_rule *rule, bool lost);
// Adds one result and gives a bit set of the members at their threshold, 0 when all is quiet.
// A void sample is simply not added.
static inline uint32_t cusum_add(struct cusum_bank *bank, const struct cusum_rule *rule, bool lost)
{
    bool is_quiet = !lost && cusum_is_at_rest(bank);  // nearly always
    return is_quiet ? 0 : cusum_add_any(bank, rule, lost);
}
// The same, and dates the rise.
uint32_t cusum_add_dated(struct cusum_bank *bank, struct cusum_trail *trail,
                         const struct cusum_rule *rule, bool lost, int64_t at_ns);
// The same as adding `count` answers one by one.
void cusum_add_answers(struct cusum_bank *bank, const struct cusum_rule *rule, uint64_t count);
// Whether a loss was recent enough that the flow deserves to be probed faster.
bool cusum_quickens(const struct cusum_bank *bank);
