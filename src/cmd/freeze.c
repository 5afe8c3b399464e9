// SPDX-License-Identifier: ISC
#include "cmd/acting.h"
#include "cmd/verbs.h"

static const char freeze_help[] =
    "  fairlead freeze --reason 'core migration'   nothing is moved until a thaw\n"
    "\n"
    "usage: fairlead freeze [--reason TEXT] [--json]\n"
    "\n"
    "Within a second: what Fairlead moved stays where it is, and nothing else is moved or "
    "returned.\n"
    "Detection goes on. `fairlead status` shows who froze it and why; `fairlead thaw` ends it.\n"
    "\n"
    "  --reason TEXT      for the log, the recording and whoever comes next\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 refused, 2 wrong usage, 3 the daemon does not answer.\n";

static const char thaw_help[] =
    "  fairlead thaw --reason 'migration done'   ends a freeze\n"
    "\n"
    "usage: fairlead thaw [--reason TEXT] [--json]\n"
    "\n"
    "What was begun when it was frozen is finished, and what is wrong by now is acted upon.\n"
    "\n"
    "  --reason TEXT      for the log and the recording\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 nothing is frozen, 2 wrong usage, 3 the daemon does not answer.\n";

static const char withdraw_help[] =
    "  fairlead withdraw-all --reason 'it makes things worse'   everything goes, now\n"
    "\n"
    "usage: fairlead withdraw-all [--reason TEXT] [--json]\n"
    "\n"
    "Withdraws every override within a second and moves nothing until a thaw. Detection goes on.\n"
    "Our own prefixes stay announced: end the daemon to end those too. Programs of hooks that "
    "ran\n"
    "are not undone.\n"
    "\n"
    "When this does not answer, make the file of the key 'kill_file' (touch /run/fairlead/kill), "
    "or\n"
    "end the daemon.\n"
    "\n"
    "  --reason TEXT      for the log, the recording and whoever comes next\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not answer.\n";

static const char stop_help[] =
    "  fairlead stop --reason 'an update'   the daemon ends\n"
    "\n"
    "usage: fairlead stop [--reason TEXT] [--json]\n"
    "\n"
    "As SIGTERM does: everything that Fairlead announces is withdrawn, our own prefixes too, the\n"
    "sessions are closed, and the daemon ends with status 0. A service manager that starts it "
    "only\n"
    "after failures does not start it again.\n"
    "\n"
    "  --reason TEXT      for the log, the recording and whoever comes next\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 it ends, 1 refused, 2 wrong usage, 3 the daemon does not answer.\n";

static int run(enum ask_kind kind, const char *help, int argc, char **argv)
{
    struct acting acting = {0};
    int status = acting_plain(&acting, help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    if (optind < argc)
        return asking_wrong(argv[0], "too many arguments: the reason follows --reason, quoted");
    return acting_run(&acting, kind, NULL);
}

int cmd_freeze(int argc, char **argv)
{
    return run(ASK_FREEZE, freeze_help, argc, argv);
}

int cmd_thaw(int argc, char **argv)
{
    return run(ASK_THAW, thaw_help, argc, argv);
}

int cmd_withdraw_all(int argc, char **argv)
{
    return run(ASK_WITHDRAW_ALL, withdraw_help, argc, argv);
}

int cmd_stop(int argc, char **argv)
{
    return run(ASK_STOP, stop_help, argc, argv);
}
