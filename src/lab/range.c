// SPDX-License-Identifier: ISC
#include "lab/range.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double range_percentile(double *values, size_t count, unsigned percent)
{
    if (count == 0)
        return NAN;
    qsort(values, count, sizeof *values, compare);
    size_t rank = (count * percent + 99) / 100;
    return values[rank ? rank - 1 : 0];
}
