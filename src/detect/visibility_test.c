// SPDX-License-Identifier: ISC
#include "detect/visibility.h"

#include "base/random.h"
#include "base/writer.h"
#include "rib/rib_check.h"

#include <stdlib.h>
#include <string.h>

enum { OURS = 64500, LOG_MAX = 2048 };

// A site with two routers (peers 0 and 1), in a BMP station's eyes too (peer 16).
struct site {
    struct net net;
    struct rib *rib;
    struct visibility *v;
    int64_t now_ms;
    char log[LOG_MAX];
    size_t length;
    bool with_text, with_first;
    uint32_t was_lost[2];  // own prefixes that were said to be lost, a bit set: in no table, unseen
};

// The end of what never began: the first sight.
static bool is_first(struct site *s, const struct notice *notice)
{
    if (notice->kind != NOTICE_OWN_INVISIBLE && notice->kind != NOTICE_OWN_UNSEEN)
        return false;
    uint32_t *lost = &s->was_lost[notice->kind == NOTICE_OWN_UNSEEN];
    uint32_t bit = UINT32_C(1) << net_own_of(&s->net, notice->prefix);
    bool first = !notice->raised && !(*lost & bit);
    *lost |= bit;
    return first;
}

static void hear(void *context, uint32_t peer, const struct notice *notice)
{
    struct site *s = context;
    char prefix[PREFIX_TEXT_MAX], who[16] = "all";
    if (is_first(s, notice) && !s->with_first)
        return;
    if (peer != RIB_NO_PEER)
        snprintf(who, sizeof who, "%u", peer);
    int length = snprintf(
        s->log + s->length, LOG_MAX - s->length, "%lld %c%s %s %s %lld%s%s\n", (long long)s->now_ms,
        notice->raised ? '+' : '-', notice_rules[notice->kind].name, who,
        prefix_format(notice->prefix, prefix), (long long)(notice->since.ns / NS_PER_MS),
        s->with_text ? " " : "", s->with_text ? notice->text : "");
    s->length += (size_t)length;
    assert_true(s->length < LOG_MAX);
}

static const char *name_of(void *context, uint32_t peer, char *text)
{
    (void)context;
    snprintf(text, NOTICE_PEER_MAX, "peer %u", peer);
    return text;
}

static struct site *site_new(void)
{
    struct site *s = calloc(1, sizeof *s);
    s->net = (struct net){.asn = OURS, .router_count = 2, .own_count = 3};
    for (uint32_t router = 0; router < 2; router++)
        s->net.routers[router].families[FAMILY_IPV4] =
            s->net.routers[router].families[FAMILY_IPV6] = true;
    s->net.own[0].prefix = check_prefix("192.0.2.0/24");
    s->net.own[1].prefix = check_prefix("2001:db8::/32");
    s->net.own[1].length_max = 40;
    s->net.own[2].prefix = check_prefix("198.51.0.0/16");
    s->net.own[2].origins = (struct net_as_numbers){2, {OURS, 64999}};
    s->net.upstream_count = 1;
    strcpy(s->net.upstreams[0].name, "transit-a");
    s->net.upstreams[0].next_hop[FAMILY_IPV4] = check_address("10.0.1.1");
    s->rib = rib_new(16 << 20, (struct siphash_key){1, 2});
    assert_int_equal(rib_peer_open(s->rib, RIB_PEER_BMP_OUT), 16);
    assert_int_equal(rib_peer_open(s->rib, RIB_PEER_FIB), 17);
    s->v = visibility_new(&s->net, s->rib, (struct visibility_tell){hear, s, name_of});
    return s;
}

static void site_free(struct site *s)
{
    visibility_free(s->v);
    rib_free(s->rib);
    free(s);
}

static struct mono mono_of(const struct site *s)
{
    return (struct mono){s->now_ms * NS_PER_MS};
}

static void run_until(struct site *s, int64_t ms)
{
    for (; s->now_ms < ms; s->now_ms++)
        visibility_tick(s->v, mono_of(s));
}

// "64501 64500" or "" for an empty path; next hop 10.0.1.N, N from what follows an '@'.
static void learn(struct site *s, uint32_t peer, struct prefix prefix, const char *path)
{
    uint8_t bytes[64];
    struct writer w = writer_over(bytes, sizeof bytes);
    struct rib_attributes a = {.local_pref = 100, .next_hop = check_address("10.0.1.1")};
    unsigned asn;
    for (int used; sscanf(path, "%u%n", &asn, &used) == 1; path += used) {
        writer_u8(&w, 2);
        writer_u8(&w, 1);
        writer_be32(&w, asn);
    }
    const char *at = strchr(path, '@');
    a.next_hop.bytes[3] = at ? (uint8_t)atoi(at + 1) : 1;
    a.as_path = (struct bgp_bytes){bytes, w.size};
    if (check_learn(s->rib, peer, prefix, 0, &a) != RIB_SAME)
        visibility_change(s->v, mono_of(s), peer, prefix);
}

static void complete(struct site *s, uint32_t peer)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        rib_peer_complete(s->rib, peer, family);
        visibility_complete(s->v, mono_of(s), peer, family);
    }
}

// "MS DEED PEER [PREFIX [PATH]]": + learns, - withdraws, ! completes, X goes down, C closes,
// P cannot keep the route: its table is partial from then on.
static void play(struct site *s, const char *step)
{
    long long ms;
    char deed, text[64] = "";
    unsigned peer;
    int used = 0;
    assert_true(sscanf(step, "%lld %c %u%n %63s%n", &ms, &deed, &peer, &used, text, &used) >= 3);
    run_until(s, ms);
    struct prefix prefix = text[0] ? check_prefix(text) : (struct prefix){0};
    if (deed == '+')
        learn(s, peer, prefix, step + used);
    if (deed == '-' && rib_withdraw(s->rib, peer, prefix, 0) != RIB_SAME)
        visibility_change(s->v, mono_of(s), peer, prefix);
    if (deed == 'P' && rib_learn(s->rib, peer, prefix, 0, 0) == RIB_FULL)  // it does not fit
        visibility_change(s->v, mono_of(s), peer, prefix);
    if (deed == '!')
        complete(s, peer);
    if (deed == 'X')
        rib_forget(s->rib, peer);
    if (deed == 'C')
        rib_peer_close(s->rib, peer);
    if (deed == 'X')
        visibility_forget(s->v, mono_of(s), peer);
    if (deed == 'C')
        visibility_close(s->v, mono_of(s), peer);
}

#define V4 "192.0.2.0/24"
#define BOTH_HAVE "0 + 0 " V4, "0 + 1 " V4, "10 ! 0", "10 ! 1", "10 ! 16"

// The log's lines: ms, + raised or - cleared, kind, peer, prefix, since.
static const struct {
    const char *name, *steps[12], *log;
} rows[] = {
    {"tables come: silence", {BOTH_HAVE}, ""},
    {"nothing is known of tables that are not complete",
     {"0 + 0 " V4, "500 - 0 " V4, "600 - 1 " V4},
     ""},
    {"withdrawn from one, and back",
     {BOTH_HAVE, "1000 - 0 " V4, "3000 + 0 " V4 " @3"},
     "1200 +own_withdrawn 0 " V4 " 1000\n3200 -own_withdrawn 0 " V4 " 3000\n"},
    {"withdrawn from both: in no table",
     {BOTH_HAVE, "1000 - 0 " V4, "1100 - 1 " V4, "2000 + 1 " V4},
     "1200 +own_withdrawn 0 " V4 " 1000\n1300 +own_withdrawn 1 " V4 " 1100\n"
     "1300 +own_invisible all " V4 " 1100\n2200 -own_withdrawn 1 " V4 " 2000\n"
     "2200 -own_invisible all " V4 " 2000\n"},
    {"gone and back at once is churn", {BOTH_HAVE, "1000 - 0 " V4, "1199 + 0 " V4}, ""},
    {"gone, back, gone: told in time",
     {BOTH_HAVE, "1000 - 0 " V4, "1050 + 0 " V4, "1150 - 0 " V4},
     "1200 +own_withdrawn 0 " V4 " 1150\n"},
    {"withdrawn right after the table was complete",
     {"0 + 0 " V4, "10 ! 0", "100 - 0 " V4},
     "200 +own_withdrawn 0 " V4 " 100\n200 +own_invisible all " V4 " 100\n"},
    {"moved to another next hop",
     {BOTH_HAVE, "1000 + 0 " V4 " @2"},
     "1200 +own_moved 0 " V4 " 1000\n"},
    {"moved to another neighbour",
     {BOTH_HAVE, "1000 + 0 " V4 " 64501 64500"},
     "1200 +own_moved 0 " V4 " 1000\n"},
    {"moved there and back is churn", {BOTH_HAVE, "1000 + 0 " V4 " @2", "1100 + 0 " V4}, ""},
    {"announced where it never was",
     {BOTH_HAVE, "1000 + 16 " V4 " 64500"},
     "1200 +own_announced 16 " V4 " 1000\n"},
    {"a foreign origin is told at once, and its end",
     {BOTH_HAVE, "1000 + 0 " V4 " 64501 64666", "3000 + 0 " V4},
     "1000 +own_origin_changed 0 " V4 " 1000\n1200 +own_moved 0 " V4 " 1000\n"
     "3200 -own_origin_changed 0 " V4 " 1000\n3200 +own_moved 0 " V4 " 3000\n"},
    {"a foreign origin in a table that is not complete",
     {"0 + 0 " V4 " 64501 64666"},
     "0 +own_origin_changed 0 " V4 " 0\n"},
    {"an origin that may is none", {"0 + 0 198.51.0.0/16 64501 64999"}, ""},
    {"another foreign origin is told again",
     {"0 + 0 " V4 " 64501 64666", "50 + 0 " V4 " 64501 64667"},
     "0 +own_origin_changed 0 " V4 " 0\n50 +own_origin_changed 0 " V4 " 0\n"},
    {"a more-specific from elsewhere, its end settles",
     {"0 + 0 192.0.2.128/25 64501 64666", "50 + 1 192.0.2.128/25 64501 64666",
      "1000 - 0 192.0.2.128/25", "2000 - 1 192.0.2.128/25", "2100 + 1 192.0.2.128/25 64501 64666",
      "3000 - 1 192.0.2.128/25"},
     "0 +own_more_specific all 192.0.2.128/25 0\n50 +own_more_specific all 192.0.2.128/25 0\n"
     "1000 +own_more_specific all 192.0.2.128/25 0\n2100 +own_more_specific all 192.0.2.128/25 0\n"
     "3200 -own_more_specific all 192.0.2.128/25 0\n"},
    {"IPv6 too",
     {"0 + 0 2001:db8:6666::/48 64501 64666", "10 + 1 2001:db8::/32 64666"},
     "0 +own_more_specific all 2001:db8:6666::/48 0\n10 +own_origin_changed 1 2001:db8::/32 10\n"},
    {"more-specifics that may be: short enough, or from inside",
     {"0 + 0 2001:db8:4000::/40 64501 64500", "0 + 0 2001:db8:4444::/48", "0 + 0 192.0.2.1/32"},
     ""},
    {"our own, but longer than expected, from outside",
     {"0 + 0 2001:db8:4444::/48 64501 64500"},
     "0 +own_more_specific all 2001:db8:4444::/48 0\n"},
    {"short enough, but a foreign origin",
     {"0 + 0 2001:db8:4000::/40 64501 64666"},
     "0 +own_more_specific all 2001:db8:4000::/40 0\n"},
    {"less-specifics and neighbours are not ours",
     {"0 + 0 192.0.0.0/16 64666", "0 + 0 192.0.3.0/24 64666", "0 + 0 0.0.0.0/0 64666"},
     ""},
    {"what a partial table does not show may be there", {BOTH_HAVE, "1000 P 0 " V4}, ""},
    {"a session that is down is not a withdrawal",
     {BOTH_HAVE, "1000 X 0", "2000 - 1 " V4},
     "2200 +own_withdrawn 1 " V4 " 2000\n"},
    {"and when it comes back without the prefix, that is one",
     {BOTH_HAVE, "1000 X 0", "5000 ! 0"},
     "5200 +own_withdrawn 0 " V4 " 5000\n"},
    {"it comes back as it was: silence", {BOTH_HAVE, "1000 X 0", "2000 + 0 " V4, "2500 ! 0"}, ""},
    {"it comes back by another way",
     {BOTH_HAVE, "1000 X 0", "2000 + 0 " V4 " @2", "2500 ! 0"},
     "2700 +own_moved 0 " V4 " 2500\n"},
    {"down while withdrawn: no longer known",
     {BOTH_HAVE, "1000 - 0 " V4, "2000 X 0"},
     "1200 +own_withdrawn 0 " V4 " 1000\n2000 -own_withdrawn 0 " V4 " 2000\n"},
    {"down with a foreign origin and a more-specific",
     {"0 + 0 " V4 " 64666", "0 + 0 192.0.2.0/25 64666", "1000 X 0"},
     "0 +own_origin_changed 0 " V4 " 0\n0 +own_more_specific all 192.0.2.0/25 0\n"
     "1000 -own_origin_changed 0 " V4 " 0\n1200 -own_more_specific all 192.0.2.0/25 0\n"},
    {"never seen anywhere, and all tables are known",
     {"alone", "0 + 0 2001:db8::/32", "0 + 0 198.51.0.0/16", "10 ! 0", "10 ! 1", "500 ! 16"},
     "700 +own_invisible all " V4 " 500\n"},
    {"a closed peer is forgotten for good",
     {BOTH_HAVE, "1000 + 16 " V4 " 64500", "2000 C 16", "3000 - 0 " V4, "3000 - 1 " V4},
     "1200 +own_announced 16 " V4 " 1000\n3200 +own_withdrawn 0 " V4 " 3000\n"
     "3200 +own_withdrawn 1 " V4 " 3000\n3200 +own_invisible all " V4 " 3000\n"},
    {"a kernel's table is no one's view", {"0 + 17 " V4 " 64666", "0 + 17 192.0.2.0/25 64666"}, ""},
};

// The own prefixes that a row is not about are there all the time.
static void have_the_others(struct site *s)
{
    for (uint32_t own = 1; own < s->net.own_count; own++)
        learn(s, 1, s->net.own[own].prefix, "");
}

static void follows_the_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site *s = site_new();
        bool alone = strcmp(rows[i].steps[0], "alone") == 0;
        if (!alone)
            have_the_others(s);
        for (size_t n = alone; n < 12 && rows[i].steps[n]; n++)
            play(s, rows[i].steps[n]);
        run_until(s, 10000);
        if (strcmp(s->log, rows[i].log) != 0)
            fail_msg("row '%s': got\n%s\nnot\n%s", rows[i].name, s->log, rows[i].log);
        site_free(s);
    }
}

// Our routers have it all the while; 18 and 19 are of others, by BMP, and 16 is what we say.
static void says_when_others_see_it_no_more(void **state)
{
    (void)state;
    static const struct {
        const char *name, *steps[12], *log;
    } rows_of_others[] = {
        {"one of two still has it",
         {"100 + 18 " V4 " 65001 64500", "100 + 19 " V4 " 65002 64500", "110 ! 18", "110 ! 19",
          "1000 - 18 " V4},
         ""},
        {"gone from both, back in one",
         {"100 + 18 " V4 " 65001 64500", "100 + 19 " V4 " 65002 64500", "110 ! 18", "110 ! 19",
          "1000 - 18 " V4, "2000 - 19 " V4, "3000 + 18 " V4 " 65001 64500"},
         "2200 +own_unseen all " V4 " 2000\n3200 -own_unseen all " V4 " 3000\n"},
        {"gone from the only one that had it",
         {"100 + 18 " V4 " 65001 64500", "110 ! 18", "110 ! 19", "1000 - 18 " V4},
         "1200 +own_unseen all " V4 " 1000\n"},
        {"nobody of those that know had it", {"110 ! 18", "110 ! 19"}, ""},
        {"a session that is down is no withdrawal",
         {"100 + 18 " V4 " 65001 64500", "110 ! 18", "1000 X 18"},
         ""},
        {"of another that had it nothing is known",
         {"100 + 18 " V4 " 65001 64500", "100 + 19 " V4 " 65002 64500", "110 ! 18", "110 ! 19",
          "1000 X 18", "2000 - 19 " V4},
         ""},
        {"ours, as another router of ours hears it",
         {"100 + 18 " V4, "110 ! 18", "1000 - 18 " V4},
         ""},
        {"what we say is not what they see",
         {"100 + 16 " V4 " 64500", "110 ! 16", "1000 - 16 " V4},
         ""},
        {"to others by another way",
         {"100 + 18 " V4 " 65001 64500", "110 ! 18", "1000 - 18 " V4,
          "1050 + 18 " V4 " 65002 64500"},
         ""},
    };
    for (size_t i = 0; i < sizeof rows_of_others / sizeof rows_of_others[0]; i++) {
        struct site *s = site_new();
        char told[LOG_MAX] = "";
        assert_int_equal(rib_peer_open(s->rib, RIB_PEER_BMP_IN), 18);
        assert_int_equal(rib_peer_open(s->rib, RIB_PEER_BMP_LOC), 19);
        have_the_others(s);
        play(s, "0 + 0 " V4);
        play(s, "10 ! 0");
        for (size_t n = 0; n < 12 && rows_of_others[i].steps[n]; n++)
            play(s, rows_of_others[i].steps[n]);
        run_until(s, 10000);
        for (char *line = strtok(s->log, "\n"); line; line = strtok(NULL, "\n"))
            if (strstr(line, "own_unseen"))
                strcat(strcat(told, line), "\n");
        if (strcmp(told, rows_of_others[i].log) != 0)
            fail_msg("row '%s': got\n%s\nnot\n%s", rows_of_others[i].name, told,
                     rows_of_others[i].log);
        site_free(s);
    }
}

// Whoever an earlier life told that nobody sees it hears that somebody does: once, of either sort.
static void says_the_first_sight(void **state)
{
    (void)state;
    struct site *s = site_new();
    s->with_first = true;
    assert_int_equal(rib_peer_open(s->rib, RIB_PEER_BMP_IN), 18);
    have_the_others(s);
    static const char *const steps[] = {"0 + 0 " V4,
                                        "10 ! 0",
                                        "10 ! 18",
                                        "1000 + 18 " V4,
                                        "2000 - 18 " V4,
                                        "3000 + 18 " V4 " 65001 64500",
                                        "4000 + 18 " V4 " 65002 64500",
                                        "5000 - 0 " V4};
    for (size_t n = 0; n < sizeof steps / sizeof steps[0]; n++)
        play(s, steps[n]);
    run_until(s, 10000);
    char told[LOG_MAX] = "";
    for (char *line = strtok(s->log, "\n"); line; line = strtok(NULL, "\n"))
        if (strstr(line, V4) && (strstr(line, "own_unseen") || strstr(line, "own_invisible")))
            strcat(strcat(told, line), "\n");
    assert_string_equal(told,
                        "200 -own_invisible all " V4 " 10\n3200 -own_unseen all " V4 " 3000\n");
    site_free(s);
}

static void says_what_it_saw(void **state)
{
    (void)state;
    static const char *const steps[] = {BOTH_HAVE, "1000 - 0 " V4, "1100 + 1 " V4 " 64501 64666",
                                        "1100 + 1 192.0.2.0/25 64501 64500"};
    struct site *s = site_new();
    s->with_text = true;
    have_the_others(s);
    for (size_t n = 0; n < sizeof steps / sizeof steps[0]; n++)
        play(s, steps[n]);
    run_until(s, 2000);
    assert_string_equal(
        s->log, "1100 +own_origin_changed 1 192.0.2.0/24 1100 origin AS 64666, neighbour AS 64501\n"
                "1100 +own_more_specific all 192.0.2.0/25 1100 inside 192.0.2.0/24: origin AS "
                "64500, neighbour AS 64501; in 1 table: peer 1\n"
                "1200 +own_withdrawn 0 192.0.2.0/24 1000 was by next hop 10.0.1.1 (transit-a); in "
                "1 of 3 complete tables\n"
                "1300 +own_moved 1 192.0.2.0/24 1100 from next hop 10.0.1.1 (transit-a) to next "
                "hop 10.0.1.1 (transit-a), neighbour AS 64501\n");
    assert_int_equal(visibility_state(s->v, 0, 0), VISIBILITY_ABSENT);
    assert_int_equal(visibility_state(s->v, 0, 1), VISIBILITY_PRESENT);
    rib_forget(s->rib, 0);
    visibility_forget(s->v, mono_of(s), 0);
    assert_int_equal(visibility_state(s->v, 0, 0), VISIBILITY_UNKNOWN);
    site_free(s);
}

static void keeps_a_history(void **state)
{
    (void)state;
    struct site *s = site_new();
    assert_null(visibility_history(s->v, 0));
    static const char *const steps[] = {BOTH_HAVE, "1000 - 0 " V4, "1100 + 0 " V4};
    for (size_t n = 0; n < sizeof steps / sizeof steps[0]; n++)
        play(s, steps[n]);
    run_until(s, 2000);
    assert_int_equal(visibility_flaps(s->v, 0), 1);
    const struct visibility_entry *last = visibility_history(s->v, 0);
    assert_true(last->at.ns == 1100 * NS_PER_MS && !last->before.present && last->after.present);
    assert_true(visibility_history(s->v, 1)->before.present);
    assert_non_null(visibility_history(s->v, 3));
    assert_null(visibility_history(s->v, 4));
    for (uint32_t n = 0; n < 2 * VISIBILITY_HISTORY_MAX; n++)
        play(s, n % 2 ? "2000 + 0 " V4 " @2" : "2000 + 0 " V4);
    assert_non_null(visibility_history(s->v, VISIBILITY_HISTORY_MAX - 1));
    assert_null(visibility_history(s->v, VISIBILITY_HISTORY_MAX));
    site_free(s);
}

static void bounds_what_a_hijacker_can_cause(void **state)
{
    (void)state;
    struct site *s = site_new();
    struct prefix prefix = check_prefix("198.51.0.0/32");
    for (uint32_t n = 0; n < VISIBILITY_MORE_MAX + 100; n++) {
        prefix.address.bytes[2] = (uint8_t)(n >> 8);
        prefix.address.bytes[3] = (uint8_t)n;
        learn(s, 0, prefix, "64666");
        if (n < VISIBILITY_MORE_MAX)
            s->length = 0;
    }
    assert_string_equal(s->log, "0 +own_more_specific all 198.51.0.0/16 0\n");
    site_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_rows),     cmocka_unit_test(says_when_others_see_it_no_more),
        cmocka_unit_test(says_the_first_sight), cmocka_unit_test(says_what_it_saw),
        cmocka_unit_test(keeps_a_history),      cmocka_unit_test(bounds_what_a_hijacker_can_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
