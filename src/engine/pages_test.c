// SPDX-License-Identifier: ISC
// From an outage to pages, acknowledgements and heartbeats, as the engine has them.
#include "engine/site_check.h"

#include "base/check.h"
#include "engine/small_alert.h"

#include <string.h>

enum { TOLD_MAX = 64 };

struct ear {
    struct site *site;
    struct effect told[TOLD_MAX];  // pages, deliveries, notices and answers
    uint32_t count;
};

static void feed(struct ear *ear, struct event event)
{
    size_t count;
    event.at.ns = (1000 * 1000 + ear->site->ms) * NS_PER_MS;
    const struct effect *effects = engine_step(ear->site->engine, &event, &count);
    for (size_t i = 0; i < count; i++) {
        enum effect_kind kind = effects[i].kind;
        if (kind == EFFECT_PAGE || kind == EFFECT_DELIVERED || kind == EFFECT_NOTICE ||
            kind == EFFECT_ANSWERED) {
            assert_true(ear->count < TOLD_MAX);
            ear->told[ear->count++] = effects[i];
        }
    }
}

static void run(struct ear *ear, int64_t seconds)
{
    for (int64_t end = ear->site->ms + seconds * 1000; ear->site->ms < end; ear->site->ms += 50)
        feed(ear, (struct event){.kind = EVENT_TICK});
}

static struct ear open_ear(void)
{
    struct ear ear = {.site = site_open(7)};
    small_alert(&ear.site->net);
    return ear;
}

static void fault(struct ear *ear, enum fault_state state)
{
    const struct mono now = {(1000 * 1000 + ear->site->ms) * NS_PER_MS};
    feed(ear, (struct event){.kind = EVENT_FAULT,
                             .fault = {.number = 3,
                                       .began_at = now,
                                       .state = state,
                                       .part = fault_part_any(),
                                       .words = "ca2 forwards nothing"}});
}

static void deliver(struct ear *ear, const struct alert_page *page, enum event_delivery_state state,
                    const char *reason)
{
    struct event event = {.kind = EVENT_DELIVERY,
                          .delivery = {page->number, page->channel, state, ""}};
    strcpy(event.delivery.reason, reason);
    feed(ear, event);
}

// All pages so far; gives how many are of this kind, and the last of them.
static uint32_t deliver_all(struct ear *ear, enum page_kind kind, struct alert_page *last)
{
    uint32_t found = 0, count = ear->count;
    for (uint32_t i = 0; i < count; i++) {
        if (ear->told[i].kind != EFFECT_PAGE)
            continue;
        found += ear->told[i].page.kind == kind;
        *last = ear->told[i].page.kind == kind ? ear->told[i].page : *last;
        deliver(ear, &ear->told[i].page, DELIVERY_SENT, "");
    }
    ear->count = 0;
    return found;
}

static void ask_ack(struct ear *ear, uint32_t number, bool done, const char *text)
{
    ear->count = 0;
    feed(ear, (struct event){.kind = EVENT_ASKED,
                             .asked = {.what = ASKED_ACK,
                                       .who = "anna",
                                       .number = number,
                                       .object = {.kind = NET_OBJECT_KINDS}}});
    assert_int_equal(ear->count, 1);
    assert_int_equal(ear->told[0].answered.done, done);
    assert_string_equal(ear->told[0].answered.text, text);
    ear->count = 0;
}

static void pages_until_somebody_has_it(void **state)
{
    (void)state;
    struct ear ear = open_ear();
    fault(&ear, FAULT_NAMED);
    run(&ear, 1);
    assert_int_equal(ear.count, 1);
    struct alert_page first = ear.told[0].page;
    assert_true(first.outage == 1 && first.person == 0 && first.channel == 1 &&
                first.kind == PAGE_NEW && first.way == SITE_A);
    assert_non_null(strstr(first.text, "outage 1: ca2 forwards nothing since "));
    deliver(&ear, &first, DELIVERY_KEPT, "");
    deliver(&ear, &first, DELIVERY_FAILED, "no such host");
    assert_int_equal(ear.count, 2);  // that it is kept is no news
    assert_int_equal(ear.told[1].kind, EFFECT_DELIVERED);
    assert_string_equal(ear.told[1].delivered.reason, "no such host");
    run(&ear, 1);
    assert_int_equal(ear.count, 3);
    struct alert_page second = ear.told[2].page;
    assert_true(second.number == first.number && second.channel == 0 && second.person == 0);
    deliver(&ear, &second, DELIVERY_SENT, "");
    ask_ack(&ear, 2, false, "outage 2 is not known, or long over");
    ask_ack(&ear, 1, true, "outage 1 is anna's for 60 minutes");
    run(&ear, 1000);
    struct alert_page page;
    assert_int_equal(deliver_all(&ear, PAGE_AGAIN, &page), 0);
    fault(&ear, FAULT_OVER);
    run(&ear, 75);
    assert_true(deliver_all(&ear, PAGE_OVER, &page) >= 1);
    assert_true(page.outage == 1 && page.person == 0);
    run(&ear, 1);
    ask_ack(&ear, 1, false, "outage 1 is not known, or long over");
    site_close(ear.site);
}

static void asks_a_new_sender_once_more(void **state)
{
    (void)state;
    struct ear ear = open_ear();
    fault(&ear, FAULT_NAMED);
    run(&ear, 1);
    int64_t number = ear.told[0].page.number;
    feed(&ear, (struct event){.kind = EVENT_ROLE, .role = {ROLE_NOTIFY, ROLE_DEAD, ""}});
    feed(&ear, (struct event){.kind = EVENT_ROLE, .role = {ROLE_NOTIFY, ROLE_ALIVE, ""}});
    ear.count = 0;
    run(&ear, 1);
    assert_true(ear.count == 1 && ear.told[0].page.number == number);
    site_close(ear.site);
}

// The rota is in local time: the wall clock and the zone are told.
static void knows_the_time_of_rotas(void **state)
{
    (void)state;
    struct ear ear = open_ear();
    struct net_layer *layer = &ear.site->net.alert.teams[0].layers[0];
    layer->from_s = 1767603600;  // 2026-01-05 09:00
    layer->hand_over_min = 9 * 60;
    struct alert_page page;
    fault(&ear, FAULT_NAMED);
    run(&ear, 1);
    assert_int_equal(deliver_all(&ear, PAGE_NEW, &page), 2);  // nobody has it in 1970: the team
    fault(&ear, FAULT_OVER);
    run(&ear, 75);
    assert_true(deliver_all(&ear, PAGE_OVER, &page) >= 2);
    // Monday 2026-01-12 08:30 UTC is 09:30 in Berlin: Ben's turn.
    const struct wall wall = {1768206600ll * NS_PER_S};
    feed(&ear, (struct event){.kind = EVENT_ZONE, .zone = {0, wall, 1761440400, 3600}});
    fault(&ear, FAULT_NAMED);
    run(&ear, 1);
    assert_int_equal(deliver_all(&ear, PAGE_NEW, &page), 1);
    assert_int_equal(page.person, 1);
    assert_non_null(strstr(page.text, "since 2026-01-12 08:30:0"));
    site_close(ear.site);
}

static void notices_that_heartbeats_do_not_get_through(void **state)
{
    (void)state;
    struct ear ear = open_ear();
    ear.site->net.alert.channels[0].heartbeat_ns = 60ll * NS_PER_S;
    run(&ear, 1);
    assert_true(ear.count == 1 && ear.told[0].page.kind == PAGE_HEARTBEAT &&
                ear.told[0].page.person == NET_NOBODY && ear.told[0].page.channel == 0);
    deliver(&ear, &ear.told[0].page, DELIVERY_SENT, "");
    assert_int_equal(ear.count, 1);  // no news
    ear.count = 0;
    run(&ear, 60);
    assert_int_equal(ear.count, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ear.count, 1);
        deliver(&ear, &ear.told[0].page, DELIVERY_FAILED, "refused");
        ear.count = 0;
        run(&ear, 60);
    }
    assert_int_equal(ear.count, 2);  // the third is missed: a notice, and the next one
    assert_true(ear.told[0].kind == EFFECT_NOTICE && ear.told[0].notice.raised &&
                ear.told[0].notice.kind == NOTICE_PAGES_STUCK);
    assert_string_equal(ear.told[0].notice.peer, "phone");
    assert_string_equal(ear.told[0].notice.text, "refused");
    struct alert_page last = ear.told[1].page;
    ear.count = 0;
    deliver(&ear, &last, DELIVERY_SENT, "");
    assert_true(ear.count == 1 && ear.told[0].kind == EFFECT_NOTICE && !ear.told[0].notice.raised);
    site_close(ear.site);
}

// Without channels nothing is done at all.
static void pages_nobody_by_default(void **state)
{
    (void)state;
    struct ear ear = {.site = site_open(7)};
    fault(&ear, FAULT_NAMED);
    run(&ear, 1000);
    assert_int_equal(ear.count, 0);
    site_close(ear.site);
}

static void shows_who_is_on_call_and_paged(void **state)
{
    (void)state;
    struct ear ear = open_ear();
    char *status = malloc(1 << 16);
    fault(&ear, FAULT_NAMED);
    run(&ear, 1);
    deliver(&ear, &ear.told[0].page, DELIVERY_SENT, "");
    assert_true(engine_status_json(ear.site->engine, (struct mono){0}, status, 1 << 16) > 0);
    assert_non_null(strstr(status,
                           "\"pages\":{\"on_call\":[{\"team\":\"network\",\"primary\":\"anna\","
                           "\"secondary\":\"ben\"}]"));
    assert_non_null(strstr(status, "{\"channel\":\"mail\",\"state\":\"sent\",\"reason\":\"\","
                                   "\"missed\":0}"));
    assert_non_null(strstr(status,
                           "\"cases\":[{\"outage\":1,\"run_s\":0,\"state\":\"open\","
                           "\"has_it\":\"\",\"planned\":false,\"paged\":[{\"person\":\"anna\","
                           "\"delivered\":true}]}]"));
    free(status);
    site_close(ear.site);
}

static void begin_anew(struct ear *ear, bool frozen, uint32_t drains)
{
    feed(ear, (struct event){.kind = EVENT_START});  // site_open() has lived for some seconds
    if (frozen)
        feed(ear, (struct event){.kind = EVENT_FROZEN, .frozen = {"anna since t1: core change"}});
    for (uint32_t i = 0; i < drains; i++) {
        struct event event = {.kind = EVENT_NOTICE,
                              .notice = {.kind = NOTICE_DRAIN_FORGOTTEN,
                                         .raised = true,
                                         .router = NET_NOBODY,
                                         .text = "ben asked for it, it was safe"}};
        strcpy(event.notice.peer, i == 0 ? "upstream a" : "router edge2");
        feed(ear, event);
    }
}

// What people asked of the life before: they are told once what became of it, and not of what was
// thawed before they could be. Zones are told by then, and who sends is there.
static void pages_what_a_start_found(void **state)
{
    (void)state;
    static const struct {
        bool frozen, thawed;
        uint32_t drains;
        const char *says[2];  // NULL: nothing
    } rows[] = {
        {false, false, 0, {NULL, NULL}},
        {true, false, 0, {"still frozen by anna since t1: core change", "fairlead thaw"}},
        {true, true, 0, {NULL, NULL}},
        {false, false, 2, {"No longer drained: upstream a and 1 more", "fairlead drain OBJECT"}},
        {true, false, 1, {"fairlead thaw. No longer", "drained: upstream a."}},
        {true, true, 1, {"started anew. No longer", "drained: upstream a."}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ear ear = open_ear();
        begin_anew(&ear, rows[i].frozen, rows[i].drains);
        if (rows[i].thawed)
            feed(&ear, (struct event){.kind = EVENT_COMMAND, .command = COMMAND_THAW});
        struct alert_page page = {.kind = PAGE_NONE};
        run(&ear, 4);
        CHECK_ROW(rows[i].says[0], deliver_all(&ear, PAGE_STARTED, &page) == 0);
        run(&ear, 2);
        uint32_t pages = deliver_all(&ear, PAGE_STARTED, &page);
        CHECK_ROW(rows[i].says[0], pages == (rows[i].says[0] ? 1 : 0));
        for (int n = 0; n < 2 && rows[i].says[n]; n++)
            CHECK_ROW(rows[i].says[n], strstr(page.text, rows[i].says[n]) != NULL);
        CHECK_ROW(rows[i].says[0], page.outage == 0 && page.person == 0);
        run(&ear, 1000);
        CHECK_ROW(rows[i].says[0], deliver_all(&ear, PAGE_STARTED, &page) == 0);
        site_close(ear.site);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_until_somebody_has_it),
        cmocka_unit_test(asks_a_new_sender_once_more),
        cmocka_unit_test(knows_the_time_of_rotas),
        cmocka_unit_test(notices_that_heartbeats_do_not_get_through),
        cmocka_unit_test(pages_nobody_by_default),
        cmocka_unit_test(shows_who_is_on_call_and_paged),
        cmocka_unit_test(pages_what_a_start_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
