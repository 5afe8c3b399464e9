// SPDX-License-Identifier: ISC
// The role, with its promises, against a real sshd on both loopbacks. What it runs there is a
// script that prints the file of the command's name.
#include "base/check.h"
#include "engine/message.h"
#include "role/channel.h"
#include "role/filter.h"
#include "role/shell.h"
#include "role/run.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const loopbacks[FAMILIES] = {"", "127.0.0.1", "::1"};
static const char patterns[] = FAIRLEAD_SOURCE_DIR "/patterns/shell";
static const char bfd_down[] =
    "Address State Interface\n192.0.2.1   Down   ge-0/0/0.0 0.900 0.300 3\n";

enum { WAITING_MAX = 16 };

struct site {
    uint32_t waiting;
    struct notice notices[WAITING_MAX];
    char place[40];
    uint16_t port;
    pid_t sshd, role;
    int channel;
    struct net *net;
};

static void sh(const char *form, const char *place)
{
    char command[512];
    snprintf(command, sizeof command, form, place);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void write_at(const struct site *site, const char *name, const char *text)
{
    char path[96], hidden[96];
    snprintf(hidden, sizeof hidden, "%s/.new", site->place);
    snprintf(path, sizeof path, "%s/%s", site->place, name);
    FILE *file = fopen(hidden, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(rename(hidden, path), 0);
}

static uint16_t free_port(void)
{
    for (uint16_t port = (uint16_t)(10000 + getpid() * 8 % 9000);; port++) {
        bool is_free = true;
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            union endpoint endpoint = endpoint_of(check_address(loopbacks[family]), port);
            int fd = socket(endpoint.any.sa_family, SOCK_STREAM, 0);
            is_free &= bind(fd, &endpoint.any, endpoint_size(&endpoint)) == 0;
            close(fd);
        }
        if (is_free)
            return port;
    }
}

static void await_sshd(const struct site *site)
{
    union endpoint endpoint = endpoint_of(check_address("::1"), site->port);
    for (int left = 6000; left > 0; left--) {
        int fd = socket(AF_INET6, SOCK_STREAM, 0);
        bool listens = connect(fd, &endpoint.any, endpoint_size(&endpoint)) == 0;
        close(fd);
        if (listens)
            return;
        usleep(10 * 1000);
    }
    fail_msg("sshd does not listen");
}

static void run_sshd(struct site *site)
{
    char file[96];
    snprintf(file, sizeof file, "%s/sshd_config", site->place);
    site->sshd = fork();
    if (site->sshd > 0) {
        await_sshd(site);
        return;
    }
    int null = open("/dev/null", O_RDWR);
    dup2(null, 1);
    dup2(null, 2);
    execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-f", file, NULL);
    _exit(127);
}

// With its children, which serve us and are in sessions of their own.
static void stop_sshd(const struct site *site)
{
    char number[16];
    snprintf(number, sizeof number, "%d", site->sshd);
    kill(site->sshd, SIGSTOP);
    sh("pkill -KILL -P %s || true", number);
    kill(site->sshd, SIGKILL);
    waitpid(site->sshd, NULL, 0);
}

static void write_known_hosts(const struct site *site, const char *key)
{
    char command[512];
    snprintf(command, sizeof command,
             "cd %s && k=$(cut -d' ' -f1,2 %s.pub) && { echo '# by hand'; "
             "echo \"[127.0.0.1]:%u $k\"; echo \"[::1]:%u $k\"; } >known",
             site->place, key, site->port, site->port);
    sh(command, "");
}

static struct site *new_site(void)
{
    struct site *site = calloc(1, sizeof *site);
    char text[512];
    strcpy(site->place, "/tmp/fairlead-ssh-XXXXXX");
    assert_non_null(mkdtemp(site->place));
    site->port = free_port();
    // SHLVL: bash, called by sshd, would read what its user has made of .bashrc otherwise.
    sh("cd %s && ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ecdsa -N '' -f other "
       "&& ssh-keygen -q -t ed25519 -N '' -f ours && cp ours.pub allowed && mkdir -p /run/sshd",
       site->place);
    snprintf(text, sizeof text,
             "Port %u\nListenAddress 127.0.0.1\nListenAddress ::1\nHostKey %s/host\n"
             "HostKey %s/other\nAuthorizedKeysFile %s/allowed\nStrictModes no\nUsePAM no\n"
             "PidFile none\nPermitRootLogin yes\nSetEnv SHLVL=2\nForceCommand sh %s/device\n",
             site->port, site->place, site->place, site->place, site->place);
    write_at(site, "sshd_config", text);
    snprintf(text, sizeof text,
             "cd %s; echo $SSH_CONNECTION >>seen; [ $SSH_ORIGINAL_COMMAND = bfd ] && . ./more; "
             "exec cat \"$SSH_ORIGINAL_COMMAND\"",
             site->place);
    write_at(site, "device", text);
    write_at(site, "more", "");
    write_at(site, "alarms", "No alarms currently active\n");
    write_at(site, "bfd", bfd_down);
    write_known_hosts(site, "host");
    return site;
}

static void start(struct site *site, int64_t timeout_ms)
{
    struct net *net = site->net = calloc(1, sizeof *net);
    struct net_ssh *ssh = &net->ssh;
    struct net_ssh_vendor *junos = &ssh->vendors[0];
    snprintf(ssh->key_file, sizeof ssh->key_file, "%s/ours", site->place);
    snprintf(ssh->known_hosts, sizeof ssh->known_hosts, "%s/known", site->place);
    strcpy(ssh->user, getpwuid(getuid())->pw_name);
    strcpy(ssh->patterns, patterns);
    ssh->interval_ns = 100 * NS_PER_MS;
    ssh->timeout_ns = timeout_ms * NS_PER_MS;
    ssh->vendor_count = 1;
    strcpy(junos->name, "junos");
    junos->commands.count = 2;
    strcpy(junos->commands.items[0], "alarms");
    strcpy(junos->commands.items[1], "bfd");
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct net_ssh_device *device = &ssh->devices[ssh->device_count++];
        sprintf(device->name, "edge%u", ssh->device_count);
        strcpy(device->vendor, "junos");
        device->address = check_address(loopbacks[family]);
        device->port = site->port;
    }
    char why[ROLE_ERROR_MAX] = "";
    int channel[2];
    struct shell_role *role = shell_role_open(net, why);
    if (!role)
        fail_msg("%s", why);
    assert_int_equal(channel_pair(channel), 0);
    site->role = fork();
    if (site->role == 0) {
        close(channel[0]);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            filter_apply(run_roles[ROLE_SHELL].promises) != 0)
            _exit(99);
        _exit(shell_role_run(role, channel[1]));
    }
    close(channel[1]);
    shell_role_close(role);
    site->channel = channel[0];
}

static void stop(struct site *site)
{
    int status;
    close(site->channel);
    waitpid(site->role, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    free(site->net);
}

static void remove_site(struct site *site)
{
    sh("rm -r %s", site->place);
    free(site);
}

// The next one of this device; those of the other wait.
static struct notice next_of(struct site *site, char device)
{
    for (;;) {
        struct event event;
        char why[MESSAGE_WHY_MAX];
        struct pollfd readable = {.fd = site->channel, .events = POLLIN};
        for (uint32_t i = 0; i < site->waiting; i++) {
            struct notice notice = site->notices[i];
            if (notice.peer[4] != device)
                continue;
            memmove(&site->notices[i], &site->notices[i + 1],
                    (--site->waiting - i) * sizeof notice);
            return notice;
        }
        assert_int_equal(poll(&readable, 1, 60 * 1000), 1);
        assert_int_equal(channel_receive_event(site->channel, site->net, &event, why), 1);
        assert_true(event.kind == EVENT_NOTICE && site->waiting < WAITING_MAX);
        site->notices[site->waiting++] = event.notice;
    }
}

// Of each device: this next, and nothing else.
static void hear(struct site *site, enum notice_kind kind, bool raised, const char *peer,
                 const char *text)
{
    for (char device = '1'; device <= '2'; device++) {
        struct notice n = next_of(site, device);
        if (n.kind != kind || n.raised != raised || !strstr(n.text, text) ||
            strcmp(n.peer + strlen("edge1"), peer) != 0)
            fail_msg("not '%s' but %s %d %s: %s", text, notice_rules[n.kind].name, n.raised, n.peer,
                     n.text);
    }
}

static void asks_again_and_again(void **state)
{
    (void)state;
    struct site *site = new_site();
    start(site, 30 * 1000);
    hear(site, NOTICE_SSH_LOST, true, "", "cannot connect: ");
    run_sshd(site);
    hear(site, NOTICE_SSH_LOST, false, "", "it answers again");
    hear(site, NOTICE_DEVICE_BFD, true, " 192.0.2.1", "192.0.2.1 Down ge-0/0/0.0");
    write_at(site, "alarms", "2026-10-23 13:33:08 UTC  Major  FPC 3 Major Errors\n");
    hear(site, NOTICE_DEVICE_ALARM, true, " FPC 3 Major Errors", "UTC Major FPC 3");
    write_at(site, "bfd", "192.0.2.1   Up   ge-0/0/0.0 0.900 0.300 3\n");
    hear(site, NOTICE_DEVICE_BFD, false, " 192.0.2.1", "");
    sh("cd %s && [ $(sort -u seen | wc -l) = 2 ]", site->place);  // a session each
    // It is gone, and what stood stands; when it is back, what is over is told.
    stop_sshd(site);
    hear(site, NOTICE_SSH_LOST, true, "", "");
    write_at(site, "alarms", "");
    run_sshd(site);
    hear(site, NOTICE_SSH_LOST, false, "", "");
    hear(site, NOTICE_DEVICE_ALARM, false, " FPC 3 Major Errors", "");
    // A command that fails, or prints without end, says nothing of what is over.
    write_at(site, "bfd", bfd_down);
    hear(site, NOTICE_DEVICE_BFD, true, " 192.0.2.1", "");
    write_at(site, "more", "exit 7");
    hear(site, NOTICE_SSH_LOST, true, "", "bfd: it ends with status 7");
    write_at(site, "more", "");
    hear(site, NOTICE_SSH_LOST, false, "", "");
    write_at(site, "more", "exec yes '192.0.2.9 Down'");
    hear(site, NOTICE_SSH_LOST, true, "", "bfd: it prints more than 1 MiB");
    write_at(site, "more", "");
    hear(site, NOTICE_SSH_LOST, false, "", "");
    stop(site);
    stop_sshd(site);
    remove_site(site);
}

// That have run three commands: a whole look, and more.
static void await_sessions(const struct site *site, int count)
{
    char command[160];
    snprintf(command, sizeof command,
             "until [ $(sort %%s/seen | uniq -c | awk '$1 >= 3' | wc -l) -ge %d ]; "
             "do sleep 0.02; done",
             count);
    sh(command, site->place);
}

// Whenever the device ends a session that has served, in a command or between two, there is another
// and nothing is lost; one that ends every session within a command is.
static void makes_a_new_session(void **state)
{
    (void)state;
    struct site *site = new_site();
    char number[16];
    run_sshd(site);
    start(site, 30 * 1000);
    hear(site, NOTICE_DEVICE_BFD, true, " 192.0.2.1", "");
    await_sessions(site, 2);
    write_at(
        site, "more",  // once each, within a command
        "f=once-${SSH_CONNECTION%% *}; [ -e $f ] || { touch $f; kill -KILL $PPID; sleep 60; }");
    snprintf(number, sizeof number, "%d", site->sshd);
    for (int sessions = 4; sessions <= 10; sessions += 2) {
        await_sessions(site, sessions);
        sh("pkill -KILL -P %s || true", number);
    }
    write_at(site, "bfd", "192.0.2.1   Up   ge-0/0/0.0 0.900 0.300 3\n");
    hear(site, NOTICE_DEVICE_BFD, false, " 192.0.2.1", "");
    write_at(site, "more", "kill -KILL $PPID; sleep 60");
    hear(site, NOTICE_SSH_LOST, true, "", "bfd: ");
    write_at(site, "more", "");
    hear(site, NOTICE_SSH_LOST, false, "", "it answers again");
    stop(site);
    stop_sshd(site);
    remove_site(site);
}

// Each way in which it is not to be asked, or cannot be.
static void trusts_nobody(void **state)
{
    (void)state;
    struct site *site = new_site();
    run_sshd(site);
    write_known_hosts(site, "ours");
    start(site, 30 * 1000);
    hear(site, NOTICE_SSH_LOST, true, "", "its host key is another than ssh.known_hosts has");
    stop(site);
    write_at(site, "known", "192.0.2.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==\n");
    start(site, 30 * 1000);
    hear(site, NOTICE_SSH_LOST, true, "", "ssh.known_hosts has no key of it");
    stop(site);
    write_known_hosts(site, "other");  // the server has two: it shows the one that we know
    write_at(site, "allowed", "");
    start(site, 30 * 1000);
    hear(site, NOTICE_SSH_LOST, true, "", "it does not let us in: ");
    stop(site);
    sh("cp %1$s/ours.pub %1$s/allowed", site->place);
    write_at(site, "more", "exec sleep 60");
    start(site, 300);
    hear(site, NOTICE_SSH_LOST, true, "", "no answer in time");
    stop(site);
    stop_sshd(site);
    remove_site(site);
}

int main(void)
{
    if (access("/usr/sbin/sshd", X_OK) != 0) {
        puts("no sshd here");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_again_and_again),
        cmocka_unit_test(makes_a_new_session),
        cmocka_unit_test(trusts_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
