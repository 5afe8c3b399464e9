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

enum { RULES_MAX = WAY_TABLES_MAX + 1 };

// As ip(8) takes it; SOURCE and FAR are addresses, EMPTY, OTHER, THIRD, FOURTH, FIFTH and USED
// tables, of which the last has a route.
static const struct row {
    const char *name, *rules[RULES_MAX];
    uint32_t mark;
    const char *tables[WAY_TABLES_MAX];
    bool is_used;
} rows[] = {
    {"no rule", {NULL}, 0, {NULL}, false},
    {"of the source", {"from SOURCE lookup EMPTY"}, 0, {"EMPTY"}, false},
    {"of its net", {"from SOURCE/NET lookup EMPTY"}, 0, {"EMPTY"}, false},
    {"of another source", {"from FAR lookup EMPTY"}, 0, {NULL}, false},
    {"whose table has a route", {"from SOURCE lookup USED"}, 0, {"USED"}, true},
    {"the second has a route",
     {"from SOURCE lookup EMPTY", "from SOURCE lookup USED"},
     0,
     {"EMPTY", "USED"},
     true},
    {"the first has one",
     {"from SOURCE lookup USED", "from SOURCE lookup EMPTY"},
     0,
     {"USED", "EMPTY"},
     true},
    {"neither has one",
     {"from SOURCE lookup OTHER", "from SOURCE lookup EMPTY"},
     0,
     {"OTHER", "EMPTY"},
     false},
    {"of the source, then of the mark",
     {"from SOURCE lookup OTHER", "fwmark 5 lookup EMPTY"},
     5,
     {"OTHER", "EMPTY"},
     false},
    {"twice the same",
     {"from SOURCE lookup OTHER", "from SOURCE/NET lookup OTHER"},
     0,
     {"OTHER"},
     false},
    {"the main table first, but for its default route",
     {"from SOURCE lookup main suppress_prefixlength 0", "from SOURCE lookup EMPTY"},
     0,
     {"EMPTY"},
     false},
    {"another so",
     {"from SOURCE lookup USED suppress_prefixlength 0", "from SOURCE lookup EMPTY"},
     0,
     {"EMPTY"},
     false},
    {"the main table in the end",
     {"from SOURCE lookup EMPTY", "from SOURCE lookup main"},
     0,
     {"EMPTY"},
     false},
    {"as many as are kept",
     {"from SOURCE lookup EMPTY", "from SOURCE lookup OTHER", "from SOURCE lookup THIRD",
      "from SOURCE lookup FOURTH"},
     0,
     {"EMPTY", "OTHER", "THIRD", "FOURTH"},
     false},
    {"one more",
     {"from SOURCE lookup EMPTY", "from SOURCE lookup OTHER", "from SOURCE lookup THIRD",
      "from SOURCE lookup FOURTH", "from SOURCE lookup FIFTH"},
     0,
     {NULL},
     false},
    {"of the mark", {"fwmark 5 lookup EMPTY"}, 5, {"EMPTY"}, false},
    {"of another mark", {"fwmark 5 lookup EMPTY"}, 7, {NULL}, false},
    {"of some bits of the mark", {"fwmark 0x5/0xf lookup EMPTY"}, 0x15, {"EMPTY"}, false},
    {"of others", {"fwmark 0x5/0xf lookup EMPTY"}, 0x51, {NULL}, false},
    {"of the source without a mark",
     {"from SOURCE fwmark 0/0xf lookup EMPTY"},
     0x10,
     {"EMPTY"},
     false},
    {"unless with one", {"from SOURCE fwmark 0/0xf lookup EMPTY"}, 5, {NULL}, false},
    {"of source and mark", {"from SOURCE fwmark 5 lookup EMPTY"}, 5, {"EMPTY"}, false},
    {"of source and another mark", {"from SOURCE fwmark 5 lookup EMPTY"}, 6, {NULL}, false},
    {"of another source and the mark", {"from FAR fwmark 5 lookup EMPTY"}, 5, {NULL}, false},
    {"of all", {"from all lookup EMPTY"}, 0, {NULL}, false},
    {"of all that this host sends", {"iif lo lookup EMPTY"}, 0, {NULL}, false},
    {"of what this host sends", {"from SOURCE iif lo lookup EMPTY"}, 0, {"EMPTY"}, false},
    {"of what comes from elsewhere", {"from SOURCE iif one lookup EMPTY"}, 0, {NULL}, false},
    {"of what leaves bound", {"from SOURCE oif one lookup EMPTY"}, 0, {NULL}, false},
    {"of all but it", {"not from SOURCE lookup EMPTY"}, 0, {NULL}, false},
    {"to some", {"from SOURCE to FAR lookup EMPTY"}, 0, {NULL}, false},
    {"of a protocol", {"from SOURCE ipproto tcp lookup EMPTY"}, 0, {NULL}, false},
    {"that forbids", {"from SOURCE prohibit"}, 0, {NULL}, false},
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
    {.name = "THIRD", .values = {[FAMILY_IPV4] = "78", [FAMILY_IPV6] = "78"}},
    {.name = "FOURTH", .values = {[FAMILY_IPV4] = "79", [FAMILY_IPV6] = "79"}},
    {.name = "FIFTH", .values = {[FAMILY_IPV4] = "80", [FAMILY_IPV6] = "80"}},
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

static void check_tables(struct kernel_socket *socket, const struct row *row, enum family family)
{
    const struct way_question question = {.source = address_of("SOURCE", family),
                                          .destination = {.family = family},
                                          .mark = row->mark};
    struct way_meant meant = way_meant(socket, &question);
    uint8_t count = 0;
    for (; count < WAY_TABLES_MAX && row->tables[count]; count++) {
        char table[LINE_MAX_BYTES];
        fill_in(row->tables[count], family, table);
        uint32_t number = (uint32_t)strtoul(table, NULL, 10);
        CHECK_ROW(row->name, meant.tables[count] == number && way_is_meant(&meant, number));
    }
    CHECK_ROW(row->name, meant.count == count);
    CHECK_ROW(row->name, way_meant_is_empty(&meant, family) == (count > 0 && !row->is_used));
    CHECK_ROW(row->name, !way_is_meant(&meant, 254));
}

static void knows_the_tables_that_are_meant(void **state)
{
    struct kernel_socket socket;
    if (!*(bool *)*state)
        skip();
    assert_int_equal(kernel_socket_open(&socket), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
            size_t count = 0;
            for (; count < RULES_MAX && rows[i].rules[count]; count++) {
                char rule[LINE_MAX_BYTES];
                snprintf(rule, sizeof rule, "rule add pref %zu %s", 100 + count,
                         rows[i].rules[count]);
                CHECK_ROW(rows[i].name, ip(f, rule));
            }
            check_tables(&socket, &rows[i], f);
            while (count-- > 0)
                CHECK_ROW(rows[i].name, ip(f, "rule del pref 100") || ip(f, "rule del pref 101") ||
                                            ip(f, "rule del pref 102") ||
                                            ip(f, "rule del pref 103") ||
                                            ip(f, "rule del pref 104"));
        }
    kernel_socket_close(&socket);
}

// Packets that leave by it are routed by its table, by whatever member that says; while this is
// down they fall out of it. Nothing where this kernel has no VRFs.
static void knows_the_table_of_a_vrf(void **state)
{
    if (!*(bool *)*state || !ip(FAMILY_IPV4, "link add red type vrf table USED"))
        skip();
    int netlink = way_socket();
    struct kernel_socket socket;
    struct way way;
    assert_int_equal(kernel_socket_open(&socket), 0);
    assert_true(ip(FAMILY_IPV4, "link set red up") && ip(FAMILY_IPV4, "link set one master red"));
    struct way_meant meant = way_meant_by_device(&socket, "red");
    assert_int_equal(meant.count, 1);
    assert_true(way_is_meant(&meant, 1002));
    assert_int_equal(way_meant_by_device(&socket, "one").count, 0);
    assert_int_equal(way_meant_by_device(&socket, "none").count, 0);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        const struct way_question question = {.destination = address_of("FAR", f),
                                              .interface = if_nametoindex("red")};
        assert_true(
            ip(f, "addr replace SOURCE/NET dev one ATONCE"));  // it has left with its routes
        assert_true(ip(f, "route replace FAR via NEXT dev one table USED"));
        assert_true(ip(f, "route replace FAR via OTHERS dev two"));
        assert_true(way_ask(netlink, &question, &way));
        assert_int_equal(way.interface, if_nametoindex("one"));
        assert_int_equal(way.table, 1002);
        assert_true(ip(f, "route del FAR table USED"));
        assert_true(way_ask(netlink, &question, &way));
        assert_int_equal(way.interface, if_nametoindex("two"));
        assert_false(way_is_meant(&meant, way.table));
    }
    kernel_socket_close(&socket);
    close(netlink);
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
        cmocka_unit_test(knows_the_tables_that_are_meant),
        cmocka_unit_test(knows_all_ways_of_equal_cost),
        cmocka_unit_test(knows_the_table_of_a_vrf),
    };
    return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
