// SPDX-License-Identifier: ISC
// What a post-mortem begins with, out of the store: times, causes, decisions, all in order.
#include "cmd/past.h"
#include "cmd/verbs.h"
#include "role/store_past.h"

#include <stdio.h>

static const char help[] =
    "  fairlead postmortem -c /etc/fairlead.yaml 3.12 > incident.md\n"
    "\n"
    "usage: fairlead postmortem (-c FILE | --store FILE) [RUN.]NUMBER\n"
    "\n"
    "Writes what a post-mortem of an incident begins with, as Markdown, times in UTC: what it "
    "was,\n"
    "how long it took to be detected, acknowledged, acted upon, to recover and to be over, what\n"
    "was lost, what was decided and by what evidence, whom it was told, and all that was told "
    "from\n"
    "its onset on. Reads the file of the key 'store': the daemon need not\n"
    "run; fairlead history lists the numbers.\n"
    "\n"
    "  -c, --config FILE  the configuration, for its key 'store'\n"
    "  --store FILE       the file itself\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 there is none of this number, 2 wrong usage, 3 the store cannot be "
    "read.\n";

static int show(struct past *h)
{
    struct store_past past;
    struct said_text text = {0};
    char why[STORE_WHY_MAX];
    if (!h->id)
        return past_wrong(h, "no number of an incident");
    int status = past_told(h, why, store_past_load(&past, h->db, h->id, why));
    if (status == 0) {
        said_postmortem(&past.said, &text);
        fputs(text.bytes ? text.bytes : "", stdout);
        status = text.failed ? 3 : 0;
    }
    said_text_done(&text);
    store_past_done(&past);
    return status;
}

int cmd_postmortem(int argc, char **argv)
{
    struct past past = {.verb = "postmortem", .help = help};
    return past_run(&past, argc, argv, show);
}
