// SPDX-License-Identifier: ISC
// What customers read: golden, from the first loss to the end of an outage, and what nobody may
// write into it.
#include "said/desk.h"

#include "base/check.h"
#include "engine/event.h"
#include "engine/small_net.h"

#include <stdlib.h>
#include <string.h>

#define AT(s) ((struct wall){(INT64_C(1466424600) + (s)) * NS_PER_S})  // 2016-06-20 12:10:00

enum { NOW_S = 1466424600 };

static void take_outage(struct said_desk *desk, int at_s, enum outage_state state)
{
    struct effect effect = {.kind = EFFECT_OUTAGE, .at = {at_s * (int64_t)NS_PER_S}};
    effect.outage = (struct effect_outage){.number = 12,
                                           .state = state,
                                           .severity = OUTAGE_MAJOR,
                                           .onset = {3 * (int64_t)NS_PER_S},
                                           .title = "loss on transit-a ipv4",
                                           .cause = "change by luke on ca1",
                                           .action = "incident 7"};
    said_desk_take(desk, AT(at_s), &effect);
}

static bool take_extent(struct said_desk *desk, int at_s, struct effect_extent extent)
{
    struct effect effect = {.kind = EFFECT_EXTENT, .at = {at_s * (int64_t)NS_PER_S}};
    extent.number = 12;
    effect.extent = extent;
    return said_desk_take(desk, AT(at_s), &effect);
}

static bool take_publish(struct said_desk *desk, uint32_t number, const char *note)
{
    struct effect effect = {.kind = EFFECT_PUBLISH, .publish = {.number = number, .who = "anna"}};
    strcpy(effect.publish.note, note);
    return said_desk_take(desk, AT(60), &effect);
}

static const struct effect_extent first = {.share_ppm = 20000,
                                           .hit_ipv4 = 1,
                                           .ever_ipv4 = 1,
                                           .routed_ipv4_ppm = 31000,
                                           .routed_ipv6_ppm = -1,
                                           .destinations = "DE: 3 of 4"};

// What is in the golden file; with FAIRLEAD_GOLDEN in the environment it is written anew.
static void check_golden(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, FAIRLEAD_SOURCE_DIR "/tests/said/%s", name);
    if (getenv("FAIRLEAD_GOLDEN")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *golden = calloc(1, 64 * 1024);
    golden[fread(golden, 1, 64 * 1024 - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, golden);
    free(golden);
}

static void check_page(const struct said_desk *desk, bool published, const char *name)
{
    struct said_text html = {0}, atom = {0};
    char file[64];
    json_t *page = said_desk_page(desk, published, NOW_S + 300);
    char *json = json_dumps(page, JSON_INDENT(1));
    said_status_html(page, &html);
    said_status_atom(page, &atom);
    assert_false(html.failed || atom.failed);
    snprintf(file, sizeof file, "%s.json", name);
    check_golden(file, json);
    snprintf(file, sizeof file, "%s.html", name);
    check_golden(file, html.bytes);
    snprintf(file, sizeof file, "%s.atom", name);
    check_golden(file, atom.bytes);
    free(json);
    json_decref(page);
    said_text_done(&html);
    said_text_done(&atom);
}

static void grows_with_the_outage(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk desk = {.net = &net, .run = 3};
    check_page(&desk, true, "nothing");
    take_extent(&desk, 5, first);
    take_outage(&desk, 5, OUTAGE_OPEN);
    check_page(&desk, false, "open");
    struct effect_extent more = first;
    more.traffic_known = true;
    more.hit_ipv6 = more.ever_ipv6 = 3;
    more.routed_ipv6_ppm = 0;
    take_extent(&desk, 9, more);
    assert_true(take_publish(&desk, 12, "We talk to the provider."));
    const struct effect ack = {.kind = EFFECT_ANSWERED,
                               .answered = {.what = ASKED_ACK, .done = true, .number = 12}};
    assert_true(said_desk_take(&desk, AT(61), &ack));
    more.hit_ipv6 = 2;
    more.moved = 3;
    take_extent(&desk, 65, more);
    take_outage(&desk, 65, OUTAGE_MITIGATED);
    // The loss pauses, and nobody says that it goes on.
    struct effect_extent pause = more;
    pause.share_ppm = 0;
    take_extent(&desk, 70, pause);
    check_page(&desk, false, "pause");
    // What was published stays as it was until a person says so again.
    check_page(&desk, true, "published");
    more.hit_ipv4 = more.hit_ipv6 = more.moved = more.share_ppm = 0;
    take_extent(&desk, 200, more);
    take_outage(&desk, 200, OUTAGE_WELL);
    take_outage(&desk, 260, OUTAGE_OVER);
    check_page(&desk, false, "over");
    said_desk_done(&desk);
}

// No table has our networks, and no probe of ours notices.
static void says_which_networks_are_out_of_reach(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk desk = {.net = &net, .run = 3};
    struct effect_extent gone = {
        .own_lost = 1, .own = "192.0.2.0/24", .routed_ipv4_ppm = -1, .routed_ipv6_ppm = -1};
    take_extent(&desk, 5, gone);
    take_outage(&desk, 5, OUTAGE_OPEN);
    check_page(&desk, false, "networks");
    gone.own_lost = 0;
    take_extent(&desk, 9, gone);
    take_outage(&desk, 9, OUTAGE_WELL);
    check_page(&desk, false, "networks-well");
    said_desk_done(&desk);
}

// Packets to us may go elsewhere, which no probe of ours notices.
static void says_which_networks_others_announce(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk desk = {.net = &net, .run = 3};
    struct effect_extent hijacked = {
        .foreign_now = 1, .foreign = "2001:db8::/48", .routed_ipv4_ppm = -1, .routed_ipv6_ppm = -1};
    take_extent(&desk, 5, hijacked);
    take_outage(&desk, 5, OUTAGE_OPEN);
    const json_t *draft = desk.entries[0].draft;
    assert_string_equal(json_string_value(json_object_get(draft, "title")),
                        "Networks announced by others: 2001:db8::/48");
    const char *text = json_string_value(json_array_get(json_object_get(draft, "text"), 0));
    assert_non_null(strstr(text, "are announced by others, too, and packets to them may go there: "
                                 "2001:db8::/48."));
    hijacked.foreign_now = 0;
    take_extent(&desk, 9, hijacked);
    take_outage(&desk, 9, OUTAGE_OVER);
    draft = desk.entries[0].draft;
    text = json_string_value(json_array_get(json_object_get(draft, "text"), 0));
    assert_non_null(strstr(text, "were announced by others, too: 2001:db8::/48. They no longer "));
    assert_null(strstr(text, "Packet loss"));
    said_desk_done(&desk);
}

// What goes on as another one is not resolved.
static void says_of_what_it_is_part(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk desk = {.net = &net, .run = 3};
    take_extent(&desk, 5, first);
    take_outage(&desk, 5, OUTAGE_OPEN);
    struct effect effect = {.kind = EFFECT_OUTAGE, .at = {9 * (int64_t)NS_PER_S}};
    effect.outage = desk.entries[0].outage;
    effect.outage.state = OUTAGE_OVER;
    effect.outage.part_of = 11;
    said_desk_take(&desk, AT(9), &effect);
    check_page(&desk, false, "merged");
    said_desk_done(&desk);
}

// Nothing is lost: nothing is said. A second look at the same is no change.
static void says_nothing_without_loss(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk desk = {.net = &net, .run = 3};
    take_outage(&desk, 5, OUTAGE_WARNED);
    assert_null(desk.entries[0].draft);
    assert_false(take_publish(&desk, 12, ""));
    take_outage(&desk, 6, OUTAGE_OPEN);
    assert_null(desk.entries[0].draft);
    assert_true(take_extent(&desk, 6, first));
    assert_false(take_extent(&desk, 7, first));
    assert_null(desk.entries[0].published);
    assert_false(take_publish(&desk, 13, ""));
    assert_true(take_publish(&desk, 12, ""));
    assert_non_null(desk.entries[0].published);
    said_desk_done(&desk);
}

static void publishes_at_once_where_it_may(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk desk = {.net = &net, .run = 3};
    net.status_page.publish = NET_PUBLISH_AT_ONCE;
    take_extent(&desk, 5, first);
    take_outage(&desk, 5, OUTAGE_OPEN);
    assert_true(json_equal(desk.entries[0].published, desk.entries[0].draft));
    take_outage(&desk, 9, OUTAGE_WELL);
    assert_true(json_equal(desk.entries[0].published, desk.entries[0].draft));
    said_desk_done(&desk);
}

// Of an earlier life it stays as it was; what is broken is left out.
static void what_was_not_seen_to_its_end_says_so(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk before = {.net = &net, .run = 2}, desk = {.net = &net, .run = 3};
    take_extent(&before, 5, first);
    take_outage(&before, 5, OUTAGE_OPEN);
    char *open = json_dumps(before.entries[0].draft, 0);
    said_desk_load(&desk, 2, 12, open, open);
    check_page(&desk, false, "interrupted");
    assert_true(desk.entries[0].dirty);
    const json_t *published = desk.entries[0].published;
    assert_string_equal(json_string_value(json_object_get(published, "state")), "open");
    assert_false(take_publish(&desk, 12, ""));  // 3.12 is another one
    struct effect effect = {.kind = EFFECT_PUBLISH, .publish = {.run = 2, .number = 12}};
    assert_true(said_desk_take(&desk, AT(60), &effect));
    assert_true(json_equal(desk.entries[0].published, desk.entries[0].draft));
    char *told = json_dumps(desk.entries[0].draft, 0);
    said_desk_load(&desk, 2, 12, told, told);  // once is enough
    assert_false(desk.entries[0].dirty);
    net.status_page.publish = NET_PUBLISH_AT_ONCE;
    said_desk_load(&desk, 2, 12, open, open);
    assert_true(json_equal(desk.entries[0].published, desk.entries[0].draft));
    said_desk_load(&desk, 3, 12, open, "");  // of this life: it goes on
    assert_string_equal(json_string_value(json_object_get(desk.entries[1].draft, "state")), "open");
    free(open);
    free(told);
    said_desk_done(&before);
    said_desk_done(&desk);
}

// It was open when the process ended, and is told of by the next one: one text, one id.
static void goes_on_with_what_was_open(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk before = {.net = &net, .run = 2}, desk = {.net = &net, .run = 3};
    struct effect kept = {.kind = EFFECT_KEPT_OUTAGE,
                          .kept_outage = {.number = 12, .life = ALERT_ACKED}};
    take_extent(&before, 5, first);
    take_outage(&before, 5, OUTAGE_OPEN);
    char *open = json_dumps(before.entries[0].draft, 0);
    said_desk_carry(&desk, 2, 12);
    said_desk_load(&desk, 2, 12, open, "");
    assert_false(desk.entries[0].dirty);
    said_desk_take(&desk, AT(15), &kept);
    take_outage(&desk, 20, OUTAGE_OPEN);  // nothing is measured yet
    assert_true(json_equal(desk.entries[0].draft, before.entries[0].draft));
    assert_true(take_extent(&desk, 80, first));
    assert_string_equal(json_string_value(json_object_get(desk.entries[0].draft, "id")), "2.12");
    const char *doing = json_string_value(json_object_get(desk.entries[0].draft, "doing"));
    assert_non_null(strstr(doing, "has it in hand"));
    take_outage(&desk, 90, OUTAGE_OVER);
    const json_t *draft = desk.entries[0].draft;
    assert_string_equal(json_string_value(json_object_get(draft, "state")), "over");
    assert_true(json_array_size(json_object_get(draft, "updates")) >
                json_array_size(json_object_get(before.entries[0].draft, "updates")));
    assert_true(take_publish(&desk, 12, ""));
    assert_int_equal(desk.count, 1);
    char names[SAID_NAMES_MAX];
    said_desk_names(&desk, names);
    assert_string_equal(names, " 2.12 12 ");
    // What was heard of it before the file was open leaves what is drafted there.
    struct said_desk early = {.net = &net};
    take_outage(&early, 20, OUTAGE_OPEN);
    said_desk_join(&desk, &early);
    assert_int_equal(desk.count, 1);
    assert_non_null(desk.entries[0].draft);
    free(open);
    said_desk_done(&before);
    said_desk_done(&desk);
}

static void takes_up_what_was_kept(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk desk = {.net = &net, .run = 3};
    said_desk_load(&desk, 2, 12, "{\"id\":\"2.12\",\"state\":\"open\"}", "");
    said_desk_load(&desk, 2, 13, "{\"id\":\"2.13\"}", "{\"id\":\"2.13\"}");
    said_desk_load(&desk, 2, 14, "no JSON", "");
    said_desk_load(&desk, 2, 15, "[]", "");
    assert_int_equal(desk.count, 2);
    json_t *page = said_desk_page(&desk, true, NOW_S);
    assert_int_equal(json_array_size(json_object_get(page, "outages")), 1);
    json_decref(page);
    take_extent(&desk, 5, first);
    take_outage(&desk, 5, OUTAGE_OPEN);
    assert_int_equal(desk.count, 3);  // 3.12 is another than 2.12
    for (uint32_t n = 100; n < 100 + SAID_STATUSES_MAX; n++)
        said_desk_load(&desk, 2, n, "{}", "");
    assert_int_equal(desk.count, SAID_STATUSES_MAX);
    assert_true(desk.entries[0].run == 2 && desk.entries[0].number == 12);  // both go on
    assert_true(desk.entries[1].run == 3 && desk.entries[1].number == 12);
    assert_int_equal(desk.entries[2].number, 102);
    char names[SAID_NAMES_MAX];
    said_desk_names(&desk, names);
    assert_non_null(strstr(names, " 2.12 3.12 12 2.102 2.103 "));
    assert_null(strstr(names, " 102 "));
    // What was drafted before it was known which run this is.
    struct said_desk before = {.net = &net};
    take_extent(&before, 5, first);
    take_outage(&before, 5, OUTAGE_OPEN);
    said_desk_join(&desk, &before);
    const struct said_entry *last = &desk.entries[1];
    assert_int_equal(last->run, 3);
    assert_string_equal(json_string_value(json_object_get(last->draft, "id")), "3.12");
    said_desk_done(&desk);
}

// Names are of the configuration and notes of persons: neither becomes markup.
static void is_text_whatever_is_written(void **state)
{
    (void)state;
    struct net net = small_net();
    struct said_desk desk = {.net = &net, .run = 3};
    static const char wicked[] = "<script>alert('\"&\x01\x7f')</script>";
    snprintf(net.site, sizeof net.site, "%.31s", wicked);
    snprintf(net.upstreams[0].name, sizeof net.upstreams[0].name, "%.31s", wicked);
    struct effect_extent extent = first;
    snprintf(extent.destinations, sizeof extent.destinations, "%s", wicked);
    take_extent(&desk, 5, extent);
    take_outage(&desk, 5, OUTAGE_OPEN);
    assert_true(take_publish(&desk, 12, wicked));
    struct said_text html = {0}, atom = {0};
    json_t *page = said_desk_page(&desk, true, NOW_S);
    said_status_html(page, &html);
    said_status_atom(page, &atom);
    const char *const texts[] = {html.bytes, atom.bytes};
    for (int i = 0; i < 2; i++) {
        assert_null(strstr(texts[i], "<script"));
        assert_null(strstr(texts[i], "alert('"));
        assert_null(strchr(texts[i], '\x01'));
        assert_null(strchr(texts[i], '\x7f'));
        assert_non_null(strstr(texts[i], "&lt;script&gt;alert(&#39;&quot;&amp;??"));
    }
    json_decref(page);
    said_text_done(&html);
    said_text_done(&atom);
    said_desk_done(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_with_the_outage),
        cmocka_unit_test(says_which_networks_are_out_of_reach),
        cmocka_unit_test(says_which_networks_others_announce),
        cmocka_unit_test(says_of_what_it_is_part),
        cmocka_unit_test(what_was_not_seen_to_its_end_says_so),
        cmocka_unit_test(says_nothing_without_loss),
        cmocka_unit_test(publishes_at_once_where_it_may),
        cmocka_unit_test(goes_on_with_what_was_open),
        cmocka_unit_test(takes_up_what_was_kept),
        cmocka_unit_test(is_text_whatever_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
