// SPDX-License-Identifier: ISC
#include "rib/sight.h"

#include "base/writer.h"
#include "rib/rib_check.h"

#include <string.h>

enum { PEER = 3, OURS = 64500 };

// Paths of one peer as AS paths ("": empty, "-": none, "*": our own echo, "{}": ends in a set), and
// what is seen of them.
static const struct {
    const char *name, *paths[3];
    const char *origins;  // that may; "": ours
    bool present, foreign;
    uint32_t neighbour, origin, foreign_origin;
} rows[] = {
    {"nothing", {"-"}, "", false, false, 0, 0, 0},
    {"our own, from inside", {""}, "", true, false, 0, OURS, 0},
    {"our own, from outside", {"64501 64500"}, "", true, false, 64501, OURS, 0},
    {"our own, with another peer in between",
     {"64501 64502 64500"},
     "",
     true,
     false,
     64501,
     OURS,
     0},
    {"somebody else's", {"64501 64666"}, "", true, true, 64501, 64666, 64666},
    {"somebody else's beside ours", {"", "64501 64666"}, "", true, true, 0, OURS, 64666},
    {"two of others", {"64501 64502 64666", "64501 64667"}, "", true, true, 64501, 64667, 64667},
    {"a customer's that may", {"64501 64666"}, "64666", true, false, 64501, 64666, 0},
    {"ours, which may not", {""}, "64666", true, true, 0, OURS, OURS},
    {"either may", {"64501 64666", ""}, "64666 64500", true, false, 0, OURS, 0},
    {"a set tells no origin", {"64501 {}"}, "", true, true, 64501, 0, 0},
    {"our own echo through others is seen by them",
     {"* 64501 64500"},
     "",
     true,
     false,
     64501,
     OURS,
     0},
    {"but it is not before another",
     {"* 64501 64500", "64502 64500"},
     "",
     true,
     false,
     64502,
     OURS,
     0},
    {"our own echo is nothing", {"*"}, "", false, false, 0, 0, 0},
    {"nor does it count beside", {"*", ""}, "", true, false, 0, OURS, 0},
};

static size_t write_path(const char *text, uint8_t *bytes)
{
    struct writer w = writer_over(bytes, 64);
    unsigned asn;
    text += text[0] == '*';
    for (int used; sscanf(text, "%u%n", &asn, &used) == 1; text += used) {
        writer_u8(&w, 2);
        writer_u8(&w, 1);
        writer_be32(&w, asn);
    }
    if (strchr(text, '{')) {
        writer_u8(&w, 1);
        writer_u8(&w, 1);
        writer_be32(&w, OURS);
    }
    return w.size;
}

static void fill(struct rib *rib, struct prefix prefix, const char *const *paths)
{
    for (uint32_t id = 0; id < 3 && paths[id] && paths[id][0] != '-'; id++) {
        uint8_t bytes[64];
        struct rib_attributes a = {.local_pref = 100, .marked = paths[id][0] == '*'};
        a.next_hop = check_address("10.0.1.1");
        a.next_hop.bytes[3] = (uint8_t)id;
        a.as_path = (struct bgp_bytes){bytes, write_path(paths[id], bytes)};
        check_learn(rib, PEER, prefix, id, &a);
    }
}

static struct net_own own_of(const char *text)
{
    struct net_own own = {0};
    for (int used; sscanf(text, "%u%n", &own.origins.items[own.origins.count], &used) == 1;
         text += used)
        own.origins.count++;
    return own;
}

static void sees_what_the_peer_tells(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"192.0.2.0/24", "2001:db8::/32"};
    const struct net net = {.asn = OURS};
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        const char *name = rows[i / 2].name;
        struct rib *rib = rib_new(1 << 20, (struct siphash_key){1, 2});
        struct prefix prefix = check_prefix(prefixes[i % 2]);
        struct net_own own = own_of(rows[i / 2].origins);
        fill(rib, prefix, rows[i / 2].paths);
        struct rib_sight sight = rib_sight(rib, &net, PEER, prefix, &own);
        CHECK_ROW(name, sight.present == rows[i / 2].present);
        CHECK_ROW(name, sight.foreign == rows[i / 2].foreign);
        CHECK_ROW(name, sight.neighbour == rows[i / 2].neighbour);
        CHECK_ROW(name, sight.origin == rows[i / 2].origin);
        CHECK_ROW(name, sight.foreign_origin == rows[i / 2].foreign_origin);
        struct rib_sight other = rib_sight(rib, &net, PEER - 1, prefix, &own);
        CHECK_ROW(name, !other.present && rib_sight_equal(&sight, &other) == !sight.present);
        rib_free(rib);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sees_what_the_peer_tells)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
