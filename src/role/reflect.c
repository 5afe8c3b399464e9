// SPDX-License-Identifier: ISC
#include "role/reflect.h"

#include "probe/reflector.h"
#include "probe/stamp.h"
#include "role/datagram.h"
#include "role/now.h"

#include <errno.h>
#include <ifaddrs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { SESSIONS_MAX = 65536 };              // a session is a flow of a sender
enum { BATCHES_PER_TURN_MAX = 4 };          // of one socket, before the others have their turn
enum { ANSWER_TTL = 255 };                  // RFC 8762 §4.3
enum { OWN_MAX = 256 };                     // addresses of this host, for RFC 9503 §3
enum { RECEIVE_BUFFER = 4 * 1024 * 1024 };  // bytes: what comes while we do not run

struct listener {
    int fd;
    struct address address;
};

struct reflect {
    struct listener listeners[REFLECT_LISTEN_MAX];
    uint32_t listener_count;
    int signals;
    uint16_t port;
    bool stateless;
    uint64_t dscp_allowed;
    uint16_t micro_session;
    struct address own[OWN_MAX + 1];  // of this host, when it was opened; last the one asked
    uint32_t own_count;
    struct reflector *reflector;
    struct datagram_batch asked, answers;
    struct reflect_counts counts;
};

static const char *remedy(int error)
{
    switch (error) {
    case EADDRINUSE:
        return ": another reflector runs here, or choose another --port";
    case EACCES:
        return ": run as root, give CAP_NET_BIND_SERVICE, or choose a --port above 1023";
    case EADDRNOTAVAIL:
        return ": no interface of this host has that address";
    default:
        return "";
    }
}

static int open_socket(struct address address, uint16_t port)
{
    int fd = socket(endpoint_family(address.family), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    const int yes = 1, buffer = RECEIVE_BUFFER;
    int error = 0;
    if (address.family == FAMILY_IPV6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) < 0)
        error = -errno;
    if (!error)
        error = datagram_want_facts(fd, address.family);
    if (!error)
        error = datagram_want_local(fd, address.family);
    if (!error)
        error = datagram_set_ttl(fd, address.family, ANSWER_TTL);
    union endpoint endpoint = endpoint_of(address, port);
    if (!error && bind(fd, &endpoint.any, endpoint_size(&endpoint)) < 0)
        error = -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);  // the limit has to do
    if (!error)
        return fd;
    close(fd);
    return error;
}

static int listen_on(struct reflect *r, struct address address)
{
    int fd = open_socket(address, r->port);
    if (fd >= 0)
        r->listeners[r->listener_count++] = (struct listener){fd, address};
    return fd < 0 ? fd : 0;
}

static int listen_on_all(struct reflect *r, const struct reflect_options *options,
                         struct address *failed)
{
    int error = 0;
    for (uint32_t i = 0; !error && i < options->listen_count; i++)
        error = listen_on(r, *failed = options->listen[i]);
    if (options->listen_count > 0)
        return error;
    error = listen_on(r, *failed = endpoint_any(FAMILY_IPV4));
    if (!error)
        error = listen_on(r, *failed = endpoint_any(FAMILY_IPV6));
    return error == -EAFNOSUPPORT && r->listener_count > 0 ? 0 : error;  // a host without IPv6
}

// Those that a probe may name as its destination beside the one that it was sent to.
static void learn_own(struct reflect *r)
{
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) < 0)
        return;
    for (const struct ifaddrs *one = all; one && r->own_count < OWN_MAX; one = one->ifa_next) {
        int family = one->ifa_addr ? one->ifa_addr->sa_family : AF_UNSPEC;
        union endpoint endpoint;
        if (family != AF_INET && family != AF_INET6)
            continue;
        memcpy(&endpoint, one->ifa_addr,
               family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        r->own[r->own_count++] = endpoint_address(&endpoint);
    }
    freeifaddrs(all);
}

static int take_over_signals(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

struct reflect *reflect_open(const struct reflect_options *options, char *why)
{
    struct reflect *r = calloc(1, sizeof *r);
    struct siphash_key key;
    if (r)
        r->signals = -1;
    if (!r || getrandom(&key, sizeof key, 0) != sizeof key || !datagram_batch_init(&r->asked) ||
        !datagram_batch_init(&r->answers) ||
        !(r->reflector = reflector_new(SESSIONS_MAX, options->rate_max_pps, key))) {
        snprintf(why, ROLE_ERROR_MAX, "cannot reflect: out of memory");
        goto fail;
    }
    r->port = options->port;
    r->stateless = options->stateless;
    r->dscp_allowed = options->dscp_allowed;
    r->micro_session = options->micro_session;
    learn_own(r);
    struct address failed = {0};
    int error = listen_on_all(r, options, &failed);
    if (!error && (r->signals = take_over_signals()) >= 0)
        return r;
    error = error ? error : -errno;
    char text[ENDPOINT_TEXT_MAX];
    snprintf(why, ROLE_ERROR_MAX, "cannot reflect on %s: %s%s",
             endpoint_format(failed, r->port, text), strerror(-error), remedy(-error));
fail:
    reflect_close(r);
    return NULL;
}

void reflect_close(struct reflect *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < r->listener_count; i++)
        close(r->listeners[i].fd);
    if (r->signals >= 0)
        close(r->signals);
    reflector_free(r->reflector);
    datagram_batch_done(&r->asked);
    datagram_batch_done(&r->answers);
    free(r);
}

void reflect_describe(const struct reflect *r, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (uint32_t i = 0; i < r->listener_count && used < size; i++) {
        char one[ENDPOINT_TEXT_MAX];
        int wrote = snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "",
                             endpoint_format(r->listeners[i].address, r->port, one));
        used += (size_t)wrote;
    }
}

static bool choose_number(struct reflect *r, const struct datagram_slot *slot, struct mono now,
                          uint32_t *sequence)
{
    struct stamp_request request;
    if (r->stateless || !stamp_request_decode(slot->bytes, STAMP_TWAMP_SIZE, &request))
        return false;
    struct reflector_session session = {
        .address = endpoint_address(&slot->peer),
        .port = endpoint_port(&slot->peer),
        .ssid = request.ssid,
    };
    if (reflector_count(r->reflector, session, now, sequence))
        return true;
    r->counts.uncounted++;
    return false;
}

static bool is_link_local(struct address address)
{
    return address.family == FAMILY_IPV6 && address.bytes[0] == 0xfe &&
           (address.bytes[1] & 0xc0) == 0x80;
}

static struct stamp_policy policy_for(struct reflect *r, const struct datagram_facts *facts)
{
    r->own[r->own_count] = facts->local;
    return (struct stamp_policy){
        .traffic_class = facts->traffic_class,
        .dscp_allowed = r->dscp_allowed,
        .micro_session = r->micro_session,
        .own = r->own,
        .own_count = r->own_count + 1,
    };
}

// Writes the answer to the i-th request as the n-th.
static struct stamp_answer write_answer(struct reflect *r, int i, int n,
                                        const struct datagram_facts *facts, struct mono now)
{
    struct wall wall = now_wall();
    struct stamp_reflection how = {
        .received_at = stamp_ntp(facts->received_at.ns > 0 ? facts->received_at : wall),
        .sent_at = stamp_ntp(wall),
        .ttl = facts->ttl,
        .policy = policy_for(r, facts),
    };
    how.stateful = choose_number(r, &r->asked.slots[i], now, &how.sequence);
    return stamp_reflect(r->asked.slots[i].bytes, datagram_size(&r->asked, i), &how,
                         r->answers.slots[n].bytes);
}

// Makes the answer to the i-th request the n-th answer; false when there is none.
static bool answer(struct reflect *r, int i, int n, struct mono now)
{
    size_t size = datagram_size(&r->asked, i);
    struct datagram_facts facts = datagram_facts(&r->asked, i);
    bool is_unicast = facts.local.family != FAMILY_IPV6 || facts.local.bytes[0] != 0xff;
    if (size < STAMP_TWAMP_SIZE || size == SIZE_MAX || !is_unicast) {
        r->counts.malformed++;
        return false;
    }
    if (!reflector_may_answer(r->reflector, now)) {
        r->counts.over_rate++;
        return false;
    }
    struct stamp_answer answer = write_answer(r, i, n, &facts, now);
    if (answer.verdict.discard) {
        r->counts.elsewhere++;
        return false;
    }
    struct address source = answer.verdict.source;
    source = source.family == facts.local.family ? source : facts.local;
    r->answers.slots[n].peer = r->asked.slots[i].peer;
    datagram_compose(&r->answers, n, answer.size, source,
                     is_link_local(facts.local) ? facts.interface : 0);
    datagram_classify(&r->answers, n, (uint8_t)(answer.verdict.dscp << 2));
    return true;
}

// One that the kernel refuses (no route back) does not hold up the others.
static void send_answers(struct reflect *r, int fd, int count)
{
    for (int next = 0; next < count;) {
        int sent = datagram_send(fd, &r->answers, next, count - next);
        if (sent > 0)
            r->counts.answered += (uint64_t)sent;
        else
            r->counts.unsent++;
        next += sent > 0 ? sent : 1;
    }
}

static int serve(struct reflect *r, int fd)
{
    for (int turn = 0; turn < BATCHES_PER_TURN_MAX; turn++) {
        int came = datagram_receive(fd, &r->asked), answered = 0;
        if (came < 0)
            return came;
        struct mono now = now_mono();
        for (int i = 0; i < came; i++)
            answered += answer(r, i, answered, now);
        send_answers(r, fd, answered);
        if (came < DATAGRAM_BATCH)
            break;
    }
    return 0;
}

int reflect_run(struct reflect *r, struct reflect_counts *counts)
{
    struct pollfd polled[REFLECT_LISTEN_MAX + 1];
    for (uint32_t i = 0; i < r->listener_count; i++)
        polled[i] = (struct pollfd){.fd = r->listeners[i].fd, .events = POLLIN};
    polled[r->listener_count] = (struct pollfd){.fd = r->signals, .events = POLLIN};
    int error = 0;
    while (!error && !polled[r->listener_count].revents) {
        if (poll(polled, r->listener_count + 1, -1) < 0 && errno != EINTR)
            error = -errno;
        for (uint32_t i = 0; !error && i < r->listener_count; i++)
            error = polled[i].revents ? serve(r, polled[i].fd) : 0;
    }
    *counts = r->counts;
    return error;
}
