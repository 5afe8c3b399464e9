// SPDX-License-Identifier: ISC
// Virtual time: seconds of counts in, notices out.
#include "detect/passive.h"

#include "base/check.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>

enum { UPSTREAMS = 3, LEARN_S = 300 };

struct fixture {
    struct net net;
    struct passive *passive;
    struct random random;
    int64_t now_ms;
    struct notice last;
    uint32_t raised, cleared, moments;
};

static struct fixture *fixture_new(void)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->net.router_count = 1;
    f->net.upstream_count = UPSTREAMS;
    f->net.counters.failed_normal_ppm = 1000;
    f->net.detect.false_acts_mpy = 100;
    for (uint32_t u = 0; u < UPSTREAMS; u++) {
        snprintf(f->net.upstreams[u].name, NET_NAME_MAX, "transit-%c", 'a' + (int)u);
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            f->net.upstreams[u].next_hop[family].family = family;
    }
    f->passive = passive_new(&f->net);
    f->now_ms = 1000000;
    return f;
}

static void fixture_free(struct fixture *f)
{
    passive_free(f->passive);
    free(f);
}

static struct mono now(const struct fixture *f)
{
    return (struct mono){f->now_ms * NS_PER_MS};
}

static void tick(struct fixture *f)
{
    struct notice notice;
    while (passive_tick(f->passive, now(f), &notice)) {
        f->last = notice;
        bool stands = notice_rules[notice.kind].stands;
        f->raised += stands && notice.raised;
        f->cleared += stands && !notice.raised;
        f->moments += !stands;
    }
}

static void take(struct fixture *f, struct count count)
{
    count.rate_ppm = count.rate_ppm ? count.rate_ppm : COUNT_RATE_ALL;
    assert_true(passive_take(f->passive, &count, now(f)));
}

static struct count of(uint32_t upstream, enum family family, uint64_t attempts, uint64_t failed)
{
    return (struct count){.upstream = upstream,
                          .family = family,
                          .attempts = attempts,
                          .failed = failed,
                          .rate_ppm = COUNT_RATE_ALL};
}

static uint64_t drawn(struct fixture *f, uint64_t attempts, double rate)
{
    uint64_t failed = 0;
    for (uint64_t i = 0; i < attempts; i++)
        failed += random_unit(&f->random) < rate;
    return failed;
}

// Seconds of `attempts` through every upstream in every family; `bad` only where it is said.
struct weather {
    uint32_t seconds, attempts;
    double usual, bad;
    uint32_t upstream;   // NET_NOBODY: all
    enum family family;  // FAMILY_NONE: both
};

static void blow(struct fixture *f, struct weather w)
{
    for (uint32_t s = 0; s < w.seconds; s++) {
        for (uint32_t u = 0; u < UPSTREAMS; u++)
            for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
                bool is_bad = (w.upstream == NET_NOBODY || w.upstream == u) &&
                              (w.family == FAMILY_NONE || w.family == family);
                double rate = is_bad ? w.bad : w.usual;
                take(f, of(u, family, w.attempts, drawn(f, w.attempts, rate)));
            }
        for (int i = 0; i < 4; i++) {
            f->now_ms += 250;
            tick(f);
        }
    }
}

static void calm(struct fixture *f, uint32_t seconds)
{
    blow(f, (struct weather){seconds, 200, 0.0005, 0.0005, NET_NOBODY, FAMILY_NONE});
}

static void says_where_more_fails_than_usual(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct fixture *f = fixture_new();
        calm(f, LEARN_S);
        assert_int_equal(f->raised, 0);
        blow(f, (struct weather){10, 200, 0.0005, 0.05, 1, family});
        assert_int_equal(f->raised, 1);
        assert_int_equal(f->last.kind, NOTICE_SERVERS_FAILING);
        char name[32];
        snprintf(name, sizeof name, "transit-b %s", family_name(family));
        assert_string_equal(f->last.peer, name);
        assert_int_equal(f->last.router, 0);
        assert_int_equal(f->last.prefix.address.family, FAMILY_NONE);
        assert_true(f->last.count > 10 && f->last.count * 10 < f->last.total);
        assert_non_null(strstr(f->last.text, "usual is at most 0."));
        assert_non_null(strstr(f->last.text, "more than through other upstreams"));
        assert_true(f->last.since.ns >= (1000 + LEARN_S - 30) * (int64_t)NS_PER_S);
        blow(f, (struct weather){60, 200, 0.0005, 0.05, 1, family});
        assert_int_equal(f->raised, 2);  // again after a minute, with new numbers
        calm(f, 30);
        assert_int_equal(f->cleared, 1);
        calm(f, 100);
        assert_int_equal(f->raised, 2);
        fixture_free(f);
    }
}

static void all_alike_is_no_upstreams_fault(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    calm(f, LEARN_S);
    blow(f, (struct weather){10, 200, 0.05, 0.05, NET_NOBODY, FAMILY_NONE});
    assert_int_equal(f->raised, 2 * UPSTREAMS);
    assert_non_null(strstr(f->last.text, "; not surely more than through other upstreams"));
    fixture_free(f);
}

static const struct {
    const char *name;
    struct weather weather;
} quiet[] = {
    {"nothing fails", {1000, 100, 0, 0, NET_NOBODY, FAMILY_NONE}},
    {"always 3 %", {1000, 100, 0.03, 0.03, NET_NOBODY, FAMILY_NONE}},
    {"always 3 % behind one of them", {1000, 100, 0.0005, 0.03, 1, FAMILY_NONE}},
    {"one attempt a second", {2000, 1, 0.001, 0.001, NET_NOBODY, FAMILY_NONE}},
    {"always half", {10, 1, 0, 0, NET_NOBODY, FAMILY_NONE}},
};

static void is_quiet_about_what_is_usual(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++) {
        struct fixture *f = fixture_new();
        blow(f, quiet[i].weather);
        CHECK_ROW(quiet[i].name, f->raised == 0);
        fixture_free(f);
    }
}

static void a_single_burst_is_none_of_it(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    calm(f, LEARN_S);
    for (int i = 0; i < 20; i++) {
        blow(f, (struct weather){2, 200, 0.0005, 1, 1, FAMILY_NONE});
        calm(f, 60);
    }
    assert_int_equal(f->raised, 0);
    fixture_free(f);
}

// Attempts of one second, their failures in the next, in the one before, or never.
static void failures_wait_for_their_attempts(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    calm(f, LEARN_S);
    for (int s = 0; s < 60; s++) {
        take(f, s % 2 ? of(0, FAMILY_IPV6, 4000, 0) : of(0, FAMILY_IPV6, 0, 2));
        f->now_ms += 1000;
        tick(f);
    }
    assert_int_equal(f->raised, 0);
    for (int s = 0; s < 200; s++) {
        take(f, of(0, FAMILY_IPV6, 0, 100));
        f->now_ms += 1000;
        tick(f);
    }
    assert_int_equal(f->raised, 0);
    assert_true(f->moments >= 1 && f->moments <= 4);
    assert_int_equal(f->last.kind, NOTICE_COUNTERS_REFUSED);
    assert_non_null(strstr(f->last.text, "transit-a ipv6 came without attempts"));
    fixture_free(f);
}

// A sampled failure is one failure, whatever it stands for.
static void samples_weigh_what_was_looked_at(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    calm(f, LEARN_S);
    for (int s = 0; s < 100; s++) {
        struct count count = of(0, FAMILY_IPV4, 1, s % 100 == 50);
        count.rate_ppm = 1000;
        take(f, count);
        f->now_ms += 1000;
        tick(f);
    }
    assert_int_equal(f->raised, 0);
    for (int s = 0; s < 20; s++) {  // attempts by the thousand, of failures one in ten
        take(f, of(0, FAMILY_IPV4, 1000, 0));
        struct count failed = of(0, FAMILY_IPV4, 0, 5);
        failed.rate_ppm = 100000;
        take(f, failed);
        f->now_ms += 1000;
        tick(f);
    }
    assert_int_equal(f->raised, 1);
    fixture_free(f);
}

static void what_we_lost_is_void(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    calm(f, LEARN_S);
    for (int s = 0; s < 60; s++) {
        passive_void(f->passive);
        blow(f, (struct weather){1, 200, 0.0005, 1, 1, FAMILY_NONE});
    }
    assert_int_equal(f->raised, 0);
    fixture_free(f);
}

static struct count of_prefix(uint32_t number, uint64_t attempts, uint64_t failed)
{
    struct prefix prefix = check_prefix(number % 2 ? "2001:db8::/48" : "10.0.0.0/24");
    prefix.address.bytes[number % 2 ? 4 : 1] = (uint8_t)(number >> 8);
    prefix.address.bytes[number % 2 ? 5 : 2] = (uint8_t)number;
    return (struct count){NET_NOBODY, prefix, prefix.address.family,
                          attempts,   failed, COUNT_RATE_ALL};
}

static void watches_prefixes_too(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 2; number++) {
        struct fixture *f = fixture_new();
        for (int s = 0; s < LEARN_S + 20; s++) {
            take(f, of_prefix(number, 500, s >= LEARN_S ? 50 : 0));
            take(f, of_prefix(number + 2, 500, 0));
            f->now_ms += 1000;
            tick(f);
        }
        assert_int_equal(f->raised, 1);
        assert_true(prefix_equal(f->last.prefix, of_prefix(number, 0, 0).prefix));
        assert_string_equal(f->last.peer, "");
        assert_int_equal(f->last.router, NET_NOBODY);
        assert_non_null(strstr(f->last.text, "; nothing to compare it with"));
        fixture_free(f);
    }
}

static void keeps_within_its_room(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    for (uint32_t i = 0; i < PASSIVE_PREFIXES_MAX; i++)
        take(f, of_prefix(i, 1, 0));
    struct count more = of_prefix(PASSIVE_PREFIXES_MAX, 1, 0);
    assert_false(passive_take(f->passive, &more, now(f)));
    take(f, of(0, FAMILY_IPV4, 1, 0));  // upstreams have room of their own
    take(f, of_prefix(7, 1, 0));
    f->now_ms += 3600 * 1000;
    take(f, of_prefix(8, 1, 0));
    take(f, more);
    take(f, of_prefix(8, 1, 0));
    fixture_free(f);
}

static void ends_when_nothing_is_heard_any_more(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    calm(f, LEARN_S);
    blow(f, (struct weather){10, 200, 0.0005, 0.5, 0, FAMILY_IPV4});
    assert_int_equal(f->raised, 1);
    for (int s = 0; s < 700; s++) {
        f->now_ms += 1000;
        tick(f);
    }
    assert_int_equal(f->cleared, 1);
    fixture_free(f);
}

static void says_who_fell_silent(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    struct address sender = check_address("2001:db8::9");
    for (int s = 0; s < 100; s++) {
        passive_heard(f->passive, sender, now(f));
        f->now_ms += 1000;
        tick(f);
    }
    f->now_ms += 300 * 1000;  // we slept
    tick(f);
    assert_int_equal(f->raised, 0);
    for (int s = 0; s < 40; s++) {
        f->now_ms += 1000;
        tick(f);
    }
    assert_int_equal(f->raised, 1);
    assert_int_equal(f->last.kind, NOTICE_COUNTERS_SILENT);
    assert_string_equal(f->last.peer, "2001:db8::9");
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where_more_fails_than_usual),
        cmocka_unit_test(all_alike_is_no_upstreams_fault),
        cmocka_unit_test(is_quiet_about_what_is_usual),
        cmocka_unit_test(a_single_burst_is_none_of_it),
        cmocka_unit_test(failures_wait_for_their_attempts),
        cmocka_unit_test(samples_weigh_what_was_looked_at),
        cmocka_unit_test(what_we_lost_is_void),
        cmocka_unit_test(watches_prefixes_too),
        cmocka_unit_test(keeps_within_its_room),
        cmocka_unit_test(ends_when_nothing_is_heard_any_more),
        cmocka_unit_test(says_who_fell_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
