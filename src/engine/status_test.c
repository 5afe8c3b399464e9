// SPDX-License-Identifier: ISC
#include "engine/world_check.h"

#include "base/check.h"

#include <jansson.h>

enum { SIZE = 1 << 16 };

static json_t *picture(const struct world *world)
{
    char *text = malloc(SIZE);
    size_t size = engine_status_json(world->engine, (struct mono){world->now_ms}, text, SIZE);
    assert_true(size > 0 && size == strlen(text));
    for (size_t less = 1; less <= size; less += 97)
        assert_int_equal(
            engine_status_json(world->engine, (struct mono){world->now_ms}, text, less), 0);
    assert_int_equal(
        engine_status_json(world->engine, (struct mono){world->now_ms}, text, size + 1), size);
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    free(text);
    return json;
}

// Follows a way like "paths.0.verdict" and gives what stands there as text.
static const char *at(const json_t *json, const char *way, char *text)
{
    char copy[128], *rest = strcpy(copy, way), *word;
    while ((word = strtok_r(rest, ".", &rest)))
        json = json_is_array(json) ? json_array_get(json, (size_t)atoi(word))
                                   : json_object_get(json, word);
    if (json_is_string(json))
        return json_string_value(json);
    size_t size = json ? json_dumpb(json, text, 256, JSON_ENCODE_ANY | JSON_COMPACT) : 0;
    text[size < 256 ? size : 0] = '\0';
    return text;
}

// A session of 1 s, 3 s of quiet, a fault from 15 s to 40 s.
static const struct {
    int64_t at_ms;
    const char *way, *value;
} rows[] = {
    {500, "site", "fra1"},
    {500, "run_s", "1466424588"},
    {500, "hooks.0.hook", "drain-a"},
    {500, "hooks.0.object", "router edge1"},
    {500, "hooks.1.state", "at_rest"},
    {500, "hooks.1.repair", "none"},
    {500, "mode", "act"},
    {500, "ready", "false"},
    {500, "frozen", "false"},
    {500, "waiting",
     "the table of edge1 is not complete: all routers can be told, or none is (S7)"},
    {500, "paths.0.path", "transit-a ipv4"},
    {500, "paths.4.upstream", "null"},
    {500, "sessions.1.up", "false"},
    {500, "sessions.1.complete", "[]"},
    {500, "roles.4.role", "web"},
    {500, "roles.4.state", "alive"},
    {2000, "waiting", "the quiet time after the tables were complete is not over (S7)"},
    {2000, "sessions.1.complete", "[\"ipv4\",\"ipv6\"]"},
    {2000, "route_count", "4"},
    {14000, "ready", "true"},
    {14000, "waiting", ""},
    {14000, "paths.0.verdict", "good"},
    {14000, "paths.0.loss_ppm", "0"},
    {14000, "paths.0.rtt_p50_ns", "10000000"},
    {14000, "incidents", "[]"},
    {14000, "override_count", "0"},
    {20000, "paths.0.verdict", "confirmed"},
    {20000, "paths.2.verdict", "good"},
    {20000, "incidents.0.state", "held"},
    {20000, "incidents.0.path", "transit-a ipv4"},
    {20000, "incidents.1", ""},
    {20000, "overrides.0.prefix", "203.0.113.0/24"},
    {20000, "overrides.0.router", "edge1"},
    {20000, "overrides.0.upstream", "transit-b"},
    {20000, "overrides.0.state", "announced"},
    {20000, "override_count", "4"},
    {25000, "sessions.0.up", "false"},
    {25000, "paths.0.verdict", "silent"},
    {25000, "incidents.0.state", "confirmed"},
    {31000, "roles.0.state", "dead"},
    {31000, "paths.0.verdict", "unheard"},
    {31000, "incidents", "[]"},
};

static void shows_what_is(void **state)
{
    (void)state;
    const struct world_event events[] = {{WORLD_LOSS, 15000, 40000, 0, FAMILY_IPV4, 380000},
                                         {WORLD_SESSION, 22000, 0, 0, 0, 0},
                                         {WORLD_VOID, 22000, 0, 0, 0, 0},
                                         {WORLD_HALT, 30000, 0, 0, 0, 0},
                                         {WORLD_ROLE, 30500, 0, ROLE_PROBE, 0, ROLE_DEAD}};
    struct net net = world_net(NET_ACT);
    struct world *world = world_new(&net, 1, false);
    world->events = events;
    world->event_count = sizeof events / sizeof events[0];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        world_run(world, rows[i].at_ms);
        json_t *json = picture(world);
        const char *value = at(json, rows[i].way, text);
        if (strcmp(value, rows[i].value) != 0)
            fail_msg("at %lld ms, %s is '%s', not '%s'", (long long)rows[i].at_ms, rows[i].way,
                     value, rows[i].value);
        json_decref(json);
    }
    world_free(world);
}

static void says_where_a_fault_is(void **state)
{
    (void)state;
    static const struct {
        uint32_t upstream;
        enum family family;
        enum fault_direction direction;
        const char *where;
    } faults[] = {
        {0, FAMILY_IPV4, FAULT_REVERSE, "transit-a ipv4 reverse"},
        {1, FAMILY_IPV6, FAULT_FORWARD, "transit-b ipv6 forward"},
        {1, FAMILY_NONE, FAULT_EITHER, "transit-b null either"},
        {NET_NOBODY, FAMILY_IPV4, FAULT_EITHER, "null ipv4 either"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        char texts[3][256], where[1024];
        size_t count;
        struct net net = world_net(NET_OBSERVE);
        struct world *world = world_new(&net, 1, false);
        struct event event = {.kind = EVENT_FAULT,
                              .fault = {.number = 1, .part = fault_part_any()}};
        event.fault.part.upstream = faults[i].upstream;
        event.fault.part.family = faults[i].family;
        event.fault.part.direction = faults[i].direction;
        engine_step(world->engine, &event, &count);
        json_t *json = picture(world);
        snprintf(where, sizeof where, "%s %s %s", at(json, "faults.0.upstream", texts[0]),
                 at(json, "faults.0.family", texts[1]), at(json, "faults.0.direction", texts[2]));
        assert_string_equal(where, faults[i].where);
        json_decref(json);
        world_free(world);
    }
}

struct part {
    const char *way, *value;
};

static void check_picture(const struct world *world, const struct part *expected, size_t count)
{
    json_t *json = picture(world);
    for (size_t i = 0; i < count; i++) {
        char text[256];
        assert_string_equal(at(json, expected[i].way, text), expected[i].value);
    }
    json_decref(json);
}

static void says_in_which_direction_it_loses(void **state)
{
    (void)state;
    static const struct part expected[] = {
        {"paths.0.rate", "null"},
        {"paths.1.rate.samples", "850"},
        {"paths.1.rate.lost", "320"},
        {"paths.1.rate.lost_forward", "310"},
        {"paths.1.rate.lost_reverse", "1"},
        {"paths.1.rate.rtt_p90_ns", "12000000"},
        {"paths.1.rate.rtt_p99_ns", "31000000"},
    };
    size_t count;
    struct net net = world_net(NET_OBSERVE);
    struct world *world = world_new(&net, 1, false);
    const struct rate rate = {1, 530, 320, 310, 1, 10000000, 12000000, 31000000};
    engine_step(world->engine, &(struct event){.kind = EVENT_RATE, .rate = rate}, &count);
    check_picture(world, expected, sizeof expected / sizeof expected[0]);
    world_free(world);
}

static void says_where_everything_is(void **state)
{
    (void)state;
    static const struct part expected[] = {
        {"places.0.kind", "site"},
        {"places.0.name", "fra1"},
        {"places.0.latitude_udeg", "50110000"},
        {"places.0.longitude_udeg", "-8680000"},
        {"places.1.kind", "upstream"},
        {"places.1.name", "transit-a"},
        {"places.1.latitude_udeg", "null"},
        {"places.1.longitude_udeg", "null"},
        {"places.3.kind", "target"},
        {"places.3.latitude_udeg", "0"},
    };
    struct net net = world_net(NET_OBSERVE);
    net.location = (struct net_location){2, 50110000, -8680000};
    net.upstreams[0].location = (struct net_location){1, 50110000, 0};
    net.targets[0].location = (struct net_location){2, 0, 0};
    struct world *world = world_new(&net, 1, false);
    check_picture(world, expected, sizeof expected / sizeof expected[0]);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shows_what_is),
                                       cmocka_unit_test(says_where_a_fault_is),
                                       cmocka_unit_test(says_in_which_direction_it_loses),
                                       cmocka_unit_test(says_where_everything_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
