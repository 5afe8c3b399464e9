// SPDX-License-Identifier: ISC
// What the world sends by A while that loses packets: two upstreams, A and B, have an own prefix of
// each family. What leaves by A moves in IPv4, and finds nothing to move in IPv6.
#include "engine/inbound_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { A = INBOUND_A, B, C, PEAK_MS = 15000 };

enum direction { ANY, OUT, BACK };

static void tell_direction(struct site *s, enum direction direction)
{
    struct event_tally tally = {.path = net_path_find(&s->net, A, s->family), .lost = 2000};
    tally.lost_forward = direction == OUT ? tally.lost : 0;
    tally.lost_reverse = direction == BACK ? tally.lost : 0;
    if (direction != ANY)
        site_feed(s, (struct event){.kind = EVENT_TALLY, .tally = tally});
}

// The other family, and B, are never touched.
static void check_others(const struct site *s)
{
    for (uint32_t own = 0; own < s->net.announce_count; own++) {
        bool is_it = s->net.announce[own].prefix.address.family == s->family;
        assert_true(own_usual(s->engine, own) >> B & 1);
        if (!is_it)
            assert_true(own_usual(s->engine, own) >> A & 1);
        assert_int_equal(s->engine->owns.items[own].places[A].stands.withheld, 0);
    }
}

static void drain_c(struct site *s)
{
    struct event_asked asked = {.what = ASKED_DRAIN, .object = {NET_OBJECT_UPSTREAM, C, 0}};
    strcpy(asked.who, "anna");
    site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = asked});
    assert_true(s->answered.done);
}

static const struct row {
    const char *name;
    bool off, alone, elsewhere, wordless, proves, told, frozen, drained, bad_b, left;
    bool a_peak, b_peak;  // more came in by it a while ago
    enum direction direction;
    uint32_t a_percent, b_percent, void_percent;
    int64_t b_mbps, capacity_mbps;  // what comes in by B; that each may carry
    const char *why;                // of a refusal; NULL: it is done; "": nothing is said
} rows[] = {
    {.name = "a loss that lasts", .a_percent = 40},
    {.name = "nobody asked for it", .a_percent = 40, .off = true, .why = ""},
    {.name = "on the way back alone", .a_percent = 40, .direction = BACK},
    {.name = "on the way out alone",
     .a_percent = 40,
     .direction = OUT,
     .why = "lost on the way out"},
    {.name = "no other has it", .a_percent = 40, .alone = true, .why = "to no other upstream"},
    {.name = "only others have it", .a_percent = 40, .elsewhere = true, .why = ""},
    {.name = "no word for it", .a_percent = 40, .wordless = true, .why = "a has no community"},
    {.name = "the other is bad, too",
     .a_percent = 40,
     .b_percent = 30,
     .bad_b = true,
     .why = "nothing"},
    {.name = "the other loses as much", .a_percent = 2, .b_percent = 2, .why = "not surely"},
    {.name = "hardly more than the other", .a_percent = 2, .b_percent = 1, .why = "surely"},
    {.name = "frozen", .a_percent = 40, .frozen = true, .why = ""},
    {.name = "too many samples tell nothing", .a_percent = 40, .void_percent = 50, .why = ""},
    {.name = "people drain another", .a_percent = 40, .drained = true, .why = "one at a time"},
    {.name = "nobody knows what comes in",
     .a_percent = 40,
     .proves = true,
     .capacity_mbps = 1000,
     .why = "not known"},
    {.name = "nobody knows what may",
     .a_percent = 40,
     .proves = true,
     .told = true,
     .why = "not known"},
    {.name = "no room",
     .a_percent = 40,
     .proves = true,
     .told = true,
     .b_mbps = 410,
     .capacity_mbps = 1000,
     .why = "b has no room"},
    {.name = "room now, and none lately",
     .a_percent = 40,
     .proves = true,
     .told = true,
     .b_peak = true,
     .b_mbps = 100,
     .capacity_mbps = 1000,
     .why = "b has no room"},
    {.name = "less comes in than lately",
     .a_percent = 40,
     .proves = true,
     .told = true,
     .a_peak = true,
     .b_mbps = 300,
     .capacity_mbps = 1000,
     .why = "b has no room"},
    {.name = "as many are left as may be", .a_percent = 40, .left = true, .why = "(S9)"},
    {.name = "just room",
     .a_percent = 40,
     .proves = true,
     .told = true,
     .b_mbps = 400,
     .capacity_mbps = 1000},
};

static void arrange(struct site *s, const struct row *row)
{
    s->net.steer.inbound = !row->off;
    uint32_t has = row->elsewhere ? B : A;
    for (uint32_t own = 0; own < 2 && (row->alone || row->elsewhere); own++) {
        s->net.announce[own].routers = 1u << has;
        s->engine->owns.items[own].places[A + B - has] = (struct own_place){0};
    }
    for (enum net_stance stance = 0; row->wordless && stance < NET_STANCES; stance++)
        s->net.upstreams[A].inbound[stance].kind = NET_TAG_NONE;
    for (uint32_t u = 0; u < SITE_WAYS; u++)
        s->net.upstreams[u].capacity_mbps = (uint32_t)row->capacity_mbps;
    if (row->drained)
        drain_c(s);
    if (row->left)  // traffic is moved away from C
        s->engine->stories[net_path_find(&s->net, C, FAMILY_IPV4)].state = INCIDENT_HELD;
    s->net.steer.budget.drained_upstreams_percent = row->left ? 25 : 50;
    s->loss_percent[B] = row->b_percent;
    if (row->bad_b)
        site_signal(s, B, SIGNAL_CONFIRMED);
    s->void_percent[B] = s->void_percent[A] = row->void_percent;
    // Only what comes in is asked about here.
    s->net.lever_modes[NET_LEVER_OVERRIDE] = 1 + (row->proves ? NET_OBSERVE : NET_ACT);
}

static void play(struct site *s, const struct row *row)
{
    arrange(s, row);
    s->loss_percent[A] = row->a_percent;
    site_signal(s, A, SIGNAL_CONFIRMED);
    for (int64_t ms = 0; ms < LONG_MS; ms += 1000) {
        if (ms == 3000 && row->frozen)
            site_feed(s, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_FREEZE});
        if (ms == 5000 && row->proves)
            s->net.steer.capacity = NET_CAPACITY_PROVE;
        if (row->told)
            inbound_use(s, row->a_peak && ms < PEAK_MS ? 700 : 400,
                        row->b_peak && ms < PEAK_MS ? 500 : row->b_mbps);
        for (int n = 0; n < 5; n++) {
            tell_direction(s, row->direction);
            site_run(s, 200);
        }
    }
}

static void does_what_may_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            struct site *s = inbound_site(family, NET_ACT);
            play(s, &rows[i]);
            const struct inbound *in = inbound_of_a(s);
            if (inbound_is_offered_last(s) != (rows[i].why == NULL))
                fail_msg("%s, %s: %s", rows[i].name, family_name(family), in->told.reason);
            if (rows[i].why && !strstr(in->told.reason, rows[i].why))
                fail_msg("%s, %s: not '%s' but '%s'", rows[i].name, family_name(family),
                         rows[i].why, in->told.reason);
            assert_int_equal(in->state, rows[i].why ? INBOUND_NONE : INBOUND_HELD);
            site_close(s);
        }
}

// Within a minute of the onset, and not for what passes.
static void waits_for_a_while(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site *s = inbound_site(family, NET_ACT);
        s->loss_percent[A] = 40;
        site_signal(s, A, SIGNAL_CONFIRMED);
        site_run(s, INBOUND_AGE_MS - 500);
        assert_false(inbound_is_offered_last(s));
        assert_false(inbound_of_a(s)->said);
        site_run(s, 3000);
        assert_true(inbound_is_offered_last(s));
        check_others(s);
        assert_int_equal(inbound_of_a(s)->told.verdict, PLAN_ACT);
        assert_int_equal(inbound_of_a(s)->told.prefixes, 1);
        site_close(s);
    }
}

// S16: observe and advise say it once, confirm waits for a person.
static void keeps_to_its_mode(void **state)
{
    (void)state;
    static const enum effect_plan_verdict verdicts[] = {PLAN_OBSERVED, PLAN_ADVISE, PLAN_CONFIRM};
    for (enum net_mode mode = NET_OBSERVE; mode < NET_ACT; mode++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            struct site *s = inbound_site(family, mode);
            inbound_lose(s, 40, LONG_MS);
            assert_int_equal(inbound_of_a(s)->told.verdict, verdicts[mode]);
            assert_false(inbound_is_offered_last(s));
            struct event_asked asked = {.what = ASKED_APPROVE, .number = inbound_of_a(s)->approval};
            assert_int_equal(asked.number > 0, mode == NET_CONFIRM);
            site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = asked});
            assert_int_equal(s->answered.done, mode == NET_CONFIRM);
            site_run(s, 100);
            assert_int_equal(inbound_is_offered_last(s), mode == NET_CONFIRM);
            site_feed(s, (struct event){.kind = EVENT_ASKED, .asked = asked});
            assert_false(s->answered.done);
            site_close(s);
        }
}

static void says_it_with_the_word_that_there_is(void **state)
{
    (void)state;
    struct site *s = inbound_site(FAMILY_IPV4, NET_ACT);
    s->net.upstreams[A].inbound[NET_STANCE_GRACEFUL].kind = NET_TAG_NONE;
    inbound_lose(s, 40, LONG_MS);
    assert_int_equal(s->engine->owns.items[0].places[A].stands.prepend, 1u << A);
    assert_int_equal(inbound_of_a(s)->told.stance, NET_STANCE_PREPEND);
    site_close(s);
}

static void says_whether_the_world_heeds_it(void **state)
{
    (void)state;
    static const struct {
        int64_t before_mbps, after_mbps;
        enum effect_inbound_stage stage;  // planned: its router does not hear us any more
    } cases[] = {{800, 700, INBOUND_HEEDED},
                 {800, 790, INBOUND_UNKNOWN},
                 {0, 0, INBOUND_UNKNOWN},
                 {800, 0, INBOUND_PLANNED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct site *s = inbound_site(FAMILY_IPV6, NET_ACT);
        s->loss_percent[A] = 40;
        site_signal(s, A, SIGNAL_CONFIRMED);
        for (int64_t until = s->ms + LONG_MS; s->ms < until; inbound_run(s, 5000))
            inbound_use(s, cases[i].before_mbps, 10);
        assert_int_equal(inbound_of_a(s)->told.stage, INBOUND_PLANNED);
        s->engine->sessions[A].up = cases[i].stage != INBOUND_PLANNED;
        for (int64_t until = s->ms + INBOUND_HEED_MS; s->ms < until; inbound_run(s, 5000))
            inbound_use(s, cases[i].after_mbps, 10);
        assert_int_equal(inbound_of_a(s)->told.stage, cases[i].stage);
        assert_int_equal(inbound_of_a(s)->state, INBOUND_HELD);
        site_close(s);
    }
}

// Good for the hold time, which is no shorter than what the gate asks for; then longer.
static void returns_in_one_step(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site *s = inbound_site(family, NET_ACT);
        inbound_lose(s, 40, LONG_MS);
        assert_true(inbound_of_a(s)->hold_ns >= STEER_VISIBLE_MS * (int64_t)NS_PER_MS);
        inbound_run(s, 40 * MINUTE_MS);
        assert_true(inbound_is_offered_last(s));  // it loses on
        inbound_heal(s);
        inbound_run(s, 29 * MINUTE_MS);
        assert_true(inbound_is_offered_last(s));
        for (int minute = 0; minute < 8 && inbound_is_offered_last(s); minute++)
            inbound_run(s, MINUTE_MS);
        assert_false(inbound_is_offered_last(s));
        assert_int_equal(inbound_of_a(s)->told.verdict, PLAN_RETURN);
        inbound_lose(s, 40, 28 * MINUTE_MS);
        assert_false(inbound_is_offered_last(s));  // the world has seen one just now
        assert_non_null(strstr(inbound_of_a(s)->told.reason, "at most one in 30 min"));
        inbound_run(s, 3 * MINUTE_MS);
        assert_true(inbound_is_offered_last(s));
        assert_true(inbound_of_a(s)->hold_ns >= 48 * MINUTE_MS * (int64_t)NS_PER_MS);
        inbound_heal(s);
        for (int minute = 0; minute < 75 && inbound_is_offered_last(s); minute++)
            inbound_run(s, MINUTE_MS);
        assert_false(inbound_is_offered_last(s));
        inbound_lose(s, 40, 32 * MINUTE_MS);  // what it stood for was no clean hour
        assert_true(inbound_is_offered_last(s));
        assert_true(inbound_of_a(s)->hold_ns >= 96 * MINUTE_MS * (int64_t)NS_PER_MS);
        site_close(s);
    }
}

// S22: what cannot be recorded is not done, however well it looks.
static void returns_when_it_can_be_recorded(void **state)
{
    (void)state;
    struct event audit = {.kind = EVENT_ROLE, .role = {ROLE_AUDIT, ROLE_DEAD, ""}};
    struct site *s = inbound_site(FAMILY_IPV6, NET_ACT);
    inbound_lose(s, 40, LONG_MS);
    inbound_heal(s);
    site_feed(s, audit);
    inbound_run(s, 45 * MINUTE_MS);
    assert_true(inbound_is_offered_last(s));
    audit.role.state = ROLE_ALIVE;
    site_feed(s, audit);
    inbound_run(s, MINUTE_MS);
    assert_false(inbound_is_offered_last(s));
    site_close(s);
}

static void needs_the_tables_of_its_family(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        for (enum family wrong = FAMILY_IPV4; wrong < FAMILIES; wrong++) {
            struct site *s = inbound_site(family, NET_ACT);
            s->engine->sessions[B].complete[wrong] = false;
            inbound_lose(s, 40, LONG_MS);
            assert_int_equal(inbound_is_offered_last(s), family != wrong);
            site_close(s);
        }
}

// The outage of 06-17 that came and went: two changes at most, over hours.
static void is_not_moved_by_what_comes_and_goes(void **state)
{
    (void)state;
    struct site *s = inbound_site(FAMILY_IPV4, NET_ACT);
    for (int n = 0; n < 60; n++) {
        inbound_lose(s, 40, MINUTE_MS / 2);
        inbound_heal(s);
        inbound_run(s, MINUTE_MS);
    }
    assert_int_equal(inbound_of_a(s)->hold.act_count, 1);
    inbound_run(s, 80 * MINUTE_MS);
    assert_int_equal(inbound_of_a(s)->hold.act_count, 2);
    site_close(s);
}

// Others are offered it as well, and one of them is bad: the world may turn there.
static void none_of_the_others_is_bad(void **state)
{
    (void)state;
    for (int bad = 0; bad < 2; bad++) {
        struct site *s = inbound_site(FAMILY_IPV4, NET_ACT);
        s->net.announce[0].routers |= 1u << C;
        site_run(s, 2000);
        s->loss_percent[B] = bad ? 30 : 0;
        site_signal(s, B, bad ? SIGNAL_CONFIRMED : SIGNAL_CLEAR);
        inbound_lose(s, 40, LONG_MS);
        assert_int_equal(inbound_is_offered_last(s), !bad);
        if (bad)
            assert_non_null(strstr(inbound_of_a(s)->told.reason, "b is not well either"));
        site_close(s);
    }
}

// From the moment on that routers are told.
static void counts_what_is_under_way(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site *s = inbound_site(family, NET_ACT);
        assert_int_equal(inbound_upstreams(s->engine), 0);
        inbound_of_a(s)->state = INBOUND_ACTING;
        assert_int_equal(inbound_upstreams(s->engine), 1u << A);
        site_close(s);
    }
}

// Four own prefixes are named, of the path's family alone.
static void names_some(void **state)
{
    (void)state;
    struct site *s = inbound_site(FAMILY_IPV6, NET_ACT);
    for (uint32_t own = 2; own < 2 + INBOUND_LISTED_MAX; own++) {
        s->net.announce[own] = s->net.announce[1];
        s->net.announce[own].prefix.address.bytes[5] ^= (uint8_t)own;
        s->net.announce_count++;
    }
    site_run(s, 2000);
    inbound_lose(s, 40, LONG_MS);
    assert_int_equal(inbound_of_a(s)->told.prefixes, INBOUND_LISTED_MAX + 1);
    assert_string_equal(inbound_of_a(s)->told.own,
                        "2001:db8:53::/48, 2001:db8:51::/48, 2001:db8:50::/48, "
                        "2001:db8:57::/48 and 1 more");
    site_close(s);
}

static void is_shown(void **state)
{
    (void)state;
    struct site *s = inbound_site(FAMILY_IPV4, NET_ACT);
    inbound_lose(s, 40, LONG_MS);
    json_t *list = engine_inbound_json(s->engine);
    char *text = json_dumps(json_array_get(list, 0), JSON_COMPACT);
    assert_string_equal(
        text, "{\"path\":\"a ipv4\",\"incident\":1,\"state\":\"held\",\"verdict\":\"act\","
              "\"stage\":\"planned\",\"stance\":\"graceful\",\"prefixes\":1,\"own\":"
              "\"192.0.2.0/24\",\"approval\":0,\"reason\":\"what the world sends by it is lost, "
              "too, and others are good\"}");
    free(text);
    json_decref(list);
    assert_non_null(strstr(s->outages[s->outage_count - 1].action, "what comes in by a ipv4: "));
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_what_may_be),
        cmocka_unit_test(waits_for_a_while),
        cmocka_unit_test(keeps_to_its_mode),
        cmocka_unit_test(says_it_with_the_word_that_there_is),
        cmocka_unit_test(says_whether_the_world_heeds_it),
        cmocka_unit_test(returns_in_one_step),
        cmocka_unit_test(returns_when_it_can_be_recorded),
        cmocka_unit_test(needs_the_tables_of_its_family),
        cmocka_unit_test(is_not_moved_by_what_comes_and_goes),
        cmocka_unit_test(none_of_the_others_is_bad),
        cmocka_unit_test(counts_what_is_under_way),
        cmocka_unit_test(names_some),
        cmocka_unit_test(is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
