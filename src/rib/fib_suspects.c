// SPDX-License-Identifier: ISC
#include "rib/fib_suspects.h"

#include "rib/fib_inside.h"

#include <stdio.h>
#include <string.h>

struct fib_key fib_key_of(enum fib_subject subject, uint32_t number, struct address address)
{
    struct fib_key key = {
        .subject = (uint8_t)subject, .family = (uint8_t)address.family, .number = number};
    memcpy(key.bytes, address.bytes, sizeof key.bytes);
    return key;
}

static struct fib_key key_of_prefix(struct prefix prefix)
{
    struct fib_key key = fib_key_of(FIB_PREFIX, 0, prefix.address);
    key.length = prefix.length;
    return key;
}

struct prefix fib_key_prefix(const struct fib_key *key)
{
    if (key->subject != FIB_PREFIX)
        return (struct prefix){0};
    struct address address = {.family = (enum family)key->family};
    memcpy(address.bytes, key->bytes, sizeof address.bytes);
    return (struct prefix){address, key->length};
}

static void name_subject(const struct fib *fib, const struct fib_key *key, char *text)
{
    char name[KERNEL_NAME_MAX], gateway[ADDRESS_TEXT_MAX];
    struct address address = {.family = (enum family)key->family};
    memcpy(address.bytes, key->bytes, sizeof address.bytes);
    switch ((enum fib_subject)key->subject) {
    case FIB_PREFIX:
        text[0] = '\0';
        return;
    case FIB_OBJECT:
        snprintf(text, FIB_SUBJECT_MAX, "nexthop %u", key->number);
        return;
    case FIB_LINK:
        snprintf(text, FIB_SUBJECT_MAX, "%s", fib_link_name(&fib->state, key->number, name));
        return;
    case FIB_GATEWAY:
        snprintf(text, FIB_SUBJECT_MAX, "%s %s", address_format(address, gateway),
                 fib_link_name(&fib->state, key->number, name));
        return;
    case FIB_POLICY:
        snprintf(text, FIB_SUBJECT_MAX, "rule %u %s", key->number,
                 family_name((enum family)key->family));
        return;
    }
}

void fib_suspect_finding(const struct fib *fib, const struct fib_suspect *s,
                         struct fib_finding *finding)
{
    *finding = (struct fib_finding){
        .verdict = s->verdict,
        .stands = true,
        .prefix = fib_key_prefix(&s->key),
        .count = s->key.subject == FIB_PREFIX ? 1 : s->count,
        .total = fib->counts.chosen,
        .since = s->since,
    };
    name_subject(fib, &s->key, finding->subject);
    snprintf(finding->text, sizeof finding->text, "%s", s->text);
}

static void tell(struct fib *fib, const struct fib_suspect *s, bool stands)
{
    struct fib_finding finding;
    fib_suspect_finding(fib, s, &finding);
    finding.stands = stands;
    fib->options.tell(fib->options.context, &finding);
}

// It is over, or has become something else.
static void tell_over(struct fib *fib, struct fib_suspect *s)
{
    if (!s->is_told)
        return;
    fib->found[s->verdict] -= s->key.subject == FIB_PREFIX;
    fib->named[s->verdict] -= s->is_named && s->key.subject == FIB_PREFIX;
    if (s->is_named)
        tell(fib, s, false);
    s->is_told = s->is_named = false;
}

// Objects and links: under suspicion as long as a walk finds a prefix that suffers.
static bool is_counted(const struct fib_key *key)
{
    return key->subject == FIB_OBJECT || key->subject == FIB_LINK;
}

static void drop(struct fib *fib, struct fib_suspect *s)
{
    fib->things -= is_counted(&s->key);
    tell_over(fib, s);
    keyed_drop(&fib->suspects, s);
}

static void tell_first(struct fib *fib, struct fib_suspect *s)
{
    s->is_told = true;
    if (s->key.subject == FIB_PREFIX) {
        fib->found[s->verdict]++;
        s->is_named = fib->named[s->verdict] < FIB_TOLD_MAX;
        fib->named[s->verdict] += s->is_named;
    } else {
        s->is_named = true;
    }
    if (s->is_named)
        tell(fib, s, true);
}

// What was mended before it was told.
static void tell_moment(struct fib *fib, struct mono now, struct fib_suspect *s, uint32_t mended_by)
{
    size_t size = strlen(s->text);
    snprintf(s->text + size, sizeof s->text - size,
             "; for %lld ms, changed by netlink port %u, mended by %u",
             (long long)(mono_since_ns(now, s->since) / NS_PER_MS), s->broken_by, mended_by);
    tell(fib, s, true);
    tell(fib, s, false);
}

// Broken by one and mended by another within the time that we give BGP: a daemon that replaces its
// own route in two steps does both itself.
static void tell_blip(struct fib *fib, struct mono now, struct fib_suspect *s,
                      const struct fib_cause *cause)
{
    bool is_blip = !s->is_told && cause->by_kernel && s->broken_by != 0 && cause->port != 0 &&
                   cause->port != s->broken_by && !s->by_bgp && !s->is_sequel &&
                   fib->young <= FIB_BUSY;
    if (is_blip)
        tell_moment(fib, now, s, cause->port);
}

// The same of an object that came back with its routes.
static void tell_object_blip(struct fib *fib, struct mono now, struct fib_suspect *s)
{
    const struct fib_nexthop *object = fib_nexthop(&fib->state, s->key.number);
    bool is_blip = s->key.subject == FIB_OBJECT && !s->is_told && object && !object->is_gone &&
                   object->gone_by != 0 && object->made_by != 0 &&
                   object->gone_by != object->made_by && s->example.address.family != FAMILY_NONE;
    if (!is_blip)
        return;
    s->broken_by = object->gone_by;
    tell_moment(fib, now, s, object->made_by);
}

// The verdict with what only those who watched can know: that the router withdrew what the kernel
// still forwards by.
static enum fib_verdict verdict_of(struct fib *fib, const struct fib_view *view,
                                   const struct fib_suspect *known, const struct fib_cause *cause)
{
    if (view->verdict != FIB_UNKNOWN || !view->is_unexplained)
        return view->verdict;
    // One that did not follow BGP before the path was withdrawn has not done so by withdrawing it.
    bool is_as_it_was = known && known->attributes == view->path.attributes;
    if (cause->withdrawn.family != FAMILY_NONE)
        return (is_as_it_was && known->by_bgp) || fib_leads_to(fib, &view->route, cause->withdrawn)
                   ? FIB_STALE
                   : FIB_UNKNOWN;
    return is_as_it_was && known->verdict == FIB_STALE ? FIB_STALE : FIB_UNKNOWN;
}

// One finding stands for all prefixes whose routes went with the object, or lead over the link.
static void suspect_thing_of(struct fib *fib, struct mono now, const struct fib_view *view,
                             const struct fib_cause *cause)
{
    bool is_object = view->verdict == FIB_NEXTHOP_GONE;
    struct fib_key key =
        fib_key_of(is_object ? FIB_OBJECT : FIB_LINK, view->number, (struct address){0});
    struct fib_suspect *s = keyed_find(&fib->suspects, &key);
    if (!s || s->example.address.family == FAMILY_NONE) {
        char text[FIB_TEXT_MAX];
        fib_say(fib, view, text);
        s = fib_suspect_thing(fib, now, &key, view->verdict, text);
    }
    if (s)
        s->example = view->prefix;
    if (s && cause->by_walk)
        s->counting++;
    else
        fib_walk_soon(fib, now);
}

void fib_suspect_object(struct fib *fib, struct mono now, const struct fib_view *view)
{
    suspect_thing_of(fib, now, view, &(struct fib_cause){0});
}

static bool is_wrong(enum fib_verdict verdict)
{
    return verdict != FIB_MATCH && verdict != FIB_UNKNOWN;
}

static void note(struct fib *fib, struct mono now, struct fib_suspect *s,
                 const struct fib_view *view, const struct fib_cause *cause)
{
    uint32_t attributes = view->has_route ? view->path.attributes : 0;
    bool is_new = s->since.ns == 0;
    if (is_new) {
        s->since = now;
        s->by_dump = !cause->by_bgp && !cause->by_kernel;
        s->audits = fib->audits[view->prefix.address.family];
    }
    if (is_new || cause->by_bgp || cause->by_kernel || s->attributes != attributes)
        s->changed_at = now;
    if (cause->by_kernel)
        s->broken_by = cause->port;
    s->by_bgp |= cause->by_bgp;
    s->attributes = attributes;
    s->walk = fib->walks;
}

static void put_in_words(struct fib *fib, struct fib_suspect *s, const struct fib_view *view)
{
    char text[FIB_TEXT_MAX];
    struct fib_view said = *view;
    said.verdict = s->verdict;
    fib_say(fib, &said, text);
    bool is_news = strcmp(text, s->text) != 0;
    memcpy(s->text, text, sizeof s->text);
    if (is_news && s->is_named)
        tell(fib, s, true);
}

void fib_suspect_prefix(struct fib *fib, struct mono now, const struct fib_view *view,
                        const struct fib_cause *cause)
{
    if (fib->suspects.count == 0 && !is_wrong(view->verdict) && !view->is_unexplained)
        return;
    struct fib_key key = key_of_prefix(view->prefix);
    struct fib_suspect *s = keyed_find(&fib->suspects, &key);
    enum fib_verdict verdict = verdict_of(fib, view, s, cause);
    bool is_thing = verdict == FIB_NEXTHOP_GONE || verdict == FIB_LINK_DOWN;
    if (s && (is_thing || !is_wrong(verdict))) {
        if (cause->by_kernel)
            fib->mended_at = now;
        tell_blip(fib, now, s, cause);
        drop(fib, s);
    }
    if (is_thing)
        suspect_thing_of(fib, now, view, cause);
    if (is_thing || !is_wrong(verdict))
        return;
    if (s && s->verdict != verdict) {
        s->is_sequel = s->is_told;
        tell_over(fib, s);
        s->since = (struct mono){0};
    }
    s = keyed_make(&fib->suspects, &key);
    if (!s) {
        fib->over_counting[verdict]++;
        return;
    }
    s->verdict = verdict;
    note(fib, now, s, view, cause);
    if (s->changed_at.ns == now.ns)
        put_in_words(fib, s, view);
}

struct fib_suspect *fib_suspect_thing(struct fib *fib, struct mono now, const struct fib_key *key,
                                      enum fib_verdict verdict, const char *text)
{
    struct fib_suspect *s = keyed_make(&fib->suspects, key);
    if (!s)
        return NULL;
    if (s->since.ns == 0) {
        s->since = s->changed_at = now;
        s->verdict = verdict;
        s->walk = fib->walks;
        fib->things += is_counted(key);
    }
    s->is_seen = true;
    snprintf(s->text, sizeof s->text, "%s", text);
    return s;
}

void fib_clear_unseen(struct fib *fib, enum fib_subject subject, enum family family)
{
    for (uint32_t place = fib->suspects.count; place-- > 0;) {
        struct fib_suspect *s = keyed_at(&fib->suspects, place);
        if (s->key.subject != subject || (family != FAMILY_NONE && s->key.family != family))
            continue;
        if (s->is_seen)
            s->is_seen = false;
        else
            drop(fib, s);
    }
}

static void look_again(struct fib *fib, struct mono now, struct prefix prefix)
{
    struct fib_view view;
    fib_compare(fib, prefix, &view);
    fib_suspect_prefix(fib, now, &view, &(struct fib_cause){0});
}

void fib_suspects_walked(struct fib *fib, struct mono now)
{
    for (uint32_t place = fib->suspects.count; place-- > 0;) {
        struct fib_suspect *s = keyed_at(&fib->suspects, place);
        if (s->key.subject == FIB_PREFIX && s->walk != fib->walks)
            look_again(fib, now, fib_key_prefix(&s->key));
        if (!is_counted(&s->key))
            continue;
        s->count = s->counting;
        s->counting = 0;
        if (s->count > 0)
            continue;
        tell_object_blip(fib, now, s);
        drop(fib, s);
    }
    memcpy(fib->over_before, fib->over, sizeof fib->over);
    memcpy(fib->over, fib->over_counting, sizeof fib->over);
    memset(fib->over_counting, 0, sizeof fib->over_counting);
}

static bool needs_walk(const struct fib_suspect *s)
{
    return is_counted(&s->key) || s->key.subject == FIB_GATEWAY;
}

// Whether it has stood long enough, by enough eyes.
static bool is_due(struct fib *fib, struct mono now, const struct fib_suspect *s, bool moves)
{
    if (mono_since_ns(now, s->changed_at) < fib->options.settle_ns)
        return false;
    if (moves && mono_since_ns(now, s->since) < (int64_t)FIB_PATIENCE_S * NS_PER_S)
        return false;
    if (needs_walk(s) && s->count == 0)
        return false;
    // A dump that runs while a table changes may leave out a route: a second one tells.
    if (s->by_dump && s->verdict == FIB_MISSING && fib->audits[s->key.family] == s->audits) {
        fib_audit_soon(fib, now);
        return false;
    }
    return true;
}

static void tell_due(struct fib *fib, struct mono now, bool moves)
{
    for (uint32_t place = fib->suspects.count; place-- > 0;) {
        struct fib_suspect *s = keyed_at(&fib->suspects, place);
        if (s->is_told || !is_due(fib, now, s, moves))
            continue;
        struct fib_key key = s->key;
        if (key.subject == FIB_PREFIX) {
            look_again(fib, now, fib_key_prefix(&key));
            s = keyed_find(&fib->suspects, &key);
        }
        if (s && !s->is_told && is_due(fib, now, s, moves))
            tell_first(fib, s);
    }
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

// How many there are, when they are too many to be named; told again when the number has changed by
// an eighth.
static void tell_sum(struct fib *fib, struct mono now, enum fib_verdict verdict)
{
    uint32_t count = fib->found[verdict] + smaller(fib->over[verdict], fib->over_before[verdict]);
    uint32_t *told = &fib->sums[verdict];
    bool stands = count > FIB_TOLD_MAX;
    uint32_t apart = count > *told ? count - *told : *told - count;
    if (stands ? apart <= *told / 8 && *told > 0 : *told == 0)
        return;
    struct fib_finding finding = {
        .verdict = verdict,
        .stands = stands,
        .count = count,
        .total = fib->counts.chosen,
        .since = now,
    };
    snprintf(finding.subject, sizeof finding.subject, "all");
    snprintf(finding.text, sizeof finding.text, "%u prefixes in all, %u of them told by name",
             count, fib->named[verdict]);
    *told = stands ? count : 0;
    fib->options.tell(fib->options.context, &finding);
}

// A table that moves: many prefixes changed just now, or wait for a kernel that is still at it;
// then until the last has come.
static bool is_busy(struct fib *fib, struct mono now)
{
    uint32_t untold = 0;
    fib->young = 0;
    for (uint32_t place = 0; place < fib->suspects.count; place++) {
        const struct fib_suspect *s = keyed_at(&fib->suspects, place);
        fib->young += mono_since_ns(now, s->changed_at) < fib->options.settle_ns;
        untold += !s->is_told;
    }
    bool is_catching_up = mono_since_ns(now, fib->mended_at) < fib->options.settle_ns;
    fib->moves = fib->young > FIB_BUSY || (is_catching_up && (untold > FIB_BUSY || fib->moves));
    return fib->moves;
}

void fib_suspects_turn(struct fib *fib, struct mono now)
{
    tell_due(fib, now, is_busy(fib, now));
    for (enum fib_verdict verdict = FIB_MISSING; verdict < FIB_VERDICTS; verdict++)
        tell_sum(fib, now, verdict);
}

void fib_suspects_forget(struct fib *fib, struct mono now, const char *why)
{
    while (fib->suspects.count > 0) {
        struct fib_suspect *s = keyed_at(&fib->suspects, fib->suspects.count - 1);
        snprintf(s->text, sizeof s->text, "%s", why);
        drop(fib, s);
    }
    memset(fib->over, 0, sizeof fib->over);
    memset(fib->over_before, 0, sizeof fib->over_before);
    for (enum fib_verdict verdict = FIB_MISSING; verdict < FIB_VERDICTS; verdict++)
        tell_sum(fib, now, verdict);
}
