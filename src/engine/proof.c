// SPDX-License-Identifier: ISC
#include "engine/proof.h"

#include "engine/state.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

static_assert(NET_TARGETS_MAX <= 32, "a bit set of 32");

enum {
    PROOF_GOOD_PPM_MAX = 10 * 1000,
    PROOF_BAD_PPM_MIN = 1000,  // less can hardly be told from normal
};

#define MPPS_NS 1e12  // one answer, at a thousandth of a probe a second

// Clean, against half of what was lost before (detection.md 4.3).
struct sprt proof_test(uint32_t before_ppm)
{
    struct sprt test;
    uint32_t bad = before_ppm / 2;
    bad = bad > PROOF_BAD_PPM_MIN ? bad : PROOF_BAD_PPM_MIN;
    sprt_init(&test, bad / 4 < PROOF_GOOD_PPM_MAX ? bad / 4 : PROOF_GOOD_PPM_MAX, bad);
    return test;
}

uint64_t proof_rate_mpps(const struct net *net, uint32_t targets)
{
    uint64_t mpps = 0;
    for (uint32_t t = 0; t < net->target_count; t++)
        mpps += targets >> t & 1 ? net->targets[t].rate_mpps : 0;
    return mpps;
}

int64_t proof_after_ns(const struct net *net, int64_t timeout_ns)
{
    return net->steer.fib_settle_ns + timeout_ns;
}

int64_t proof_patience_ns(const struct sprt *test, uint64_t rate_mpps)
{
    return (int64_t)(2 * sprt_mean_good(test) * MPPS_NS / (double)rate_mpps);
}

static bool may(const struct net *net, enum net_lever lever)
{
    return net_lever_mode(net, lever) >= NET_CONFIRM;
}

// Something of the family can be moved, and there is where to.
static bool has_moves(const struct net *net, enum family family, bool *has_exit)
{
    uint32_t ways = 0;
    bool has_prefix = false;
    *has_exit = false;
    for (uint32_t u = 0; u < net->upstream_count; u++) {
        ways += net->upstreams[u].next_hop[family].family != FAMILY_NONE;
        *has_exit |=
            may(net, NET_LEVER_EXIT) && net->upstreams[u].exit[family].family != FAMILY_NONE;
    }
    for (uint32_t i = 0; i < net->steer.prefixes.count; i++)
        has_prefix |= net->steer.prefixes.items[i].address.family == family;
    return ways > 1 && (*has_exit || (has_prefix && may(net, NET_LEVER_OVERRIDE)));
}

static bool is_steered(const struct net *net, struct address address)
{
    for (uint32_t i = 0; i < net->steer.prefixes.count; i++)
        if (prefix_contains_address(net->steer.prefixes.items[i], address))
            return true;
    return false;
}

// Those that can tell of a move at best, as if all of them moved together: of those inside what
// moves; where there are none, and of an exit, it may be all.
static uint32_t judges_of(const struct net *net, enum family family, bool has_exit, bool *is_inside)
{
    uint32_t all = 0, inside = 0;
    for (uint32_t t = 0; t < net->target_count; t++) {
        struct address address = net->targets[t].address[family];
        if (address.family == FAMILY_NONE)
            continue;
        all |= UINT32_C(1) << t;
        inside |= is_steered(net, address) ? UINT32_C(1) << t : 0;
    }
    *is_inside = inside && !has_exit;
    return *is_inside ? inside : all;
}

// What a drain needs, and what there is.
struct need {
    uint64_t answers, given, rate_mpps;  // clean; in the time that there is
    int64_t time_ns;                     // that counts; none is left when it is not above 0
    double enough_ms;                    // of verify_max_ms, where some are lost too
};

static struct need need_of(const struct net *net, uint32_t judges)
{
    const struct sprt test = proof_test(ENGINE_NO_LOSS_PPM);
    const int64_t after_ns = proof_after_ns(net, net->probe.timeout_min_ns);  // at least
    struct need need = {
        .answers = sprt_least_good(&test),
        .rate_mpps = proof_rate_mpps(net, judges),
        .time_ns = net->steer.verify_max_ns - after_ns,
        .enough_ms = NET_VERIFY_MS_MAX + 1.0,
    };
    if (need.time_ns > 0)
        need.given = (uint64_t)((double)need.rate_mpps * (double)need.time_ns / MPPS_NS);
    if (need.rate_mpps > 0) {
        int64_t enough_ns = after_ns + proof_patience_ns(&test, need.rate_mpps);
        need.enough_ms = ceil((double)enough_ns / NS_PER_S) * 1000;
    }
    return need;
}

// Nothing but more probes may help, or nothing but more time.
static void say_remedy(const struct need *need, char *text, size_t size)
{
    char rate[96] = "", time[64] = "";
    if (need->time_ns > 0)
        snprintf(rate, sizeof rate, "add targets there or raise rate_pps, to %.0f a second",
                 ceil((double)need->answers * NS_PER_S / (double)need->time_ns));
    if (need->enough_ms <= NET_VERIFY_MS_MAX)
        snprintf(time, sizeof time, "write steer.verify_max_ms: %.0f", need->enough_ms);
    snprintf(text, size, "%s%s%s", rate, rate[0] && time[0] ? ", or " : "", time);
}

static void check_family(const struct net *net, enum family family, uint32_t line,
                         struct net_errors *errors)
{
    char remedy[160];
    bool has_exit, is_inside;
    if (!has_moves(net, family, &has_exit))
        return;
    uint32_t judges = judges_of(net, family, has_exit, &is_inside);
    const struct need need = need_of(net, judges);
    if (need.given >= need.answers)
        return;
    say_remedy(&need, remedy, sizeof remedy);
    net_errors_add(
        errors, NET_WARNING, line,
        "targets: as-routed %s: to leave any upstream for a drain or at most %g %% of "
        "loss takes at least %llu clean answers in %.4g s (steer.verify_max_ms less settling), "
        "but %s are asked %.4g a second, %llu in all: it is undone as not proven: %s",
        family_name(family), ENGINE_NO_LOSS_PPM / 1e4, (unsigned long long)need.answers,
        need.time_ns > 0 ? (double)need.time_ns / NS_PER_S : 0.0,
        is_inside ? "targets inside steer.prefixes" : "all targets", (double)need.rate_mpps / 1000,
        (unsigned long long)need.given, remedy);
}

void proof_check(const struct net *net, uint32_t line, struct net_errors *errors)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        check_family(net, family, line, errors);
}
