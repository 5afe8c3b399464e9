// SPDX-License-Identifier: ISC
// What it costs to read the routes of this namespace's kernel and to compare them with what BGP
// chose. The table of a session is made of the same routes (those of protocol bgp), learned in the
// order of their attributes as UPDATEs would bring them, which is not the kernel's order; `wrong`
// of them by another next hop. Then everything is dumped and compared, several times: the first
// time into an empty table, later ones beside the one that is known. Prints one JSON object a turn.
#include "rib/fib.h"
#include "role/kernel_socket.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SETS = 200 * 1000, BGP = 186, SETTLE_MS = 500 };  // sets of attributes: as in a full table

struct bench {
    struct kernel_socket kernel;
    uint8_t datagram[KERNEL_SOCKET_DATAGRAM];
    struct kernel_message m;
    struct chosen {
        struct prefix prefix;
        struct address next_hop;
        uint32_t set;
    } * chosen;
    uint32_t count, room, told;
    struct net net;
    struct rib *rib;
    struct fib *fib;
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double resident_mib(void)
{
    long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    if (f)
        fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static void fail(const char *what, int error)
{
    fprintf(stderr, "fib_bench: %s: %s\n", what, strerror(error < 0 ? -error : error));
    exit(3);
}

// Reads a dump of the part to its end, each message handed on.
static void dump(struct bench *b, enum kernel_part part,
                 void (*take)(struct bench *b, const struct kernel_message *m))
{
    int error = kernel_socket_ask(&b->kernel, part);
    if (error)
        fail("cannot ask the kernel", error);
    while (b->kernel.part != KERNEL_PARTS) {
        ssize_t size = kernel_socket_receive(&b->kernel, b->datagram);
        if (size == -EAGAIN)
            (void)poll(&(struct pollfd){.fd = b->kernel.fd, .events = POLLIN}, 1, -1);
        else if (size < 0)
            fail("cannot read the kernel", (int)size);
        struct cursor c = cursor_over(b->datagram, size > 0 ? (size_t)size : 0);
        struct netlink_message message;
        while (netlink_message_next(&c, netlink_order_here(), &message)) {
            const char *wrong;
            if (take && kernel_decode(&message, netlink_order_here(), &b->m, &wrong) == KERNEL_TOLD)
                take(b, &b->m);
            (void)kernel_socket_ends(&b->kernel, &message);
        }
    }
}

static void choose(struct bench *b, const struct kernel_message *m)
{
    if (m->kind != KERNEL_ROUTE || m->route.protocol != BGP || m->route.hop_count == 0)
        return;
    if (b->count == b->room) {
        b->room = b->room ? 2 * b->room : 1 << 16;
        b->chosen = realloc(b->chosen, b->room * sizeof *b->chosen);
        if (!b->chosen)
            fail("no memory", ENOMEM);
    }
    uint32_t sum = 0;
    for (int i = 0; i < 16; i++)
        sum = sum * 0x01000193 + m->route.prefix.address.bytes[i];
    b->chosen[b->count++] =
        (struct chosen){m->route.prefix, m->route.hops[0].gateway, (sum >> 4) % SETS};
}

static int by_set(const void *a, const void *b)
{
    uint32_t first = ((const struct chosen *)a)->set, second = ((const struct chosen *)b)->set;
    return first < second ? -1 : first > second;
}

static void learn_all(struct bench *b, uint32_t wrong)
{
    qsort(b->chosen, b->count, sizeof *b->chosen, by_set);
    for (uint32_t i = 0; i < b->count; i++) {
        const struct chosen *c = &b->chosen[i];
        uint8_t path[] = {2,
                          3,
                          0,
                          0,
                          0xfd,
                          0xe9,
                          0,
                          3,
                          (uint8_t)(c->set >> 8),
                          (uint8_t)c->set,
                          0,
                          (uint8_t)(c->set >> 16),
                          1,
                          1};
        struct rib_attributes a = {.next_hop = c->next_hop, .as_path = {path, sizeof path}};
        a.next_hop.bytes[3] ^= i < wrong;
        uint32_t set = rib_attributes_take(b->rib, &a);
        if (rib_learn(b->rib, 0, c->prefix, 0, set) == RIB_FULL)
            fail("the table is full", ENOMEM);
        rib_attributes_give(b->rib, set);
    }
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        rib_peer_complete(b->rib, 0, family);
    free(b->chosen);
    malloc_trim(0);
}

static struct mono at(int64_t ms)
{
    return (struct mono){NS_PER_S + ms * NS_PER_MS};
}

static int64_t now_ms;

static void hear(struct bench *b, const struct kernel_message *m)
{
    fib_hear(b->fib, at(now_ms), m);
}

static void count_told(void *context, const struct fib_finding *finding)
{
    struct bench *b = context;
    b->told += finding->stands;
}

static void turn(struct bench *b, int number)
{
    enum kernel_part part;
    double began = cpu_seconds();
    fib_must_resync(b->fib);
    while (fib_wants_dump(b->fib, at(now_ms), &part)) {
        fib_dump_begins(b->fib, part);
        dump(b, part, hear);
        fib_dump_ends(b->fib, at(now_ms), part, true);
    }
    double read = cpu_seconds();
    uint32_t pieces = 0;
    double longest = 0;
    now_ms += 5000;  // past the rest between walks
    for (bool more = true; more; pieces++) {
        double from = cpu_seconds();
        more = fib_turn(b->fib, at(now_ms));
        double took = cpu_seconds() - from;
        longest = took > longest ? took : longest;
    }
    double compared = cpu_seconds();
    now_ms += SETTLE_MS;
    (void)fib_turn(b->fib, at(now_ms));
    while (rib_sweep(b->rib))
        ;
    double swept = cpu_seconds();
    struct fib_summary s = fib_summary(b->fib);
    printf("{\"turn\":%d,\"routes\":%u,\"compared\":%u,\"unknown\":%u,\"next_hop\":%u,"
           "\"dump_cpu_s\":%.4f,\"compare_cpu_s\":%.4f,\"sweep_cpu_s\":%.4f,\"cpu_s\":%.4f,"
           "\"pieces\":%u,\"longest_piece_ms\":%.2f,\"rss_mib\":%.1f}\n",
           number, s.routes[FAMILY_IPV4] + s.routes[FAMILY_IPV6], s.counts.compared,
           s.counts.unknown, s.found[FIB_NEXT_HOP], read - began, compared - read, swept - compared,
           swept - began, pieces, longest * 1000, resident_mib());
}

int main(int argc, char **argv)
{
    static struct bench b;
    int turns = argc > 1 ? atoi(argv[1]) : 5;
    uint32_t wrong = argc > 2 ? (uint32_t)atoi(argv[2]) : 0;
    struct fib_options options = {.net = &b.net,
                                  .table = KERNEL_TABLE_MAIN,
                                  .settle_ns = (int64_t)SETTLE_MS * NS_PER_MS,
                                  .context = &b,
                                  .tell = count_told};
    int error = kernel_socket_open(&b.kernel);
    if (error)
        fail("cannot open the kernel's socket", error);
    b.net.router_count = 1;
    b.rib = rib_new((size_t)1 << 30, (struct siphash_key){1, 2});
    dump(&b, KERNEL_ROUTES_IPV4, choose);
    dump(&b, KERNEL_ROUTES_IPV6, choose);
    learn_all(&b, wrong);
    double began = cpu_seconds(), before = resident_mib();
    dump(&b, KERNEL_ROUTES_IPV4, NULL);
    dump(&b, KERNEL_ROUTES_IPV6, NULL);
    printf("{\"bare_dump_cpu_s\":%.4f,\"chosen\":%u,\"rss_mib\":%.1f}\n", cpu_seconds() - began,
           b.count, before);
    b.fib = fib_new(b.rib, &options, (struct siphash_key){3, 4});
    for (int i = 1; i <= turns; i++)
        turn(&b, i);
    fib_free(b.fib);
    rib_free(b.rib);
    kernel_socket_close(&b.kernel);
    return 0;
}
