// SPDX-License-Identifier: ISC
#include "role/person.h"

#include "base/check.h"
#include "engine/event.h"

#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, STRANGER = 54320, GROUP = 54321, OTHER = 54322 };

static const struct {
    const char *name;
    const char *known_as;
    uid_t uid;
    gid_t primary, further;
    gid_t rule;
    bool may_act;
} rows[] = {
    {"root", "root", 0, 0, 0, (gid_t)-1, true},
    {"somebody", "nobody", NOBODY, OTHER, OTHER, (gid_t)-1, false},
    {"a stranger, of another group", "uid 54320", STRANGER, OTHER, OTHER, GROUP, false},
    {"by the first group", "uid 54320", STRANGER, GROUP, OTHER, GROUP, true},
    {"by a further group", "uid 54320", STRANGER, OTHER, GROUP, GROUP, true},
    {"by root's group alone", "uid 54320", STRANGER, 0, 0, (gid_t)-1, false},
};

// A process of this person calls; gives our end of the connection.
static int call_as(int row, int listener, const struct sockaddr_un *address)
{
    pid_t child = fork();
    if (child == 0) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        bool good = setgroups(1, &rows[row].further) == 0 && setgid(rows[row].primary) == 0 &&
                    setuid(rows[row].uid) == 0 &&
                    connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
        _exit(good ? 0 : 1);
    }
    int status, fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return fd;
}

static void knows_who_may_act(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "fairlead-person-%d", getpid());
    if (geteuid() != 0)
        skip();  // only root becomes others
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    for (int row = 0; row < (int)(sizeof rows / sizeof rows[0]); row++) {
        struct person person = {.uid = 7};
        int fd = call_as(row, listener, &address);
        CHECK_ROW(rows[row].name, person_of(fd, (struct person_rule){rows[row].rule}, &person));
        CHECK_ROW(rows[row].name, person.uid == rows[row].uid);
        CHECK_ROW(rows[row].name, strcmp(person.name, rows[row].known_as) == 0);
        CHECK_ROW(rows[row].name, person.rights == (rows[row].may_act ? RIGHTS_ALL : RIGHT_READ));
        close(fd);
    }
    close(listener);
}

static void knows_nobody_where_nobody_is(void **state)
{
    (void)state;
    struct person person;
    assert_false(person_of(-1, (struct person_rule){(gid_t)-1}, &person));
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    assert_false(person_of(udp, (struct person_rule){(gid_t)-1}, &person));
    close(udp);
}

// Whatever is claimed: no more than is configured.
static void believes_the_web_no_more_than_is_configured(void **state)
{
    (void)state;
    static struct net net;
    struct web_caller caller = {.name = "anna", .rights = RIGHTS_ALL, .request_id = "r1"};
    struct person person = person_over_web(&net, &caller);
    assert_int_equal(person.rights, RIGHT_READ);
    assert_string_equal(person.request_id, "r1");
    net.access.user_count = net.access.token_count = net.alert.person_count = 1;
    strcpy(net.access.users[0].name, "anna");
    strcpy(net.access.tokens[0].name, "ci");
    strcpy(net.alert.people[0].name, "bert");
    net.access.users[0].rights = RIGHT_READ | RIGHT_ACT;
    net.access.tokens[0].rights = RIGHT_READ;
    static const struct {
        const char *name;
        uint32_t claimed, uid, rights;
        const char *link_secret;
    } claims[] = {
        {"anna", RIGHTS_ALL, ASKED_UID_WEB, RIGHT_READ | RIGHT_ACT, ""},
        {"anna", RIGHT_READ, ASKED_UID_WEB, RIGHT_READ, ""},
        {"ci", RIGHTS_ALL, ASKED_UID_TOKEN, RIGHT_READ, ""},
        {"bert", RIGHTS_ALL, ASKED_UID_WEB, 0, ""},
        {"bert", RIGHTS_ALL, ASKED_UID_WEB, RIGHT_ACK, "/etc/key"},
        {"eve", RIGHTS_ALL, ASKED_UID_WEB, 0, "/etc/key"},
        {"", RIGHTS_ALL, ASKED_UID_WEB, 0, ""},
    };
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        caller = (struct web_caller){.rights = claims[i].claimed};
        strcpy(caller.name, claims[i].name);
        strcpy(net.access.link_secret, claims[i].link_secret);
        person = person_over_web(&net, &caller);
        CHECK_ROW(claims[i].name, person.rights == claims[i].rights);
        CHECK_ROW(claims[i].name, person.uid == claims[i].uid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_who_may_act), cmocka_unit_test(knows_nobody_where_nobody_is),
        cmocka_unit_test(believes_the_web_no_more_than_is_configured)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
