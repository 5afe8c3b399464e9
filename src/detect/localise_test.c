// SPDX-License-Identifier: ISC
#include "detect/localise.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Two upstreams, two families, four buckets, three targets: 48 paths; components are every
// upstream, family, target and bucket, and some of both together.
enum {
    UPSTREAMS = 2,
    FAMILIES_ = 2,
    BUCKETS = 4,
    TARGETS = 3,
    PATHS = UPSTREAMS * FAMILIES_ * BUCKETS * TARGETS,
    ALL = 0,                                   // everything
    UPSTREAM = 1,                              // + upstream
    FAMILY = UPSTREAM + UPSTREAMS,             // + family
    TARGET = FAMILY + FAMILIES_,               // + target
    BUCKET = TARGET + TARGETS,                 // + bucket
    BOTH = BUCKET + BUCKETS,                   // + upstream * 2 + family
    BUCKET_OF = BOTH + UPSTREAMS * FAMILIES_,  // + upstream * 4 + bucket
    EACH = BUCKET_OF + UPSTREAMS * BUCKETS,    // + (upstream * 2 + family) * 4 + bucket
    COMPONENTS = EACH + UPSTREAMS * FAMILIES_ * BUCKETS,
    NONE = LOCALISE_NOBODY,
};

struct world {
    struct localise *localise;
    struct localise_path paths[PATHS];
    uint16_t members[PATHS][9];
    double prior[COMPONENTS];
    struct localise_problem problem;
    struct localise_story story;
};

static void add_path(struct world *w, uint32_t upstream, uint32_t family, uint32_t bucket,
                     uint32_t target)
{
    const uint32_t members[] = {ALL,
                                UPSTREAM + upstream,
                                FAMILY + family,
                                TARGET + target,
                                BUCKET + bucket,
                                BOTH + upstream * FAMILIES_ + family,
                                BUCKET_OF + upstream * BUCKETS + bucket,
                                EACH + (upstream * FAMILIES_ + family) * BUCKETS + bucket,
                                NONE};
    uint32_t path = w->problem.path_count++;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        w->members[path][i] = (uint16_t)members[i];
    w->paths[path].members = w->members[path];
}

static struct world *world_new(void)
{
    struct world *w = calloc(1, sizeof *w);
    w->localise = localise_new(PATHS, COMPONENTS);
    assert_non_null(w->localise);
    w->problem = (struct localise_problem){.paths = w->paths,
                                           .component_count = COMPONENTS,
                                           .prior_nats = w->prior,
                                           .normal = {0.001, 0.02}};
    for (uint32_t c = 0; c < COMPONENTS; c++)
        w->prior[c] = c < BOTH ? -7 : c < EACH ? -9 : -11;
    for (uint32_t u = 0; u < UPSTREAMS; u++)
        for (uint32_t f = 0; f < FAMILIES_; f++)
            for (uint32_t b = 0; b < BUCKETS; b++)
                for (uint32_t t = 0; t < TARGETS; t++)
                    add_path(w, u, f, b, t);
    assert_int_equal(w->problem.path_count, PATHS);
    return w;
}

static void world_free(struct world *w)
{
    localise_free(w->localise);
    free(w);
}

static bool passes(const struct localise_path *path, uint32_t component)
{
    for (uint32_t i = 0; path->members[i] != NONE; i++)
        if (path->members[i] == component)
            return true;
    return false;
}

struct fault {
    uint32_t component;
    double loss;
};

// What each path loses on average, or by chance when there is a generator.
static void draw(struct world *w, uint32_t sent, const struct fault *faults, uint32_t count,
                 struct random *random)
{
    for (uint32_t p = 0; p < PATHS; p++) {
        struct localise_path *path = &w->paths[p];
        double good = 1 - (random ? w->problem.normal[path->level] : 0);
        for (uint32_t i = 0; i < count; i++)
            if (passes(path, faults[i].component))
                good *= 1 - faults[i].loss;
        path->sent = sent;
        path->lost = random ? 0 : (uint32_t)lround(sent * (1 - good));
        for (uint32_t n = 0; random && n < sent; n++)
            path->lost += random_unit(random) >= good;
    }
}

static void run(struct world *w)
{
    localise_run(w->localise, &w->problem, &w->story);
}

static const struct localise_part *find(const struct world *w, uint32_t component)
{
    for (uint32_t i = 0; i < w->story.count; i++)
        if (w->story.parts[i].component == component)
            return &w->story.parts[i];
    return NULL;
}

static const struct {
    const char *name;
    struct fault faults[3];
    uint32_t count;
    uint32_t said[3], said_count;  // other than the faults; 0: the same
} rows[] = {
    {"nothing", {{0, 0}}, 0, {0}, 0},
    {"an upstream, wholly", {{UPSTREAM, 1}}, 1, {0}, 0},
    {"an upstream, partly", {{UPSTREAM + 1, 0.1}}, 1, {0}, 0},
    {"a family of an upstream", {{BOTH + 1, 0.38}}, 1, {0}, 0},
    {"one bucket of one family", {{EACH + 9, 1}}, 1, {0}, 0},
    {"a bucket of both families", {{BUCKET_OF + 5, 1}}, 1, {0}, 0},
    {"a target", {{TARGET + 2, 1}}, 1, {0}, 0},
    {"everything", {{ALL, 0.5}}, 1, {0}, 0},
    {"a target and a bucket", {{TARGET, 0.3}, {BUCKET_OF, 1}}, 2, {0}, 0},
    {"two families of different upstreams", {{BOTH, 0.2}, {BOTH + 3, 0.2}}, 2, {0}, 0},
    {"one within the other", {{UPSTREAM, 0.3}, {BOTH + 1, 0.3}}, 2, {0}, 0},
    {"one hidden by the other", {{UPSTREAM, 1}, {BOTH + 1, 0.3}}, 2, {UPSTREAM}, 1},
    {"both halves are the whole", {{BOTH, 0.3}, {BOTH + 1, 0.3}}, 2, {UPSTREAM}, 1},
    {"all upstreams are everything", {{UPSTREAM, 1}, {UPSTREAM + 1, 1}}, 2, {ALL}, 1},
    {"three", {{TARGET + 1, 0.5}, {BOTH, 0.4}, {BUCKET_OF + 6, 0.9}}, 3, {0}, 0},
};

// All different, none the part itself, each less likely than the one before.
static bool are_ranked(const struct localise_part *part)
{
    for (uint32_t i = 0; i < part->rival_count; i++) {
        const struct localise_rival *rival = &part->rivals[i];
        if (rival->component == part->component || rival->odds_nats < part->odds_nats)
            return false;
        for (uint32_t k = 0; k < i; k++)
            if (part->rivals[k].component == rival->component ||
                part->rivals[k].odds_nats > rival->odds_nats)
                return false;
    }
    return true;
}

static void names_what_fails(void **state)
{
    (void)state;
    struct world *w = world_new();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool other = rows[i].said_count > 0;
        uint32_t count = other ? rows[i].said_count : rows[i].count;
        draw(w, 200, rows[i].faults, rows[i].count, NULL);
        run(w);
        CHECK_ROW(rows[i].name, w->story.count == count);
        for (uint32_t n = 0; n < count; n++) {
            uint32_t c = other ? rows[i].said[n] : rows[i].faults[n].component;
            const struct localise_part *part = find(w, c);
            CHECK_ROW(rows[i].name, part && part->odds_nats > 10 && part->posterior > 0.999);
            CHECK_ROW(rows[i].name, are_ranked(part));
            CHECK_ROW(rows[i].name, other || fabs(part->loss - rows[i].faults[n].loss) <
                                                 0.02 + 0.05 * part->loss);
        }
    }
    world_free(w);
}

// As rarely as the priors say that something fails at all: 1.3 % here.
static void blames_hardly_anybody_by_chance(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct random random = {1};
    uint32_t blamed = 0;
    for (int i = 0; i < 2000; i++) {
        for (uint32_t p = 0; p < PATHS; p++)  // some of what is normal is worse
            w->paths[p].level = p % 2;
        draw(w, 10 + (uint32_t)i % 50, NULL, 0, &random);
        run(w);
        blamed += w->story.count > 0;
    }
    assert_true(blamed <= 10);
    world_free(w);
}

static void few_samples_are_ambiguous(void **state)
{
    (void)state;
    struct world *w = world_new();
    for (uint32_t p = 0; p < PATHS; p++)
        w->paths[p].sent = w->paths[p].lost = 0;
    run(w);
    assert_int_equal(w->story.count, 0);
    // One bucket of transit 0 fails, but only IPv4 has been probed so far.
    struct fault fault = {BUCKET_OF, 1};
    draw(w, 4, &fault, 1, NULL);
    for (uint32_t p = 0; p < PATHS; p++)
        if (passes(&w->paths[p], FAMILY + 1))
            w->paths[p].sent = w->paths[p].lost = 0;
    run(w);
    assert_int_equal(w->story.count, 1);
    assert_int_equal(w->story.parts[0].component, BUCKET_OF);
    assert_int_equal(w->story.parts[0].rivals[0].component, EACH);
    assert_true(w->story.parts[0].odds_nats < 2.3);
    assert_true(w->story.parts[0].posterior < 0.95);
    assert_int_equal(w->story.parts[0].rival_count, LOCALISE_RIVALS_MAX);
    assert_true(w->story.parts[0].rivals[0].odds_nats == w->story.parts[0].odds_nats);
    assert_true(are_ranked(&w->story.parts[0]));
    // The next probe goes where the two predict differently: the bucket in IPv6.
    uint32_t next = localise_next_probe(&w->problem, &w->story, 0);
    assert_true(next < PATHS);
    assert_true(passes(&w->paths[next], BUCKET_OF) && passes(&w->paths[next], FAMILY + 1));
    // Even if that was asked more often than where both predict the same.
    for (uint32_t p = 0; p < PATHS; p++)
        w->paths[p].sent += passes(&w->paths[p], FAMILY + 1) ? 100 : 0;
    assert_int_equal(localise_next_probe(&w->problem, &w->story, 0), next);
    for (uint32_t p = 0; p < PATHS; p++)
        w->paths[p].sent -= passes(&w->paths[p], FAMILY + 1) ? 100 : 0;
    // Of equals the one probed least.
    w->paths[next].sent = 1;
    w->paths[next].lost = 1;
    uint32_t second = localise_next_probe(&w->problem, &w->story, 0);
    assert_true(second != next && passes(&w->paths[second], EACH + 4));
    // A few answers decide.
    for (uint32_t p = 0; p < PATHS; p++)
        if (passes(&w->paths[p], EACH + 4)) {
            w->paths[p].sent = 3;
            w->paths[p].lost = 0;
        }
    run(w);
    assert_int_equal(w->story.count, 1);
    assert_int_equal(w->story.parts[0].component, EACH);
    assert_true(w->story.parts[0].odds_nats > 2.3);
    world_free(w);
}

// What is known is taken as given, and only what it leaves is explained.
static void explains_the_rest(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct fault faults[] = {{UPSTREAM, 0.3}, {TARGET + 1, 1}};
    draw(w, 60, faults, 2, NULL);
    w->problem.given[0] = UPSTREAM;
    w->problem.given_count = 1;
    run(w);
    assert_int_equal(w->story.count, 2);
    assert_int_equal(w->story.parts[0].component, UPSTREAM);
    assert_true(fabs(w->story.parts[0].loss - 0.3) < 0.02);
    assert_int_equal(w->story.parts[1].component, TARGET + 1);
    assert_true(w->story.parts[1].odds_nats > 10);
    assert_true(localise_predicts(&w->problem, &w->story, &w->paths[0]) < 0.35);
    draw(w, 60, NULL, 0, NULL);  // it has ended
    run(w);
    assert_int_equal(w->story.count, 1);
    assert_true(w->story.parts[0].loss < 0.001);
    world_free(w);
}

// Halves of two different wholes, which one in the middle explains badly.
static void finds_two_behind_one(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct fault faults[] = {{EACH + 1, 1}, {EACH + 5, 1}};  // a bucket, in both families
    for (uint32_t c = BUCKET_OF; c < EACH; c++)
        w->prior[c] = -1000;  // which cannot fail as one
    draw(w, 4, faults, 2, NULL);
    run(w);
    assert_int_equal(w->story.count, 2);
    assert_non_null(find(w, EACH + 1));
    assert_non_null(find(w, EACH + 5));
    world_free(w);
}

static void says_the_same_again(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct random random = {7};
    struct fault faults[] = {{UPSTREAM, 0.2}, {EACH + 12, 1}};
    draw(w, 60, faults, 2, &random);
    run(w);
    struct localise_story first = w->story;
    draw(w, 60, NULL, 0, &random);
    run(w);
    random.state = 7;
    draw(w, 60, faults, 2, &random);
    run(w);
    assert_int_equal(first.count, 2);
    assert_int_equal(w->story.count, 2);
    for (uint32_t n = 0; n < 2; n++) {
        assert_int_equal(first.parts[n].component, w->story.parts[n].component);
        assert_true(first.parts[n].loss == w->story.parts[n].loss);
        assert_true(first.parts[n].odds_nats == w->story.parts[n].odds_nats);
    }
    world_free(w);
}

// More at once than a story can hold: the worst are said, nothing breaks.
static void is_bounded(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct random random = {3};
    for (int i = 0; i < 300; i++) {
        for (uint32_t p = 0; p < PATHS; p++) {
            w->paths[p].sent = (uint32_t)(random_unit(&random) * 100);
            w->paths[p].lost = (uint32_t)(random_unit(&random) * (w->paths[p].sent + 1));
        }
        run(w);
        assert_true(w->story.count <= LOCALISE_PARTS_MAX);
        for (uint32_t n = 0; n < w->story.count; n++) {
            const struct localise_part *part = &w->story.parts[n];
            assert_true(part->component < COMPONENTS && part->loss > 0 && part->loss < 1);
            assert_true(part->posterior >= 0 && part->posterior <= 1);
            localise_next_probe(&w->problem, &w->story, n);
        }
    }
    world_free(w);
}

// detection.md 3.3.
static void rarer_and_narrower_is_less_likely(void **state)
{
    (void)state;
    assert_true(localise_prior_nats(1, 0) == -5);
    assert_true(fabs(localise_prior_nats(20, 1) - (-5 - log(20) - 1.5)) < 1e-12);
    assert_true(fabs(localise_prior_nats(1, 3) - (-5 - 4.5)) < 1e-12);
}

// What a part is worth, over all rates alike, when nothing else is at fault.
static double worth(const struct localise_path *path, double normal, double prior)
{
    static const double rates[] = {0.007, 0.013, 0.025, 0.05, 0.10,
                                   0.20,  0.38,  0.60,  0.85, 1 - 1e-6};
    double sum = 0, ok = path->sent - path->lost;
    for (int i = 0; i < LOCALISE_GRID; i++)
        sum += exp(path->lost * log((1 - (1 - normal) * (1 - rates[i])) / normal) +
                   ok * log(1 - rates[i]));
    return log(sum / LOCALISE_GRID) + prior;
}

// One path; a part that it passes, and maybe another one that explains the same.
static void odds_are_what_evidence_says(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t sent, lost;
        double prior, rival;  // 0: there is none
    } asks[] = {
        {"alone", 20, 8, -7, 0},
        {"just likelier than nothing", 40, 2, -4, 0},
        {"against a likelier one", 20, 8, -7, -6},
        {"against one less likely", 20, 8, -7, -9},
        {"against one less likely than nothing", 20, 8, -7, -60},
    };
    static const uint16_t alone[] = {0, NONE}, two[] = {0, 1, NONE};
    struct localise *localise = localise_new(1, 2);
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        double prior[] = {asks[i].prior, asks[i].rival};
        struct localise_path path = {
            .members = asks[i].rival < 0 ? two : alone, .sent = asks[i].sent, .lost = asks[i].lost};
        struct localise_problem problem = {.paths = &path,
                                           .path_count = 1,
                                           .component_count = 2,
                                           .prior_nats = prior,
                                           .normal = {0.001}};
        struct localise_story story;
        localise_run(localise, &problem, &story);
        CHECK_ROW(asks[i].name, story.count == 1);
        uint32_t said = story.parts[0].component;
        CHECK_ROW(asks[i].name, said == (asks[i].rival < 0 && asks[i].rival > asks[i].prior));
        double own = worth(&path, 0.001, prior[said]), other = worth(&path, 0.001, prior[1 - said]);
        double share = (double)path.lost / path.sent, loss = 1 - (1 - share) / (1 - 0.001);
        CHECK_ROW(asks[i].name, fabs(story.parts[0].loss / loss - 1) < 2e-3);  // the likeliest
        bool has_rival = asks[i].rival < 0 && other > 0;
        double rest = 1 + (asks[i].rival < 0 ? exp(other) : 0);
        CHECK_ROW(asks[i].name, story.parts[0].rival_count == has_rival);
        CHECK_ROW(asks[i].name,
                  fabs(story.parts[0].odds_nats - (has_rival ? own - other : own)) < 1e-6);
        CHECK_ROW(asks[i].name,
                  fabs(story.parts[0].posterior - exp(own) / (exp(own) + rest)) < 1e-9);
    }
    localise_free(localise);
}

// A small contrast is one, too; what nothing can tell is nobody's.
static void asks_also_for_what_hardly_differs(void **state)
{
    (void)state;
    struct world *w = world_new();
    for (uint32_t p = 0; p < PATHS; p++)
        w->paths[p].level = 1;
    w->story = (struct localise_story){.count = 1, .parts = {{.component = BOTH, .loss = 0.01}}};
    uint32_t next = localise_next_probe(&w->problem, &w->story, 0);
    assert_true(next < PATHS && passes(&w->paths[next], BOTH));
    w->story.parts[0].rival_count = 1;
    w->story.parts[0].rivals[0].component = BOTH;
    assert_int_equal(localise_next_probe(&w->problem, &w->story, 0), PATHS);
    world_free(w);
}

// Where one part fails another is likelier to, by a factor of e.
static void a_fault_seldom_comes_alone(void **state)
{
    (void)state;
    static const uint16_t first[] = {0, NONE}, second[] = {1, NONE};
    const double prior[] = {-7, -7};
    struct localise *localise = localise_new(2, 2);
    struct localise_path paths[] = {{.members = first, .sent = 20, .lost = 8},
                                    {.members = second, .sent = 20, .lost = 6}};
    struct localise_problem problem = {.paths = paths,
                                       .path_count = 2,
                                       .component_count = 2,
                                       .prior_nats = prior,
                                       .normal = {0.001}};
    struct localise_story story;
    localise_run(localise, &problem, &story);
    assert_int_equal(story.count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        double own = worth(&paths[story.parts[i].component], 0.001, -7) + 1;
        assert_true(fabs(story.parts[i].odds_nats - own) < 1e-6);
    }
    localise_free(localise);
}

// Of so many draws of two or three faults anywhere: exactly those are named. Every step of the
// search is worth some of them.
static void searches_well(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct random random = {11};
    uint32_t right[4] = {0};
    for (uint32_t i = 0; i < 3000; i++) {
        static const double losses[] = {0.07, 0.15, 0.3, 0.5, 0.7, 1};
        struct fault faults[3];
        uint32_t count = 1 + i % 3, found = 0;
        for (uint32_t n = 0; n < count; n++) {
            faults[n].component = 1 + (uint32_t)(random_u64(&random) % (COMPONENTS - 1));
            faults[n].loss = losses[random_u64(&random) % 6];
        }
        draw(w, 40, faults, count, &random);
        run(w);
        for (uint32_t n = 0; n < count; n++)
            found += find(w, faults[n].component) != NULL;
        bool is_right = found == count && w->story.count == count;
        right[count] += is_right;
        // Two within each other that only shares other than a half tell apart.
        assert_true(is_right || (i != 932 && i != 2206));
    }
    print_message("one %u, two %u, three %u of 1000\n", right[1], right[2], right[3]);
    assert_true(right[1] >= 975 && right[2] >= 831 && right[3] >= 587);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_fails),
        cmocka_unit_test(blames_hardly_anybody_by_chance),
        cmocka_unit_test(few_samples_are_ambiguous),
        cmocka_unit_test(explains_the_rest),
        cmocka_unit_test(finds_two_behind_one),
        cmocka_unit_test(says_the_same_again),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(rarer_and_narrower_is_less_likely),
        cmocka_unit_test(odds_are_what_evidence_says),
        cmocka_unit_test(a_fault_seldom_comes_alone),
        cmocka_unit_test(asks_also_for_what_hardly_differs),
        cmocka_unit_test(searches_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
