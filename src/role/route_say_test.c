// SPDX-License-Identifier: ISC
// A router that reads as it likes, and an engine that changes its mind all the time: what the
// router knows in the end is what stands in the ledger, and it never knew what did not stand there
// once.
#include "bgp/session_check.h"
#include "base/random.h"
#include "role/route.h"

enum { PREFIXES = 64, LIMIT = 48, EDGE1 = 0, EDGE2 = 1 };

struct lab {
    struct net net;
    struct route_role *r;
    uint32_t heard[PREFIXES];  // the router's table: upstream and 1; 0: none
    uint32_t begins, ends;     // marks of RFC 7313 heard
    bool refreshed[PREFIXES];  // heard of since the last beginning
    bool between[PREFIXES];    // and before the end
};

static struct prefix prefix_at(uint32_t place)
{
    char text[PREFIX_TEXT_MAX];
    snprintf(text, sizeof text, place & 1 ? "2a10:%x::/32" : "20.%u.0.0/16", place);
    return check_prefix(text);
}

static uint32_t place_of(struct prefix prefix)
{
    uint32_t place = 0;
    while (place < PREFIXES && !prefix_equal(prefix_at(place), prefix))
        place++;
    assert_true(place < PREFIXES);
    return place;
}

static struct lab *lab_new(void)
{
    struct lab *lab = calloc(1, sizeof *lab);
    lab->r = calloc(1, sizeof *lab->r);
    lab->net.router_count = 2;
    lab->r->net = &lab->net;
    lab->r->now = start;
    lab->r->ledger = ledger_new(&(struct ledger_limits){.per_router = LIMIT, .all = LIMIT * 2});
    assert_true(route_say_open(lab->r));
    for (uint32_t i = 0; i < 2; i++) {
        struct route_link *link = &lab->r->routers[i].links[0];
        struct bgp_session *s = established();
        link->session = *s;
        link->session.context.enhanced_refresh = true;
        free(s);
        lab->r->routers[i].live = link;
    }
    return lab;
}

static void lab_free(struct lab *lab)
{
    route_say_close(lab->r);
    ledger_free(lab->r->ledger);
    free(lab->r);
    free(lab);
}

static struct permit permit_of(uint32_t router, uint32_t place, uint32_t upstream)
{
    static const uint8_t path[] = {2, 1, 0, 0, 0xfd, 0xe9};
    struct permit permit = {
        .router = router,
        .upstream = upstream,
        .prefix = prefix_at(place),
        .next_hop = check_address(place & 1 ? "2a08::1" : "8.0.0.1"),
        .local_pref = 500 + upstream,
        .marker = {64500, 666, 1},
        .no_export = true,
        .as_path_size = sizeof path,
        .as_path = path,
    };
    return permit;
}

static void let_go(struct lab *lab, uint32_t router, uint32_t place)
{
    const struct standing *standing = ledger_find(lab->r->ledger, router, prefix_at(place));
    if (!standing)
        return;
    route_say_gone(lab->r, standing);
    ledger_strike(lab->r->ledger, standing);
}

static void hear(struct lab *lab, const uint8_t *bytes, size_t size)
{
    const struct bgp_context *context = &lab->r->routers[EDGE1].live->session.context;
    struct bgp_context as_router = {
        .as4 = true, .families = {0, 1, 1}, .enhanced_refresh = context->enhanced_refresh};
    struct bgp_message m;
    struct bgp_verdict verdict = bgp_message_decode(cursor_over(bytes, size), &as_router, &m);
    assert_int_equal(verdict.remedy, BGP_ACCEPT);
    if (m.header.type == BGP_ROUTE_REFRESH) {
        lab->begins += m.refresh.kind == BGP_REFRESH_BEGIN;
        lab->ends += m.refresh.kind == BGP_REFRESH_END;
        if (m.refresh.kind == BGP_REFRESH_END)
            memcpy(lab->between, lab->refreshed, sizeof lab->between);
        if (m.refresh.kind == BGP_REFRESH_BEGIN)
            memset(lab->refreshed, 0, sizeof lab->refreshed);
        return;
    }
    if (m.header.type != BGP_UPDATE)
        return;
    struct bgp_route route;
    while (bgp_nlri_next(&m.update.withdrawn, &route))
        lab->heard[place_of(route.prefix)] = 0;
    while (bgp_nlri_next(&m.update.mp_withdrawn, &route))
        lab->heard[place_of(route.prefix)] = 0;
    struct bgp_nlri *fields[] = {&m.update.announced, &m.update.mp_announced};
    for (size_t i = 0; i < 2; i++) {
        while (bgp_nlri_next(fields[i], &route)) {
            uint32_t place = place_of(route.prefix);
            lab->heard[place] = m.update.attributes.local_pref - 500 + 1;
            lab->refreshed[place] = true;
        }
    }
}

// Reads whole messages, up to so many.
static void read_some(struct lab *lab, uint32_t messages)
{
    struct bgp_session *s = &lab->r->routers[EDGE1].live->session;
    size_t size;
    for (const uint8_t *out; out = bgp_session_output(s, &size), size > 0 && messages > 0;) {
        size_t message = (size_t)out[16] << 8 | out[17];
        hear(lab, out, message);
        bgp_session_sent(s, start, message);
        messages--;
    }
}

static void read_all(struct lab *lab)
{
    for (int turns = 0; turns < 3; turns++) {
        route_say_turn(lab->r, EDGE1);
        read_some(lab, UINT32_MAX);
    }
    assert_false(route_say_waits(lab->r, EDGE1));
}

static void assert_knows_what_stands(struct lab *lab)
{
    for (uint32_t place = 0; place < PREFIXES; place++) {
        const struct standing *s = ledger_find(lab->r->ledger, EDGE1, prefix_at(place));
        assert_int_equal(lab->heard[place], s ? s->permit.upstream + 1 : 0);
    }
}

// Fills the output, so that only a message or two are said until the router reads.
static void block(struct lab *lab, size_t room)
{
    struct bgp_session *s = &lab->r->routers[EDGE1].live->session;
    uint8_t keepalive[BGP_HEADER_SIZE];
    struct writer w = writer_over(keepalive, sizeof keepalive);
    bgp_keepalive_encode(&w);
    while (bgp_session_writer(s).capacity > room &&
           bgp_session_send(s, start, keepalive, sizeof keepalive))
        ;
}

static void whatever_changes_the_last_word_is_heard(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    struct random random = {3};
    for (int step = 0; step < 40000; step++) {
        uint64_t r = random_u64(&random);
        uint32_t place = r % PREFIXES, router = r >> 8 & 1;
        struct permit permit = permit_of(router, place, r >> 16 & 3);
        bool stands = ledger_find(lab->r->ledger, router, permit.prefix);
        if (r >> 20 & 1)
            let_go(lab, router, place);
        else if (stands ||
                 ledger_count(lab->r->ledger, PERMIT_OVERRIDE, router, FAMILY_NONE) < LIMIT)
            ledger_put(lab->r->ledger, &permit);
        if ((r >> 24 & 63) == 0)
            block(lab, ROUTE_SAY_ROOM + (r >> 33 & 127));
        if ((r >> 30 & 3) == 0)
            route_say_turn(lab->r, EDGE1);
        if ((r >> 32 & 3) == 0)
            read_some(lab, r >> 40 & 15);
        if ((r >> 48 & 1023) == 0)
            route_say_again(lab->r, EDGE1, r >> 60 & 1 ? FAMILY_IPV4 : FAMILY_IPV6);
        if ((r >> 50 & 511) == 0) {
            read_all(lab);
            assert_knows_what_stands(lab);
            assert_int_equal(lab->begins, lab->ends);
        }
    }
    assert_true(lab->begins > 5);
    lab_free(lab);
}

static void a_refresh_stands_between_its_marks(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    for (uint32_t place = 0; place < 20; place++)
        ledger_put(lab->r->ledger, &(struct permit[]){permit_of(EDGE1, place, 0)}[0]);
    read_all(lab);
    assert_int_equal(lab->begins, 0);
    route_say_again(lab->r, EDGE1, FAMILY_IPV4);
    read_all(lab);
    assert_true(lab->begins == 1 && lab->ends == 1);
    for (uint32_t place = 0; place < 20; place++)
        assert_int_equal(lab->between[place], !(place & 1));
    lab->r->routers[EDGE1].live->session.context.enhanced_refresh = false;
    route_say_again(lab->r, EDGE1, FAMILY_IPV6);
    read_all(lab);
    assert_true(lab->begins == 1 && lab->ends == 1);
    assert_knows_what_stands(lab);
    lab_free(lab);
}

// What shares its attributes shares a message.
static void a_burst_is_packed(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    for (uint32_t place = 0; place < 40; place += 2)
        ledger_put(lab->r->ledger, &(struct permit[]){permit_of(EDGE1, place, place >= 20)}[0]);
    route_say_turn(lab->r, EDGE1);
    read_some(lab, 2);
    size_t size;
    bgp_session_output(&lab->r->routers[EDGE1].live->session, &size);
    assert_int_equal(size, 0);
    assert_knows_what_stands(lab);
    for (uint32_t place = 0; place < 40; place += 2)
        let_go(lab, EDGE1, place);
    route_say_turn(lab->r, EDGE1);
    read_some(lab, 1);
    assert_knows_what_stands(lab);
    lab_free(lab);
}

// Withdrawals first; and what the router still knows in an older form is not forgotten when that is
// put again, and let go again before it was said.
static void an_old_form_is_withdrawn_too(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    ledger_put(lab->r->ledger, &(struct permit[]){permit_of(EDGE1, 0, 0)}[0]);
    ledger_put(lab->r->ledger, &(struct permit[]){permit_of(EDGE1, 1, 0)}[0]);
    read_all(lab);
    let_go(lab, EDGE1, 0);
    let_go(lab, EDGE1, 1);
    ledger_put(lab->r->ledger, &(struct permit[]){permit_of(EDGE1, 0, 2)}[0]);
    block(lab, ROUTE_SAY_ROOM + 20);
    route_say_turn(lab->r, EDGE1);  // room for one message: the withdrawal of the other
    let_go(lab, EDGE1, 0);
    assert_true(route_say_waits(lab->r, EDGE1));
    read_all(lab);
    assert_knows_what_stands(lab);

    ledger_put(lab->r->ledger, &(struct permit[]){permit_of(EDGE1, 0, 0)}[0]);
    read_all(lab);
    let_go(lab, EDGE1, 0);
    ledger_put(lab->r->ledger, &(struct permit[]){permit_of(EDGE1, 2, 0)}[0]);
    route_say_turn(lab->r, EDGE1);
    read_some(lab, 1);
    assert_true(lab->heard[0] == 0 && lab->heard[2] == 0);
    lab_free(lab);
}

// A session that ended takes nothing over into the next.
static void a_new_session_starts_from_nothing(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    ledger_put(lab->r->ledger, &(struct permit[]){permit_of(EDGE1, 0, 0)}[0]);
    read_all(lab);
    route_say_again(lab->r, EDGE1, FAMILY_IPV4);
    let_go(lab, EDGE1, 0);
    assert_true(route_say_waits(lab->r, EDGE1));
    route_say_forget(lab->r, EDGE1);
    assert_false(route_say_waits(lab->r, EDGE1));
    lab->r->routers[EDGE1].live = NULL;
    ledger_put(lab->r->ledger, &(struct permit[]){permit_of(EDGE1, 0, 0)}[0]);
    let_go(lab, EDGE1, 0);
    route_say_turn(lab->r, EDGE1);
    assert_false(route_say_waits(lab->r, EDGE1));
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_changes_the_last_word_is_heard),
        cmocka_unit_test(a_refresh_stands_between_its_marks),
        cmocka_unit_test(a_burst_is_packed),
        cmocka_unit_test(an_old_form_is_withdrawn_too),
        cmocka_unit_test(a_new_session_starts_from_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
