// SPDX-License-Identifier: ISC
#include "cmd/verbs.h"

#include <stdio.h>
#include <string.h>

struct verb {
    const char *name, *does;
    int (*run)(int argc, char **argv);  // argv[0] is the verb; gives the exit status
};

// In the order in which they are wanted; a row without a function is a heading.
static const struct verb verbs[] = {
    {"to begin:", NULL, NULL},
    {"config", "checks a configuration file, lists its keys", cmd_config},
    {"run", "the daemon", cmd_run},
    {"password", "what to write in the configuration for a password or a token", cmd_password},
    {"what is the matter:", NULL, NULL},
    {"status", "what the running daemon sees", cmd_status},
    {"top", "what the running daemon sees, live, on the whole screen", cmd_top},
    {"incidents", "outages that are open, why, and the incidents beneath", cmd_incidents},
    {"paths", "how each way out does: loss, delay, verdict", cmd_paths},
    {"notices", "what stands about tables and sessions", cmd_notices},
    {"plans", "what is under way, and what would be", cmd_plans},
    {"what the tables hold:", NULL, NULL},
    {"routes", "all paths to a prefix, of every peer", cmd_routes},
    {"upstreams", "who told how many routes", cmd_upstreams},
    {"bmp", "what routers tell of their peers", cmd_bmp},
    {"fib", "the routers' kernels against what BGP chose", cmd_fib},
    {"whatif", "where everything would go if something were drained", cmd_whatif},
    {"table", "the tables of the running daemon as an MRT archive", cmd_table},
    {"to act, and to be left alone:", NULL, NULL},
    {"ack", "an outage: somebody has it in hand", cmd_ack},
    {"approve", "has a plan done that waits for a person", cmd_approve},
    {"drain", "takes something out of use, and says when it is safe to work", cmd_drain},
    {"undrain", "ends a drain", cmd_undrain},
    {"freeze", "nothing is moved until a thaw", cmd_freeze},
    {"thaw", "ends a freeze", cmd_thaw},
    {"lift", "lifts a limit for a while, when two persons say so", cmd_lift},
    {"unlift", "ends a lift", cmd_unlift},
    {"withdraw-all", "everything that is moved goes back, now", cmd_withdraw_all},
    {"stop", "ends the daemon: everything is withdrawn", cmd_stop},
    {"before something changes:", NULL, NULL},
    {"check", "router configurations, before they are shipped", cmd_check},
    {"maintenance", "plans what providers announce of their maintenance", cmd_maintenance},
    {"rehearse", "plays an outage on real routers, in namespaces, and measures", cmd_rehearse},
    {"simulate", "virtual networks around the deciding core, from seeds", cmd_simulate},
    {"afterwards:", NULL, NULL},
    {"history", "what was broken, and what was told of it, out of the store", cmd_history},
    {"postmortem", "what a post-mortem of an incident begins with, as Markdown", cmd_postmortem},
    {"evidence", "what a provider can act upon, of an outage", cmd_evidence},
    {"credits", "what an outage costs by the levels that were promised", cmd_credits},
    {"publish", "the status of an outage goes where customers read it", cmd_publish},
    {"audit", "whether the audit log is what was written, and what it says", cmd_audit},
    {"replay", "a recording: the same decisions, to the byte", cmd_replay},
    {"archives, messages, the far end:", NULL, NULL},
    {"mrt", "what an MRT archive holds: as bgpdump prints it, as JSON, or counted", cmd_mrt},
    {"feed", "plays a routing table, or updates, from MRT archives into a BGP speaker", cmd_feed},
    {"decode", "what the messages of a protocol say, and what a session does about them",
     cmd_decode},
    {"reflect", "answers STAMP probes: for the other end", cmd_reflect},
    {"agent", "shows this host's kernel to a Fairlead elsewhere", cmd_agent},
    {NULL, NULL, NULL},
};

static int usage(FILE *out)
{
    fprintf(out, "  fairlead config check fairlead.yaml    what is wrong in a configuration\n"
                 "  fairlead run -c fairlead.yaml          the daemon\n\n"
                 "usage: fairlead VERB [ARGUMENTS]\n\n");
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (verb->run)
            fprintf(out, "  %-12s %s\n", verb->name, verb->does);
        else
            fprintf(out, "%s\n", verb->name);
    fprintf(out, "\n`fairlead VERB --help` tells more; so does `man fairlead`.\n");
    return out == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout);
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (verb->run && strcmp(argv[1], verb->name) == 0)
            return verb->run(argc - 1, argv + 1);
    fprintf(stderr, "fairlead: unknown verb '%s': try fairlead --help\n", argv[1]);
    return 2;
}
