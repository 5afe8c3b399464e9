// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

#include <string.h>

static const char help[] =
    "  fairlead routes 203.0.113.0/24     every path to exactly this prefix, of every peer\n"
    "  fairlead routes 2001:db8::1        to the longest prefix that holds this address\n"
    "\n"
    "  203.0.113.0/24\n"
    "     peer   kind     upstream   next hop  pref  med  AS path      why\n"
    "  *  edge1  session  transit-a  10.0.1.1   100    -  65001 65100  higher LOCAL_PREF: 100 "
    "against 90\n"
    "     edge1  session  transit-b  10.0.2.1    90    -  65002 65100\n"
    "  *  edge2  session  transit-b  10.0.2.1    90    -  65002 65100  the only path\n"
    "\n"
    "A star marks the choice of that peer, as far as it tells. Of an own prefix (key 'own') it "
    "also\n"
    "says which tables show it, and the last changes.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line: \"path\", \"seen\", \"change\"; the last has "
    "\"done\"\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 there is a route, 1 there is none, 2 wrong usage, 3 the daemon does not "
    "answer.\n";

struct picture {
    struct columns paths, seen, changes;
};

static void add_number(struct columns *columns, const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);
    if (number)
        columns_addf(columns, "%lld", (long long)json_integer_value(number));
    else
        columns_add(columns, NULL);
}

static void show_path(struct columns *columns, const json_t *path)
{
    const char *kind = asking_text(path, "kind");
    if (columns->cells == 0) {
        static const char *const heads[] = {"",     "peer", "kind",    "upstream", "next hop",
                                            "pref", "med",  "AS path", "why"};
        for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
            columns_add(columns, heads[i]);
    }
    columns_add(columns, json_is_true(json_object_get(path, "our_echo")) ? "="
                         : json_is_true(json_object_get(path, "best"))   ? "*"
                                                                         : "");
    columns_add(columns, asking_text(path, "peer"));
    columns_add(columns, kind);
    columns_add(columns, asking_text(path, "upstream"));
    columns_add(columns, asking_text(path, "next_hop"));
    add_number(columns, path, "local_pref");
    add_number(columns, path, "med");
    columns_add(columns, asking_text(path, "as_path"));
    columns_add(columns,
                json_is_true(json_object_get(path, "best")) ? asking_text(path, "reason") : "");
}

static void add_sight(struct columns *columns, const json_t *sight)
{
    if (!json_is_object(sight)) {
        columns_add(columns, "not there");
        return;
    }
    const char *upstream = asking_text(sight, "upstream");
    columns_addf(columns, "%s%s%s%s, origin AS %lld%s", asking_text(sight, "next_hop"),
                 upstream ? " (" : "", upstream ? upstream : "", upstream ? ")" : "",
                 (long long)json_integer_value(json_object_get(sight, "origin_as")),
                 json_is_true(json_object_get(sight, "foreign")) ? ", foreign" : "");
}

static void show(void *context, json_t *line)
{
    struct picture *p = context;
    const json_t *item;
    if ((item = json_object_get(line, "path"))) {
        show_path(&p->paths, item);
    } else if ((item = json_object_get(line, "seen"))) {
        columns_add(&p->seen, asking_text(item, "peer"));
        columns_add(&p->seen, asking_text(item, "state"));
    } else if ((item = json_object_get(line, "change"))) {
        columns_add(&p->changes, asking_text(item, "time"));
        columns_add(&p->changes, asking_text(item, "prefix"));
        columns_add(&p->changes, asking_text(item, "peer"));
        add_sight(&p->changes, json_object_get(item, "before"));
        columns_add(&p->changes, "->");
        add_sight(&p->changes, json_object_get(item, "after"));
    } else {
        const char *prefix = asking_text(line, "prefix");
        printf("%s%s\n", prefix ? prefix : "no route to ", prefix ? "" : asking_text(line, "of"));
    }
}

static int run(const struct asking *asking, const struct ask *ask)
{
    struct picture p;
    json_t *done;
    columns_init(&p.paths, 9, 1 << 5 | 1 << 6);
    columns_init(&p.seen, 2, 0);
    columns_init(&p.changes, 6, 0);
    int status = asking_run(asking, ask, (struct asking_show){.show = show, .context = &p}, &done);
    if (status == 0 && json_integer_value(json_object_get(done, "paths")) == 0)
        status = 1;
    if (!asking->json && status <= 1) {
        columns_print(&p.paths, "");
        puts(columns_rows(&p.seen) > 0 ? "in the tables of" : "");
        columns_print(&p.seen, "  ");
        if (columns_rows(&p.changes) > 0)
            puts("last changes");
        columns_print(&p.changes, "  ");
    }
    json_decref(done);
    columns_done(&p.paths);
    columns_done(&p.seen);
    columns_done(&p.changes);
    return status;
}

int cmd_routes(int argc, char **argv)
{
    struct asking asking = {0};
    struct ask ask = {.kind = ASK_ROUTES, .version = ASK_VERSION};
    int status = asking_options(&asking, "routes", help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    if (optind + 1 != argc)
        return asking_wrong("routes", "write one prefix or address");
    struct prefix prefix;
    struct address address;
    if (!prefix_parse(argv[optind], &prefix) && !address_parse(argv[optind], &address))
        return asking_wrong("routes", "neither a prefix nor an address");
    snprintf(ask.routes.of, sizeof ask.routes.of, "%s", argv[optind]);
    return run(&asking, &ask);
}
