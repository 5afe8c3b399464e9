// SPDX-License-Identifier: ISC
#include "count/line.h"

#include "base/check.h"
#include "count/count_check.h"

#include <stdlib.h>

#define A "fairlead.attempts:"
#define F "fairlead.failed:"

// `taken`: upstream or prefix, family, attempts, failed, rate. Otherwise the byte and what was
// expected; both NULL: a line of others.
static const struct {
    const char *line, *taken;
    size_t byte;
    const char *expected;
} rows[] = {
    {A "1000|c|#upstream:transit-a,family:ipv6", "transit-a ipv6 1000 0 1000000", 0, NULL},
    {A "1000|c|#upstream:transit-a,family:ipv4", "transit-a ipv4 1000 0 1000000", 0, NULL},
    {F "12|c|#family:ipv6,upstream:transit-b", "transit-b ipv6 0 12 1000000", 0, NULL},
    {F "0|c|#prefix:2001:db8:f::/48", "2001:db8:f::/48 ipv6 0 0 1000000", 0, NULL},
    {F "7|c|#prefix:192.0.2.0/24,family:ipv4", "192.0.2.0/24 ipv4 0 7 1000000", 0, NULL},
    {A "1000000000|c|@0.1|#prefix:192.0.2.0/24", "192.0.2.0/24 ipv4 1000000000 0 100000", 0, NULL},
    {A "1|c|#prefix:192.0.2.0/24|@0.000001", "192.0.2.0/24 ipv4 1 0 1", 0, NULL},
    {A "1|c|@1.0|#prefix:192.0.2.0/24", "192.0.2.0/24 ipv4 1 0 1000000", 0, NULL},
    {A "1|c|@0.33333333333|#prefix:192.0.2.0/24", "192.0.2.0/24 ipv4 1 0 333333", 0, NULL},
    {A
     "1|c|#host:web-1,env,site:fra1,prefix:192.0.2.0/24,x:|c:ci-00|T1656581400|e:it-false|card:low",
     "192.0.2.0/24 ipv4 1 0 1000000", 0, NULL},
    // Others' lines.
    {"page.views:1|c", NULL, 0, NULL},
    {"fairlead:1|c", NULL, 0, NULL},
    {"", NULL, 0, NULL},
    {":|", NULL, 0, NULL},
    // Bad ones.
    {"fairlead.atempts:1|c|#prefix:192.0.2.0/24", NULL, 1, "fairlead.attempts or fairlead.failed"},
    {"fairlead.|c", NULL, 1, "fairlead.attempts or fairlead.failed"},
    {"fairlead.attempts", NULL, 18, "':' and a number"},
    {A "", NULL, 19, "a whole number, at most 1000000000"},
    {A "-5|c|#prefix:192.0.2.0/24", NULL, 19, "a whole number, at most 1000000000"},
    {A "1000000001|c|#prefix:192.0.2.0/24", NULL, 19, "a whole number, at most 1000000000"},
    {A "99999999999999999999999999|c", NULL, 19, "a whole number, at most 1000000000"},
    {A "1.5|c|#prefix:192.0.2.0/24", NULL, 20, "'|c' after a whole number"},
    {A "1|ms|#prefix:192.0.2.0/24", NULL, 21, "'|c' after a whole number"},
    {A "1", NULL, 20, "'|c' after a whole number"},
    {A "1|cx", NULL, 22, "'|' or the end of the line"},
    {A "1|c", NULL, 22, "an upstream and a family, or a prefix"},
    {A "1|c|", NULL, 23, "@RATE or #TAG:VALUE,..."},
    {A "1|c|@0.1x|#prefix:192.0.2.0/24", NULL, 23, "a rate above 0, at most 1, such as @0.1"},
    {A "1|c|@0", NULL, 23, "a rate above 0, at most 1, such as @0.1"},
    {A "1|c|@0.0000001", NULL, 23, "a rate above 0, at most 1, such as @0.1"},
    {A "1|c|@2", NULL, 23, "a rate above 0, at most 1, such as @0.1"},
    {A "1|c|@1.5", NULL, 23, "a rate above 0, at most 1, such as @0.1"},
    {A "1|c|@", NULL, 23, "a rate above 0, at most 1, such as @0.1"},
    {A "1|c|#", NULL, 24, "an upstream and a family, or a prefix"},
    {A "1|c|#upstream", NULL, 32, "a value of the tag upstream"},
    {A "1|c|#upstream:", NULL, 33, "a value of the tag upstream"},
    {A "1|c|#upstream:transit-a", NULL, 42, "a family: ipv4 or ipv6"},
    {A "1|c|#upstream:transit-c,family:ipv6", NULL, 33, "the name of an upstream of fra1"},
    {A "1|c|#upstream:transit-b,family:ipv4", NULL, 50, "a family that the upstream carries"},
    {A "1|c|#upstream:transit-b,family:IPv6", NULL, 50, "a family: ipv4 or ipv6"},
    {A "1|c|#family:ipv6", NULL, 35, "an upstream and a family, or a prefix"},
    {A "1|c|#family:ipv6,family:ipv6,upstream:transit-a", NULL, 36, "the tag family only once"},
    {A "1|c|#prefix:192.0.2.1/24", NULL, 31,
     "a prefix such as 192.0.2.0/24, no bit set after its length"},
    {A "1|c|#prefix:192.0.2.0/24,family:ipv6", NULL, 51, "the family of the prefix, or none"},
    {A "1|c|#prefix:192.0.2.0/24,upstream:transit-a", NULL, 31,
     "an upstream or a prefix, not both"},
    {A "1|c|#site:ams1,prefix:192.0.2.0/24", NULL, 29, "the site fra1: others have their own"},
};

static void describe(const struct net *net, const struct count *count, char *text, size_t size)
{
    char prefix[PREFIX_TEXT_MAX];
    bool by_prefix = count->upstream == NET_NOBODY;
    prefix_format(count->prefix, prefix);
    snprintf(text, size, "%s %s %d %d %u",
             by_prefix ? prefix : net->upstreams[count->upstream].name, family_name(count->family),
             (int)count->attempts, (int)count->failed, count->rate_ppm);
}

static void reads_lines(void **state)
{
    (void)state;
    struct net net = count_net();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct count count = {.upstream = 77};
        struct count_error why = {0};
        char text[160] = "";
        enum count_verdict verdict =
            count_line_read(&net, rows[i].line, strlen(rows[i].line), &count, &why);
        if (verdict == COUNT_TAKEN)
            describe(&net, &count, text, sizeof text);
        else
            CHECK_ROW(rows[i].line, count.upstream == 77);
        if (verdict == COUNT_MALFORMED)
            snprintf(text, sizeof text, "%zu %s", why.byte, why.expected);
        char wanted[160] = "";
        if (rows[i].expected)
            snprintf(wanted, sizeof wanted, "%zu %s", rows[i].byte, rows[i].expected);
        if (strcmp(text, rows[i].taken ? rows[i].taken : wanted) != 0)
            fail_msg("row '%s': got '%s'", rows[i].line, text);
    }
}

// Each line of a datagram, and what is wrong with one is nobody else's affair.
static void takes_the_good_ones(void **state)
{
    (void)state;
    struct net net = count_net();
    static const char text[] =
        A "1|c|#prefix:192.0.2.0/24\n\n" A "x|c\r\n" F
          "2|c|#prefix:192.0.2.0/24\r\nother:1|c\n\r\n" A "3|c|#prefix:192.0.2.0/24";
    struct count_lines lines = {.text = text, .size = sizeof text - 1};
    struct count_text line;
    uint64_t sum = 0, bad = 0, foreign = 0;
    while (count_lines_next(&lines, &line)) {
        struct count count;
        struct count_error why;
        enum count_verdict verdict = count_line_read(&net, line.text, line.size, &count, &why);
        bad += verdict == COUNT_MALFORMED;
        foreign += verdict == COUNT_FOREIGN;
        sum += verdict == COUNT_TAKEN ? count.attempts * 10 + count.failed : 0;
        if (verdict == COUNT_MALFORMED)
            assert_int_equal(lines.number, 3);
    }
    assert_int_equal(lines.number, 7);
    assert_int_equal(bad, 1);
    assert_int_equal(foreign, 1);
    assert_int_equal(sum, 10 + 2 + 30);
}

// However a good line is cut, it is taken or the byte lies within it or right behind.
static void survives_every_cut(void **state)
{
    (void)state;
    struct net net = count_net();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t size = 0; size < strlen(rows[i].line); size++) {
            struct count count;
            struct count_error why = {.byte = 1};
            char *own = malloc(size + 1);  // its own size, so that a byte too far is seen
            memcpy(own, rows[i].line, size);
            if (count_line_read(&net, own, size, &count, &why) == COUNT_MALFORMED)
                CHECK_ROW(rows[i].line, why.byte >= 1 && why.byte <= size + 1);
            free(own);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(takes_the_good_ones),
        cmocka_unit_test(survives_every_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
