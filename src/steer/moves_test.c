// SPDX-License-Identifier: ISC
#include "steer/moves.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

// Three routers; the move goes from the transit of router 1 to that of router 2.
// Words of a script, in order:
//   both            first of all: router 1 has the new upstream too
//   up down         what is wanted from now on
//   freeze          only what stands on all is wanted
//   +2? -2? none    what must be ordered next: announce on router 2, withdraw there, nothing
//   +2 -2 !2        route's answer: announced, withdrawn, refused
//   o+2 o-2 o!2     the same of another upstream
//   x2              the session with router 2 is gone
//   300             so many milliseconds pass (forwarding settles within 300)
//   =as =not =lost =stray  what the last answer must have been: as ordered, not done, lost, stray
//   =up =gone =stuck =mixed   how the move must stand
static const struct {
    const char *name, *script;
} rows[] = {
    {"up and down in safe order",
     "up +2? none +2 =as none 299 none 1 +1? +3? none +3 =mixed +1 =up none "
     "down -1? none -1 =as none 299 none 1 -3? none -3 =as none 299 none 1 -2? -2 =gone none"},
    {"refused by the first: nothing stands", "up +2? !2 =not =gone down none =gone"},
    {"refused by another: the rest comes down, the old way's router first",
     "up +2? +2 300 +1? +3? !3 =not +1 down -1? none -1 300 -2? none -2 =gone"},
    {"refused by the old way's router: it goes straight out, nobody has to wait",
     "up +2? +2 300 +1? +3? !1 =not +3 down -3? none -3 300 -2? none -2 =gone"},
    {"taken back before the others went: nobody has to settle",
     "up +2? +2 down -2? none -2 =gone none"},
    {"taken back before the answer came", "up +2? down -2? none +2 =as none -2 =gone none"},
    {"taken back and refused meanwhile", "up +2? down -2? !2 =as =gone none"},
    {"wanted again before it was down",
     "up +2? +2 300 +1? +3? +1 +3 down -1? up none -1 =as +1? none +1 =up none"},
    {"a slice comes back after the return was half done",
     "up +2? +2 300 +1? +3? +1 +3 down -1? -1 300 -3? -3 300 -2? -2 =gone "
     "up +2? none +2 299 none 1 +1? +3? none"},
    {"lost unasked",
     "up +2? +2 300 +1? +3? +1 +3 -3 =lost =mixed down -1? -1 300 -2? none -2 =gone"},
    {"standing and refused is lost", "up +2? +2 300 +1? +3? +1 +3 !1 =lost"},
    {"lost on the old way's router: it goes straight out, the others follow when it has settled",
     "up +2? +2 300 +1? +3? +1 +3 x1 down none 300 -3? none -3 300 -2?"},
    {"the new way's router lost: the old way's comes down at once",
     "up +2? +2 300 +1? +3? +1 +3 x2 down -1? none -1 300 -3? none -3 =gone"},
    {"the last waits for those that may still send to it",
     "up +2? +2 300 +1? +3? +1 +3 down -1? -1 300 -3? none 999 none -3 none 299 none 1 -2?"},
    {"what stands after it was given up is a stray", "up +2? !2 +2 =stray =gone down none =gone"},
    {"an answer for nothing changes nothing", "down -1 =as !3 =as +1 =stray =gone none"},
    {"what was told of another upstream is of a move before",
     "up +2? o-2 =as o!2 =as o+2 =stray =gone +2 =as 300 +1? +3? +1 +3 =up o-2 =as =up"},
    {"an answer of a move before, by the same upstream, refuses nothing",
     "up +2? down -2? !2 =as =gone up +2? -2 =as =mixed +2 =as 300 +1? +3? -1 -3 =as +1 +3 =up"},
    {"nor is it the answer to what takes this one back",
     "up +2? down -2? !2 =gone up +2? down -2? -2 =as none =mixed +2 =as none =mixed -2 =gone"},
    {"nor when this one is refused meanwhile",
     "up +2? down -2? !2 =gone up +2? down -2? -2 =as !2 =as =gone -2 =as =gone up +2? -2 =as +2 "
     "=mixed"},
    {"wanted again, it waits for both answers",
     "up +2? down -2? up none +2 none -2 =as +2? +2 300 +1? +3?"},
    {"no answer is a fault after 2 s", "up +2? 1999 =gone 1 =stuck +2 =mixed 1 =mixed"},
    {"no answer to a withdrawal as well", "up +2? +2 down -2? 2000 =stuck"},
    {"nor to what takes back, whatever else is told", "up +2? down -2? -2 2000 =stuck"},
    {"one router has both upstreams: it comes last, as it sends straight out all the time",
     "both up +1? +1 300 +2? +3? +2 +3 =up down -2? -3? none -2 299 -3 none 299 none 1 -1? -1 "
     "=gone"},
    {"frozen before the others followed: it goes back, and nothing more is announced",
     "up +2? +2 freeze -2? none 999 none -2 =gone none"},
    {"frozen while one was asked",
     "up +2? +2 300 +1? +3? +3 freeze -1? +1 none -1 300 -3? -3 300 -2? -2 =gone none"},
    {"frozen while it stands", "up +2? +2 300 +1? +3? +1 +3 freeze none =up"},
    {"frozen while it goes back: it goes back",
     "up +2? +2 300 +1? +3? +1 +3 down -1? -1 freeze 300 -3? -3 300 -2? -2 =gone none"},
    {"likewise where nothing else stands", "both up +1? +1 down -1? none -1 =gone"},
};

static struct net three_routers(void)
{
    struct net net = {.router_count = 4, .upstream_count = 4};
    for (uint32_t r = 0; r < 4; r++) {
        net.routers[r].families[FAMILY_IPV4] = r > 0;
        net.upstreams[r].router = r;
    }
    net.steer.fib_settle_ns = 300 * NS_PER_MS;
    net.guard.routes_per_router_max = net.guard.routes_per_family_max = net.guard.routes_max = 9999;
    return net;
}

static const struct move one = {
    .prefix = {.address = {FAMILY_IPV4, {10, 20}}, .length = 24}, .path = 7, .from = 1, .to = 2};

static bool stands_as(const struct moves *moves, struct mono now, const char *word)
{
    struct moves_state s = moves_state(moves, 7, now);
    assert_int_equal(s.all, 1);
    if (strcmp(word, "up") == 0)
        return s.up == 1 && s.gone == 0 && !s.stuck;
    if (strcmp(word, "gone") == 0)
        return s.up == 0 && s.gone <= 1 && !s.stuck && (s.gone || !moves->items[0].place[1]);
    if (strcmp(word, "mixed") == 0)
        return s.up == 0 && s.gone == 0 && !s.stuck;
    return strcmp(word, "stuck") == 0 && s.stuck;
}

struct play {
    struct moves moves;
    struct mono now;
    enum move_news last;
};

static bool is_ordered(struct play *p, const char *word)
{
    struct move_order order = {0};
    uint32_t at = 0;
    if (!moves_order(&p->moves, p->now, &at, &order))
        return strcmp(word, "none") == 0;
    return word[0] != 'n' && order.announce == (word[0] == '+') &&
           order.router == (uint32_t)atoi(word + 1) && order.upstream == 2 && order.path == 7 &&
           prefix_equal(order.prefix, one.prefix);
}

static void answer(struct play *p, const char *word)
{
    bool other = word[0] == 'o';
    word += other;
    struct move_answer a = {
        .router = (uint32_t)atoi(word + 1), .upstream = other ? 3 : 2, .prefix = one.prefix};
    uint32_t path;
    a.what = word[0] == '+' ? MOVE_ANNOUNCED : word[0] == '-' ? MOVE_WITHDRAWN : MOVE_REFUSED;
    p->last = moves_told(&p->moves, p->now, &a, &path);
    assert_int_equal(path, 7);
}

static bool play(struct play *p, const char *word)
{
    static const char *const news[] = {"=as", "=not", "=lost", "=stray"};
    if (strcmp(word, "up") == 0 || strcmp(word, "down") == 0)
        moves_want(&p->moves, 7, word[0] == 'u');
    else if (strcmp(word, "freeze") == 0)
        moves_want_what_stands(&p->moves);
    else if (strcmp(word, "both") == 0)
        return true;
    else if (strchr(word, '?') || strcmp(word, "none") == 0)
        return is_ordered(p, word);
    else if (strchr("+-!o", word[0]))
        answer(p, word);
    else if (word[0] == 'x')
        return moves_router_lost(&p->moves, p->now, (uint32_t)atoi(word + 1), 7);
    else if (word[0] != '=')
        p->now = mono_add_ms(p->now, atoi(word));
    else if (!strcmp(word, "=as") || !strcmp(word, "=not") || !strcmp(word, "=lost") ||
             !strcmp(word, "=stray"))
        return strcmp(news[p->last], word) == 0;
    else
        return stands_as(&p->moves, p->now, word + 1);
    return true;
}

static void goes_in_safe_order(void **state)
{
    (void)state;
    struct net net = three_routers();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct play p;
        char script[512], *rest = strcpy(script, rows[i].script), *word;
        p = (struct play){.moves.net = &net, .now = {1000}};
        net.upstreams[2].router = strncmp(script, "both", 4) == 0 ? 1 : 2;
        moves_add(&p.moves, &one);
        for (int n = 1; (word = strtok_r(rest, " ", &rest)); n++)
            if (!play(&p, word))
                fail_msg("row '%s': word %d, '%s'", rows[i].name, n, word);
    }
}

static struct prefix numbered(uint32_t n, enum family family)
{
    return (struct prefix){{family, {10, (uint8_t)(n >> 8), (uint8_t)n}}, 24};
}

// S4: 200 a router, 200 a family and 1000 in all, over three routers of IPv4 and one of IPv6.
static const struct {
    uint32_t router_max, family_max, max, v4, v6, room_v4, room_v6;
} limits[] = {
    {9999, 9999, 9999, 0, 0, 66, 200}, {9999, 9999, 9999, 10, 0, 56, 190},
    {9999, 9999, 9999, 66, 0, 0, 134}, {9999, 9999, 9999, 0, 150, 50, 50},
    {5, 9999, 9999, 2, 1, 2, 2},       {9999, 9, 9999, 1, 1, 2, 8},
    {9999, 9999, 30, 5, 5, 3, 10},     {0, 9999, 9999, 0, 0, 0, 0},
};

static void keeps_the_limits(void **state)
{
    (void)state;
    struct net net = three_routers();
    net.routers[1].families[FAMILY_IPV6] = true;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        static struct moves moves;
        moves = (struct moves){.net = &net};
        net.guard = (struct net_guard){.routes_per_router_max = limits[i].router_max,
                                       .routes_per_family_max = limits[i].family_max,
                                       .routes_max = limits[i].max};
        for (uint32_t n = 0; n < limits[i].v4 + limits[i].v6; n++) {
            struct move move = one;
            move.prefix = numbered(n, n < limits[i].v4 ? FAMILY_IPV4 : FAMILY_IPV6);
            moves_add(&moves, &move);
        }
        assert_int_equal(moves_room(&moves, FAMILY_IPV4), limits[i].room_v4);
        assert_int_equal(moves_room(&moves, FAMILY_IPV6), limits[i].room_v6);
    }
}

// Of several moves each goes its own way, and those of another path are left alone.
static void tells_paths_apart(void **state)
{
    (void)state;
    struct net net = three_routers();
    static struct moves moves;
    moves = (struct moves){.net = &net};
    for (uint32_t n = 0; n < 4; n++) {
        struct move move = one;
        move.path = 7 + n % 2;
        move.prefix = numbered(n, FAMILY_IPV4);
        moves_add(&moves, &move);
    }
    struct move_order order;
    uint32_t at = 0, orders = 0;
    while (moves_order(&moves, (struct mono){0}, &at, &order))
        orders++;
    assert_int_equal(orders, 4);
    moves_want(&moves, 8, false);
    moves_want_one(&moves, numbered(0, FAMILY_IPV4), false);
    for (at = orders = 0; moves_order(&moves, (struct mono){0}, &at, &order); orders++)
        assert_true(!order.announce && !prefix_equal(order.prefix, numbered(2, FAMILY_IPV4)));
    assert_int_equal(orders, 3);
    uint32_t path;
    struct move_answer gone = {.router = 2, .upstream = 2, .what = MOVE_REFUSED};
    for (uint32_t n = 0; n < 4; n++) {
        gone.prefix = numbered(n, FAMILY_IPV4);
        enum move_news news = moves_told(&moves, (struct mono){0}, &gone, &path);
        assert_int_equal(news, n == 2 ? MOVE_NOT_DONE : MOVE_AS_ORDERED);
        assert_int_equal(path, 7 + n % 2);
    }
    moves_tidy(&moves, 8);
    assert_int_equal(moves.count, 2);
    moves_tidy(&moves, 7);
    assert_int_equal(moves.count, 1);
    assert_non_null(moves_find(&moves, numbered(2, FAMILY_IPV4)));
    moves_release(&moves);
    assert_int_equal(moves.count, 0);
    assert_int_equal(moves_told(&moves, (struct mono){0}, &gone, &path), MOVE_AS_ORDERED);
    assert_int_equal(path, NET_NOBODY);
    gone.what = MOVE_ANNOUNCED;
    assert_int_equal(moves_told(&moves, (struct mono){0}, &gone, &path), MOVE_STRAY);
}

// What a router says is of what stands there: not of what it has not answered to yet, nor of what
// stood there before.
static void a_word_is_of_what_stands(void **state)
{
    (void)state;
    struct net net = three_routers();
    static struct moves moves;
    moves = (struct moves){.net = &net};
    moves_add(&moves, &one);
    const struct move *move = &moves.items[0];
    const struct move_saying no = {2, 2, one.prefix, STANDING_NOT_TAKEN};
    const enum move_outcome told[] = {MOVE_ANNOUNCED, MOVE_WITHDRAWN, MOVE_ANNOUNCED};
    struct move_order order;
    uint32_t path;
    for (uint32_t n = 0; n < 3; n++) {
        uint32_t at = 0;
        moves_want(&moves, 7, told[n] == MOVE_ANNOUNCED);
        assert_true(moves_order(&moves, (struct mono){300 * n}, &at, &order));
        assert_int_equal(order.router, 2);
        moves_said(&moves, (struct mono){0}, &no);
        assert_int_equal(move->said[2], n == 1 ? STANDING_NOT_TAKEN : STANDING_UNTOLD);
        moves_told(&moves, (struct mono){0}, &(struct move_answer){2, 2, one.prefix, told[n]},
                   &path);
        assert_int_equal(move->said[2], STANDING_UNTOLD);
        if (n == 0)
            moves_said(&moves, (struct mono){0}, &no);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_in_safe_order),
        cmocka_unit_test(keeps_the_limits),
        cmocka_unit_test(tells_paths_apart),
        cmocka_unit_test(a_word_is_of_what_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
