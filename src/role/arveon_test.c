// SPDX-License-Identifier: ISC
// arveon, 2026-03-03, at its own offsets: a timer is changed on four reflectors; on one a stray
// variable made 15 ms of 150, and 202 s later its 28 BFD sessions fall within 200 ms.
#include "role/lines_check.h"

enum { A, B };

static struct net reflector_net(void)
{
    struct net net = small_net();
    struct net_group *rr = &net.groups[net.group_count++];
    *rr = (struct net_group){.name = "rr", .member_count = 4};
    for (uint32_t m = 0; m < 4; m++) {
        snprintf(rr->members[m].name, NET_NAME_MAX, "fra-rr-%u", m + 1);
        lines_device(&net, rr->members[m].name);
    }
    static const char *const others[] = {"edge1", "edge2", "fra-lc-1", "fra-spine-1",
                                         "fra-spine-2"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        lines_device(&net, others[i]);
    return net;
}

// As the pipeline tells, and what a look at the rendered configurations found.
static void change_timers(struct lines *l)
{
    struct event change = {.kind = EVENT_CHANGE,
                           .change = {.source = CHANGE_WEBHOOK,
                                      .id = "CR-3148",
                                      .who = "ansible",
                                      .what = "bfd timers 1500 to 150"}};
    struct event odd = {.kind = EVENT_ODD,
                        .odd = {.source = CHANGE_WEBHOOK,
                                .id = "CR-3148",
                                .what = "bfd receive-interval 15; the others have 150"}};
    for (uint32_t m = 0; m < 4; m++)
        net_devices_add(&change.change.devices,
                        net_device_find(&l->net, l->net.groups[0].members[m].name));
    net_devices_add(&odd.odd.devices, net_device_find(&l->net, "fra-rr-4"));
    lines_run(l, LINES_AT(9, 11, 0));
    change.change.done_at.ns = l->ms * NS_PER_MS;
    lines_step(l, change);
    lines_run(l, LINES_AT(9, 11, 8));
    lines_step(l, odd);
    lines_run(l, LINES_AT(9, 12, 40));  // somebody else, somewhere else, later
    lines_hear(l, "fra-spine-1",
               "<189>Mar  3 09:12:40 fra-spine-1 mgd[411]: UI_COMMIT: User 'mia' "
               "requested 'commit' operation (comment: port 12 to vlan 40)");
}

static void sessions_fall(struct lines *l)
{
    lines_run(l, LINES_AT(9, 14, 22));
    for (int n = 0; n < 28; n++) {
        char line[256];
        snprintf(line, sizeof line,
                 "<30>Mar  3 09:14:22 fra-rr-4 bfdd[760]: [SEY1D-NT8EQ] state-change: [mhop:no "
                 "peer:%s%d local:192.0.2.254 vrf:default ifname:lan] up -> down "
                 "reason:control-expired",
                 n % 2 ? "2001:db8:7::" : "192.0.2.", n + 1);
        lines_hear(l, "fra-rr-4", line);
    }
}

static void roll_back(struct lines *l)
{
    struct event change = {.kind = EVENT_CHANGE,
                           .change = {.source = CHANGE_WEBHOOK,
                                      .id = "CR-3149",
                                      .who = "jo",
                                      .what = "bfd timers back",
                                      .done_at = {l->ms * NS_PER_MS}}};
    net_devices_add(&change.change.devices, net_device_find(&l->net, "fra-rr-4"));
    lines_step(l, change);
}

static void check_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not say '%s'", text, part);
}

static void check_cause(const struct effect_outage *said)
{
    check_says(said->cause,
               "change CR-3148 by ansible, on fra-rr-4 alone: bfd receive-interval 15; "
               "the others have 150");
    check_says(said->cause, "(the cause, ");
}

static void names_the_digit(void **state)
{
    (void)state;
    struct net net = reflector_net();
    struct lines *l = lines_open(&net, LINES_AT(9, 5, 0));
    change_timers(l);
    sessions_fall(l);
    lines_run(l, LINES_AT(9, 14, 30));
    lines_lose(l, A, 38);  // between zones
    lines_lose(l, B, 38);
    lines_run(l, LINES_AT(9, 26, 14));
    roll_back(l);
    lines_run(l, LINES_AT(9, 26, 30));
    lines_lose(l, A, 0);
    lines_lose(l, B, 0);
    lines_run(l, LINES_AT(9, 30, 0));
    if (getenv("SHOW"))
        lines_show(l, LINES_AT(9, 14, 0));
    assert_int_equal(l->told[0].ms / 1000, LINES_AT(9, 14, 22) / 1000);  // nothing before
    const struct effect_outage *said = lines_last(l, LINES_AT(9, 14, 24));
    assert_int_equal(said->state, OUTAGE_WARNED);
    check_says(said->title, "BFD session down");
    check_says(said->title, "fra-rr-4");
    check_says(said->action, "roll back on fra-rr-4");
    check_cause(said);
    said = lines_last(l, LINES_AT(9, 14, 45));
    assert_int_equal(said->state, OUTAGE_OPEN);
    assert_int_equal(said->severity, OUTAGE_CRITICAL);
    check_cause(said);
    said = lines_last(l, LINES_AT(9, 30, 0));
    assert_int_equal(said->state, OUTAGE_OVER);
    assert_int_equal(said->number, 1);
    lines_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_digit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
