// SPDX-License-Identifier: ISC
// Requests as questions: by address and by body, and what is none.
#include "web/question.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    struct web_request request;
    const char *line;  // without its newline; or after "!" why it is none
} rows[] = {
    {"no argument", {.path = "/api/v1/upstreams"}, "{\"ask\":\"upstreams\",\"version\":1}"},
    {"an argument",
     {.path = "/api/v1/routes", .query_count = 1, .query = {{"prefix", "2001:db8::/32"}}},
     "{\"ask\":\"routes\",\"version\":1,\"of\":\"2001:db8::/32\"}"},
    {"one that is missing", {.path = "/api/v1/routes"}, "!'prefix': is missing"},
    {"one that is too long",
     {.path = "/api/v1/routes",
      .query_count = 1,
      .query = {{"prefix", "0123456789012345678901234567890123456789012345678901234567890123"}}},
     "!'of': "},
    {"no text",
     {.path = "/api/v1/routes", .query_count = 1, .query = {{"prefix", "\xff"}}},
     "!'prefix': no such text"},
    {"one of its own", {.path = "/api/v1/fib"}, "{\"ask\":\"fib\",\"version\":1,\"router\":\"\"}"},
    {"two",
     {.path = "/api/v1/whatif",
      .query_count = 2,
      .query = {{"each", "1"}, {"object", "upstream transit-a"}}},
     "{\"ask\":\"whatif\",\"version\":1,\"object\":\"upstream transit-a\",\"each\":true}"},
    {"neither true nor false",
     {.path = "/api/v1/whatif", .query_count = 2, .query = {{"each", "2"}, {"object", "site"}}},
     "!'each': no true or false"},
    {"what it does not know, and leaves",
     {.path = "/api/v1/plans", .query_count = 1, .query = {{"x", "1"}}},
     "{\"ask\":\"plans\",\"version\":1}"},
    {"the past",
     {.path = "/api/v1/history"},
     "{\"ask\":\"history\",\"version\":1,\"what\":\"outages\",\"of\":\"\",\"from_s\":0,"
     "\"until_s\":4102444800,\"step_s\":0}"},
    {"that of a path",
     {.path = "/api/v1/history/transit-a ipv6",
      .query_count = 3,
      .query = {{"from", "2026-03-03T09:14:22.500Z"}, {"until", "1772530000"}, {"what", "facts"}}},
     "{\"ask\":\"history\",\"version\":1,\"what\":\"rates\",\"of\":\"transit-a ipv6\",\"from_s\":"
     "1772529262,\"until_s\":1772530000,\"step_s\":0}"},
    {"no time",
     {.path = "/api/v1/history", .query_count = 1, .query = {{"from", "2026-03-03T09:14:22"}}},
     "!'from': no time"},
    {"no such past",
     {.path = "/api/v1/history", .query_count = 1, .query = {{"what", "x"}}},
     "!'what': "},
    {"one of them", {.path = "/api/v1/incidents/4"}, "{\"ask\":\"incidents\",\"version\":1}"},
};

static const struct {
    const char *path, *body, *line, *request_id;
} acts[] = {
    {"/api/v1/acts/freeze", "{}", "{\"ask\":\"freeze\",\"version\":1,\"reason\":\"\"}", ""},
    {"/api/v1/acts/thaw", "{\"reason\":\"done\",\"request_id\":\"a-1\"}",
     "{\"ask\":\"thaw\",\"version\":1,\"reason\":\"done\"}", "a-1"},
    {"/api/v1/acts/ack", "{\"number\":4}",
     "{\"ask\":\"ack\",\"version\":1,\"number\":4,\"reason\":\"\"}", ""},
    {"/api/v1/acts/ack", "{\"number\":\"4\"}", "!'number': is not an integer from 0 to 4294967295",
     ""},
    {"/api/v1/acts/ack", "{\"number\":-1}", "!'number': is not an integer from 0 to 4294967295",
     ""},
    {"/api/v1/acts/ack", "{}", "!'number': is missing", ""},
    {"/api/v1/acts/approve", "{\"number\":7}",
     "{\"ask\":\"approve\",\"version\":1,\"number\":7,\"reason\":\"\"}", ""},
    {"/api/v1/acts/drain", "{\"object\":\"upstream a\",\"for_s\":60}",
     "{\"ask\":\"drain\",\"version\":1,\"object\":\"upstream a\",\"for_s\":60,\"reason\":\"\"}",
     ""},
    {"/api/v1/acts/undrain", "{\"object\":\"site\"}",
     "{\"ask\":\"undrain\",\"version\":1,\"object\":\"site\",\"reason\":\"\"}", ""},
    {"/api/v1/acts/withdraw_all", "{}", "{\"ask\":\"withdraw_all\",\"version\":1,\"reason\":\"\"}",
     ""},
    {"/api/v1/acts/lift",
     "{\"rule\":\"S10\",\"object\":\"upstream a\",\"for_s\":60,\"reason\":\"a fire\"}",
     "{\"ask\":\"lift\",\"version\":1,\"rule\":\"S10\",\"object\":\"upstream a\",\"for_s\":60,"
     "\"reason\":\"a fire\"}",
     ""},
    {"/api/v1/acts/lift",
     "{\"rule\":\"S1\",\"object\":\"upstream a\",\"for_s\":60,\"reason\":\"a fire\"}",
     "!'rule': ", ""},
    {"/api/v1/acts/lift", "{\"rule\":\"S9\",\"object\":\"upstream a\",\"for_s\":60}",
     "!'reason': is missing", ""},
    {"/api/v1/acts/unlift", "{\"number\":7}",
     "{\"ask\":\"unlift\",\"version\":1,\"number\":7,\"reason\":\"\"}", ""},
    {"/api/v1/acts/stop", "{}", "{\"ask\":\"stop\",\"version\":1,\"reason\":\"\"}", ""},
    {"/api/v1/acts/stop", "{\"force\":true}", "!'force': nothing here is called so", ""},
    {"/api/v1/acts/stop", "{\"ask\":\"freeze\"}", "!'ask': nothing here is called so", ""},
    {"/api/v1/acts/stop", "{\"reason\":\"a\",\"reason\":\"b\"}", "!'body': duplicate", ""},
    {"/api/v1/acts/stop", "[]", "!'body': no JSON object", ""},
    {"/api/v1/acts/stop", "", "!'body': ", ""},
    {"/api/v1/acts/stop", "reason=x", "!'body': ", ""},
    {"/api/v1/acts/stop", "{\"reason\":\"\\u001b[2J\"}", "!'reason': ", ""},
    {"/api/v1/acts/stop", "{\"request_id\":\"\"}", "!'request_id': at most 64 letters", ""},
    {"/api/v1/acts/stop", "{\"request_id\":7}", "!'request_id': at most 64 letters", ""},
};

static void check(const char *name, const struct web_request *request, const char *line,
                  const char *request_id)
{
    struct web_question question = {.size = 7};
    char why[WEB_WHY_MAX] = "";
    const char *allowed;
    const struct web_place *place = web_place_find(request, &allowed);
    CHECK_ROW(name, place && place->ask);
    bool made = web_question_make(place, request, &question, why);
    if (line[0] == '!' && (made || strncmp(why, line + 1, strlen(line) - 1) != 0))
        fail_msg("row '%s': %s", name, made ? question.line : why);
    if (line[0] == '!') {
        CHECK_ROW(name, question.size == 7);
        return;
    }
    if (!made || question.size != strlen(line) + 1 ||
        memcmp(question.line, line, strlen(line)) != 0)
        fail_msg("row '%s': %s%s", name, why, question.line);
    CHECK_ROW(name, question.line[question.size - 1] == '\n');
    CHECK_ROW(name, strcmp(question.request_id, request_id) == 0);
}

static void asks_by_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(rows[i].name, &rows[i].request, rows[i].line, "");
}

static void asks_by_body(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        const struct web_request request = {.method = WEB_POST,
                                            .path = acts[i].path,
                                            .body = acts[i].body,
                                            .body_size = strlen(acts[i].body)};
        check(acts[i].body, &request, acts[i].line, acts[i].request_id);
    }
}

// Each place that asks can be asked at all, and each act is in the table once.
static void knows_each_question(void **state)
{
    (void)state;
    uint32_t count = 0;
    for (size_t i = 0; i < web_place_count; i++) {
        bool asks = web_places[i].answerer >= WEB_LINES;
        CHECK_ROW(web_places[i].path, asks == (web_places[i].ask != NULL));
        count += asks;
    }
    assert_int_equal(count, 11 + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_by_address),
        cmocka_unit_test(asks_by_body),
        cmocka_unit_test(knows_each_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
