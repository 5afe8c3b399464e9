// SPDX-License-Identifier: ISC
#include "detect/blame.h"

#include "stat/beta.h"

enum { PPM = 1000 * 1000 };

_Static_assert(NET_TARGETS_MAX <= 32, "a set of targets is 32 bits");

static bool is_lossy(const struct history_count *count, const struct history_target *target,
                     uint32_t normal_ppm)
{
    uint64_t lost = target->lost, all = lost + target->ok;
    uint64_t path_lost = count->lost, path_all = path_lost + count->ok;
    // Products instead of quotients: no division by an empty count, no rounding.
    return lost >= 2 && lost * PPM >= all * 2 * normal_ppm &&
           4 * lost * path_all >= path_lost * all;
}

// Whether what the others lost is surely under a quarter of this target's share.
static bool others_are_clean(const struct history_count *count, const struct history_target *target)
{
    struct beta_bounds others = beta_bounds(count->ok - target->ok, count->lost - target->lost);
    uint64_t all = (uint64_t)target->ok + target->lost;
    return 4 * others.high_ppm * all < (uint64_t)target->lost * PPM;
}

struct blame blame_of(const struct history_count *count, uint32_t alive, uint32_t normal_ppm)
{
    struct blame blame = {.verdict = BLAME_OPEN};
    uint32_t suspects = 0;
    for (uint32_t t = 0; t < NET_TARGETS_MAX; t++) {
        const struct history_target *target = &count->targets[t];
        if (target->ok + target->lost == 0)
            continue;
        blame.targets++;
        if (!is_lossy(count, target, normal_ppm))
            continue;
        blame.lossy++;
        if (!target->aside) {
            suspects++;
            blame.target = t;
        }
    }
    if (suspects >= 2 || (alive & (alive - 1)) == 0)
        blame.verdict = BLAME_PATH;
    else if (suspects == 1 && others_are_clean(count, &count->targets[blame.target]))
        blame.verdict = BLAME_TARGET;
    return blame;
}
