// SPDX-License-Identifier: ISC
#include "base/check.h"
#include "engine/watch.h"

#include <stdlib.h>
#include <string.h>

enum { MS_AT = 20 * 1000 };  // long after the clock began

static struct mono ms(int64_t at)
{
    return (struct mono){at * NS_PER_MS};
}

static struct watch *new_watch(struct net *net)
{
    struct watch *watch = calloc(1, sizeof *watch);
    *net = (struct net){.upstream_count = 2, .target_count = 2};
    for (uint32_t u = 0; u < net->upstream_count; u++) {
        net->upstreams[u].next_hop[FAMILY_IPV4] = check_address("10.0.0.1");
        net->upstreams[u].next_hop[FAMILY_IPV6] = check_address("2001:db8::1");
    }
    net->probe.timeout_max_ns = NS_PER_S;
    net->steer.healthy_min_ns = 10 * (int64_t)NS_PER_S;
    watch_init(watch, net);
    return watch;
}

static void tell(struct watch *watch, int64_t at, struct event_tally tally)
{
    struct mono before;
    watch_tally(watch, ms(at), &tally, &before);
}

// Told as lost, and answered so much later: of the loss of the path, and of what its targets lost
// lately, that is none any more, in either family. Longer ago than any answer is waited for, what
// is told is nonsense.
static void a_late_answer_is_no_loss(void **state)
{
    (void)state;
    static const struct {
        int64_t after_ms;
        uint32_t late, lost, cell_lost, cell_ok;
    } rows[] = {
        {100, 0, 40, 40, 60}, {100, 30, 10, 10, 90}, {3000, 40, 0, 0, 100},
        {100, 90, 0, 0, 100}, {6000, 40, 40, 0, 50},  // the cell is halved by then
    };
    struct net *net = calloc(1, sizeof *net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint32_t path = 0; path < 2; path++) {  // of the families
            struct watch *watch = new_watch(net);
            int64_t at = MS_AT + rows[i].after_ms;
            tell(watch, MS_AT, (struct event_tally){.path = path, .ok = 60, .lost = 40});
            for (int64_t quiet = MS_AT + 500; quiet < at; quiet += 500)  // it lives
                tell(watch, quiet, (struct event_tally){.path = path, .target = 1});
            tell(watch, at, (struct event_tally){.path = path, .late = rows[i].late});
            assert_int_equal(watch_loss_recent(watch, path, ms(at)).lost, rows[i].lost);
            assert_int_equal(watch_loss_recent(watch, path, ms(at)).ok, 100 - rows[i].lost);
            assert_int_equal(watch_ppm_recent(watch, path, ms(at)), 10000 * rows[i].lost);
            struct watch_cell cell = watch_cell_recent(watch, path, 0, ms(at));
            assert_int_equal(cell.lost, rows[i].cell_lost);
            assert_int_equal(cell.ok, rows[i].cell_ok);
            free(watch);
        }
    free(net);
}

// Five that were counted on the way back, and a tenth of what was lost.
static void knows_that_answers_are_lost(void **state)
{
    (void)state;
    static const struct {
        uint32_t lost, reverse;
        bool back;
    } rows[] = {{10, 4, false}, {10, 5, true}, {100, 9, false}, {100, 10, true}, {5, 5, true}};
    struct net *net = calloc(1, sizeof *net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint32_t path = 0; path < 2; path++) {  // of the families
            struct watch *watch = new_watch(net);
            tell(watch, MS_AT,
                 (struct event_tally){
                     .path = path, .lost = rows[i].lost, .lost_reverse = rows[i].reverse});
            assert_int_equal(watch_loses_back(watch, path, ms(MS_AT)), rows[i].back);
            assert_false(watch_loses_back(watch, !path, ms(MS_AT)));
            free(watch);
        }
    free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_answer_is_no_loss),
        cmocka_unit_test(knows_that_answers_are_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
