// SPDX-License-Identifier: ISC
// What a permit holds, how long it holds, and that no sequence of requests gets one too many.
#include "base/random.h"
#include "rib/best.h"
#include "steer/gate_check.h"

#include <string.h>

static void unlearn(struct site *site, uint32_t router, uint32_t path_id)
{
    rib_withdraw(site->rib, router, site->request.prefix, path_id);
}

// What may be said is the learned path, to the byte, and our marks: S2 and S3.
static void permits_only_a_copy(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"20.1.0.0/16", "2a10:1::/32"};
    for (size_t i = 0; i < 2; i++) {
        struct site site = site_new(prefixes[i]);
        struct permit permit;
        char why[GATE_WHY_MAX];
        assert_int_equal(ask(&site, &permit, why), GATE_PERMITTED);
        enum family family = check_prefix(prefixes[i]).address.family;
        assert_true(permit.router == EDGE1 && permit.upstream == TRANSIT_B);
        assert_true(prefix_equal(permit.prefix, check_prefix(prefixes[i])));
        assert_true(address_equal(permit.next_hop, site.net.upstreams[TRANSIT_B].next_hop[family]));
        assert_true(permit.origin == 2 && permit.as_path_size == sizeof path_b);
        assert_memory_equal(permit.as_path, path_b, sizeof path_b);
        assert_true(permit.no_export && permit.local_pref == 500);
        assert_true(permit.marker.global == 64500 && permit.marker.local1 == 666);
        assert_true(permit.marker.local2 == 1);
        site_free(&site);
    }
}

// The router that owns the upstream knows its path best.
static void copies_from_the_owner_of_the_upstream(void **state)
{
    (void)state;
    struct site site = site_new("20.1.0.0/16");
    struct rib_attributes second_hand = via(&site.net, TRANSIT_B, FAMILY_IPV4);
    second_hand.as_path.size = 6;
    check_learn(site.rib, EDGE1, site.request.prefix, 7, &second_hand);
    for (int order = 0; order < 2; order++) {
        struct permit permit;
        char why[GATE_WHY_MAX];
        assert_int_equal(ask(&site, &permit, why), GATE_PERMITTED);
        assert_int_equal(permit.as_path_size, sizeof path_b);
        unlearn(&site, EDGE2, TRANSIT_B);  // now it stands behind the other
        learn(&site, EDGE2, "20.1.0.0/16", TRANSIT_B);
    }
    site_free(&site);
}

static void nothing(struct site *s)
{
    (void)s;
}

static void path_lost(struct site *s)
{
    unlearn(s, EDGE2, TRANSIT_B);
}

static void prefix_lost(struct site *s)
{
    unlearn(s, EDGE1, TRANSIT_A);
}

static void forgotten(struct site *s)
{
    rib_forget(s->rib, EDGE1);
}

static void session_down(struct site *s)
{
    s->gate.sessions[EDGE1] = (struct gate_session){0};
}

static void other_incomplete(struct site *s)
{
    s->gate.sessions[EDGE2].complete = false;
}

static void limits_lowered(struct site *s)
{
    s->net.guard = (struct net_guard){0};
}

// S1 and S2 hold at every moment; the other limits ask only at the door.
static void what_stands_falls_with_its_path(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct site *s);
        enum gate_answer answer;
    } standing[] = {
        {"all is well", nothing, GATE_PERMITTED},
        {"path lost", path_lost, GATE_S2_NO_PATH},
        {"prefix lost", prefix_lost, GATE_S1_NOT_LEARNED},
        {"router forgotten", forgotten, GATE_S1_NOT_LEARNED},
        {"session down", session_down, GATE_S1_NOT_LEARNED},
        {"another table arriving", other_incomplete, GATE_PERMITTED},
        {"limits lowered", limits_lowered, GATE_PERMITTED},
    };
    for (size_t i = 0; i < sizeof standing / sizeof standing[0]; i++) {
        struct site site = site_new("20.1.0.0/16");
        struct permit permit, now;
        char why[GATE_WHY_MAX] = "";
        CHECK_ROW(standing[i].name, ask(&site, &permit, why) == GATE_PERMITTED);
        standing[i].spoil(&site);
        ledger_put(site.ledger, &permit);
        CHECK_ROW(standing[i].name,
                  gate_stand(&site.gate, &permit, &now, why) == standing[i].answer);
        CHECK_ROW(standing[i].name,
                  standing[i].answer != GATE_PERMITTED || permit_equal(&permit, &now));
        site_free(&site);
    }
}

static void what_stands_follows_its_path(void **state)
{
    (void)state;
    struct site site = site_new("20.1.0.0/16");
    struct permit permit, now;
    char why[GATE_WHY_MAX];
    assert_int_equal(ask(&site, &permit, why), GATE_PERMITTED);
    ledger_put(site.ledger, &permit);
    struct rib_attributes shorter = via(&site.net, TRANSIT_B, FAMILY_IPV4);
    shorter.as_path.size = 6;
    check_learn(site.rib, EDGE2, site.request.prefix, TRANSIT_B, &shorter);
    assert_int_equal(gate_stand(&site.gate, &permit, &now, why), GATE_PERMITTED);
    assert_false(permit_equal(&permit, &now));
    assert_int_equal(now.as_path_size, 6);
    site_free(&site);
}

static bool is_copy(const struct site *site, const struct rib_path *path,
                    const struct permit *permit)
{
    struct rib_attributes a = rib_attributes(site->rib, path->attributes);
    return address_equal(a.next_hop, permit->next_hop) && a.as_path.size == permit->as_path_size &&
           memcmp(a.as_path.bytes, permit->as_path, permit->as_path_size) == 0;
}

// Random requests against random tables: whatever is permitted was learned there exactly as it is
// said, and the limits hold, however often one asks.
static void never_permits_what_was_not_learned(void **state)
{
    (void)state;
    struct site site = site_new("20.1.0.0/16");
    struct random random = {7};
    uint32_t permitted = 0;
    for (int step = 0; step < 20000; step++) {
        uint64_t r = random_u64(&random);
        uint8_t bytes[4] = {20, (uint8_t)(r & 3), 0, 0};
        struct prefix p = prefix_of(address_from_bytes(FAMILY_IPV4, bytes), 14 + (r >> 8 & 3));
        uint32_t router = r >> 16 & 1, upstream = r >> 17 & 1;
        struct rib_attributes a = via(&site.net, upstream, FAMILY_IPV4);
        if (r >> 20 & 1)
            check_learn(site.rib, router, p, upstream, &a);
        else
            rib_withdraw(site.rib, router, p, upstream);

        struct permit permit;
        char why[GATE_WHY_MAX];
        site.request =
            (struct gate_request){.router = r >> 21 & 1, .upstream = r >> 22 & 1, .prefix = p};
        if (ask(&site, &permit, why) != GATE_PERMITTED)
            continue;
        permitted++;
        ledger_put(site.ledger, &permit);
        assert_true(ledger_count(site.ledger, PERMIT_OVERRIDE, permit.router, FAMILY_NONE) <= 3);
        assert_true(ledger_count(site.ledger, PERMIT_OVERRIDE, NET_NOBODY, FAMILY_IPV4) <= 4);
        struct rib_choice best;
        assert_true(rib_best(site.rib, permit.router, p, &best));
        struct rib_path path;
        bool found = false;
        for (struct rib_paths paths = rib_paths(site.rib, p); rib_paths_next(&paths, &path);)
            found |= is_copy(&site, &path, &permit);
        assert_true(found);
        if (r >> 30 & 1)
            ledger_strike(site.ledger,
                          &site.ledger->standings[r >> 32 & 1 ? site.ledger->count - 1 : 0]);
    }
    assert_true(permitted > 1000);
    site_free(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permits_only_a_copy),
        cmocka_unit_test(copies_from_the_owner_of_the_upstream),
        cmocka_unit_test(what_stands_falls_with_its_path),
        cmocka_unit_test(what_stands_follows_its_path),
        cmocka_unit_test(never_permits_what_was_not_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
