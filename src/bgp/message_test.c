// SPDX-License-Identifier: ISC
#include "bgp/message.h"

#include "base/check.h"

#include <string.h>

#define MARK "ffffffffffffffffffffffffffffffff "

enum { EXTENDED = 1, ENHANCED = 2 };

static struct bgp_context context_of(int flags)
{
    return (struct bgp_context){
        .state = BGP_STATE_ANY,
        .as4 = true,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .extended_message = flags & EXTENDED,
        .enhanced_refresh = flags & ENHANCED,
    };
}

// The header alone decides: what is refused here is refused before its body comes.
static const struct {
    const char *name, *header;
    int flags, code, subcode;  // 0: a body is worth waiting for; -1: close without a word
    const char *data;
} headers[] = {
    {"keepalive", MARK "0013 04", 0, 0, 0, ""},
    {"marker's first octet", "fe" MARK "0013 04", 0, 1, 1, ""},
    {"marker's last octet", "fffffffffffffffffffffffffffffffe 0013 04", 0, 1, 1, ""},
    {"length 0", MARK "0000 04", 0, 1, 2, "0000"},
    {"length 18", MARK "0012 04", 0, 1, 2, "0012"},
    {"keepalive of 20", MARK "0014 04", 0, 1, 2, "0014"},
    {"OPEN of 28", MARK "001c 01", 0, 1, 2, "001c"},
    {"OPEN of 29", MARK "001d 01", 0, 0, 0, ""},
    {"OPEN of 4097", MARK "1001 01", EXTENDED, 1, 2, "1001"},
    {"UPDATE of 22", MARK "0016 02", 0, 1, 2, "0016"},
    {"UPDATE of 23", MARK "0017 02", 0, 0, 0, ""},
    {"UPDATE of 4096", MARK "1000 02", 0, 0, 0, ""},
    {"UPDATE of 4097", MARK "1001 02", 0, 1, 2, "1001"},
    {"extended UPDATE", MARK "ffff 02", EXTENDED, 0, 0, ""},
    {"extended KEEPALIVE", MARK "ffff 04", EXTENDED, 1, 2, "ffff"},
    {"NOTIFICATION of 21", MARK "0015 03", 0, 0, 0, ""},
    {"NOTIFICATION of 20", MARK "0014 03", 0, -1, 0, ""},
    {"NOTIFICATION of 4097", MARK "1001 03", 0, -1, 0, ""},
    {"ROUTE-REFRESH of 22", MARK "0016 05", 0, 1, 2, "0016"},
    {"ROUTE-REFRESH of 22, enhanced", MARK "0016 05", ENHANCED, 0, 0, ""},
    {"ROUTE-REFRESH of 23", MARK "0017 05", 0, 0, 0, ""},
    {"type 0", MARK "0013 00", 0, 1, 3, "00"},
    {"type 6", MARK "0013 06", 0, 1, 3, "06"},
    {"type 255", MARK "1000 ff", 0, 1, 3, "ff"},
};

static void a_header_decides_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        uint8_t bytes[64], data[8];
        check_hex(headers[i].header, bytes);
        struct bgp_context context = context_of(headers[i].flags);
        struct bgp_header header;
        struct bgp_verdict verdict =
            bgp_header_decode(cursor_over(bytes, BGP_HEADER_SIZE), &context, &header);
        enum bgp_remedy remedy = headers[i].code == 0    ? BGP_ACCEPT
                                 : headers[i].code == -1 ? BGP_CLOSE
                                                         : BGP_SESSION_RESET;
        CHECK_ROW(headers[i].name, verdict.remedy == remedy);
        CHECK_ROW(headers[i].name, remedy != BGP_SESSION_RESET || verdict.code == headers[i].code);
        CHECK_ROW(headers[i].name, verdict.subcode == headers[i].subcode);
        CHECK_ROW(headers[i].name, verdict.data_size == check_hex(headers[i].data, data));
        CHECK_ROW(headers[i].name, memcmp(verdict.data, data, verdict.data_size) == 0);
    }
}

#define OPEN MARK "001d 01 04 fbf4 005a c0000202 00"
#define UPDATE MARK "0017 02 0000 0000"
#define NOTIFICATION MARK "0015 03 06 02"
#define KEEPALIVE MARK "0013 04"
#define REFRESH MARK "0017 05 0001 00 01"

static struct bgp_verdict decode(const char *hex, struct bgp_context context,
                                 struct bgp_message *message)
{
    uint8_t bytes[128];
    return bgp_message_decode(cursor_over(bytes, check_hex(hex, bytes)), &context, message);
}

// Every message in every state: RFC 4271 §8.2.2, RFC 6608 §3.
static void each_state_has_its_messages(void **state)
{
    (void)state;
    static const char *const messages[] = {OPEN, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH};
    static const struct {
        enum bgp_state state;
        const char *in_place;  // x: accepted, c: closes
        int subcode;
    } states[] = {
        {BGP_STATE_ANY, "xxcxx", 0},
        {BGP_STATE_OPENSENT, "x.c..", 1},
        {BGP_STATE_OPENCONFIRM, "..cx.", 2},
        {BGP_STATE_ESTABLISHED, ".xcxx", 3},
    };
    for (size_t s = 0; s < BGP_STATES; s++) {
        for (size_t m = 0; m < 5; m++) {
            struct bgp_context context = context_of(0);
            context.state = states[s].state;
            struct bgp_message message;
            struct bgp_verdict verdict = decode(messages[m], context, &message);
            enum bgp_remedy remedy = states[s].in_place[m] == 'x'   ? BGP_ACCEPT
                                     : states[s].in_place[m] == 'c' ? BGP_CLOSE
                                                                    : BGP_SESSION_RESET;
            assert_int_equal(verdict.remedy, remedy);
            assert_true(remedy != BGP_SESSION_RESET ||
                        (verdict.code == 5 && verdict.subcode == states[s].subcode));
            assert_int_equal(message.header.type, m + 1);
        }
    }
}

static void a_size_that_is_not_the_headers_is_refused(void **state)
{
    (void)state;
    static const char *const messages[] = {OPEN, UPDATE, KEEPALIVE, REFRESH, NOTIFICATION};
    for (size_t m = 0; m < 5; m++) {
        uint8_t bytes[128] = {0};
        size_t size = check_hex(messages[m], bytes);
        struct bgp_context context = context_of(0);
        for (size_t cut = 0; cut <= size + 3; cut++) {
            struct bgp_message message;
            struct bgp_verdict verdict =
                bgp_message_decode(cursor_over(bytes, cut), &context, &message);
            bool close = m == 4 && cut >= BGP_HEADER_SIZE;
            if (cut == size)
                assert_true(verdict.remedy == (close ? BGP_CLOSE : BGP_ACCEPT));
            else if (close)
                assert_true(verdict.remedy == BGP_CLOSE && verdict.code == 0);
            else
                assert_true(verdict.code == 1 && verdict.subcode == 2);
        }
    }
}

static const struct {
    const char *name, *message;
    int flags, remedy, code, subcode;
    enum bgp_refresh_kind kind;
} refreshes[] = {
    {"request", MARK "0017 05 0001 00 01", 0, BGP_ACCEPT, 0, 0, BGP_REFRESH_REQUEST},
    {"begin", MARK "0017 05 0002 01 01", ENHANCED, BGP_ACCEPT, 0, 0, BGP_REFRESH_BEGIN},
    {"end", MARK "0017 05 0002 02 01", ENHANCED, BGP_ACCEPT, 0, 0, BGP_REFRESH_END},
    {"begin, not negotiated", MARK "0017 05 0001 01 01", 0, BGP_IGNORE, 0, 0, 0},
    {"subtype 3", MARK "0017 05 0001 03 01", ENHANCED, BGP_IGNORE, 0, 0, 0},
    {"AFI 9999", MARK "0017 05 270f 00 01", 0, BGP_IGNORE, 0, 0, 0},
    {"multicast", MARK "0017 05 0001 00 02", 0, BGP_IGNORE, 0, 0, 0},
    {"with filters", MARK "001a 05 0001 00 01 deadbe", 0, BGP_ACCEPT, 0, 0, BGP_REFRESH_REQUEST},
    {"begin with more", MARK "0018 05 0001 01 01 00", ENHANCED, BGP_SESSION_RESET, 7, 1, 0},
    {"too short, enhanced", MARK "0016 05 0001 00", ENHANCED, BGP_SESSION_RESET, 7, 1, 0},
};

static void refreshes_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refreshes / sizeof refreshes[0]; i++) {
        struct bgp_message message;
        struct bgp_verdict verdict =
            decode(refreshes[i].message, context_of(refreshes[i].flags), &message);
        CHECK_ROW(refreshes[i].name, (int)verdict.remedy == refreshes[i].remedy);
        CHECK_ROW(refreshes[i].name, verdict.code == refreshes[i].code);
        CHECK_ROW(refreshes[i].name, verdict.subcode == refreshes[i].subcode);
        CHECK_ROW(refreshes[i].name,
                  verdict.remedy != BGP_ACCEPT || message.refresh.kind == refreshes[i].kind);
        uint8_t whole[64];  // RFC 7313 §5: it goes back as it came
        size_t size = check_hex(refreshes[i].message, whole);
        CHECK_ROW(refreshes[i].name, verdict.code != 7 || verdict.data_size == size);
        CHECK_ROW(refreshes[i].name, verdict.code != 7 || memcmp(verdict.data, whole, size) == 0);
    }
}

static void what_is_encoded_is_decoded(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct bgp_context context = context_of(ENHANCED);
    struct bgp_message message;
    struct writer w = writer_over(bytes, sizeof bytes);
    bgp_keepalive_encode(&w);
    struct bgp_verdict verdict = bgp_message_decode(cursor_over(bytes, w.size), &context, &message);
    assert_true(verdict.remedy == BGP_ACCEPT && message.header.type == BGP_KEEPALIVE);

    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        w = writer_over(bytes, sizeof bytes);
        bgp_refresh_encode(&w, family, BGP_REFRESH_END);
        verdict = bgp_message_decode(cursor_over(bytes, w.size), &context, &message);
        assert_true(verdict.remedy == BGP_ACCEPT && message.refresh.family == family);
        assert_true(message.refresh.kind == BGP_REFRESH_END);
    }
}

static void verdicts_have_the_names_of_the_documents(void **state)
{
    (void)state;
    assert_string_equal(bgp_remedy_name(BGP_ACCEPT), "accept");
    assert_string_equal(bgp_remedy_name(BGP_ATTRIBUTE_DISCARD), "attribute-discard");
    assert_string_equal(bgp_remedy_name(BGP_IGNORE), "ignore");
    assert_string_equal(bgp_remedy_name(BGP_TREAT_AS_WITHDRAW), "treat-as-withdraw");
    assert_string_equal(bgp_remedy_name(BGP_SESSION_RESET), "session-reset");
    assert_string_equal(bgp_remedy_name(BGP_CLOSE), "close");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_decides_alone),
        cmocka_unit_test(each_state_has_its_messages),
        cmocka_unit_test(a_size_that_is_not_the_headers_is_refused),
        cmocka_unit_test(refreshes_are_judged),
        cmocka_unit_test(what_is_encoded_is_decoded),
        cmocka_unit_test(verdicts_have_the_names_of_the_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
