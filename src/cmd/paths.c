// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

static const char help[] =
    "  fairlead paths          how each way out does, in each family\n"
    "  fairlead paths --json   the same, one JSON object a line\n"
    "\n"
    "  path            verdict    loss     of   median  worse than its peers\n"
    "  transit-a ipv4  good      0.00 %   812   2.1 ms  0.0 nats\n"
    "  transit-a ipv6  confirmed 38.10 %  790   2.4 ms  41.7 nats\n"
    "\n"
    "A path is an upstream in one address family, or as-routed: the way customers' packets take.\n"
    "Loss and delay are of the last seconds; of is how many packets are evidence (answered or\n"
    "lost). What servers see of connections over it is below, where they tell.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not answer.\n";

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static void show_path(struct columns *columns, const json_t *path)
{
    columns_add(columns, asking_text(path, "path"));
    columns_add(columns, asking_text(path, "verdict"));
    if (number_of(path, "samples") > 0)
        columns_addf(columns, "%.2f %%", number_of(path, "loss_ppm") / 1e4);
    else
        columns_add(columns, NULL);
    columns_addf(columns, "%.0f", number_of(path, "samples"));
    if (number_of(path, "rtt_p50_ns") > 0)
        columns_addf(columns, "%.1f ms", number_of(path, "rtt_p50_ns") / 1e6);
    else
        columns_add(columns, NULL);
    columns_addf(columns, "%.1f nats", number_of(path, "relative_millinats") / 1e3);
}

static void print_table(const json_t *paths)
{
    static const char *const heads[] = {"path", "verdict", "loss",
                                        "of",   "median",  "worse than its peers"};
    size_t i;
    const json_t *path;
    struct columns columns;
    columns_init(&columns, 6, 1u << 2 | 1u << 3 | 1u << 4);
    for (i = 0; i < 6; i++)
        columns_add(&columns, heads[i]);
    json_array_foreach(paths, i, path) show_path(&columns, path);
    columns_print(&columns, "");
    columns_done(&columns);
    json_array_foreach(paths, i, path) if (asking_text(path, "servers"))
        printf("servers over %s: %s\n", asking_text(path, "path"), asking_text(path, "servers"));
}

static void print_lines(const json_t *paths)
{
    size_t i;
    json_t *path;
    json_array_foreach(paths, i, path)
    {
        json_dumpf(path, stdout, JSON_COMPACT);
        putchar('\n');
    }
}

static void show(void *context, json_t *line)
{
    const struct asking *asking = context;
    const json_t *paths = json_object_get(json_object_get(line, "engine"), "paths");
    if (asking->json)
        print_lines(paths);
    else
        print_table(paths);
}

int cmd_paths(int argc, char **argv)
{
    struct asking asking = {0};
    int status = asking_plain(&asking, "paths", help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    json_t *done;
    const struct ask ask = {.kind = ASK_STATUS, .version = ASK_VERSION};
    // Of the picture only the paths are printed.
    const struct asking_show how = {.show = show, .context = &asking, .json_too = true};
    status = asking_run(&asking, &ask, how, &done);
    json_decref(done);
    return status;
}
