// SPDX-License-Identifier: ISC
#include "role/run.h"
#include "role/spawn.h"

#include "base/check.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// The nice of a process that asked to go first, after it became `uid`.
static int nice_after(uid_t uid)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (setresuid(uid, uid, uid) < 0)
            _exit(99);
        spawn_go_first();
        _exit(getpriority(PRIO_PROCESS, 0) + 20);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status) - 20;
}

static void goes_first_where_it_may(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    int before = getpriority(PRIO_PROCESS, 0), after = nice_after(0);
    assert_true(after == -10 || after == before);  // a container may allow it to nobody
    assert_int_equal(nice_after(65534), before);
}

// Programs of people, and what can wait, do not.
static void only_what_must_be_in_time_goes_first(void **state)
{
    (void)state;
    for (enum event_role role = 0; role < ROLES; role++)
        assert_int_equal(run_roles[role].goes_first, role == ROLE_PROBE || role == ROLE_ROUTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(goes_first_where_it_may),
                                       cmocka_unit_test(only_what_must_be_in_time_goes_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
