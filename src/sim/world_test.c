// SPDX-License-Identifier: ISC
#include "sim/world.h"

#include "base/check.h"
#include "sim/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct story {
    size_t size;
    char text[1 << 20];
};

static void keep(void *context, const char *line)
{
    struct story *story = context;
    story->size +=
        (size_t)snprintf(story->text + story->size, sizeof story->text - story->size, "%s\n", line);
    assert_true(story->size < sizeof story->text);
}

static void the_same_seed_tells_the_same_story(void **state)
{
    (void)state;
    struct story *stories = calloc(2, sizeof *stories);
    struct sim_judge judge = {.say = keep};
    struct sim_world *w = sim_world_new(&judge);
    uint32_t moving = 0;
    assert_true(stories && w);
    w->traced = true;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        for (uint64_t turn = 0; turn < 2; turn++) {
            judge.context = &stories[turn];
            sim_world_play(w, 1000 + 2 * seed + turn, NULL);  // whatever was before
            stories[turn].size = 0;
            sim_world_play(w, seed, NULL);
        }
        assert_string_equal(stories[0].text, stories[1].text);
        moving += strstr(stories[0].text, "says to router") != NULL;
    }
    assert_true(moving > 0);
    sim_world_free(w);
    free(stories);
}

static void messages_come_in_order(void **state)
{
    (void)state;
    struct sim_messages *m = calloc(1, sizeof *m);
    struct random random = {1};
    struct sim_message next, before = {.at_ms = -1};
    for (int i = 0; i < 1000; i++)
        sim_message_send(m, &(struct sim_message){.at_ms = (int64_t)(random_u64(&random) % 50)});
    for (int i = 0; i < 1000; i++) {
        assert_true(sim_message_next(m, 49, &next));
        assert_true(next.at_ms > before.at_ms ||
                    (next.at_ms == before.at_ms && next.order > before.order));
        before = next;
    }
    assert_false(sim_message_next(m, INT64_MAX, &next));
    assert_true(sim_message_due(m) == INT64_MAX);
    free(m);
}

// Put off twice, it still comes before what came later and was put off but once.
static void who_is_put_off_keeps_its_place(void **state)
{
    (void)state;
    struct sim_messages *m = calloc(1, sizeof *m);
    struct sim_message next;
    for (uint8_t at = 1; at <= 4; at++)
        sim_message_send(m, &(struct sim_message){.at_ms = 10 * (int64_t)at, .router = at});
    for (int64_t now_ms = 10; now_ms <= 30; now_ms += 10) {
        while (sim_message_next(m, now_ms, &next))
            sim_message_put_off(m, &next, now_ms < 20 ? 20 : 40);
    }
    for (uint8_t at = 1; at <= 4; at++) {
        assert_true(sim_message_next(m, 40, &next));
        assert_int_equal(next.router, at);
    }
    free(m);
}

int main(void)
{
    const struct CMUnitTest units[] = {
        cmocka_unit_test(the_same_seed_tells_the_same_story),
        cmocka_unit_test(messages_come_in_order),
        cmocka_unit_test(who_is_put_off_keeps_its_place),
    };
    return cmocka_run_group_tests(units, NULL, NULL);
}
