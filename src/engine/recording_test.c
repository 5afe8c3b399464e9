// SPDX-License-Identifier: ISC
#include "engine/recording.h"

#include "base/check.h"

#include <string.h>

static const struct {
    const char *line, *why;  // NULL: good
} rows[] = {
    {"{\"recording\":1,\"version\":\"0.1.0\",\"file\":\"a.yaml\",\"config\":\"site: "
     "\\\"x\\\"\\n\"}",
     NULL},
    {"{\"recording\":1,\"version\":\"9\",\"file\":\"a.yaml\",\"config\":\"site: "
     "\\\"x\\\"\\n\",\"more\":1}",
     NULL},
    {"{\"recording\":2,\"version\":\"0.1.0\",\"file\":\"a.yaml\",\"config\":\"\"}",
     "form 2, this Fairlead reads 1"},
    {"", "not JSON: '[' or '{' expected near end of file"},
    {"{\"recording\":1", "not JSON: '}' expected near end of file"},
    {"[1]", "no header of a recording"},
    {"{\"event\":\"tick\",\"at_ns\":1}", "no header of a recording"},
    {"{\"recording\":\"1\",\"version\":\"0.1.0\",\"file\":\"a.yaml\",\"config\":\"\"}",
     "no header of a recording"},
    {"{\"recording\":1,\"version\":\"0.1.0\",\"file\":\"a.yaml\"}", "no header of a recording"},
    {"{\"recording\":1,\"version\":\"0.1.0\",\"file\":\"a.yaml\",\"config\":null}",
     "no header of a recording"},
};

static void reads_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct recording_header header;
        char why[RECORDING_WHY_MAX] = "";
        bool good = recording_header_read(&header, rows[i].line, strlen(rows[i].line), why);
        CHECK_ROW(rows[i].line, good == (rows[i].why == NULL));
        if (!good)
            assert_string_equal(why, rows[i].why);
        else
            CHECK_ROW(rows[i].line, header.config_size == 10 &&
                                        strcmp(header.file, "a.yaml") == 0 &&
                                        memcmp(header.config, "site: \"x\"\n", 10) == 0);
        recording_header_done(&header);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_headers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
