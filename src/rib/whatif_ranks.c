// SPDX-License-Identifier: ISC
// A slab's things have one size, so their places follow from their number by one multiplication.
// Sets that come while the question is asked are no concern: no path of a snapshot has them, and
// the slabs of those that a path has cannot go.
#include "rib/whatif_ranks.h"

#include "rib/whatif_inside.h"

#include <stdlib.h>

enum {
    SLABS_A_STEP = 32,
    WORDS_A_STEP = 1 << 18,
    SLOT_BITS = 16,
    MERITS_MAX = WHATIF_MERIT_NONE - 1,  // what is distinct beyond it is read where it counts
    MED_SHIFT = 7,
    MEDS = WHATIF_WORD_MED >> MED_SHIFT,  // codes
};

struct merit {
    uint64_t merit;
    uint32_t number;  // from 1, in the order of arrival
};

// All that are distinct. Numbers first, places by order once all have come.
struct whatif_merits {
    uint32_t count;
    uint16_t slots[1 << SLOT_BITS];  // numbers by hash; 0: empty
    struct merit of[MERITS_MAX];     // by number, from 0
    uint16_t orders[WHATIF_MERIT_NONE + 1];
    uint64_t meds[MEDS];  // one more than the value that has the code; 0: none has
};

// ---- where words lie

// Exact for multiples of the size below SLAB_WORDS: what rounding up adds stays below one.
static uint32_t factor_of(const struct slab *slab)
{
    bool is_alone = slab->size == 0;
    return is_alone ? 0 : ((1u << WHATIF_FACTOR_SHIFT) + slab->item_words - 1) / slab->item_words;
}

static uint32_t things_of(const struct slab *slab)
{
    return slab->size == 0 ? 1 : SLAB_WORDS / slab->item_words;
}

static void place_slabs(struct whatif_ranks *r)
{
    for (uint32_t at = 1; at < r->slab_count; at++) {
        const struct slab *slab = &r->all->set_slabs.slabs[at];
        r->places[at] = (struct whatif_place){r->word_count, factor_of(slab)};
        r->word_count += things_of(slab);
    }
}

bool whatif_ranks_init(struct whatif_ranks *r, const struct attributes *all)
{
    *r = (struct whatif_ranks){.all = all, .slab_count = all->set_slabs.count};
    r->slabs_read = 1;
    r->words_ordered = r->word_count = WHATIF_PLACE_SETS;
    r->places = calloc(r->slab_count, sizeof *r->places);
    r->merits = calloc(1, sizeof *r->merits);
    if (r->places)
        place_slabs(r);
    r->words = calloc(r->word_count, sizeof *r->words);
    if (!r->places || !r->merits || !r->words)
        return false;
    r->words[WHATIF_PLACE_NONE] = WHATIF_WORD_NONE;
    r->words[WHATIF_PLACE_GROUP] = WHATIF_WORD_UNKNOWN;
    return true;
}

void whatif_ranks_done(struct whatif_ranks *r)
{
    free(r->places);
    free(r->merits);
    free(r->words);
}

// ---- words

static uint32_t slot_of(uint64_t merit)
{
    return (uint32_t)(merit * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SLOT_BITS));
}

// 0 when there are too many.
static uint32_t number_of(struct whatif_merits *all, uint64_t merit)
{
    uint32_t slot = slot_of(merit);
    while (all->slots[slot] != 0) {
        if (all->of[all->slots[slot] - 1].merit == merit)
            return all->slots[slot];
        slot = (slot + 1) % (1 << SLOT_BITS);
    }
    if (all->count == MERITS_MAX)
        return 0;
    all->of[all->count] = (struct merit){merit, all->count + 1};
    all->slots[slot] = (uint16_t)++all->count;
    return all->count;
}

// False: another MED has the code.
static bool code_of(struct whatif_merits *all, uint32_t med, uint32_t *code)
{
    *code = med % MEDS;
    if (all->meds[*code] == 0)
        all->meds[*code] = (uint64_t)med + 1;
    return all->meds[*code] == (uint64_t)med + 1;
}

static int32_t word_of(struct whatif *w, uint32_t set)
{
    struct whatif_merits *merits = w->ranks.merits;
    struct attributes_rank rank = rib_rank(w->view, set);
    if (rank.marked)
        return WHATIF_WORD_NONE;
    uint32_t number = number_of(merits, rank.merit), code;
    if (number == 0)
        return WHATIF_WORD_UNKNOWN;
    bool med_is_told = code_of(merits, rank.med, &code);
    uint8_t hop = whatif_hop(w, rank.next_hop, set);
    uint32_t way = hop == WHATIF_HOP_BESIDE ? WHATIF_WORD_OWN_WAY : hop;
    return (int32_t)(number << WHATIF_WORD_MERIT | code << MED_SHIFT |
                     (rank.reflected || !med_is_told ? WHATIF_WORD_READ : 0) | way |
                     (w->drained >> way & 1 ? WHATIF_WORD_DRAINED : 0));
}

// A slab that is another's by now held nothing that a path has.
static void read_slab(struct whatif *w, uint32_t at)
{
    const struct slabs *slabs = &w->ranks.all->set_slabs;
    const struct slab *slab = &slabs->slabs[at];
    struct whatif_place place = w->ranks.places[at];
    uint64_t bits[SLAB_THINGS_MAX / 64];
    if (!slabs->memory[at] || place.factor != factor_of(slab))
        return;
    slabs_in_use(slabs, at, bits);
    for (uint32_t i = 0; i < things_of(slab); i++) {
        if (bits[i / 64] >> i % 64 & 1)
            w->ranks.words[place.first + i] = word_of(w, at * SLAB_WORDS + i * slab->item_words);
    }
}

static int by_merit(const void *a, const void *b)
{
    const struct merit *one = a, *other = b;
    return (one->merit > other->merit) - (one->merit < other->merit);
}

static void order_merits(struct whatif_merits *all)
{
    qsort(all->of, all->count, sizeof all->of[0], by_merit);
    for (uint32_t i = 0; i < all->count; i++)
        all->orders[all->of[i].number] = (uint16_t)(i + 1);
    all->orders[0] = WHATIF_MERIT_UNKNOWN;
    all->orders[WHATIF_MERIT_NONE] = WHATIF_MERIT_NONE;
}

static void order_words(struct whatif_ranks *r, uint32_t count)
{
    const int32_t below = (1 << WHATIF_WORD_MERIT) - 1;
    for (uint32_t i = 0; i < count; i++) {
        int32_t *word = &r->words[r->words_ordered++];
        int32_t order = r->merits->orders[*word >> WHATIF_WORD_MERIT];
        *word = order << WHATIF_WORD_MERIT | (*word & below);
    }
}

bool whatif_ranks_step(struct whatif *w)
{
    struct whatif_ranks *r = &w->ranks;
    uint32_t slabs_left = r->slab_count - r->slabs_read;
    uint32_t words_left = r->word_count - r->words_ordered;
    if (slabs_left > 0) {
        for (uint32_t i = 0; i < SLABS_A_STEP && i < slabs_left; i++)
            read_slab(w, r->slabs_read++);
        if (slabs_left <= SLABS_A_STEP)
            order_merits(r->merits);
        return true;
    }
    order_words(r, words_left < WORDS_A_STEP ? words_left : WORDS_A_STEP);
    return words_left > 0;
}
