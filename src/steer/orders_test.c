// SPDX-License-Identifier: ISC
#include "steer/orders.h"

#include "steer/gate_check.h"
#include "steer/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Words of a script, in order:
//   lease release   the engine's
//   +1 -1           announce to edge1, or withdraw there: transit-b
//   +1a -1a         the same of transit-a
//   old             what follows was said STEER_ORDER_MS ago
//   soon            or will be said in as long
//   go              what waits is carried out
//   kill unkill     the kill file
//   500             so many milliseconds pass, and the lease is looked at
//   lost            the prefix is gone from transit-b; all is rechecked
//   longer          its path there is another now
//   down1           the session with edge1 is gone
// What the hearer must hear: +1 -1 !1 as told to the engine, and before it s1 or g1 as what is for
// the router, with reasons in brackets.
static const struct {
    const char *name, *script, *heard;
} rows[] = {
    {"stands, and goes as ordered", "lease +1 go -1 go", "s1 +1 g1 -1"},
    {"nothing before a lease", "+1 go lease +1 go", "!1(no lease from the engine) s1 +1"},
    {"nothing is carried out but together", "lease +1", ""},
    {"the lease comes with the orders", "lease +1 +2 go", "s1 +1 s2 +2"},
    {"the lease runs out", "lease +1 go 2999 1", "s1 +1 g1 -1(the engine's lease ran out)"},
    {"a lease that is renewed", "lease +1 go 2999 lease go 2999", "s1 +1"},
    {"a lease that was long on its way", "lease +1 go old lease go 1999 1",
     "s1 +1 g1 -1(the engine's lease ran out)"},
    {"a lease of a time to come", "soon lease +1 go 2999 1",
     "s1 +1 g1 -1(the engine's lease ran out)"},
    {"a release takes back what waits", "lease +1 +2 release go",
     "!1(taken back before it was done) !2(taken back before it was done)"},
    {"a withdrawal takes back what waits", "lease +1 +2 -1 go",
     "!1(taken back before it was done) s2 +2 -1(did not stand)"},
    {"but not what leads elsewhere", "lease +1 -1a go", "s1 +1 -1(replaced before)"},
    {"nor what was said after it", "lease +1 -1 +1 go",
     "!1(taken back before it was done) -1(did not stand) s1 +1"},
    {"a release, then orders", "lease release +1 go", "s1 +1"},
    {"a release of what stands", "lease +1 +2 go release go",
     "s1 +1 s2 +2 g2 -2(released) g1 -1(released)"},
    {"an order of long ago", "lease old +1 go", "!1(the order is too old)"},
    {"one that waited, and not for too long", "lease go +1 999 go", "s1 +1"},
    {"one that waited for too long", "lease go +1 999 1 go", "!1(the order is too old)"},
    {"a withdrawal is never too old", "lease +1 go old -1 go", "s1 +1 g1 -1"},
    {"twice", "lease +1 go +1 go", "s1 +1 +1(stood already)"},
    {"the switch is pulled", "lease +1 go kill +1 go unkill +1 go",
     "s1 +1 g1 -1(S20) !1(S20) s1 +1"},
    {"its ground is gone", "lease +1 go lost", "s1 +1 g1 -1(S2)"},
    {"its ground is another", "lease +1 go longer", "s1 +1 s1"},
    {"a session is lost", "lease +1 +2 go down1", "s1 +1 s2 +2 g1 -1(gone)"},
    {"the gate refuses", "lease lost +1 go", "!1(S2)"},
};

struct scene {
    struct site site;
    struct orders *orders;
    char heard[1024];
    int64_t late_ms;
};

static void note(struct scene *scene, char sign, uint32_t router, const char *why)
{
    size_t used = strlen(scene->heard);
    int rule = (int)strcspn(why, ":");  // of the gate's words only which it was
    snprintf(scene->heard + used, sizeof scene->heard - used, "%s%c%u%s%.*s%s", used ? " " : "",
             sign, router + 1, why[0] ? "(" : "", rule, why, why[0] ? ")" : "");
}

static void told(void *context, const struct order_news *news)
{
    const char sign = "+-!"[news->outcome];
    note(context, sign, news->what.router, news->why);
}

static void stands(void *context, const struct permit *permit)
{
    note(context, 's', permit->router, "");
}

static void gone(void *context, const struct standing *standing)
{
    note(context, 'g', standing->permit.router, "");
}

static void order(struct scene *scene, const char *word)
{
    const struct site *site = &scene->site;
    struct order order = {.said_at = mono_add_ms(site->now, -scene->late_ms),
                          .what = site->request};
    order.kind = word[0] == '+'   ? ORDER_ANNOUNCE
                 : word[0] == '-' ? ORDER_WITHDRAW
                 : word[0] == 'l' ? ORDER_LEASE
                                  : ORDER_RELEASE;
    if (word[0] == '+' || word[0] == '-') {
        order.what.router = word[1] == '1' ? EDGE1 : EDGE2;
        order.what.upstream = word[2] == 'a' ? TRANSIT_A : TRANSIT_B;
    }
    scene->late_ms = 0;
    orders_take(scene->orders, &order);
}

static void befall(struct scene *scene, const char *word)
{
    struct site *site = &scene->site;
    struct rib_attributes longer = via(&site->net, TRANSIT_B, site->request.prefix.address.family);
    static const uint8_t path[] = {2, 3, 0, 0, 0xfd, 0xea, 0, 0, 0xfd, 0xeb, 0, 0, 0xfe, 0x4c};
    longer.as_path.bytes = path;
    longer.as_path.size = sizeof path;
    if (strcmp(word, "lost") == 0)
        rib_withdraw(site->rib, EDGE2, site->request.prefix, TRANSIT_B);
    if (strcmp(word, "longer") == 0)
        check_learn(site->rib, EDGE2, site->request.prefix, TRANSIT_B, &longer);
    if (strcmp(word, "down1") == 0)
        orders_session_down(scene->orders, EDGE1, "gone");
    else
        orders_recheck(scene->orders, site->request.prefix);
}

static void play(struct scene *scene, const char *word)
{
    if (word[0] == '+' || word[0] == '-' || strcmp(word, "lease") == 0 ||
        strcmp(word, "release") == 0) {
        order(scene, word);
    } else if (strcmp(word, "old") == 0 || strcmp(word, "soon") == 0) {
        scene->late_ms = word[0] == 'o' ? STEER_ORDER_MS : -STEER_ORDER_MS;
    } else if (strcmp(word, "go") == 0) {
        orders_carry_out(scene->orders, scene->site.now);
    } else if (strchr(word, 'k')) {
        orders_kill(scene->orders, word[0] == 'k');
    } else if (atoi(word) > 0) {
        scene->site.now = mono_add_ms(scene->site.now, atoi(word));
        scene->orders->now = scene->site.now;
        orders_lease_ended(scene->orders);
    } else {
        befall(scene, word);
    }
}

static void play_row(size_t row, const char *prefix)
{
    struct scene scene = {.site = site_new(prefix), .orders = calloc(1, sizeof(struct orders))};
    char script[256], *rest, *word;
    scene.site.net.steer.lease_ns = 3 * (int64_t)NS_PER_S;
    scene.site.gate.net = &scene.site.net;
    scene.orders->gate = &scene.site.gate;
    scene.orders->ledger = scene.site.ledger;
    scene.orders->hearer = (struct orders_hearer){&scene, told, stands, gone};
    snprintf(script, sizeof script, "%s", rows[row].script);
    for (word = strtok_r(script, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        play(&scene, word);
    if (strcmp(scene.heard, rows[row].heard) != 0)
        fail_msg("%s, %s: '%s'", rows[row].name, prefix, scene.heard);
    free(scene.orders);
    site_free(&scene.site);
}

static void orders_are_carried_out_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        play_row(i, "20.1.0.0/16");
        play_row(i, "2a10:1::/32");
    }
}

// A service is not taken from the world because the engine drops its plans.
static void own_prefixes_outlive_a_release(void **state)
{
    (void)state;
    struct scene scene = {.site = site_new("20.1.0.0/16"),
                          .orders = calloc(1, sizeof(struct orders))};
    struct permit own = {
        .kind = PERMIT_OWN, .upstream = NET_NOBODY, .prefix = check_prefix("20.9.0.0/16")};
    scene.site.gate.net = &scene.site.net;
    scene.orders->gate = &scene.site.gate;
    scene.orders->ledger = scene.site.ledger;
    scene.orders->hearer = (struct orders_hearer){&scene, told, stands, gone};
    ledger_put(scene.site.ledger, &own);
    own.kind = PERMIT_OVERRIDE;
    own.prefix = check_prefix("20.1.0.0/16");
    ledger_put(scene.site.ledger, &own);
    orders_release(scene.orders, "released");
    assert_int_equal(scene.site.ledger->count, 1);
    assert_int_equal(scene.site.ledger->standings[0].permit.kind, PERMIT_OWN);
    orders_withdraw_all(scene.orders, "over");
    assert_int_equal(scene.site.ledger->count, 0);
    free(scene.orders);
    site_free(&scene.site);
}

int main(void)
{
    const struct CMUnitTest units[] = {
        cmocka_unit_test(orders_are_carried_out_together),
        cmocka_unit_test(own_prefixes_outlive_a_release),
    };
    return cmocka_run_group_tests(units, NULL, NULL);
}
