// SPDX-License-Identifier: ISC
// The role that keeps what was told, as a process of its own: it survives every sort of file that
// it may find, a disk that is full, and being killed at any moment.
#include "role/store_check.h"

static void keeps_what_was_told(void **state)
{
    (void)state;
    struct rig rig = set_up();
    start(&rig, RLIM_INFINITY);
    put_outage(&rig, 1, "open");
    put_outage(&rig, 2, "open");
    put(&rig, now_wall().ns, "{\"effect\":\"ready\",\"at_ns\":1}\nall is ready");
    put(&rig, now_wall().ns, "nonsense");
    put_outage(&rig, 1, "well");
    end(&rig);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM facts"), 4);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM facts WHERE said = 'all is ready'"), 1);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM outages"), 2);
    assert_int_equal(number_of(&rig, "SELECT state = 'well' AND title = 'a''s' AND"
                                     " changed_ns - onset_ns = 7000000000 FROM outages"
                                     " WHERE number = 1"),
                     1);
    // Started again within the same run of the daemon it is the same run.
    start(&rig, RLIM_INFINITY);
    put_outage(&rig, 1, "open");
    end(&rig);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM outages"), 2);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM runs"), 1);
    tear_down(&rig);
}

static void put_rate(struct rig *rig, int64_t at_s, int path, int lost)
{
    char text[256];
    snprintf(text, sizeof text,
             "{\"effect\":\"rate\",\"at_ns\":1,\"path\":\"transit-%d ipv6\",\"ok\":90,\"lost\":%d,"
             "\"lost_forward\":3,\"lost_reverse\":2,\"rtt_p50_ns\":5,\"rtt_p90_ns\":6,"
             "\"rtt_p99_ns\":7}",
             path, lost);
    put(rig, at_s * NS_PER_S, text);
}

// In a table of their own, a row a path and ten seconds; what comes of one time twice is one.
static void keeps_rates(void **state)
{
    (void)state;
    struct rig rig = set_up();
    int64_t now_s = now_wall().ns / NS_PER_S / 10 * 10;
    start(&rig, RLIM_INFINITY);
    put_rate(&rig, now_s, 0, 10);
    put_rate(&rig, now_s, 1, 0);
    put_rate(&rig, now_s + 10, 0, 20);
    put_rate(&rig, now_s + 11, 0, 1);
    end(&rig);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM facts"), 0);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM paths"), 2);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM rates"), 3);
    assert_int_equal(number_of(&rig, "SELECT sum(samples) * 1000 + sum(lost) FROM rates"),
                     (90 * 4 + 31) * 1000 + 31);
    char sql[200];
    snprintf(sql, sizeof sql,
             "SELECT slot * 10 = %lld AND samples = 100 AND lost_forward = 3 AND lost_reverse = 2"
             " AND rtt_p50_ns = 5 AND rtt_p90_ns = 6 AND rtt_p99_ns = 7 FROM rates",
             (long long)now_s);
    assert_int_equal(number_of(&rig, sql), 1);
    tear_down(&rig);
}

// What the role answers to a question, as it comes over the pair.
static json_t *ask(int handover, enum ask_past past, const char *of)
{
    int ends[2];
    char question[ASK_LINE_MAX], line[4096] = "";
    struct ask what = {.kind = ASK_HISTORY,
                       .version = ASK_VERSION,
                       .history = {.what = past, .until_s = INT64_C(1) << 32}};
    snprintf(what.history.of, sizeof what.history.of, "%s", of);
    size_t size = ask_write(&what, question, sizeof question), got = 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(handover_send(handover, question, size, ends[1]), 0);
    close(ends[1]);
    for (ssize_t more; (more = read(ends[0], line + got, sizeof line - 1 - got)) > 0;)
        got += (size_t)more;
    close(ends[0]);
    json_t *lines = json_array();
    for (char *one = strtok(line, "\n"); one; one = strtok(NULL, "\n"))
        json_array_append_new(lines, json_loads(one, 0, NULL));
    return lines;
}

// From the process that writes, while it writes; who does not read delays nobody.
static void answers_people(void **state)
{
    (void)state;
    struct rig rig = set_up();
    rig.net->store.keep_rates_days = 100 * 1000;
    int hanging[2], handover = store_role_take_handover(rig.role);
    start(&rig, RLIM_INFINITY);
    put_outage(&rig, 1, "open");
    put_rate(&rig, 1000, 0, 10);
    put_rate(&rig, 1010, 0, 0);
    for (int tries = 0; tries < 10000; tries++) {  // until it is written
        json_t *lines = ask(handover, ASK_PAST_RATES, "transit-0 ipv6");
        bool there = json_array_size(lines) == 3;
        if (there) {
            json_t *first = json_array_get(lines, 0), *last = json_array_get(lines, 2);
            assert_string_equal(json_string_value(json_object_get(first, "time")),
                                "1970-01-01T00:16:40.000000Z");
            assert_int_equal(json_integer_value(json_object_get(first, "lost")), 10);
            assert_int_equal(json_integer_value(json_object_get(last, "lines")), 2);
            assert_true(json_is_null(json_object_get(last, "next")));
        }
        json_decref(lines);
        if (there)
            break;
        assert_int_not_equal(tries, 9999);
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, hanging), 0);
    assert_int_equal(send(handover, "no descriptor", 13, MSG_NOSIGNAL), 13);
    assert_int_equal(handover_send(handover, "no question", 11, hanging[1]), 0);
    json_t *lines = ask(handover, ASK_PAST_RATES, "transit-9 ipv6");
    assert_int_equal(json_array_size(lines), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, 0), "exit")), 1);
    json_decref(lines);
    lines = ask(handover, ASK_PAST_POSTMORTEM, "1.1");
    const char *text = json_string_value(json_object_get(json_array_get(lines, 0), "markdown"));
    assert_true(text && strncmp(text, "# Incident 1.1: a's\n", 20) == 0);
    json_decref(lines);
    lines = ask(handover, ASK_PAST_EVIDENCE, "1.1");  // nothing was lost by any upstream
    assert_int_equal(json_array_size(lines), 1);
    json_decref(lines);
    close(hanging[0]);
    close(hanging[1]);
    end(&rig);
    close(handover);
    tear_down(&rig);
}

static void spoil_nothing(struct rig *rig)
{
    (void)rig;
}

static void spoil_with_noise(struct rig *rig)
{
    struct random random = {3};
    FILE *file = fopen(rig->net->store.path, "w");
    for (int i = 0; i < 5000; i++)
        fputc((int)(random_u64(&random) & 0xff), file);
    fclose(file);
}

static void spoil_in_the_middle(struct rig *rig)
{
    FILE *file = fopen(rig->net->store.path, "r+");
    fseek(file, 4096, SEEK_SET);
    for (int i = 0; i < 4096 * 2; i++)
        fputc(0xa5, file);
    fclose(file);
}

static void spoil_by_a_cut(struct rig *rig)
{
    assert_int_equal(truncate(rig->net->store.path, 5000), 0);
}

static void spoil_by_emptying(struct rig *rig)
{
    assert_int_equal(truncate(rig->net->store.path, 0), 0);
}

static void spoil_by_an_old_version(struct rig *rig)
{
    execute(rig, "DROP TABLE outages; ALTER TABLE facts DROP COLUMN said; DROP TABLE paths;"
                 " DROP TABLE rates; DROP TABLE statuses; DROP TABLE kept;"
                 " PRAGMA user_version = 1");
}

static void spoil_by_a_new_version(struct rig *rig)
{
    execute(rig, "PRAGMA user_version = 99");
}

// What it finds; whether the old file must have been moved aside, whether the old facts must be
// there, whether new ones must.
static void survives_what_it_finds(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct rig *rig);
        bool moved, old, new;
    } rows[] = {
        {"well", spoil_nothing, false, true, true},
        {"noise", spoil_with_noise, true, false, true},
        {"overwritten", spoil_in_the_middle, true, false, true},
        {"cut", spoil_by_a_cut, true, false, true},
        {"empty", spoil_by_emptying, false, false, true},
        {"older", spoil_by_an_old_version, false, true, true},
        {"newer", spoil_by_a_new_version, false, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig rig = set_up();
        start(&rig, RLIM_INFINITY);
        put_outage(&rig, 1, "open");
        end(&rig);
        execute(&rig, "PRAGMA wal_checkpoint(TRUNCATE)");
        rows[i].spoil(&rig);
        start(&rig, RLIM_INFINITY);
        put_outage(&rig, 2, "open");
        if (rows[i].moved || !rows[i].new)
            CHECK_ROW(rows[i].name, hear(&rig)[0] == '!');
        end(&rig);
        CHECK_ROW(rows[i].name, each_file(&rig, false, "broken") == rows[i].moved);
        CHECK_ROW(rows[i].name,
                  number_of(&rig, "SELECT count(*) FROM outages WHERE number = 1") == rows[i].old);
        CHECK_ROW(rows[i].name,
                  number_of(&rig, "SELECT count(*) FROM outages WHERE number = 2") == rows[i].new);
        tear_down(&rig);
    }
}

// A directory that is not there (yet), which is also what a disk that cannot be read looks like.
static void goes_on_when_it_can(void **state)
{
    (void)state;
    struct rig rig = set_up();
    char path[NET_TEXT_MAX];
    memcpy(path, rig.net->store.path, sizeof path);
    snprintf(rig.net->store.path, sizeof rig.net->store.path, "%s/later", rig.directory);
    assert_int_equal(rmdir(rig.directory), 0);
    start(&rig, RLIM_INFINITY);
    put_outage(&rig, 1, "open");
    assert_int_equal(hear(&rig)[0], '!');
    assert_int_equal(mkdir(rig.directory, 0700), 0);
    assert_string_equal(hear(&rig), "=the store is written again");
    end(&rig);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM outages"), 1);
    tear_down(&rig);
}

// A file that may not grow is a disk that is full: it tells so, takes what fits its memory, and
// goes its way.
static void tells_of_a_full_disk(void **state)
{
    (void)state;
    struct rig rig = set_up();
    char filler[2048];
    start(&rig, 128 * 1024);
    memset(filler, 'x', sizeof filler);
    memcpy(filler, "{\"effect\":\"ready\",\"a\":\"", 23);
    memcpy(filler + sizeof filler - 3, "\"}", 3);
    for (uint32_t i = 0; i < 300; i++)
        put(&rig, now_wall().ns, filler);
    assert_int_equal(hear(&rig)[0], '!');
    end(&rig);
    assert_true(number_of(&rig, "SELECT count(*) FROM facts") < 300);
    start(&rig, RLIM_INFINITY);  // there is room again
    put_outage(&rig, 5, "open");
    end(&rig);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM outages"), 1);
    tear_down(&rig);
}

// Whatever it had said yes to is whole.
static void may_be_killed_at_any_moment(void **state)
{
    (void)state;
    enum { TIMES = 30, EACH = 40 };
    struct random random = {11};
    struct rig rig = set_up();
    for (uint32_t i = 0; i < TIMES; i++) {
        start(&rig, RLIM_INFINITY);
        for (int n = 0; n < EACH; n++)
            put_outage(&rig, n, "open");
        usleep((useconds_t)(random_u64(&random) % 8000));
        kill(rig.pid, SIGKILL);
        assert_int_equal(waitpid(rig.pid, NULL, 0), rig.pid);
        close(rig.channel);
    }
    start(&rig, RLIM_INFINITY);
    put_outage(&rig, EACH, "well");
    end(&rig);
    assert_int_equal(each_file(&rig, false, "broken"), 0);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM pragma_quick_check WHERE"
                                     " quick_check = 'ok'"),
                     1);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM outages WHERE state = 'well'"), 1);
    tear_down(&rig);
}

static void lets_go_of_what_is_old(void **state)
{
    (void)state;
    struct rig rig = set_up();
    struct store_file file;
    char moved[STORE_WHY_MAX], why[STORE_WHY_MAX] = "";
    struct wall began = {INT64_C(1000) * NS_PER_S};
    assert_int_equal(store_file_open(&file, rig.net->store.path, began, moved, why), STORE_DONE);
    enum { FACTS = STORE_EXPIRE_STEP + 5 };
    struct store_fact *facts = calloc(FACTS, sizeof *facts);
    for (uint32_t i = 0; i < FACTS; i++)
        facts[i] = (struct store_fact){{began.ns + i}, "{\"effect\":\"ready\"}", ""};
    assert_int_equal(store_file_add(&file, facts, FACTS, why), STORE_DONE);
    const struct store_oldest oldest = {{began.ns + FACTS - 2}, {0}};
    bool more = false;
    assert_int_equal(store_file_expire(&file, oldest, &more, why), STORE_DONE);
    assert_true(more);
    assert_int_equal(store_file_expire(&file, oldest, &more, why), STORE_DONE);
    assert_false(more);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM facts"), 2);
    free(facts);
    store_file_close(&file);
    tear_down(&rig);
}

// Ten thousand paths, to be sure: all of a time in one transaction, and the oldest go by how many
// there are, not only by their age.
static void lets_go_of_rates(void **state)
{
    (void)state;
    enum { PATHS = 10000, SLOTS = 3 };
    struct rig rig = set_up();
    struct store_file file;
    char moved[STORE_WHY_MAX], why[STORE_WHY_MAX] = "", text[160];
    struct wall began = {INT64_C(1000) * NS_PER_S};
    assert_int_equal(store_file_open(&file, rig.net->store.path, began, moved, why), STORE_DONE);
    char(*texts)[160] = calloc(PATHS, sizeof text);
    struct store_fact *facts = calloc(PATHS, sizeof *facts);
    for (int slot = 1; slot <= SLOTS; slot++) {
        for (int path = 0; path < PATHS; path++) {
            snprintf(texts[path], sizeof text,
                     "{\"effect\":\"rate\",\"path\":\"p%d\",\"ok\":1,\"lost\":0}", path);
            facts[path] = (struct store_fact){{slot * 10 * (int64_t)NS_PER_S}, texts[path], ""};
        }
        assert_int_equal(store_file_add(&file, facts, PATHS, why), STORE_DONE);
    }
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM rates"), PATHS * SLOTS);
    const struct store_oldest oldest = {{0}, {20 * (int64_t)NS_PER_S}};
    bool more = false;
    assert_int_equal(store_file_expire(&file, oldest, &more, why), STORE_DONE);
    assert_int_equal(number_of(&rig, "SELECT min(slot) FROM rates"), 2);
    // A row of long ago, with so many in each slot: more than may be kept, whatever its age.
    execute(&rig, "INSERT INTO rates SELECT -4000, path, 1, 0, 0, 0, 0, 0, 0 FROM paths;"
                  "INSERT INTO rates SELECT -2500, path, 1, 0, 0, 0, 0, 0, 0 FROM paths");
    assert_int_equal(
        store_file_expire(&file, (struct store_oldest){{0}, {INT64_MIN / 2}}, &more, why),
        STORE_DONE);
    assert_true(more);
    assert_int_equal(number_of(&rig, "SELECT min(slot) FROM rates"), -2500);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM rates"), PATHS * 3);
    free(facts);
    free(texts);
    store_file_close(&file);
    tear_down(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_was_told),
        cmocka_unit_test(survives_what_it_finds),
        cmocka_unit_test(goes_on_when_it_can),
        cmocka_unit_test(tells_of_a_full_disk),
        cmocka_unit_test(may_be_killed_at_any_moment),
        cmocka_unit_test(lets_go_of_what_is_old),
        cmocka_unit_test(keeps_rates),
        cmocka_unit_test(answers_people),
        cmocka_unit_test(lets_go_of_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
