// SPDX-License-Identifier: ISC
// Questions of people, as lines.
#include "engine/ask.h"

#include "base/check.h"
#include "engine/lifts.h"
#include "engine/message.h"

#include <string.h>

static const struct {
    const char *text;
    struct ask ask;
} asks[] = {
    {"{\"ask\":\"status\",\"version\":1}", {.kind = ASK_STATUS, .version = 1}},
    {"{\"ask\":\"notices\",\"version\":1}", {.kind = ASK_NOTICES, .version = 1}},
    {"{\"ask\":\"upstreams\",\"version\":1}", {.kind = ASK_UPSTREAMS, .version = 1}},
    {"{\"ask\":\"routes\",\"version\":2,\"of\":\"2001:db8::/32\"}",
     {.kind = ASK_ROUTES, .version = 2, .routes = {"2001:db8::/32"}}},
    {"{\"ask\":\"whatif\",\"version\":1,\"object\":\"router edge1\",\"each\":true}",
     {.kind = ASK_WHATIF, .version = 1, .whatif = {"router edge1", true}}},
    {"{\"ask\":\"bmp\",\"version\":1}", {.kind = ASK_BMP, .version = 1}},
    {"{\"ask\":\"table\",\"version\":1}", {.kind = ASK_TABLE, .version = 1}},
    {"{\"ask\":\"fib\",\"version\":1,\"router\":\"edge1\"}",
     {.kind = ASK_FIB, .version = 1, .fib = {"edge1"}}},
    {"{\"ask\":\"fib\",\"version\":1,\"router\":\"\"}", {.kind = ASK_FIB, .version = 1}},
    {"{\"ask\":\"freeze\",\"version\":1,\"reason\":\"a change\"}",
     {.kind = ASK_FREEZE, .version = 1, .act = {.reason = "a change"}}},
    {"{\"ask\":\"drain\",\"version\":1,\"object\":\"router "
     "edge1\",\"for_s\":7200,\"reason\":\"x\"}",
     {.kind = ASK_DRAIN, .version = 1, .act = {"router edge1", 7200, 0, 0, "x"}}},
    {"{\"ask\":\"undrain\",\"version\":1,\"object\":\"site\",\"reason\":\"\"}",
     {.kind = ASK_UNDRAIN, .version = 1, .act = {.object = "site"}}},
    {"{\"ask\":\"approve\",\"version\":1,\"number\":7,\"reason\":\"\"}",
     {.kind = ASK_APPROVE, .version = 1, .act = {.number = 7}}},
    {"{\"ask\":\"plans\",\"version\":1}", {.kind = ASK_PLANS, .version = 1}},
    {"{\"ask\":\"incidents\",\"version\":1}", {.kind = ASK_INCIDENTS, .version = 1}},
    {"{\"ask\":\"history\",\"version\":1,\"what\":\"rates\",\"of\":\"transit-a "
     "ipv6\",\"from_s\":-1,"
     "\"until_s\":2,\"step_s\":60}",
     {.kind = ASK_HISTORY, .version = 1, .history = {ASK_PAST_RATES, "transit-a ipv6", -1, 2, 60}}},
    {"{\"ask\":\"thaw\",\"version\":1,\"reason\":\"\"}", {.kind = ASK_THAW, .version = 1}},
    {"{\"ask\":\"withdraw_all\",\"version\":1,\"reason\":\"a fire\"}",
     {.kind = ASK_WITHDRAW_ALL, .version = 1, .act = {.reason = "a fire"}}},
    {"{\"ask\":\"lift\",\"version\":1,\"rule\":\"S10\",\"object\":\"upstream a\",\"for_s\":60,"
     "\"reason\":\"a fire\"}",
     {.kind = ASK_LIFT,
      .version = 1,
      .act = {.object = "upstream a", .for_s = 60, .number = LIFT_S10, .reason = "a fire"}}},
    {"{\"ask\":\"unlift\",\"version\":1,\"number\":7,\"reason\":\"\"}",
     {.kind = ASK_UNLIFT, .version = 1, .act = {.number = 7}}},
    {"{\"ask\":\"stop\",\"version\":1,\"reason\":\"an update\"}",
     {.kind = ASK_STOP, .version = 1, .act = {.reason = "an update"}}},
    {"{\"ask\":\"ack\",\"version\":1,\"number\":4,\"reason\":\"\"}",
     {.kind = ASK_ACK, .version = 1, .act = {.number = 4}}},
    {"{\"ask\":\"publish\",\"version\":1,\"run\":3,\"number\":4,\"reason\":\"we know\"}",
     {.kind = ASK_PUBLISH, .version = 1, .act = {.number = 4, .run = 3, .reason = "we know"}}},
    {"{\"ask\":\"maintenance\",\"version\":1,\"id\":\"carrier/1\",\"sequence\":3,\"circuit\":"
     "\"IC 4711/2\",\"from_s\":1,\"until_s\":2,\"over\":true,\"hurts\":false,\"text\":"
     "\"fibre\"}",
     {.kind = ASK_MAINTENANCE,
      .version = 1,
      .maintenance = {"carrier/1", 3, "IC 4711/2", 1, 2, true, false, "fibre"}}},
};

static const char *const no_asks[] = {
    "",
    "{}",
    "[]",
    "status",
    "{\"ask\":\"status\"}",
    "{\"ask\":\"none\",\"version\":1}",
    "{\"ask\":\"status\",\"version\":-1}",
    "{\"ask\":\"status\",\"version\":1,\"more\":1}",
    "{\"ask\":\"status\",\"version\":1,\"at_ns\":1}",
    "{\"ask\":\"routes\",\"version\":1}",
    "{\"ask\":\"routes\",\"version\":1,\"of\":7}",
    "{\"ask\":\"whatif\",\"version\":1,\"object\":7,\"each\":true}",
    ("{\"ask\":\"whatif\",\"version\":1,\"each\":true,\"object\":\"member "
     "01234567890123456789012345678901/01234567890123456789012345678901\"}"),
    "{\"event\":\"tick\",\"at_ns\":1}",
    "{\"ask\":\"freeze\",\"version\":1}",
    ("{\"ask\":\"lift\",\"version\":1,\"rule\":\"S1\",\"object\":\"upstream a\",\"for_s\":60,"
     "\"reason\":\"a fire\"}"),
    "{\"ask\":\"freeze\",\"version\":1,\"reason\":\"a\\u001b[2J\"}",
};

static void writes_and_reads_questions(void **state)
{
    (void)state;
    char text[ASK_LINE_MAX], why[MESSAGE_WHY_MAX];
    uint32_t seen = 0;
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        struct ask ask;
        size_t size = ask_write(&asks[i].ask, text, sizeof text);
        assert_string_equal(text, asks[i].text);
        CHECK_ROW(text, ask_read(text, size, &ask, why));
        CHECK_ROW(text, ask_write(&ask, text, sizeof text) == size);
        assert_string_equal(text, asks[i].text);
        seen |= 1u << ask.kind;
        for (size_t cut = 0; cut < size; cut++)
            CHECK_ROW(text, !ask_read(text, cut, &ask, why));
    }
    assert_int_equal(seen, (1u << ASK_KINDS) - 2);
    for (size_t i = 0; i < sizeof no_asks / sizeof no_asks[0]; i++) {
        struct ask ask;
        CHECK_ROW(no_asks[i], !ask_read(no_asks[i], strlen(no_asks[i]), &ask, why));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(writes_and_reads_questions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
