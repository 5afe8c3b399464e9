// SPDX-License-Identifier: ISC
// The desk and the role that writes, as two processes: acts wait for the disk, undoing never does,
// and a disk or a process that is not well stops acts and nothing else.
#include "role/audit.h"

#include "base/check.h"
#include "role/audit_desk.h"
#include "role/channel.h"
#include "role/now.h"
#include "role/role_check.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct rig {
    struct net *net;
    struct audit_role *role;
    struct audit_desk *desk;
    int channel;
    pid_t pid;
    struct mono now;  // the desk's: ours to move
    char directory[32];
};

static void start_role(struct rig *rig, rlim_t bytes_max)
{
    int fd = role_fork(&rig->pid, &rig->channel, bytes_max);
    if (fd >= 0)
        _exit(audit_role_run(rig->role, fd));
}

static struct rig set_up(rlim_t bytes_max)
{
    struct rig rig = {.directory = "/tmp/audit-XXXXXX", .now = now_mono()};
    char why[ROLE_ERROR_MAX] = "";
    assert_non_null(mkdtemp(rig.directory));
    rig.net = calloc(1, sizeof *rig.net);
    snprintf(rig.net->audit_path, sizeof rig.net->audit_path, "%s/log", rig.directory);
    snprintf(rig.net->user, sizeof rig.net->user, "nobody");
    rig.role = audit_role_open(rig.net, why);
    assert_string_equal(why, "");
    rig.desk = audit_desk_new();
    start_role(&rig, bytes_max);
    return rig;
}

static int end_role(struct rig *rig)
{
    int status;
    close(rig->channel);
    assert_int_equal(waitpid(rig->pid, &status, 0), rig->pid);
    return status;
}

static void tear_down(struct rig *rig)
{
    unlink(rig->net->audit_path);
    rmdir(rig->directory);
    audit_role_close(rig->role);
    audit_desk_free(rig->desk);
    free(rig->net);
}

static void turn(struct rig *rig)
{
    audit_desk_turn(rig->desk, rig->channel, rig->now);
}

// Until the role says something, or for so long.
static void wait_for_role(struct rig *rig, int ms)
{
    struct pollfd readable = {.fd = rig->channel, .events = POLLIN};
    turn(rig);
    poll(&readable, 1, ms);
    turn(rig);
}

static void write_record(struct rig *rig, const char *text)
{
    char body[64];
    int size = snprintf(body, sizeof body, "\"record\":\"%s\"", text);
    audit_desk_write(rig->desk, body, (size_t)size);
}

static struct effect an_act(uint8_t number)
{
    struct effect act = {.kind = EFFECT_ANNOUNCE, .override = {1, 2, .incident = number}};
    act.override.prefix = (struct prefix){{FAMILY_IPV4, {203, 0, 113, number}}, 32};
    return act;
}

static void hold(struct rig *rig, uint8_t number)
{
    char text[16];
    const struct effect act = an_act(number);
    snprintf(text, sizeof text, "act %u", number);
    write_record(rig, text);
    audit_desk_hold(rig->desk, &act);
}

// How often it stands in the log.
static int count(const struct rig *rig, const char *text)
{
    char line[512];
    int found = 0;
    FILE *file = fopen(rig->net->audit_path, "r");
    while (file && fgets(line, sizeof line, file))
        found += strstr(line, text) != NULL;
    fclose(file);
    return found;
}

static void releases_acts_once_they_are_written(void **state)
{
    (void)state;
    struct rig rig = set_up(RLIM_INFINITY);
    struct effect act;
    hold(&rig, 1);
    hold(&rig, 2);
    assert_false(audit_desk_next(rig.desk, &act));
    for (uint32_t number = 1; number <= 2;) {
        wait_for_role(&rig, 10000);
        while (audit_desk_next(rig.desk, &act)) {
            char text[16];
            snprintf(text, sizeof text, "\"act %u\"", number);
            assert_int_equal(count(&rig, text), 1);  // before it may leave
            assert_int_equal(act.override.incident, number++);
        }
    }
    assert_null(audit_desk_trouble(rig.desk));
    assert_true(audit_desk_is_done(rig.desk));
    assert_int_equal(end_role(&rig), 0);
    tear_down(&rig);
}

static void cancels_what_is_undone(void **state)
{
    (void)state;
    struct rig rig = set_up(RLIM_INFINITY);
    struct effect act, undo = an_act(2);
    for (uint8_t number = 1; number <= 3; number++)
        hold(&rig, number);
    undo.kind = EFFECT_WITHDRAW;
    undo.override.upstream = 1;  // of another one: nothing that waits is undone by it
    assert_int_equal(audit_desk_cancel(rig.desk, &undo), 0);
    undo.override.upstream = 2;
    assert_int_equal(audit_desk_cancel(rig.desk, &undo), 1);
    assert_true(audit_desk_next_refused(rig.desk, &act));  // the engine waits for its answer
    assert_int_equal(act.override.incident, 2);
    wait_for_role(&rig, 10000);
    while (!audit_desk_next(rig.desk, &act))
        wait_for_role(&rig, 10000);
    assert_int_equal(act.override.incident, 1);
    undo = (struct effect){.kind = EFFECT_RELEASE};
    assert_int_equal(audit_desk_cancel(rig.desk, &undo), 1);
    assert_false(audit_desk_next(rig.desk, &act));
    assert_false(audit_desk_next_refused(rig.desk, &act));  // nor for that of what it released
    struct effect hook = {.kind = EFFECT_HOOK, .hook = {1, 7, false}};
    audit_desk_hold(rig.desk, &hook);
    assert_int_equal(audit_desk_cancel(rig.desk, &undo), 0);  // routes are released, hooks undone
    assert_int_equal(audit_desk_cancel(rig.desk, &hook), 0);
    hook.hook.undo = true;
    assert_int_equal(audit_desk_cancel(rig.desk, &hook), 1);
    struct effect stance = {.kind = EFFECT_STANCE, .stance = {.router = 1, .own = 2}};
    audit_desk_hold(rig.desk, &stance);
    stance.stance.own = 3;
    assert_int_equal(audit_desk_cancel(rig.desk, &stance), 0);
    stance.stance.own = 2;
    assert_int_equal(audit_desk_cancel(rig.desk, &stance), 1);
    assert_int_equal(end_role(&rig), 0);
    assert_int_equal(count(&rig, "\"act 3\""), 1);  // that it was asked for stays on record
    tear_down(&rig);
}

static uint32_t refused(struct rig *rig)
{
    struct effect act;
    uint32_t found = 0;
    while (audit_desk_next_refused(rig->desk, &act))
        found++;
    return found;
}

// Stopped, the role says nothing: acts are refused after the patience and at once from then on;
// when it goes on, all is well again, and nothing is missing from the log.
static void refuses_while_the_role_is_stopped(void **state)
{
    (void)state;
    struct rig rig = set_up(RLIM_INFINITY);
    struct effect act;
    while (!audit_desk_is_done(rig.desk) || count(&rig, "begin") == 0)
        wait_for_role(&rig, 100);
    assert_int_equal(kill(rig.pid, SIGSTOP), 0);
    hold(&rig, 1);
    turn(&rig);
    rig.now = mono_add_ms(rig.now, AUDIT_PATIENCE_MS);
    turn(&rig);
    assert_null(audit_desk_trouble(rig.desk));
    rig.now = mono_add_ms(rig.now, 1);
    turn(&rig);
    assert_string_equal(audit_desk_trouble(rig.desk), "nothing was written for 2 s");
    assert_false(audit_desk_is_mute(rig.desk, rig.now));
    struct mono hangs = mono_add_ms(rig.now, AUDIT_MUTE_MS);
    assert_true(audit_desk_is_mute(rig.desk, hangs));
    hold(&rig, 2);
    assert_int_equal(refused(&rig), 2);
    assert_false(audit_desk_next(rig.desk, &act));
    assert_int_equal(kill(rig.pid, SIGCONT), 0);
    while (!(audit_desk_is_done(rig.desk) && !audit_desk_trouble(rig.desk)))
        wait_for_role(&rig, 10000);
    assert_false(audit_desk_is_mute(rig.desk, hangs));
    hold(&rig, 3);
    while (!audit_desk_next(rig.desk, &act))
        wait_for_role(&rig, 10000);
    assert_int_equal(act.override.incident, 3);
    assert_int_equal(end_role(&rig), 0);
    assert_int_equal(count(&rig, "\"act 1\"") + count(&rig, "\"act 2\""), 2);
    tear_down(&rig);
}

// Without anything to write it is noticed, too.
static void notices_by_itself_that_nobody_answers(void **state)
{
    (void)state;
    struct rig rig = set_up(RLIM_INFINITY);
    assert_int_equal(kill(rig.pid, SIGSTOP), 0);
    rig.now = mono_add_ms(rig.now, AUDIT_PING_MS);
    turn(&rig);
    rig.now = mono_add_ms(rig.now, AUDIT_PATIENCE_MS + 1);
    turn(&rig);
    assert_non_null(audit_desk_trouble(rig.desk));
    assert_int_equal(kill(rig.pid, SIGKILL), 0);
    assert_int_equal(end_role(&rig), SIGKILL);
    rig.channel = -1;
    turn(&rig);
    assert_string_equal(audit_desk_trouble(rig.desk), "the process that writes it is gone");
    tear_down(&rig);
}

// A disk that is full after so many bytes: told at once, by its name.
static void says_that_the_disk_is_full(void **state)
{
    (void)state;
    struct rig rig = set_up(400);
    struct effect act;
    for (uint8_t number = 1; number <= 3; number++)
        hold(&rig, number);
    while (!audit_desk_trouble(rig.desk))
        wait_for_role(&rig, 10000);
    assert_string_equal(audit_desk_trouble(rig.desk), "File too large");
    assert_false(audit_desk_is_mute(rig.desk, mono_add_ms(rig.now, 2 * AUDIT_MUTE_MS)));
    assert_false(audit_desk_next(rig.desk, &act));
    assert_int_equal(refused(&rig), 3);
    end_role(&rig);
    // Another begins where there is room: all that was not confirmed is told again, and may stand
    // there twice.
    audit_desk_restart(rig.desk);
    start_role(&rig, RLIM_INFINITY);
    while (audit_desk_trouble(rig.desk) || !audit_desk_is_done(rig.desk))
        wait_for_role(&rig, 10000);
    assert_int_equal(end_role(&rig), 0);
    assert_int_equal(count(&rig, "\"record\":\"torn\""), 1);
    for (uint8_t number = 1; number <= 3; number++) {
        char text[16];
        snprintf(text, sizeof text, "\"act %u\"}", number);
        assert_in_range(count(&rig, text), 1, 2);
    }
    tear_down(&rig);
}

static void refuses_a_second_writer(void **state)
{
    (void)state;
    struct rig rig = set_up(RLIM_INFINITY);
    char why[ROLE_ERROR_MAX], expected[ROLE_ERROR_MAX];
    snprintf(expected, sizeof expected,
             "cannot open the audit log '%s': another fairlead writes it: write another path after "
             "'audit:'",
             rig.net->audit_path);
    assert_null(audit_role_open(rig.net, why));
    assert_string_equal(why, expected);
    assert_int_equal(end_role(&rig), 0);
    tear_down(&rig);
}

// More records than fit while nobody writes: counted, and the log says that they are missing.
static void counts_records_without_room(void **state)
{
    (void)state;
    struct audit_desk *desk = audit_desk_new();
    char body[4096];
    memset(body, ' ', sizeof body);
    for (uint32_t i = 0; i < AUDIT_DESK_BYTES / sizeof body; i++)
        audit_desk_write(desk, body, sizeof body);
    struct effect act = an_act(1);
    audit_desk_hold(desk, &act);
    assert_false(audit_desk_next_refused(desk, &act));
    audit_desk_write(desk, body, sizeof body);
    audit_desk_hold(desk, &act);
    assert_true(audit_desk_next_refused(desk, &act));
    audit_desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releases_acts_once_they_are_written),
        cmocka_unit_test(cancels_what_is_undone),
        cmocka_unit_test(refuses_while_the_role_is_stopped),
        cmocka_unit_test(notices_by_itself_that_nobody_answers),
        cmocka_unit_test(says_that_the_disk_is_full),
        cmocka_unit_test(refuses_a_second_writer),
        cmocka_unit_test(counts_records_without_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
