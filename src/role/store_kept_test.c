// SPDX-License-Identifier: ISC
// Outages that are open when the daemon ends, as the store's process gives them back to the next.
#include "role/store_check.h"

static void put_fact(struct rig *rig, int number, int place, const char *subject)
{
    char text[700];
    snprintf(
        text, sizeof text,
        "{\"effect\":\"kept_fact\",\"at_ns\":1,\"number\":%d,\"place\":%d,\"wall_ns\":2,"
        "\"kind\":\"crash\",\"at_was_ns\":3,\"last_at_ns\":3,\"device\":\"edge1\",\"who\":\"\","
        "\"subject\":\"%s\",\"text\":\"\",\"odd\":\"\",\"nodes\":\"edge1\",\"odd_nodes\":\"\","
        "\"count\":1,\"standing\":false,\"unseen\":true,\"rate_nhz\":400}",
        number, place, subject);
    put(rig, now_wall().ns, text);
}

static void put_kept(struct rig *rig, int number, const char *title)
{
    char text[900];
    snprintf(text, sizeof text,
             "{\"effect\":\"kept_outage\",\"at_ns\":1,\"number\":%d,\"run_s\":8,\"wall_ns\":9,"
             "\"state\":\"open\",\"share_ppm\":10,\"severity\":\"major\",\"lost\":true,"
             "\"onset_ns\":-11,\"lost_at_ns\":-12,\"bad_at_ns\":0,\"facts\":1,\"warned_by\":1,"
             "\"changed_by\":0,\"rolled_back_by\":0,\"paths\":\"transit-a ipv6*\",\"own\":\"\","
             "\"foreign\":\"\",\"nodes\":\"transit-a\",\"told\":\"anna\",\"title\":\"%s\","
             "\"cause\":\"c\","
             "\"action\":\"a\",\"life\":\"acknowledged\",\"round\":1,\"round_at_ns\":13,"
             "\"acked_until_ns\":14,\"has_it\":\"anna\"}",
             number, title);
    put(rig, now_wall().ns, text);
}

// The daemon ends, and another begins with the same file.
static void live_again(struct rig *rig)
{
    end(rig);
    rig->role->began.ns += NS_PER_S;
    start(rig, RLIM_INFINITY);
}

static void gives_back_what_is_open(void **state)
{
    (void)state;
    struct rig rig = set_up();
    start(&rig, RLIM_INFINITY);
    assert_non_null(strstr(hear_any(&rig), "{\"event\":\"kept_end\""));
    put_fact(&rig, 1, 1, "rpd");
    put_fact(&rig, 1, 2, "bgpd");
    put_fact(&rig, 1, 1, "l2ald");  // the last word counts
    put_kept(&rig, 1, "first");
    put_outage(&rig, 1, "open");
    put_kept(&rig, 1, "second");
    put_kept(&rig, 2, "over soon");
    put_fact(&rig, 2, 1, "rpd");
    put_outage(&rig, 2, "open");
    put_outage(&rig, 2, "over");
    live_again(&rig);
    assert_non_null(strstr(hear_any(&rig), "{\"event\":\"kept_fact\""));
    assert_non_null(strstr(rig.said, "\"place\":1") ? strstr(rig.said, "l2ald") : NULL);
    assert_non_null(strstr(hear_any(&rig), "bgpd"));
    assert_non_null(strstr(hear_any(&rig), "{\"event\":\"kept_outage\""));
    assert_non_null(strstr(rig.said, "\"title\":\"second\""));
    assert_non_null(strstr(hear_any(&rig), "{\"event\":\"kept_end\""));
    // It is the outage of the run in which it began; what begins now is of this one.
    put_kept(&rig, 1, "third");
    put_outage(&rig, 1, "well");
    put_kept(&rig, 3, "new");
    put_outage(&rig, 3, "open");
    live_again(&rig);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM facts WHERE kind LIKE 'kept%'"), 0);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM outages"), 3);
    assert_int_equal(number_of(&rig, "SELECT run FROM outages WHERE number = 1"), 1);
    assert_int_equal(number_of(&rig, "SELECT state = 'well' FROM outages WHERE number = 1"), 1);
    assert_int_equal(number_of(&rig, "SELECT run FROM outages WHERE number = 3"), 2);
    put_outage(&rig, 1, "over");
    put_outage(&rig, 3, "over");
    live_again(&rig);
    while (!strstr(hear_any(&rig), "kept_end"))
        continue;
    end(&rig);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM kept"), 0);
    assert_int_equal(number_of(&rig, "SELECT run FROM outages WHERE number = 3"), 2);
    tear_down(&rig);
}

// Of what is no such record, or of a configuration that was another, nothing comes back.
static void what_is_none_is_left_out(void **state)
{
    (void)state;
    struct rig rig = set_up();
    start(&rig, RLIM_INFINITY);
    put_kept(&rig, 1, "good");
    put_kept(&rig, 2, "bad");
    put_kept(&rig, 3, "worse");
    end(&rig);
    execute(&rig, "UPDATE kept SET text = '{\"effect\":\"release\",\"at_ns\":1}' WHERE number = 2;"
                  "UPDATE kept SET text = x'00' WHERE number = 3");
    start(&rig, RLIM_INFINITY);
    assert_non_null(strstr(hear_any(&rig), "\"title\":\"good\""));
    assert_non_null(strstr(hear_any(&rig), "{\"event\":\"kept_end\""));
    end(&rig);
    tear_down(&rig);
}

// More than fits the channel, while the parent is busy.
static void gives_back_more_than_fits(void **state)
{
    (void)state;
    enum { MANY = 400 };
    struct rig rig = set_up();
    start(&rig, RLIM_INFINITY);
    for (int i = 1; i <= MANY; i++)
        put_kept(&rig, i, "one of many");
    live_again(&rig);
    usleep(100 * 1000);
    for (int i = 1; i <= MANY; i++) {
        char number[32];
        snprintf(number, sizeof number, "\"number\":%d,", i);
        assert_non_null(strstr(hear_any(&rig), number));
    }
    assert_non_null(strstr(hear_any(&rig), "{\"event\":\"kept_end\""));
    end(&rig);
    tear_down(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_is_open),
        cmocka_unit_test(what_is_none_is_left_out),
        cmocka_unit_test(gives_back_more_than_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
