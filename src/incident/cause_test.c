// SPDX-License-Identifier: ISC
// The worked examples of detection.md section 5, and what must not be blamed.
#include "incident/cause.h"

#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Two switches, a pair, each with two of four upstreams; two routers; four reflectors; 16 others.
static struct net pair_net(void)
{
    struct net net = {.router_count = 2, .upstream_count = 4, .group_count = 2};
    struct net_group *ca = &net.groups[0], *rr = &net.groups[1];
    strcpy(net.routers[0].name, "edge1");
    strcpy(net.routers[1].name, "edge2");
    for (uint32_t u = 0; u < 4; u++) {
        snprintf(net.upstreams[u].name, NET_NAME_MAX, "transit-%c", 'a' + u);
        net.upstreams[u].router = u / 2;
    }
    *ca = (struct net_group){
        .name = "ca", .member_count = 2, .members = {{.name = "ca1"}, {.name = "ca2"}}};
    ca->members[0].upstreams = 5;  // a and c
    ca->members[1].upstreams = 10;
    *rr = (struct net_group){.name = "rr", .member_count = 4};
    for (uint32_t m = 0; m < 4; m++)
        snprintf(rr->members[m].name, NET_NAME_MAX, "rr-%u", m + 1);
    net.syslog.device_count = 24;
    for (uint32_t d = 0; d < 24; d++)
        snprintf(net.syslog.devices[d].name, NET_NAME_MAX,
                 d < 2   ? "ca%u"
                 : d < 6 ? "rr-%u"
                         : "sw%u",
                 d < 2   ? d + 1
                 : d < 6 ? d - 1
                         : d);
    return net;
}

enum { DAY = 86400, START = 60 * DAY };

static uint32_t tell(struct facts *facts, enum fact_kind kind, double s, const char *device)
{
    struct fact fact = {.kind = kind, .at = {(int64_t)((START + s) * 1e9)}};
    snprintf(fact.device, sizeof fact.device, "%s", device);
    if (kind <= FACT_ROLLBACK)
        strcpy(fact.who, "root");
    fact.standing = kind != FACT_CRASH && kind != FACT_CHANGE;
    return facts_take(facts, &fact);
}

static struct mono at(double s)
{
    return (struct mono){(int64_t)((START + s) * 1e9)};
}

// A commit on some device every half hour, for a month: some two a day on each of 24.
static struct facts *usual_facts(const struct net *net)
{
    struct facts *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    facts_init(facts, net, (struct mono){0});
    for (int32_t n = 30 * 48; n > 1; n--) {
        struct fact fact = {.kind = FACT_CHANGE, .at = at(-1800.0 * n)};
        strcpy(fact.device, net->syslog.devices[n * 7 % 24].name);
        facts_take(facts, &fact);
    }
    return facts;
}

static void lose(struct symptoms *symptoms, double s, uint32_t upstreams)
{
    symptoms->lost = true;
    symptoms->onset = at(s);
    symptoms->part_count = 0;
    for (uint32_t u = 0; u < 4; u++)
        if (upstreams >> u & 1)
            symptoms->parts[symptoms->part_count++] =
                (struct cause_part){NODES_UPSTREAM + u, 1.0 / __builtin_popcount(upstreams)};
}

static void a_commit_and_two_crashes_need_no_loss(void **state)
{
    struct net net = pair_net();
    struct facts *facts = usual_facts(&net);
    struct causes causes;
    struct symptoms symptoms = {.onset = at(2), .onset_sigma_s = 2, .minute = -1, .part_count = 1};
    (void)state;
    uint32_t change = tell(facts, FACT_CHANGE, 0, "ca1");
    assert_int_equal(tell(facts, FACT_CHANGE, 0.3, "ca2"), change);  // one change
    uint32_t crash = tell(facts, FACT_CRASH, 2, "ca1");
    assert_int_not_equal(tell(facts, FACT_CRASH, 2.4, "ca2"), crash);
    symptoms.parts[0] = (struct cause_part){NODES_MEMBER, 1};
    causes_rank(facts, &symptoms, &causes);
    const struct cause *top = &causes.items[0];
    assert_int_equal(top->kind, CAUSE_CHANGE);
    assert_int_equal(top->fact, change);
    assert_true(top->share >= CAUSE_SURE);
    assert_true(top->nats > 20);
    assert_true(top->again_nats > 5 && top->again_nats <= 8);  // on both
    char text[240];
    struct words words = WORDS_IN(text);
    cause_say(facts, top, &symptoms, &words);
    assert_string_equal(text, "change by root on ca1, ca2, 2 s before crash on ca1 (the cause, "
                              "100 %)");
    free(facts);
}

// By its id; else as it is described, cut between characters; a line that only says who is not
// said.
static void says_which_change(void **state)
{
    static const struct {
        const char *subject, *text, *said;
    } rows[] = {
        {"CR-1", "BFD timers", "change CR-1 by root on ca1"},
        {"", "CR-2025-114 irb on vlan 700", "change 'CR-2025-114 irb on vlan 700' by root on ca1"},
        {"", "User 'root' requested 'commit' operation", "change by root on ca1"},
        {"", "", "change by root on ca1"},
        {"", "1234567890123456789012345678901234567890",
         "change '1234567890123456789012345678901234567890' by root on ca1"},
        {"", "123456789012345678901234567890123456\xc3\xa4\xc3\xa4\xc3\xa4",
         "change '123456789012345678901234567890123456...' by root on ca1"},
    };
    struct net net = pair_net();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct facts *facts = usual_facts(&net);
        struct fact fact = {.kind = FACT_CHANGE, .at = at(0), .device = "ca1", .who = "root"};
        char text[240];
        struct words words = WORDS_IN(text);
        strcpy(fact.subject, rows[i].subject);
        strcpy(fact.text, rows[i].text);
        fact_say(facts, facts_get(facts, facts_take(facts, &fact)), &words);
        assert_string_equal(text, rows[i].said);
        free(facts);
    }
}

// The commit alone is 422 s before the loss: a crash, and a process that stays dead, tie it to it.
static void an_old_change_is_tied_to_the_loss_by_what_it_broke(void **state)
{
    struct net net = pair_net();
    struct facts *facts = usual_facts(&net);
    struct causes causes;
    struct symptoms symptoms = {.onset_sigma_s = 2, .minute = -1};
    (void)state;
    uint32_t change = tell(facts, FACT_CHANGE, 0, "ca1");
    tell(facts, FACT_CHANGE, 0.3, "ca2");
    lose(&symptoms, 422, 10);
    causes_rank(facts, &symptoms, &causes);
    double alone = causes.items[0].fact == change ? causes.items[0].share : 0;
    tell(facts, FACT_CRASH, 2, "ca1");
    tell(facts, FACT_CRASH, 2, "ca2");
    tell(facts, FACT_GAVE_UP, 100, "ca2");
    uint32_t decoy = tell(facts, FACT_CHANGE, 390, "sw9");
    causes_rank(facts, &symptoms, &causes);
    assert_int_equal(causes.items[0].fact, change);
    assert_true(causes.items[0].share > 0.99);
    assert_true(alone < causes.items[0].share);
    assert_int_not_equal(causes.items[1].fact, decoy);
    free(facts);
}

// arveon: one of four devices of a change loses its sessions 202 s later.
static void sessions_of_one_device_are_of_its_change(void **state)
{
    struct net net = pair_net();
    struct facts *facts = usual_facts(&net);
    struct causes causes;
    struct symptoms symptoms = {.onset_sigma_s = 2, .minute = -1};
    (void)state;
    uint32_t change = tell(facts, FACT_CHANGE, 0, "rr-1");
    for (uint32_t m = 2; m <= 4; m++) {
        char name[NET_NAME_MAX];
        snprintf(name, sizeof name, "rr-%u", m);
        assert_int_equal(tell(facts, FACT_CHANGE, m * 3, name), change);
    }
    for (int n = 0; n < 28; n++)
        tell(facts, FACT_BFD, 202 + n * 0.007, "rr-4");
    tell(facts, FACT_CHANGE, 150, "sw7");
    lose(&symptoms, 210, 15);
    causes_rank(facts, &symptoms, &causes);
    assert_int_equal(causes.items[0].fact, change);
    assert_true(causes.items[0].via > 0);
    assert_int_equal(facts_get(facts, causes.items[0].via)->count, 28);
    free(facts);
}

static void what_hits_nothing_of_it_is_not_blamed(void **state)
{
    struct net net = pair_net();
    struct facts *facts = usual_facts(&net);
    struct causes causes;
    struct symptoms symptoms = {.onset_sigma_s = 2, .minute = -1};
    (void)state;
    tell(facts, FACT_CHANGE, -30, "edge2");
    lose(&symptoms, 0, 1);
    causes_rank(facts, &symptoms, &causes);
    assert_int_equal(causes.items[0].kind, CAUSE_PROVIDER);
    assert_int_equal(causes.items[0].upstream, 0);
    tell(facts, FACT_CHANGE, -100, "edge1");
    causes_rank(facts, &symptoms, &causes);
    assert_int_equal(causes.items[0].kind, CAUSE_CHANGE);
    assert_string_equal(facts_get(facts, causes.items[0].fact)->device, "edge1");
    free(facts);
}

static void a_session_closed_in_order_is_somebody_s_work(void **state)
{
    struct net net = pair_net();
    struct facts *facts = usual_facts(&net);
    struct causes causes;
    struct symptoms symptoms = {.onset_sigma_s = 2, .minute = 0.4};
    struct fact down = {.kind = FACT_BGP,
                        .at = at(0),
                        .device = "edge1",
                        .standing = true,
                        .text = "Cease/Administrative Shutdown"};
    (void)state;
    nodes_add(&down.nodes, NODES_UPSTREAM + 1);
    facts_take(facts, &down);
    lose(&symptoms, 1, 2);
    causes_rank(facts, &symptoms, &causes);
    assert_int_equal(causes.items[0].kind, CAUSE_UNANNOUNCED);
    assert_int_equal(causes.items[0].upstream, 1);
    free(facts);
}

static const struct cause *cause_of(const struct causes *causes, uint32_t fact)
{
    for (uint32_t i = 0; i < causes->count; i++)
        if (causes->items[i].fact == fact)
            return &causes->items[i];
    return NULL;
}

static void what_is_well_speaks_against_it(void **state)
{
    static const struct {
        const char *name;
        uint32_t lost;  // upstreams; a and b are edge1's
        double fit_nats;
    } rows[] = {
        {"all of it", 3, 0},    {"half of it", 1, -0.7},
        {"and another", 7, -4}, {"half, and another", 5, -4.7},
        {"two others", 15, -8}, {"only others", 12, 0},
    };
    struct net net = pair_net();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct facts *facts = usual_facts(&net);
        struct causes causes;
        struct symptoms symptoms = {.onset_sigma_s = 2, .minute = -1};
        uint32_t change = tell(facts, FACT_CHANGE, -5, "edge1");
        lose(&symptoms, 0, rows[i].lost);
        causes_rank(facts, &symptoms, &causes);
        const struct cause *cause = cause_of(&causes, change);
        CHECK_ROW(rows[i].name, cause && fabs(cause->fit_nats - rows[i].fit_nats) < 1e-6);
        free(facts);
    }
}

static void each_of_many_changes_says_less(void **state)
{
    struct net net = pair_net();
    struct facts *facts = usual_facts(&net);
    struct causes causes;
    struct symptoms symptoms = {.onset_sigma_s = 2, .minute = -1};
    (void)state;
    uint32_t change = tell(facts, FACT_CHANGE, -30, "edge1");
    lose(&symptoms, 0, 3);
    causes_rank(facts, &symptoms, &causes);
    double before = cause_of(&causes, change)->time_nats;
    for (int n = 0; n < 6; n++) {
        struct fact fact = {.kind = FACT_CHANGE, .at = at(-300 + n)};
        snprintf(fact.device, sizeof fact.device, "sw%d", 9 + n);
        snprintf(fact.who, sizeof fact.who, "u%d", n);
        facts_take(facts, &fact);
    }
    causes_rank(facts, &symptoms, &causes);
    double after = cause_of(&causes, change)->time_nats;
    assert_true(after < before - 0.5 && after > before - 1.5);
    free(facts);
}

// A rollback comes after, a session falls with what breaks, and what nothing hangs on is far away.
static void what_only_comes_with_it_is_not_the_cause(void **state)
{
    struct net net = pair_net();
    struct facts *facts = usual_facts(&net);
    struct causes causes;
    struct symptoms symptoms = {.onset_sigma_s = 2, .minute = -1};
    struct fact down = {.kind = FACT_BGP, .at = at(0), .device = "edge1", .standing = true};
    (void)state;
    nodes_add(&down.nodes, NODES_UPSTREAM);
    uint32_t session = facts_take(facts, &down);
    uint32_t rollback = tell(facts, FACT_ROLLBACK, -1, "edge1");
    tell(facts, FACT_CHANGE, -20, "sw9");
    lose(&symptoms, 0, 1);
    causes_rank(facts, &symptoms, &causes);
    assert_int_equal(causes.items[0].kind, CAUSE_PROVIDER);
    assert_true(causes.items[0].share > CAUSE_LIKELY);
    assert_null(cause_of(&causes, rollback));
    assert_true(cause_of(&causes, session)->share < 0.05);
    free(facts);
}

static void the_shares_are_of_one(void **state)
{
    struct net net = pair_net();
    struct facts *facts = usual_facts(&net);
    struct causes causes;
    struct symptoms symptoms = {.onset_sigma_s = 2, .minute = -1};
    (void)state;
    lose(&symptoms, 0, 0);
    causes_rank(facts, &symptoms, &causes);
    assert_int_equal(causes.items[causes.count - 1].kind == CAUSE_UNKNOWN || causes.count > 1, 1);
    for (int n = 0; n < 40; n++)
        tell(facts, FACT_CHANGE, -10 - n * 70, n % 2 ? "sw8" : "sw9");
    lose(&symptoms, 0, 3);
    causes_rank(facts, &symptoms, &causes);
    assert_int_equal(causes.count, CAUSES_MAX);
    double sum = 0;
    for (uint32_t i = 0; i < causes.count; i++) {
        sum += causes.items[i].share;
        assert_true(i == 0 || causes.items[i].nats <= causes.items[i - 1].nats);
    }
    assert_true(fabs(sum - 1) < 1e-9);
    free(facts);
}

// Densities are densities: over all delays they come to one, or less where a part is left out.
static void densities_sum_to_one(void **state)
{
    double change = 0, alarm = 0, standing = 0, session = 0;
    (void)state;
    for (double s = -30; s < 20000; s += 0.05) {
        change += 0.05 * cause_change_density(s, 2);
        alarm += 0.05 * cause_alarm_density(s, FACT_CRASH, false);
        standing += 0.05 * cause_alarm_density(s, FACT_ALARM, true);
        session += 0.05 * cause_alarm_density(s, FACT_BFD, true);
    }
    assert_true(fabs(change - 1) < 0.03);
    assert_true(alarm > 0.4 && alarm < 0.7);
    assert_true(standing > 0.9 && standing < 1.15);
    assert_true(session > 0.9 && session < 1.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_which_change),
        cmocka_unit_test(a_commit_and_two_crashes_need_no_loss),
        cmocka_unit_test(an_old_change_is_tied_to_the_loss_by_what_it_broke),
        cmocka_unit_test(sessions_of_one_device_are_of_its_change),
        cmocka_unit_test(what_hits_nothing_of_it_is_not_blamed),
        cmocka_unit_test(a_session_closed_in_order_is_somebody_s_work),
        cmocka_unit_test(what_is_well_speaks_against_it),
        cmocka_unit_test(each_of_many_changes_says_less),
        cmocka_unit_test(what_only_comes_with_it_is_not_the_cause),
        cmocka_unit_test(the_shares_are_of_one),
        cmocka_unit_test(densities_sum_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
