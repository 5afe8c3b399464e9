// SPDX-License-Identifier: ISC
#include "cmd/verbs.h"

#include <stdio.h>
#include <string.h>

struct verb {
    const char *name, *does;
    int (*run)(int argc, char **argv);  // argv[0] is the verb; gives the exit status
};

static const struct verb verbs[] = {
    {"ack", "an outage: somebody has it in hand", cmd_ack},
    {"agent", "shows this host's kernel to a Fairlead elsewhere", cmd_agent},
    {"approve", "has a plan done that waits for a person", cmd_approve},
    {"audit", "whether the audit log is what was written, and what it says", cmd_audit},
    {"bmp", "what routers tell of their peers", cmd_bmp},
    {"check", "router configurations, before they are shipped", cmd_check},
    {"config", "checks a configuration file, lists its keys", cmd_config},
    {"credits", "what an outage costs by the levels that were promised", cmd_credits},
    {"decode", "what the messages of a protocol say, and what a session does about them",
     cmd_decode},
    {"drain", "takes something out of use, and says when it is safe to work", cmd_drain},
    {"evidence", "what a provider can act upon, of an outage", cmd_evidence},
    {"feed", "plays a routing table, or updates, from MRT archives into a BGP speaker", cmd_feed},
    {"fib", "the routers' kernels against what BGP chose", cmd_fib},
    {"freeze", "nothing is moved until a thaw", cmd_freeze},
    {"history", "what was broken, and what was told of it, out of the store", cmd_history},
    {"incidents", "outages that are open, why, and the incidents beneath", cmd_incidents},
    {"lift", "lifts a limit for a while, when two persons say so", cmd_lift},
    {"maintenance", "plans what providers announce of their maintenance", cmd_maintenance},
    {"mrt", "what an MRT archive holds: as bgpdump prints it, as JSON, or counted", cmd_mrt},
    {"notices", "what stands about tables and sessions", cmd_notices},
    {"password", "what to write in the configuration for a password or a token", cmd_password},
    {"paths", "how each way out does: loss, delay, verdict", cmd_paths},
    {"plans", "what is under way, and what would be", cmd_plans},
    {"postmortem", "what a post-mortem of an incident begins with, as Markdown", cmd_postmortem},
    {"publish", "the status of an outage goes where customers read it", cmd_publish},
    {"reflect", "answers STAMP probes: for the other end", cmd_reflect},
    {"rehearse", "plays an outage on real routers, in namespaces, and measures", cmd_rehearse},
    {"replay", "a recording: the same decisions, to the byte", cmd_replay},
    {"routes", "all paths to a prefix, of every peer", cmd_routes},
    {"run", "the daemon", cmd_run},
    {"simulate", "virtual networks around the deciding core, from seeds", cmd_simulate},
    {"status", "what the running daemon sees", cmd_status},
    {"stop", "ends the daemon: everything is withdrawn", cmd_stop},
    {"table", "the tables of the running daemon as an MRT archive", cmd_table},
    {"thaw", "ends a freeze", cmd_thaw},
    {"top", "what the running daemon sees, live, on the whole screen", cmd_top},
    {"undrain", "ends a drain", cmd_undrain},
    {"unlift", "ends a lift", cmd_unlift},
    {"upstreams", "who told how many routes", cmd_upstreams},
    {"whatif", "where everything would go if something were drained", cmd_whatif},
    {"withdraw-all", "everything that is moved goes back, now", cmd_withdraw_all},
    {NULL, NULL, NULL},
};

static int usage(FILE *out)
{
    fprintf(out, "  fairlead config check fairlead.yaml    what is wrong in a configuration\n"
                 "  fairlead run -c fairlead.yaml          the daemon\n\n"
                 "usage: fairlead VERB [ARGUMENTS]\n\n");
    for (const struct verb *verb = verbs; verb->name; verb++)
        fprintf(out, "  %-12s %s\n", verb->name, verb->does);
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
        if (strcmp(argv[1], verb->name) == 0)
            return verb->run(argc - 1, argv + 1);
    fprintf(stderr, "fairlead: unknown verb '%s': try fairlead --help\n", argv[1]);
    return 2;
}
