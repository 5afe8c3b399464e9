// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

#include <string.h>

static const char help[] =
    "  fairlead bmp         what routers tell of their peers, by BMP (RFC 7854)\n"
    "  fairlead bmp --json  the same and all counters, one JSON object a line\n"
    "\n"
    "  router  peer       state  table      IPv4    IPv6  complete   why\n"
    "  edge1   192.0.2.1  up     in-pre  1000000       0  ipv4       -\n"
    "  edge1   192.0.2.7  down   -             -       -  -          the peer said Cease/...\n"
    "  edge2   -          lost   -             -       -  -          it has not called\n"
    "\n"
    "A peer that is 'untold' has routes, but its router never said that it is up.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line: \"router\", \"peer\"; the last has \"done\"\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not answer.\n";

enum { COLUMNS = 8 };

static void begin_row(struct columns *rows, const json_t *object, const char *state)
{
    if (rows->cells == 0) {
        static const char *const heads[COLUMNS] = {"router", "peer", "state",    "table",
                                                   "IPv4",   "IPv6", "complete", "why"};
        for (size_t i = 0; i < COLUMNS; i++)
            columns_add(rows, heads[i]);
    }
    columns_add(rows, asking_text(object, "router"));
    columns_add(rows, asking_text(object, "peer"));
    columns_add(rows, state);
}

static void end_row(struct columns *rows, const json_t *object)
{
    for (int i = 0; i < 4; i++)
        columns_add(rows, NULL);
    columns_add(rows, asking_text(object, "reason"));
}

static void add_table(struct columns *rows, const json_t *table)
{
    char text[32];
    const char *complete = asking_names(json_object_get(table, "complete"), text, sizeof text);
    columns_add(rows, asking_text(table, "table"));
    columns_addf(rows, "%lld",
                 (long long)json_integer_value(json_object_get(table, "routes_ipv4")));
    columns_addf(rows, "%lld",
                 (long long)json_integer_value(json_object_get(table, "routes_ipv6")));
    columns_add(rows, complete[0] ? complete : "no");
    columns_add(rows, NULL);
}

static void show(void *context, json_t *line)
{
    struct columns *rows = context;
    const json_t *router = json_object_get(line, "router"), *peer = json_object_get(line, "peer");
    if (router && !json_is_true(json_object_get(router, "up"))) {
        begin_row(rows, router, "lost");
        end_row(rows, router);
    }
    if (!peer)
        return;
    size_t i;
    const json_t *table, *tables = json_object_get(peer, "tables");
    bool down = strcmp(asking_text(peer, "state"), "down") == 0;
    json_array_foreach(tables, i, table)
    {
        if (down)
            break;
        begin_row(rows, peer, asking_text(peer, "state"));
        add_table(rows, table);
    }
    if (down || json_array_size(tables) == 0) {
        begin_row(rows, peer, asking_text(peer, "state"));
        end_row(rows, peer);
    }
}

static int run(const struct asking *asking)
{
    struct columns rows;
    json_t *done;
    const struct ask ask = {.kind = ASK_BMP, .version = ASK_VERSION};
    columns_init(&rows, COLUMNS, 1 << 4 | 1 << 5);
    int status =
        asking_run(asking, &ask, (struct asking_show){.show = show, .context = &rows}, &done);
    if (!asking->json && status == 0) {
        columns_print(&rows, "");
        printf("%lld routers, %lld peers\n",
               (long long)json_integer_value(json_object_get(done, "routers")),
               (long long)json_integer_value(json_object_get(done, "peers")));
    }
    json_decref(done);
    columns_done(&rows);
    return status;
}

int cmd_bmp(int argc, char **argv)
{
    struct asking asking = {0};
    int status = asking_plain(&asking, "bmp", help, argc, argv);
    return status == ASKING_GOES_ON ? run(&asking) : status;
}
