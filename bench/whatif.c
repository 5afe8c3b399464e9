// SPDX-License-Identifier: ISC
// What `fairlead whatif drain` costs: 20 peers with a full table each, made of one MRT table
// (RFC 6396): each peer has its own next hop, its own first AS, and longer paths for a third of the
// attribute sets; the traffic of as many prefixes is told as may be. Beside it a plain walk over
// the same routes. CPU time of one thread; medians.
#include "mrt/item.h"
#include "mrt/reader.h"
#include "mrt/update.h"
#include "rib/received.h"
#include "rib/whatif.h"

#include "base/writer.h"
#include "bgp/message.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PEERS = 20,
    SESSIONS = 16,
    RUNS_MAX = 99,
    MESSAGE_BYTES = 4096,
    PATH_BYTES = 4096,
    TOLD = 4000  // DEMAND_MAX
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// ---- the table

struct route {
    struct prefix prefix;
    uint32_t hash, salt;      // of its attributes
    size_t attributes, size;  // in the file
};

struct maker {
    struct net net;
    struct rib *rib;
    uint32_t routers_of[RIB_PEERS_MAX], peers[PEERS];
    const uint8_t *bytes;
    struct route *routes;
    uint32_t count, room;
};

static void make_net(struct maker *m)
{
    m->net.asn = 64500;
    m->net.router_count = m->net.upstream_count = SESSIONS;
    for (uint32_t i = 0; i < SESSIONS; i++) {
        struct net_upstream *u = &m->net.upstreams[i];
        snprintf(m->net.routers[i].name, NET_NAME_MAX, "edge%u", i);
        snprintf(u->name, NET_NAME_MAX, "transit-%u", i);
        u->router = i;
        u->next_hop[FAMILY_IPV4] = (struct address){FAMILY_IPV4, {10, 0, (uint8_t)i, 1}};
        u->next_hop[FAMILY_IPV6] =
            (struct address){FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, (uint8_t)i, 1}};
    }
    m->rib = rib_new((size_t)4 << 30, (struct siphash_key){1, 2});
    for (uint32_t i = 0; i < RIB_PEERS_MAX; i++)
        m->routers_of[i] = i < SESSIONS ? i : NET_NOBODY;
    for (uint32_t i = 0; i < PEERS; i++) {
        m->peers[i] = i < SESSIONS ? i : rib_peer_open(m->rib, RIB_PEER_BMP_IN);
        m->routers_of[m->peers[i]] = i % SESSIONS;
        rib_peer_describe(m->rib, m->peers[i], &(struct rib_speaker){.id = i + 1});
    }
}

static struct address next_hop_of(uint32_t peer, enum family family)
{
    if (family == FAMILY_IPV4)
        return (struct address){FAMILY_IPV4,
                                {10, peer < SESSIONS ? 0 : 1, (uint8_t)(peer % 16), 1}};
    return (struct address){FAMILY_IPV6,
                            {0x20, 1, 0xd, peer < SESSIONS ? 0xb8 : 0xb9, (uint8_t)(peer % 16), 1}};
}

static uint32_t hash_bytes(const uint8_t *bytes, size_t size)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ bytes[i]) * 1099511628211u;
    return (uint32_t)(h >> 20);
}

static void add_route(struct maker *m, const struct mrt_rib *rib, const struct mrt_entry *entry)
{
    if (m->count == m->room) {
        m->room = 2 * m->room + 1024;
        m->routes = realloc(m->routes, m->room * sizeof *m->routes);
        if (!m->routes)
            exit(3);
    }
    struct prefix prefix = mrt_prefix(&rib->nlri);
    if (prefix.address.family == FAMILY_NONE)
        return;
    m->routes[m->count++] = (struct route){
        .prefix = prefix,
        .hash = hash_bytes(entry->attributes.bytes, entry->attributes.size),
        .attributes = (size_t)(entry->attributes.bytes - m->bytes),
        .size = entry->attributes.size,
    };
}

static void load(struct maker *m, const char *path)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(3);
    }
    m->bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    struct mrt_reader reader = mrt_reader_over(m->bytes, (size_t)st.st_size, 0);
    struct mrt_peers peers = {0};
    struct mrt_record record;
    struct mrt_item item;
    struct mrt_entry entry;
    while (mrt_reader_next(&reader, &record) == MRT_RECORD) {
        mrt_item_decode(&record, &peers, &item);
        while (item.kind == MRT_RIB && mrt_entry_next(&item, &entry)) {
            if (entry.peer_index == 0)
                add_route(m, &item.rib, &entry);
        }
    }
    mrt_peers_done(&peers);
    close(fd);
}

// ---- into the table

static void decode(const struct maker *m, const struct route *route, struct rib_attributes *a)
{
    static uint8_t bytes[MESSAGE_BYTES * 16], scratch[RIB_RECEIVED_SCRATCH];
    static const uint8_t host[16];
    struct writer w = writer_over(bytes, sizeof bytes);
    struct mrt_nlri nlri = {.bytes = host, .length = 8, .family = route->prefix.address.family};
    struct mrt_announcement announcement = {
        .nlri = &nlri,
        .afi = route->prefix.address.family == FAMILY_IPV4 ? 1 : 2,
        .safi = 1,
        .attributes = {m->bytes + route->attributes, route->size},
    };
    struct bgp_context context = {.as4 = true, .families = {0, 1, 1}, .local_as = 64500};
    struct bgp_message message;
    mrt_announcement_encode(&w, &announcement, sizeof bytes);
    bgp_message_decode(cursor_over(bytes, w.size), &context, &message);
    *a = rib_received(&message.update.attributes, (struct net_community){64500, 666, 1}, scratch);
}

// The path with the peer's AS in front, once or twice.
static struct bgp_bytes path_of(const struct bgp_bytes *path, uint32_t peer, uint32_t hash,
                                uint8_t *bytes)
{
    struct writer w = writer_over(bytes, PATH_BYTES);
    uint8_t times = (hash >> 3 ^ peer * 2654435761u) % 3 == 0 ? 2 : 1;
    bool sequence = path->size >= 2 && path->bytes[0] == 2 && path->bytes[1] + times < 255;
    writer_u8(&w, 2);
    writer_u8(&w, (uint8_t)(times + (sequence ? path->bytes[1] : 0)));
    for (uint8_t i = 0; i < times; i++)
        writer_be32(&w, 65000 + peer);
    size_t skip = sequence ? 2 : 0;
    writer_bytes(&w, path->bytes + skip, path->size - skip);
    return (struct bgp_bytes){bytes, w.size};
}

static void learn_run(struct maker *m, const struct route *routes, uint32_t count, uint32_t peer)
{
    static uint8_t path[PATH_BYTES];
    struct bgp_route batch[RIB_BATCH_MAX];
    struct rib_attributes a;
    decode(m, routes, &a);
    a.as_path = path_of(&a.as_path, peer, routes->hash, path);
    a.next_hop = next_hop_of(peer, routes->prefix.address.family);
    uint32_t kept = rib_attributes_take(m->rib, &a);
    for (uint32_t i = 0; i < count; i++)
        batch[i] = (struct bgp_route){.prefix = routes[i].prefix};
    rib_learn_batch(m->rib, m->peers[peer], batch, count, kept);
    rib_attributes_give(m->rib, kept);
}

// In another order for each peer but the first, which gives the prefixes their numbers.
static int by_salted_set(const void *a, const void *b)
{
    const struct route *one = a, *other = b;
    uint32_t of_one = one->hash * one->salt, of_other = other->hash * other->salt;
    if (of_one != of_other)
        return of_one < of_other ? -1 : 1;
    return prefix_compare(one->prefix, other->prefix);
}

static void shuffle(struct maker *m, uint32_t peer)
{
    for (uint32_t i = 0; i < m->count; i++)
        m->routes[i].salt = 2 * peer + 1;
    qsort(m->routes, m->count, sizeof *m->routes, by_salted_set);
}

static void learn_all(struct maker *m, bool sorted)
{
    for (uint32_t peer = 0; peer < PEERS; peer++) {
        if (!sorted)
            shuffle(m, peer);
        for (uint32_t from = 0, to; from < m->count; from = to) {
            for (to = from + 1;
                 to < m->count && to - from < RIB_BATCH_MAX &&
                 m->routes[to].hash == m->routes[from].hash &&
                 m->routes[to].prefix.address.family == m->routes[from].prefix.address.family;)
                to++;
            learn_run(m, &m->routes[from], to - from, peer);
        }
    }
}

// ---- measured

static int by_time(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

static double median(double *times, uint32_t runs)
{
    qsort(times, runs, sizeof *times, by_time);
    return times[runs / 2];
}

static void count_one(void *context, struct prefix prefix)
{
    uint64_t *sum = context;
    *sum += prefix.address.bytes[0];
}

static double walk_once(const struct maker *m)
{
    uint64_t sum = 0;
    double begun = seconds();
    for (uint32_t i = 0; i < PEERS; i++)
        rib_each(rib_live(m->rib), m->peers[i], count_one, &sum);
    double taken = seconds() - begun;
    return sum > 0 ? taken : 0;
}

// What the core is good for at the moment: a loop that never leaves the registers.
static double registers_once(void)
{
    enum { ROUNDS = 10 << 20 };
    uint64_t a = 1, b = 2;
    double begun = seconds();
    for (uint64_t i = 0; i < ROUNDS; i++) {
        a = a * 3 + i;
        b ^= b << 1 | i;
    }
    double taken = seconds() - begun;
    return a != b ? taken : 0;
}

struct result {
    double taken_s, longest_s;
    double told_s;  // of it, for what flows tell of TOLD prefixes
    uint32_t fates;
    struct whatif_counts counts[FAMILIES];
};

static struct result ask_once(const struct maker *m, struct whatif_drain drain)
{
    struct result result = {0};
    double begun = seconds(), last = begun;
    struct whatif *w = whatif_new(rib_live(m->rib), &m->net, m->routers_of, drain,
                                  (struct whatif_tell){NULL, NULL});
    bool more = true;
    while (more) {
        more = whatif_step(w);
        double now = seconds();
        result.longest_s = now - last > result.longest_s ? now - last : result.longest_s;
        last = now;
    }
    double told_from = seconds();
    for (uint32_t i = 0; i < TOLD; i++) {
        struct whatif_fate fate;
        result.fates += whatif_fate(w, m->routes[(uint64_t)m->count * i / TOLD].prefix, &fate);
    }
    result.told_s = seconds() - told_from;
    result.taken_s = seconds() - begun;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        result.counts[family] = *whatif_counts(w, family);
    whatif_free(w);
    return result;
}

struct figures {
    double ms, longest_ms, walk_ms;
    double least_ms, most_ms;  // of the loop in registers beside it
    double told_ms;            // the most
};

static void report(const char *what, const struct figures *f)
{
    printf("%-28s %8.1f ms  %5.2f of a walk  longest step %.2f ms  %d told %.2f ms  "
           "registers %.1f to %.1f ms\n",
           what, f->ms, f->ms / f->walk_ms, f->longest_ms, TOLD, f->told_ms, f->least_ms,
           f->most_ms);
}

static struct figures ask(const struct maker *m, struct whatif_drain drain, uint32_t runs,
                          struct result *result)
{
    double times[RUNS_MAX], registers[RUNS_MAX];
    struct figures f = {0};
    for (uint32_t run = 0; run < runs; run++) {
        registers[run] = registers_once() * 1e3;
        *result = ask_once(m, drain);
        times[run] = result->taken_s * 1e3;
        f.longest_ms = fmax(f.longest_ms, result->longest_s * 1e3);
        f.told_ms = fmax(f.told_ms, result->told_s * 1e3);
    }
    f.ms = median(times, runs);
    (void)median(registers, runs);  // sorts
    f.least_ms = registers[0];
    f.most_ms = registers[runs - 1];
    return f;
}

static void measure(const struct maker *m, uint32_t runs, const char *order)
{
    static const struct {
        const char *name;
        struct whatif_drain drain;
    } drains[] = {
        {"drain the first upstream", {1, 0}},
        {"drain the tenth upstream", {1 << 9, 0}},
        {"drain two routers", {0, 3}},
    };
    double times[RUNS_MAX];
    for (uint32_t run = 0; run < runs; run++)
        times[run] = walk_once(m) * 1e3;
    double walk_ms = median(times, runs);
    printf("%-28s %8.1f ms\n", "a plain walk", walk_ms);
    for (size_t i = 0; i < sizeof drains / sizeof drains[0]; i++) {
        struct result result = {0};
        struct figures f = ask(m, drains[i].drain, runs, &result);
        f.walk_ms = walk_ms;
        report(drains[i].name, &f);
        printf("{\"bench\":\"whatif\",\"order\":\"%s\",\"drain\":\"%s\",\"peers\":%d,"
               "\"prefixes\":%u,\"moved\":%u,\"lost\":%u,\"one_way\":%u,\"runs\":%u,"
               "\"cpu_ms\":%.1f,\"walk_cpu_ms\":%.1f,\"longest_step_ms\":%.3f,"
               "\"told_cpu_ms\":%.1f,\"registers_ms\":[%.1f,%.1f]}\n",
               order, drains[i].name, PEERS, result.counts[1].prefixes + result.counts[2].prefixes,
               result.counts[1].moved + result.counts[2].moved,
               result.counts[1].lost + result.counts[2].lost,
               result.counts[1].one_way + result.counts[2].one_way, runs, f.ms, walk_ms,
               f.longest_ms, f.told_ms, f.least_ms, f.most_ms);
    }
}

int main(int count, char **words)
{
    static struct maker maker;
    uint32_t runs = count > 2 ? (uint32_t)atoi(words[2]) : 5;
    bool sorted = count > 3 && strcmp(words[3], "sorted") == 0;
    if (count < 2 || runs == 0 || runs > RUNS_MAX) {
        fprintf(stderr, "usage: %s TABLE.mrt [RUNS [sorted]]\n", words[0]);
        return 2;
    }
    make_net(&maker);
    load(&maker, words[1]);
    learn_all(&maker, sorted);
    printf("%u peers, %u prefixes each, %s, %.0f MiB\n", PEERS, maker.count,
           sorted ? "sorted by prefix" : "as UPDATEs bring them",
           (double)rib_bytes(maker.rib) / (1 << 20));
    measure(&maker, runs, sorted ? "sorted" : "updates");
    rib_free(maker.rib);
    free(maker.routes);
    return 0;
}
