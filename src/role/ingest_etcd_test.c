// SPDX-License-Identifier: ISC
// A real etcd on loopback: what is put there, what was put while nobody could look, and what it
// compacted away; and one that asks who we are.
#include "role/ingest_check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

struct etcd {
    char place[32];
    uint16_t port, peer_port;
    pid_t pid;
};

static void run_etcd(struct etcd *etcd)
{
    char clients[128], advertised[64], peers[64], data[64];
    snprintf(clients, sizeof clients, "http://127.0.0.1:%u,http://[::1]:%u", etcd->port,
             etcd->port);
    snprintf(advertised, sizeof advertised, "http://127.0.0.1:%u", etcd->port);
    snprintf(peers, sizeof peers, "http://127.0.0.1:%u", etcd->peer_port);
    snprintf(data, sizeof data, "%s/data", etcd->place);
    etcd->pid = fork();
    if (etcd->pid > 0)
        return;
    int null = open("/dev/null", O_RDWR);
    dup2(null, 1);
    dup2(null, 2);
    execlp("etcd", "etcd", "--data-dir", data, "--listen-client-urls", clients,
           "--advertise-client-urls", advertised, "--listen-peer-urls", peers, "--unsafe-no-fsync",
           NULL);
    _exit(127);
}

static void stop_etcd(struct etcd *etcd)
{
    kill(etcd->pid, SIGKILL);
    waitpid(etcd->pid, NULL, 0);
}

// Waits until it answers. `then`: what is done with the answer.
static void ask_etcd(const struct etcd *etcd, const char *what, const char *body, const char *then)
{
    char command[1024];
    snprintf(command, sizeof command,
             "b() { printf %%s \"$1\" | base64 -w0; }; for i in $(seq 300); do "
             "curl -sSf -m 2 -H \"Authorization: $(cat %s/token 2>/dev/null)\" "
             "http://127.0.0.1:%u/v3/%s -d \"%s\" >%s/answer && { %s; exit; }; "
             "sleep 0.1; done; exit 1",
             etcd->place, etcd->port, what, body, etcd->place, then);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void put(const struct etcd *etcd, const char *key, const char *value)
{
    char body[256];
    snprintf(body, sizeof body, "{\\\"key\\\":\\\"$(b %s)\\\",\\\"value\\\":\\\"$(b %s)\\\"}", key,
             value);
    ask_etcd(etcd, "kv/put", body, "true");
}

// All revisions before this one are forgotten.
static void put_and_compact(const struct etcd *etcd, const char *key, const char *value)
{
    char then[256], body[128];
    put(etcd, key, value);
    snprintf(then, sizeof then,
             "r=$(sed 's/.*\"revision\":\"\\([0-9]*\\).*/\\1/' %s/answer); curl -sf "
             "http://127.0.0.1:%u/v3/kv/compaction -d \"{\\\"revision\\\":\\\"$r\\\"}\"",
             etcd->place, etcd->port);
    snprintf(body, sizeof body, "{\\\"key\\\":\\\"$(b %s)\\\",\\\"value\\\":\\\"$(b %s)\\\"}", key,
             value);
    ask_etcd(etcd, "kv/put", body, then);
}

static struct event hear(const struct server *server)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    struct pollfd readable = {.fd = server->channel, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, 60 * 1000), 1);
    assert_int_equal(channel_receive_event(server->channel, &server->net, &event, why), 1);
    return event;
}

// By both families, in whatever order.
static void hear_changes(const struct server *server, const char *id, const char *what)
{
    for (int i = 0; i < 2; i++) {
        struct event event = hear(server);
        if (event.kind != EVENT_CHANGE || strcmp(event.change.what, what) != 0)
            fail_msg("not '%s' but '%s%s'", what, event.notice.text, event.change.what);
        assert_string_equal(event.change.id, id);
        assert_int_equal(event.change.source, CHANGE_ETCD);
        assert_int_equal(event.change.devices.words[0], 1);
    }
}

static void hear_notices(const struct server *server, enum notice_kind kind, bool raised)
{
    for (int i = 0; i < 2; i++) {
        struct event event = hear(server);
        assert_int_equal(event.kind, EVENT_NOTICE);
        if (event.notice.kind != kind || event.notice.raised != raised)
            fail_msg("%s", event.notice.text);
    }
}

// What comes until both families told this, whatever else they tell.
static void wait_for(const struct server *server, const char *what)
{
    for (int heard = 0; heard < 2;) {
        struct event event = hear(server);
        heard += event.kind == EVENT_CHANGE && strcmp(event.change.what, what) == 0;
    }
}

static struct server watch(struct etcd *etcd, const char *user)
{
    struct net net = site();
    if (etcd->port == 0)
        etcd->port = free_port(SOCK_STREAM);
    etcd->peer_port = (uint16_t)(etcd->port + 1);
    net.counters.http_port = (uint16_t)(etcd->port + 2);
    net.changes.etcd_count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        struct net_etcd *watched = &net.changes.etcd[i];
        sprintf(watched->url, i == 0 ? "http://127.0.0.1:%u" : "http://[::1]:%u", etcd->port);
        strcpy(watched->prefix, "/net/");
        strcpy(watched->devices, "/net/{device}/**");
        strcpy(watched->user, user);
        if (user[0])
            sprintf(watched->secret_file, "%s/%s", etcd->place, user);
    }
    return start_at(&net);
}

static void follows_etcd(void **state)
{
    (void)state;
    struct etcd etcd = {.place = "/tmp/fairlead-etcd-XXXXXX"};
    char command[64];
    if (system("command -v etcd >/dev/null") != 0)
        skip();
    assert_non_null(mkdtemp(etcd.place));
    struct server server = watch(&etcd, "");
    hear_notices(&server, NOTICE_ETCD_LOST, true);
    run_etcd(&etcd);
    hear_notices(&server, NOTICE_ETCD_LOST, false);
    put(&etcd, "/net/edge1/bfd", "1500");
    hear_changes(&server, "/net/edge1/bfd", "1500 is new");
    put(&etcd, "/other", "1");
    put(&etcd, "/net/edge1/bfd", "150");
    hear_changes(&server, "/net/edge1/bfd", "1500 -> 150");
    // What is put while we are not there is told when we are.
    kill(server.pid, SIGSTOP);
    stop_etcd(&etcd);
    run_etcd(&etcd);
    put(&etcd, "/net/edge1/bfd", "15");
    kill(server.pid, SIGCONT);
    hear_notices(&server, NOTICE_ETCD_LOST, true);
    wait_for(&server, "150 -> 15");
    // What was compacted away meanwhile is not, and that is told.
    kill(server.pid, SIGSTOP);
    stop_etcd(&etcd);
    run_etcd(&etcd);
    put(&etcd, "/net/edge1/x", "1");
    put_and_compact(&etcd, "/net/edge1/x", "2");
    kill(server.pid, SIGCONT);
    int told = 0;
    while (told < 2) {
        struct event event = hear(&server);
        told += event.kind == EVENT_NOTICE && event.notice.kind == NOTICE_ETCD_COMPACTED;
    }
    put(&etcd, "/net/edge1/y", "9");
    wait_for(&server, "9 is new");
    stop(&server);
    stop_etcd(&etcd);
    snprintf(command, sizeof command, "rm -r %s", etcd.place);
    assert_int_equal(system(command), 0);
}

// Who may do what: root everything, the reader our keys only, the stranger none.
static void ask_for_names(const struct etcd *etcd)
{
    static const char *const asked[][2] = {
        {"auth/user/add", "{\\\"name\\\":\\\"root\\\",\\\"password\\\":\\\"root-pw\\\"}"},
        {"auth/user/add", "{\\\"name\\\":\\\"reader\\\",\\\"password\\\":\\\"reader-pw\\\"}"},
        {"auth/user/add", "{\\\"name\\\":\\\"stranger\\\",\\\"password\\\":\\\"stranger-pw\\\"}"},
        {"auth/role/add", "{\\\"name\\\":\\\"root\\\"}"},
        {"auth/role/add", "{\\\"name\\\":\\\"ours\\\"}"},
        {"auth/user/grant", "{\\\"user\\\":\\\"root\\\",\\\"role\\\":\\\"root\\\"}"},
        {"auth/user/grant", "{\\\"user\\\":\\\"reader\\\",\\\"role\\\":\\\"ours\\\"}"},
        {"auth/role/grant",
         "{\\\"name\\\":\\\"ours\\\",\\\"perm\\\":{\\\"permType\\\":\\\"READ\\\","
         "\\\"key\\\":\\\"$(b /net/)\\\",\\\"range_end\\\":\\\"$(b /net0)\\\"}}"},
        {"auth/enable", "{}"},
    };
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        ask_etcd(etcd, asked[i][0], asked[i][1], "true");
}

// A token of before, which etcd may know no more, would be refused even here.
static void become_root(const struct etcd *etcd)
{
    char path[64], then[192];
    snprintf(path, sizeof path, "%s/token", etcd->place);
    unlink(path);
    snprintf(then, sizeof then, "sed 's/.*\"token\":\"\\([^\"]*\\).*/\\1/' %s/answer >%s",
             etcd->place, path);
    ask_etcd(etcd, "auth/authenticate",
             "{\\\"name\\\":\\\"root\\\",\\\"password\\\":\\\"root-pw\\\"}", then);
}

static void write_password(const struct etcd *etcd, const char *user, const char *password)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", etcd->place, user);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, password, strlen(password)), strlen(password));
    close(fd);
}

static void is_refused(struct etcd *etcd, const char *user, const char *reason)
{
    struct server server = watch(etcd, user);
    for (int i = 0; i < 2; i++) {
        struct event event = hear(&server);
        assert_int_equal(event.notice.kind, NOTICE_ETCD_LOST);
        if (!strstr(event.notice.text, reason))
            fail_msg("%s", event.notice.text);
    }
    stop(&server);
}

static void says_who_it_is(void **state)
{
    (void)state;
    struct etcd etcd = {.place = "/tmp/fairlead-etcd-XXXXXX"};
    char command[64];
    if (system("command -v etcd >/dev/null") != 0)
        skip();
    assert_non_null(mkdtemp(etcd.place));
    write_password(&etcd, "reader", "reader-pw\n");
    write_password(&etcd, "stranger", "stranger-pw\n");
    write_password(&etcd, "root", "wrong\n");
    etcd.port = free_port(SOCK_STREAM);
    etcd.peer_port = (uint16_t)(etcd.port + 1);
    run_etcd(&etcd);
    ask_for_names(&etcd);
    become_root(&etcd);
    is_refused(&etcd, "", "etcdserver: user name is empty");
    is_refused(&etcd, "root", "etcdserver: authentication failed, invalid user ID or password");
    is_refused(&etcd, "stranger", "permission denied");
    stop_etcd(&etcd);
    struct server server = watch(&etcd, "reader");
    hear_notices(&server, NOTICE_ETCD_LOST, true);
    run_etcd(&etcd);
    become_root(&etcd);
    hear_notices(&server, NOTICE_ETCD_LOST, false);
    put(&etcd, "/net/edge1/bfd", "150");
    hear_changes(&server, "/net/edge1/bfd", "150 is new");
    stop_etcd(&etcd);  // its tokens are gone when it starts again, and ours with them
    hear_notices(&server, NOTICE_ETCD_LOST, true);
    run_etcd(&etcd);
    become_root(&etcd);
    put(&etcd, "/net/edge1/bfd", "15");
    wait_for(&server, "150 -> 15");
    stop(&server);
    stop_etcd(&etcd);
    snprintf(command, sizeof command, "rm -r %s", etcd.place);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_etcd),
        cmocka_unit_test(says_who_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
