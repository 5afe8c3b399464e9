// SPDX-License-Identifier: ISC
#include "detect/sources.h"

#include "net/net.h"

#include <stdio.h>

enum {
    USED_TO_REPORTS = 10,
    USED_TO_S = 60,
    SILENT_S_MIN = 30,
    SILENT_PAUSES = 4,
    FORGOTTEN_S = 86400,
    PAUSE_FADE = 64,  // the longest pause shrinks by so much of itself with each report
};

static struct source *find(struct sources *sources, struct address address)
{
    for (uint32_t i = 0; i < sources->count; i++)
        if (address_equal(sources->items[i].address, address))
            return &sources->items[i];
    return NULL;
}

static bool used_to(const struct source *source)
{
    return source->reports >= USED_TO_REPORTS &&
           mono_since_ns(source->heard_at, source->first_at) >= USED_TO_S * (int64_t)NS_PER_S;
}

// A free place, or that of the one longest unheard who never sent for long; NULL.
static struct source *find_place(struct sources *sources)
{
    if (sources->count < SOURCES_MAX)
        return &sources->items[sources->count++];
    struct source *oldest = NULL;
    for (uint32_t i = 0; i < SOURCES_MAX; i++) {
        struct source *source = &sources->items[i];
        if (!used_to(source) && (!oldest || source->heard_at.ns < oldest->heard_at.ns))
            oldest = source;
    }
    return oldest;
}

void sources_heard(struct sources *sources, struct address address, struct mono now)
{
    struct source *source = find(sources, address);
    if (!source) {
        source = find_place(sources);
        if (!source) {
            sources->unwatched++;
            return;
        }
        *source = (struct source){.address = address, .first_at = now};
    }
    int64_t pause_ns = mono_since_ns(now, source->heard_at);
    if (source->reports == 0 || now.ns / NS_PER_S != source->heard_at.ns / NS_PER_S) {
        // What came after a silence is no measure of what is usual.
        if (source->reports > 0 && !source->silent) {
            source->pause_ns -= source->pause_ns / PAUSE_FADE;
            source->pause_ns = pause_ns > source->pause_ns ? pause_ns : source->pause_ns;
        }
        source->reports++;
    }
    source->heard_at = now;
    source->tell |= source->silent;
    source->silent = false;
}

void sources_excuse(struct sources *sources, int64_t ns)
{
    for (uint32_t i = 0; i < sources->count; i++)
        sources->items[i].heard_at = mono_add_ns(sources->items[i].heard_at, ns);
}

static void fill(const struct source *source, struct mono now, struct notice *notice)
{
    *notice = (struct notice){.kind = NOTICE_COUNTERS_SILENT,
                              .raised = source->silent,
                              .router = NET_NOBODY,
                              .since = source->heard_at};
    address_format(source->address, notice->peer);
    if (source->silent)
        snprintf(notice->text, sizeof notice->text,
                 "no counters for %d s, after reports at most %.1f s apart: nothing is known of "
                 "what its servers see",
                 (int)(mono_since_ns(now, source->heard_at) / NS_PER_S),
                 (double)source->pause_ns / NS_PER_S);
}

static bool falls_silent(const struct source *source, struct mono now)
{
    int64_t most_ns = SILENT_PAUSES * source->pause_ns, least_ns = SILENT_S_MIN * (int64_t)NS_PER_S;
    return !source->silent && used_to(source) &&
           mono_since_ns(now, source->heard_at) >= (most_ns > least_ns ? most_ns : least_ns);
}

bool sources_tick(struct sources *sources, struct mono now, struct notice *notice)
{
    for (uint32_t i = 0; i < sources->count; i++) {
        struct source *source = &sources->items[i];
        bool is_old = mono_since_ns(now, source->heard_at) >= FORGOTTEN_S * (int64_t)NS_PER_S;
        if (falls_silent(source, now))
            source->silent = source->tell = true;
        else if (source->silent && is_old) {
            source->silent = false;
            source->tell = true;
        }
        bool tell = source->tell;
        source->tell = false;
        if (tell)
            fill(source, now, notice);
        if (is_old && !source->silent)
            *source = sources->items[--sources->count];
        if (tell)
            return true;
    }
    return false;
}
