// SPDX-License-Identifier: ISC
#include "cmd/acting.h"
#include "cmd/verbs.h"

#include <string.h>

static const char help[] =
    "  fairlead publish 4                                      as it is drafted now\n"
    "  fairlead publish 4 --reason 'We talk to the provider.'  with a sentence of yours\n"
    "  fairlead publish 3.12                                   of before the daemon's last start\n"
    "\n"
    "usage: fairlead publish [RUN.]NUMBER [--reason TEXT] [--json]\n"
    "\n"
    "Puts the status of an outage where customers read it: from draft/ into public/ of the\n"
    "directory that 'status_page' names, as index.html, status.json and feed.atom. It stays as it\n"
    "is until it is published again; the draft goes on with what is measured. With\n"
    "'publish: at-once' nobody needs to.\n"
    "\n"
    "  --reason TEXT      said on the page, from now on\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 refused, 2 wrong usage, 3 the daemon does not answer.\n";

// "4", or "3.12": of an earlier life of the daemon, as `fairlead incidents --past` has it.
static bool take_outage(const char *text, struct ask_act *act)
{
    char run[16];
    const char *dot = strchr(text, '.');
    size_t size = dot ? (size_t)(dot - text) : 0;
    if (!dot)
        return acting_number(text, &act->number);
    if (size >= sizeof run)
        return false;
    memcpy(run, text, size);
    run[size] = '\0';
    return acting_number(run, &act->run) && acting_number(dot + 1, &act->number);
}

int cmd_publish(int argc, char **argv)
{
    struct acting acting = {0};
    int status = acting_plain(&acting, help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    if (argc - optind != 1 || !take_outage(argv[optind], &acting.act))
        return asking_wrong(argv[0], "write the number of an outage, as its page has it, or "
                                     "RUN.NUMBER");
    return acting_run(&acting, ASK_PUBLISH, NULL);
}
