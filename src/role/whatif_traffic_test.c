// SPDX-License-Identifier: ISC
// How much would come to which way, in both families: of a small table, and what is known of
// traffic, in Mbit/s.
#include "role/whatif_traffic.h"

#include "base/check.h"
#include "rib/rib_check.h"

#include <stdio.h>
#include <string.h>

// BESIDE: a next hop of edge1 that no upstream has.
enum { A, B, C, UPSTREAMS, BESIDE = UPSTREAMS, WAYS, PREFIXES = 4, MBIT = 1000 * 1000 };
enum { NO = -1 };

static struct address hop(uint32_t upstream, enum family family)
{
    struct address address = check_address(family == FAMILY_IPV4 ? "10.0.0.0" : "2001:db8:a::");
    address.bytes[family == FAMILY_IPV4 ? 3 : 15] = (uint8_t)(upstream + 1);
    return address;
}

static struct prefix prefix_number(uint32_t n, enum family family)
{
    struct prefix prefix =
        check_prefix(family == FAMILY_IPV4 ? "203.0.112.0/24" : "2001:db8:f::/48");
    prefix.address.bytes[family == FAMILY_IPV4 ? 2 : 5] += (uint8_t)n;
    return prefix;
}

// Edge1 has A, edge2 has B and C.
static void make_net(struct net *net)
{
    *net = (struct net){.asn = 64500, .router_count = 2, .upstream_count = UPSTREAMS};
    for (uint32_t r = 0; r < net->router_count; r++)
        snprintf(net->routers[r].name, NET_NAME_MAX, "edge%u", r + 1);
    for (uint32_t u = 0; u < UPSTREAMS; u++) {
        snprintf(net->upstreams[u].name, NET_NAME_MAX, "%c", (char)('a' + u));
        net->upstreams[u].router = u == A ? 0 : 1;
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
            net->upstreams[u].next_hop[f] = hop(u, f);
    }
}

static void learn(struct rib *rib, uint32_t way, struct prefix prefix, uint32_t local_pref)
{
    static const uint8_t path[] = {2, 1, 0, 0, 0xfd, 0xe8};
    const struct rib_attributes a = {.local_pref = local_pref,
                                     .has_local_pref = true,
                                     .next_hop = hop(way, prefix.address.family),
                                     .as_path = {path, sizeof path}};
    check_learn(rib, way == A || way == BESIDE ? 0 : 1, prefix, way, &a);
}

static const struct row {
    const char *name;
    // Of each prefix: LOCAL_PREF by each way (0: no path), and what goes to it (-1: not told).
    struct {
        uint32_t pref[WAYS];
        int told;
    } prefixes[PREFIXES];
    int capacity[UPSTREAMS], use[UPSTREAMS];
    struct whatif_drain drain;
    // Of B and C: told, untold, gains, after, over, fits; then what leaves, no way, lost.
    const char *says;
} rows[] = {
    {"one way takes all",
     {{{200, 100, 0}, 300}, {{200, 100, 0}, NO}},
     {1000, 1000, 1000},
     {500, 100, 0},
     {.upstreams = 1 << A},
     "b 300 200 500 600 0 yes\nc 0 0 0 0 0 yes\n500, 0, 0"},
    {"too much for its headroom",
     {{{200, 100, 0}, 300}},
     {1000, 1000, 1000},
     {500, 350, 0},
     {.upstreams = 1 << A},
     "b 300 200 500 850 0 no\nc 0 0 0 0 0 yes\n500, 0, 0"},
    {"too much for its capacity",
     {{{200, 100, 0}, 300}},
     {1000, 1000, 1000},
     {500, 900, 0},
     {.upstreams = 1 << A},
     "b 300 200 500 1400 400 no\nc 0 0 0 0 0 yes\n500, 0, 400"},
    {"the rest may go to either",
     {{{200, 100, 0}, 300}, {{200, 0, 100}, 100}},
     {1000, 1000, 1000},
     {500, 450, 100},
     {.upstreams = 1 << A},
     "b 300 0-100 300-400 750-850 0 ?\nc 100 0-100 100-200 200-300 0 yes\n500, 0, 0"},
    {"nothing is told by prefix",
     {{{200, 100, 0}, NO}, {{200, 0, 100}, NO}},
     {1000, 1000, 1000},
     {500, 600, 250},
     {.upstreams = 1 << A},
     "b 0 0-500 0-500 600-1100 0-100 ?\nc 0 0-500 0-500 250-750 0 yes\n500, 0, 0-100"},
    {"flows say more than counters",
     {{{200, 100, 0}, 600}},
     {1000, 1000, 1000},
     {500, 0, 0},
     {.upstreams = 1 << A},
     "b 600 0 600 600 0 yes\nc 0 0 0 0 0 yes\n600, 0, 0"},
    {"what leaves is not counted",
     {{{200, 100, 0}, 300}},
     {1000, 1000, 1000},
     {NO, 100, 0},
     {.upstreams = 1 << A},
     "b 300 0-? 300-? 400-? 0-? ?\nc 0 0 0 0 0 yes\n300-?, 0, 0-?"},
    {"nor this, but it is too much already",
     {{{200, 100, 0}, 300}},
     {1000, 1000, 1000},
     {NO, 800, 0},
     {.upstreams = 1 << A},
     "b 300 0-? 300-? 1100-? 100-? no\nc 0 0 0 0 0 yes\n300-?, 0, 100-?"},
    {"capacity unknown",
     {{{200, 100, 0}, 300}},
     {1000, 0, 1000},
     {300, 100, 0},
     {.upstreams = 1 << A},
     "b 300 0 300 400 - ?\nc 0 0 0 0 0 yes\n300, 0, 0-300"},
    {"use unknown",
     {{{200, 100, 0}, 300}},
     {1000, 1000, 1000},
     {300, NO, NO},
     {.upstreams = 1 << A},
     "b 300 0 300 - - ?\nc 0 0 0 - - ?\n300, 0, 0-300"},
    {"no way is left",
     {{{200, 100, 0}, 300}, {{200, 0, 0}, 50}},
     {1000, 1000, 1000},
     {400, 100, 0},
     {.upstreams = 1 << A},
     "b 300 0-50 300-350 400-450 0 yes\nc 0 0 0 0 0 yes\n400, 50-100, 50-100"},
    {"none is left for anything",
     {{{200, 0, 0}, 50}},
     {1000, 1000, 1000},
     {400, 100, 0},
     {.upstreams = 1 << A},
     "b 0 0 0 100 0 yes\nc 0 0 0 0 0 yes\n400, 400, 400"},
    {"each router leaves by its own: how much by which nobody knows",
     {{{100, 100, 0}, 300}},
     {1000, 1000, 1000},
     {200, 100, 0},
     {.upstreams = 1 << A},
     "b 0-300 200 200 300 0 yes\nc 0 0 0 0 0 yes\n200, 0, 0"},
    {"two ways take it",
     {{{200, 100, 0, 100}, 300}},
     {1000, 1000, 1000},
     {300, 100, 0},
     {.upstreams = 1 << A},
     "b 0-300 0 0-300 100-400 0 yes\nc 0 0 0 0 0 yes\nbeside edge1 0-300 0 0-300 - - ?\n"
     "300, 0, 0-300"},
    {"it uses another anyway",
     {{{100, 200, 100}, 300}, {{200, 100, 0}, 10}},
     {1000, 1000, 1000},
     {10, 400, 0},
     {.upstreams = 1 << A},
     "b 10 0 10 410 0 yes\nc 0 0 0 0 0 yes\n10, 0, 0"},
    {"a router: what came in there comes in elsewhere, and leaves by what that has",
     {{{200, 100, 0}, 300}, {{100, 100, 0}, 50}},
     {1000, 1000, 1000},
     {500, 100, 0},
     {.routers = 1 << 0},
     "b 300-350 0-200 300-500 400-600 0 yes\nc 0 0-200 0-200 0-200 0 yes\n500, 0, 0"},
    {"a router: what left it beside its upstreams no counter has",
     {{{200, 100, 0}, 300}, {{0, 100, 0, 200}, 100}},
     {1000, 1000, 1000},
     {500, 100, 0},
     {.routers = 1 << 0},
     "b 400 0-200 400-600 500-700 0 yes\nc 0 0-200 0-200 0-200 0 yes\n600, 0, 0"},
    {"a router: some of it may have",
     {{{200, 100, 0}, 300}, {{0, 100, 0, 100}, 50}},
     {1000, 1000, 1000},
     {500, 100, 0},
     {.routers = 1 << 0},
     "b 300-350 0-250 300-550 400-650 0 yes\nc 0 0-250 0-250 0-250 0 yes\n500-550, 0, 0"},
    {"a router whose upstream nobody counts",
     {{{0, 100, 0, 200}, 100}},
     {1000, 1000, 1000},
     {NO, 100, 0},
     {.routers = 1 << 0},
     "b 100 0-? 100-? 200-? 0-? ?\nc 0 0-? 0-? 0-? 0-? ?\n100-?, 0, 0-?"},
    {"both routers: as much of it beside as nobody knows",
     {{{0, 100, 0, 100}, 300}},
     {1000, 1000, 1000},
     {0, 200, 0},
     {.routers = 3},
     "300-500, 300-500, 300-500"},
    {"what is too much already no drain loses",
     {{{200, 100, 0}, 300}, {{200, 0, 100}, NO}},
     {1000, 1000, 1000},
     {500, 1100, 100},
     {.upstreams = 1 << A},
     "b 300 0-200 300-500 1400-1600 300-500 no\nc 0 0-200 0-200 100-300 0 yes\n500, 0, 300-500"},
    {"two of three",
     {{{0, 200, 100}, 300}, {{200, 100, 50}, 100}},
     {1000, 1000, 300},
     {100, 400, 50},
     {.upstreams = 1 << A | 1 << B},
     "c 400 100 500 550 250 no\n500, 0, 250"},
};

static struct traffic make_traffic(const struct row *row, enum family family)
{
    struct traffic t = {0};
    for (uint32_t u = 0; u < UPSTREAMS; u++) {
        int64_t capacity = row->capacity[u] ? row->capacity[u] * (int64_t)MBIT : -1;
        t.upstreams[u] = (struct traffic_upstream){
            .capacity_bps = capacity,
            .limit_bps = capacity < 0 ? -1 : capacity / 100 * 80,
            .use_bps = row->use[u] < 0 ? -1 : row->use[u] * (int64_t)MBIT,
        };
    }
    for (uint32_t n = 0; n < PREFIXES; n++)
        if (row->prefixes[n].pref[A] + row->prefixes[n].pref[B] > 0 && row->prefixes[n].told >= 0)
            t.items[t.count++] = (struct traffic_item){prefix_number(n, family),
                                                       row->prefixes[n].told * (int64_t)MBIT};
    // Of no path, and not to be asked of anything.
    t.items[t.count++] = (struct traffic_item){prefix_number(99, family), 7ll * MBIT};
    return t;
}

static void say_span(const json_t *span, char *text)
{
    const json_t *most = json_object_get(span, "most");
    int least = (int)(json_integer_value(json_object_get(span, "least")) / MBIT);
    if (!json_is_object(span))
        strcat(text, "-");
    else if (json_is_null(most))
        sprintf(text + strlen(text), "%d-?", least);
    else if (json_integer_value(most) / MBIT == least)
        sprintf(text + strlen(text), "%d", least);
    else
        sprintf(text + strlen(text), "%d-%d", least, (int)(json_integer_value(most) / MBIT));
}

static void say_way(json_t *way, enum family family, char *text)
{
    const char *const spans[] = {family_name(family), "untold", "gains", "after", "over"};
    const json_t *fits = json_object_get(way, "fits");
    const json_t *other = json_object_get(way, family == FAMILY_IPV4 ? "ipv6" : "ipv4");
    if (json_is_false(json_object_get(way, "drained"))) {
        assert_int_equal(json_integer_value(json_object_get(other, "most")), 0);
        strcat(text, json_string_value(json_object_get(way, "way")));
        for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
            strcat(text, " ");
            say_span(json_object_get(way, spans[i]), text);
        }
        strcat(text, json_is_true(fits) ? " yes\n" : json_is_false(fits) ? " no\n" : " ?\n");
    }
    json_decref(way);
}

static void say_sum(json_t *sum, char *text)
{
    say_span(json_object_get(sum, "leaves"), text);
    strcat(text, ", ");
    say_span(json_object_get(sum, "no_way"), text);
    strcat(text, ", ");
    say_span(json_object_get(sum, "lost"), text);
    json_decref(sum);
}

static void tell(const struct row *row, enum family family, char *text)
{
    static struct whatif_traffic t;
    static struct net net;
    uint32_t routers_of[RIB_PEERS_MAX];
    struct traffic traffic = make_traffic(row, family);
    make_net(&net);
    struct rib *rib = rib_new(64 << 20, (struct siphash_key){1, 2});
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++)
        routers_of[peer] = peer < net.router_count ? peer : NET_NOBODY;
    for (uint32_t n = 0; n < PREFIXES; n++)
        for (uint32_t u = 0; u < WAYS; u++)
            if (row->prefixes[n].pref[u])
                learn(rib, u, prefix_number(n, family), row->prefixes[n].pref[u]);
    struct whatif *w =
        whatif_new(rib_live(rib), &net, routers_of, row->drain, (struct whatif_tell){NULL, NULL});
    whatif_traffic_init(&t, &net, &traffic, row->drain);
    while (whatif_step(w) || whatif_traffic_step(&t, w))
        continue;
    whatif_traffic_end(&t, w);
    text[0] = '\0';
    for (uint32_t way = 0; way < WHATIF_WAYS; way++) {
        json_t *json = whatif_traffic_way(&t, way);
        if (json)
            say_way(json, family, text);
    }
    say_sum(whatif_traffic_sum(&t), text);
    whatif_free(w);
    rib_free(rib);
}

static void says_how_much_comes_to_each_way(void **state)
{
    (void)state;
    char text[512];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            tell(&rows[i], family, text);
            if (strcmp(text, rows[i].says) != 0)
                fail_msg("%s, %s:\n%s\ninstead of\n%s", rows[i].name, family_name(family), text,
                         rows[i].says);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_how_much_comes_to_each_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
