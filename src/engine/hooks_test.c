// SPDX-License-Identifier: ISC
#include "engine/hooks.h"

#include "base/check.h"
#include "engine/engine.h"
#include "engine/small_net.h"
#include "engine/state.h"

// One letter an act, in order: what is asked or heard, and what must stand after it.
enum act {
    ASK,
    UNDO,
    ASK_OTHER,
    UNDO_OTHER,
    STARTED,
    DONE,
    FAILED,
    UNDONE,
    UNDO_FAILED,
    OTHER_DONE,
    FOUND,
    FOUND_BACK,
    BRING_BACK,
    LATE,
    SOON,
    LOST,
    BACK
};

struct step {
    enum act act;
    enum hook_answer answer;  // of ASK to UNDO_OTHER
    enum hook_life life;
    bool in_force, settled;
    uint32_t orders;  // effects of this step for the hook's process
};

static const struct {
    const char *name;
    struct step steps[6];
} rows[] = {
    {"done, settled, taken back",
     {{ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {STARTED, 0, HOOK_ASKED, true, false, 0},
      {DONE, 0, HOOK_ENDED, true, false, 0},
      {SOON, 0, HOOK_ENDED, true, true, 0},
      {UNDO, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {UNDONE, 0, HOOK_ENDED, false, false, 0}}},
    {"asked twice: ordered once",
     {{ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 0}}},
    {"failed: perhaps half of it was done",
     {{ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {FAILED, 0, HOOK_REFUSED, true, false, 0},
      {SOON, 0, HOOK_REFUSED, true, false, 0},
      {UNDO, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {UNDO_FAILED, 0, HOOK_REFUSED, true, false, 0},
      {UNDO, HOOK_ORDERED, HOOK_ASKED, true, false, 1}}},
    {"taken back while it runs: its own end says nothing any more",
     {{ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {UNDO, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {FAILED, 0, HOOK_ASKED, true, false, 0},
      {DONE, 0, HOOK_ASKED, true, false, 0},
      {UNDONE, 0, HOOK_ENDED, false, false, 0}}},
    {"in force for one, not for another",
     {{ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {ASK_OTHER, HOOK_IS_BUSY, HOOK_ASKED, true, false, 0},
      {DONE, 0, HOOK_ENDED, true, false, 0},
      {ASK_OTHER, HOOK_IS_BUSY, HOOK_ENDED, true, false, 0},
      {UNDO_OTHER, HOOK_IS_BUSY, HOOK_ENDED, true, false, 0}}},
    {"of another run nothing is believed",
     {{ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {OTHER_DONE, 0, HOOK_ASKED, true, false, 0},
      {UNDONE, 0, HOOK_ASKED, true, false, 0}}},
    {"nothing to take back", {{UNDO, HOOK_NOT_IN_FORCE, HOOK_AT_REST, false, false, 0}}},
    {"heard of without being asked for", {{DONE, 0, HOOK_AT_REST, false, false, 0}}},
    {"no answer: given up, and a late one changes nothing",
     {{ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {SOON, 0, HOOK_ASKED, true, false, 0},
      {LATE, 0, HOOK_REFUSED, true, false, 0},
      {DONE, 0, HOOK_REFUSED, true, false, 0}}},
    {"found at the start: in force until it is brought back",
     {{FOUND, 0, HOOK_ENDED, true, false, 0},
      {ASK, HOOK_IS_BUSY, HOOK_ENDED, true, false, 0},
      {BRING_BACK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {BRING_BACK, HOOK_ORDERED, HOOK_ASKED, true, false, 0},
      {FOUND_BACK, 0, HOOK_ENDED, false, false, 0},
      {ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1}}},
    {"found, but of it more is known by now",
     {{ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {FOUND, 0, HOOK_ASKED, true, false, 0},
      {DONE, 0, HOOK_ENDED, true, false, 0},
      {BRING_BACK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {UNDONE, 0, HOOK_ENDED, false, false, 0},
      {FOUND, 0, HOOK_ENDED, false, false, 0}}},
    {"nothing to bring back", {{BRING_BACK, HOOK_IS_BUSY, HOOK_AT_REST, false, false, 0}}},
    {"its process ends, and lives again",
     {{ASK, HOOK_ORDERED, HOOK_ASKED, true, false, 1},
      {LOST, 0, HOOK_REFUSED, true, false, 0},
      {UNDO, HOOK_IS_ABSENT, HOOK_REFUSED, true, false, 0},
      {BACK, 0, HOOK_REFUSED, true, false, 0},
      {UNDO, HOOK_ORDERED, HOOK_ASKED, true, false, 1}}},
};

static struct event event_of(enum act act)
{
    static const struct event_hook said[] = {
        [STARTED] = {1, 7, false, HOOK_STARTED, ""},    [DONE] = {1, 7, false, HOOK_DONE, ""},
        [FAILED] = {1, 7, false, HOOK_FAILED, "why"},   [UNDONE] = {1, 7, true, HOOK_DONE, ""},
        [UNDO_FAILED] = {1, 7, true, HOOK_FAILED, "?"}, [OTHER_DONE] = {1, 8, false, HOOK_DONE, ""},
        [FOUND] = {1, 0, false, HOOK_STANDS, ""},       [FOUND_BACK] = {1, 0, true, HOOK_DONE, ""},
    };
    struct event event = {.kind = EVENT_TICK};
    if (act >= STARTED && act <= FOUND_BACK) {
        event.kind = EVENT_HOOK;
        event.hook = said[act];
    }
    if (act == LOST || act == BACK) {
        event.kind = EVENT_ROLE;
        event.role.role = ROLE_HOOK;
        event.role.state = act == LOST ? ROLE_DEAD : ROLE_ALIVE;
    }
    return event;
}

// Gives how many effects are for the hook's process.
static uint32_t play(struct engine *e, struct mono *now, const struct step *step,
                     enum hook_answer *answer)
{
    size_t count = 0;
    uint32_t orders = 0;
    const struct effect *effects = e->effects;
    if (step->act <= UNDO_OTHER) {
        e->effect_count = 0;
        *answer = hook_ask(e, 1, step->act == ASK || step->act == UNDO ? 7 : 8,
                           step->act == UNDO || step->act == UNDO_OTHER);
        count = e->effect_count;
    } else if (step->act == BRING_BACK) {
        char text[HOOK_TEXT_MAX];
        e->effect_count = 0;
        *answer = hook_bring_back(e, 1, text) ? HOOK_ORDERED : HOOK_IS_BUSY;
        count = e->effect_count;
    } else {
        struct event event = event_of(step->act);
        *now = mono_add_ms(*now, step->act == LATE ? 12000 : step->act == SOON ? 1000 : 1);
        event.at = *now;
        effects = engine_step(e, &event, &count);
    }
    for (size_t i = 0; i < count; i++)
        orders += effects[i].kind == EFFECT_HOOK && effects[i].hook.hook == 1;
    return orders;
}

static void remembers_what_is_in_force(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net = small_net();
        struct engine *e = engine_new(&net);
        struct mono now = {NS_PER_S};
        size_t count;
        engine_step(e, &(struct event){.kind = EVENT_TICK, .at = now}, &count);
        for (size_t s = 0; s < 6; s++) {
            const struct step *step = &rows[i].steps[s];
            enum hook_answer answer = 0;
            if (s > 0 && step->act == ASK && step->life == HOOK_AT_REST)
                break;  // the row ends here
            uint32_t orders = play(e, &now, step, &answer);
            CHECK_ROW(rows[i].name, orders == step->orders && answer == step->answer);
            CHECK_ROW(rows[i].name, hook_state(e, 1)->life == step->life);
            CHECK_ROW(rows[i].name, hook_state(e, 1)->in_force == step->in_force);
            CHECK_ROW(rows[i].name, hook_settled(e, 1) == step->settled);
            CHECK_ROW(rows[i].name, hook_state(e, 0)->life == HOOK_AT_REST);
        }
        engine_free(e);
    }
}

static void finds_hooks_by_object(void **state)
{
    (void)state;
    struct net net = small_net();
    assert_int_equal(hook_find(&net, (struct net_object){NET_OBJECT_ROUTER, 1, 0}), 1);
    assert_true(hook_find(&net, (struct net_object){NET_OBJECT_UPSTREAM, 1, 0}) == NET_NOBODY);
    assert_true(hook_find(&net, (struct net_object){NET_OBJECT_ROUTER, 1, 1}) == NET_NOBODY);
}

static void takes_back_only_what_it_can(void **state)
{
    (void)state;
    struct net net = small_net();
    net.hooks[0].undo_arguments.count = 0;
    struct engine *e = engine_new(&net);
    assert_int_equal(hook_ask(e, 0, 7, false), HOOK_ORDERED);
    assert_int_equal(hook_ask(e, 0, 7, true), HOOK_HAS_NO_UNDO);
    engine_free(e);
}

// A person opened what no program can: their word is on record, so that the next start knows.
static void believes_a_person_where_there_is_no_undo(void **state)
{
    (void)state;
    char text[HOOK_TEXT_MAX];
    struct net net = small_net();
    net.hooks[0].undo_arguments.count = 0;
    struct engine *e = engine_new(&net);
    size_t count;
    const struct event stands = {.kind = EVENT_HOOK, .hook = {0, 0, false, HOOK_STANDS, "t1"}};
    const struct effect *said = engine_step(e, &stands, &count);
    assert_int_equal(count, 1);
    assert_int_equal(said->hooked.state, HOOK_STANDS);
    e->effect_count = 0;
    assert_true(hook_bring_back(e, 0, text));
    assert_non_null(strstr(text, "hook drain-a has no undo"));
    assert_false(hook_state(e, 0)->in_force);
    assert_int_equal(e->effect_count, 1);
    assert_int_equal(e->effects[0].kind, EFFECT_HOOKED);
    assert_true(e->effects[0].hooked.undo && e->effects[0].hooked.state == HOOK_DONE);
    engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remembers_what_is_in_force),
        cmocka_unit_test(finds_hooks_by_object),
        cmocka_unit_test(takes_back_only_what_it_can),
        cmocka_unit_test(believes_a_person_where_there_is_no_undo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
