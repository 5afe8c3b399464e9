// SPDX-License-Identifier: ISC
#include "detect/localise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPLACE_MAX = 2,  // of so short a story each part is tried without
    ROUNDS_MAX = 16,
    LEAPS_MAX = 8,
    CLASSES_MAX = LOCALISE_LEVELS_MAX << LOCALISE_PARTS_MAX
};

// The last is not quite 1: an answer through it is very strange, not impossible. Much less and the
// model buys further components to explain the few answers that 1 - p would expect.
#define LOSS_MIN 1e-4   // less is not looked for
#define GAIN_MIN 1e-6   // nats
#define SAME_LOSS 0.01  // relative: closer is the same rate
// Where one part fails another is likelier to: works and weather hit several. With more than this,
// bench/localise names parts that lose little wrongly more often.
#define FURTHER_NATS 1.0

static const double grid[LOCALISE_GRID] = {0.007, 0.013, 0.025, 0.05, 0.10,
                                           0.20,  0.38,  0.60,  0.85, 1 - 1e-6};

// Only a path with losses needs logarithms: an answer adds ln(1 - q) whatever else is at fault. So
// answers are summed up once for each component, and what remains are the few lossy paths. Those
// that the story so far covers in the same way are a class: they share one row of logarithms.
// Losses of one class, and the share of packets that pass for other reasons.
struct localise_term {
    double lost, passes;
};

struct localise {
    uint32_t paths_max, components_max;
    uint32_t lossy_count;
    uint32_t *lossy;     // paths with losses,
    uint32_t *order;     // and sorted by class
    uint16_t *class_of;  // of each lossy one: its level, and which parts cover it
    uint32_t class_size[CLASSES_MAX];
    uint32_t class_count;
    uint16_t classes[CLASSES_MAX];  // those that are in use
    double *answers;                // of each component: answers through it
    uint32_t *losses;               // likewise, of one class
    uint32_t candidate_count, touched_count;
    uint32_t banned;  // a component that is not to be tried; LOCALISE_NOBODY
    uint16_t *candidates, *touched;
    double (*score)[LOCALISE_GRID];
    struct localise_term terms[CLASSES_MAX];
};

double localise_prior_nats(uint32_t of_kind, uint32_t attributes)
{
    return -5 - log(of_kind) - 1.5 * attributes;
}

static bool allocate(struct localise *l)
{
    l->lossy = calloc(l->paths_max, sizeof *l->lossy);
    l->order = calloc(l->paths_max, sizeof *l->order);
    l->class_of = calloc(l->paths_max, sizeof *l->class_of);
    l->answers = calloc(l->components_max, sizeof *l->answers);
    l->losses = calloc(l->components_max, sizeof *l->losses);
    l->candidates = calloc(l->components_max, sizeof *l->candidates);
    l->touched = calloc(l->components_max, sizeof *l->touched);
    l->score = calloc(l->components_max, sizeof *l->score);
    return l->lossy && l->order && l->class_of && l->answers && l->losses && l->candidates &&
           l->touched && l->score;
}

struct localise *localise_new(uint32_t paths_max, uint32_t components_max)
{
    struct localise *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->paths_max = paths_max;
    l->components_max = components_max;
    if (allocate(l))
        return l;
    localise_free(l);
    return NULL;
}

void localise_free(struct localise *l)
{
    if (!l)
        return;
    free(l->lossy);
    free(l->order);
    free(l->class_of);
    free(l->answers);
    free(l->losses);
    free(l->candidates);
    free(l->touched);
    free(l->score);
    free(l);
}

static void sum_answers(struct localise *l, const struct localise_problem *problem)
{
    memset(l->answers, 0, problem->component_count * sizeof *l->answers);
    l->lossy_count = 0;
    for (uint32_t p = 0; p < problem->path_count; p++) {
        const struct localise_path *path = &problem->paths[p];
        double answers = path->sent - path->lost;
        for (uint32_t i = 0; path->members[i] != LOCALISE_NOBODY; i++)
            l->answers[path->members[i]] += answers;
        if (path->lost > 0)
            l->lossy[l->lossy_count++] = p;
    }
}

// A component through which nothing was lost cannot explain anything.
static void find_candidates(struct localise *l, const struct localise_problem *problem)
{
    l->candidate_count = 0;
    for (uint32_t n = 0; n < l->lossy_count; n++) {
        const struct localise_path *path = &problem->paths[l->lossy[n]];
        l->class_of[n] = (uint16_t)(path->level << LOCALISE_PARTS_MAX);
        for (uint32_t i = 0; path->members[i] != LOCALISE_NOBODY; i++) {
            if (l->losses[path->members[i]]++ == 0)
                l->candidates[l->candidate_count++] = path->members[i];
        }
    }
    for (uint32_t n = 0; n < l->candidate_count; n++)
        l->losses[l->candidates[n]] = 0;
}

// Which of the lossy paths a part covers, as one bit of their class.
static void cover(struct localise *l, const struct localise_problem *problem, uint32_t part,
                  uint32_t component)
{
    for (uint32_t n = 0; n < l->lossy_count; n++) {
        bool covers = component != LOCALISE_NOBODY &&
                      localise_passes(&problem->paths[l->lossy[n]], component);
        l->class_of[n] = (uint16_t)((l->class_of[n] & ~(1u << part)) | (uint32_t)covers << part);
    }
}

// Sorts the lossy paths by class, as if the parts of the set `without` were not covering any.
static void classify(struct localise *l, uint32_t without)
{
    uint32_t keep = ~without, start = 0;
    for (uint32_t c = 0; c < l->class_count; c++)
        l->class_size[l->classes[c]] = 0;
    l->class_count = 0;
    for (uint32_t n = 0; n < l->lossy_count; n++)
        if (l->class_size[l->class_of[n] & keep]++ == 0)
            l->classes[l->class_count++] = (uint16_t)(l->class_of[n] & keep);
    for (uint32_t c = 0; c < l->class_count; c++) {
        uint32_t size = l->class_size[l->classes[c]];
        l->class_size[l->classes[c]] = start;
        start += size;
    }
    for (uint32_t n = 0; n < l->lossy_count; n++)
        l->order[l->class_size[l->class_of[n] & keep]++] = l->lossy[n];
    // Now each size is the end of its class in `order`.
}

// The share of packets that pass, for paths of the class.
static double passes_of(const struct localise_problem *problem, const struct localise_story *story,
                        uint32_t class)
{
    double passes = 1 - problem->normal[class >> LOCALISE_PARTS_MAX];
    for (uint32_t part = 0; part < story->count; part++)
        if (class >> part & 1)
            passes *= 1 - story->parts[part].loss;
    return passes;
}

// What a lost packet of the class is worth to a component that is tried with each rate.
static void weigh_class(const struct localise_problem *problem, const struct localise_story *story,
                        uint32_t class, double row[LOCALISE_GRID])
{
    double passes = passes_of(problem, story, class);
    for (uint32_t g = 0; g < LOCALISE_GRID; g++)
        row[g] = log((1 - passes * (1 - grid[g])) / (1 - passes));
}

static void score_class(struct localise *l, const struct localise_problem *problem, uint32_t first,
                        uint32_t end, const double row[LOCALISE_GRID])
{
    l->touched_count = 0;
    for (uint32_t n = first; n < end; n++) {
        const struct localise_path *path = &problem->paths[l->order[n]];
        for (uint32_t i = 0; path->members[i] != LOCALISE_NOBODY; i++) {
            uint16_t c = path->members[i];
            if (l->losses[c] == 0)
                l->touched[l->touched_count++] = c;
            l->losses[c] += path->lost;
        }
    }
    for (uint32_t n = 0; n < l->touched_count; n++) {
        uint16_t c = l->touched[n];
        for (uint32_t g = 0; g < LOCALISE_GRID; g++)
            l->score[c][g] += l->losses[c] * row[g];
        l->losses[c] = 0;
    }
}

// How much each candidate at each rate would add to the story without those parts.
static void score_all(struct localise *l, const struct localise_problem *problem,
                      const struct localise_story *story, uint32_t without)
{
    double answer[LOCALISE_GRID];
    for (uint32_t g = 0; g < LOCALISE_GRID; g++)
        answer[g] = log1p(-grid[g]);
    for (uint32_t n = 0; n < l->candidate_count; n++) {
        uint16_t c = l->candidates[n];
        for (uint32_t g = 0; g < LOCALISE_GRID; g++)
            l->score[c][g] = l->answers[c] * answer[g];
    }
    classify(l, without);
    uint32_t first = 0;
    for (uint32_t i = 0; i < l->class_count; i++) {
        double row[LOCALISE_GRID];
        uint32_t end = l->class_size[l->classes[i]];
        weigh_class(problem, story, l->classes[i], row);
        score_class(l, problem, first, end, row);
        first = end;
    }
}

static bool is_taken(const struct localise_story *story, uint32_t component, uint32_t without)
{
    for (uint32_t part = 0; part < story->count; part++)
        if (!(without >> part & 1) && story->parts[part].component == component)
            return true;
    return false;
}

static double further_nats(const struct localise_story *story, uint32_t without)
{
    return (without | ~0u << story->count) != ~0u ? FURTHER_NATS : 0;
}

// The top of the parabola through three rates of the grid: a rate in between must not lose against
// a wider part whose own happens to be on it.
static double peak_nats(const double *score, uint32_t g)
{
    if (g == 0 || g + 2 >= LOCALISE_GRID)  // the last is far from the others
        return score[g];
    double rise = score[g] - score[g - 1], fall = score[g] - score[g + 1], sum = rise + fall;
    bool is_top = rise >= 0 && fall >= 0 && sum > 0;
    return is_top ? score[g] + (rise - fall) * (rise - fall) / (8 * sum) : score[g];
}

// The best that could stand in place of those parts; LOCALISE_NOBODY when nothing is better.
static struct localise_part find_best(const struct localise *l,
                                      const struct localise_problem *problem,
                                      const struct localise_story *story, uint32_t without)
{
    struct localise_part best = {.component = LOCALISE_NOBODY};
    double further = further_nats(story, without);
    for (uint32_t n = 0; n < l->candidate_count; n++) {
        uint16_t c = l->candidates[n];
        for (uint32_t g = 0; g < LOCALISE_GRID; g++) {
            double gain = peak_nats(l->score[c], g) + problem->prior_nats[c] + further;
            if (gain <= best.gain_nats || c == l->banned || is_taken(story, c, without))
                continue;
            best.component = c;
            best.loss = grid[g];
            best.gain_nats = gain;
        }
    }
    return best;
}

static void remove_part(struct localise *l, const struct localise_problem *problem,
                        struct localise_story *story, uint32_t part)
{
    story->parts[part] = story->parts[--story->count];
    if (part < story->count)
        cover(l, problem, part, story->parts[part].component);
    cover(l, problem, story->count, LOCALISE_NOBODY);
}

// The likeliest rate of a part, given the others: each term of its log-likelihood is concave in the
// rate, so the slope has one zero. The grid alone would not do: what a rate misses by is then
// explained by components that are not at fault.
static void refine(struct localise *l, const struct localise_problem *problem,
                   struct localise_story *story, uint32_t part)
{
    double low = LOSS_MIN, high = grid[LOCALISE_GRID - 1];
    double answers = l->answers[story->parts[part].component];
    classify(l, 0);
    uint32_t first = 0, count = 0;
    for (uint32_t i = 0; i < l->class_count; i++) {
        uint32_t end = l->class_size[l->classes[i]];
        if (l->classes[i] >> part & 1) {
            struct localise_term *term = &l->terms[count++];
            *term =
                (struct localise_term){0, passes_of(problem, story, l->classes[i] & ~(1u << part))};
            for (uint32_t n = first; n < end; n++)
                term->lost += problem->paths[l->order[n]].lost;
        }
        first = end;
    }
    while (high - low > 1e-3 * low && high - low > 1e-7) {
        double loss = (low + high) / 2, slope = -answers / (1 - loss);
        for (uint32_t i = 0; i < count; i++)
            slope += l->terms[i].lost * l->terms[i].passes / (1 - l->terms[i].passes * (1 - loss));
        if (slope > 0)
            low = loss;
        else
            high = loss;
    }
    story->parts[part].loss = high;
}

// Puts the best in place of that part; true when that changes the story.
static bool improve(struct localise *l, const struct localise_problem *problem,
                    struct localise_story *story, uint32_t part)
{
    score_all(l, problem, story, 1u << part);
    struct localise_part best = find_best(l, problem, story, 1u << part);
    bool is_new = part == story->count;
    if (best.component == LOCALISE_NOBODY) {
        if (!is_new)
            remove_part(l, problem, story, part);
        return !is_new;
    }
    struct localise_part before = story->parts[part];
    bool same = !is_new && before.component == best.component;
    story->parts[part] = best;
    story->count += is_new;
    if (!same)
        cover(l, problem, part, best.component);
    refine(l, problem, story, part);
    return !same || fabs(story->parts[part].loss / before.loss - 1) > SAME_LOSS;
}

static void climb(struct localise *l, const struct localise_problem *problem,
                  struct localise_story *story)
{
    bool changed = true;
    for (int round = 0; changed && round < ROUNDS_MAX; round++) {
        changed = false;
        for (uint32_t part = 0; part <= story->count && part < LOCALISE_PARTS_MAX; part++) {
            if (part < problem->given_count)
                refine(l, problem, story, part);
            else
                changed |= improve(l, problem, story, part);
        }
    }
}

// What the losses and answers say of the whole story, but for what is the same in every story.
static double objective(struct localise *l, const struct localise_problem *problem,
                        const struct localise_story *story)
{
    double sum = story->count > 1 ? FURTHER_NATS * (story->count - 1) : 0;
    for (uint32_t part = 0; part < story->count; part++) {
        uint32_t c = story->parts[part].component;
        sum += problem->prior_nats[c] + l->answers[c] * log1p(-story->parts[part].loss);
    }
    classify(l, 0);
    uint32_t first = 0;
    for (uint32_t i = 0; i < l->class_count; i++) {
        uint32_t end = l->class_size[l->classes[i]];
        double lost = 0, passes = passes_of(problem, story, l->classes[i]);
        for (; first < end; first++)
            lost += problem->paths[l->order[first]].lost;
        sum += lost * log(1 - passes);
    }
    return sum;
}

// Takes the story back to what it was.
static void restore(struct localise *l, const struct localise_problem *problem,
                    struct localise_story *story, const struct localise_story *before)
{
    for (uint32_t part = 0; part < story->count || part < before->count; part++)
        cover(l, problem, part,
              part < before->count ? before->parts[part].component : LOCALISE_NOBODY);
    *story = *before;
}

// One component at a middle rate may hide two, one within the other: tries the part at lower rates
// and what would then come beside it.
static bool split(struct localise *l, const struct localise_problem *problem,
                  struct localise_story *story, uint32_t part)
{
    static const double shares[] = {0.3, 0.5, 0.7};
    double before = objective(l, problem, story), loss = story->parts[part].loss;
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        story->parts[part].loss = shares[i] * loss;
        double apart = objective(l, problem, story);
        score_all(l, problem, story, 1u << story->count);
        struct localise_part best = find_best(l, problem, story, 1u << story->count);
        if (best.component != LOCALISE_NOBODY && apart + best.gain_nats > before + GAIN_MIN) {
            cover(l, problem, story->count, best.component);
            story->parts[story->count++] = best;
            return true;
        }
    }
    story->parts[part].loss = loss;
    return false;
}

static void remove_two(struct localise *l, const struct localise_problem *problem,
                       struct localise_story *story, uint32_t low, uint32_t high)
{
    remove_part(l, problem, story, high);
    if (low != high)
        remove_part(l, problem, story, low);
}

// What the rest explains may have been shared out among too many: does it do without those two (or
// one, when they are the same)?
static bool drop(struct localise *l, const struct localise_problem *problem,
                 struct localise_story *story, uint32_t low, uint32_t high)
{
    struct localise_story before = *story;
    double asked = objective(l, problem, story) + GAIN_MIN;
    remove_two(l, problem, story, low, high);
    for (int round = 0; round < 2; round++)
        for (uint32_t part = 0; part < story->count; part++)
            refine(l, problem, story, part);
    if (objective(l, problem, story) > asked)
        return true;
    restore(l, problem, story, &before);
    return false;
}

// Two components may be the halves of one.
static bool merge(struct localise *l, const struct localise_problem *problem,
                  struct localise_story *story, uint32_t low, uint32_t high)
{
    struct localise_story before = *story;
    double asked = objective(l, problem, story) + GAIN_MIN;
    remove_two(l, problem, story, low, high);
    improve(l, problem, story, story->count);
    if (objective(l, problem, story) > asked)
        return true;
    restore(l, problem, story, &before);
    return false;
}

// One component may have taken the place of several that fit better together: what comes without
// it?
static bool replace(struct localise *l, const struct localise_problem *problem,
                    struct localise_story *story, uint32_t part)
{
    struct localise_story before = *story;
    double asked = objective(l, problem, story) + GAIN_MIN;
    l->banned = story->parts[part].component;
    remove_part(l, problem, story, part);
    climb(l, problem, story);
    l->banned = LOCALISE_NOBODY;
    if (objective(l, problem, story) > asked)
        return true;
    restore(l, problem, story, &before);
    return false;
}

// A step that no replacement of a single part leads to.
static bool leap(struct localise *l, const struct localise_problem *problem,
                 struct localise_story *story)
{
    for (uint32_t high = problem->given_count; high < story->count; high++) {
        for (uint32_t low = problem->given_count; low <= high; low++)
            if (drop(l, problem, story, low, high) ||
                (low < high && merge(l, problem, story, low, high)))
                return true;
        if (story->count < LOCALISE_PARTS_MAX && split(l, problem, story, high))
            return true;
        if (story->count - problem->given_count <= REPLACE_MAX && replace(l, problem, story, high))
            return true;
    }
    return false;
}

static void search(struct localise *l, const struct localise_problem *problem,
                   struct localise_story *story)
{
    int leaps = 0;
    do
        climb(l, problem, story);
    while (leaps++ < LEAPS_MAX && leap(l, problem, story));
}

static double add_logs(double a, double b)
{
    double high = a > b ? a : b, low = a > b ? b : a;
    return low == -INFINITY ? high : high + log1p(exp(low - high));
}

// Over all rates alike: what a component is worth when its rate is not known.
static double evidence_nats(const struct localise *l, const struct localise_problem *problem,
                            uint16_t c)
{
    double sum = -INFINITY;
    for (uint32_t g = 0; g < LOCALISE_GRID; g++)
        sum = add_logs(sum, l->score[c][g]);
    return sum - log(LOCALISE_GRID) + problem->prior_nats[c];
}

// Among the best that were not given yet, in order.
static void rank(struct localise_part *judged, uint32_t component, double nats)
{
    struct localise_rival *rivals = judged->rivals;
    uint32_t i = judged->rival_count;
    if (i < LOCALISE_RIVALS_MAX)
        judged->rival_count++;
    else if (rivals[--i].odds_nats >= nats)
        return;
    for (; i > 0 && rivals[i - 1].odds_nats < nats; i--)
        rivals[i] = rivals[i - 1];
    rivals[i] = (struct localise_rival){component, nats};
}

// The part against everything that could stand in its place, "nothing" included.
static void judge(struct localise *l, const struct localise_problem *problem,
                  const struct localise_story *story, uint32_t part, struct localise_part *judged)
{
    double own = 0, rest = 0, further = further_nats(story, 1u << part);
    judged->rival_count = 0;
    score_all(l, problem, story, 1u << part);
    for (uint32_t n = 0; n < l->candidate_count; n++) {
        uint16_t c = l->candidates[n];
        double nats = evidence_nats(l, problem, c) + further;
        if (c == judged->component) {
            own = nats;
        } else if (!is_taken(story, c, 1u << part)) {
            rest = add_logs(rest, nats);
            if (nats > 0)  // likelier than nothing
                rank(judged, c, nats);
        }
    }
    for (uint32_t i = 0; i < judged->rival_count; i++)
        judged->rivals[i].odds_nats = own - judged->rivals[i].odds_nats;
    judged->odds_nats = judged->rival_count > 0 ? judged->rivals[0].odds_nats : own;
    judged->posterior = 1 / (1 + exp(rest - own));
}

static void give(struct localise *l, const struct localise_problem *problem,
                 struct localise_story *story)
{
    story->count = 0;
    for (uint32_t i = 0; i < problem->given_count; i++) {
        story->parts[i] = (struct localise_part){.component = problem->given[i], .loss = LOSS_MIN};
        story->count++;
        cover(l, problem, i, problem->given[i]);
    }
}

void localise_run(struct localise *l, const struct localise_problem *problem,
                  struct localise_story *story)
{
    l->banned = LOCALISE_NOBODY;
    sum_answers(l, problem);
    find_candidates(l, problem);
    give(l, problem, story);
    search(l, problem, story);
    for (uint32_t part = problem->given_count; part < story->count; part++)
        judge(l, problem, story, part, &story->parts[part]);
}
