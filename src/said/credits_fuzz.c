// SPDX-License-Identifier: ISC
// Whatever is in a customers' file: each line that is not empty is a row or is told, and amounts
// stay what they are.
#include "said/credits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char head[] = "account,sites,level,monthly_fee\n";
static const char levels[] =
    "level,down_from_loss_percent,below_percent,credit_percent\ng,1,100,50\n";

static uint32_t lines_of(const char *text)
{
    uint32_t lines = 0;
    for (; text && *text; text++)
        lines += *text == '\n';
    return lines;
}

// That are not empty.
static uint32_t records_of(const char *text)
{
    uint32_t records = 0;
    while (*text) {
        const char *end = strchrnul(text, '\n');
        size_t size = (size_t)(end - text);
        records += size > 1 || (size == 1 && *text != '\r');
        text = *end ? end + 1 : end;
    }
    return records;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *customers = calloc(1, sizeof head + size);
    json_t *nothing = json_array();
    const struct said_span told = {1466424603 * INT64_C(1000000000),
                                   1466428203 * INT64_C(1000000000)};
    const struct said_credits credits = {.of = told,
                                         .told = &told,
                                         .told_count = 1,
                                         .rates = nothing,
                                         .step_s = 10,
                                         .measured_s = -1,
                                         .site = "fra1",
                                         .customers = {"c", customers},
                                         .levels = {"l", levels}};
    struct said_text csv = {0}, wrong = {0};
    memcpy(customers, head, sizeof head - 1);
    memcpy(customers + sizeof head - 1, bytes, size);
    uint32_t count = said_credits_csv(&credits, &csv, &wrong);
    assert(!csv.failed && !wrong.failed);
    assert(lines_of(csv.bytes) - 1 + count == records_of(customers + sizeof head - 1));
    said_text_done(&csv);
    said_text_done(&wrong);
    json_decref(nothing);
    free(customers);
    return 0;
}
