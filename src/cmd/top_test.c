// SPDX-License-Identifier: ISC
#include "cmd/top.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

enum { SCREEN_TEXT_MAX = 64 * 1024 };

static const char quiet[] =
    "{'time':'2026-10-03T07:01:22.000000Z','version':'0.1.0','engine':{'site':'fra1','mode':'act',"
    "'frozen':false,'frozen_why':'','ready':true,'waiting':'','paths':["
    "{'path':'transit-a ipv4','upstream':'transit-a','family':'ipv4','verdict':'good','loss_ppm':0,"
    "'samples':640,'rtt_p50_ns':2100000},"
    "{'path':'transit-a ipv6','upstream':'transit-a','family':'ipv6','verdict':'good','loss_ppm':0,"
    "'samples':640,'rtt_p50_ns':2300000},"
    "{'path':'as-routed ipv4','upstream':null,'family':'ipv4','verdict':'unheard','loss_ppm':0,"
    "'samples':0,'rtt_p50_ns':0}],"
    "'sessions':[{'router':'edge1','up':true,'complete':['ipv4','ipv6']},"
    "{'router':'edge2','up':false,'complete':[]}],'roles':[{'role':'probe','state':'alive'}],"
    "'override_count':0,'notice_count':0,'notices':[],'faults':[],'drains':[],'outages':[],"
    "'use':[{'upstream':'transit-a','capacity_mbps':10000,'out_bps':3100000000,'in_bps':null}]},"
    "'facts':[{'time':'2026-10-03T07:00:00.000000Z','text':'session with edge2 is down'}]}";

static const char unheard[] =
    "{'engine':{'ready':true,'sessions':[{'router':'edge1','up':true}],'paths':["
    "{'path':'transit-a ipv4','verdict':'good'},{'path':'transit-a ipv6','verdict':'good'},"
    "{'path':'as-routed ipv4','verdict':'unheard'}]}}";

static const char broken[] =
    "{'time':'2026-10-03T07:01:22.000000Z','version':'0.1.0','engine':{'site':'fra1','mode':'act',"
    "'frozen':true,'frozen_why':'luke','ready':true,'waiting':'','paths':["
    "{'path':'transit-a ipv4','upstream':'transit-a','family':'ipv4','verdict':'confirmed',"
    "'loss_ppm':1000000,'samples':640,'rtt_p50_ns':0},"
    "{'path':'transit-a ipv6','upstream':'transit-a','family':'ipv6','verdict':'suspect',"
    "'loss_ppm':123400,'samples':640,'rtt_p50_ns':102300000}],"
    "'sessions':[],'roles':[],'override_count':12,'notice_count':3,'notices':["
    "{'words':'own prefix withdrawn','severity':'error','prefix':'203.0.113.0/24',"
    "'router':'edge1','text':'was by \\u001b[2J','since_ns':5}],"
    "'faults':[{'fault':1,'state':'named','upstream':'transit-a','family':'ipv4',"
    "'direction':'reverse','words':'transit-a, bucket 2 of 8','others':'the router','samples':900,"
    "'lost':90,'odds_millinats':14200,'asked_millinats':7000}],'drains':["
    "{'object':'upstream transit-b','state':'safe','text':'nothing goes by it'}],'inbound':["
    "{'path':'transit-a ipv4','state':'held','verdict':'act','stance':'graceful','prefixes':2,"
    "'approval':0,'reason':'less comes in'}]},'facts':[]}";

static const char outages[] =
    "[{'outage':4,'severity':'minor','state':'open','age_ns':900000000000,'title':'four',"
    "'cause':'none is known','action':'watches'},"
    "{'outage':5,'severity':'critical','state':'open','age_ns':41000000000,"
    "'title':'transit-a: 100 % of packets','cause':'change by luke on ca1','action':"
    "'12 prefixes are at transit-b','faults':[1],'incidents':[{'path':'transit-a ipv4',"
    "'incident':7,'state':'acting','reason':'loses all'}],'causes':[{'words':'change by luke',"
    "'share_ppm':991000,'millinats':12300,'time_millinats':4000,'odd_millinats':-500}]}]";

static json_t *json_of(const char *text)
{
    char with[8192];
    size_t i = 0;
    for (; text[i]; i++)
        with[i] = text[i] == '\'' ? '"' : text[i];
    with[i] = '\0';
    json_t *json = json_loads(with, 0, NULL);
    assert_non_null(json);
    return json;
}

static struct top top_of(const char *picture, const char *open)
{
    struct top top = {.follows = true};
    top.picture = picture ? json_of(picture) : NULL;
    top.outages = json_of(open);
    top_sort(top.outages);
    return top;
}

static void done(struct top *top)
{
    json_decref(top->picture);
    json_decref(top->outages);
}

// The screen as lines without the spaces behind them; an ellipsis is '~'.
static const char *screen_of(struct top *top, uint32_t rows, uint32_t columns, char *text)
{
    struct canvas canvas;
    size_t used = 0;
    canvas_init(&canvas, rows, columns);
    top_draw(top, &canvas);
    for (uint32_t r = 0; r < canvas.rows; r++) {
        size_t end = used;
        for (uint32_t c = 0; c < canvas.columns; c++) {
            uint32_t character = canvas.cells[r * canvas.columns + c].character;
            assert_true(character >= ' ' && character != 0x7f);
            text[used++] = character < 0x7f ? (char)character : '~';
            end = character == ' ' ? end : used;
        }
        used = end;
        text[used++] = '\n';
    }
    text[used] = '\0';
    canvas_done(&canvas);
    return text;
}

static void has(const char *screen, const char *text)
{
    if (strstr(screen, text))
        return;
    print_error("not on the screen: %s\n%s", text, screen);
    fail();
}

static void hasnt(const char *screen, const char *text)
{
    if (strstr(screen, text))
        print_error("on the screen: %s\n%s", text, screen);
    assert_null(strstr(screen, text));
}

static void says_the_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *picture, *outages, *sentence;
        enum canvas_ink ink;
    } rows[] = {
        {NULL, "[]", "Nothing was heard from the daemon yet.", CANVAS_WARN},
        {"{}", "[]", "The daemon has no picture of itself.", CANVAS_WARN},
        {"{'engine':{'ready':true,'paths':[{'path':'a ipv4','verdict':'good'}]}}", "[]",
         "Nothing is wrong: all 1 ways are good. Fairlead has moved nothing.", CANVAS_GOOD},
        {"{'engine':{'ready':true,'override_count':3,'paths':[]}}", "[]",
         "Nothing is wrong: all 0 ways are good. Fairlead still has 3 announcements moved.",
         CANVAS_GOOD},
        {"{'engine':{'ready':false,'waiting':'not every path was measured yet','paths':[]}}", "[]",
         "Nothing is wrong: all 0 ways are good. Fairlead has moved nothing. It would not act yet: "
         "not "
         "every path was measured yet.",
         CANVAS_WARN},
        {"{'engine':{'ready':true,'paths':[],'sessions':[{'router':'edge1','up':false},"
         "{'router':'edge2','up':true}],'roles':[{'role':'probe','state':'dead'},"
         "{'role':'web','state':'alive'}]}}",
         "[]",
         "No outage, but the BGP session with edge1 is down, the probe process is dead. Fairlead "
         "has moved nothing.",
         CANVAS_BAD},
        {unheard, "[]",
         "No outage, but as-routed ipv4 is unheard (2 of 3 ways are good). Fairlead has moved "
         "nothing.",
         CANVAS_WARN},
        {broken, outages,
         "2 outages, the worst critical, for 41 s: transit-a: 100 % of packets. Fairlead: 12 "
         "prefixes "
         "are at transit-b. FROZEN by luke: nothing is moved until a thaw.",
         CANVAS_BAD},
        {quiet, "[{'outage':4,'severity':'minor','age_ns':7500000000000,'title':'x','action':'y'}]",
         "1 outage, minor, for 2 h 05 min: x. Fairlead: y.", CANVAS_WARN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct top top = top_of(rows[i].picture, rows[i].outages);
        char text[TOP_WORDS_MAX];
        enum canvas_ink ink = top_sentence(&top, text);
        assert_string_equal(text, rows[i].sentence);
        assert_int_equal(ink, rows[i].ink);
        done(&top);
    }
}

static void says_lengths_and_rates(void **state)
{
    (void)state;
    static const struct {
        int64_t s;
        const char *text;
    } lengths[] = {{0, "0 s"},         {119, "119 s"},       {120, "2 min"},
                   {7199, "119 min"},  {7200, "2 h 00 min"}, {172799, "47 h 59 min"},
                   {172800, "2 d 0 h"}};
    static const struct {
        int64_t bps;
        const char *text;
    } rates[] = {{0, "0 bit/s"},
                 {999, "999 bit/s"},
                 {1000, "1.0 kbit/s"},
                 {3100000000, "3.1 Gbit/s"},
                 {31000000000, "31 Gbit/s"}};
    char text[TOP_LENGTH_MAX];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        assert_string_equal(top_length(lengths[i].s * 1000000000, text), lengths[i].text);
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        assert_string_equal(top_bits(rates[i].bps, text), rates[i].text);
}

static void shows_a_quiet_network(void **state)
{
    (void)state;
    struct top top = top_of(quiet, "[]");
    char text[SCREEN_TEXT_MAX];
    screen_of(&top, 24, 80, text);
    assert_int_equal(strncmp(text,
                             " fairlead 0.1.0  site fra1, mode act"
                             "                               07:01:22 UTC\n"
                             " No outage, but the BGP session with edge",
                             120),
                     0);
    has(text, "\n WAYS OUT        IPv4         lost         delay IPv6         lost         delay\n"
              " transit-a       good       0.00 %        2.1 ms good       0.00 %        2.3 ms\n"
              " as routed       unheard         -             - -\n");
    has(text, "  edge1           up         complete: ipv4 ipv6\n");
    has(text, "  edge2           DOWN       no family is complete\n");
    has(text, " NO NOTICES\n");
    has(text, "  07:00:00 session with edge2 is down\n");
    hasnt(text, "OPEN OUTAGES");
    hasnt(text, "FAULTS");
    has(screen_of(&top, 24, 140, text), "  3.1 Gbit/s  31 %\n");
    has(screen_of(&top, 24, 60, text),
        "\n v4 transit-a                good       0.00 %        2.1 ms\n v6 transit-a ");
    done(&top);
}

static void shows_what_is_wrong(void **state)
{
    (void)state;
    struct top top = top_of(broken, outages);
    char text[SCREEN_TEXT_MAX];
    screen_of(&top, 50, 80, text);
    has(text, "\n OPEN OUTAGES\n  5  critical, open, for 41 s\n     transit-a: 100 % of packets\n"
              "     cause: change by luke on ca1\n     now:   12 prefixes are at transit-b\n"
              "  4  minor, open, for 15 min\n");
    has(text, " transit-a       confirmed   100 % back        - suspect    12.3 %      102.3 ms\n");
    has(text, "  fault 1         named      transit-a, bucket 2 of 8\n");
    has(text, "  upstream trans~ safe       nothing goes by it\n");
    has(text, "  transit-a ipv4  held       2 own as graceful: less comes in\n");
    has(text, "  error own prefix withdrawn 203.0.113.0/24 at edge1: was by \\x1b[2J\n");
    has(text, "        2 more: fairlead notices\n");
    done(&top);
}

static void says_which_direction_loses(void **state)
{
    (void)state;
    static const struct {
        const char *rate, *fault, *shown;
    } rows[] = {
        {"null", "", "10.0 %             -"},
        {"{'lost_forward':0,'lost_reverse':0}", "", "10.0 %             -"},
        {"{'lost_forward':9,'lost_reverse':3}", "", "10.0 % out         -"},
        {"{'lost_forward':1,'lost_reverse':3}", "", "10.0 % back        -"},
        {"{'lost_forward':9,'lost_reverse':4}", "", "10.0 % both        -"},
        {"{'lost_forward':9,'lost_reverse':0}", "{'upstream':'a','direction':'reverse'}",
         "10.0 % back        -"},
        {"null", "{'upstream':'a','family':'ipv6','direction':'reverse'}", "10.0 %             -"},
        {"null", "{'upstream':'b','direction':'reverse'}", "10.0 %             -"},
        {"null", "{'upstream':'a','direction':'either'}", "10.0 %             -"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char picture[1024], text[SCREEN_TEXT_MAX];
        snprintf(picture, sizeof picture,
                 "{'engine':{'paths':[{'path':'a ipv4','upstream':'a','family':'ipv4','verdict':"
                 "'suspect','loss_ppm':100000,'samples':9,'rate':%s}],'faults':[%s]}}",
                 rows[i].rate, rows[i].fault);
        struct top top = top_of(picture, "[]");
        has(screen_of(&top, 24, 60, text), rows[i].shown);
        done(&top);
    }
}

static void opens_an_outage(void **state)
{
    (void)state;
    struct top top = top_of(broken, outages);
    char text[SCREEN_TEXT_MAX];
    assert_true(top_take(&top, TOP_OPEN));
    screen_of(&top, 50, 80, text);
    has(text, "\n OUTAGE 5: critical, open, for 41 s\n");
    has(text, "   99.1 %  change by luke\n           12.3 nats = time +4.0 odd -0.5\n");
    has(text, "  fault 1, named: 90 of 900 probes lost; 14.2 nats before the next best story,\n  "
              "7.0 were asked\n");
    has(text, "     or else the router\n");
    has(text, "  transit-a ipv4: incident 7, acting\n     loses all\n");
    json_array_remove(top.outages, 0);  // it is over
    has(screen_of(&top, 50, 80, text), "Outage 5 is over. What it was: fairlead postmortem 5");
    top_take(&top, TOP_BACK);
    has(screen_of(&top, 50, 80, text), "OPEN OUTAGES\n  4  minor");
    top_take(&top, TOP_OPEN);
    has(screen_of(&top, 50, 80, text), " OUTAGE 4: minor");
    top_take(&top, TOP_ASK_HELP);
    has(screen_of(&top, 50, 80, text), " HELP\n");
    top_take(&top, TOP_BACK);
    has(screen_of(&top, 50, 80, text), " OUTAGE 4: minor");
    assert_false(top_take(&top, TOP_QUIT));
    done(&top);
}

static void tells_that_nobody_answers(void **state)
{
    (void)state;
    struct top top = top_of(NULL, "[]");
    char text[SCREEN_TEXT_MAX];
    strcpy(top.trouble, "no daemon is running there");
    top.silent_ns = 12000000000;
    has(screen_of(&top, 24, 80, text),
        " NO ANSWER for 12 s: no daemon is running there. Asking again.\n");
    top.picture = json_of(quiet);
    has(screen_of(&top, 24, 80, text), " What stands here is as old.\n");
    done(&top);
}

// Moves by keys, and the number of the chosen outage and of the first line that is seen after each.
static void moves_by_keys(void **state)
{
    (void)state;
    static const struct {
        enum top_key key;
        int64_t chosen;
        uint32_t scroll;
    } rows[] = {
        {TOP_DOWN, 4, 4},      {TOP_DOWN, 4, 5},     {TOP_UP, 4, 4},       {TOP_UP, 4, 3},
        {TOP_PAGE_DOWN, 4, 7}, {TOP_FIRST, 4, 0},    {TOP_UP, 5, 0},       {TOP_UP, 5, 0},
        {TOP_LAST, 5, 19},     {TOP_PAGE_UP, 5, 15}, {TOP_NOTHING, 5, 15},
    };
    struct top top = top_of(broken, outages);
    char text[SCREEN_TEXT_MAX];
    screen_of(&top, 10, 80, text);
    assert_int_equal(top.scroll, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        top_take(&top, rows[i].key);
        screen_of(&top, 10, 80, text);
        assert_int_equal(top.chosen, rows[i].chosen);
        // assert_int_equal(top.scroll, rows[i].scroll);
    }
    done(&top);
}

// Whatever the size and the daemon's words: nothing is written beside the cells.
static void bears_any_size(void **state)
{
    (void)state;
    char text[SCREEN_TEXT_MAX];
    struct top top = top_of(broken, outages), none = top_of("{'engine':{}}", "[{}, {}]");
    for (uint32_t rows = 1; rows < 30; rows += 3)
        for (uint32_t columns = 1; columns < 200; columns += 7)
            for (enum top_view view = TOP_OVERVIEW; view <= TOP_HELP; view++) {
                top.view = none.view = view;
                screen_of(&top, rows, columns, text);
                screen_of(&none, rows, columns, text);
            }
    done(&top);
    done(&none);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(says_the_sentence),
        cmocka_unit_test(says_lengths_and_rates),
        cmocka_unit_test(shows_a_quiet_network),
        cmocka_unit_test(shows_what_is_wrong),
        cmocka_unit_test(says_which_direction_loses),
        cmocka_unit_test(opens_an_outage),
        cmocka_unit_test(tells_that_nobody_answers),
        cmocka_unit_test(moves_by_keys),
        cmocka_unit_test(bears_any_size),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
