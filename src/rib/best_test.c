// SPDX-License-Identifier: ISC
#include "rib/best.h"

#include "rib/rib_check.h"

#include <string.h>

// Each row: paths as "local_pref as_path(hex) origin med originator clusters peer", the path_id
// being the place, which one wins, and why. They are tried in every order.
struct row_path {
    uint32_t local_pref;
    const char *as_path;
    uint8_t origin;
    uint32_t med, originator_id;
    uint16_t clusters;
    uint32_t peer;
};

enum { PATHS = 3, PEERS = 5 };

#define AS1 "0201 0000fde9"
#define AS2 "0201 0000fdea"
#define AS1_AS3 "0202 0000fde9 0000fe4c"
#define AS1_SET "0201 0000fde9 0102 0000fe4c 0000fe4d"
#define CONFED_AS1 "0302 0000fe4c 0000fe4d 0201 0000fde9"
#define SET_ONLY "0102 0000fde9 0000fdea"

// Peers 0 to 2 are alike but for what they are called; 3 and 4 speak eBGP.
static const struct rib_speaker speakers[PEERS] = {
    {{FAMILY_IPV4, {10, 0, 0, 1}}, 0x0a000001, false},
    {{FAMILY_IPV4, {10, 0, 0, 2}}, 0x0a000002, false},
    {{FAMILY_IPV4, {10, 0, 0, 3}}, 0x0a000001, false},
    {{FAMILY_IPV4, {192, 0, 2, 1}}, 0xc0000201, true},
    {{FAMILY_IPV6, {0x20, 1, 0xd, 0xb8}}, 0xc0000201, true},
};

static const struct {
    const char *name, *why;
    size_t best, count;
    struct row_path paths[PATHS];
} rows[] = {
    {"only one", "the only path", 0, 1, {{100, AS1, 0, 0, 0, 0, 0}}},
    {"local preference before length",
     "higher local preference: 101 against 100",
     1,
     2,
     {{100, AS1, 0, 0, 0, 0, 0}, {101, AS1_AS3, 2, 9, 9, 4, 0}}},
    {"the highest preference there is",
     "higher local preference: 4294967295 against 0",
     1,
     2,
     {{0, AS1, 0, 0, 0, 0, 0}, {UINT32_MAX, AS1, 0, 0, 0, 0, 0}}},
    {"shorter path",
     "shorter AS path: 1 against 2",
     1,
     2,
     {{100, AS1_AS3, 0, 0, 0, 0, 0}, {100, AS1, 2, 9, 9, 4, 0}}},
    {"empty path is shortest",
     "shorter AS path: 0 against 1",
     1,
     2,
     {{100, AS1, 0, 0, 0, 0, 0}, {100, "", 0, 0, 0, 0, 0}}},
    {"a set counts one",
     "lower router identifier: 0.0.0.1 against 0.0.0.2",
     0,
     2,
     {{100, AS1_SET, 0, 0, 1, 0, 0}, {100, AS1_AS3, 0, 0, 2, 0, 0}}},
    {"confederation counts none",
     "shorter AS path: 1 against 2",
     0,
     2,
     {{100, CONFED_AS1, 0, 0, 0, 0, 0}, {100, AS1_AS3, 0, 0, 0, 0, 0}}},
    {"lower origin",
     "lower origin: igp against egp",
     1,
     2,
     {{100, AS1, 1, 0, 0, 0, 0}, {100, AS1, 0, 9, 9, 4, 0}}},
    {"incomplete is last",
     "lower origin: egp against incomplete",
     0,
     2,
     {{100, AS1, 1, 0, 0, 0, 0}, {100, AS1, 2, 0, 0, 0, 0}}},
    {"lower MED of one neighbour",
     "lower MED of one neighbour AS: 4 against 5",
     1,
     2,
     {{100, AS1, 0, 5, 0, 0, 0}, {100, AS1, 0, 4, 9, 4, 0}}},
    {"MED of two neighbours says nothing",
     "lower router identifier: 0.0.0.1 against 0.0.0.9",
     0,
     2,
     {{100, AS1, 0, 5, 1, 0, 0}, {100, AS2, 0, 4, 9, 0, 0}}},
    {"MED of two sets says what it says of one neighbour",
     "lower MED of one neighbour AS: 4 against 5",
     1,
     2,
     {{100, SET_ONLY, 0, 5, 1, 0, 0}, {100, SET_ONLY, 0, 4, 9, 0, 0}}},
    {"neighbour behind a confederation",
     "lower MED of one neighbour AS: 4 against 5",
     1,
     2,
     {{100, CONFED_AS1, 0, 5, 0, 0, 0}, {100, AS1, 0, 4, 9, 0, 0}}},
    {"MED takes out, then the id decides",
     "lower router identifier: 0.0.0.2 against 0.0.0.9",
     2,
     3,
     {{100, AS1, 0, 5, 1, 0, 0}, {100, AS1, 0, 4, 9, 0, 0}, {100, AS2, 0, 7, 2, 0, 0}}},
    {"learned from outside before inside",
     "learned from outside: eBGP against iBGP",
     1,
     2,
     {{100, AS1, 0, 0, 0, 0, 0}, {100, AS2, 0, 0, 0, 3, 3}}},
    {"MED before outside",
     "lower MED of one neighbour AS: 4 against 5",
     0,
     2,
     {{100, AS1, 0, 4, 0, 0, 0}, {100, AS1, 0, 5, 0, 0, 3}}},
    {"lower originator",
     "lower router identifier: 0.0.0.1 against 0.0.0.2",
     1,
     2,
     {{100, AS1, 0, 0, 2, 0, 0}, {100, AS2, 0, 0, 1, 4, 0}}},
    {"identifier of the speaker where none is said",
     "lower router identifier: 10.0.0.1 against 10.0.0.2",
     0,
     2,
     {{100, AS1, 0, 0, 0, 0, 0}, {100, AS2, 0, 0, 0, 0, 1}}},
    {"originator instead of the speaker's",
     "lower router identifier: 0.0.0.9 against 10.0.0.1",
     1,
     2,
     {{100, AS1, 0, 0, 0, 0, 0}, {100, AS2, 0, 0, 9, 0, 1}}},
    {"shorter cluster list",
     "shorter cluster list: 1 against 2",
     1,
     2,
     {{100, AS1, 0, 0, 1, 2, 0}, {100, AS2, 0, 0, 1, 1, 0}}},
    {"lower address of the speaker",
     "lower peer address: 10.0.0.1 against 10.0.0.3",
     0,
     2,
     {{100, AS1, 0, 0, 0, 0, 0}, {100, AS2, 0, 0, 0, 0, 2}}},
    {"IPv6 speaker",
     "lower peer address: 2001:db8:: against 192.0.2.1",
     1,
     2,
     {{100, AS1, 0, 0, 0, 0, 3}, {100, AS2, 0, 0, 0, 0, 4}}},
    {"lower path identifier",
     "lower path identifier: 0 against 1",
     0,
     2,
     {{100, AS1, 0, 0, 1, 1, 0}, {100, AS2, 0, 0, 1, 1, 0}}},
    {"of three the last that was left counts",
     "shorter AS path: 1 against 2",
     1,
     3,
     {{99, "", 0, 0, 0, 0, 0}, {100, AS1, 0, 0, 0, 0, 0}, {100, AS1_AS3, 0, 0, 0, 0, 0}}},
};

static uint32_t keep(struct rib *rib, const struct row_path *p)
{
    static const uint8_t clusters[16];
    uint8_t as_path[32];
    size_t size = check_hex(p->as_path, as_path);
    return rib_attributes_take(rib,
                               &(struct rib_attributes){.local_pref = p->local_pref,
                                                        .has_local_pref = true,
                                                        .origin = p->origin,
                                                        .med = p->med,
                                                        .originator_id = p->originator_id,
                                                        .cluster_list = {clusters, p->clusters * 4},
                                                        .as_path = {as_path, size}});
}

static struct rib *new_rib(void)
{
    struct rib *rib = rib_new(1 << 20, (struct siphash_key){1, 0});
    for (uint32_t peer = 0; peer < PEERS; peer++)
        rib_peer_describe(rib, peer, &speakers[peer]);
    return rib;
}

static void prefers_as_the_rfc_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rib *rib = new_rib();
        const struct rib_view *view = rib_live(rib);
        struct rib_path paths[PATHS], turned[PATHS];
        size_t count = rows[i].count;
        for (size_t at = 0; at < count; at++) {
            const struct row_path *p = &rows[i].paths[at];
            paths[at] = (struct rib_path){p->peer, (uint32_t)at, keep(rib, p)};
        }
        for (size_t turn = 0; turn < 2 * count; turn++) {
            for (size_t at = 0; at < count; at++)
                turned[(turn < count ? at : 2 * count - 1 - at) % count] =
                    paths[(at + turn) % count];
            char text[RIB_CHOICE_TEXT_MAX];
            struct rib_choice choice = rib_best_of(view, turned, count);
            CHECK_ROW(rows[i].name, choice.path.path_id == rows[i].best);
            if (strcmp(rib_choice_text(view, &choice, text), rows[i].why) != 0)
                fail_msg("row '%s': '%s'", rows[i].name, text);
        }
        for (size_t at = 0; at < count; at++)  // what is best for one router nobody beats
            CHECK_ROW(rows[i].name, !rib_path_beats(view, &paths[at], &paths[rows[i].best]));
        rib_free(rib);
    }
}

static void of_two_peers_alike_the_first(void **state)
{
    (void)state;
    struct rib *rib = rib_new(1 << 20, (struct siphash_key){1, 0});
    uint32_t set = keep(rib, &(struct row_path){100, AS1, 0, 0, 0, 0, 0});
    struct rib_path paths[] = {{7, 0, set}, {2, 0, set}};
    char text[RIB_CHOICE_TEXT_MAX];
    struct rib_choice choice = rib_best_of(rib_live(rib), paths, 2);
    assert_true(choice.path.peer == 2 && choice.second.peer == 7);
    assert_string_equal(rib_choice_text(rib_live(rib), &choice, text), "first peer: 2 against 7");
    rib_free(rib);
}

static void a_peers_own_choice(void **state)
{
    (void)state;
    struct rib *rib = new_rib();
    struct prefix prefix = check_prefix("2001:db8:f::/48");
    struct rib_choice choice;
    assert_false(rib_best(rib, 0, prefix, &choice));
    struct rib_attributes a = {.local_pref = 300, .has_local_pref = true, .marked = true};
    check_learn(rib, 0, prefix, 1, &a);
    assert_false(rib_best(rib, 0, prefix, &choice));  // an echo of ours is none
    a.marked = false;
    a.local_pref = 100;
    check_learn(rib, 0, prefix, 2, &a);
    a.local_pref = 200;
    check_learn(rib, 1, prefix, 3, &a);  // nor is another peer's
    assert_true(rib_best(rib, 0, prefix, &choice));
    assert_true(choice.path.path_id == 2 && choice.step == RIB_STEP_ONLY);
    rib_free(rib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefers_as_the_rfc_says),
        cmocka_unit_test(of_two_peers_alike_the_first),
        cmocka_unit_test(a_peers_own_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
