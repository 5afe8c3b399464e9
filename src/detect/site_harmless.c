// SPDX-License-Identifier: ISC
#include "detect/site_parts.h"

#include "detect/budget.h"

static bool rule_init(const struct site *s, struct cusum_rule *rule, uint32_t loss_ppm,
                      uint64_t tests)
{
    double fastest = s->net->probe.path_rate_max_pps ? s->net->probe.path_rate_max_pps : 100;
    struct cusum_ask ask = {
        .loss_normal_ppm = loss_ppm,
        .probes = budget_suspect_s(s->net, tests * BUDGET_SUSPECT_SHARERS) * fastest,
    };
    return cusum_book_rule(s->book, rule, &ask);
}

// Learned are only a few steps of loss, so that paths share their rules. SITE_LEVELS_MAX: there is
// no rule for so much, or no room.
static uint32_t level_for(struct site *s, uint32_t loss_ppm)
{
    for (uint32_t i = 0; i < s->level_count; i++)
        if (s->levels[i].loss_ppm == loss_ppm)
            return i;
    if (s->level_count == SITE_LEVELS_MAX)
        return SITE_LEVELS_MAX;
    struct site_level *level = &s->levels[s->level_count];
    level->loss_ppm = loss_ppm;
    if (!rule_init(s, &level->flow_rule, loss_ppm, s->flow_count + 1) ||
        !rule_init(s, &level->path_rule, loss_ppm, s->path_count))
        return SITE_LEVELS_MAX;
    return s->level_count++;
}

bool site_harmless_init(struct site *s)
{
    for (uint32_t path = 0; path < s->path_count; path++)
        s->harmless[path] = harmless_configured(s->net);
    return level_for(s, s->net->detect.loss_normal_ppm) == 0;
}

// A score counts steps of the rule that it was made by.
static void restart_banks(struct site *s, uint32_t path)
{
    site_rest(s, &s->path_banks[path]);
    for (uint32_t f = 0; f < s->flow_count; f++)
        if (s->flows[f].path == path)
            site_rest(s, &s->banks[f]);
}

void site_harmless(struct site *s, uint32_t path, const struct harmless *harmless)
{
    if (path >= s->path_count || harmless_is_equal(&s->harmless[path], harmless) ||
        harmless_is_equal(&s->refused[path], harmless))
        return;
    uint32_t level = level_for(s, harmless->loss_ppm);
    if (level == SITE_LEVELS_MAX) {
        s->refused[path] = *harmless;  // it is said at each tick, and rules take long to seek
        return;
    }
    s->harmless[path] = *harmless;
    if (level == s->level_of[path])
        return;
    s->level_of[path] = (uint8_t)level;
    restart_banks(s, path);
    site_watch_all(s);
}

struct harmless site_harmless_of(const struct site *s, uint32_t component)
{
    bool seen[NET_PATHS_MAX] = {false}, any = false;
    struct harmless worst = {.burst_apart_ns = INT64_MAX};
    for (uint32_t f = 0; f < s->flow_count; f++) {
        uint32_t path = s->flows[f].path;
        if (seen[path] || !site_passes(s, f, component))
            continue;
        const struct harmless *is = &s->harmless[path];
        seen[path] = any = true;
        if (is->loss_ppm > worst.loss_ppm)
            worst.loss_ppm = is->loss_ppm;
        if (is->burst_mean_ns > worst.burst_mean_ns)
            worst.burst_mean_ns = is->burst_mean_ns;
        if (is->burst_apart_ns < worst.burst_apart_ns)
            worst.burst_apart_ns = is->burst_apart_ns;
    }
    return any ? worst : harmless_configured(s->net);
}
