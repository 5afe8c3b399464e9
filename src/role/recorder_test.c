// SPDX-License-Identifier: ISC
#include "role/recorder.h"

#include "base/check.h"
#include "engine/message.h"
#include "engine/recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

static const struct recorder_config config = {"f.yaml", "site: \"fra1\"\n", 13};
static const struct net net;

struct place {
    char directory[32], path[64], old[64];
};

static struct place make_place(void)
{
    struct place p = {.directory = "/tmp/recorder-XXXXXX"};
    assert_non_null(mkdtemp(p.directory));
    snprintf(p.path, sizeof p.path, "%s/r", p.directory);
    snprintf(p.old, sizeof p.old, "%s/r.old", p.directory);
    return p;
}

static void remove_place(const struct place *p)
{
    unlink(p->path);
    unlink(p->old);
    rmdir(p->directory);
}

static size_t read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t got = fread(text, 1, size - 1, file);
    text[got] = '\0';
    fclose(file);
    return got;
}

static void records_the_configuration_and_every_event(void **state)
{
    (void)state;
    struct place p = make_place();
    struct recorder r;
    char text[4096], why[128];
    assert_int_equal(recorder_open(&r, p.path, &config), 0);
    for (int64_t i = 1; i <= 3; i++)
        assert_int_equal(recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK, .at = {i}}), 0);
    assert_int_equal(recorder_close(&r), 0);
    read_file(p.path, text, sizeof text);

    char *line = strtok(text, "\n");
    struct recording_header header;
    assert_true(recording_header_read(&header, line, strlen(line), why));
    assert_string_equal(header.config, config.text);
    assert_string_equal(header.file, "f.yaml");
    assert_string_equal(header.version, FAIRLEAD_VERSION);
    recording_header_done(&header);
    for (int64_t i = 1; i <= 3; i++) {
        struct event event;
        line = strtok(NULL, "\n");
        assert_true(message_to_event(&net, line, strlen(line), &event, why));
        assert_int_equal(event.at.ns, i);
    }
    assert_null(strtok(NULL, "\n"));
    remove_place(&p);
}

static void writes_out_once_a_second(void **state)
{
    (void)state;
    struct place p = make_place();
    struct recorder r;
    char text[4096];
    assert_int_equal(recorder_open(&r, p.path, &config), 0);
    assert_int_equal(recorder_turn(&r, (struct mono){NS_PER_S}), 0);
    size_t header = read_file(p.path, text, sizeof text);
    assert_true(header > 0);
    recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK});
    assert_int_equal(recorder_turn(&r, (struct mono){NS_PER_S + 999 * NS_PER_MS}), 0);
    assert_int_equal(read_file(p.path, text, sizeof text), header);
    assert_int_equal(recorder_turn(&r, (struct mono){2ll * NS_PER_S}), 0);
    assert_true(read_file(p.path, text, sizeof text) > header);
    assert_int_equal(recorder_close(&r), 0);
    remove_place(&p);
}

static void keeps_the_recording_before(void **state)
{
    (void)state;
    struct place p = make_place();
    struct recorder r;
    char first[4096], old[4096];
    assert_int_equal(recorder_open(&r, p.path, &config), 0);
    recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK, .at = {77}});
    assert_int_equal(recorder_close(&r), 0);
    read_file(p.path, first, sizeof first);
    assert_int_equal(recorder_open(&r, p.path, &config), 0);
    assert_int_equal(recorder_close(&r), 0);
    read_file(p.old, old, sizeof old);
    assert_string_equal(first, old);
    remove_place(&p);
}

static void a_full_disk_ends_the_recording_only(void **state)
{
    (void)state;
    struct place p = make_place();
    struct recorder r;
    struct rlimit before, small = {4096, 4096};
    assert_int_equal(recorder_open(&r, p.path, &config), 0);
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    int failed = 0, refused = 0;
    for (int i = 0; i < 100 * 1000; i++) {
        int error = recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK, .at = {i}});
        failed += error != 0;
        refused += error == -EFBIG;
    }
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(failed, 1);
    assert_int_equal(refused, 1);
    assert_int_equal(recorder_turn(&r, (struct mono){9ll * NS_PER_S}), 0);
    assert_int_equal(recorder_close(&r), 0);
    remove_place(&p);
}

static void refuses_a_place_that_is_none(void **state)
{
    (void)state;
    struct recorder r;
    assert_int_equal(recorder_open(&r, "/nowhere/at/all", &config), -ENOENT);
    assert_int_equal(recorder_open(&r, "", &config), 0);  // no recording is wanted
    assert_int_equal(recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK}), 0);
    assert_int_equal(recorder_close(&r), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_the_configuration_and_every_event),
        cmocka_unit_test(writes_out_once_a_second),
        cmocka_unit_test(keeps_the_recording_before),
        cmocka_unit_test(a_full_disk_ends_the_recording_only),
        cmocka_unit_test(refuses_a_place_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
