// SPDX-License-Identifier: ISC
#include "cmd/acting.h"
#include "cmd/verbs.h"

static const char help[] =
    "  fairlead publish 4                                      as it is drafted now\n"
    "  fairlead publish 4 --reason 'We talk to the provider.'  with a sentence of yours\n"
    "\n"
    "usage: fairlead publish NUMBER [--reason TEXT] [--json]\n"
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

int cmd_publish(int argc, char **argv)
{
    return acting_numbered(ASK_PUBLISH, help, "write the number of an outage, as its page has it",
                           argc, argv);
}
