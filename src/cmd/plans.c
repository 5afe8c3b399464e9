// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

static const char help[] =
    "  fairlead plans          what is under way, and what would be\n"
    "  fairlead plans --json   the same, one JSON object a line\n"
    "\n"
    "  drain 3     upstream transit-a  safe    anna      safe to work: 0.4 Mbit/s go by it\n"
    "  plan 7      transit-c ipv4      waits   3 to transit-b   transit-b is proven good ...\n"
    "  lift 12     upstream transit-b  waits   anna      S9, 9 min: TICKET-4711\n"
    "  incident 4  transit-b ipv6      held    12 to transit-c  transit-c is proven good ...\n"
    "  incident 4  transit-b ipv6      held    1 own as graceful  6.8 Mbit/s came in by it ...\n"
    "\n"
    "Drains, with who asked for them, for each open incident the plan: what it moves, or why\n"
    "nothing, and how own prefixes are offered otherwise. fairlead approve 7 has a plan done that\n"
    "waits. With --json each is within \"drain\", \"plan\", \"inbound\" or \"lift\".\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not answer.\n";

static void show_drain(struct columns *columns, const json_t *drain)
{
    columns_addf(columns, "drain %lld",
                 (long long)json_integer_value(json_object_get(drain, "number")));
    columns_add(columns, asking_text(drain, "object"));
    columns_add(columns, asking_text(drain, "state"));
    columns_add(columns, asking_text(drain, "who"));
    columns_add(columns, asking_text(drain, "text"));
}

// Which it is, and of which path.
static void show_which(struct columns *columns, const json_t *plan)
{
    long long approval = (long long)json_integer_value(json_object_get(plan, "approval"));
    if (approval > 0)
        columns_addf(columns, "plan %lld", approval);
    else
        columns_addf(columns, "incident %lld",
                     (long long)json_integer_value(json_object_get(plan, "incident")));
    columns_add(columns, asking_text(plan, "path"));
}

static void show_plan(struct columns *columns, const json_t *plan)
{
    const char *to = asking_text(plan, "to");
    bool waits = json_integer_value(json_object_get(plan, "approval")) > 0;
    show_which(columns, plan);
    columns_add(columns, waits ? "waits" : asking_text(plan, "state"));
    columns_addf(columns, "%lld to %s",
                 (long long)json_integer_value(json_object_get(plan, "prefixes")),
                 to ? to : "nowhere");
    columns_add(columns, asking_text(plan, "reason"));
}

static void show_inbound(struct columns *columns, const json_t *inbound)
{
    char offer[64];
    show_which(columns, inbound);
    columns_add(columns, asking_inbound_state(inbound));
    columns_add(columns, asking_inbound_offer(inbound, offer, sizeof offer));
    columns_add(columns, asking_text(inbound, "reason"));
}

static void show_lift(struct columns *columns, const json_t *lift)
{
    const char *second = asking_text(lift, "second");
    columns_addf(columns, "lift %lld",
                 (long long)json_integer_value(json_object_get(lift, "number")));
    columns_add(columns, asking_text(lift, "object"));
    columns_add(columns, asking_text(lift, "state"));
    columns_addf(columns, "%s%s%s", asking_text(lift, "first"), second && second[0] ? ", " : "",
                 second);
    columns_addf(columns, "%s, %lld min: %s", asking_text(lift, "rule"),
                 (long long)json_integer_value(json_object_get(lift, "left_ns")) / 60000000000,
                 asking_text(lift, "reason"));
}

static void show(void *context, json_t *line)
{
    const json_t *lift = json_object_get(line, "lift"), *in = json_object_get(line, "inbound");
    const json_t *drain = json_object_get(line, "drain"), *plan = json_object_get(line, "plan");
    if (drain)
        show_drain(context, drain);
    else if (plan)
        show_plan(context, plan);
    else if (in)
        show_inbound(context, in);
    else if (lift)
        show_lift(context, lift);
}

int cmd_plans(int argc, char **argv)
{
    struct asking asking = {0};
    int status = asking_plain(&asking, "plans", help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    struct columns columns;
    json_t *done;
    const struct ask ask = {.kind = ASK_PLANS, .version = ASK_VERSION};
    columns_init(&columns, 5, 0);
    status =
        asking_run(&asking, &ask, (struct asking_show){.show = show, .context = &columns}, &done);
    if (status == 0 && !asking.json && columns_rows(&columns) == 0)
        puts("nothing is under way");
    if (!asking.json)
        columns_print(&columns, "");
    columns_done(&columns);
    json_decref(done);
    return status;
}
