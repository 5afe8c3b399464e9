// SPDX-License-Identifier: ISC
// Routers as one does not want them, and calls that come from their side.
#include "role/route_check.h"

static struct event_session *hears_down(struct world *w, uint32_t router)
{
    struct event_session *s;
    do
        s = &engine_hear(w, EVENT_SESSION)->session;
    while (s->router != router || s->state != SESSION_DOWN);
    return s;
}

static void hears_up(struct world *w, uint32_t router)
{
    struct event_session *s;
    do
        s = &engine_hear(w, EVENT_SESSION)->session;
    while (s->router != router || s->state != SESSION_UP);
}

static void hears_refusal(struct router *router, uint8_t code, uint8_t subcode)
{
    struct bgp_notification *n = &router_read(router, BGP_NOTIFICATION)->notification;
    assert_int_equal(n->code, code);
    assert_int_equal(n->subcode, subcode);
}

// Each does its worst once; then it is dialled again and may behave.
static void lies_in_the_header(struct router *router)
{
    static const char http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    router_read(router, BGP_OPEN);
    assert_true(write(router->fd, http, sizeof http - 1) > 0);
    hears_refusal(router, 1, 1);
}

static void closes_in_the_middle_of_open(struct router *router)
{
    router_read(router, BGP_OPEN);
    assert_true(write(router->fd, "\xff\xff\xff", 3) == 3);
    router_hang_up(router);
}

static void is_of_another_as(struct router *router)
{
    router_read(router, BGP_OPEN);
    router_say(router, BGP_OPEN, "04 fde9 005a 0a000001 00");
    hears_refusal(router, 2, 2);
}

static void has_our_id(struct router *router)
{
    router_read(router, BGP_OPEN);
    router_say(router, BGP_OPEN, "04 fbf4 005a c0000205 00");
    hears_refusal(router, 2, 3);
}

static void says_no(struct router *router)
{
    router_read(router, BGP_OPEN);
    router_say(router, BGP_NOTIFICATION, "06 02 0b 676f 2061 7761 790a 1b5b 6d");
}

static void goes_on_after_every_router(void **state)
{
    (void)state;
    static const struct {
        void (*misbehave)(struct router *router);
        const char *reason;
    } rows[] = {
        {lies_in_the_header, "we say Message Header Error/Connection Not Synchronized: "},
        {closes_in_the_middle_of_open, "in OpenSent: the router closed the connection"},
        {is_of_another_as, "we say OPEN Message Error/Bad Peer AS: AS is 65001, not 64500"},
        {has_our_id, "we say OPEN Message Error/Bad BGP Identifier: BGP identifier is our own"},
        {says_no, "the router says Cease/Administrative Shutdown: go away\\x0a\\x1b[m"},
    };
    struct world w;
    world_init(&w);
    world_start(&w);
    router_accept(&w.routers[EDGE2]);
    router_establish(&w.routers[EDGE2]);
    struct router *edge1 = &w.routers[EDGE1];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        router_accept(edge1);
        rows[i].misbehave(edge1);
        struct event_session *s = hears_down(&w, EDGE1);
        if (strncmp(s->reason, rows[i].reason, strlen(rows[i].reason)) != 0)
            fail_msg("row %zu: %s", i, s->reason);
        close(edge1->fd);
        router_say_keepalive(&w.routers[EDGE2]);  // the other is not concerned
        if (i == 1)
            break;  // the delays grow: the rest is tried in a world of its own
    }
    router_accept(edge1);
    router_establish(edge1);
    hears_up(&w, EDGE1);
    world_end(&w, 0);

    for (size_t i = 2; i < sizeof rows / sizeof rows[0]; i++) {
        world_init(&w);
        world_start(&w);
        router_accept(edge1);
        rows[i].misbehave(edge1);
        assert_string_equal(hears_down(&w, EDGE1)->reason, rows[i].reason);
        world_end(&w, 0);
    }
}

static void refuses_the_second_of_two_with_one_id(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.routers[EDGE2].id = w.routers[EDGE1].id;
    world_start(&w);
    router_accept(&w.routers[EDGE1]);
    router_establish(&w.routers[EDGE1]);
    hears_up(&w, EDGE1);
    router_accept(&w.routers[EDGE2]);
    router_say_open(&w.routers[EDGE2]);
    router_read(&w.routers[EDGE2], BGP_OPEN);
    hears_refusal(&w.routers[EDGE2], 2, 3);
    assert_string_equal(
        hears_down(&w, EDGE2)->reason,
        "we say OPEN Message Error/Bad BGP Identifier: router edge1 has this identifier already");
    world_end(&w, 0);
}

static void an_unreachable_router_is_told_once(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    close(w.routers[EDGE1].listener);
    w.net.routers[EDGE2].hold_time_s = 5;
    world_start(&w);
    assert_string_equal(hears_down(&w, EDGE1)->reason, "in Connect: Connection refused");
    router_accept(&w.routers[EDGE2]);
    router_establish(&w.routers[EDGE2]);
    // Before edge2 goes down after its hold time, edge1 was tried again, and nothing said of it.
    struct event_session *s;
    do {
        s = &engine_hear(&w, EVENT_SESSION)->session;
        assert_int_equal(s->router, EDGE2);
    } while (s->state != SESSION_DOWN);
    assert_string_equal(s->reason, "we say Hold Timer Expired: the router is silent");
    w.routers[EDGE1].listener = listen_on(w.net.routers[EDGE1].address, &w.net.routers[EDGE1].port);
    router_accept(&w.routers[EDGE1]);
    world_end(&w, 0);
}

// The role listens; routers call from their own addresses.
static void world_listen(struct world *w)
{
    world_init(w);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct address any = check_address(family == FAMILY_IPV4 ? "127.0.0.5" : "::1");
        close(listen_on(any, &w->net.bgp_listen_port));  // a port that is free
    }
    w->net.bgp_listen[FAMILY_IPV4] = check_address("127.0.0.5");
    w->net.bgp_listen[FAMILY_IPV6] = check_address("::1");
}

static int call_role(const struct world *w, const char *from)
{
    struct address source = check_address(from);
    union endpoint local = endpoint_of(source, 0);
    union endpoint role = endpoint_of(w->net.bgp_listen[source.family], w->net.bgp_listen_port);
    int fd = socket(endpoint_family(source.family), SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, &local.any, endpoint_size(&local)), 0);
    assert_int_equal(connect(fd, &role.any, endpoint_size(&role)), 0);
    return fd;
}

static void hears_nothing_more(int fd)
{
    uint8_t byte;
    wait_readable(fd, "the end of a connection");
    assert_true(read(fd, &byte, 1) <= 0);
    close(fd);
}

static void answers_only_those_it_knows(void **state)
{
    (void)state;
    struct world w;
    world_listen(&w);
    close(w.routers[EDGE1].listener);  // they call, and are not there for calls
    close(w.routers[EDGE2].listener);
    world_start(&w);
    hears_nothing_more(call_role(&w, "127.0.0.66"));
    static const char *const addresses[] = {"127.0.0.11", "::1"};
    for (uint32_t i = 0; i < 2; i++) {
        w.routers[i].fd = call_role(&w, addresses[i]);
        router_establish(&w.routers[i]);
        hears_up(&w, i);
        hears_nothing_more(call_role(&w, addresses[i]));  // it has called already
    }
    world_end(&w, 0);
}

// A router that has called is not dialled any more.
static void does_not_dial_who_has_called(void **state)
{
    (void)state;
    struct world w;
    world_listen(&w);
    w.net.routers[EDGE1].hold_time_s = 3;
    struct router *edge1 = &w.routers[EDGE1];
    close(edge1->listener);
    world_start(&w);
    hears_down(&w, EDGE1);  // dialled once, in vain
    edge1->fd = call_role(&w, "127.0.0.11");
    router_establish(edge1);
    hears_up(&w, EDGE1);
    edge1->listener = listen_on(w.net.routers[EDGE1].address, &w.net.routers[EDGE1].port);
    for (int second = 0; second < 3; second++) {  // the next attempt would be due within two
        router_say_keepalive(edge1);
        router_read(edge1, BGP_KEEPALIVE);
    }
    struct pollfd p = {.fd = edge1->listener, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 0);
    world_end(&w, 0);
}

// Both dialled at once. Of the two connections the one stays that the higher identifier dialled.
static void keeps_one_of_two_connections(void **state)
{
    (void)state;
    for (int router_is_higher = 0; router_is_higher < 2; router_is_higher++) {
        struct world w;
        world_listen(&w);
        w.routers[EDGE1].id = router_is_higher ? 0xdf000001 : 0x0a000001;
        world_start(&w);
        struct router called = w.routers[EDGE1], dialled = called;
        dialled.fd = call_role(&w, "127.0.0.11");
        router_accept(&called);
        router_say_open(&called);
        router_read(&called, BGP_OPEN);
        router_read(&called, BGP_KEEPALIVE);
        router_say_open(&dialled);
        router_read(&dialled, BGP_OPEN);
        struct router *goes = router_is_higher ? &called : &dialled;
        struct router *stays = router_is_higher ? &dialled : &called;
        hears_refusal(goes, BGP_CEASE, 7);
        router_say_keepalive(stays);
        hears_up(&w, EDGE1);
        close(goes->fd);
        close(stays->fd);
        hears_down(&w, EDGE1);
        world_end(&w, 0);
    }
}

static void says_what_would_help(void **state)
{
    (void)state;
    struct world w;
    world_listen(&w);
    int taken = listen_on(w.net.bgp_listen[FAMILY_IPV4], &w.net.bgp_listen_port);
    char why[ROLE_ERROR_MAX], expected[ROLE_ERROR_MAX];
    assert_null(route_role_open(&w.net, why));
    snprintf(expected, sizeof expected,
             "cannot listen for BGP on 127.0.0.5:%u: Address already in use: is another BGP "
             "speaker, or another fairlead, running here?",
             w.net.bgp_listen_port);
    assert_string_equal(why, expected);
    close(taken);

    w.net.bgp_listen[FAMILY_IPV4] = check_address("192.0.2.200");
    assert_null(route_role_open(&w.net, why));
    assert_non_null(strstr(why, "the address of 'bgp.listen' must be one of this host"));
    close(w.routers[EDGE1].listener);
    close(w.routers[EDGE2].listener);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_after_every_router),
        cmocka_unit_test(refuses_the_second_of_two_with_one_id),
        cmocka_unit_test(an_unreachable_router_is_told_once),
        cmocka_unit_test(answers_only_those_it_knows),
        cmocka_unit_test(does_not_dial_who_has_called),
        cmocka_unit_test(keeps_one_of_two_connections),
        cmocka_unit_test(says_what_would_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
