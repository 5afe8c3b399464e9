// SPDX-License-Identifier: ISC
// What the table costs by itself: time a route, bytes a route, speed of walks. Fills it from an MRT
// table (RFC 6396) with the views of its peers, or from one made up, as UPDATEs would: prefixes
// with equal attributes together. Prints one line a measure; no socket, no other process.
#include "mrt/update.h"
#include "rib/best.h"
#include "rib/received.h"
#include "rib/rib.h"

#include "base/random.h"
#include "bgp/message.h"
#include "bgp/update_encode.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PEERS_MAX = 64, MESSAGE_BYTES = 4096 };

struct set {  // attributes as an UPDATE with one prefix that nobody looks at
    struct bgp_bytes message;
    uint32_t first, count;  // its routes, once they are in order
};

struct feed {  // what one peer says
    struct bgp_route *routes;
    uint32_t *set_of;
    struct set *sets;
    uint32_t route_count, route_room, set_count, set_room;
    uint32_t *buckets, bucket_count;
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double resident_mib(void)
{
    long pages = 0, resident = 0;
    malloc_trim(0);
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    if (f)
        fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static void *grown(void *memory, uint32_t count, uint32_t *room, size_t size)
{
    if (count < *room)
        return memory;
    *room = *room * 2 + 1024;
    void *more = realloc(memory, *room * size);
    if (!more) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return more;
}

static uint32_t hash_bytes(const uint8_t *bytes, size_t size)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ bytes[i]) * 1099511628211u;
    return (uint32_t)(h >> 20);
}

static void rehash(struct feed *feed)
{
    free(feed->buckets);
    feed->bucket_count = feed->set_room * 4;
    feed->buckets = calloc(feed->bucket_count, sizeof *feed->buckets);
    for (uint32_t i = 0; i < feed->set_count; i++) {
        struct bgp_bytes m = feed->sets[i].message;
        uint32_t at = hash_bytes(m.bytes, m.size) % feed->bucket_count;
        while (feed->buckets[at] != 0)
            at = (at + 1) % feed->bucket_count;
        feed->buckets[at] = i + 1;
    }
}

// The set of this message; the messages of equal attributes are equal, but for the prefix.
static uint32_t set_of(struct feed *feed, struct bgp_bytes message)
{
    uint32_t room = feed->set_room;
    feed->sets = grown(feed->sets, feed->set_count, &feed->set_room, sizeof *feed->sets);
    if (room != feed->set_room)
        rehash(feed);
    uint32_t at = hash_bytes(message.bytes, message.size) % feed->bucket_count;
    for (; feed->buckets[at] != 0; at = (at + 1) % feed->bucket_count) {
        struct bgp_bytes found = feed->sets[feed->buckets[at] - 1].message;
        if (found.size == message.size && !memcmp(found.bytes, message.bytes, message.size))
            return feed->buckets[at] - 1;
    }
    uint8_t *copy = malloc(message.size);
    memcpy(copy, message.bytes, message.size);
    feed->sets[feed->set_count] = (struct set){.message = {copy, message.size}};
    feed->buckets[at] = ++feed->set_count;
    return feed->set_count - 1;
}

static void add_route(struct feed *feed, struct bgp_route route, struct bgp_bytes message)
{
    uint32_t room = feed->route_room;
    feed->routes = grown(feed->routes, feed->route_count, &feed->route_room, sizeof route);
    feed->set_of = grown(feed->set_of, feed->route_count, &room, sizeof *feed->set_of);
    feed->routes[feed->route_count] = route;
    feed->set_of[feed->route_count++] = set_of(feed, message);
}

// Puts the routes of a set together, sets in the order of their first route.
static void put_in_order(struct feed *feed)
{
    struct bgp_route *routes = malloc(feed->route_count * sizeof *routes);
    for (uint32_t i = 0; i < feed->route_count; i++)
        feed->sets[feed->set_of[i]].count++;
    for (uint32_t i = 1; i < feed->set_count; i++)
        feed->sets[i].first = feed->sets[i - 1].first + feed->sets[i - 1].count;
    for (uint32_t i = 0; i < feed->route_count; i++)
        routes[feed->sets[feed->set_of[i]].first++] = feed->routes[i];
    for (uint32_t i = 0; i < feed->set_count; i++)
        feed->sets[i].first -= feed->sets[i].count;
    free(feed->routes);
    free(feed->set_of);
    free(feed->buckets);
    feed->routes = routes;
}

// The attributes of every route with the same prefix of its family in the place of its own, so that
// equal attributes give equal messages.
static void add_entry(struct feed *feed, const struct mrt_rib *rib, const struct mrt_entry *entry)
{
    static const uint8_t host[16];
    uint8_t bytes[MESSAGE_BYTES];
    struct writer w = writer_over(bytes, sizeof bytes);
    struct mrt_nlri any = {.bytes = host, .length = 8, .family = rib->nlri.family};
    struct mrt_announcement a = mrt_announcement_of_entry(rib, entry);
    a.nlri = &any;
    mrt_announcement_encode(&w, &a, sizeof bytes);
    struct bgp_route route = {mrt_prefix(&rib->nlri), entry->path_id};
    if (writer_ok(&w) && route.prefix.address.family != FAMILY_NONE)
        add_route(feed, route, (struct bgp_bytes){bytes, w.size});
}

static uint32_t load(const char *path, struct feed *feeds)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(1);
    }
    void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    struct mrt_reader reader = mrt_reader_over(bytes, (size_t)st.st_size, 0);
    struct mrt_peers peers = {0};
    struct mrt_record record;
    struct mrt_item item;
    struct mrt_entry entry;
    while (mrt_reader_next(&reader, &record) == MRT_RECORD) {
        mrt_item_decode(&record, &peers, &item);
        while (item.kind == MRT_RIB && mrt_entry_next(&item, &entry)) {
            if (entry.peer_index < PEERS_MAX)
                add_entry(&feeds[entry.peer_index], &item.rib, &entry);
        }
    }
    mrt_peers_done(&peers);
    munmap(bytes, (size_t)st.st_size);
    close(fd);
    uint32_t count = 0;
    for (uint32_t peer = 0; peer < PEERS_MAX; peer++) {
        if (feeds[peer].route_count == 0)
            continue;
        put_in_order(&feeds[peer]);
        count = peer + 1;
    }
    return count;
}

// A table of its own making: prefixes at random, runs of equal attributes, half of them of one or
// two prefixes as in the Internet's.
static void make_up(struct feed *feed, uint32_t peer, uint32_t count)
{
    const struct bgp_context context = {.as4 = true, .families = {0, 1, 1}, .local_as = 64500};
    struct random order = {1}, random = {peer + 2};
    uint32_t left = 0, asn = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (left == 0) {
            uint64_t r = random_u64(&random);
            left = r % 2 ? 1 + r / 2 % 2 : 1 + r / 2 % 40;
            asn = (uint32_t)(r >> 32);
        }
        left--;
        uint64_t bits = random_u64(&order);
        bool is_ipv6 = i % 6 == 0;
        struct address address = {.family = is_ipv6 ? FAMILY_IPV6 : FAMILY_IPV4};
        memcpy(address.bytes, &bits, is_ipv6 ? 6 : 3);
        uint8_t bytes[MESSAGE_BYTES], path[] = {2,
                                                4,
                                                0,
                                                0,
                                                0xfd,
                                                0xe9,
                                                0,
                                                0,
                                                0,
                                                9,
                                                0,
                                                0,
                                                0,
                                                7,
                                                (uint8_t)(asn >> 24),
                                                (uint8_t)(asn >> 16),
                                                (uint8_t)(asn >> 8),
                                                (uint8_t)asn};
        struct writer w = writer_over(bytes, sizeof bytes);
        struct bgp_attributes a = {.as_path = {path, sizeof path}, .as_size = 4};
        struct bgp_route any = {.prefix.address.family = address.family};
        a.next_hop = a.mp_next_hop =
            (struct address){.family = address.family, .bytes = {10, 0, 0, 1}};
        bgp_attribute_add(&a, ATTR_ORIGIN);
        bgp_attribute_add(&a, ATTR_AS_PATH);
        bgp_update_encode(&w, &context, &a, &any, 1);
        struct bgp_route route = {prefix_of(address, is_ipv6 ? 48 : 24), 0};
        add_route(feed, route, (struct bgp_bytes){bytes, w.size});
    }
    put_in_order(feed);
}

static void read_set(const struct set *set, uint8_t *scratch, struct rib_attributes *attributes)
{
    struct bgp_context context = {.as4 = true, .families = {0, 1, 1}, .local_as = 64500};
    struct bgp_message m;
    bgp_message_decode(cursor_over(set->message.bytes, set->message.size), &context, &m);
    *attributes =
        rib_received(&m.update.attributes, (struct net_community){64500, 666, 1}, scratch);
    bool is_ipv6 = m.update.mp_announced.family != FAMILY_NONE;
    attributes->next_hop = is_ipv6 ? m.update.attributes.mp_next_hop : m.update.attributes.next_hop;
}

static void learn_feed(struct rib *rib, uint32_t peer, const struct feed *feed)
{
    static uint8_t scratch[RIB_RECEIVED_SCRATCH];
    for (uint32_t i = 0; i < feed->set_count; i++) {
        const struct set *set = &feed->sets[i];
        struct rib_attributes attributes;
        read_set(set, scratch, &attributes);
        uint32_t kept = rib_attributes_take(rib, &attributes);
        for (uint32_t done = 0; done < set->count; done += RIB_BATCH_MAX) {
            uint32_t left = set->count - done;
            rib_learn_batch(rib, peer, &feed->routes[set->first + done],
                            left < RIB_BATCH_MAX ? left : RIB_BATCH_MAX, kept);
        }
        rib_attributes_give(rib, kept);
    }
}

static void withdraw_feed(struct rib *rib, uint32_t peer, const struct feed *feed)
{
    for (uint32_t done = 0; done < feed->route_count; done += RIB_BATCH_MAX) {
        uint32_t left = feed->route_count - done;
        rib_withdraw_batch(rib, peer, &feed->routes[done],
                           left < RIB_BATCH_MAX ? left : RIB_BATCH_MAX);
    }
}

static void say(const char *what, double taken_s, uint32_t count)
{
    printf("%-44s %8.1f ms %8.1f ns each\n", what, taken_s * 1e3,
           count > 0 ? taken_s * 1e9 / count : 0);
}

static void decode_alone(const struct feed *feed)
{
    static uint8_t scratch[RIB_RECEIVED_SCRATCH];
    struct rib_attributes attributes;
    double begun = seconds();
    for (uint32_t i = 0; i < feed->set_count; i++)
        read_set(&feed->sets[i], scratch, &attributes);
    say("decode the attributes (not the table's)", seconds() - begun, feed->route_count);
}

static void fill(struct rib *rib, const struct feed *feeds, uint32_t peers)
{
    for (uint32_t peer = 0; peer < peers; peer++) {
        char what[64];
        double before = resident_mib(), begun = seconds();
        learn_feed(rib, peer, &feeds[peer]);
        double taken = seconds() - begun, after = resident_mib();
        snprintf(what, sizeof what, "peer %u: %u routes, %u sets", peer, feeds[peer].route_count,
                 feeds[peer].set_count);
        say(what, taken, feeds[peer].route_count);
        printf("%-44s %8.2f MiB resident, %.2f by the table's count, %.1f bytes a route\n", "",
               after - before, (double)rib_bytes(rib) / (1 << 20),
               (after - before) * (1 << 20) / feeds[peer].route_count);
    }
}

static void read_back(struct rib *rib, const struct feed *feed)
{
    struct prefix prefix;
    uint32_t count = 0, held = 0;
    double begun = seconds();
    struct rib_walk *walk = rib_walk_new(rib_live(rib), RIB_NO_PEER, (struct prefix){0});
    while (rib_walk_next(walk, &prefix))
        count++;
    rib_walk_free(walk);
    say("walk over all prefixes in order", seconds() - begun, count);
    begun = seconds();
    for (uint32_t i = 0; i < feed->route_count; i += 13)
        held += rib_longest_match(rib, RIB_NO_PEER, feed->routes[i].prefix.address, &prefix);
    say("longest match", seconds() - begun, held);
    begun = seconds();
    for (uint32_t i = 0; i < feed->route_count; i += 13) {
        struct rib_choice choice;
        held += rib_best(rib, 0, feed->routes[i].prefix, &choice);
    }
    say("best path of a peer", seconds() - begun, feed->route_count / 13);
}

static void churn(struct rib *rib, const struct feed *feed, uint32_t cycles)
{
    double first = resident_mib(), begun = seconds();
    learn_feed(rib, 0, feed);
    say("the same again, nothing changes", seconds() - begun, feed->route_count);
    begun = seconds();
    const struct rib_view *snapshot = rib_snapshot_take(rib);
    say("take a snapshot", seconds() - begun, 1);
    begun = seconds();
    withdraw_feed(rib, 0, feed);
    say("withdraw all, a snapshot stands", seconds() - begun, feed->route_count);
    begun = seconds();
    learn_feed(rib, 0, feed);
    say("announce all again, a snapshot stands", seconds() - begun, feed->route_count);
    begun = seconds();
    rib_snapshot_free(rib, snapshot);
    while (rib_sweep(rib))
        ;
    say("free the snapshot", seconds() - begun, 1);
    for (uint32_t i = 0; i < cycles; i++) {
        begun = seconds();
        if (i % 2 == 0)
            withdraw_feed(rib, 0, feed);
        else
            rib_forget(rib, 0);
        while (rib_sweep(rib))
            ;
        double withdrawn = seconds();
        double low = resident_mib();
        double learning = seconds();
        learn_feed(rib, 0, feed);
        if (i < 2 || i == cycles - 1) {
            say(i % 2 == 0 ? "withdraw all" : "forget the peer and sweep", withdrawn - begun,
                feed->route_count);
            say("announce all again", seconds() - learning, feed->route_count);
            printf("%-44s %8.2f MiB empty, %.2f full, %.2f at first\n", "", low, resident_mib(),
                   first);
        }
    }
}

static int usage(const char *name)
{
    fprintf(stderr,
            "usage: %s TABLE.mrt [CYCLES]\n"
            "       %s --made PREFIXES [PEERS [CYCLES]]\n",
            name, name);
    return 2;
}

static uint32_t number(int count, char **words, int at, uint32_t fallback)
{
    return at < count ? (uint32_t)strtoul(words[at], NULL, 10) : fallback;
}

int main(int count, char **words)
{
    static struct feed feeds[PEERS_MAX];
    bool made = count > 1 && strcmp(words[1], "--made") == 0;
    if (count < (made ? 3 : 2))
        return usage(words[0]);
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    uint32_t peers = made ? number(count, words, 3, 2) : load(words[1], feeds);
    uint32_t cycles = number(count, words, made ? 4 : 2, 4);
    for (uint32_t peer = 0; made && peer < peers && peer < PEERS_MAX; peer++)
        make_up(&feeds[peer], peer, number(count, words, 2, 0));
    double before = resident_mib();
    struct rib *rib = rib_new((size_t)4 << 30, (struct siphash_key){(uint64_t)getpid(), 42});
    decode_alone(&feeds[0]);
    fill(rib, feeds, peers);
    printf("%-44s %8.2f MiB resident\n", "all peers", resident_mib() - before);
    if (cycles > 0) {
        read_back(rib, &feeds[0]);
        churn(rib, &feeds[0], cycles);
    }
    rib_free(rib);
    return 0;
}
