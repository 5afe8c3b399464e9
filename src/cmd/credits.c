// SPDX-License-Identifier: ISC
// What an outage costs by the levels that were promised, out of the store.
#include "cmd/past.h"
#include "cmd/verbs.h"
#include "detect/rate.h"
#include "role/store_month.h"
#include "role/store_past.h"
#include "said/credits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "  fairlead credits -c /etc/fairlead.yaml 3.12 --customers FILE.csv --levels FILE.csv\n"
    "  fairlead credits -c FILE --month 2016-06 --customers FILE.csv --levels FILE.csv\n"
    "\n"
    "usage: fairlead credits (-c FILE | --store FILE --site NAME) --customers FILE --levels FILE\n"
    "                        ([RUN.]NUMBER | --month YYYY-MM)\n"
    "\n"
    "Writes CSV: for each account and month how long it was down, what that comes to, and how\n"
    "that was reckoned. Of that outage only, or of all that was lost in a month; amounts are\n"
    "exact, credits to the cent, halves up.\n"
    "\n"
    "  customers: account,sites,level,monthly_fee           sites apart by spaces; empty: all\n"
    "  levels:    level,down_from_loss_percent,below_percent,credit_percent\n"
    "\n"
    "Ten seconds are down when of the probes that take the way of customers' packets at least so\n"
    "many percent were lost, of the family that was worse; where nothing was measured there, what\n"
    "was told counts, from the onset until it was moved, well or over, and the row says so. Of a\n"
    "month that was measured in part the row says how much; the rest counts as well. Of a level's\n"
    "rows the one counts with the smallest bound that the month's availability is below. Rows "
    "that\n"
    "are wrong are told with their line, and left out.\n"
    "\n"
    "  --customers FILE   the accounts\n"
    "  --levels FILE      the service levels\n"
    "  --month YYYY-MM    all that was lost in this month (UTC), instead of an incident's number\n"
    "  --site NAME        the site's name, where no configuration says it\n"
    "  -c, --config FILE  the configuration, for its keys 'store' and 'site'\n"
    "  --store FILE       the file itself\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 there is none of this number, or a row is wrong, 2 wrong usage, 3 the\n"
    "store or a file cannot be read.\n";

enum { CUSTOMERS, LEVELS, SITE, MONTH };
enum { FILE_MAX = 64 * 1024 * 1024 };

// The whole of it, with a zero behind; NULL: it is told.
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0, room = 0;
    bool good = file != NULL;
    while (good && !feof(file)) {
        if (size + 1 >= room) {
            room = 2 * room + 65536;
            char *more = room < FILE_MAX ? realloc(text, room) : NULL;
            errno = more ? errno : EFBIG;
            good = more != NULL;
            text = more ? more : text;
        }
        if (good)
            size += fread(text + size, 1, room - size - 1, file);
        good = good && !ferror(file);
    }
    if (good)
        text[size] = '\0';
    if (good && strlen(text) != size) {  // what is behind it would be lost silently
        errno = EILSEQ;
        good = false;
    }
    if (!good)
        fprintf(stderr, "fairlead: cannot read '%s': %s\n", path, strerror(errno));
    if (file)
        fclose(file);
    if (!good)
        free(text);
    return good ? text : NULL;
}

// Of what is in `credits` already, for all accounts.
static int reckon(const struct past *h, struct said_credits *credits)
{
    const char *const *values = h->values;
    char *customers = read_file(values[CUSTOMERS]), *levels = read_file(values[LEVELS]);
    struct said_text csv = {0}, wrong = {0};
    int status = 3;
    if (customers && levels) {
        credits->site = values[SITE] ? values[SITE] : h->site;
        credits->customers = (struct said_file){values[CUSTOMERS], customers};
        credits->levels = (struct said_file){values[LEVELS], levels};
        uint32_t count = said_credits_csv(credits, &csv, &wrong);
        status = csv.failed || wrong.failed ? 3 : count > 0 ? 1 : 0;
        fputs(csv.bytes ? csv.bytes : "", stdout);
        fputs(wrong.bytes ? wrong.bytes : "", stderr);
    }
    free(customers);
    free(levels);
    said_text_done(&csv);
    said_text_done(&wrong);
    return status;
}

static int reckon_outage(const struct past *h)
{
    struct store_past past;
    char why[STORE_WHY_MAX];
    int status = past_told(h, why, store_past_load_exact(&past, h->db, h->id, why));
    if (status == 0) {
        const struct said_span told = said_credit_span(&past.said);
        struct said_credits credits = {.of = told,
                                       .told = &told,
                                       .told_count = 1,
                                       .rates = past.rates,
                                       .step_s = past.said.step_s,
                                       .measured_s = -1};
        (void)said_time_parse(said_get(past.outage, "changed"), &credits.of.until_ns);
        status = reckon(h, &credits);
    }
    store_past_done(&past);
    return status;
}

static int reckon_month(const struct past *h)
{
    struct store_month month;
    char why[STORE_WHY_MAX];
    int status = past_told(h, why, store_month_load(&month, h->db, h->values[MONTH], why));
    if (status == 0) {
        struct said_credits credits = {.of = month.of,
                                       .told = month.told,
                                       .told_count = month.told_count,
                                       .rates = month.rates,
                                       .step_s = RATE_S,
                                       .measured_s = month.measured_s};
        status = reckon(h, &credits);
    }
    store_month_done(&month);
    return status;
}

static int show(struct past *h)
{
    if (!h->id == !h->values[MONTH] || !h->values[CUSTOMERS] || !h->values[LEVELS])
        return past_wrong(
            h, "write a number of an incident or --month, --customers FILE and --levels FILE");
    if (!h->values[SITE] && h->site[0] == '\0')
        return past_wrong(h, "which site was it? write -c FILE or --site NAME");
    return h->id ? reckon_outage(h) : reckon_month(h);
}

int cmd_credits(int argc, char **argv)
{
    static const char *const extras[] = {"customers", "levels", "site", "month", NULL};
    struct past past = {.verb = "credits", .help = help, .extras = extras};
    return past_run(&past, argc, argv, show);
}
