// SPDX-License-Identifier: ISC
#include "probe/mda.h"

#include "base/check.h"

// detection.md 1.5, which has them from the table of Paris traceroute.
static void stops_as_published(void **state)
{
    static const uint32_t rows[][2] = {{1, 6},    {2, 11},   {3, 16},   {4, 21},  {5, 27},
                                       {6, 33},   {7, 38},   {8, 44},   {15, 90}, {16, 96},
                                       {31, 203}, {63, 453}, {127, 998}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(mda_flows_needed(rows[i][0]), rows[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stops_as_published)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
