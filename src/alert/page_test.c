// SPDX-License-Identifier: ISC
#include "alert/page.h"

#include "base/check.h"
#include "base/random.h"

#include <jansson.h>
#include <string.h>

static const struct page_about arveon = {
    .kind = PAGE_NEW,
    .site = "fra1",
    .outage = 4,
    .state = OUTAGE_OPEN,
    .severity = OUTAGE_CRITICAL,
    .share_ppm = 380000,
    .onset_s = 1772529262,
    .title = "28 BFD sessions of fra-rr-4 down",
    .cause = "change CR-2026-3148 by deploy, on fra-rr-4 alone: 15 ms where its siblings have 150",
    .action = "nothing is moved",
    .has_it = "",
};

static void says_everything(void **state)
{
    (void)state;
    char text[PAGE_TEXT_MAX];
    page_write(&arveon, text);
    assert_string_equal(text, "CRITICAL fra1 outage 4: 28 BFD sessions of fra-rr-4 down since "
                              "2026-03-03 09:14:22 UTC, 38.0 % of packets lost. Cause: change "
                              "CR-2026-3148 by deploy, on fra-rr-4 alone: 15 ms where its siblings "
                              "have 150. Done: nothing is moved. Do: fairlead ack 4");
    struct page_about about = arveon;
    about.kind = PAGE_OVER;
    about.severity = OUTAGE_MINOR;
    page_write(&about, text);
    assert_non_null(strstr(text, "MINOR fra1 outage 4 is over: 28 BFD"));
    assert_null(strstr(text, "% of packets"));
    assert_null(strstr(text, "ack"));
    about.kind = PAGE_CHANGED;
    about.has_it = "anna";
    about.others = 3;
    page_write(&about, text);
    assert_non_null(strstr(text, "MINOR fra1 outage 4 now: 28 BFD"));
    assert_non_null(strstr(text, ". anna has it; 3 more: fairlead incidents"));
    about.kind = PAGE_AGAIN;
    page_write(&about, text);
    assert_non_null(strstr(text, "outage 4 is not acknowledged: "));
    about.has_it = "";
    about.kind = PAGE_GRAVER;
    page_write(&about, text);
    assert_non_null(strstr(text, "outage 4 is graver: 28 BFD"));
    about.had_it = "anna";
    page_write(&about, text);
    assert_non_null(strstr(text, "outage 4 is graver than what anna took: 28 BFD"));
    assert_non_null(strstr(text, "Do: fairlead ack 4"));
    about.kind = PAGE_EXPIRED;
    page_write(&about, text);
    assert_non_null(strstr(text, "outage 4 is no longer anna's: 28 BFD"));
    page_write_heartbeat("fra1", "phone", 1772529262, text);
    assert_string_equal(text, "fra1: Fairlead pages by phone at 2026-03-03 09:14:22 UTC");
}

// As it was said in the lab: the digit, its siblings' and what to do must be in 300 characters.
static void names_the_digit(void **state)
{
    (void)state;
    struct page_about about = {
        .kind = PAGE_NEW,
        .site = "fra1",
        .outage = 1,
        .state = OUTAGE_WARNED,
        .severity = OUTAGE_MAJOR,
        .onset_s = 1772529262,
        .title = "BFD session down 28 times on fra-rr-4",
        .cause =
            "change BFD-2211 by ansible, on fra-rr-4 alone: protocol bfd watch interface "
            "fabric min rx interval 15 ms; the others have 150, it had 1500 before (and 1 more "
            "like it) (the cause, 100 %), 3 min before BFD session down 28 times on fra-rr-4",
        .action = "roll back on fra-rr-4: nothing is lost yet",
        .has_it = ""};
    char text[PAGE_TEXT_MAX];
    page_write(&about, text);
    assert_non_null(strstr(text, "interval 15 ms; the others have 150"));
    assert_non_null(strstr(text, "Now: roll back on fra-rr-4"));
    assert_null(strstr(text, "Done"));                                // by nobody yet
    assert_non_null(strstr(text, "the others have 150, it... Now"));  // no half word
}

// Whatever the lengths: within its bounds, with number, time and what to do, and what did not fit
// marked as cut.
static void keeps_what_matters_at_any_length(void **state)
{
    (void)state;
    static const char letters[] = "loss on \xc3\xa4 path \xe2\x82\xac ";
    struct random random = {7};
    for (int i = 0; i < 20000; i++) {
        char parts[3][OUTAGE_CAUSE_MAX], text[PAGE_TEXT_MAX + 1];
        static const size_t sizes[3] = {OUTAGE_TITLE_MAX, OUTAGE_CAUSE_MAX, OUTAGE_ACTION_MAX};
        for (int p = 0; p < 3; p++) {
            size_t length = random_u64(&random) % sizes[p], at = 0;
            for (; at < length; at++)
                parts[p][at] = letters[at % (sizeof letters - 1)];
            while (at > 0 && ((unsigned char)letters[at % (sizeof letters - 1)] & 0xc0) == 0x80)
                at--;  // whole characters only
            parts[p][at] = '\0';
        }
        struct page_about about = arveon;
        static const enum page_kind kinds[] = {PAGE_NEW,  PAGE_AGAIN,  PAGE_CHANGED,
                                               PAGE_OVER, PAGE_GRAVER, PAGE_EXPIRED};
        about.kind = kinds[random_u64(&random) % 6];
        about.had_it = random_u64(&random) % 2 ? "person-with-a-name-of-31-letters" : "";
        about.outage = UINT32_MAX;
        about.site = "a-site-with-a-name-of-31-letters";
        about.title = parts[0];
        about.cause = parts[1];
        about.action = parts[2];
        about.others = (uint32_t)(random_u64(&random) % 3);
        text[PAGE_TEXT_MAX] = 'x';
        page_write(&about, text);
        size_t all = strlen(parts[0]) + strlen(parts[1]) + strlen(parts[2]);
        assert_true(text[PAGE_TEXT_MAX] == 'x' && strlen(text) < PAGE_TEXT_MAX);
        assert_non_null(strstr(text, "4294967295"));
        assert_non_null(strstr(text, "09:14:22 UTC"));
        assert_true(about.kind == PAGE_OVER || strstr(text, "Do: fairlead ack 4294967295"));
        assert_true(all < 290 || strstr(text, "..."));
        assert_true(strlen(parts[1]) > (about.had_it[0] ? 30 : 40) || strstr(text, parts[1]));
        json_t *good = json_string(text);  // only what is UTF-8
        assert_non_null(good);
        json_decref(good);
    }
}

// What a start found: freeze, drains, both, and all that must be said however long the reasons are.
static void says_what_a_start_found(void **state)
{
    (void)state;
    static const char why[] = "anna since 2026-03-03T09:14:22Z: core change";
    static const struct {
        struct page_found found;
        const char *text;
    } rows[] = {
        {{"fra1", why, "", 0},
         "fra1: Fairlead started anew, still frozen by anna since 2026-03-03T09:14:22Z: core "
         "change. Nothing is moved. Do: fairlead thaw"},
        {{"fra1", "", "upstream transit-a", 1},
         "fra1: Fairlead started anew. No longer drained: upstream transit-a. Do, if somebody "
         "works there: fairlead drain OBJECT"},
        {{"fra1", why, "router edge2", 3},
         "fra1: Fairlead started anew, still frozen by anna since 2026-03-03T09:14:22Z: core "
         "change. Nothing is moved. Do: fairlead thaw. No longer drained: router edge2 and 2 more. "
         "Do, if somebody works there: fairlead drain OBJECT"},
    };
    char text[PAGE_TEXT_MAX], reason[160], object[128];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        page_write_found(&rows[i].found, text);
        assert_string_equal(text, rows[i].text);
    }
    memset(reason, 'r', sizeof reason - 1);
    memset(object, 'o', sizeof object - 1);
    reason[sizeof reason - 1] = object[sizeof object - 1] = '\0';
    static const char site[] = "a-site-with-a-name-of-31-letter";
    page_write_found(&(struct page_found){site, reason, "", 0}, text);
    assert_non_null(strstr(text, "rrr. Nothing is moved. Do: fairlead thaw"));
    page_write_found(&(struct page_found){site, reason, object, 99}, text);
    assert_non_null(strstr(text, "rrr... Nothing is moved. Do: fairlead thaw. No longer"));
    assert_non_null(strstr(text, "ooo... and 98 more. Do, if somebody works there: fairlead "
                                 "drain OBJECT"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_everything),
        cmocka_unit_test(names_the_digit),
        cmocka_unit_test(keeps_what_matters_at_any_length),
        cmocka_unit_test(says_what_a_start_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
