// SPDX-License-Identifier: ISC
#include "cmd/acting.h"
#include "cmd/verbs.h"

static const char help[] =
    "  fairlead ack 4 --reason 'calling the provider'  outage 4 is in hand\n"
    "  fairlead status                                 which outages wait for somebody\n"
    "\n"
    "usage: fairlead ack NUMBER [--reason TEXT] [--json]\n"
    "\n"
    "Pages for this outage end, and whoever was paged hears who has it. After the time that\n"
    "alert.severities says, or when the outage turns graver, they begin anew.\n"
    "\n"
    "  --reason TEXT      for the log and the recording\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 refused, 2 wrong usage, 3 the daemon does not answer.\n";

int cmd_ack(int argc, char **argv)
{
    return acting_numbered(ASK_ACK, help, "write the number of an outage, as its page has it", argc,
                           argv);
}
