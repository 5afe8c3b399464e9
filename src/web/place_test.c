// SPDX-License-Identifier: ISC
#include "web/place.h"

#include "base/check.h"

#include <string.h>

static void finds_each_place_by_its_path_and_method(void **state)
{
    (void)state;
    const char *allowed;
    for (size_t i = 0; i < web_place_count; i++) {
        const struct web_place *place = &web_places[i];
        struct web_request request = {.method = place->method, .path = place->path};
        CHECK_ROW(place->path, web_place_find(&request, &allowed) == place && !allowed);
        request.method = WEB_OTHER_METHOD;
        CHECK_ROW(place->path, !web_place_find(&request, &allowed) && allowed);
    }
    static const char *const nowhere[] = {"", "/", "/api/v1/", "/api/v1/status/", "/API/v1/status"};
    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        struct web_request request = {.path = nowhere[i]};
        CHECK_ROW(nowhere[i], !web_place_find(&request, &allowed) && !allowed);
    }
}

static void finds_arguments(void **state)
{
    (void)state;
    struct web_request request = {.query_count = 2, .query = {{"a", "1"}, {"b", ""}}};
    assert_string_equal(web_request_argument(&request, "a"), "1");
    assert_string_equal(web_request_argument(&request, "b"), "");
    assert_null(web_request_argument(&request, "c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_place_by_its_path_and_method),
        cmocka_unit_test(finds_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
