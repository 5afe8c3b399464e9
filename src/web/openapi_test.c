// SPDX-License-Identifier: ISC
// The document says what the table of places says, place by place, in both directions.
#include "web/openapi.h"

#include "base/check.h"
#include "web/place.h"

#include <jansson.h>
#include <string.h>

static json_t *document(void)
{
    json_error_t error;
    json_t *json =
        json_loadb((const char *)web_openapi, web_openapi_size, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%s", error.text);
    return json;
}

static json_t *operation(const json_t *document, const struct web_place *place)
{
    json_t *item = json_object_get(json_object_get(document, "paths"), place->path);
    return json_object_get(item, place->method == WEB_POST ? "post" : "get");
}

static void has_each_place_once(void **state)
{
    (void)state;
    json_t *json = document();
    size_t count = 0;
    const char *path;
    json_t *item;
    for (size_t i = 0; i < web_place_count; i++)
        CHECK_ROW(web_places[i].path, operation(json, &web_places[i]));
    json_object_foreach(json_object_get(json, "paths"), path, item) count += json_object_size(item);
    assert_int_equal(count, web_place_count);
    json_decref(json);
}

static const json_t *named(const json_t *list, const char *name)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "name")), name) == 0)
            return item;
    }
    return NULL;
}

// Where the argument is described, and whether as one that must be given.
static bool is_described(const json_t *operation, const struct web_place *place,
                         const struct web_argument *a, bool *required)
{
    const json_t *parameter = named(json_object_get(operation, "parameters"), a->name);
    const json_t *schema = NULL, *names = NULL, *name;
    size_t i;
    *required = json_is_true(json_object_get(parameter, "required"));
    if (place->method == WEB_GET)
        return parameter != NULL;
    json_unpack((json_t *)(size_t)operation, "{s:{s:{s:{s:o}}}}", "requestBody", "content",
                "application/json", "schema", &schema);
    json_array_foreach((names = json_object_get(schema, "required")), i, name) *required |=
        strcmp(json_string_value(name), a->name) == 0;
    return json_object_get(json_object_get(schema, "properties"), a->name) != NULL;
}

static void has_each_argument(void **state)
{
    (void)state;
    json_t *json = document();
    for (size_t i = 0; i < web_place_count; i++) {
        const struct web_place *place = &web_places[i];
        const json_t *found = operation(json, place);
        size_t count = 0;
        for (const struct web_argument *a = place->arguments; a->name; a++) {
            bool required, fixed = a->type == WEB_FIXED;
            CHECK_ROW(place->path, is_described(found, place, a, &required) == !fixed);
            CHECK_ROW(place->path, required == (a->fallback == NULL));
            count += !fixed;
        }
        if (place->ask && place->method == WEB_GET && place->answerer != WEB_LINE)
            CHECK_ROW(place->path, json_array_size(json_object_get(found, "parameters")) == count);
        bool is_open = json_array_size(json_object_get(found, "security")) == 0 &&
                       json_object_get(found, "security");
        CHECK_ROW(place->path, is_open == (place->right == 0 && place->answerer != WEB_LOGOUT));
    }
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_each_place_once),
        cmocka_unit_test(has_each_argument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
