// SPDX-License-Identifier: ISC
// The engine's real picture as metrics: what is there, what is left out, and the format's own
// rules.
#include "engine/world_check.h"
#include "role/web_metrics.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE = 1 << 16, FAMILIES_MAX = 64 };

// As GET /api/v1/status answers it, of a site in virtual time that loses packets from 15 s on.
static json_t *status_at(int64_t ms)
{
    static const struct world_event events[] = {
        {WORLD_LOSS, 15000, 0, 0, FAMILY_IPV4, 380000},
        {WORLD_SESSION, 12000, 13000, 0, 0, 0},
    };
    static char text[SIZE];
    struct net net = world_net(NET_ACT);
    struct world *world = world_new(&net, 1, false);
    world->events = events;
    world->event_count = sizeof events / sizeof events[0];
    world_run(world, ms);
    assert_true(engine_status_json(world->engine, (struct mono){world->now_ms}, text, SIZE) > 0);
    world_free(world);
    return json_pack("{s:o}", "engine", json_loads(text, 0, NULL));
}

static char *metrics_at(int64_t ms)
{
    size_t size;
    json_t *status = status_at(ms);
    char *text = web_metrics_text(status, 0.25, &size);
    json_decref(status);
    assert_non_null(text);
    assert_int_equal(strlen(text), size);
    return text;
}

static const struct {
    int64_t at_ms;
    const char *line;
    bool there;
} rows[] = {
    {500, "fairlead_up 1", true},
    {500, "fairlead_picture_age_seconds 0.250", true},
    {500, "fairlead_ready 0", true},
    {500, "fairlead_mode{state=\"act\"} 1", true},
    {500, "fairlead_mode{state=\"observe\"} 0", true},
    {500, "fairlead_bgp_session_up{router=\"edge1\"} 0", true},
    {500,
     "fairlead_path_verdict{path=\"transit-a ipv6\",upstream=\"transit-a\",family=\"ipv6\","
     "state=\"unheard\"} 0",
     true},
    {500, "fairlead_upstream_out_bits_per_second", false},  // unknown is not zero
    {2000, "fairlead_bgp_table_complete{router=\"edge2\",family=\"ipv4\"} 1", true},
    {2000, "fairlead_bgp_table_complete{router=\"edge2\",family=\"ipv6\"} 1", true},
    {12500, "fairlead_bgp_session_up{router=\"edge1\"} 0", true},
    {12500, "fairlead_bgp_session_up{router=\"edge2\"} 1", true},
    {14900,
     "fairlead_path_loss_ratio{path=\"transit-a ipv4\",upstream=\"transit-a\","
     "family=\"ipv4\"} 0",
     true},
    {14900,
     "fairlead_path_round_trip_seconds{path=\"transit-a ipv4\",upstream=\"transit-a\","
     "family=\"ipv4\"} 0.01",
     true},
    {14900, "fairlead_process_alive{role=\"probe\"} 1", true},
    {14900, "fairlead_path_incidents{state=\"held\"} 0", true},
    {20000, "fairlead_path_incidents{state=\"held\"} 1", true},
    {20000, "fairlead_overrides 4", true},
    {20000,
     "fairlead_path_verdict{path=\"transit-a ipv4\",upstream=\"transit-a\",family=\"ipv4\","
     "state=\"confirmed\"} 1",
     true},
    {20000, "fairlead_path_verdict{path=\"as-routed ipv6\",family=\"ipv6\",state=\"good\"} 1",
     true},
};

static bool has_line(const char *text, const char *line, const char *end)
{
    char whole[256];
    snprintf(whole, sizeof whole, "\n%s%s", line, end);
    return strstr(text, whole) != NULL;
}

static void says_what_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = metrics_at(rows[i].at_ms);
        bool there = has_line(text, rows[i].line, rows[i].there ? "\n" : "{");
        if (there != rows[i].there)
            fail_msg("at %lld ms: '%s'", (long long)rows[i].at_ms, rows[i].line);
        free(text);
    }
}

// OpenMetrics 1.0: a family's lines stand together, each family once, its type before its samples,
// its unit at the end of its name, and # EOF last.
static void keeps_the_rules(void **state)
{
    (void)state;
    char *text = metrics_at(20000), *rest = text, *line;
    char names[FAMILIES_MAX][64], name[64] = "";
    int count = 0;
    assert_string_equal(text + strlen(text) - 6, "# EOF\n");
    while ((line = strtok_r(rest, "\n", &rest)) && strcmp(line, "# EOF") != 0) {
        char unit[64];
        size_t size = strlen(name);
        if (sscanf(line, "# TYPE %63s gauge", name) == 1) {
            for (int i = 0; i < count; i++)
                assert_string_not_equal(names[i], name);
            assert_true(count < FAMILIES_MAX);
            strcpy(names[count++], name);
        } else if (sscanf(line, "# UNIT %*s %63s", unit) == 1) {
            assert_true(size > strlen(unit));
            assert_string_equal(name + size - strlen(unit), unit);
        } else if (line[0] != '#') {
            assert_memory_equal(line, name, size);
            assert_true(line[size] == '{' || line[size] == ' ');
        }
    }
    assert_non_null(line);
    assert_true(count > 15);
    free(text);
}

static void escapes_what_names_hold(void **state)
{
    (void)state;
    size_t size;
    json_t *status =
        json_pack("{s:{s:[{s:s, s:b}]}}", "engine", "sessions", "router", "a\"b\\c\nd}", "up", 1);
    char *text = web_metrics_text(status, 0, &size);
    assert_true(has_line(text, "fairlead_bgp_session_up{router=\"a\\\"b\\\\c\\nd}\"} 1", "\n"));
    free(text);
    json_decref(status);
    text = web_metrics_text(NULL, 0, &size);
    assert_true(has_line(text, "fairlead_up 0", "\n") && !strstr(text, "fairlead_ready"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is),
        cmocka_unit_test(keeps_the_rules),
        cmocka_unit_test(escapes_what_names_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
