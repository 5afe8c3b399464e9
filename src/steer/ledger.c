// SPDX-License-Identifier: ISC
#include "steer/ledger.h"

#include "base/fetch.h"
#include "base/wordhash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { HEADS_EACH = 4 };  // who is sought and does not stand meets few others, each a kilobyte away

const struct ledger_limits ledger_limits = {
    .per_router = STEER_ROUTES_PER_ROUTER_MAX,
    .per_family = STEER_ROUTES_PER_FAMILY_MAX,
    .all = STEER_ROUTES_MAX,
    .exits_per_router = STEER_EXITS_PER_ROUTER_MAX,
    .own_per_router = STEER_OWN_PER_ROUTER_MAX,
    .acts_per_minute = STEER_ACTS_PER_MINUTE_MAX,
    .acts_prefixes = STEER_ACTS_PREFIXES_MAX,
};

static_assert(sizeof(struct standing) == 192, "three cache lines");

// Each of our own has communities of its own.
static bool same_as_own(const struct permit *a, const struct permit *b)
{
    return prefix_equal(a->prefix, b->prefix) &&
           memcmp(a->stances, b->stances, sizeof a->stances) == 0;
}

bool permit_same_attributes(const struct permit *a, const struct permit *b)
{
    return a->kind == b->kind && a->router == b->router && a->upstream == b->upstream &&
           a->prefix.address.family == b->prefix.address.family &&
           address_equal(a->next_hop, b->next_hop) && a->local_pref == b->local_pref &&
           a->no_export == b->no_export && memcmp(&a->marker, &b->marker, sizeof a->marker) == 0 &&
           (a->kind != PERMIT_OWN || same_as_own(a, b)) && a->origin == b->origin &&
           a->as_path_size == b->as_path_size &&
           (a->as_path_size == 0 || memcmp(a->as_path, b->as_path, a->as_path_size) == 0);
}

bool permit_equal(const struct permit *a, const struct permit *b)
{
    return prefix_equal(a->prefix, b->prefix) && permit_same_attributes(a, b);
}

// With its path, which becomes the ledger's own.
static void copy_permit(struct ledger *ledger, uint32_t place, const struct permit *from)
{
    struct standing *to = &ledger->standings[place];
    uint8_t *path = to->as_path;
    assert(from->as_path_size <= PERMIT_AS_PATH_BYTES_MAX);
    if (from->as_path_size > sizeof to->as_path)
        path = ledger->long_paths + (size_t)place * PERMIT_AS_PATH_BYTES_MAX;
    if (from->as_path_size > 0)
        memcpy(path, from->as_path, from->as_path_size);
    to->permit = *from;
    to->permit.as_path = path;
}

static void copy_standing(struct ledger *ledger, uint32_t to, uint32_t from)
{
    const struct standing *copied = &ledger->standings[from];
    ledger->standings[to].next = copied->next;
    ledger->standings[to].said = copied->said;
    ledger->standings[to].heard = copied->heard;
    ledger->standings[to].word = copied->word;
    ledger->standings[to].asked = copied->asked;
    copy_permit(ledger, to, &copied->permit);
}

uint32_t ledger_router_room(const struct ledger_limits *limits)
{
    return limits->per_router + limits->exits_per_router + limits->own_per_router;
}

// Zeroes from the beginning of a cache line on; there, not only promised by the kernel.
static void *lines_new(size_t count, size_t size)
{
    enum { LINE = 64 };
    size_t bytes = (count * size + LINE - 1) / LINE * LINE;
    void *memory = aligned_alloc(LINE, bytes);
    if (memory)
        memset(memory, 0, bytes);
    return memory;
}

struct ledger *ledger_new(const struct ledger_limits *limits)
{
    uint32_t room =
        limits->all + NET_ROUTERS_MAX * (limits->exits_per_router + limits->own_per_router);
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        return NULL;
    ledger->limits = *limits;
    ledger->room = room;
    ledger->head_count = 1;
    while (ledger->head_count < room * (uint64_t)HEADS_EACH)
        ledger->head_count *= 2;
    ledger->heads = lines_new(ledger->head_count, sizeof *ledger->heads);
    ledger->standings = lines_new(room, sizeof *ledger->standings);
    ledger->long_paths = calloc(room, PERMIT_AS_PATH_BYTES_MAX);
    ledger->acts = acts_new(limits->acts_prefixes);
    if (ledger->heads && ledger->standings && ledger->long_paths && ledger->acts)
        return ledger;
    ledger_free(ledger);
    return NULL;
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger)
        return;
    acts_free(ledger->acts);
    free(ledger->heads);
    free(ledger->standings);
    free(ledger->long_paths);
    free(ledger);
}

// The gate decides what comes in here, and how much: the hash needs no secret.
static uint32_t *head_of(const struct ledger *ledger, uint32_t router, struct prefix prefix)
{
    uint64_t words[2];
    memcpy(words, prefix.address.bytes, sizeof words);
    uint64_t hash = wordhash_mix(wordhash_mix(0, words[0]), words[1]);
    hash = wordhash_mix(hash, (router * FAMILIES + prefix.address.family) << 8 | prefix.length);
    return &ledger->heads[hash & (ledger->head_count - 1)];
}

static uint32_t place_of(const struct ledger *ledger, const struct standing *standing)
{
    size_t place = (size_t)(standing - ledger->standings);
    assert(place < ledger->count);
    return (uint32_t)place;
}

// What leads to this place: the head of its hash, or the one before it.
static uint32_t *link_to(struct ledger *ledger, uint32_t place)
{
    const struct permit *permit = &ledger->standings[place].permit;
    uint32_t *link = head_of(ledger, permit->router, permit->prefix);
    while (*link != place + 1)
        link = &ledger->standings[*link - 1].next;
    return link;
}

const struct standing *ledger_find(const struct ledger *ledger, uint32_t router,
                                   struct prefix prefix)
{
    for (uint32_t at = *head_of(ledger, router, prefix); at != 0;) {
        const struct standing *standing = &ledger->standings[at - 1];
        if (standing->permit.router == router && prefix_equal(standing->permit.prefix, prefix))
            return standing;
        at = standing->next;
    }
    return NULL;
}

// The heads first, then, when they all are there, what they name.
struct heads {
    const uint32_t *of[LEDGER_EXPECT_MAX];
};

static void expect_head(const struct ledger *ledger, const struct act *act, const uint32_t **head)
{
    *head = head_of(ledger, act->router, act->prefix);
    fetch_to_write(*head);
}

static void expect_named(const struct ledger *ledger, const struct heads *heads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (*heads->of[i] != 0)
            ledger_fetch(ledger, *heads->of[i] - 1);
}

void ledger_expect_acts(const struct ledger *ledger, const struct act *acts, size_t count)
{
    struct heads heads = {0};
    assert(count <= LEDGER_EXPECT_MAX);
    for (size_t i = 0; i < count; i++) {
        expect_head(ledger, &acts[i], &heads.of[i]);
        ledger_fetch(ledger, ledger->count + i);
        acts_expect(ledger->acts, &acts[i]);
    }
    expect_named(ledger, &heads, count);
}

// The last ones will take their places, found by their heads in turn.
void ledger_expect_strikes(const struct ledger *ledger, const struct act *acts, size_t count)
{
    struct heads heads = {0};
    assert(count <= LEDGER_EXPECT_MAX);
    size_t lasts = count < ledger->count ? count : ledger->count;
    for (size_t i = 0; i < lasts; i++)
        ledger_fetch(ledger, ledger->count - 1 - i);
    for (size_t i = 0; i < count; i++)
        expect_head(ledger, &acts[i], &heads.of[i]);
    expect_named(ledger, &heads, count);
    for (size_t i = 0; i < lasts; i++) {
        const struct permit *last = &ledger->standings[ledger->count - 1 - i].permit;
        fetch_to_write(head_of(ledger, last->router, last->prefix));
    }
}

static uint32_t *unsaid(struct ledger *ledger, const struct permit *permit)
{
    return &ledger->unsaid[permit->router][permit->prefix.address.family];
}

static void set_said(struct ledger *ledger, struct standing *standing, bool said)
{
    if (standing->said != said)
        *unsaid(ledger, &standing->permit) += said ? UINT32_MAX : 1;  // one fewer, or one more
    standing->said = said;
}

static void count_one(struct ledger *ledger, const struct permit *permit, uint32_t more)
{
    enum family family = permit->prefix.address.family;
    ledger->counts[permit->kind][permit->router][family] += more;
    ledger->counts[permit->kind][NET_ROUTERS_MAX][family] += more;
}

static struct standing *enter(struct ledger *ledger, const struct permit *permit)
{
    assert(ledger->count < ledger->room);
    uint32_t *head = head_of(ledger, permit->router, permit->prefix);
    struct standing *standing = &ledger->standings[ledger->count++];
    standing->said = true;
    standing->heard = false;
    standing->word = STANDING_UNTOLD;
    standing->permit.router = permit->router;
    standing->permit.prefix = permit->prefix;
    standing->next = *head;
    *head = ledger->count;
    count_one(ledger, permit, 1);
    return standing;
}

static bool put(struct ledger *ledger, const struct standing *found, const struct permit *permit)
{
    if (found && permit_equal(&found->permit, permit))
        return false;
    assert(!found || found->permit.kind == permit->kind);  // their prefixes are apart
    struct standing *standing =
        found ? &ledger->standings[place_of(ledger, found)] : enter(ledger, permit);
    copy_permit(ledger, place_of(ledger, standing), permit);
    set_said(ledger, standing, false);
    standing->asked = 0;
    return true;
}

void ledger_asked(struct ledger *ledger, const struct standing *standing, enum standing_word word)
{
    struct standing *asked = &ledger->standings[place_of(ledger, standing)];
    asked->word = (uint8_t)word;
    if (asked->asked < UINT8_MAX)
        asked->asked++;
}

bool ledger_put(struct ledger *ledger, const struct permit *permit)
{
    return put(ledger, ledger_find(ledger, permit->router, permit->prefix), permit);
}

// A stance of an own prefix is changed in place: that has a limit of its own.
bool ledger_act(struct ledger *ledger, const struct permit *permit, struct mono now)
{
    const struct standing *found = ledger_find(ledger, permit->router, permit->prefix);
    bool is_act =
        !found || (permit->kind != PERMIT_OWN && found->permit.upstream != permit->upstream);
    if (is_act)
        acts_note(ledger->acts, &(struct act){permit->router, permit->prefix}, now);
    if (is_act && permit->kind != PERMIT_OWN)
        acts_note_move(ledger->acts, now);
    for (uint32_t stance = 0; permit->kind == PERMIT_OWN && stance < NET_STANCES; stance++)
        for (uint32_t upstream = 0; upstream < NET_UPSTREAMS_MAX; upstream++)
            if (permit->stances[stance] >> upstream & 1)
                acts_note_stance(ledger->acts,
                                 &(struct act_stance){permit->prefix, upstream, stance}, now);
    return put(ledger, found, permit);
}

void ledger_strike(struct ledger *ledger, const struct standing *struck)
{
    uint32_t place = place_of(ledger, struck), last = ledger->count - 1;
    struct standing *standing = &ledger->standings[place];
    const struct permit *permit = &standing->permit;
    set_said(ledger, standing, true);
    count_one(ledger, permit, UINT32_MAX);
    *link_to(ledger, place) = standing->next;
    if (place != last) {
        *link_to(ledger, last) = place + 1;
        copy_standing(ledger, place, last);
    }
    ledger->count = last;
}

void ledger_said(struct ledger *ledger, const struct standing *standing)
{
    struct standing *own = &ledger->standings[place_of(ledger, standing)];
    own->heard = true;
    set_said(ledger, own, true);
}

void ledger_heard(struct ledger *ledger, const struct standing *standing)
{
    ledger->standings[place_of(ledger, standing)].heard = true;
}

void ledger_say_again(struct ledger *ledger, uint32_t router, enum family family)
{
    for (uint32_t place = 0; place < ledger->count; place++) {
        const struct permit *permit = &ledger->standings[place].permit;
        if (permit->router == router && permit->prefix.address.family == family)
            set_said(ledger, &ledger->standings[place], false);
    }
}

uint32_t ledger_count(const struct ledger *ledger, enum permit_kind kind, uint32_t router,
                      enum family family)
{
    const uint32_t *counts = ledger->counts[kind][router == NET_NOBODY ? NET_ROUTERS_MAX : router];
    return family == FAMILY_NONE ? counts[FAMILY_IPV4] + counts[FAMILY_IPV6] : counts[family];
}
