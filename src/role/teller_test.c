// SPDX-License-Identifier: ISC
#include "role/teller.h"

#include "base/check.h"
#include "engine/event.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct net net;

// 2026-11-21T02:25:00.123456Z, and the monotonic clock somewhere else.
static const struct teller_now now = {{5ll * NS_PER_S}, {1795227900123456000}};

struct rig {
    struct teller *teller;
    int read_fd, write_fd;
};

static struct rig set_up(bool json)
{
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    struct rig rig = {malloc(sizeof(struct teller)), fds[0], fds[1]};
    teller_init(rig.teller, &net, fds[1], json);
    setenv("TZ", "UTC", 1);
    return rig;
}

static void tear_down(struct rig *rig)
{
    free(rig->teller);
    close(rig->read_fd);
    if (rig->write_fd >= 0)
        close(rig->write_fd);
}

static size_t read_all(struct rig *rig, char *text, size_t size)
{
    size_t got = 0;
    fcntl(rig->read_fd, F_SETFL, O_NONBLOCK);
    for (ssize_t n; (n = read(rig->read_fd, text + got, size - 1 - got)) > 0;)
        got += (size_t)n;
    text[got] = '\0';
    return got;
}

static struct effect role_effect(const char *reason)
{
    struct effect effect = {.kind = EFFECT_ROLE, .at = {4ll * NS_PER_S}};
    snprintf(effect.role.reason, sizeof effect.role.reason, "%s", reason);
    return effect;
}

static void tells_sentences_with_the_time_of_the_effect(void **state)
{
    (void)state;
    struct rig rig = set_up(false);
    char got[4096];
    struct effect effect = role_effect("x");
    teller_effect(rig.teller, now, &effect);
    teller_effect(rig.teller, now, &(struct effect){.kind = EFFECT_LEASE});
    teller_say(rig.teller, now, "recording ended: %s", "no space");
    read_all(&rig, got, sizeof got);
    assert_string_equal(got, "02:24:59.123  the probe process is alive: x\n"
                             "02:25:00.123  recording ended: no space\n");
    tear_down(&rig);
}

static void tells_json_with_both_times(void **state)
{
    (void)state;
    struct rig rig = set_up(true);
    char got[4096];
    struct effect effect = role_effect("x");
    teller_effect(rig.teller, now, &effect);
    teller_effect(rig.teller, now, &(struct effect){.kind = EFFECT_LEASE});
    teller_say(rig.teller, now, "not an effect");
    size_t size = read_all(&rig, got, sizeof got);
    json_t *line = json_loadb(got, size, JSON_DISABLE_EOF_CHECK, NULL);
    assert_string_equal(json_string_value(json_object_get(line, "time")),
                        "2026-11-21T02:24:59.123456Z");
    assert_int_equal(json_integer_value(json_object_get(line, "at_ns")), 4ll * NS_PER_S);
    assert_string_equal(json_string_value(json_object_get(line, "effect")), "role");
    assert_ptr_equal(strchr(got, '\n'), got + size - 1);  // one line
    json_decref(line);
    tear_down(&rig);
}

static void follows_a_clock_that_was_set(void **state)
{
    (void)state;
    struct rig rig = set_up(false);
    char got[4096];
    struct effect effect = role_effect("x");
    struct teller_now slewed = {now.mono, {now.wall.ns + 50 * NS_PER_MS}};
    struct teller_now stepped = {now.mono, {now.wall.ns + 60ll * NS_PER_S}};
    teller_effect(rig.teller, now, &effect);
    teller_effect(rig.teller, slewed, &effect);
    teller_effect(rig.teller, stepped, &effect);
    read_all(&rig, got, sizeof got);
    const char *second = strchr(got, '\n') + 1, *third = strchr(second, '\n') + 1;
    assert_memory_equal(got, "02:24:59.123", 12);
    assert_memory_equal(second, "02:24:59.123", 12);
    assert_memory_equal(third, "02:25:59.123", 12);
    tear_down(&rig);
}

static void never_waits_for_a_reader(void **state)
{
    (void)state;
    struct rig rig = set_up(false);
    static char got[1 << 20];
    for (int i = 0; i < 20 * 1000; i++)  // far more than a pipe holds
        teller_say(rig.teller, now, "line %d", i);
    size_t size = read_all(&rig, got, sizeof got);
    assert_true(size > 1000 && got[size - 1] == '\n');
    assert_non_null(strstr(got, "line 0\n"));
    assert_null(strstr(got, "line 19999\n"));
    teller_say(rig.teller, now, "heard again");
    read_all(&rig, got, sizeof got);
    assert_non_null(strstr(got, " lines skipped ...\n"));
    assert_non_null(strstr(got, "heard again\n"));
    tear_down(&rig);
}

static void makes_control_bytes_harmless(void **state)
{
    (void)state;
    struct rig rig = set_up(false);
    char got[4096];
    struct effect effect = role_effect("a\x1b[2J\nb\x7f \xc2\x9b 9\xc3\xa9");
    teller_effect(rig.teller, now, &effect);
    read_all(&rig, got, sizeof got);
    assert_non_null(strstr(got, "a?[2J?b? ?? 9\xc3\xa9\n"));
    tear_down(&rig);
}

// A stranger's text hides no fact from the page, wherever it is cut.
static void keeps_a_fact_of_any_text(void **state)
{
    (void)state;
    struct rig rig = set_up(false);
    char text[TELLER_FACT_MAX + 2] = {0};
    for (size_t size = TELLER_FACT_MAX - 6; size <= TELLER_FACT_MAX; size++) {
        memset(text, 'x', size);
        memcpy(text + size - 5, "\xc2\x9b\xe2\x82\xac", 5);
        teller_say(rig.teller, now, "%s", text);
    }
    json_t *facts = teller_facts_json(rig.teller);
    assert_int_equal(json_array_size(facts), 7);
    json_decref(facts);
    tear_down(&rig);
}

static void keeps_the_last_facts_for_the_page(void **state)
{
    (void)state;
    struct rig rig = set_up(false);
    for (int i = 0; i < 3 * TELLER_FACTS_MAX / 2; i++)
        teller_say(rig.teller, now, "fact %d", i);
    json_t *facts = teller_facts_json(rig.teller);
    assert_int_equal(json_array_size(facts), TELLER_FACTS_MAX);
    assert_string_equal(json_string_value(json_object_get(json_array_get(facts, 0), "text")),
                        "fact 149");
    assert_string_equal(json_string_value(json_object_get(json_array_get(facts, 99), "text")),
                        "fact 50");
    assert_string_equal(json_string_value(json_object_get(json_array_get(facts, 0), "time")),
                        "2026-11-21T02:25:00.123456Z");
    json_decref(facts);
    tear_down(&rig);
}

static void folds_what_is_done_to_many_prefixes(void **state)
{
    (void)state;
    static struct net two = {.router_count = 2, .upstream_count = 1};
    static const struct {
        uint32_t router, state;
    } told[] = {{0, OVERRIDE_ANNOUNCED}, {0, OVERRIDE_ANNOUNCED}, {0, OVERRIDE_ANNOUNCED},
                {1, OVERRIDE_ANNOUNCED}, {1, OVERRIDE_WITHDRAWN}, {1, OVERRIDE_WITHDRAWN}};
    static const json_int_t more[] = {1, 0, 2};  // newest first
    struct rig rig = set_up(false);
    rig.teller->net = &two;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        struct effect effect = {.kind = EFFECT_ACTED, .at = now.mono};
        effect.acted.router = told[i].router;
        effect.acted.state = told[i].state;
        effect.acted.prefix.address.family = FAMILY_IPV4;
        teller_effect(rig.teller, now, &effect);
    }
    json_t *facts = teller_facts_json(rig.teller);
    assert_int_equal(json_array_size(facts), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(json_integer_value(json_object_get(json_array_get(facts, i), "more")),
                         more[i]);
    json_decref(facts);
    tear_down(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_sentences_with_the_time_of_the_effect),
        cmocka_unit_test(tells_json_with_both_times),
        cmocka_unit_test(follows_a_clock_that_was_set),
        cmocka_unit_test(never_waits_for_a_reader),
        cmocka_unit_test(makes_control_bytes_harmless),
        cmocka_unit_test(keeps_a_fact_of_any_text),
        cmocka_unit_test(keeps_the_last_facts_for_the_page),
        cmocka_unit_test(folds_what_is_done_to_many_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
