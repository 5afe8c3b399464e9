// SPDX-License-Identifier: ISC
#include "engine/state.h"
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
        assert_true(engine_status_json(world->engine, (struct mono){world->now_ms}, text, less) <
                    less);
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
    {25000, "incidents.0.approval", "0"},
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

// ---- the most there can be

static void fill(char *text, size_t size)
{
    memset(text, '"', size - 1);  // each of which takes two octets
}
#define FILL(array) fill(array, sizeof(array))

static void name(char *text, char kind, uint32_t number)
{
    snprintf(text, NET_NAME_MAX, "%c%030u", kind, number);
}

static void make_largest_net(struct net *net)
{
    *net = (struct net){.router_count = NET_ROUTERS_MAX,
                        .upstream_count = NET_UPSTREAMS_MAX,
                        .target_count = NET_TARGETS_MAX,
                        .announce_count = NET_ANNOUNCE_MAX,
                        .hook_count = NET_HOOKS_MAX};
    name(net->site, 's', 0);
    for (uint32_t i = 0; i < NET_ROUTERS_MAX; i++)
        name(net->routers[i].name, 'r', i);
    for (uint32_t i = 0; i < NET_UPSTREAMS_MAX; i++) {
        name(net->upstreams[i].name, 'u', i);
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
            net->upstreams[i].next_hop[f] = small_address(f == FAMILY_IPV4 ? "192.0.2.1" : "::1");
    }
    for (uint32_t i = 0; i < NET_TARGETS_MAX; i++) {
        name(net->targets[i].name, 't', i);
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
            net->targets[i].address[f] = small_address(f == FAMILY_IPV4 ? "192.0.2.1" : "::1");
    }
    for (uint32_t i = 0; i < NET_ANNOUNCE_MAX; i++)
        net->announce[i].prefix = small_prefix("2001:db8:ffff:ffff::/64");
    for (uint32_t i = 0; i < NET_HOOKS_MAX; i++)
        name(net->hooks[i].name, 'h', i);
    net->alert.channel_count = NET_CHANNELS_MAX;
    net->alert.person_count = NET_PEOPLE_MAX;
    for (uint32_t i = 0; i < NET_CHANNELS_MAX; i++)
        name(net->alert.channels[i].name, 'c', i);
    for (uint32_t i = 0; i < NET_PEOPLE_MAX; i++)
        name(net->alert.people[i].name, 'p', i);
}

// Every path has an incident, every list is full, every text too.
static void fill_engine(struct engine *e)
{
    FILL(e->frozen_why);
    for (uint32_t path = 0; path < e->path_count; path++) {
        e->stories[path].number = 4000000000 + path;
        e->stories[path].state = INCIDENT_VERIFY;
        FILL(e->stories[path].reason);
        FILL(e->stories[path].last_plan.reason);
        e->rates[path] = (struct rate){path, 1 << 30, 1 << 30, 1 << 30, 1 << 30, 1, 1, 1};
    }
    e->notices.count = NOTICES_MAX;
    for (uint32_t i = 0; i < NOTICES_MAX; i++) {
        struct notice *notice = &e->notices.items[i].notice;
        notice->kind = i < e->path_count ? NOTICE_SERVERS_FAILING : NOTICE_OWN_WITHDRAWN;
        FILL(notice->text);
        if (i < e->path_count)
            net_path_name(e->net, i, notice->peer);
    }
    e->faults.count = FAULT_BOOK_MAX;
    for (uint32_t i = 0; i < FAULT_BOOK_MAX; i++) {
        FILL(e->faults.items[i].fault.words);
        FILL(e->faults.items[i].fault.others);
    }
    for (uint32_t i = 0; i < NET_ANNOUNCE_MAX; i++)
        for (uint32_t router = 0; router < NET_ROUTERS_MAX; router++) {
            e->owns.items[i].places[router].stands.withheld = (1u << NET_UPSTREAMS_MAX) - 1;
            FILL(e->owns.items[i].places[router].reason);
        }
    for (uint32_t i = 0; i < DRAINS_MAX; i++) {
        struct drain *drain = &e->drains.items[i];
        drain->state = DRAIN_SAFE;
        drain->object.kind = NET_OBJECT_SITE;
        FILL(drain->who);
        FILL(drain->reason);
        FILL(drain->id);
        FILL(drain->text);
    }
    e->moves.count = MOVES_MAX;
    for (uint32_t i = 0; i < MOVES_MAX; i++)
        e->moves.items[i] =
            (struct move){.prefix = small_prefix("2001:db8:ffff:ffff::/64"), .place = {MOVE_UP}};
    for (uint32_t i = 0; i < OUTAGES_MAX; i++) {
        struct effect_outage *told = &e->outages.told[i].outage;
        told->number = e->outages.outages.items[i].number = i + 1;
        e->outages.outages.items[i].state = OUTAGE_OPEN;
        FILL(told->title);
        FILL(told->cause);
        FILL(told->action);
    }
    for (uint32_t i = 0; i < NET_CHANNELS_MAX; i++)
        FILL(e->pages.ways[i].reason);
    for (uint32_t i = 0; i < ALERT_CASES_MAX; i++) {
        e->pages.alert.cases[i].life = ALERT_OPEN;
        FILL(e->pages.alert.cases[i].has_it);
        for (uint32_t p = 0; p < NET_PEOPLE_MAX; p++)
            e->pages.alert.cases[i].people[p].is_told = true;
    }
    for (uint32_t i = 0; i < NET_HOOKS_MAX; i++)
        FILL(e->hooks[i].reason);
}

static void fits_whatever_there_is(void **state)
{
    (void)state;
    static struct net net;
    make_largest_net(&net);
    struct engine *e = engine_new(&net);
    char *text = malloc(ENGINE_STATUS_BYTES_MAX);
    assert_non_null(e);
    assert_int_equal(e->path_count, NET_PATHS_MAX);
    fill_engine(e);
    size_t size = engine_status_json(e, (struct mono){0}, text, ENGINE_STATUS_BYTES_MAX);
    assert_true(size > 0);
    json_t *json = json_loadb(text, size, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(json, "paths")), NET_PATHS_MAX);
    assert_int_equal(json_array_size(json_object_get(json, "incidents")), NET_PATHS_MAX);
    assert_int_equal(json_array_size(json_object_get(json, "outages")), OUTAGES_MAX);
    assert_int_equal(json_integer_value(json_object_get(json, "own_count")),
                     NET_ANNOUNCE_MAX * NET_ROUTERS_MAX);
    json_t *left_out = json_object_get(json, "left_out");
    json_int_t owns = json_integer_value(json_object_get(left_out, "own"));
    assert_int_equal(owns + (json_int_t)json_array_size(json_object_get(json, "own")),
                     OWN_SHOWN_MAX);
    json_decref(json);
    free(text);
    engine_free(e);
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
                                       cmocka_unit_test(fits_whatever_there_is),
                                       cmocka_unit_test(says_in_which_direction_it_loses),
                                       cmocka_unit_test(says_where_everything_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
