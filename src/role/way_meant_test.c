// SPDX-License-Identifier: ISC
// Asked of the kernel itself, in a network namespace of our own; nothing where that is not allowed.
#include "role/way_meant.h"

#include "base/check.h"

#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 256 };

// As ip(8) takes it; SOURCE and FAR are addresses, EMPTY, OTHER and USED tables, of which the last
// has a route.
static const struct row {
    const char *name, *rules[2];
    uint32_t mark;
    const char *table;
} rows[] = {
    {"no rule", {NULL}, 0, "0"},
    {"of the source", {"from SOURCE lookup EMPTY"}, 0, "EMPTY"},
    {"of its net", {"from SOURCE/NET lookup EMPTY"}, 0, "EMPTY"},
    {"of another source", {"from FAR lookup EMPTY"}, 0, "0"},
    {"whose table has a route", {"from SOURCE lookup USED"}, 0, "0"},
    {"the first counts", {"from SOURCE lookup EMPTY", "from SOURCE lookup USED"}, 0, "EMPTY"},
    {"even if the second is empty",
     {"from SOURCE lookup USED", "from SOURCE lookup EMPTY"},
     0,
     "0"},
    {"the first of two", {"from SOURCE lookup OTHER", "from SOURCE lookup EMPTY"}, 0, "OTHER"},
    {"of the mark", {"fwmark 5 lookup EMPTY"}, 5, "EMPTY"},
    {"of another mark", {"fwmark 5 lookup EMPTY"}, 7, "0"},
    {"of some bits of the mark", {"fwmark 0x5/0xf lookup EMPTY"}, 0x15, "EMPTY"},
    {"of others", {"fwmark 0x5/0xf lookup EMPTY"}, 0x51, "0"},
    {"of the source without a mark", {"from SOURCE fwmark 0/0xf lookup EMPTY"}, 0x10, "EMPTY"},
    {"unless with one", {"from SOURCE fwmark 0/0xf lookup EMPTY"}, 5, "0"},
    {"of source and mark", {"from SOURCE fwmark 5 lookup EMPTY"}, 5, "EMPTY"},
    {"of source and another mark", {"from SOURCE fwmark 5 lookup EMPTY"}, 6, "0"},
    {"of another source and the mark", {"from FAR fwmark 5 lookup EMPTY"}, 5, "0"},
    {"of all", {"from all lookup EMPTY"}, 0, "0"},
    {"of all that this host sends", {"iif lo lookup EMPTY"}, 0, "0"},
    {"of what this host sends", {"from SOURCE iif lo lookup EMPTY"}, 0, "EMPTY"},
    {"of what comes from elsewhere", {"from SOURCE iif one lookup EMPTY"}, 0, "0"},
    {"of what leaves bound", {"from SOURCE oif one lookup EMPTY"}, 0, "0"},
    {"of all but it", {"not from SOURCE lookup EMPTY"}, 0, "0"},
    {"to some", {"from SOURCE to FAR lookup EMPTY"}, 0, "0"},
    {"of a protocol", {"from SOURCE ipproto tcp lookup EMPTY"}, 0, "0"},
    {"that forbids", {"from SOURCE prohibit"}, 0, "0"},
};

static const struct words {
    const char *name, *values[FAMILIES];
} words[] = {
    {.name = "SOURCE", .values = {[FAMILY_IPV4] = "192.0.2.1", [FAMILY_IPV6] = "2001:db8::1"}},
    {.name = "FAR", .values = {[FAMILY_IPV4] = "198.51.100.7", [FAMILY_IPV6] = "3fff::7"}},
    {.name = "NEXT", .values = {[FAMILY_IPV4] = "192.0.2.2", [FAMILY_IPV6] = "2001:db8::2"}},
    {.name = "OTHERS", .values = {[FAMILY_IPV4] = "203.0.113.2", [FAMILY_IPV6] = "2001:db8:1::2"}},
    {.name = "OWN", .values = {[FAMILY_IPV4] = "203.0.113.1", [FAMILY_IPV6] = "2001:db8:1::1"}},
    {.name = "NET", .values = {[FAMILY_IPV4] = "24", [FAMILY_IPV6] = "48"}},
    {.name = "ATONCE", .values = {[FAMILY_IPV4] = "", [FAMILY_IPV6] = "nodad"}},
    {.name = "EMPTY", .values = {[FAMILY_IPV4] = "1001", [FAMILY_IPV6] = "1001"}},
    {.name = "OTHER", .values = {[FAMILY_IPV4] = "77", [FAMILY_IPV6] = "77"}},
    {.name = "USED", .values = {[FAMILY_IPV4] = "1002", [FAMILY_IPV6] = "1002"}},
};

static const char *value_of(const char *name, size_t length, enum family family)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i].name) == length && strncmp(words[i].name, name, length) == 0)
            return words[i].values[family];
    return NULL;
}

// With the values of a family in place of capitals.
static void fill_in(const char *text, enum family family, char *line)
{
    for (*line = '\0'; *text;) {
        size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        const char *value = value_of(text, length, family);
        size_t taken = value ? length : 1;
        strncat(line, value ? value : text, value ? strlen(value) : 1);
        text += taken;
    }
}

static bool ip(enum family family, const char *what)
{
    char line[LINE_MAX_BYTES], command[LINE_MAX_BYTES + 64];
    fill_in(what, family, line);
    snprintf(command, sizeof command, "ip %s %s 2>/dev/null", family == FAMILY_IPV4 ? "-4" : "-6",
             line);
    return system(command) == 0;
}

static struct address address_of(const char *name, enum family family)
{
    return check_address(value_of(name, strlen(name), family));
}

static int enter_namespace(void **state)
{
    static bool is_in;
    *state = &is_in;
    is_in = unshare(CLONE_NEWNET) == 0 && ip(FAMILY_IPV4, "link add one type veth peer name two") &&
            ip(FAMILY_IPV4, "link set one up") && ip(FAMILY_IPV4, "link set two up");
    for (enum family f = FAMILY_IPV4; is_in && f < FAMILIES; f++)
        is_in = ip(f, "addr add SOURCE/NET dev one ATONCE") &&
                ip(f, "addr add OWN/NET dev two ATONCE") &&
                ip(f, "route add FAR via NEXT dev one table USED");
    return 0;
}

static void knows_the_table_that_is_meant(void **state)
{
    if (!*(bool *)*state)
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
            char table[LINE_MAX_BYTES], rule[LINE_MAX_BYTES];
            for (size_t n = 0; n < 2 && rows[i].rules[n]; n++) {
                snprintf(rule, sizeof rule, "rule add pref %zu %s", 100 + n, rows[i].rules[n]);
                CHECK_ROW(rows[i].name, ip(f, rule));
            }
            const struct way_question question = {.source = address_of("SOURCE", f),
                                                  .destination = {.family = f},
                                                  .mark = rows[i].mark};
            fill_in(rows[i].table, f, table);
            CHECK_ROW(rows[i].name, way_meant_empty(&question) == strtoul(table, NULL, 10));
            while (ip(f, "rule del pref 100") || ip(f, "rule del pref 101"))
                continue;
        }
}

// One interface where the kernel chooses for a flow; all that it spreads flows over where it is
// asked for any.
static void knows_all_ways_of_equal_cost(void **state)
{
    int netlink = way_socket();
    if (!*(bool *)*state)
        skip();
    assert_true(netlink >= 0);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        struct way_question question = {.destination = address_of("FAR", f), .of_any_flow = true};
        struct way way = {.interface = 7};
        assert_false(way_ask(netlink, &question, &way));
        assert_int_equal(way.interface, 7);
        assert_true(ip(f, "route add FAR nexthop via NEXT dev one nexthop via OTHERS dev two"));
        assert_true(way_ask(netlink, &question, &way));
        assert_int_equal(way.interface_count, 2);
        assert_int_equal(way.interfaces[0] + way.interfaces[1],
                         if_nametoindex("one") + if_nametoindex("two"));
        assert_int_not_equal(way.interfaces[0], way.interfaces[1]);
        assert_int_equal(way.interface, way.interfaces[0]);
        assert_int_equal(way.table, 254);  // main
        question.of_any_flow = false;
        assert_true(way_ask(netlink, &question, &way));
        assert_int_equal(way.interface_count, 1);
        assert_int_equal(way.interface, way.interfaces[0]);
    }
    close(netlink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_table_that_is_meant),
        cmocka_unit_test(knows_all_ways_of_equal_cost),
    };
    return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
