// SPDX-License-Identifier: ISC
#include "steer/ledger.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

struct router {  // one that says `word` of whatever it is asked
    enum standing_word word;
    char told[256];
};

static enum standing_word answer(void *context, const struct standing *standing, char *why)
{
    const struct router *router = context;
    (void)standing;
    snprintf(why, WORDS_WHY_MAX, "asked");
    return router->word;
}

static void hear(void *context, const struct standing *standing, enum standing_word word,
                 const char *why)
{
    static const char *const words[] = {"untold", "taken", "not taken"};
    struct router *router = context;
    char text[PREFIX_TEXT_MAX];
    size_t used = strlen(router->told);
    snprintf(router->told + used, sizeof router->told - used, "%s %s %s\n",
             prefix_format(standing->permit.prefix, text), words[word], why);
}

static const struct standing *put(struct ledger *ledger, enum permit_kind kind, const char *text,
                                  uint32_t upstream)
{
    struct permit permit = {.kind = kind, .upstream = upstream, .prefix = check_prefix(text)};
    ledger_put(ledger, &permit);
    return ledger_find(ledger, 0, permit.prefix);
}

static void asks(struct ledger *ledger, struct router *router, const char *expected)
{
    router->told[0] = '\0';
    words_ask(ledger, &(struct words_hearer){router, answer, hear});
    assert_string_equal(router->told, expected);
}

static void a_word_is_told_when_it_is_another(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_new(&ledger_limits);
    struct router router = {.word = STANDING_NOT_TAKEN};
    ledger_said(ledger, put(ledger, PERMIT_OVERRIDE, "20.1.0.0/16", 1));
    ledger_said(ledger, put(ledger, PERMIT_EXIT, "2a10:97::1/128", 1));
    ledger_said(ledger, put(ledger, PERMIT_OWN, "20.200.0.0/22", NET_NOBODY));
    put(ledger, PERMIT_OVERRIDE, "2a10:1::/32", 1);  // the router has not heard of it yet
    asks(ledger, &router, "");                       // it may say what was before
    asks(ledger, &router, "20.1.0.0/16 not taken asked\n2a10:97::1/128 not taken asked\n");
    asks(ledger, &router, "");
    router.word = STANDING_TAKEN;
    asks(ledger, &router, "20.1.0.0/16 taken asked\n2a10:97::1/128 taken asked\n");
    // Moved on: what it says first is of the way before.
    ledger_said(ledger, put(ledger, PERMIT_OVERRIDE, "20.1.0.0/16", 2));
    asks(ledger, &router, "20.1.0.0/16 untold \n");
    asks(ledger, &router, "20.1.0.0/16 taken asked\n");
    ledger_free(ledger);
}

// When one is taken back, the last takes its place: with its own word, not with what was said of
// the other.
static void what_takes_a_place_keeps_its_word(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_new(&ledger_limits);
    struct router router = {.word = STANDING_NOT_TAKEN};
    ledger_said(ledger, put(ledger, PERMIT_OVERRIDE, "20.1.0.0/16", 1));
    for (int n = 0; n < 5; n++)
        asks(ledger, &router, n == 1 ? "20.1.0.0/16 not taken asked\n" : "");
    ledger_said(ledger, put(ledger, PERMIT_OVERRIDE, "2a10:1::/32", 1));
    ledger_strike(ledger, ledger_find(ledger, 0, check_prefix("20.1.0.0/16")));
    asks(ledger, &router, "");  // it was told just now
    asks(ledger, &router, "2a10:1::/32 not taken asked\n");
    put(ledger, PERMIT_OVERRIDE, "20.2.0.0/16", 1);
    put(ledger, PERMIT_OVERRIDE, "20.3.0.0/16", 1);
    ledger_strike(ledger, ledger_find(ledger, 0, check_prefix("2a10:1::/32")));
    ledger_said(ledger, put(ledger, PERMIT_OVERRIDE, "2a10:1::/32", 1));
    asks(ledger, &router, "");
    asks(ledger, &router, "2a10:1::/32 not taken asked\n");
    ledger_strike(ledger, ledger_find(ledger, 0, check_prefix("20.2.0.0/16")));
    asks(ledger, &router, "");  // known
    ledger_free(ledger);
    ledger = ledger_new(&ledger_limits);
    for (int n = 0; n < 2; n++) {  // one after the other
        ledger_said(ledger, put(ledger, PERMIT_OVERRIDE, "20.1.0.0/16", 1));
        asks(ledger, &router, "");
        asks(ledger, &router, "20.1.0.0/16 not taken asked\n");
        ledger_strike(ledger, ledger_find(ledger, 0, check_prefix("20.1.0.0/16")));
    }
    ledger_free(ledger);
}

static void a_word_is_told_once_however_often_it_is_asked_for(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_new(&ledger_limits);
    struct router router = {.word = STANDING_TAKEN};
    ledger_said(ledger, put(ledger, PERMIT_OVERRIDE, "20.1.0.0/16", 1));
    for (int n = 0; n < 1000; n++)
        asks(ledger, &router, n == 1 ? "20.1.0.0/16 taken asked\n" : "");
    ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_told_when_it_is_another),
        cmocka_unit_test(what_takes_a_place_keeps_its_word),
        cmocka_unit_test(a_word_is_told_once_however_often_it_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
