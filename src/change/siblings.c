// SPDX-License-Identifier: ISC
#include "change/siblings.h"

#include "change/hashed.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES_MAX = 24 };  // of one statement that are tried: its last words

enum mark {
    MARK_COMMON = 1,     // every sibling has it
    MARK_VARIES = 2,     // every sibling has one of its own, as it should be
    MARK_EXPLAINED = 4,  // part of a finding
};

// One statement of one sibling, under a number that it shares with what it is
// compared with.
struct entry {
    uint64_t key, value;
    uint32_t statement;
    uint16_t place;
    uint16_t sibling;
};

struct comparison {
    const struct sibling *siblings;
    uint32_t count;
    struct hashed *now;     // of each sibling
    struct hashed *before;  // likewise, where known
    struct entry *entries;
    size_t entry_count, entry_room;
    struct sibling_findings *findings;
};

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    if (x->sibling != y->sibling)
        return x->sibling < y->sibling ? -1 : 1;
    return x->statement < y->statement ? -1 : x->statement > y->statement;
}

static uint64_t bit(uint32_t sibling)
{
    return UINT64_C(1) << sibling;
}

static uint32_t size_of(uint64_t set)
{
    return (uint32_t)__builtin_popcountll(set);
}

static void mark(struct comparison *c, const struct entry *entry, enum mark with)
{
    c->now[entry->sibling].marks[entry->statement] |= (uint8_t)with;
}

// ---- entries

static bool add(struct comparison *c, struct entry entry)
{
    if (c->entry_count == c->entry_room) {
        size_t room = c->entry_room > 0 ? c->entry_room * 2 : 1024;
        struct entry *grown = realloc(c->entries, room * sizeof entry);
        if (!grown)
            return false;
        c->entries = grown;
        c->entry_room = room;
    }
    c->entries[c->entry_count++] = entry;
    return true;
}

// How the statements of one sibling become entries.
typedef bool (*entries_of)(struct comparison *c, uint16_t sibling, uint32_t statement);

static bool add_whole(struct comparison *c, uint16_t sibling, uint32_t statement)
{
    uint64_t whole = c->now[sibling].statements[statement];
    return add(c, (struct entry){whole, whole, statement, 0, sibling});
}

static bool add_skeleton(struct comparison *c, uint16_t sibling, uint32_t statement)
{
    const struct hashed *h = &c->now[sibling];
    return add(c, (struct entry){hashed_skeleton(h, statement), h->statements[statement], statement,
                                 0, sibling});
}

static bool add_masked(struct comparison *c, uint16_t sibling, uint32_t statement)
{
    const struct hashed *h = &c->now[sibling];
    const struct config_statement *s = &h->config->statements[statement];
    uint32_t end = s->depth_words + s->word_count;
    for (uint32_t place = end > PLACES_MAX ? end - PLACES_MAX : 0; place < end; place++) {
        struct entry entry = {.key = hashed_without(h, statement, place),
                              .value = h->words[hashed_word_at(h, statement, place)],
                              .statement = statement,
                              .place = (uint16_t)place,
                              .sibling = sibling};
        if (c->entry_count >= SIBLING_ENTRIES_MAX)
            c->findings->is_partial = true;
        else if (!add(c, entry))
            return false;
    }
    return true;
}

// Of every leaf without any of these marks; sorted.
static bool collect(struct comparison *c, entries_of add_all, uint8_t without)
{
    c->entry_count = 0;
    for (uint16_t i = 0; i < c->count; i++)
        for (uint32_t s = 0; s < c->now[i].config->statement_count; s++)
            if (!c->now[i].config->statements[s].is_block && !(c->now[i].marks[s] & without) &&
                !add_all(c, i, s))
                return false;
    if (c->entry_count > 0)
        qsort(c->entries, c->entry_count, sizeof *c->entries, by_key);
    return true;
}

// ---- findings

static uint64_t word_hash(const struct comparison *c, const struct sibling_place *place)
{
    const struct hashed *h = &c->now[place->sibling];
    uint32_t word = hashed_word_at(h, place->statement, place->word);
    return word == CONFIG_NONE ? 0 : h->words[word];
}

static uint64_t root_hash(const struct comparison *c, const struct sibling_place *place)
{
    const struct hashed *h = &c->now[place->sibling];
    return h->statements[hashed_root(h, place->statement)];
}

// One more of the same difference: the same words, or statements of the same
// block.
static bool is_alike(const struct comparison *c, const struct sibling_finding *a,
                     const struct sibling_finding *b)
{
    if (a->kind != b->kind || a->odd != b->odd)
        return false;
    if (a->kind == SIBLING_WORD)
        return word_hash(c, &a->at) == word_hash(c, &b->at) &&
               word_hash(c, &a->usual_at) == word_hash(c, &b->usual_at);
    if (a->kind == SIBLING_MISSING)
        return root_hash(c, &a->usual_at) == root_hash(c, &b->usual_at);
    return a->kind == SIBLING_EXTRA && root_hash(c, &a->at) == root_hash(c, &b->at);
}

static uint32_t statement_of(const struct sibling_finding *finding)
{
    return finding->kind == SIBLING_MISSING ? finding->usual_at.statement : finding->at.statement;
}

// Of those that are alike the first in the file stands for all.
static void join(struct sibling_finding *finding, const struct sibling_finding *more)
{
    uint32_t alike = finding->alike + 1;
    if (statement_of(more) < statement_of(finding))
        *finding = *more;
    finding->alike = alike;
}

static void put(struct comparison *c, const struct sibling_finding *finding)
{
    struct sibling_findings *f = c->findings;
    for (uint32_t i = 0; i < f->count; i++)
        if (is_alike(c, &f->items[i], finding)) {
            join(&f->items[i], finding);
            return;
        }
    if (f->count < SIBLING_FINDINGS_MAX)
        f->items[f->count++] = *finding;
    else
        f->more++;
}

// ---- what is compared

// Entries of one key: those of one value are `values` runs.
struct group {
    const struct entry *entries;
    size_t count;
    uint64_t members;  // siblings that have any
};

struct run {
    size_t first, count;
    uint64_t siblings;
};

static struct run run_at(const struct group *g, size_t first)
{
    struct run run = {.first = first};
    while (first + run.count < g->count &&
           g->entries[first + run.count].value == g->entries[first].value)
        run.siblings |= bit(g->entries[first + run.count++].sibling);
    return run;
}

static bool is_usual(const struct group *g, const struct run *run)
{
    return size_of(run->siblings) * 2 > size_of(g->members);
}

static void mark_all(struct comparison *c, const struct group *g, enum mark with)
{
    for (size_t i = 0; i < g->count; i++)
        mark(c, &g->entries[i], with);
}

static struct sibling_place place_of(const struct group *g, size_t at)
{
    const struct entry *e = &g->entries[at];
    return (struct sibling_place){e->sibling, e->statement, e->place};
}

// The only usual run that this sibling lacks, and the only unusual one that it
// has; false: there are several, or none.
static bool find_pair(const struct group *g, uint32_t sibling, struct run *usual, struct run *odd)
{
    uint32_t lacks = 0, has = 0;
    for (size_t at = 0; at < g->count;) {
        struct run run = run_at(g, at);
        bool its = (run.siblings & bit(sibling)) != 0;
        if (is_usual(g, &run) && !its) {
            *usual = run;
            lacks++;
        } else if (!is_usual(g, &run) && its) {
            *odd = run;
            has++;
        }
        at += run.count;
    }
    return lacks == 1 && has == 1;
}

// Where one of these has it.
static struct sibling_place place_in(const struct group *g, const struct run *run, uint64_t set)
{
    size_t at = run->first;
    while (at + 1 < run->first + run->count && !(set & bit(g->entries[at].sibling)))
        at++;
    return place_of(g, at);
}

static void find_odd(struct comparison *c, const struct group *g, uint64_t deviants,
                     enum sibling_kind kind)
{
    uint64_t done = 0;
    for (uint32_t sibling = 0; sibling < c->count; sibling++) {
        struct run usual = {0}, odd = {0};
        if (!(deviants & ~done & bit(sibling)) || !find_pair(g, sibling, &usual, &odd))
            continue;
        done |= odd.siblings;
        put(c, &(struct sibling_finding){.kind = kind,
                                         .odd = odd.siblings & deviants,
                                         .usual = usual.siblings,
                                         .at = place_in(g, &odd, deviants),
                                         .usual_at = place_of(g, usual.first)});
        for (size_t i = 0; i < usual.count; i++)
            mark(c, &g->entries[usual.first + i], MARK_EXPLAINED);
        for (size_t i = 0; i < odd.count; i++)
            mark(c, &g->entries[odd.first + i], MARK_EXPLAINED);
    }
}

static void look_at_group(struct comparison *c, const struct group *g, enum sibling_kind kind)
{
    uint64_t deviants = 0;
    bool any_usual = false;
    uint32_t members = size_of(g->members);
    if (members < SIBLINGS_MIN || members * 2 <= c->count)
        return;
    for (size_t at = 0; at < g->count;) {
        struct run run = run_at(g, at);
        if (is_usual(g, &run)) {
            any_usual = true;
            deviants |= g->members & ~run.siblings;
        }
        at += run.count;
    }
    if (!any_usual || size_of(deviants) * 2 >= members)
        mark_all(c, g, MARK_VARIES);
    else if (deviants)
        find_odd(c, g, deviants, kind);
}

static void look_at_groups(struct comparison *c, enum sibling_kind kind)
{
    for (size_t first = 0; first < c->entry_count;) {
        struct group g = {.entries = c->entries + first};
        while (first + g.count < c->entry_count && g.entries[g.count].key == g.entries[0].key)
            g.members |= bit(g.entries[g.count++].sibling);
        look_at_group(c, &g, kind);
        first += g.count;
    }
}

// Statements as a whole: what all have, or, later, what most or few have.
static void look_at_whole(struct comparison *c, bool only_common)
{
    uint64_t all = c->count == 64 ? UINT64_MAX : bit(c->count) - 1;
    for (size_t first = 0; first < c->entry_count;) {
        const struct group g = {.entries = c->entries + first, .count = c->entry_count - first};
        struct run run = run_at(&g, 0);
        uint32_t have = size_of(run.siblings);
        struct sibling_place place = place_of(&g, 0);
        for (size_t i = 0; run.siblings == all && i < run.count; i++)
            mark(c, &g.entries[i], MARK_COMMON);
        if (!only_common && have * 2 > c->count)
            put(c, &(struct sibling_finding){.kind = SIBLING_MISSING,
                                             .odd = all & ~run.siblings,
                                             .usual = run.siblings,
                                             .usual_at = place});
        else if (!only_common && have * 2 < c->count)
            put(c, &(struct sibling_finding){.kind = SIBLING_EXTRA,
                                             .odd = run.siblings,
                                             .usual = all & ~run.siblings,
                                             .at = place});
        first += run.count;
    }
}

// ---- how much it looks like a mistake

static bool read_number(struct config_word word, uint64_t *number)
{
    *number = 0;
    for (uint32_t i = 0; i < word.size; i++) {
        if (word.at[i] < '0' || word.at[i] > '9' || i > 17)
            return false;
        *number = *number * 10 + (uint64_t)(word.at[i] - '0');
    }
    return word.size > 0;
}

// 15 and 150, 1500 and 150: a digit was lost or doubled.
static bool is_slip(uint64_t a, uint64_t b)
{
    uint64_t less = a < b ? a : b, more = a < b ? b : a;
    return less > 0 && (more / 10 == less || more / 100 == less);
}

static struct config_word word_of(const struct hashed *h, const struct sibling_place *place)
{
    uint32_t word = hashed_word_at(h, place->statement, place->word);
    return word == CONFIG_NONE ? (struct config_word){"", 0} : h->config->words[word];
}

static void weigh(const struct comparison *c, struct sibling_finding *f)
{
    static const uint32_t base[SIBLING_KINDS] = {60, 50, 40, 30};
    f->weight = base[f->kind] + (f->is_new ? 20 : 0);
    uint64_t odd, usual;
    if (f->kind != SIBLING_WORD || !read_number(word_of(&c->now[f->at.sibling], &f->at), &odd) ||
        !read_number(word_of(&c->now[f->usual_at.sibling], &f->usual_at), &usual))
        return;
    f->weight += is_slip(odd, usual) ? 30 : 15;
}

// What the odd one had there before.
static void look_before(const struct comparison *c, struct sibling_finding *f)
{
    uint32_t sibling =
        f->kind == SIBLING_MISSING ? (uint32_t)__builtin_ctzll(f->odd) : f->at.sibling;
    const struct sibling_place *place = f->kind == SIBLING_MISSING ? &f->usual_at : &f->at;
    const struct hashed *before = &c->before[sibling], *now = &c->now[place->sibling];
    if (!before->config)
        return;
    uint64_t whole = now->statements[place->statement];
    uint64_t without = hashed_without(now, place->statement, place->word);
    bool had_it = false;
    for (uint32_t s = 0; s < before->config->statement_count; s++) {
        had_it |= before->statements[s] == whole;
        uint32_t word = hashed_word_at(before, s, place->word);
        if (f->kind == SIBLING_WORD && word != CONFIG_NONE &&
            hashed_without(before, s, place->word) == without)
            f->was = before->config->words[word];
    }
    f->is_new = f->kind == SIBLING_MISSING ? had_it : !had_it;
}

static int by_weight(const void *a, const void *b)
{
    const struct sibling_finding *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    if (x->alike != y->alike)
        return x->alike > y->alike ? -1 : 1;
    if (x->at.statement != y->at.statement)
        return x->at.statement < y->at.statement ? -1 : 1;
    if (x->usual_at.statement != y->usual_at.statement)
        return x->usual_at.statement < y->usual_at.statement ? -1 : 1;
    return x->at.sibling < y->at.sibling ? -1 : x->at.sibling > y->at.sibling;
}

// ---- all of it

static bool read_all(struct comparison *c)
{
    c->now = calloc(c->count, sizeof *c->now);
    c->before = calloc(c->count, sizeof *c->before);
    bool good = c->now && c->before;
    for (uint32_t i = 0; good && i < c->count; i++) {
        good = hashed_read(&c->now[i], c->siblings[i].now, c->siblings[i].name);
        if (good && c->siblings[i].before)
            good = hashed_read(&c->before[i], c->siblings[i].before, c->siblings[i].name);
    }
    return good;
}

static bool compare(struct comparison *c)
{
    if (!collect(c, add_whole, 0))
        return false;
    look_at_whole(c, true);
    if (!collect(c, add_masked, MARK_COMMON))
        return false;
    if (!c->findings->is_partial)
        look_at_groups(c, SIBLING_WORD);
    if (!collect(c, add_skeleton, MARK_COMMON | MARK_VARIES | MARK_EXPLAINED))
        return false;
    look_at_groups(c, SIBLING_STATEMENT);
    if (!collect(c, add_whole, MARK_COMMON | MARK_VARIES | MARK_EXPLAINED))
        return false;
    look_at_whole(c, false);
    return true;
}

bool siblings_compare(const struct sibling *siblings, uint32_t count,
                      struct sibling_findings *findings)
{
    struct comparison c = {.siblings = siblings, .count = count, .findings = findings};
    findings->count = findings->more = 0;
    findings->is_partial = false;
    if (count < SIBLINGS_MIN || count > SIBLINGS_MAX)
        return true;
    bool good = read_all(&c) && compare(&c);
    for (uint32_t i = 0; good && i < findings->count; i++) {
        look_before(&c, &findings->items[i]);
        weigh(&c, &findings->items[i]);
    }
    if (good)
        qsort(findings->items, findings->count, sizeof findings->items[0], by_weight);
    for (uint32_t i = 0; i < count; i++) {
        if (c.now)
            hashed_done(&c.now[i]);
        if (c.before)
            hashed_done(&c.before[i]);
    }
    free(c.now);
    free(c.before);
    free(c.entries);
    return good;
}
