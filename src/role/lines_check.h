// SPDX-License-Identifier: ISC
// For tests: an engine in virtual time that hears what devices say, line by line, through the
// syslog reader, the patterns as they are shipped, and the notices that come of them; and what
// probes tell of each upstream. Keeps what is told of outages, with when.
#pragma once

#include "base/check.h"
#include "detect/device.h"
#include "engine/engine.h"
#include "engine/small_net.h"
#include "role/pattern_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_TOLD_MAX = 64, LINES_TICK_MS = 250 };

struct lines_told {
    int64_t ms;
    struct effect_outage outage;
};

struct lines {
    struct net net;
    struct engine *engine;
    struct syslog_patterns *patterns;
    int64_t ms;                                // of the day
    uint32_t loss_percent[NET_UPSTREAMS_MAX];  // of its probes
    uint32_t told_count;
    struct lines_told told[LINES_TOLD_MAX];
};

static inline void lines_step(struct lines *l, struct event event)
{
    size_t count;
    event.at.ns = l->ms * NS_PER_MS;
    const struct effect *effects = engine_step(l->engine, &event, &count);
    for (size_t i = 0; i < count; i++)
        if (effects[i].kind == EFFECT_OUTAGE && l->told_count < LINES_TOLD_MAX)
            l->told[l->told_count++] = (struct lines_told){l->ms, effects[i].outage};
}

// What `device` sends.
static inline void lines_hear(struct lines *l, const char *device, const char *line)
{
    struct syslog_message message;
    struct syslog_match match;
    struct event event = {.kind = EVENT_NOTICE};
    syslog_message_read(line, strlen(line), &message);
    if (!syslog_patterns_match(l->patterns, &message, &match))
        fail_msg("no pattern knows: %s", line);
    assert_true(device_notice(&l->net, device, &message, &match, &event.notice));
    event.notice.since.ns = l->ms * NS_PER_MS;
    lines_step(l, event);
}

static inline void lines_tallies(struct lines *l)
{
    for (uint32_t path = 0; path < net_path_count(&l->net); path++) {
        uint32_t upstream = net_path(&l->net, path).upstream;
        uint32_t lost = upstream == NET_NOBODY ? 0 : l->loss_percent[upstream];
        for (uint32_t t = 0; t < l->net.target_count; t++)
            lines_step(l, (struct event){.kind = EVENT_TALLY,
                                         .tally = {path, t, .ok = 100 - lost, .lost = lost}});
    }
}

static inline void lines_run(struct lines *l, int64_t until_ms)
{
    for (; l->ms < until_ms; l->ms += LINES_TICK_MS) {
        lines_step(l, (struct event){.kind = EVENT_TICK});
        if (l->ms % 500 == 0)
            lines_tallies(l);
    }
}

// The upstream's packets are lost from here on, or no longer, in both families; its detectors say
// so.
static inline void lines_lose(struct lines *l, uint32_t upstream, uint32_t percent)
{
    bool lost = percent > 0;
    l->loss_percent[upstream] = percent;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct event event = {.kind = EVENT_SIGNAL,
                              .signal = {.kind = lost ? SIGNAL_CONFIRMED : SIGNAL_CLEAR,
                                         .path = net_path_find(&l->net, upstream, family),
                                         .at = {l->ms * NS_PER_MS},
                                         .began_at = {(l->ms - 600) * NS_PER_MS},
                                         .evidence = {.samples = 60, .loss_ppm = percent * 10000}}};
        lines_step(l, event);
    }
}

static inline void lines_show(const struct lines *l, int64_t from_ms)
{
    for (uint32_t i = 0; i < l->told_count; i++) {
        const struct effect_outage *o = &l->told[i].outage;
        printf("%7.1f %u %s %s %u\n   T %s\n   C %s\n   A %s\n",
               (double)(l->told[i].ms - from_ms) / 1e3, o->number, outage_state_names[o->state],
               outage_severity_names[o->severity], o->share_ppm, o->title, o->cause, o->action);
    }
}

// The last that was told at or before.
static inline const struct effect_outage *lines_last(const struct lines *l, int64_t ms)
{
    const struct lines_told *last = NULL;
    for (uint32_t i = 0; i < l->told_count && l->told[i].ms <= ms; i++)
        last = &l->told[i];
    assert_non_null(last);
    return &last->outage;
}

static inline void lines_device(struct net *net, const char *name)
{
    struct net_device *device = &net->syslog.devices[net->syslog.device_count++];
    snprintf(device->name, sizeof device->name, "%s", name);
}

// `net` is copied. The engine has been up for ten minutes at `ms` of the day.
static inline struct lines *lines_open(const struct net *net, int64_t ms)
{
    struct lines *l = calloc(1, sizeof *l);
    char why[PATTERN_FILES_WHY_MAX];
    assert_non_null(l);
    l->net = *net;
    l->net.mode = NET_ADVISE;
    l->patterns = pattern_files_load(pattern_files_usual(), why);
    if (!l->patterns)
        fail_msg("%s", why);
    l->engine = engine_new(&l->net);
    l->ms = ms - 600 * 1000;
    lines_step(l, (struct event){.kind = EVENT_START, .start = {.wall = {l->ms * NS_PER_MS}}});
    lines_run(l, ms);
    return l;
}

static inline void lines_close(struct lines *l)
{
    engine_free(l->engine);
    syslog_patterns_free(l->patterns);
    free(l);
}

#define LINES_AT(h, m, s) ((((h)*60 + (m)) * 60 + (s)) * 1000ll)
