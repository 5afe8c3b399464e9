// SPDX-License-Identifier: ISC
#include "cmd/acting.h"
#include "cmd/verbs.h"
#include "engine/lifts.h"

#include <stdlib.h>
#include <string.h>

static const char lift_help[] =
    "  fairlead lift S9 upstream transit-b --for 1h --reason 'TICKET-4711: both transits sick'\n"
    "  fairlead approve 12        another person, within ten minutes\n"
    "\n"
    "usage: fairlead lift RULE OBJECT --for 1h --reason TEXT [--json]\n"
    "RULE: S8 how much may leave it in a minute | S9 it may be one more of those that traffic is\n"
    "moved away from | S10 how full it may become, up to 95 % of a known capacity\n"
    "OBJECT: upstream NAME | router NAME\n"
    "\n"
    "Lifts a limit of the configuration ('steer.budget') for one object and at most four hours, "
    "when\n"
    "two persons say so, each by their own account: root is nobody in particular. It ends by "
    "itself,\n"
    "by `fairlead unlift` of any one person, and with the daemon. What is built in, the gate's "
    "own\n"
    "limits, and the last way out are lifted by nobody. `fairlead plans` shows what is lifted.\n"
    "\n"
    "  --for LENGTH       1h, 30m, 1h30m; 4h at most\n"
    "  --reason TEXT      for the log, the recording and whoever comes next\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 it waits for the other person, 1 refused, 2 wrong usage, 3 the daemon does "
    "not\n"
    "answer.\n";

static const char unlift_help[] =
    "  fairlead unlift 12   the limit holds again\n"
    "\n"
    "usage: fairlead unlift NUMBER [--reason TEXT] [--json]\n"
    "\n"
    "Ends a lift, or the wait for its second person. What was moved meanwhile stays where it is.\n"
    "\n"
    "  --reason TEXT      for the log and the recording\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 there is none, 2 wrong usage, 3 the daemon does not answer.\n";

static bool read_rule(const char *word, uint32_t *rule)
{
    for (*rule = 0; *rule < LIFT_RULES; (*rule)++)
        if (strcmp(word, lift_rule_names[*rule]) == 0)
            return true;
    return false;
}

int cmd_lift(int argc, char **argv)
{
    static const struct option names[] = {
        ACTING_OPTIONS, {"for", required_argument, NULL, ACTING_FOR}, {NULL, 0, NULL, 0}};
    struct acting acting = {0};
    int status = acting_options(&acting, lift_help, names, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    if (optind == argc || !read_rule(argv[optind], &acting.act.number))
        return asking_wrong("lift", "write S8, S9 or S10: nothing else may be lifted");
    if (!asking_object(argv + optind + 1, argc - optind - 1, acting.act.object))
        return asking_wrong("lift", "write upstream NAME or router NAME behind the rule");
    if (!acting.act.for_s || !acting.act.reason[0])
        return asking_wrong("lift", "--for and --reason are missing: how long, and why");
    return acting_run(&acting, ASK_LIFT, NULL);
}

int cmd_unlift(int argc, char **argv)
{
    return acting_numbered(ASK_UNLIFT, unlift_help,
                           "write the number of a lift, as fairlead plans shows it", argc, argv);
}
