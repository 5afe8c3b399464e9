// SPDX-License-Identifier: ISC
#include "steer/routes.h"

#include "base/check.h"

#include <string.h>

static struct prefix numbered_of(enum family family, uint32_t n)
{
    return (struct prefix){{family, {10, (uint8_t)(n >> 8), (uint8_t)n}}, 24};
}

static struct prefix numbered(uint32_t n)
{
    return numbered_of(FAMILY_IPV4, n);
}

// News: router, upstream, '+' learned, '*' learned and best, '-' lost; "x0" router 0 forgotten.
// Then, for the one prefix: which upstreams it leaves by, and which it may go to.
static const struct {
    const char *news, *leaves, *may_go;
} rows[] = {
    {"00* 11*", "01", "01"},
    {"00*", "0", ""},       // router 1 has no such prefix: all can be
                            // told, or none
    {"00* 10+", "0", "0"},  // router 1 uses some other way
    {"00* 01+ 11*", "01", "01"},
    {"00* 00+ 11*", "1", "01"},  // no longer best
    {"00* 01* 11*", "1", "01"},  // the best one changed
    {"00* 01* 01- 11+", "", "01"},
    {"00- 11*", "1", ""},
    {"00* 11* x1", "0", ""},
    {"00* 11* x0 x1", "", ""},
    {"0f* 1f+", "f", "f"},  // the last of 16
};

static void learn_at(struct routes *routes, const char *word, int64_t at)
{
    if (word[0] == 'x') {
        routes_forget(routes, (uint32_t)(word[1] - '0'));
        return;
    }
    struct route_news news = {
        .router = (uint32_t)(word[0] - '0'), .prefix = numbered(1), .at = {at}};
    news.upstream = word[1] == 'f' ? 15 : (uint32_t)(word[1] - '0');
    news.present = word[2] != '-';
    news.best = word[2] == '*';
    routes_learn(routes, &news);
}

static void knows_where_prefixes_leave(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct routes routes;
        char text[64], *rest = strcpy(text, rows[i].news), *word;
        char leaves[17] = "", may_go[17] = "";
        routes = (struct routes){0};
        while ((word = strtok_r(rest, " ", &rest)))
            learn_at(&routes, word, 0);
        for (uint32_t u = 0; u < 16 && routes.count > 0; u++) {
            char name[2] = {"0123456789abcdef"[u], 0};
            if (route_leaves_by(&routes.items[0], u))
                strcat(leaves, name);
            if (route_may_go(&routes.items[0], u, 3))
                strcat(may_go, name);
        }
        CHECK_ROW(rows[i].news, strcmp(leaves, rows[i].leaves) == 0);
        CHECK_ROW(rows[i].news, strcmp(may_go, rows[i].may_go) == 0);
        CHECK_ROW(rows[i].news, (routes.count == 0) == (*leaves == 0 && *may_go == 0 && i == 9));
    }
}

// A way that begins, or is chosen: not one that is told again, left for another, or lost.
static void knows_when_something_came(void **state)
{
    (void)state;
    static const struct {
        const char *news;
        int64_t at[2];  // by upstream
    } comings[] = {
        {"00+", {1, 0}},         {"00+ 00*", {2, 0}},         {"00* 00* 00+", {1, 0}},
        {"00* 01* 11+", {1, 3}}, {"00* 01+ 00- 01*", {1, 4}}, {"00* 00- 00+", {3, 0}},
    };
    for (size_t i = 0; i < sizeof comings / sizeof comings[0]; i++) {
        static struct routes routes;
        char text[64], *rest = strcpy(text, comings[i].news), *word;
        routes = (struct routes){0};
        for (int64_t at = 1; (word = strtok_r(rest, " ", &rest)); at++)
            learn_at(&routes, word, at);
        for (uint32_t u = 0; u < 2; u++)
            CHECK_ROW(comings[i].news, routes.came_at[u].ns == comings[i].at[u]);
    }
}

// Twice as many as there is room for, by two routers in turn.
static void flood(struct routes *routes, enum family family)
{
    enum { MANY = 2 * ROUTES_PER_FAMILY_MAX };
    for (uint32_t n = 0; n < MANY; n++)
        routes_learn(routes, &(struct route_news){.router = n % 2,
                                                  .prefix = numbered_of(family, n * 37 % MANY),
                                                  .present = true});
}

static void is_bounded_and_sorted(void **state)
{
    (void)state;
    static struct routes routes;
    flood(&routes, FAMILY_IPV4);
    assert_int_equal(routes.count, ROUTES_PER_FAMILY_MAX);
    assert_int_equal(routes.refused, ROUTES_PER_FAMILY_MAX);
    flood(&routes, FAMILY_IPV6);
    assert_int_equal(routes.count, ROUTES_MAX);
    assert_int_equal(routes.refused, ROUTES_MAX);
    for (uint32_t i = 1; i < routes.count; i++)
        assert_true(prefix_compare(routes.items[i - 1].prefix, routes.items[i].prefix) < 0);
    routes_forget(&routes, 0);
    assert_int_equal(routes.count, ROUTES_MAX / 2);
    routes_forget(&routes, 1);
    assert_int_equal(routes.count, 0);
}

// However many there are of one family, those of the other can be moved.
static void keeps_a_room_for_each_family(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        static struct routes routes;
        enum family other = family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
        struct route_news news = {.prefix = numbered_of(other, 7), .present = true, .best = true};
        routes = (struct routes){0};
        flood(&routes, family);
        assert_non_null(routes_learn(&routes, &news));
        uint32_t place = routes_find(&routes, news.prefix);
        assert_true(place != NET_NOBODY && route_leaves_by(&routes.items[place], 0));
        news.prefix = numbered_of(family, 2 * ROUTES_PER_FAMILY_MAX);
        assert_null(routes_learn(&routes, &news));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_where_prefixes_leave),
        cmocka_unit_test(knows_when_something_came),
        cmocka_unit_test(is_bounded_and_sorted),
        cmocka_unit_test(keeps_a_room_for_each_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
