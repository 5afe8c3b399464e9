// SPDX-License-Identifier: ISC
// Escalation in virtual time: rows of what happens and who is paged when; then a property over
// random outages, people and failures.
#include "alert/alert.h"

#include "base/check.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>

enum { ANNA, BEN, CARL, DORA, PEOPLE };
enum { PHONE, MAIL, CHAT, CHANNELS };

static struct net *make_net(void)
{
    static const char *const people[] = {"anna", "ben", "carl", "dora"};
    struct net *net = calloc(1, sizeof *net);
    struct net_alert *alert = &net->alert;
    strcpy(net->site, "fra1");
    alert->channel_count = CHANNELS;
    for (int i = 0; i < CHANNELS; i++)
        alert->channels[i].timeout_ns = 10ll * NS_PER_S;
    alert->person_count = PEOPLE;
    for (int i = 0; i < PEOPLE; i++) {
        strcpy(alert->people[i].name, people[i]);
        alert->people[i].channels = (struct net_order){2, {PHONE, MAIL}};
    }
    alert->team_count = 2;
    alert->teams[0].layer_count = 1;
    alert->teams[0].layers[0] = (struct net_layer){.people = {3, {ANNA, BEN, CARL}}, .weeks = 1};
    alert->teams[1].layer_count = 1;
    alert->teams[1].layers[0] = (struct net_layer){.people = {1, {DORA}}, .weeks = 1};
    for (int g = 0; g < NET_GRAVITIES; g++)
        alert->gravities[g] = (struct net_gravity){.teams = g == OUTAGE_CRITICAL ? 3 : 1,
                                                   .acknowledge_ns = 120ll * NS_PER_S,
                                                   .repeat_ns = 300ll * NS_PER_S,
                                                   .expires_ns = 3600ll * NS_PER_S};
    alert->gravities[OUTAGE_MINOR].teams = 0;
    alert->pages_per_hour_max = 30;
    return net;
}

// All that went out, as "SECONDS PERSON CHANNEL KIND" lines.
struct rig {
    struct net *net;
    struct alert *alert;
    int64_t now_s;
    uint32_t failing;
    bool broken[CHANNELS];
    char log[4096];
};

static struct rig *rig_new(void)
{
    struct rig *rig = calloc(1, sizeof *rig);
    rig->net = make_net();
    rig->alert = malloc(sizeof *rig->alert);
    alert_init(rig->alert, rig->net, 1);
    return rig;
}

static void rig_free(struct rig *rig)
{
    free(rig->alert);
    free(rig->net);
    free(rig);
}

static struct alert_now now_of(const struct rig *rig)
{
    return (struct alert_now){{rig->now_s * NS_PER_S}, rig->now_s};
}

static void outage(struct rig *rig, enum outage_state state, enum outage_severity severity,
                   const char *cause)
{
    struct alert_outage is = {.number = 7, .state = state, .severity = severity};
    strcpy(is.title, "loss");
    strcpy(is.cause, cause);
    alert_outage(rig->alert, now_of(rig), &is);
}

static void run_until(struct rig *rig, int64_t until_s)
{
    static const char *const channels[CHANNELS] = {"phone", "mail", "chat"};
    for (; rig->now_s < until_s; rig->now_s++) {
        struct alert_page page;
        while (alert_next(rig->alert, now_of(rig), rig->failing, &page)) {
            char line[96];
            snprintf(line, sizeof line, "%d %s %s %s\n", (int)rig->now_s,
                     rig->net->alert.people[page.person].name, channels[page.channel],
                     page_kind_names[page.kind]);
            assert_true(strlen(rig->log) + strlen(line) < sizeof rig->log);
            strcat(rig->log, line);
            if (rig->broken[page.channel])
                alert_failed(rig->alert, now_of(rig), page.number, page.channel);
            else
                alert_delivered(rig->alert, page.number);
        }
    }
}

static void expect(struct rig *rig, const char *row, const char *log)
{
    if (strcmp(rig->log, log) != 0)
        fail_msg("%s:\n%sinstead of\n%s", row, rig->log, log);
    rig->log[0] = '\0';
}

static void escalates_until_somebody_has_it(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "unknown");
    run_until(rig, 119);
    expect(rig, "the primary at once", "0 anna phone new\n");
    run_until(rig, 840);
    expect(rig, "the secondary, the team, and again",
           "120 anna phone again\n120 ben phone new\n"
           "240 anna phone again\n240 ben phone again\n240 carl phone new\n"
           "540 anna phone again\n540 ben phone again\n540 carl phone again\n");
    assert_int_equal(alert_acknowledge(rig->alert, now_of(rig), 7, "ben"), ALERT_TAKEN);
    run_until(rig, 4440);
    expect(rig, "the others hear who has it", "840 anna phone changed\n840 carl phone changed\n");
    run_until(rig, 4441);
    expect(rig, "an acknowledgement ends", "4440 anna phone expired\n");
    outage(rig, OUTAGE_OVER, OUTAGE_MAJOR, "unknown");
    run_until(rig, 10000);
    expect(rig, "all hear that it is over",
           "4441 anna phone over\n4441 ben phone over\n4441 carl phone over\n");
    assert_int_equal(alert_acknowledge(rig->alert, now_of(rig), 7, "ben"), ALERT_UNKNOWN);
    rig_free(rig);
}

static void several_teams_at_once_and_graver_begins_anew(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    outage(rig, OUTAGE_OPEN, OUTAGE_MINOR, "unknown");
    run_until(rig, 1000);
    expect(rig, "minor is for nobody", "");
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "unknown");
    run_until(rig, 1010);
    assert_int_equal(alert_acknowledge(rig->alert, now_of(rig), 7, "anna"), ALERT_TAKEN);
    outage(rig, OUTAGE_OPEN, OUTAGE_CRITICAL, "unknown");
    run_until(rig, 1100);
    expect(rig, "graver than what was acknowledged",
           "1000 anna phone new\n1010 anna phone graver\n1010 dora phone new\n");
    rig_free(rig);
}

// Nobody had to hurry for a warning, whoever has it: now packets are lost.
static void a_warning_that_comes_true_calls_anew(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    outage(rig, OUTAGE_WARNED, OUTAGE_CRITICAL, "that commit");
    run_until(rig, 10);
    assert_int_equal(alert_acknowledge(rig->alert, now_of(rig), 7, "anna"), ALERT_TAKEN);
    run_until(rig, 400);
    rig->log[0] = '\0';
    outage(rig, OUTAGE_OPEN, OUTAGE_CRITICAL, "that commit");
    run_until(rig, 401);
    outage(rig, OUTAGE_OPEN, OUTAGE_CRITICAL, "that commit, and the part is known");
    run_until(rig, 500);
    expect(rig, "graver, and what was found right after it",
           "400 anna phone graver\n400 dora phone graver\n"
           "405 anna phone changed\n405 dora phone changed\n");
    rig_free(rig);
}

static void says_what_is_new_but_not_too_often(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "unknown");
    run_until(rig, 5);
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "that change");
    run_until(rig, 10);
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "that change, surely");
    run_until(rig, 20);
    outage(rig, OUTAGE_MITIGATED, OUTAGE_MAJOR, "that change, surely");
    run_until(rig, 100);
    expect(rig, "once, and the latest a minute later",
           "0 anna phone new\n5 anna phone changed\n65 anna phone changed\n");
    rig_free(rig);
}

static void planned_work_is_quiet(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "unknown");
    alert_quiet(rig->alert, now_of(rig), 7, true);
    run_until(rig, 1000);
    expect(rig, "nobody", "");
    alert_quiet(rig->alert, now_of(rig), 7, false);
    run_until(rig, 1001);
    expect(rig, "the work is over, the outage is not", "1000 anna phone new\n");
    rig_free(rig);
    rig = rig_new();
    rig->net->alert.page_planned = true;
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "unknown");
    alert_quiet(rig->alert, now_of(rig), 7, true);
    run_until(rig, 1);
    expect(rig, "unless that is wanted", "0 anna phone new\n");
    rig_free(rig);
}

static void falls_to_the_next_channel_and_person(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->broken[PHONE] = true;
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "unknown");
    run_until(rig, 10);
    expect(rig, "a channel fails", "0 anna phone new\n0 anna mail new\n");
    rig_free(rig);
    rig = rig_new();
    rig->broken[PHONE] = rig->broken[MAIL] = true;
    rig->net->alert.people[BEN].channels = (struct net_order){1, {CHAT}};
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "unknown");
    run_until(rig, 60);
    expect(rig, "all channels of the primary fail: the secondary at once, and again later",
           "0 anna phone new\n0 anna mail new\n0 ben chat new\n41 anna phone new\n"
           "41 anna mail new\n");
    rig_free(rig);
}

// A sender that is dead or hangs says nothing.
static void silence_is_no_delivery(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct alert_page page;
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "unknown");
    assert_true(alert_next(rig->alert, now_of(rig), 0, &page) && page.channel == PHONE);
    int64_t number = page.number;
    assert_false(alert_next(rig->alert, now_of(rig), 0, &page));
    rig->now_s = 10;
    assert_false(alert_next(rig->alert, now_of(rig), 0, &page));
    rig->now_s = 11;
    assert_true(alert_next(rig->alert, now_of(rig), 0, &page) && page.channel == MAIL);
    assert_int_equal(page.number, number);
    alert_sender_began(rig->alert, now_of(rig));
    assert_true(alert_next(rig->alert, now_of(rig), 0, &page) && page.channel == PHONE);
    assert_int_equal(page.number, number);
    alert_delivered(rig->alert, number);
    rig->now_s = 100;
    assert_false(alert_next(rig->alert, now_of(rig), 0, &page));
    rig_free(rig);
}

static void goes_out_by_what_does_not_fail(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct alert_page page;
    rig->net->alert.channels[PHONE].upstreams = 1 << 0;
    rig->net->alert.channels[MAIL].upstreams = 1 << 0 | 1 << 1;
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "unknown");
    assert_true(alert_next(rig->alert, now_of(rig), 1 << 0, &page));
    assert_true(page.channel == MAIL && page.way == 1);
    alert_failed(rig->alert, now_of(rig), page.number, MAIL);
    assert_true(alert_next(rig->alert, now_of(rig), 1 << 0, &page));
    assert_true(page.channel == PHONE && page.way == 0);
    rig_free(rig);
}

// ---- the property

enum { DAY_S = 86400, MANY = 40 };

struct trial {
    struct rig *rig;
    struct random random;
    uint32_t numbers;
    bool dead[CHANNELS];
    int64_t sender_dead_until_s;
    struct {
        bool open, acked, told;
        uint32_t number;  // never the same twice
        int64_t opened_s, acked_s;
    } outages[MANY + 1];
    int64_t paged_at[PEOPLE][1 << 14];
    uint32_t paged[PEOPLE];
};

static uint64_t draw(struct trial *t, uint64_t below)
{
    return random_u64(&t->random) % below;
}

static void befall(struct trial *t)
{
    uint32_t n = 1 + (uint32_t)draw(t, MANY);
    struct alert_outage is = {.number = t->outages[n].number, .severity = OUTAGE_MAJOR};
    struct alert_now now = now_of(t->rig);
    if (!t->outages[n].open && draw(t, 600) == 0) {
        uint32_t open = 0;
        for (int i = 1; i <= MANY; i++)
            open += t->outages[i].open;
        if (open >= ALERT_CASES_MAX / 2)  // those that are over keep a place for a while
            return;
        t->outages[n].open = true;
        t->outages[n].acked = t->outages[n].told = false;
        t->outages[n].opened_s = t->rig->now_s;
        t->outages[n].number = is.number = ++t->numbers;
        alert_outage(t->rig->alert, now, &is);
    } else if (t->outages[n].open && draw(t, 100) == 0) {
        t->outages[n].acked = true;
        t->outages[n].acked_s = t->rig->now_s;
        assert_int_equal(alert_acknowledge(t->rig->alert, now, is.number, "anna"), ALERT_TAKEN);
    } else if (t->outages[n].open && draw(t, 200) == 0) {
        t->outages[n].open = false;
        is.state = OUTAGE_OVER;
        alert_outage(t->rig->alert, now, &is);
    }
    if (t->rig->now_s > t->sender_dead_until_s + 120 && draw(t, 5000) == 0)
        t->sender_dead_until_s = t->rig->now_s + (int64_t)draw(t, 60);
}

// Everybody's pages of each hour are bounded.
static void take_page(struct trial *t, const struct alert_page *page)
{
    uint32_t max = t->rig->net->alert.pages_per_hour_max;
    uint32_t n = t->paged[page->person]++;
    assert_true(n < 1 << 14 && strlen(page->text) > 40);
    t->paged_at[page->person][n] = t->rig->now_s;
    assert_true(n < max ||
                t->paged_at[page->person][n] - t->paged_at[page->person][n - max] >= 3600);
    if (t->rig->now_s < t->sender_dead_until_s)
        return;  // nothing is heard of it
    if (t->dead[page->channel]) {
        alert_failed(t->rig->alert, now_of(t->rig), page->number, page->channel);
        return;
    }
    alert_delivered(t->rig->alert, page->number);
    // What one page stands for was delivered too.
    for (uint32_t i = 1; i <= MANY; i++) {
        const struct alert_case *c = alert_find(t->rig->alert, t->outages[i].number);
        for (int person = 0; c && person < PEOPLE; person++)
            t->outages[i].told |= c->people[person].page == page->number;
    }
}

static void none_is_lost_yet(struct trial *t, int64_t patience_s)
{
    for (uint32_t n = 1; n <= MANY; n++)
        if (t->outages[n].open && !t->outages[n].told && !t->outages[n].acked &&
            t->rig->now_s - t->outages[n].opened_s > patience_s)
            fail_msg("outage %u opened at %d, and at %d nobody knows", n,
                     (int)t->outages[n].opened_s, (int)t->rig->now_s);
}

// `patience_s`: a person's hour may be spent; then the page waits until it is not.
static void play(uint64_t seed, uint32_t max, int64_t patience_s)
{
    struct trial *t = calloc(1, sizeof *t);
    t->rig = rig_new();
    t->rig->net->alert.pages_per_hour_max = max;
    t->random.state = seed;
    t->dead[seed % CHANNELS] = true;
    for (; t->rig->now_s < DAY_S; t->rig->now_s++) {
        struct alert_page page;
        befall(t);
        if (t->rig->now_s == t->sender_dead_until_s)
            alert_sender_began(t->rig->alert, now_of(t->rig));
        while (alert_next(t->rig->alert, now_of(t->rig), 0, &page))
            take_page(t, &page);
        none_is_lost_yet(t, patience_s);
    }
    assert_int_equal(t->rig->alert->refused, 0);
    assert_true(t->paged[ANNA] > 50);
    rig_free(t->rig);
    free(t);
}

static void loses_none_and_never_storms(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= CHANNELS; seed++) {
        play(seed, 120, 90);
        play(seed, 6, 3600 + 120);
    }
}

// More outages than there is room for: the graver ones stay.
static void the_least_grave_makes_room(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    for (uint32_t n = 1; n <= ALERT_CASES_MAX + 4; n++) {
        struct alert_outage is = {.number = n, .severity = n <= 4 ? OUTAGE_MINOR : OUTAGE_MAJOR};
        alert_outage(rig->alert, now_of(rig), &is);
    }
    for (uint32_t n = 1; n <= ALERT_CASES_MAX + 4; n++)
        assert_true((alert_find(rig->alert, n) != NULL) == (n > 4));
    assert_int_equal(rig->alert->refused, 4);
    alert_outage(rig->alert, now_of(rig), &(struct alert_outage){.number = 99});
    assert_null(alert_find(rig->alert, 99));
    assert_int_equal(alert_acknowledge(rig->alert, now_of(rig), 99, "anna"), ALERT_UNKNOWN);
    rig_free(rig);
}

static void found(struct rig *rig)
{
    char text[PAGE_TEXT_MAX] = "still frozen";
    alert_found(rig->alert, now_of(rig), text);
}

// Told until it is delivered, once, to who is on call for what is grave; no outage, so nothing that
// somebody could have in hand.
static void what_a_start_found_is_told_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    found(rig);
    assert_null(alert_find(rig->alert, 0));
    assert_int_equal(alert_acknowledge(rig->alert, now_of(rig), 0, "anna"), ALERT_UNKNOWN);
    run_until(rig, 7200);
    expect(rig, "once", "0 anna phone started\n");
    rig->broken[PHONE] = rig->broken[MAIL] = true;
    found(rig);
    run_until(rig, 7230);
    rig->broken[PHONE] = false;
    run_until(rig, 14000);
    expect(rig, "until it arrives",
           "7200 anna phone started\n7200 anna mail started\n"
           "7241 anna phone started\n");
    rig->net->alert.gravities[OUTAGE_MAJOR].teams = 0;
    found(rig);
    run_until(rig, 20000);
    expect(rig, "teams of the gravest", "14000 anna phone started\n14000 dora phone started\n");
    rig_free(rig);
}

// Whoever has had many pages gets outages in one; neither that stands for the other.
static void what_a_start_found_is_said_by_itself(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct alert_page page;
    rig->net->alert.pages_per_hour_max = 4;
    rig->alert->spent[ANNA].count = 2;  // just now: half of them
    found(rig);
    outage(rig, OUTAGE_OPEN, OUTAGE_MAJOR, "a");
    assert_true(alert_next(rig->alert, now_of(rig), 0, &page));
    assert_int_equal(page.kind, PAGE_NEW);
    assert_null(strstr(page.text, "more"));
    alert_delivered(rig->alert, page.number);
    assert_false(alert_next(rig->alert, now_of(rig), 0, &page));  // the rest is for what is new
    rig->now_s = 3601;
    assert_true(alert_next(rig->alert, now_of(rig), 0, &page));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escalates_until_somebody_has_it),
        cmocka_unit_test(several_teams_at_once_and_graver_begins_anew),
        cmocka_unit_test(a_warning_that_comes_true_calls_anew),
        cmocka_unit_test(says_what_is_new_but_not_too_often),
        cmocka_unit_test(planned_work_is_quiet),
        cmocka_unit_test(falls_to_the_next_channel_and_person),
        cmocka_unit_test(silence_is_no_delivery),
        cmocka_unit_test(goes_out_by_what_does_not_fail),
        cmocka_unit_test(loses_none_and_never_storms),
        cmocka_unit_test(the_least_grave_makes_room),
        cmocka_unit_test(what_a_start_found_is_told_once),
        cmocka_unit_test(what_a_start_found_is_said_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
