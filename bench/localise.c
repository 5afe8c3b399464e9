// SPDX-License-Identifier: ISC
// Localisation by itself, on losses that are drawn: the set-up of detection.md 3.3, and that of
// others (localise_clos.c). One JSON object a line; bench/localise makes a table of them.
#include "localise_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATHS = 30720, COMPONENTS = 3015, PATTERNS = 17, PROBES = 10, FAULTS_MAX = 3 };
enum attribute { POP, ROUTER, UPSTREAM, BUCKET, FAMILY, REGION, TARGET, ATTRIBUTES };

static const uint32_t sizes[ATTRIBUTES] = {8, 2, 5, 8, 2, 6, 4};

// Sets of attributes; a router is one of its site, a target one of its region.
#define SET(a, b, c, d, e) (1u << (a) | 1u << (b) | 1u << (c) | 1u << (d) | 1u << (e))
#define OF(a) SET(a, a, a, a, a)
static const unsigned patterns[PATTERNS] = {
    SET(REGION, TARGET, TARGET, TARGET, TARGET),
    OF(REGION),
    OF(UPSTREAM),
    OF(POP),
    SET(POP, ROUTER, ROUTER, ROUTER, ROUTER),
    SET(POP, UPSTREAM, UPSTREAM, UPSTREAM, UPSTREAM),
    SET(POP, ROUTER, UPSTREAM, UPSTREAM, UPSTREAM),
    SET(POP, ROUTER, UPSTREAM, BUCKET, BUCKET),
    SET(UPSTREAM, REGION, REGION, REGION, REGION),
    SET(POP, UPSTREAM, REGION, REGION, REGION),
    SET(POP, ROUTER, FAMILY, FAMILY, FAMILY),
    SET(POP, ROUTER, BUCKET, BUCKET, BUCKET),
    SET(POP, ROUTER, FAMILY, BUCKET, BUCKET),
    SET(UPSTREAM, FAMILY, FAMILY, FAMILY, FAMILY),
    SET(POP, ROUTER, UPSTREAM, FAMILY, FAMILY),
    SET(POP, ROUTER, UPSTREAM, FAMILY, BUCKET),
    SET(UPSTREAM, REGION, FAMILY, FAMILY, FAMILY),
};

static uint32_t pattern_size(uint32_t pattern)
{
    uint32_t size = 1;
    for (uint32_t a = 0; a < ATTRIBUTES; a++)
        size *= patterns[pattern] >> a & 1 ? sizes[a] : 1;
    return size;
}

static uint32_t pattern_first(uint32_t pattern)
{
    uint32_t first = 0;
    for (uint32_t k = 0; k < pattern; k++)
        first += pattern_size(k);
    return first;
}

static void make_components(struct world *w)
{
    uint32_t next = 0;
    for (uint32_t k = 0; k < PATTERNS; k++) {
        // "router" and "target" need no word of their own: they name their site or region.
        uint32_t attributes = (uint32_t)__builtin_popcount(patterns[k]) -
                              (patterns[k] >> ROUTER & 1) - (patterns[k] >> TARGET & 1);
        for (uint32_t i = 0; i < pattern_size(k); i++) {
            w->drawn_nats[next] = -log((double)PATTERNS * pattern_size(k));
            w->prior[next++] = localise_prior_nats(pattern_size(k), attributes);
        }
    }
    if (next != COMPONENTS)
        abort();
}

static void make_paths(struct world *w)
{
    for (uint32_t p = 0; p < PATHS; p++) {
        uint32_t values[ATTRIBUTES], rest = p;
        for (uint32_t a = 0; a < ATTRIBUTES; rest /= sizes[a++])
            values[a] = rest % sizes[a];
        for (uint32_t k = 0; k < PATTERNS; k++) {
            uint32_t number = 0;
            for (uint32_t a = 0; a < ATTRIBUTES; a++)
                if (patterns[k] >> a & 1)
                    number = number * sizes[a] + values[a];
            w->members[p][k] = (uint16_t)(pattern_first(k) + number);
        }
        w->members[p][PATTERNS] = LOCALISE_NOBODY;
        w->paths[p] = (struct localise_path){.sent = PROBES, .members = w->members[p]};
    }
}

// A pattern, then one of its components: each alike.
static struct truth draw_truth(struct world *w, uint32_t count, double loss)
{
    struct truth truth = {0};
    while (truth.count < count) {
        uint32_t k = (uint32_t)(random_unit(&w->random) * PATTERNS);
        uint32_t n = (uint32_t)(random_unit(&w->random) * pattern_size(k));
        bool known = false;
        for (uint32_t i = 0; i < truth.count; i++)
            known |= truth.components[i] == pattern_first(k) + n;
        truth.loss[truth.count] = loss;
        truth.components[truth.count] = (uint16_t)(pattern_first(k) + n);
        truth.count += !known;
    }
    return truth;
}

static void draw_losses(struct world *w, const struct truth *truth)
{
    for (uint32_t p = 0; p < PATHS; p++) {
        double passes = 1 - w->problem.normal[0];
        for (uint32_t i = 0; i < truth->count; i++)
            if (world_passes(&w->paths[p], truth->components[i]))
                passes *= 1 - truth->loss[i];
        w->paths[p].lost = world_draw(&w->random, PROBES, 1 - passes);
    }
}

static void cells_run(struct world *w, uint32_t runs)
{
    static const double losses[] = {0.02, 0.05, 0.10, 0.38, 1.00};
    for (uint32_t faults = 1; faults <= FAULTS_MAX; faults++)
        for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
            struct score score = {0};
            char cell[32];
            for (uint32_t n = 0; n < runs; n++) {
                struct truth truth = draw_truth(w, faults, losses[i]);
                draw_losses(w, &truth);
                world_judge(w, &truth, true, &score);
            }
            snprintf(cell, sizeof cell, "%u %g", faults, losses[i]);
            world_print("edge", cell, &score, w);
        }
}

static void healthy_run(struct world *w, uint32_t runs)
{
    struct score score = {0};
    struct truth truth = {0};
    for (uint32_t n = 0; n < runs; n++) {
        draw_losses(w, &truth);
        world_judge(w, &truth, false, &score);
    }
    world_print("healthy", "", &score, w);
}

// ---- what both halves share

bool world_passes(const struct localise_path *path, uint32_t component)
{
    for (const uint16_t *m = path->members; *m != LOCALISE_NOBODY; m++)
        if (*m == component)
            return true;
    return false;
}

// Few by tossing, many by the normal approximation.
uint32_t world_draw(struct random *random, uint32_t sent, double loss)
{
    uint32_t lost = 0;
    double mean = sent * loss;
    if (mean > 50 && sent * (1 - loss) > 50) {
        double u = sqrt(-2 * log(1 - random_unit(random)));
        double x = mean + sqrt(mean * (1 - loss)) * u * cos(6.283185307 * random_unit(random));
        return x < 0 ? 0 : x > sent ? sent : (uint32_t)lround(x);
    }
    if (loss <= 0)
        return 0;
    // From one loss to the next.
    for (double at = 0; loss < 1; lost++) {
        at += 1 + floor(log(1 - random_unit(random)) / log1p(-loss));
        if (at > sent)
            return lost;
    }
    return sent;
}

static bool is_hidden(const struct world *w, const struct truth *truth, uint32_t which)
{
    for (uint32_t p = 0; p < w->problem.path_count; p++) {
        bool taken = false;
        if (!world_passes(&w->paths[p], truth->components[which]))
            continue;
        for (uint32_t i = 0; i < truth->count && !taken; i++)
            taken = i != which && truth->loss[i] >= 1 &&
                    world_passes(&w->paths[p], truth->components[i]);
        if (!taken)
            return false;
    }
    return true;
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool is_said(const struct truth *said, uint16_t component)
{
    for (uint32_t i = 0; i < said->count; i++)
        if (said->components[i] == component)
            return true;
    return false;
}

static bool count(const struct world *w, const struct truth *truth, const struct truth *said,
                  struct tally *tally)
{
    struct tally now = {0};
    for (uint32_t i = 0; i < truth->count; i++) {
        if (is_said(said, truth->components[i]))
            now.right++;
        else if (is_hidden(w, truth, i))
            now.hidden++;
        else
            now.missed++;
    }
    now.wrong = said->count - now.right;
    tally->right += now.right;
    tally->hidden += now.hidden;
    tally->missed += now.missed;
    tally->wrong += now.wrong;
    return now.missed + now.wrong == 0;
}

void world_judge(struct world *w, const struct truth *truth, bool has_oracle, struct score *score)
{
    struct localise_story story;
    double start_ms = cpu_ms();
    localise_run(w->localise, &w->problem, &story);
    w->times_ms[score->runs++] = cpu_ms() - start_ms;
    struct truth said = {.count = story.count};
    for (uint32_t i = 0; i < story.count; i++)
        said.components[i] = (uint16_t)story.parts[i].component;
    if (!count(w, truth, &said, &score->ours) && has_oracle)
        oracle_say(w, truth, &said);
    // Where we are right he is taken to be right as well: that only flatters him.
    count(w, truth, &said, &score->oracle);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

void world_print(const char *set, const char *cell, struct score *score, struct world *w)
{
    for (uint32_t i = 0; i < score->runs; i++)
        score->ms_mean += w->times_ms[i] / score->runs;
    qsort(w->times_ms, score->runs, sizeof w->times_ms[0], compare);
    score->ms_p99 = w->times_ms[(score->runs - 1) * 99 / 100];
    printf("{\"set\":\"%s\",\"cell\":\"%s\",\"runs\":%u,", set, cell, score->runs);
    printf("\"right\":%u,\"wrong\":%u,\"missed\":%u,\"hidden\":%u,", score->ours.right,
           score->ours.wrong, score->ours.missed, score->ours.hidden);
    printf("\"oracle\":{\"right\":%u,\"wrong\":%u,\"missed\":%u,\"hidden\":%u},",
           score->oracle.right, score->oracle.wrong, score->oracle.missed, score->oracle.hidden);
    printf("\"ms_mean\":%.3f,\"ms_p99\":%.3f}\n", score->ms_mean, score->ms_p99);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct world *w = calloc(1, sizeof *w);
    uint32_t runs = argc > 1 ? (uint32_t)atoi(argv[1]) : 200;
    uint32_t healthy = argc > 2 ? (uint32_t)atoi(argv[2]) : 5000;
    uint32_t clos = argc > 3 ? (uint32_t)atoi(argv[3]) : 50;
    if (!w || !(w->localise = localise_new(PATHS_MAX, COMPONENTS_MAX)))
        return 3;
    w->times_ms = calloc(runs + healthy + clos, sizeof w->times_ms[0]);
    w->random.state = argc > 4 ? (uint64_t)atoll(argv[4]) : 1;
    w->problem = (struct localise_problem){.paths = w->paths,
                                           .path_count = PATHS,
                                           .component_count = COMPONENTS,
                                           .prior_nats = w->prior,
                                           .normal = {0.001}};
    make_components(w);
    make_paths(w);
    cells_run(w, runs);
    healthy_run(w, healthy);
    clos_run(w, clos);
    localise_free(w->localise);
    free(w->times_ms);
    free(w);
    return 0;
}
