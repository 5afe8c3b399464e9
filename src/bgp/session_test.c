// SPDX-License-Identifier: ISC
#include "bgp/session_check.h"
#include "bgp/update_encode.h"

static void agrees_on_what_both_have(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    assert_int_equal(s->state, BGP_ESTABLISHED);
    assert_int_equal(s->hold_s, HOLD_S);
    assert_true(s->context.as4 && !s->context.extended_message);
    assert_true(s->context.families[FAMILY_IPV4] && s->context.families[FAMILY_IPV6]);
    assert_true(s->context.add_path[FAMILY_IPV4]);   // it sends, we receive
    assert_false(s->context.add_path[FAMILY_IPV6]);  // it only receives
    assert_int_equal(s->peer.id, ROUTER);
    free(s);
}

static void offers_what_the_design_says(void **state)
{
    (void)state;
    struct bgp_session *s = new_session(false);
    bgp_session_connected(s, start);
    size_t size;
    const uint8_t *out = bgp_session_output(s, &size);
    struct bgp_context context = {.state = BGP_STATE_OPENSENT};
    struct bgp_message message;
    struct bgp_verdict verdict = bgp_message_decode(cursor_over(out, size), &context, &message);
    assert_int_equal(verdict.remedy, BGP_ACCEPT);
    const struct bgp_open *open = &message.open;
    assert_true(open->asn == AS && open->id == US && open->hold_s == HOLD_S);
    assert_true(open->as4 && open->refresh && open->extended_message);
    assert_true(open->families[FAMILY_IPV4] && open->families[FAMILY_IPV6]);
    assert_int_equal(open->add_path[FAMILY_IPV4], BGP_ADD_PATH_RECEIVE);
    assert_int_equal(open->add_path[FAMILY_IPV6], BGP_ADD_PATH_RECEIVE);
    assert_false(open->graceful_restart);
    free(s);
}

// What an OPEN may be refused for, and what we answer; "" is accepted.
static struct bgp_verdict judge_that_refuses(void *context, const struct bgp_open *open)
{
    (void)context;
    (void)open;
    return bgp_reset(BGP_CEASE, 7, 0, "RFC 4271 §6.8", "the other connection stays");
}

static void bend(struct bgp_open *open, struct bgp_session_config *config, const char *how)
{
    if (strcmp(how, "other AS") == 0)
        open->asn = 65001;
    if (strcmp(how, "our id") == 0)
        open->id = US;
    if (strcmp(how, "no hold time") == 0)
        open->hold_s = 0;
    if (strcmp(how, "short hold time") == 0)
        open->hold_s = 3;
    if (strcmp(how, "one family") == 0)
        open->families[FAMILY_IPV6] = false;
    if (strcmp(how, "no family") == 0)
        config->families[FAMILY_IPV4] = open->families[FAMILY_IPV6] = false;
    if (strcmp(how, "judge") == 0)
        config->judge = judge_that_refuses;
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *how, *answer, *reason;
    } rows[] = {
        {"nothing", "4", ""},
        {"one family", "4", ""},
        {"short hold time", "4", ""},
        {"other AS", "3 2/2", "we say OPEN Message Error/Bad Peer AS: AS is 65001, not 64500"},
        {"our id", "3 2/3",
         "we say OPEN Message Error/Bad BGP Identifier: BGP identifier is our own"},
        {"no hold time", "3 2/6",
         "we say OPEN Message Error/Unacceptable Hold Time: without a hold time our routes would "
         "outlive us"},
        {"no family", "3 2/7",
         "we say OPEN Message Error/Unsupported Capability: no address family in common"},
        {"judge", "3 6/7",
         "we say Cease/Connection Collision Resolution: the other connection stays"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bgp_session *s = connected(true);
        struct bgp_open open = router_open();
        bend(&open, &s->config, rows[i].how);
        receive_open(s, &open);
        struct bgp_session_event event;
        int kind = draw(s, start, &event);
        bool accepted = rows[i].answer[0] == '4';
        CHECK_ROW(rows[i].how, kind == (accepted ? BGP_EVENT_OPENED : BGP_EVENT_DOWN));
        CHECK_ROW(rows[i].how, strcmp(wrote(s, start), rows[i].answer) == 0);
        CHECK_ROW(rows[i].how, accepted || strcmp(event.reason, rows[i].reason) == 0);
        CHECK_ROW(rows[i].how, accepted || !event.was_up);
        free(s);
    }
}

// Bytes that no router should send, in each state, and what we answer.
static void answers_garbage_and_closes(void **state)
{
    (void)state;
    static const struct {
        const char *name, *hex, *in_opensent, *in_established;
        uint8_t type;  // as its header says
    } rows[] = {
        {"HTTP", "48545450 2f312e31 20343030 20426164 205265", "3 1/1", "3 1/1", 101},
        {"length 18", MARKER "0012 04", "3 1/2", "3 1/2", 4},
        {"length 5000, body to come", MARKER "1388 02", "3 1/2", "3 1/2", 2},
        {"type 6", MARKER "0013 06", "3 1/3", "3 1/3", 6},
        {"keepalive", MARKER "0013 04", "3 5/1", NULL, 4},
        {"update", MARKER "0017 02 0000 0000", "3 5/1", NULL, 2},
        {"refresh", MARKER "0017 05 0001 00 01", "3 5/1", NULL, 5},
        {"open", MARKER "001d 01 04 fbf4 005a c0000201 00", NULL, "3 5/3", 1},
        {"open of version 3", MARKER "001d 01 03 fbf4 005a c0000201 00", "3 2/1", "3 5/3", 1},
        {"update cut in itself", MARKER "0017 02 0001 0000", NULL, "3 3/1", 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int up = 0; up < 2; up++) {
            const char *answer = up ? rows[i].in_established : rows[i].in_opensent;
            if (!answer)
                continue;
            struct bgp_session *s = up ? established() : connected(false);
            receive_hex(s, rows[i].hex);
            struct bgp_session_event event;
            CHECK_ROW(rows[i].name, draw(s, start, &event) == BGP_EVENT_DOWN);
            CHECK_ROW(rows[i].name, event.was_up == up && s->state == BGP_IDLE);
            CHECK_ROW(rows[i].name, strcmp(wrote(s, start), answer) == 0);
            CHECK_ROW(rows[i].name, *wrote(s, start) == '\0' && draw(s, start, NULL) == -1);
            // What could not be borne is told, and only with the session that it ended.
            CHECK_ROW(rows[i].name, event.verdict && event.verdict->remedy == BGP_SESSION_RESET);
            CHECK_ROW(rows[i].name, event.message->header.type == rows[i].type);
            bgp_session_connected(s, start);
            bgp_session_closed(s, start, "closed");
            CHECK_ROW(rows[i].name, draw(s, start, &event) == BGP_EVENT_DOWN && !event.verdict);
            free(s);
        }
    }
}

// A NOTIFICATION is never answered; its text reaches the log safely.
static void hears_why_the_router_goes(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *reason;
    } rows[] = {
        {MARKER "0015 03 06 04", "the router says Cease/Administrative Reset"},
        {MARKER "001b 03 06 02 05 68690a1b22",
         "the router says Cease/Administrative Shutdown: hi\\x0a\\x1b\\x22"},
        {MARKER "0015 03 04 00", "the router says Hold Timer Expired"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int up = 0; up < 2; up++) {
            struct bgp_session *s = up ? established() : connected(true);
            receive_hex(s, rows[i].hex);
            struct bgp_session_event event;
            CHECK_ROW(rows[i].reason, draw(s, start, &event) == BGP_EVENT_DOWN);
            CHECK_ROW(rows[i].reason, strcmp(event.reason, rows[i].reason) == 0);
            CHECK_ROW(rows[i].reason, *wrote(s, start) == '\0');
            free(s);
        }
    }
}

// An UPDATE that RFC 7606 wants treated as a withdrawal is handed on as one; the session stays.
static void hands_updates_on_with_their_verdict(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    // ORIGIN of two octets, then 203.0.113.0/24 with path identifier 1
    receive_hex(s, MARKER "0024 02 0000 0005 40010200 00 00000001 18cb0071");
    receive_hex(s, MARKER "0017 02 0000 0000");
    receive_hex(s, MARKER "0017 05 0001 00 01");
    struct bgp_session_event event;
    assert_int_equal(draw(s, start, &event), BGP_EVENT_UPDATE);
    assert_int_equal(event.verdict->remedy, BGP_TREAT_AS_WITHDRAW);
    struct bgp_nlri nlri = event.message->update.announced;
    struct bgp_route route;
    assert_true(bgp_nlri_next(&nlri, &route));
    assert_int_equal(route.path_id, 1);
    assert_int_equal(draw(s, start, &event), BGP_EVENT_UPDATE);
    assert_int_equal(event.message->update.end_of_rib, FAMILY_IPV4);
    assert_int_equal(draw(s, start, &event), BGP_EVENT_REFRESH);
    assert_int_equal(event.message->refresh.family, FAMILY_IPV4);
    assert_int_equal(draw(s, start, &event), -1);
    free(s);
}

static void takes_bytes_in_any_portions(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct bgp_open open = router_open();
    struct writer w = writer_over(bytes, sizeof bytes);
    bgp_open_encode(&w, &open);
    bgp_keepalive_encode(&w);
    bgp_end_of_rib_encode(&w, FAMILY_IPV4);
    for (size_t portion = 1; portion <= w.size; portion++) {
        struct bgp_session *s = connected(false);
        char seen[8] = "";
        for (size_t at = 0; at < w.size; at += portion) {
            receive(s, bytes + at, w.size - at < portion ? w.size - at : portion);
            struct bgp_session_event event;
            while (bgp_session_next(s, start, &event))
                strcat(seen, (const char[]){(char)('0' + event.kind), '\0'});
        }
        assert_string_equal(seen, "123");  // opened, up, update
        free(s);
    }
}

// RFC 9687: whoever does not read what we wrote within two hold times is let go, though it speaks.
static void output_has_an_end_and_an_order(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    uint8_t message[1000];
    uint8_t fitted = 0;
    for (;; fitted++) {
        memset(message, fitted, sizeof message);
        if (!bgp_session_send(s, start, message, sizeof message))
            break;
    }
    assert_int_equal(fitted, BGP_OUTPUT_MAX / 1000);
    bgp_session_sent(s, start, 1500);  // what was read is not yet half: nothing is moved
    assert_false(bgp_session_send(s, start, message, sizeof message));
    bgp_session_sent(s, start, BGP_OUTPUT_MAX / 2 - 500);
    size_t left, size;
    bgp_session_output(s, &left);
    for (int i = 0; i < 60; i++)
        assert_true(bgp_session_send(s, start, message, sizeof message));
    const uint8_t *out = bgp_session_output(s, &size);
    assert_int_equal(size, left + 60 * 1000);
    assert_true(out[0] == (BGP_OUTPUT_MAX / 2 + 1000) / 1000 && out[size - 1000] == fitted);
    free(s);
}

// What the machine itself must say has a place however much its owner says.
static void keepalives_pass_a_full_output(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    struct writer w = bgp_session_writer(s);
    assert_int_equal(w.capacity, BGP_OUTPUT_MAX);
    memset(w.bytes, 0, w.capacity);
    w.size = w.capacity;
    bgp_session_written(s, start, &w);
    assert_int_equal(bgp_session_writer(s).capacity, 0);
    bgp_session_time(s, at_ms(3000));
    size_t size;
    const uint8_t *out = bgp_session_output(s, &size);
    assert_int_equal(size, BGP_OUTPUT_MAX + BGP_HEADER_SIZE);
    assert_int_equal(out[size - 1], BGP_KEEPALIVE);
    bgp_session_stop(s, at_ms(3000), 2, "enough");
    out = bgp_session_output(s, &size);
    assert_true(size > BGP_OUTPUT_MAX + 2 * BGP_HEADER_SIZE);
    free(s);
}

static struct bgp_session_config external(void)
{
    return (struct bgp_session_config){
        .asn = AS,
        .id = US,
        .peer_as = 64511,
        .hold_s = 90,
        .any_hold = true,
        .families = {0, 1, 1},
        .add_path = {0, BGP_ADD_PATH_SEND, BGP_ADD_PATH_SEND | BGP_ADD_PATH_RECEIVE},
        .extended_message = true,
        .next_hop_ipv6 = true,
        .role = BGP_ROLE_CUSTOMER,
    };
}

// What comes of a config and an OPEN: "up", or the NOTIFICATION that refuses it.
static const struct {
    const char *name;
    uint32_t peer_as, asn, id;
    enum bgp_role theirs;
    uint16_t ours_hold_s, hold_s, agreed_s;
    const char *answer;
    enum bgp_peer_sort sort;
} meetings[] = {
    {"as configured", 64511, 64511, ROUTER, 0, 90, 30, 30, "4", BGP_EXTERNAL},
    {"their role fits", 64511, 64511, ROUTER, BGP_ROLE_PROVIDER, 90, 90, 90, "4", BGP_EXTERNAL},
    {"their role does not", 64511, 64511, ROUTER, BGP_ROLE_PEER, 90, 90, 0, "3 2/11", 0},
    {"another AS", 64511, 64512, ROUTER, 0, 90, 90, 0, "3 2/2", 0},
    {"our AS", 64511, AS, ROUTER, 0, 90, 90, 0, "3 2/2", 0},
    {"our id", 64511, 64511, US, 0, 90, 90, 90, "4", BGP_EXTERNAL},
    {"any AS", BGP_AS_ANY, 4200000000, ROUTER, 0, 90, 90, 90, "4", BGP_EXTERNAL},
    {"any AS, and it is ours", BGP_AS_ANY, AS, ROUTER, 0, 90, 90, 90, "4", BGP_INTERNAL},
    {"any AS, ours, our id", BGP_AS_ANY, AS, US, 0, 90, 90, 0, "3 2/3", 0},
    {"internal", 0, AS, ROUTER, BGP_ROLE_PEER, 90, 90, 90, "4", BGP_INTERNAL},
    {"no hold time offered to us", 64511, 64511, ROUTER, 0, 90, 0, 0, "4", BGP_EXTERNAL},
    {"no hold time offered by us", 64511, 64511, ROUTER, 0, 0, 90, 0, "4", BGP_EXTERNAL},
};

static void meets_peers_of_other_networks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof meetings / sizeof meetings[0]; i++) {
        const char *name = meetings[i].name;
        struct bgp_session_config config = external();
        config.peer_as = meetings[i].peer_as;
        config.hold_s = meetings[i].ours_hold_s;
        struct bgp_session *s = malloc(sizeof *s);
        bgp_session_init(s, &config, start, 1);
        bgp_session_connected(s, start);
        assert_wrote(s, start, "1");
        struct bgp_open open = router_open();
        open.asn = meetings[i].asn;
        open.id = meetings[i].id;
        open.role = meetings[i].theirs;
        open.hold_s = meetings[i].hold_s;
        receive_open(s, &open);
        struct bgp_session_event event;
        int kind = draw(s, start, &event);
        CHECK_ROW(name, strcmp(wrote(s, start), meetings[i].answer) == 0);
        bool up = meetings[i].answer[0] == '4';
        CHECK_ROW(name, kind == (up ? BGP_EVENT_OPENED : BGP_EVENT_DOWN));
        CHECK_ROW(name, !up || s->hold_s == meetings[i].agreed_s);
        CHECK_ROW(name, !up || s->context.peer == meetings[i].sort);
        receive_keepalive(s);
        bool forever = up && meetings[i].agreed_s == 0;
        CHECK_ROW(name, !up || draw(s, start, NULL) == BGP_EVENT_UP);
        CHECK_ROW(name, !up || forever == (bgp_session_deadline(s).ns == INT64_MAX));
        free(s);
    }
}

// What both sides can, in each direction for itself.
static void agrees_with_external_peers(void **state)
{
    (void)state;
    struct bgp_session_config config = external();
    struct bgp_session *s = malloc(sizeof *s);
    bgp_session_init(s, &config, start, 1);
    bgp_session_connected(s, start);
    size_t size;
    const uint8_t *out = bgp_session_output(s, &size);
    struct bgp_message said;
    struct bgp_context any = {.peer = BGP_EXTERNAL, .local_id = ROUTER};
    assert_int_equal(bgp_message_decode(cursor_over(out, size), &any, &said).remedy, BGP_ACCEPT);
    assert_true(said.open.next_hop_ipv6 && said.open.extended_message);
    assert_int_equal(said.open.role, BGP_ROLE_CUSTOMER);
    assert_int_equal(said.open.add_path[FAMILY_IPV4], BGP_ADD_PATH_SEND);
    assert_int_equal(said.open.add_path[FAMILY_IPV6], BGP_ADD_PATH_SEND | BGP_ADD_PATH_RECEIVE);
    assert_wrote(s, start, "1");

    struct bgp_open open = router_open();
    open.asn = 64511;
    open.next_hop_ipv6 = open.extended_message = true;
    open.add_path[FAMILY_IPV4] = BGP_ADD_PATH_RECEIVE | BGP_ADD_PATH_SEND;
    open.add_path[FAMILY_IPV6] = BGP_ADD_PATH_RECEIVE;
    receive_open(s, &open);
    assert_int_equal(draw(s, start, NULL), BGP_EVENT_OPENED);
    const struct bgp_context *c = &s->context;
    assert_true(c->next_hop_ipv6 && c->extended_message && c->as4);
    assert_true(c->add_path_send[FAMILY_IPV4] && c->add_path_send[FAMILY_IPV6]);
    assert_false(c->add_path[FAMILY_IPV4] || c->add_path[FAMILY_IPV6]);
    assert_int_equal(c->peer_as, 64511);
    free(s);
}

// What one connection did not get rid of is nothing to the next.
static void a_new_connection_starts_clean(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    receive_hex(s, "ffffffff ffff");
    bgp_session_stop(s, start, 4, "again");
    assert_int_equal(draw(s, start, NULL), BGP_EVENT_DOWN);
    bgp_session_connected(s, start);
    assert_wrote(s, start, "1");
    assert_wrote(s, start, "");
    receive_keepalive(s);
    struct bgp_session_event event;
    assert_int_equal(draw(s, start, &event), BGP_EVENT_DOWN);
    assert_string_equal(event.reason, "we say Finite State Machine Error/Unexpected Message in "
                                      "OpenSent: keepalive in this state");
    free(s);
}

// OPEN, KEEPALIVE and UPDATE each prove that the router lives; for how long, each time anew.
static void long_messages_only_when_agreed(void **state)
{
    (void)state;
    for (int extended = 0; extended < 2; extended++) {
        struct bgp_session *s = connected(false);
        struct bgp_open open = router_open();
        open.extended_message = extended;
        receive_open(s, &open);
        receive_keepalive(s);
        struct bgp_session_event event;
        while (bgp_session_next(s, start, &event))
            ;
        receive_hex(s, MARKER "1388 02");  // an UPDATE of 5000 octets, to come
        assert_int_equal(draw(s, start, &event), extended ? -1 : BGP_EVENT_DOWN);
        free(s);
    }
}

// 1, 2, 4, 8, 8 s less a quarter at most; after a long life quick again.
// A session that waits for the router's call never dials.
static void says_why_it_goes(void **state)
{
    (void)state;
    struct bgp_session *s = established();
    bgp_session_stop(s, start, 2, "fairlead stops");
    size_t size;
    const uint8_t *out = bgp_session_output(s, &size);
    assert_int_equal(size, 19 + 3 + 14);
    assert_true(out[19] == 6 && out[20] == 2 && out[21] == 14);
    assert_memory_equal(out + 22, "fairlead stops", 14);
    assert_wrote(s, start, "3 6/2");
    assert_wrote(s, start, "");
    struct bgp_session_event event;
    assert_int_equal(draw(s, start, &event), BGP_EVENT_DOWN);
    assert_string_equal(event.reason, "fairlead stops");
    bgp_session_stop(s, start, 2, "fairlead stops");  // nothing is left to stop
    assert_int_equal(draw(s, start, NULL), -1);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_on_what_both_have),
        cmocka_unit_test(offers_what_the_design_says),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(answers_garbage_and_closes),
        cmocka_unit_test(hears_why_the_router_goes),
        cmocka_unit_test(hands_updates_on_with_their_verdict),
        cmocka_unit_test(takes_bytes_in_any_portions),
        cmocka_unit_test(output_has_an_end_and_an_order),
        cmocka_unit_test(keepalives_pass_a_full_output),
        cmocka_unit_test(meets_peers_of_other_networks),
        cmocka_unit_test(agrees_with_external_peers),
        cmocka_unit_test(a_new_connection_starts_clean),
        cmocka_unit_test(long_messages_only_when_agreed),
        cmocka_unit_test(says_why_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
