// SPDX-License-Identifier: ISC
// dataforest, 2025-10-23, at its own offsets: one commit on both switches of a pair, the daemon
// that learns addresses crashes on both, one stays dead, and seven minutes later packets are lost.
#include "role/lines_check.h"

enum { A, B, C, D };

// Two routers, two upstreams each; of each one crosses ca1, the other ca2.
static struct net pair_net(void)
{
    struct net net = small_net();
    small_upstream(&net, "transit-c", "10.0.3.1", "2001:db8:0:c1::1");
    small_upstream(&net, "transit-d", "10.0.4.1", "2001:db8:0:d1::1");
    for (uint32_t u = 0; u < 4; u++)
        net.upstreams[u].router = u / 2;
    net.group_count = 1;
    net.groups[0] = (struct net_group){
        .name = "ca", .member_count = 2, .members = {{.name = "ca1"}, {.name = "ca2"}}};
    net.groups[0].members[0].upstreams = 1u << A | 1u << C;
    net.groups[0].members[1].upstreams = 1u << B | 1u << D;
    static const char *const devices[] = {"ca1",  "ca2",  "edge1",  "edge2",
                                          "oob1", "oob2", "srv-sw1"};
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        lines_device(&net, devices[i]);
    return net;
}

static void commit_and_crash(struct lines *l)
{
    lines_run(l, LINES_AT(13, 22, 40));
    lines_hear(l, "srv-sw1",
               "<189>Oct 23 13:22:40 srv-sw1 mgd[411]: UI_COMMIT: User 'mia' requested "
               "'commit' operation (comment: port 12 to vlan 40)");
    lines_run(l, LINES_AT(13, 26, 5));
    lines_hear(l, "ca1",
               "<189>Oct 23 13:26:05 ca1 mgd[7731]: UI_COMMIT: User 'luke' requested 'commit' "
               "operation (comment: CR-2025-114 irb on vlan 700)");
    lines_hear(l, "ca2",
               "<189>Oct 23 13:26:05 ca2 mgd[7729]: UI_COMMIT: User 'luke' requested 'commit' "
               "operation (comment: CR-2025-114 irb on vlan 700)");
    lines_run(l, LINES_AT(13, 26, 6));
    lines_hear(l, "ca2", "<29>Oct 23 13:26:06 ca2 mgd[7729]: UI_COMMIT_COMPLETED: commit complete");
    lines_run(l, LINES_AT(13, 26, 7));
    lines_hear(l, "ca1",
               "<13>Oct 23 13:26:07 ca1 audit: ANOM_ABEND: auid=4294967295 uid=0 gid=0 "
               "ses=4294967295 pid=21604 comm=\"l2ald\" exe=\"/usr/sbin/l2ald\" sig=6 res=1");
    lines_hear(l, "ca2",
               "<29>Oct 23 13:26:07 ca2 systemd: l2ald.service: Main process exited, "
               "code=dumped, status=6/abrt");
    static const int64_t again_ms[] = {LINES_AT(13, 26, 35), LINES_AT(13, 27, 13),
                                       LINES_AT(13, 27, 41)};
    for (size_t i = 0; i < 3; i++) {
        lines_run(l, again_ms[i]);
        lines_hear(l, "ca2",
                   "<29>Oct 23 13:26:35 ca2 systemd: l2ald.service: Main process exited, "
                   "code=dumped, status=6/abrt");
    }
    lines_run(l, LINES_AT(13, 27, 45));
    lines_hear(l, "ca2",
               "<27>Oct 23 13:27:45 ca2 sysman[5110]: SYSTEM_APP_FAILED_EVENT: App has failed "
               "re0-l2ald");
    lines_hear(l, "ca2",
               "<28>Oct 23 13:27:45 ca2 emfd-fpa[6012]: EMF_EVO_ALARM_SET: Alarm set: APP "
               "color=red, class=chassis, reason=Application l2ald fail on node Re0");
}

static void split_brain(struct lines *l)
{
    lines_run(l, LINES_AT(13, 33, 8));
    lines_hear(l, "ca2",
               "<28>Oct 23 13:33:08 ca2 bfdd[7711]: BFDD_STATE_UP_TO_DOWN: BFD Session "
               "198.51.100.2 (IFL 0) state Up -> Down LD/RD(16/31) Up time:6w1d 02:11 Local "
               "Diag: CtlExpire Remote Diag: None Reason: Detect Timer Expiry.");
    for (int port = 0; port < 8; port++) {
        char line[256];
        snprintf(line, sizeof line,
                 "<29>Oct 23 13:33:08 ca2 lacpd[7344]: LACP_INTF_MUX_STATE_CHANGED: ae10: "
                 "et-0/0/%d:0: Lacp state changed from COLLECTING_DISTRIBUTING to DETACHED, actor "
                 "port state : |EXP|-|-|-|OUT_OF_SYNC|AGG|SHORT|ACT|",
                 port);
        lines_hear(l, "ca2", line);
    }
    lines_run(l, LINES_AT(13, 33, 9));
    for (uint32_t u = A; u <= D; u++)
        lines_lose(l, u, 100);
    lines_run(l, LINES_AT(13, 33, 10));
    struct event fault = {.kind = EVENT_FAULT,
                          .fault = {.number = 1,
                                    .state = FAULT_NAMED,
                                    .part = fault_part_any(),
                                    .began_at = {(LINES_AT(13, 33, 8) + 400) * NS_PER_MS},
                                    .evidence = {.odds_millinats = 9000},
                                    .words = "ca2 of ca: 100 % of packets"}};
    strcpy(fault.fault.part.group, "ca");
    strcpy(fault.fault.part.member, "ca2");
    lines_step(l, fault);
    lines_run(l, LINES_AT(13, 33, 36));
    lines_hear(l, "ca1",
               "<189>Oct 23 13:33:36 ca1 mgd[7731]: UI_LOAD_EVENT: User 'root' is performing "
               "a 'rollback 1'");
    lines_hear(l, "ca2",
               "<189>Oct 23 13:33:36 ca2 mgd[7729]: UI_LOAD_EVENT: User 'root' is performing "
               "a 'rollback 1'");
    lines_run(l, LINES_AT(13, 38, 15));
    lines_lose(l, A, 0);  // false hope
    lines_lose(l, C, 0);
    lines_run(l, LINES_AT(14, 2, 22));
    lines_lose(l, B, 0);
    lines_lose(l, D, 0);
    fault.fault.state = FAULT_OVER;
    lines_step(l, fault);
    lines_run(l, LINES_AT(14, 9, 0));
}

static void check_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not say '%s'", text, part);
}

static void warns_with_the_commit_and_both_members(const struct lines *l)
{
    const struct effect_outage *said = lines_last(l, LINES_AT(13, 26, 17));
    assert_int_equal(said->state, OUTAGE_WARNED);
    assert_int_equal(said->severity, OUTAGE_CRITICAL);
    assert_int_equal(said->share_ppm, 0);
    check_says(said->title, "crash of l2ald on ca1, ca2 after change");
    check_says(said->cause, "change 'CR-2025-114 irb on vlan 700' by luke on ca1, ca2");
    check_says(said->cause, "the cause");
    check_says(said->action, "roll back on ca1, ca2: nothing is lost yet");
    for (uint32_t i = 0; i < l->told_count; i++)
        assert_true(l->told[i].ms >= LINES_AT(13, 26, 7));  // and nothing of mia's commit before
}

static void names_the_dead_member(const struct lines *l)
{
    const struct effect_outage *said = lines_last(l, LINES_AT(13, 33, 11) + 400);
    assert_int_equal(said->state, OUTAGE_OPEN);
    assert_int_equal(said->severity, OUTAGE_CRITICAL);
    check_says(said->title, "ca2");
    check_says(said->cause, "change 'CR-2025-114 irb on vlan 700' by luke on ca1, ca2");
    check_says(said->cause, "the cause");
}

static void tells_the_whole_story(void **state)
{
    (void)state;
    struct net net = pair_net();
    struct lines *l = lines_open(&net, LINES_AT(13, 20, 0));
    commit_and_crash(l);
    split_brain(l);
    if (getenv("SHOW"))
        lines_show(l, LINES_AT(13, 26, 0));
    warns_with_the_commit_and_both_members(l);
    names_the_dead_member(l);
    const struct effect_outage *said = lines_last(l, LINES_AT(13, 34, 10));
    assert_int_equal(said->state, OUTAGE_STILL_BROKEN);
    check_says(said->action, "rolled back by root and still broken");
    said = lines_last(l, LINES_AT(13, 38, 25));
    assert_int_equal(said->state, OUTAGE_PARTLY_WELL);
    check_says(said->action, "only what hangs on ca1 came back");
    said = lines_last(l, LINES_AT(14, 9, 0));
    assert_int_equal(said->state, OUTAGE_OVER);
    assert_int_equal(said->number, 1);  // all of it was one
    lines_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_whole_story),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
