// SPDX-License-Identifier: ISC
#include "engine/world_check.h"

#include "base/check.h"
#include "steer/limits.h"

enum {
    A = 0,  // upstreams, and the routers that they are attached to
    B = 1,
    FAULT_MS = 15 * 1000,
    TOTAL = 1000 * 1000,  // ppm
    SOME = 380 * 1000,
};

enum ends { BARE, MOVED };

// What becomes of each; times in ms. `restored_ms`: customers lose nothing later than so long after
// the first faulty packet; 0: not asked.
static const struct {
    const char *name;
    enum net_mode mode;
    bool backup;
    struct world_event events[8];
    int64_t until_ms;
    uint32_t acts_min, acts_max, released;
    enum ends ends;
    int64_t restored_ms;
    const char *says;  // a reason that must be told; NULL: none asked
} rows[] = {
    // clang-format off
    {"nothing happens", NET_ACT, false, {{0}}, 60000, 0, 0, 0, BARE, 0, NULL},
    {"telia: both families at once", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}},
     30000, 2, 2, 0, MOVED, 1500, NULL},
    {"telia where the other router too used that way", NET_ACT, true,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}},
     30000, 2, 2, 0, MOVED, 1500, NULL},
    {"total loss", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, TOTAL}},
     30000, 2, 2, 0, MOVED, 3000, NULL},
    {"IPv6 alone moves alone", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV6, SOME}},
     30000, 1, 1, 0, MOVED, 1500, NULL},
    {"IPv4 alone, on the other transit", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, B, FAMILY_IPV4, SOME}},
     30000, 1, 1, 0, MOVED, 1500, NULL},
    {"returns through a trial", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 40000, A, FAMILY_NONE, SOME}},
     120000, 2, 2, 0, BARE, 0, "the old way has been good"},
    {"the old way still loses 1.5 %: stays moved", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 30000, A, FAMILY_IPV4, SOME},
      {WORLD_LOSS, 30000, 0, A, FAMILY_IPV4, 15000}},
     90000, 1, 1, 0, MOVED, 1500, NULL},
    {"loss comes back with the slice: it moves back", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 20000, A, FAMILY_IPV4, SOME},
      {WORLD_SLICE, 0, 60000, A, FAMILY_IPV4, SOME}},
     62000, 1, 1, 0, MOVED, 0, "the old way has been good"},
    {"too little loss to be sure that moving gains", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, 15000}},
     60000, 0, 0, 0, BARE, 0, "not surely better"},
    {"everything is bad", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME},
      {WORLD_LOSS, FAULT_MS, 0, B, FAMILY_NONE, SOME}},
     40000, 0, 0, 0, BARE, 0, "is not well either"},
    {"everything is a little bad", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, 60000},
      {WORLD_LOSS, FAULT_MS, 0, B, FAMILY_NONE, 60000}},
     60000, 0, 0, 0, BARE, 0, NULL},
    {"the alternative was bad before", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME},
      {WORLD_LOSS, 12000, 0, B, FAMILY_NONE, 300000}},
     40000, 2, 2, 0, MOVED, 0, "is not well either"},
    {"the alternative is not proven yet", NET_ACT, false,
     {{WORLD_LOSS, 6000, 8500, A, FAMILY_NONE, SOME}},
     30000, 0, 0, 0, BARE, 0, "for long enough yet"},
    {"only looks", NET_OBSERVE, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}},
     30000, 0, 0, 0, BARE, 0, "transit-b is proven good"},
    {"only advises", NET_ADVISE, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}},
     30000, 0, 0, 0, BARE, 0, "transit-b is proven good"},
    {"refused by the second router: nothing stays", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_REFUSE, 0, 0, A, 0, 0}},
     40000, 2, 3, 0, BARE, 0, "edge1 was refused"},
    {"refused by the first router: nothing is told to the other", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_REFUSE, 0, 0, B, 0, 0}},
     40000, 2, 3, 0, BARE, 0, "edge2 was refused"},
    {"an override is lost while held", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_DROP, 22000, 0, A, 0, 0}},
     25000, 1, 1, 0, MOVED, 0, NULL},
    {"an override is lost while it is verified", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_DROP, 15600, 18000, B, 0, 0}},
     17000, 1, 2, 0, MOVED, 0, "lost 203.0.113.0/24"},
    {"the move does not help: undone, then left alone", NET_ACT, false,
     {{WORLD_LOSS, 15750, 0, B, FAMILY_IPV4, SOME},
      {WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}},
     40000, 1, 1, 0, BARE, 0, "lost on the way that customers"},
    {"the prober is stopped while held: all goes within 5 s", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}, {WORLD_HALT, 20000, 0, 0, 0, 0}},
     25100, 2, 2, 1, BARE, 0, NULL},
    {"the prober goes on: quiet first, then the move", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_HALT, 20000, 25000, 0, 0, 0}},
     40000, 2, 2, 1, MOVED, 0, "the quiet time"},
    {"the prober is stopped while nothing is moved", NET_ACT, false,
     {{WORLD_LOSS, 21000, 0, A, FAMILY_NONE, SOME}, {WORLD_HALT, 20900, 30000, 0, 0, 0}},
     30000, 0, 0, 0, BARE, 0, NULL},
    {"the prober dies while held", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}, {WORLD_HALT, 20000, 0, 0, 0, 0},
      {WORLD_ROLE, 20010, 0, ROLE_PROBE, 0, ROLE_DEAD}},
     20200, 2, 2, 1, BARE, 0, NULL},
    {"the prober sees nothing: stays, and goes after a minute", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}, {WORLD_VOID, 20000, 0, 0, 0, 0}},
     79000, 2, 2, 0, MOVED, 0, NULL},
    {"the prober sees nothing for more than a minute", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}, {WORLD_VOID, 20000, 0, 0, 0, 0}},
     82000, 2, 2, 1, BARE, 0, NULL},
    {"missing data moves nothing", NET_ACT, false,
     {{WORLD_VOID, FAULT_MS, 0, 0, 0, 0}},
     60000, 0, 0, 0, BARE, 0, NULL},
    {"route does not answer", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_MUTE, 0, 0, 0, 0, 0}},
     25000, 1, 1, 1, BARE, 0, "not confirmed within 2 s"},
    {"route sick for 4 s", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME},
      {WORLD_ROLE, 20000, 0, ROLE_ROUTE, 0, ROLE_SICK}},
     25000, 2, 2, 1, BARE, 0, NULL},
    {"web may die just before", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME},
      {WORLD_ROLE, 14900, 0, ROLE_WEB, 0, ROLE_DEAD}},
     25000, 2, 2, 0, MOVED, 1500, NULL},
    {"web may die", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME},
      {WORLD_ROLE, 20000, 0, ROLE_WEB, 0, ROLE_DEAD}},
     25000, 2, 2, 0, MOVED, 1500, NULL},
    {"the session of the new way's router is lost while held", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}, {WORLD_SESSION, 20000, 0, B, 0, 0}},
     23000, 2, 2, 0, BARE, 0, "the session with edge2 is gone"},
    {"the session of the old way's router is lost while held", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}, {WORLD_SESSION, 20000, 0, A, 0, 0}},
     23000, 2, 2, 0, BARE, 0, "the session with edge1 is gone"},
    {"a session is lost in the middle of acting", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_SESSION, 15700, 0, B, 0, 0}},
     23000, 1, 1, 0, BARE, 0, NULL},
    {"a session is back: quiet first, then the move", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_SESSION, 20000, 22000, B, 0, 0}},
     40000, 2, 2, 0, MOVED, 0, "the quiet time"},
    {"sessions that flap: six acts, then what stands stays", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 78000, A, FAMILY_IPV4, SOME}, {WORLD_SESSION, 20000, 21000, B, 0, 0},
      {WORLD_SESSION, 30000, 31000, B, 0, 0}, {WORLD_SESSION, 40000, 41000, B, 0, 0},
      {WORLD_SESSION, 50000, 51000, B, 0, 0}, {WORLD_SESSION, 60000, 61000, B, 0, 0}},
     250000, 6, 6, 0, MOVED, 0, NULL},
    {"sessions that flap: no seventh act", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_SESSION, 20000, 21000, B, 0, 0},
      {WORLD_SESSION, 30000, 31000, B, 0, 0}, {WORLD_SESSION, 40000, 41000, B, 0, 0},
      {WORLD_SESSION, 50000, 51000, B, 0, 0}, {WORLD_SESSION, 60000, 61000, B, 0, 0},
      {WORLD_SESSION, 70000, 71000, B, 0, 0}},
     90000, 6, 6, 0, BARE, 0, "(S15)"},
    {"told to stop", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME},
      {WORLD_COMMAND, 20000, 0, COMMAND_STOP, 0, 0}},
     30000, 2, 2, 1, BARE, 0, "an operator froze"},
    {"frozen before: nothing new", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME},
      {WORLD_COMMAND, 14000, 0, COMMAND_FREEZE, 0, 0}},
     30000, 0, 0, 0, BARE, 0, "an operator froze"},
    {"frozen while held: what stands stays", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 40000, A, FAMILY_NONE, SOME},
      {WORLD_COMMAND, 20000, 0, COMMAND_FREEZE, 0, 0}},
     140000, 2, 2, 0, MOVED, 1500, NULL},
    {"frozen, then thawed: returns", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 40000, A, FAMILY_NONE, SOME},
      {WORLD_COMMAND, 20000, 0, COMMAND_FREEZE, 0, 0},
      {WORLD_COMMAND, 90000, 0, COMMAND_THAW, 0, 0}},
     180000, 2, 2, 0, BARE, 0, "the old way has been good"},
    {"frozen in the middle of acting: it goes back", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME},
      {WORLD_COMMAND, 15700, 0, COMMAND_FREEZE, 0, 0}},
     25000, 1, 1, 0, BARE, 0, NULL},
    {"frozen in the middle of acting: begun anew after the thaw", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME},
      {WORLD_COMMAND, 15700, 0, COMMAND_FREEZE, 0, 0},
      {WORLD_COMMAND, 25000, 0, COMMAND_THAW, 0, 0}},
     30000, 2, 2, 0, MOVED, 10500, NULL},
    {"the way chosen becomes bad, the old one is well again", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 18000, A, FAMILY_IPV4, SOME},
      {WORLD_LOSS, 23000, 0, B, FAMILY_IPV4, SOME}},
     60000, 2, 2, 0, MOVED, 0, "the way chosen has become bad, and another is better"},
    {"the way chosen becomes bad, and so is the old one", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME},
      {WORLD_LOSS, 23000, 0, B, FAMILY_IPV4, 450000}},
     60000, 1, 1, 0, MOVED, 0, NULL},
    {"a target that never answers keeps nothing from being mended", NET_ACT, false,
     {{WORLD_DEAF, 0, 0, 1, 0, TOTAL}, {WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}},
     30000, 2, 2, 0, MOVED, 2000, NULL},
    {"a target that answers every other time, neither, nor the return", NET_ACT, false,
     {{WORLD_DEAF, 0, 0, 1, 0, 500000}, {WORLD_LOSS, FAULT_MS, 40000, A, FAMILY_NONE, SOME}},
     120000, 2, 2, 0, BARE, 0, "the old way has been good"},
    {"a target dies while held: nothing else happens", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, SOME}, {WORLD_DEAF, 25000, 0, 0, 0, TOTAL}},
     60000, 2, 2, 0, MOVED, 1500, NULL},
    {"both ways become bad while held, the old one worse: it stays and says so", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_NONE, TOTAL},
      {WORLD_LOSS, 25000, 0, B, FAMILY_NONE, 100000}},
     60000, 2, 2, 0, MOVED, 0, "transit-a is not well either"},
    {"both ways have become bad, then the old one is well", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 45000, A, FAMILY_IPV4, SOME},
      {WORLD_LOSS, 25000, 0, B, FAMILY_IPV4, 450000}},
     120000, 2, 2, 0, MOVED, 0, "and another is better"},
    {"a router restarts again and again while the outage is on", NET_ACT, false,
     {{WORLD_LOSS, FAULT_MS, 0, A, FAMILY_IPV4, SOME}, {WORLD_SESSION, 17000, 18000, B, 0, 0},
      {WORLD_SESSION, 22000, 23000, B, 0, 0}, {WORLD_SESSION, 30000, 31000, B, 0, 0}},
     60000, 2, 6, 0, MOVED, 0, "the session with edge2 is gone"},
    // clang-format on
};

static struct world *play(size_t row, uint64_t seed, bool recorded)
{
    struct net net = world_net(rows[row].mode);
    struct world *world = world_new(&net, seed, recorded);
    world->events = rows[row].events;
    world->event_count = sizeof rows[row].events / sizeof rows[row].events[0];
    world->second_is_backup = rows[row].backup;
    world_run(world, rows[row].until_ms);
    return world;
}

static void print_world(size_t row, const struct world *world)
{
    if (!getenv("WORLD_PRINT"))
        return;
    print_message(
        "%s: acts %u announced %u withdrawn %u released %u, lost last at %lld ms and %lld ms "
        "(IPv6); confirmed %lld, acted %lld, helped %lld, returned %lld\n",
        rows[row].name, world->acts, world->announced, world->withdrawn, world->released,
        (long long)world->customers_lost_last_ms[FAMILY_IPV4],
        (long long)world->customers_lost_last_ms[FAMILY_IPV6], (long long)world->confirmed_at_ms,
        (long long)world->acted_at_ms, (long long)world->helped_at_ms,
        (long long)world->returned_at_ms);
    for (uint32_t i = 0; i < world->reason_count; i++)
        print_message("    %s\n", world->reasons[i]);
}

static void check_end(size_t row, const struct world *world)
{
    const char *name = rows[row].name;
    int64_t last = 0;
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        if (world->customers_lost_last_ms[f] > last)
            last = world->customers_lost_last_ms[f];
    if (world->broken)
        fail_msg("row '%s': %s", name, world->broken);
    CHECK_ROW(name, world->ready == 1);
    CHECK_ROW(name, world->acts >= rows[row].acts_min && world->acts <= rows[row].acts_max);
    CHECK_ROW(name, world->released == rows[row].released);
    CHECK_ROW(name, world_is_bare(world) == (rows[row].ends == BARE));
    CHECK_ROW(name, world->loops == 0);
    CHECK_ROW(name, world->fault_free_lost == 0);
    CHECK_ROW(name, !rows[row].restored_ms || last < FAULT_MS + rows[row].restored_ms);
    CHECK_ROW(name, !rows[row].says || world_said(world, rows[row].says));
}

// WORLD_PRINT=1 in the environment shows what happened.
static void lives_through_everything(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct world *world = play(row, row + 1, false);
        print_world(row, world);
        check_end(row, world);
        world_free(world);
    }
}

// First one prefix; the other when packets have proven it.
static void returns_a_slice_first(void **state)
{
    (void)state;
    const struct world_event outage = {WORLD_LOSS, FAULT_MS, 40000, A, FAMILY_IPV4, SOME};
    struct net net = world_net(NET_ACT);
    struct world *world = world_new(&net, 1, false);
    world->events = &outage;
    world->event_count = 1;
    world_run(world, 120000);
    assert_true(world_is_bare(world) && world->withdrawn == 4);
    // The first holds targets.
    assert_in_range(world->withdrawn_ms[1] - world->withdrawn_ms[0], 1000, 15000);
    world_free(world);
}

// 2016-06-17: loss that comes and goes. Moves are few, and fewer with time.
static void damps_what_flaps(void **state)
{
    (void)state;
    enum { FLAPS = 20, APART_MS = 60000, LONG_MS = 15000 };
    struct world_event flaps[FLAPS];
    for (int i = 0; i < FLAPS; i++)
        flaps[i] = (struct world_event){
            WORLD_LOSS, FAULT_MS + i * APART_MS, FAULT_MS + i * APART_MS + LONG_MS, A, FAMILY_IPV4,
            SOME};
    struct net net = world_net(NET_ACT);
    struct world *world = world_new(&net, 1, false);
    world->events = flaps;
    world->event_count = FLAPS;
    world_run(world, FAULT_MS + FLAPS * APART_MS / 2);
    uint32_t first_half = world->acts;
    world_run(world, FAULT_MS + FLAPS * APART_MS);
    assert_null(world->broken);
    assert_in_range(first_half, 1, 4);
    assert_in_range(world->acts, first_half, first_half + 2);
    assert_true(world->acts + world->relapses <= STEER_ACTS_PER_HOUR_MAX);
    assert_int_equal(world->loops, 0);
    // Moved at all, customers lose in few of the bursts.
    assert_true(world->customers_lost[FAMILY_IPV4] < FLAPS * LONG_MS * 2.0 * SOME / TOTAL / 3);
    world_free(world);
}

// Background loss of 0.1 % and a burst of 50 ms once a minute on each transit: no reason to act.
static void lets_harmless_loss_be(void **state)
{
    (void)state;
    enum { MINUTES = 10 };
    struct world_event harmless[2 * MINUTES + 2];
    uint32_t count = 0;
    for (int i = 0; i < 2 * MINUTES; i++) {
        int64_t at_ms = FAULT_MS + i * 30000;
        harmless[count++] =
            (struct world_event){WORLD_LOSS, at_ms, at_ms + 50, i % 2, FAMILY_NONE, TOTAL};
    }
    harmless[count++] = (struct world_event){WORLD_LOSS, 0, 0, A, FAMILY_NONE, 1000};
    harmless[count++] = (struct world_event){WORLD_LOSS, 0, 0, B, FAMILY_NONE, 1000};
    struct net net = world_net(NET_ACT);
    struct world *world = world_new(&net, 1, false);
    world->events = harmless;
    world->event_count = count;
    world_run(world, MINUTES * 60000);
    assert_null(world->broken);
    assert_int_equal(world->announced, 0);
    assert_int_equal(world->ready, 1);
    world_free(world);
}

// What stands and no move of ours accounts for would stand for as long as the engine lives.
static void takes_back_what_nobody_wants(void **state)
{
    (void)state;
    struct net net = world_net(NET_ACT);
    struct engine *engine = engine_new(&net);
    const char *const strays[] = {"20.1.0.0/16", "2a10:1::/32"};
    size_t count;
    engine_step(engine, &(struct event){.kind = EVENT_START}, &count);
    for (size_t i = 0; i < 2; i++) {
        struct event told = {.kind = EVENT_OVERRIDE,
                             .override = {0, B, check_prefix(strays[i]), OVERRIDE_ANNOUNCED, ""}};
        const struct effect *effects = engine_step(engine, &told, &count);
        assert_int_equal(effects[count - 1].kind, EFFECT_WITHDRAW);
        assert_int_equal(effects[count - 1].override.router, 0);
        assert_int_equal(effects[count - 1].override.upstream, B);
        assert_true(prefix_equal(effects[count - 1].override.prefix, told.override.prefix));
        told.override.state = OVERRIDE_WITHDRAWN;
        effects = engine_step(engine, &told, &count);
        for (size_t n = 0; n < count; n++)
            assert_int_not_equal(effects[n].kind, EFFECT_WITHDRAW);
    }
    engine_free(engine);
}

// The same events, through text and back into a new engine, give the same effects to the byte.
static void replays_to_the_byte(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row += 6) {
        struct world *world = play(row, 3, true);
        uint64_t digest = 0xcbf29ce484222325u;
        struct engine *engine = engine_new(&world->net);
        char *rest = world->script, *line, why[MESSAGE_WHY_MAX];
        world->script[world->script_size - 1] = '\0';
        while ((line = strtok_r(rest, "\n", &rest))) {
            struct event event;
            size_t count;
            CHECK_ROW(line, message_to_event(&world->net, line, strlen(line), &event, why));
            const struct effect *effects = engine_step(engine, &event, &count);
            for (size_t i = 0; i < count; i++)
                digest = world_digest(digest, &world->net, &effects[i]);
        }
        CHECK_ROW(rows[row].name, digest == world->digest);
        engine_free(engine);
        world_free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_through_everything),
        cmocka_unit_test(returns_a_slice_first),
        cmocka_unit_test(damps_what_flaps),
        cmocka_unit_test(lets_harmless_loss_be),
        cmocka_unit_test(takes_back_what_nobody_wants),
        cmocka_unit_test(replays_to_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
