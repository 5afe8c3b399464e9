// SPDX-License-Identifier: ISC
// What a decision costs: which of 1,200,000 prefixes to move over 20 upstreams, of which some lose.
// Beside it a plain walk over the same array, and the same decision by a comparing sort of
// everything. CPU time of one thread; medians.
#include "base/random.h"
#include "steer/allocate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { UPSTREAMS = 20, MOVES_MAX = 1000, RUNS_MAX = 99 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct bench {
    uint32_t group_count, run_count;
    struct allocate_upstream upstreams[UPSTREAMS];
    struct allocate_group *groups;
    struct allocate_space space;
    struct allocate_question question;
    struct allocate_answer answer;
};

// Demand as measured: the n-th heaviest carries about 1/n, in no order.
static void make_groups(struct bench *b, struct random *random)
{
    for (uint32_t g = 0; g < b->group_count; g++) {
        double rank = 1 + random_unit(random) * b->group_count;
        b->groups[g] =
            (struct allocate_group){(uint32_t)(20e6 / rank), 0xfffff & (uint32_t)random_u64(random),
                                    (uint8_t)(random_u64(random) % UPSTREAMS)};
    }
}

// The first `lossy` of them lose a third; with `tight` there is room for little, so that every
// target is tried for everything.
static void ask(struct bench *b, uint32_t lossy, bool tight)
{
    for (uint32_t u = 0; u < UPSTREAMS; u++)
        b->upstreams[u] = (struct allocate_upstream){
            .capacity_kbps = 100 * 1000 * 1000,
            .use_kbps = (tight ? 79900 : 30000) * UINT64_C(1000),
            .loss_low_ppm = u < lossy ? 330000 + u : 0,
            .loss_high_ppm = u < lossy ? 360000 : 1000 + 100 * u,
            .open = u >= lossy,
            .country = (uint16_t)(1 + u % 7),
            .region = (uint16_t)(1 + u % 3),
        };
    b->question =
        (struct allocate_question){b->upstreams,
                                   UPSTREAMS,
                                   b->groups,
                                   b->group_count,
                                   {800 * 1000, 5000, MOVES_MAX, ALLOCATE_UNKNOWN, false}};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

static uint64_t walk(const struct bench *b)
{
    uint64_t sums[UPSTREAMS] = {0}, all = 0;
    for (uint32_t g = 0; g < b->group_count; g++)
        sums[b->groups[g].from] += b->groups[g].demand_kbps & b->groups[g].may;
    for (uint32_t u = 0; u < UPSTREAMS; u++)
        all ^= sums[u];
    return all;
}

static int heavier(const void *a, const void *b)
{
    const struct allocate_item *x = a, *y = b;
    if (x->demand_kbps != y->demand_kbps)
        return x->demand_kbps < y->demand_kbps ? 1 : -1;
    return (x->group > y->group) - (x->group < y->group);
}

// Sorts everything, then gives each in turn to its best way that has room.
static uint64_t sort_and_give(const struct bench *b)
{
    struct allocate_item *items = b->space.spare;
    uint64_t room[UPSTREAMS], moved = 0;
    uint32_t moves = 0;
    for (uint32_t g = 0; g < b->group_count; g++)
        items[g] = (struct allocate_item){b->groups[g].demand_kbps, g};
    qsort(items, b->group_count, sizeof *items, heavier);
    for (uint32_t u = 0; u < UPSTREAMS; u++)
        room[u] = allocate_room_kbps(&b->upstreams[u], &b->question.limits);
    for (uint32_t i = 0; i < b->group_count && moves < MOVES_MAX; i++) {
        const struct allocate_group *group = &b->groups[items[i].group];
        uint32_t best = UPSTREAMS, best_gain = 0;
        for (uint32_t to = 0; to < UPSTREAMS; to++) {
            uint32_t low = b->upstreams[group->from].loss_low_ppm;
            uint32_t high = b->upstreams[to].loss_high_ppm;
            bool gains = low >= high + 5000 && low - high > best_gain;
            if (!gains || !(group->may >> to & 1) || group->demand_kbps > room[to])
                continue;
            best = to;
            best_gain = low - high;
        }
        if (best == UPSTREAMS)
            continue;
        room[best] -= group->demand_kbps;
        moved += group->demand_kbps;
        moves++;
    }
    return moved;
}

static void measure(struct bench *b, const char *name)
{
    double ours[RUNS_MAX], walks[RUNS_MAX], sorts[RUNS_MAX];
    uint64_t kept = 0, moved = 0;
    for (uint32_t run = 0; run < b->run_count; run++) {
        double at = seconds();
        kept ^= walk(b);
        walks[run] = seconds() - at;
        at = seconds();
        moved = sort_and_give(b);
        sorts[run] = seconds() - at;
        at = seconds();
        allocate(&b->question, &b->space, &b->answer);
        ours[run] = seconds() - at;
    }
    double our_ms = 1e3 * median(ours, b->run_count), walk_ms = 1e3 * median(walks, b->run_count);
    double sort_ms = 1e3 * median(sorts, b->run_count);
    printf("%-28s %7.1f ms  plain walk %5.1f ms  sort of all %6.1f ms   %4u moves, %.1f Gbit/s "
           "(sort: %.1f)%s\n",
           name, our_ms, walk_ms, sort_ms, b->answer.count, (double)b->answer.moved_kbps / 1e6,
           (double)moved / 1e6, kept == 1 ? " " : "");
    printf("{\"case\":\"%s\",\"groups\":%u,\"upstreams\":%d,\"cpu_ms\":%.2f,\"walk_ms\":%.2f,"
           "\"sort_ms\":%.2f,\"moves\":%u,\"moved_kbps\":%llu,\"sort_moved_kbps\":%llu}\n",
           name, b->group_count, UPSTREAMS, our_ms, walk_ms, sort_ms, b->answer.count,
           (unsigned long long)b->answer.moved_kbps, (unsigned long long)moved);
}

int main(int argc, char **argv)
{
    struct bench b = {.group_count = argc > 1 ? (uint32_t)atoi(argv[1]) : 1200000,
                      .run_count = argc > 2 ? (uint32_t)atoi(argv[2]) : 5};
    struct random random = {1};
    if (b.group_count == 0 || b.run_count == 0 || b.run_count > RUNS_MAX) {
        fprintf(stderr, "usage: decide_bench [PREFIXES [RUNS]]\n");
        return 2;
    }
    b.groups = calloc(b.group_count, sizeof *b.groups);
    b.space = (struct allocate_space){calloc(b.group_count, sizeof *b.space.items),
                                      calloc(b.group_count, sizeof *b.space.spare),
                                      calloc(MOVES_MAX, sizeof *b.space.moves)};
    if (!b.groups || !b.space.items || !b.space.spare || !b.space.moves)
        return 1;
    make_groups(&b, &random);
    ask(&b, 1, false);
    measure(&b, "one loses");
    ask(&b, 10, false);
    measure(&b, "half of them lose");
    ask(&b, 19, true);
    measure(&b, "19 lose, one has little room");
    ask(&b, 10, true);
    measure(&b, "little room everywhere");
    free(b.groups);
    free(b.space.items);
    free(b.space.spare);
    free(b.space.moves);
    return 0;
}
