// SPDX-License-Identifier: ISC
#include "probe/stamp_tlv.h"

#include "base/check.h"

#include <string.h>

static const struct {
    const char *name;
    struct stamp_wish wish;
    const char *tlvs;
} wishes[] = {
    {"nothing", {0}, ""},
    {"class of service, answer with best effort", {.asks_class = true}, "80 04 0004 00000000"},
    {"answer with EF", {.asks_class = true, .dscp_back = 46}, "80 04 0004 b8000000"},
    {"padded by 7", {.size = 44 + 7}, "80 01 0003 000000"},
    {"padded by a header", {.size = 44 + 4}, "80 01 0000"},
    {"no room for padding", {.size = 44 + 3}, ""},
    {"smaller than it is", {.size = 10}, ""},
    {"class, padded to 57",
     {.asks_class = true, .dscp_back = 1, .size = 57},
     "80 04 0004 04000000 80 01 0001 00"},
    {"a node, IPv4", {.node = {FAMILY_IPV4, {192, 0, 2, 1}}}, "80 09 0004 c0000201"},
    {"a node, IPv6",
     {.node = {FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, [15] = 9}}},
     "80 09 0010 20010db8000000000000000000000009"},
    {"a link of a bundle", {.micro_session = 258}, "80 0b 0004 0102 0000"},
    {"all, padded",
     {true, 46, {FAMILY_IPV4, {192, 0, 2, 1}}, 7, 44 + 30},
     "80 04 0004 b8000000 80 09 0004 c0000201 80 0b 0004 0007 0000 80 01 0002 0000"},
    {"class, padded by a header",
     {.asks_class = true, .size = 44 + 12},
     "80 04 0004 00000000 80 01 0000"},
};

static void senders_ask_as_the_rfcs_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        uint8_t bytes[128] = {0}, expected[64];
        struct writer w = writer_over(bytes, sizeof bytes);
        w.size = 44;  // a base packet
        stamp_wish_encode(&w, &wishes[i].wish);
        size_t size = check_hex(wishes[i].tlvs, expected);
        CHECK_ROW(wishes[i].name, writer_ok(&w) && w.size == 44 + size);
        CHECK_ROW(wishes[i].name, memcmp(bytes + 44, expected, size) == 0);
    }
}

static void what_does_not_fit_fails(void **state)
{
    (void)state;
    uint8_t bytes[60];
    struct writer w = writer_over(bytes, sizeof bytes);
    w.size = 44;
    stamp_wish_encode(&w, &(struct stamp_wish){.size = 61});
    assert_false(writer_ok(&w));
}

static const struct {
    const char *name, *tlvs;
    bool is_there;
    struct stamp_class class;
} classes[] = {
    {"as it was sent", "00 04 0004 bae00000", true, {46, 0, false}},
    {"re-marked to CS1 and congested", "00 04 0004 b88c0000", true, {8, 3, false}},
    {"refused", "00 04 0004 bae10000", true, {46, 0, true}},
    {"behind others", "00 01 0002 ffff 80 c8 0000 00 04 0004 00800000", true, {8, 0, false}},
    {"nothing", "", false, {0}},
    {"not understood", "80 04 0004 00000000", false, {0}},
    {"another that is understood", "80 04 0004 00000000 00 04 0004 00800000", true, {8, 0, false}},
    {"marked as malformed", "40 04 0004 00000000", false, {0}},
    {"integrity in doubt", "20 04 0004 00000000", false, {0}},
    {"behind a malformed one", "40 05 0001 00 00 04 0004 00000000", false, {0}},
    {"behind one in doubt", "20 01 0000 00 04 0004 00000000", false, {0}},
    {"of 2", "00 04 0002 0000", false, {0}},
    {"of 5", "00 04 0005 0000000000", false, {0}},
    {"cut", "00 04 0004 000000", false, {0}},
    {"behind one that is too long", "00 01 00ff 00 04 0004 00000000", false, {0}},
};

static void only_what_the_reflector_understood_is_believed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        uint8_t bytes[64];
        struct stamp_class class = {0};
        size_t size = check_hex(classes[i].tlvs, bytes);
        bool is_there = stamp_class_read(cursor_over(bytes, size), &class);
        CHECK_ROW(classes[i].name, is_there == classes[i].is_there);
        CHECK_ROW(classes[i].name, !is_there || (class.dscp_came == classes[i].class.dscp_came &&
                                                 class.ecn_came == classes[i].class.ecn_came &&
                                                 class.refused == classes[i].class.refused));
    }
}

static const struct {
    const char *name, *tlvs;
    enum stamp_node node;
    uint16_t micro_session;
} ends[] = {
    {"nothing", "", STAMP_NODE_UNTOLD, 0},
    {"the node that is meant", "00 09 0004 c0000201", STAMP_NODE_MEANT, 0},
    {"the same, IPv6", "00 09 0010 20010db8000000000000000000000009", STAMP_NODE_MEANT, 0},
    {"another, or one that does not know", "80 09 0004 c0000201", STAMP_NODE_OTHER, 0},
    {"another, behind others", "00 04 0004 bae00000 80 09 0004 c0000201", STAMP_NODE_OTHER, 0},
    {"malformed", "40 09 0005 c000020100", STAMP_NODE_OTHER, 0},
    {"a link", "00 0b 0004 0007 0102", STAMP_NODE_UNTOLD, 258},
    {"node and link", "00 09 0004 c0000201 00 0b 0004 0007 0102", STAMP_NODE_MEANT, 258},
    {"a link that is not understood", "80 0b 0004 0007 0102", STAMP_NODE_UNTOLD, 0},
    {"cut", "00 0b 0004 0007", STAMP_NODE_UNTOLD, 0},
};

static void the_far_end_tells_who_and_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        uint8_t bytes[64];
        size_t size = check_hex(ends[i].tlvs, bytes);
        CHECK_ROW(ends[i].name, stamp_node_read(cursor_over(bytes, size)) == ends[i].node);
        CHECK_ROW(ends[i].name,
                  stamp_micro_session_read(cursor_over(bytes, size)) == ends[i].micro_session);
    }
}

// With what the answer is sent, and from where. The policy allows best effort and EF; the request
// came with CS1.
static const struct {
    const char *name, *tlvs;
    uint8_t dscp;
    bool names_source;
} verdicts[] = {
    {"without any", "", 8, false},
    {"EF is asked", "80 04 0004 b8000000", 46, false},
    {"CS6 is refused", "80 04 0004 c0000000", 8, false},
    {"the first counts", "80 04 0004 b8000000 80 04 0004 00000000", 46, false},
    {"the first counts, though refused", "80 04 0004 c0000000 80 04 0004 b8000000", 8, false},
    {"not after a malformed one", "80 01 0009 80 04 0004 b8000000", 8, false},
    {"from the node that is meant", "80 09 0004 c0000201", 8, true},
    {"another is meant", "80 09 0004 c0000202", 8, false},
};

static void answers_go_as_they_were_asked_to(void **state)
{
    (void)state;
    const struct address own = {FAMILY_IPV4, {192, 0, 2, 1}};
    const struct stamp_policy policy = {
        .traffic_class = 8 << 2,
        .dscp_allowed = UINT64_C(1) | UINT64_C(1) << 46,
        .own = &own,
        .own_count = 1,
    };
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        uint8_t bytes[64], answer[64];
        size_t size = check_hex(verdicts[i].tlvs, bytes);
        memcpy(answer, bytes, size);
        struct stamp_verdict verdict = stamp_tlvs_answer(cursor_over(bytes, size), &policy, answer);
        CHECK_ROW(verdicts[i].name, verdict.dscp == verdicts[i].dscp && !verdict.discard);
        CHECK_ROW(verdicts[i].name, verdicts[i].names_source
                                        ? address_equal(verdict.source, own)
                                        : verdict.source.family == FAMILY_NONE);
    }
}

// Whoever serves no link must not drop what names one.
static void a_link_is_no_matter_to_others(void **state)
{
    (void)state;
    const struct stamp_policy policy = {0};
    uint8_t bytes[16], answer[16], expected[16];
    size_t size = check_hex("80 0b 0004 0001 0002", bytes);
    check_hex("80 0b 0004 0001 0002", expected);
    memcpy(answer, bytes, size);
    assert_false(stamp_tlvs_answer(cursor_over(bytes, size), &policy, answer).discard);
    assert_memory_equal(answer, expected, size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(senders_ask_as_the_rfcs_say),
        cmocka_unit_test(what_does_not_fit_fails),
        cmocka_unit_test(only_what_the_reflector_understood_is_believed),
        cmocka_unit_test(the_far_end_tells_who_and_where_it_is),
        cmocka_unit_test(answers_go_as_they_were_asked_to),
        cmocka_unit_test(a_link_is_no_matter_to_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
