// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

static const char help[] =
    "  fairlead upstreams         who told how much, and how restless each is\n"
    "  fairlead upstreams --json  the same, one JSON object a line\n"
    "\n"
    "  peer   kind        IPv4    IPv6  complete   changes in 10 s  in 1 h\n"
    "  edge1  session  1000000  230000  ipv4 ipv6               12    9120\n"
    "  tables: 58.2 MiB\n"
    "\n"
    "  peer   upstream      IPv4    IPv6\n"
    "  edge1  transit-a  1000000  230000\n"
    "\n"
    "  upstream   capacity    out  out p95     in  in p95  age s\n"
    "  transit-a     10000  312.0    340.5  790.1   801.2      2\n"
    "\n"
    "Changes are routes announced and withdrawn. A table that is not complete, or 'partial' "
    "because\n"
    "memory was out, is not to be trusted: what it does not show may be there all the same.\n"
    "Capacity and use are in Mbit/s, p95 of the last five minutes, '-' is unknown: see the keys\n"
    "capacity_mbps and use of upstreams.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line; the last has \"done\"\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not answer.\n";

static long long changes(const json_t *peer, const char *span)
{
    const json_t *counts = json_object_get(json_object_get(peer, "churn"), span);
    return (long long)(json_integer_value(json_object_get(counts, "announced")) +
                       json_integer_value(json_object_get(counts, "withdrawn")));
}

static void add_complete(struct columns *peers, const json_t *peer)
{
    char text[64];
    const char *complete = asking_names(json_object_get(peer, "complete"), text, sizeof text);
    bool partial = json_is_true(json_object_get(peer, "partial"));
    columns_add(peers, partial ? "partial" : complete[0] ? complete : "no");
}

struct picture {
    struct columns peers, ways;
};

static void add_count(struct columns *columns, const json_t *object, const char *key)
{
    columns_addf(columns, "%lld", (long long)json_integer_value(json_object_get(object, key)));
}

// Paths by upstream; those that lead elsewhere under no name.
static void show_ways(struct columns *ways, const json_t *peer)
{
    static const char *const heads[] = {"peer", "upstream", "IPv4", "IPv6"};
    size_t i;
    const json_t *way;
    for (i = 0; ways->cells < sizeof heads / sizeof heads[0]; i++)
        columns_add(ways, heads[i]);
    json_array_foreach(json_object_get(peer, "paths"), i, way)
    {
        const char *upstream = json_string_value(json_object_get(way, "upstream"));
        columns_add(ways, json_string_value(json_object_get(peer, "peer")));
        columns_add(ways, upstream ? upstream : "elsewhere");
        add_count(ways, way, "ipv4");
        add_count(ways, way, "ipv6");
    }
}

static void show(void *context, json_t *line)
{
    struct picture *picture = context;
    struct columns *peers = &picture->peers;
    const json_t *peer = json_object_get(line, "peer");
    if (!peer)
        return;
    if (peers->cells == 0) {
        static const char *const heads[] = {
            "peer", "kind", "IPv4", "IPv6", "complete", "changes in 10 s", "in 1 h"};
        for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
            columns_add(peers, heads[i]);
    }
    columns_add(peers, json_string_value(json_object_get(peer, "peer")));
    columns_add(peers, json_string_value(json_object_get(peer, "kind")));
    add_count(peers, peer, "routes_ipv4");
    add_count(peers, peer, "routes_ipv6");
    add_complete(peers, peer);
    columns_addf(peers, "%lld", changes(peer, "10s"));
    columns_addf(peers, "%lld", changes(peer, "1h"));
    show_ways(&picture->ways, peer);
}

static void print_use(void *context, json_t *line)
{
    (void)context;
    size_t i;
    json_t *use;
    json_array_foreach(json_object_get(json_object_get(line, "engine"), "use"), i, use)
    {
        json_dumpf(use, stdout, JSON_COMPACT);
        puts("");
    }
}

static void add_number(struct columns *columns, const json_t *value, int decimals, double unit)
{
    if (json_is_number(value))
        columns_addf(columns, "%.*f", decimals, json_number_value(value) / unit);
    else
        columns_add(columns, NULL);
}

// What the engine knows of them, from its status.
static void show_use(void *context, json_t *line)
{
    static const char *const keys[] = {"out_bps", "out_p95_bps", "in_bps", "in_p95_bps"};
    struct columns *uses = context;
    size_t i;
    const json_t *use;
    json_array_foreach(json_object_get(json_object_get(line, "engine"), "use"), i, use)
    {
        columns_add(uses, json_string_value(json_object_get(use, "upstream")));
        add_number(uses, json_object_get(use, "capacity_mbps"), 0, 1);
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            add_number(uses, json_object_get(use, keys[k]), 1, 1e6);
        add_number(uses, json_object_get(use, "age_ns"), 0, 1e9);
    }
}

static int run_use(const struct asking *asking)
{
    static const char *const heads[] = {"upstream", "capacity", "out",  "out p95",
                                        "in",       "in p95",   "age s"};
    enum { COUNT = sizeof heads / sizeof heads[0] };
    struct columns uses;
    json_t *done;
    const struct ask ask = {.kind = ASK_STATUS, .version = ASK_VERSION};
    columns_init(&uses, COUNT, 0x7e);
    for (size_t i = 0; i < COUNT; i++)
        columns_add(&uses, heads[i]);
    const struct asking_show show = {
        .show = asking->json ? print_use : show_use, .context = &uses, .json_too = true};
    int status = asking_run(asking, &ask, show, &done);
    if (!asking->json && status == 0) {
        columns_print(&uses, "");
        puts("");
    }
    json_decref(done);
    columns_done(&uses);
    return status;
}

static int run_tables(const struct asking *asking)
{
    struct picture picture;
    json_t *done;
    const struct ask ask = {.kind = ASK_UPSTREAMS, .version = ASK_VERSION};
    columns_init(&picture.peers, 7, 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6);
    columns_init(&picture.ways, 4, 1 << 2 | 1 << 3);
    int status =
        asking_run(asking, &ask, (struct asking_show){.show = show, .context = &picture}, &done);
    if (!asking->json && status == 0) {
        columns_print(&picture.peers, "");
        printf("tables: %.1f MiB\n",
               (double)json_integer_value(json_object_get(done, "table_bytes")) / (1 << 20));
        puts("");
        columns_print(&picture.ways, "");
    }
    json_decref(done);
    columns_done(&picture.peers);
    columns_done(&picture.ways);
    return status;
}

int cmd_upstreams(int argc, char **argv)
{
    struct asking asking = {0};
    int status = asking_plain(&asking, "upstreams", help, argc, argv);
    if (status == ASKING_GOES_ON)
        status = run_use(&asking);
    return status == 0 && !asking.help ? run_tables(&asking) : status;
}
