// SPDX-License-Identifier: ISC
// Announced maintenance in virtual time: what is drained before its window, and what changes that.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = SITE_A, B, C, LEAD_S = 600 };

static struct site *open_site(void)
{
    struct site *s = site_open(1);
    s->net.hook_count = 0;
    s->net.maintenance.lead_ns = LEAD_S * (int64_t)NS_PER_S;
    return s;
}

static struct mono in_s(const struct site *s, int64_t seconds)
{
    return mono_add_ms(s->engine->now, seconds * 1000);
}

// Number 1 of it, from an hour from now on, for an hour.
static struct event_maintenance of(const struct site *s, uint32_t upstream)
{
    return (struct event_maintenance){.id = "carrier/1",
                                      .sequence = 1,
                                      .object = {NET_OBJECT_UPSTREAM, upstream, 0},
                                      .from = in_s(s, 3600),
                                      .until = in_s(s, 7200),
                                      .hurts = true,
                                      .uid = 1000,
                                      .who = "anna",
                                      .text = "fibre works"};
}

static void take(struct site *s, struct event_maintenance m, bool done, const char *text)
{
    site_feed(s, (struct event){.kind = EVENT_MAINTENANCE, .maintenance = m});
    if (s->answered.done != done || !strstr(s->answered.text, text))
        fail_msg("'%s', %s, not '%s'", s->answered.text, s->answered.done ? "done" : "refused",
                 text);
    assert_int_equal(s->answered.what, ASKED_MAINTENANCE);
}

static void expect(const struct site *s, uint32_t place, enum drain_state state, const char *text)
{
    const struct drain *drain = &s->engine->drains.items[place];
    if (drain->state != state || !strstr(drain->text, text))
        fail_msg("%s: '%s', not %s: '%s'", drain_state_names[drain->state], drain->text,
                 drain_state_names[state], text);
}

static void run_s(struct site *s, int64_t seconds)
{
    site_run(s, seconds * 1000);
}

static uint32_t planned(const struct site *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < DRAINS_MAX; i++)
        count += s->engine->drains.items[i].state == DRAIN_PLANNED;
    return count;
}

// Empty when the window begins, and back behind it.
static void drains_before_and_returns_behind(void **state)
{
    (void)state;
    struct site *s = open_site();
    take(s, of(s, A), true, "upstream a: begins in 50 min, for 1 h 10 min: carrier/1: fibre works");
    assert_int_equal(s->answered.number, 1);
    expect(s, 0, DRAIN_PLANNED, "begins in 50 min");
    run_s(s, 3000 - 1);
    assert_int_equal(s->orders, 0);
    expect(s, 0, DRAIN_PLANNED, "");
    run_s(s, 30);
    assert_true(drain_is_active(s->engine->drains.items[0].state));
    assert_true(s->standing > 0);
    run_s(s, 600 + 3600 - 60);
    assert_true(s->standing > 0);
    run_s(s, 90);
    expect(s, 0, DRAIN_OVER, "over: all goes as it did before");
    assert_int_equal(s->standing, 0);
    site_close(s);
}

// The same told again is no news; a change of the window is, forth and back; an older one is not.
static void follows_what_is_told_later(void **state)
{
    (void)state;
    struct site *s = open_site();
    struct event_maintenance m = of(s, A), later = m, older = m;
    take(s, m, true, "begins in 50 min");
    run_s(s, 10);
    m.from.ns += NS_PER_S;  // our clock was disciplined
    take(s, m, true, "known already");
    later.sequence = 2;
    later.from = in_s(s, 7200);
    later.until = in_s(s, 9000);
    take(s, later, true, "its window has changed");
    expect(s, 0, DRAIN_PLANNED, "begins in 1 h 50 min, for 40 min");
    take(s, older, false, "number 1 of this announcement is older than number 2");
    assert_int_equal(planned(s), 1);
    run_s(s, 7200 - LEAD_S + 10);
    assert_true(drain_is_active(s->engine->drains.items[0].state));

    later.sequence = 3;  // longer, while it lasts
    later.until = in_s(s, 86400);
    take(s, later, true, "its window has changed");
    run_s(s, 9000);
    assert_true(drain_is_active(s->engine->drains.items[0].state));

    later.sequence = 4;  // put off: back, and another time
    later.from = in_s(s, 86400);
    later.until = in_s(s, 2 * 86400);
    take(s, later, true, "begins in 23 h 50 min, for 1 d 0 h");
    expect(s, 0, DRAIN_RESTORING, "its window was put off");
    expect(s, 1, DRAIN_PLANNED, "begins in 23 h");
    run_s(s, 60);
    assert_int_equal(s->standing, 0);
    site_close(s);
}

static void ends_what_is_called_off(void **state)
{
    (void)state;
    struct site *s = open_site();
    struct event_maintenance m = of(s, A), off = m, done;
    take(s, m, true, "begins in");
    off.over = true;
    off.sequence = 2;
    take(s, off, true, "its drain ends");
    expect(s, 0, DRAIN_OVER, "called off, or done: nothing was moved");
    take(s, off, true, "nothing is planned for it");
    take(s, m, false, "is older than number 2");
    m.sequence = 3;  // and on again
    take(s, m, true, "begins in");
    expect(s, 1, DRAIN_PLANNED, "begins in");
    run_s(s, 3000 + 60);
    assert_true(s->standing > 0);
    done = m;  // done early
    done.over = true;
    take(s, done, true, "its drain ends");
    expect(s, 1, DRAIN_RESTORING, "called off, or done");
    run_s(s, 60);
    assert_int_equal(s->standing, 0);
    take(s, m, false, "drain 2 for it is over already");

    struct event_maintenance harmless = of(s, B), past = of(s, B);
    harmless.hurts = false;
    take(s, harmless, true, "it hurts nothing");
    past.until = in_s(s, -1);
    take(s, past, true, "its window is past");
    past = of(s, B);
    past.until = past.from;
    take(s, past, true, "nothing is planned");
    assert_int_equal(planned(s), 0);
    site_close(s);
}

// Two circuits, and then only one of them.
static void ends_what_is_no_longer_named(void **state)
{
    (void)state;
    struct site *s = open_site();
    struct event_maintenance a = of(s, A), b = of(s, B), other = of(s, C), end = of(s, A);
    strcpy(other.id, "carrier/2");
    end.object.kind = NET_OBJECT_KINDS;
    take(s, a, true, "begins in");
    take(s, b, true, "begins in");
    take(s, other, true, "begins in");
    take(s, end, true, "all: 0 of it are no longer planned");
    assert_int_equal(planned(s), 3);
    b.sequence = end.sequence = 2;
    take(s, b, true, "known already");
    take(s, end, true, "all: 1 of it are no longer planned");
    expect(s, 0, DRAIN_OVER, "its announcement no longer names it");
    assert_int_equal(planned(s), 2);
    site_close(s);
}

static struct event_asked undrain(uint32_t upstream)
{
    return (struct event_asked){
        .what = ASKED_UNDRAIN, .who = "bert", .object = {NET_OBJECT_UPSTREAM, upstream, 0}};
}

// A person ends what is planned; the next reading of the same file does not bring it back.
static void obeys_people(void **state)
{
    (void)state;
    struct site *s = open_site();
    struct event_maintenance m = of(s, A), sooner = m;
    take(s, m, true, "begins in");
    strcpy(sooner.id, "carrier/2");
    sooner.from = in_s(s, 1200);
    take(s, sooner, true, "begins in 10 min");
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = undrain(A)});
    assert_string_equal(s->answered.text,
                        "drain 2 of upstream a ends: it was planned, and nothing was moved");
    take(s, sooner, false, "drain 2 for it is over already");
    // One that a person asks for goes first, whatever is planned.
    site_feed(s, (struct event){.kind = EVENT_ASKED,
                                .asked = {.what = ASKED_DRAIN,
                                          .who = "bert",
                                          .object = {NET_OBJECT_UPSTREAM, A, 0},
                                          .reason = "x"}});
    assert_true(s->answered.done);
    run_s(s, 3000 + 10);
    expect(s, 0, DRAIN_PLANNED, "due, but cannot begin: drain 3 of it stands already, by bert");
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = undrain(A)});
    assert_int_equal(s->answered.number, 0);
    expect(s, 0, DRAIN_PLANNED, "due");
    run_s(s, 120);
    assert_true(drain_is_active(s->engine->drains.items[0].state));
    site_close(s);
}

// What forbids a drain forbids a planned one; it is asked again, and not for ever.
// A short window: while plans are looked for and refused, virtual time is dear.
static void waits_until_it_may(void **state)
{
    (void)state;
    struct site *s = open_site();
    struct event_maintenance soon = of(s, A);
    soon.from = in_s(s, LEAD_S + 60);
    soon.until = in_s(s, LEAD_S + 120);
    take(s, soon, true, "begins in");
    for (uint32_t way = B; way < SITE_WAYS; way++)
        s->loss_percent[way] = 40, site_signal(s, way, SIGNAL_CONFIRMED);
    run_s(s, 60 + 5);
    expect(s, 0, DRAIN_PLANNED, "due, but cannot begin: a ipv4: ");
    assert_int_equal(s->standing, 0);
    run_s(s, LEAD_S + 60);
    expect(s, 0, DRAIN_OVER, "its time is over: nothing was moved");
    assert_int_equal(s->standing, 0);
    site_close(s);
}

static void takes_no_more_than_it_holds(void **state)
{
    (void)state;
    struct site *s = open_site();
    struct event_maintenance m = of(s, A), nothing = of(s, 99), nameless = of(s, A);
    nameless.id[0] = '\0';
    take(s, nothing, false, "it is not said of what");
    take(s, nameless, false, "it is not said of what");
    nameless.object.kind = NET_OBJECT_KINDS;
    take(s, nameless, false, "it is not said of what");
    for (int i = 0; i < DRAINS_MAX; i++) {
        snprintf(m.id, sizeof m.id, "carrier/%d", i);
        take(s, m, true, "begins in");
    }
    strcpy(m.id, "one more");
    take(s, m, false, "64 drains stand or are planned already");
    m = of(s, A);
    m.from.ns = INT64_MIN;
    m.until.ns = INT64_MAX;
    m.sequence = UINT32_MAX;
    take(s, m, true, "its window has changed");
    run_s(s, 1);
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drains_before_and_returns_behind),
        cmocka_unit_test(follows_what_is_told_later),
        cmocka_unit_test(ends_what_is_called_off),
        cmocka_unit_test(ends_what_is_no_longer_named),
        cmocka_unit_test(obeys_people),
        cmocka_unit_test(waits_until_it_may),
        cmocka_unit_test(takes_no_more_than_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
