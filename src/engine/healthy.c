// SPDX-License-Identifier: ISC
#include "engine/healthy.h"

#include "engine/state.h"

#include <inttypes.h>

enum { QUIET_S = 600 };  // before the onset: what a device told earlier is another matter

static void say_paths(const struct engine *e, uint64_t hit, struct words *words)
{
    uint64_t ok = 0, lost = 0;
    const char *comma = "";
    char name[NET_NAME_MAX + 8];
    for (uint32_t path = 0; path < e->path_count; path++) {
        bool is_upstream = e->paths[path].upstream != NET_NOBODY;
        if (!is_upstream || hit >> path & 1 || !watch_is_good(&e->watch, path, e->now))
            continue;
        struct window_loss recent = watch_loss_recent(&e->watch, path, e->now);
        ok += recent.ok;
        lost += recent.lost;
        words_add(words, "%s%s", comma[0] ? comma : "packets by ",
                  net_path_name(e->net, path, name));
        comma = ", ";
    }
    if (comma[0])
        words_add(words, " (%" PRIu64 " of %" PRIu64 " probes lost in %d s)", lost, lost + ok,
                  WATCH_RECENT_S);
}

static void say_sessions(const struct engine *e, struct words *words)
{
    const char *comma = "";
    for (uint32_t r = 0; r < e->net->router_count; r++) {
        if (!e->sessions[r].up)
            continue;
        words_add(words, "%s%s",
                  comma[0]        ? comma
                  : words->length ? "; BGP with "
                                  : "BGP with ",
                  e->net->routers[r].name);
        comma = ", ";
    }
}

static bool was_told(const struct facts *facts, enum fact_kind kind, struct mono since)
{
    for (uint32_t id = facts_first(facts); id <= facts->last_id; id++) {
        const struct fact *fact = facts_get(facts, id);
        if (fact && fact->kind == kind && (fact->standing || fact->last_at.ns >= since.ns))
            return true;
    }
    return false;
}

// Of those that tell by syslog: silence of one that never told is no health, and is not said.
static void say_devices(const struct engine *e, struct mono since, struct words *words)
{
    static const struct {
        enum fact_kind kind;
        const char *words;
    } rows[] = {{FACT_ALARM, "chassis alarm"},
                {FACT_CRASH, "crash"},
                {FACT_LINK, "interface down"},
                {FACT_LACP, "port out of its bundle"}};
    const char *comma = "";
    uint32_t devices = e->net->syslog.device_count;
    for (size_t i = 0; devices && i < sizeof rows / sizeof rows[0]; i++) {
        if (was_told(&e->outages.outages.facts, rows[i].kind, since))
            continue;
        words_add(words, "%s%s", comma[0] ? comma : words->length ? "; no " : "no ", rows[i].words);
        comma = ", ";
    }
    if (comma[0])
        words_add(words, " told by any of %" PRIu32 " devices", devices);
}

void healthy_say(const struct engine *e, const struct outage *outage, char text[HEALTHY_MAX])
{
    struct words words = words_in(text, HEALTHY_MAX);
    say_paths(e, outage->hit, &words);
    say_sessions(e, &words);
    say_devices(e, mono_add_ms(outage->onset, -QUIET_S * 1000), &words);
}
