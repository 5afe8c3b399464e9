// SPDX-License-Identifier: ISC
// The route role with 100,000 orders, for bench/overrides: its real loop, sessions, table, gate,
// ledger and encoder, in a program of its own. What differs from `fairlead run`:
// - S4 is raised, in the ledger and in the configuration, as nothing else can raise it;
// - no quiet time and no lease to renew;
// - orders and answers are structs, not JSON lines from and to an engine: the linker puts
//   __wrap_channel_*() in the place of channel_*(). (It also times route_steer_carry_out().)
// usage: overrides_guard CONFIGURATION PREFIXES; "announce" or "withdraw" on standard input orders
// each prefix for the first router through its last upstream; a line says when all are answered.
#include "cmd/config_file.h"
#include "role/channel.h"
#include "role/now.h"
#include "role/route.h"
#include "role/route_say.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ORDERS_MAX = 200 * 1000, AT_ONCE = 32 };

// The linker's names know no context: what they need stands here.
static struct {
    struct prefix *prefixes;
    uint32_t count, ordered, answered, refused;
    enum effect_kind kind;
    bool busy;
    bool leased;
    struct mono at;       // of some orders: the clock takes a while
    int64_t deciding_ns;  // CPU time from orders to the ledger, their lines in the log included
    char why[GATE_WHY_MAX];
} orders;

void __real_route_steer_carry_out(struct route_role *r);
void __wrap_route_steer_carry_out(struct route_role *r);
int __wrap_channel_receive_effect(int fd, const struct net *net, struct effect *effect, char *why);
int __wrap_channel_send_event(int fd, const struct net *net, const struct event *event);

// The packet that asks stays in the channel until all is ordered: so the role's loop comes back.
static bool is_asked(int fd, int flags)
{
    char word[16] = "";
    ssize_t size = recv(fd, word, sizeof word - 1, MSG_DONTWAIT | flags);
    if (size > 0)
        orders.kind = word[0] == 'a' ? EFFECT_ANNOUNCE : EFFECT_WITHDRAW;
    return size > 0;
}

int __wrap_channel_receive_effect(int fd, const struct net *net, struct effect *effect, char *why)
{
    (void)why;
    if (!orders.leased) {
        orders.leased = true;
        *effect = (struct effect){.kind = EFFECT_LEASE, .at = now_mono()};
        return 1;
    }
    if (!orders.busy) {
        if (!is_asked(fd, MSG_PEEK))
            return errno == EAGAIN ? 0 : -EPIPE;
        orders.busy = true;
        orders.ordered = orders.answered = orders.refused = 0;
        orders.deciding_ns = 0;
    }
    if (orders.ordered % AT_ONCE == 0)
        orders.at = now_mono();
    *effect = (struct effect){
        .kind = orders.kind,
        .at = orders.at,
        .override = {.router = 0,
                     .upstream = net->upstream_count - 1,
                     .prefix = orders.prefixes[orders.ordered++]},
    };
    if (orders.ordered == orders.count) {
        is_asked(fd, 0);
        orders.busy = false;
    }
    return 1;
}

int __wrap_channel_send_event(int fd, const struct net *net, const struct event *event)
{
    (void)fd, (void)net;
    if (event->kind == EVENT_SESSION && event->session.state == SESSION_COMPLETE)
        printf("{\"event\":\"complete\"}\n"), fflush(stdout);
    if (event->kind != EVENT_OVERRIDE)
        return 0;
    bool refused = event->override.state == OVERRIDE_REFUSED;
    if (refused && orders.refused++ == 0)
        snprintf(orders.why, sizeof orders.why, "%.90s", event->override.reason);
    orders.answered++;
    return 0;
}

void __wrap_route_steer_carry_out(struct route_role *r)
{
    uint32_t before = orders.answered;
    int64_t began_ns = now_of(CLOCK_THREAD_CPUTIME_ID);
    __real_route_steer_carry_out(r);
    orders.deciding_ns += now_of(CLOCK_THREAD_CPUTIME_ID) - began_ns;
    if (orders.answered == before || orders.answered != orders.count)
        return;
    printf("{\"event\":\"answered\",\"at_ns\":%" PRId64 ",\"deciding_ns\":%" PRId64
           ",\"refused\":%u,\"why\":\"%s\"}\n",
           now_mono().ns, orders.deciding_ns, orders.refused, orders.why);
    fflush(stdout);
}

static bool read_prefixes(const char *path)
{
    char line[PREFIX_TEXT_MAX + 2];
    FILE *file = fopen(path, "r");
    orders.prefixes = calloc(ORDERS_MAX, sizeof *orders.prefixes);
    if (!file || !orders.prefixes)
        return false;
    while (orders.count < ORDERS_MAX && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (!prefix_parse(line, &orders.prefixes[orders.count++]))
            return false;
    }
    fclose(file);
    return orders.count > 0;
}

// Everything may be moved, and as much as is ordered.
static void raise_limits(struct net *net)
{
    net->guard.routes_per_router_max = ORDERS_MAX;
    net->guard.routes_per_family_max = ORDERS_MAX;
    net->guard.routes_max = ORDERS_MAX;
    net->guard.acts_per_minute_max = ORDERS_MAX;
    net->steer.quiet_start_ns = 0;
    net->steer.lease_ns = INT64_C(3600) * NS_PER_S;
    net->steer.prefixes.count = 2;
    net->steer.prefixes.items[0] = (struct prefix){.address.family = FAMILY_IPV4};
    net->steer.prefixes.items[1] = (struct prefix){.address.family = FAMILY_IPV6};
}

static bool raise_ledger(struct route_role *role)
{
    static const struct ledger_limits limits = {
        .per_router = ORDERS_MAX,
        .per_family = ORDERS_MAX,
        .all = ORDERS_MAX,
        .acts_per_minute = ORDERS_MAX,
        .acts_prefixes = ORDERS_MAX,
    };
    route_say_close(role);
    ledger_free(role->ledger);
    role->ledger = ledger_new(&limits);
    if (!role->ledger)
        return false;
    return route_say_open(role);
}

// Opened in the process that it runs in: what is shared with a parent is copied when it is written.
static int run_role(const struct net *net, int channel)
{
    char why[ROLE_ERROR_MAX];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct route_role *role = route_role_open(net, why);
    if (!role || !raise_ledger(role)) {
        fprintf(stderr, "overrides_guard: %s\n", role ? "out of memory" : why);
        return 3;
    }
    return route_role_run(role, channel);
}

static int run(struct net *net)
{
    char word[16];
    int fds[2];
    raise_limits(net);
    if (channel_pair(fds) < 0)
        return 3;
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        _exit(run_role(net, fds[1]));
    }
    close(fds[1]);
    printf("{\"event\":\"begun\",\"role_pid\":%d}\n", (int)pid);
    fflush(stdout);
    while (fgets(word, sizeof word, stdin))
        (void)!send(fds[0], word, strlen(word), MSG_NOSIGNAL);
    close(fds[0]);
    return waitpid(pid, NULL, 0) == pid ? 0 : 3;
}

int main(int argc, char **argv)
{
    struct config_file *file = malloc(sizeof *file);
    if (argc != 3 || !file || !read_prefixes(argv[2])) {
        fprintf(stderr, "usage: %s CONFIGURATION PREFIXES\n", argv[0]);
        return 2;
    }
    int status = config_file_load(file, argv[1]);
    config_file_report(file);
    if (status == 0)
        status = run(&file->net);
    config_file_done(file);
    free(file);
    return status;
}
