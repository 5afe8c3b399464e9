// SPDX-License-Identifier: ISC
#include "role/secret.h"

#include "base/check.h"
#include "role/roles.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *name, *content;
    mode_t mode;
    const char *secret, *why;
} rows[] = {
    {"a line", "0123456789\n", 0600, "0123456789", ""},
    {"no newline", "0123456789", 0400, "0123456789", ""},
    {"more lines", "0123\r\n# old\n", 0600, "0123", ""},
    {"others may read it", "0123\n", 0644, "", "others may read it: chmod 600"},
    {"its group may", "0123\n", 0640, "", "others may read it: chmod 600"},
    {"empty", "", 0600, "", "it is empty"},
    {"an empty line", "\n0123\n", 0600, "", "it is empty"},
    {"too long", "0123456789abcdef", 0600, "", "it is too long"},
};

static void reads_what_nobody_else_can(void **state)
{
    (void)state;
    char path[] = "/tmp/fairlead-secret-XXXXXX", text[16], why[ROLE_ERROR_MAX], wanted[256];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = strlen(rows[i].content);
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, rows[i].content, size, 0), size);
        assert_int_equal(fchmod(fd, rows[i].mode), 0);
        snprintf(wanted, sizeof wanted, "cannot use the secret in '%s': %s", path, rows[i].why);
        bool good = secret_read(path, text, sizeof text, why);
        CHECK_ROW(rows[i].name, good == (rows[i].secret[0] != '\0'));
        CHECK_ROW(rows[i].name, !good || strcmp(text, rows[i].secret) == 0);
        CHECK_ROW(rows[i].name, good || strcmp(why, wanted) == 0);
    }
    close(fd);
    unlink(path);
    assert_false(secret_read(path, text, sizeof text, why));
    assert_non_null(strstr(why, "No such file"));
    assert_false(secret_read("/dev/zero", text, sizeof text, why));
    assert_non_null(strstr(why, "it is no ordinary file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_what_nobody_else_can)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
