// SPDX-License-Identifier: ISC
#include "change/git_log.h"

#include "base/check.h"

#include <string.h>

#define HASH "0123456789abcdef0123456789abcdef01234567"
#define COMMIT(mark, who, at, what)                                                                \
    "\x01" mark "\x02" HASH "\x02" who "\x02" at "\x02" what "\x02\n"

static const struct {
    const char *name, *text;
    uint32_t count;  // of commits; the first is:
    bool is_gone;
    const char *who, *what;
    int64_t at_unix_s;
    uint32_t devices, others;
} rows[] = {
    {"nothing", "", 0, false, "", "", 0, 0, 0},
    {"a warning alone", "warning: nonsense\n", 0, false, "", "", 0, 0, 0},
    {"one",
     COMMIT(">", "Anna B", "1772528460", "BFD: 150") "\nhosts/rr-1.conf\nhosts/rr-4.conf\n"
                                                     "hosts/lab.conf\nREADME\n",
     1, false, "Anna B", "BFD: 150", 1772528460, 3, 1},
    {"a warning before it", "warning: x\n" COMMIT(">", "a", "1", "b") "\nhosts/rr-1.conf", 1, false,
     "a", "b", 1, 1, 0},
    {"two, one of which is gone", COMMIT("<", "a", "1", "old") "\nx\n" COMMIT(">", "b", "2", "new"),
     2, true, "a", "old", 1, 0, 0},
    {"hostile", COMMIT(">", "a\x1b[2J", "-9999999999999999999999999999", "b\tc\x7f"), 1, false,
     "a [2J", "b c ", INT64_MIN, 0, 0},
    {"cut",
     "\x01>\x02" HASH "\x02"
     "a",
     0, false, "", "", 0, 0, 0},
    {"no hash",
     "\x01>\x02"
     "0123\x02"
     "a\x02"
     "1\x02"
     "b\x02",
     0, false, "", "", 0, 0, 0},
    {"a damaged one before a good one", "\x01>\x02x" COMMIT(">", "a", "1", "b"), 1, false, "a", "b",
     1, 0, 0},
};

static void reads_what_git_says(void **state)
{
    (void)state;
    struct net net = {.router_count = 2};
    strcpy(net.routers[0].name, "rr-1");
    strcpy(net.routers[1].name, "rr-4");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct git_log log = {rows[i].text, strlen(rows[i].text)};
        struct git_commit commit, first = {0};
        uint32_t count = 0;
        while (git_log_next(&log, &net, "hosts/{device}.conf", &commit))
            if (count++ == 0)
                first = commit;
        const struct change *c = &first.change;
        if (count != rows[i].count || first.is_gone != rows[i].is_gone ||
            strcmp(c->who, rows[i].who) != 0 || strcmp(c->what, rows[i].what) != 0 ||
            c->devices.words[0] != rows[i].devices || c->others != rows[i].others ||
            (count > 0 && first.at_unix_s != rows[i].at_unix_s))
            fail_msg("row '%s': %u '%s' '%s' %u %u", rows[i].name, count, c->who, c->what,
                     c->devices.words[0], c->others);
        if (count > 0)
            assert_string_equal(c->id, "0123456789ab");
    }
}

static void reads_hashes(void **state)
{
    (void)state;
    char hash[GIT_HASH_MAX];
    assert_true(git_hash_read(HASH "\n", 41, hash));
    assert_string_equal(hash, HASH);
    assert_false(git_hash_read("", 0, hash));
    assert_false(git_hash_read("fatal: x\n" HASH, 49, hash));
    assert_false(git_hash_read("0123456789ABCDEF0123456789abcdef01234567", 40, hash));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_git_says),
        cmocka_unit_test(reads_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
