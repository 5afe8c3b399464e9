// SPDX-License-Identifier: ISC
#include "role/outbox.h"

#include "base/check.h"
#include "engine/engine.h"
#include "role/channel.h"

#include <errno.h>
#include <unistd.h>

struct rig {
    struct outbox *box;
    int fds[2];
    struct net net;
    int64_t next, taken;  // numbers of orders, in their `at`
};

static struct mono at_s(int64_t s)
{
    return (struct mono){s * NS_PER_S};
}

static struct rig set_up(void)
{
    struct rig rig = {.box = outbox_new()};
    assert_non_null(rig.box);
    assert_int_equal(channel_pair(rig.fds), 0);
    return rig;
}

static void tear_down(struct rig *rig)
{
    outbox_free(rig->box);
    close(rig->fds[0]);
    close(rig->fds[1]);
}

static bool add(struct rig *rig, enum effect_kind kind)
{
    return outbox_add(rig->box, &(struct effect){.kind = kind, .at = {rig->next++}});
}

// Reads all that came and checks that it is in order.
static void take_all(struct rig *rig)
{
    struct effect effect;
    char why[96];
    while (channel_receive_effect(rig->fds[1], &rig->net, &effect, why) == 1)
        assert_int_equal(effect.at.ns, rig->taken++);
}

// Until the channel and the box hold `waiting` orders in the box.
static void fill(struct rig *rig, uint32_t waiting)
{
    while (outbox_flush(rig->box, rig->fds[0], &rig->net, at_s(1)) == 0)
        assert_true(add(rig, EFFECT_RELEASE));
    for (uint32_t i = 1; i < waiting; i++)
        assert_true(add(rig, EFFECT_RELEASE));
}

static void keeps_order_and_loses_none(void **state)
{
    (void)state;
    struct rig rig = set_up();
    fill(&rig, 100);
    assert_false(outbox_is_empty(rig.box));
    take_all(&rig);
    assert_int_equal(outbox_flush(rig.box, rig.fds[0], &rig.net, at_s(2)), 0);
    take_all(&rig);
    assert_int_equal(rig.taken, rig.next);
    assert_true(outbox_is_empty(rig.box));
    tear_down(&rig);
}

static void tells_for_how_long_nobody_reads(void **state)
{
    (void)state;
    struct rig rig = set_up();
    assert_int_equal(outbox_stuck_ns(rig.box, at_s(9)), 0);
    fill(&rig, 2);
    assert_int_equal(outbox_stuck_ns(rig.box, at_s(1)), 0);
    assert_int_equal(outbox_flush(rig.box, rig.fds[0], &rig.net, at_s(3)), -EAGAIN);
    assert_int_equal(outbox_stuck_ns(rig.box, at_s(4)), 3ll * NS_PER_S);
    take_all(&rig);
    assert_int_equal(outbox_flush(rig.box, rig.fds[0], &rig.net, at_s(5)), 0);
    assert_int_equal(outbox_stuck_ns(rig.box, at_s(9)), 0);
    tear_down(&rig);
}

static void takes_leases_only_when_nothing_waits(void **state)
{
    (void)state;
    struct rig rig = set_up();
    assert_true(add(&rig, EFFECT_LEASE));
    assert_false(outbox_is_empty(rig.box));
    assert_int_equal(outbox_flush(rig.box, rig.fds[0], &rig.net, at_s(1)), 0);
    take_all(&rig);
    assert_int_equal(rig.taken, 1);
    fill(&rig, 1);
    int64_t orders = rig.next;
    for (int i = 0; i < 4 * ENGINE_EFFECTS_MAX; i++)  // many more than there is room for
        assert_true(add(&rig, EFFECT_LEASE));
    take_all(&rig);
    assert_int_equal(outbox_flush(rig.box, rig.fds[0], &rig.net, at_s(1)), 0);
    take_all(&rig);
    assert_int_equal(rig.taken, orders);
    tear_down(&rig);
}

static void is_bounded_and_sees_the_end(void **state)
{
    (void)state;
    struct rig rig = set_up();
    fill(&rig, 1);
    int64_t more = 0;
    while (add(&rig, EFFECT_WITHDRAW))
        more++;
    assert_true(more >= ENGINE_EFFECTS_MAX && more <= 4 * ENGINE_EFFECTS_MAX);
    close(rig.fds[1]);
    assert_int_equal(outbox_flush(rig.box, rig.fds[0], &rig.net, at_s(1)), -EPIPE);
    rig.fds[1] = dup(rig.fds[0]);  // for tear_down()
    tear_down(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_and_loses_none),
        cmocka_unit_test(tells_for_how_long_nobody_reads),
        cmocka_unit_test(takes_leases_only_when_nothing_waits),
        cmocka_unit_test(is_bounded_and_sees_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
