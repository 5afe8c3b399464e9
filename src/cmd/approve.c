// SPDX-License-Identifier: ISC
#include "cmd/acting.h"
#include "cmd/verbs.h"

static const char help[] =
    "  fairlead approve 7 --reason 'seen the same on BMP'  plan 7 is done\n"
    "  fairlead plans                                      which plans wait, with their numbers\n"
    "\n"
    "usage: fairlead approve NUMBER [--reason TEXT] [--json]\n"
    "\n"
    "In mode confirm a plan waits for a person. It is judged once more when it is approved: what "
    "no\n"
    "longer holds, or would lead elsewhere by now, is refused. A plan that waits for ten minutes "
    "is\n"
    "told anew, under another number. A lift takes another person than who asked for it.\n"
    "\n"
    "  --reason TEXT      for the log and the recording\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 refused, 2 wrong usage, 3 the daemon does not answer.\n";

int cmd_approve(int argc, char **argv)
{
    return acting_numbered(ASK_APPROVE, help,
                           "write the number of a plan or a lift, as fairlead plans shows it", argc,
                           argv);
}
