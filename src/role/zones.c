// SPDX-License-Identifier: ISC
#include "role/zones.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    WEEK_S = 7 * 86400,
    BACK_S = 60 * 86400,        // before now: turns and substitutes that began lately
    AHEAD_S = 4 * 366 * 86400,  // zones are told anew long before
    CLOCK_SET_NS = NS_PER_S,    // a step of the wall clock by so much counts
};

static int32_t offset_at(int64_t utc_s)
{
    struct tm local;
    time_t at = utc_s;
    return localtime_r(&at, &local) ? (int32_t)local.tm_gmtoff : 0;
}

// The first second of the new offset; there is one change between the two at most.
static int64_t find_change(int64_t before_s, int64_t after_s)
{
    int32_t offset_s = offset_at(before_s);
    while (after_s - before_s > 1) {
        int64_t middle_s = before_s + (after_s - before_s) / 2;
        if (offset_at(middle_s) == offset_s)
            before_s = middle_s;
        else
            after_s = middle_s;
    }
    return after_s;
}

static void set_zone(const char *name)
{
    if (name)
        setenv("TZ", name, 1);
    else
        unsetenv("TZ");
    tzset();
}

uint32_t zones_changes(const char *name, int64_t from_s, int64_t until_s,
                       struct zone_change *changes, uint32_t max)
{
    char *before = getenv("TZ") ? strdup(getenv("TZ")) : NULL;
    uint32_t count = 0;
    set_zone(name);
    if (max > 0)
        changes[count++] = (struct zone_change){from_s, offset_at(from_s)};
    for (int64_t at_s = from_s; at_s < until_s && count < max; at_s += WEEK_S) {
        if (offset_at(at_s) == offset_at(at_s + WEEK_S))
            continue;
        int64_t change_s = find_change(at_s, at_s + WEEK_S);
        changes[count++] = (struct zone_change){change_s, offset_at(change_s)};
    }
    set_zone(before);
    free(before);
    return count;
}

bool zones_are_known(const struct net *net, char *why)
{
    const char *directory = getenv("TZDIR");
    for (uint32_t t = 0; t < net->alert.team_count; t++) {
        const char *zone = net->alert.teams[t].zone;
        char path[256];
        snprintf(path, sizeof path, "%s/%s", directory ? directory : "/usr/share/zoneinfo", zone);
        if (strcmp(zone, "UTC") == 0 || access(path, R_OK) == 0)
            continue;
        snprintf(why, ROLE_ERROR_MAX,
                 "this host does not know the time zone '%s' of team '%s': write one of those in "
                 "/usr/share/zoneinfo (package tzdata)",
                 zone, net->alert.teams[t].name);
        return false;
    }
    return true;
}

static void tell_zone(struct daemon *d, uint32_t team)
{
    struct zone_change changes[ZONE_CHANGES_MAX];
    int64_t now_s = d->now.wall.ns / NS_PER_S;
    uint32_t count = zones_changes(d->net->alert.teams[team].zone, now_s - BACK_S, now_s + AHEAD_S,
                                   changes, ZONE_CHANGES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const struct event event = {
            .kind = EVENT_ZONE,
            .at = d->now.mono,
            .zone = {team, d->now.wall, changes[i].at_s, changes[i].offset_s}};
        daemon_feed(d, &event);
    }
}

void zones_turn(struct daemon *d)
{
    int64_t offset_ns = d->now.wall.ns - d->now.mono.ns, step_ns = offset_ns - d->zones_offset_ns;
    bool is_set = step_ns > CLOCK_SET_NS || step_ns < -(int64_t)CLOCK_SET_NS;
    bool is_old = mono_since_ns(d->now.mono, d->zones_at) > (int64_t)WEEK_S * NS_PER_S;
    if (!is_set && !is_old)
        return;
    d->zones_offset_ns = offset_ns;
    d->zones_at = d->now.mono;
    for (uint32_t t = 0; t < d->net->alert.team_count; t++)
        tell_zone(d, t);
}
