// SPDX-License-Identifier: ISC
// What a router shows by BMP of an override that stands there, in both families.
#include "role/route_bmp_check.h"

#define LOC_RIB_PART "03 80" CHECK_ZEROS CHECK_ZEROS CHECK_ZEROS CHECK_REST
#define OF_US CHECK_PEER("00")
#define LET_IN CHECK_PEER("40")

enum { STEPS = 5 };

static const struct {
    const char *route, *end, *prefix, *next_hop;
} families[FAMILIES] = {
    [FAMILY_IPV4] = {CHECK_ROUTE, CHECK_END_OF_RIB, "198.51.100.0/24", "192.0.2.1"},
    [FAMILY_IPV6] = {CHECK_ROUTE6, CHECK_END_OF_RIB6, "2001:db8:0:100::/56", "2001:db8::1"},
};

// "route" is one to the override's prefix: where it leads if `ours`, elsewhere if not. "other" is
// of another prefix, "end" an End-of-RIB, "said" is when the router is told of the override.
static const struct {
    const char *name;
    bool ours;
    struct {
        const char *peer, *what;
    } steps[STEPS];
    int word;  // enum event_override_state; 0: none
} rows[] = {
    {"nothing is shown", true, {{"", "said"}}, 0},
    {"chosen",
     true,
     {{"", "said"}, {CHECK_LOC_RIB, "route"}, {CHECK_LOC_RIB, "end"}},
     OVERRIDE_TAKEN},
    {"chosen, of a table that is not whole", true, {{"", "said"}, {CHECK_LOC_RIB, "route"}}, 0},
    {"another is chosen",
     false,
     {{"", "said"}, {CHECK_LOC_RIB, "route"}, {CHECK_LOC_RIB, "end"}},
     OVERRIDE_NOT_TAKEN},
    {"another was chosen before",
     false,
     {{CHECK_LOC_RIB, "route"}, {CHECK_LOC_RIB, "end"}, {"", "said"}},
     0},
    {"and something came since",
     false,
     {{CHECK_LOC_RIB, "route"}, {CHECK_LOC_RIB, "end"}, {"", "said"}, {CHECK_LOC_RIB, "other"}},
     OVERRIDE_NOT_TAKEN},
    {"of the choice a part is told",
     false,
     {{"", "said"}, {LOC_RIB_PART, "route"}, {LOC_RIB_PART, "end"}},
     0},
    {"of another instance",
     false,
     {{"", "said"}, {CHECK_VRF("7"), "route"}, {CHECK_VRF("7"), "end"}},
     0},
    {"none is chosen, and ours has come",
     true,
     {{CHECK_LOC_RIB, "end"}, {"", "said"}, {OF_US, "route"}},
     OVERRIDE_NOT_TAKEN},
    {"ours has come", true, {{"", "said"}, {OF_US, "route"}}, 0},
    {"ours has come and is not shown behind policy",
     true,
     {{LET_IN, "end"}, {"", "said"}, {OF_US, "route"}, {LET_IN, "other"}},
     0},
};

static void pass(struct station *st, int64_t ms)
{
    for (; ms > 0; ms -= 500) {
        st->role->now = mono_add_ms(st->role->now, 500);
        route_taken_tick(st->role);
    }
}

static void put(struct station *st, size_t row, enum family family)
{
    struct permit permit = {
        .router = EDGE1,
        .upstream = 1,
        .prefix = check_prefix(families[family].prefix),
        .next_hop = check_address(rows[row].ours          ? families[family].next_hop
                                  : family == FAMILY_IPV4 ? "192.0.2.77"
                                                          : "2001:db8::77"),
    };
    ledger_put(st->role->ledger, &permit);
    ledger_said(st->role->ledger, ledger_find(st->role->ledger, EDGE1, permit.prefix));
}

// By the test's own clock, which the socket would set right.
static void hears(struct station *st, const char *body)
{
    uint8_t bytes[1024];
    size_t size = check_bmp(RM, body, bytes);
    assert_true(route_bmp_hear(&st->role->bmp.senders[EDGE1], cursor_over(bytes, size)));
}

static void play(struct station *st, size_t row, enum family family)
{
    char body[1024];
    for (size_t n = 0; n < STEPS && rows[row].steps[n].what; n++, pass(st, 2000)) {
        const char *what = rows[row].steps[n].what;
        if (strcmp(what, "said") == 0) {
            put(st, row, family);
            continue;
        }
        snprintf(body, sizeof body, "%s%s", rows[row].steps[n].peer,
                 strcmp(what, "route") == 0   ? families[family].route
                 : strcmp(what, "other") == 0 ? CHECK_ROUTE_2
                                              : families[family].end);
        hears(st, body);
    }
}

// The last word that the engine was told; 0: none.
static int word_of(struct station *st)
{
    char why[MESSAGE_WHY_MAX];
    int word = 0;
    pass(st, 3000);
    while (channel_receive_event(st->channel, &st->net, &st->event, why) == 1)
        if (st->event.kind == EVENT_OVERRIDE)
            word = (int)st->event.override.state;
    return word;
}

static void a_router_says_what_it_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            struct station st;
            station_init(&st);
            st.net.router_id = check_address("192.0.2.9");
            station_start(&st);
            int fd = call_from(&st, EDGE1);
            play(&st, i, family);
            CHECK_ROW(rows[i].name, word_of(&st) == rows[i].word);
            close(fd);
            turns(&st);
            pass(&st, 60 * 1000);           // the socket has set the clock right
            bool said = rows[i].word != 0;  // no more, when it shows nothing any more
            CHECK_ROW(rows[i].name, word_of(&st) == (said ? OVERRIDE_UNTOLD : 0));
            station_end(&st);
        }
}

static size_t row_of(const char *name)
{
    size_t row = 0;
    while (strcmp(rows[row].name, name) != 0)
        row++;
    return row;
}

// A stream may stand still for however long: what it told before the override is no word of that.
static void what_stands_still_says_nothing(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct station st;
        station_init(&st);
        station_start(&st);
        int fd = call_from(&st, EDGE1);
        play(&st, row_of("another was chosen before"), family);
        pass(&st, 400 * 1000);
        assert_int_equal(word_of(&st), 0);
        hears(&st, CHECK_LOC_RIB CHECK_ROUTE_2);
        assert_int_equal(word_of(&st), OVERRIDE_NOT_TAKEN);
        close(fd);
        station_end(&st);
    }
}

// None is chosen, and what came is of another than us.
static void only_what_came_from_us_counts(void **state)
{
    (void)state;
    for (int another_as = 0; another_as < 2; another_as++) {
        struct station st;
        station_init(&st);
        st.net.asn += (uint32_t)another_as;
        if (another_as)
            st.net.router_id = check_address("192.0.2.9");
        station_start(&st);
        int fd = call_from(&st, EDGE1);
        play(&st, row_of("none is chosen, and ours has come"), FAMILY_IPV4);
        assert_int_equal(word_of(&st), 0);
        close(fd);
        station_end(&st);
    }
}

// On the session itself what comes back with our marker is chosen there; not where it shows all
// that it has (ADD-PATH), and a path of its own that leads there too is no word of ours.
static void an_echo_is_a_word(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool marked, ours;
        uint32_t path_id;
        int word;
    } echoes[] = {
        {"our override", true, true, 0, OVERRIDE_TAKEN},
        {"with its own next hop", true, false, 0, OVERRIDE_TAKEN},
        {"its own path", false, true, 0, 0},
        {"one of several", true, true, 7, 0},
    };
    for (size_t i = 0; i < sizeof echoes / sizeof echoes[0]; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            struct station st;
            station_init(&st);
            station_start(&st);
            struct prefix prefix = check_prefix(families[family].prefix);
            put(&st, row_of("chosen"), family);
            struct rib_attributes a = {
                .marked = echoes[i].marked,
                .next_hop = ledger_find(st.role->ledger, EDGE1, prefix)->permit.next_hop};
            a.next_hop.bytes[3] ^= !echoes[i].ours;
            uint32_t set = rib_attributes_take(st.role->rib, &a);
            rib_learn(st.role->rib, EDGE1, prefix, echoes[i].path_id, set);
            rib_attributes_give(st.role->rib, set);
            CHECK_ROW(echoes[i].name, word_of(&st) == echoes[i].word);
            station_end(&st);
        }
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_says_what_it_shows),
        cmocka_unit_test(what_stands_still_says_nothing),
        cmocka_unit_test(only_what_came_from_us_counts),
        cmocka_unit_test(an_echo_is_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
