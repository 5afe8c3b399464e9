// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

#include <string.h>

static const char help[] =
    "  fairlead whatif drain upstream transit-a              where its prefixes would go\n"
    "  fairlead whatif drain router edge1 --prefixes --json  each that moves, as JSON lines\n"
    "\n"
    "  family  prefixes   moved  lost  one way left\n"
    "  ipv4     1000000  412031     0         10233\n"
    "  ipv6      230000   91020    12          8120\n"
    "  to transit-b       ipv4 401798, ipv6 90020\n"
    "  to transit-c       ipv4 10233, ipv6 1000\n"
    "\n"
    "usage: fairlead whatif drain upstream NAME|router NAME|member GROUP/MEMBER|site\n"
    "       [--prefixes] [--json]\n"
    "\n"
    "Asks the running daemon, over its whole table as it is now; nothing is changed. A prefix is\n"
    "'moved' when at least one router would use another way, 'lost' when no path would be left;\n"
    "'one way left' had several. 'beside' a router are next hops that no upstream has. The "
    "decision\n"
    "is in fairlead(8).\n"
    "\n"
    "  --prefixes         each prefix that moves, is lost, or is left with one way\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line: \"move\", \"summary\"; the last has \"done\"\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 prefixes would be lost, 2 wrong usage, 3 the daemon does not answer.\n";

enum { OPTION_PREFIXES = ASKING_OWN };

struct picture {
    struct columns summary;
    json_t *gained;  // by way: text
};

static long long number_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static void add_gains(struct picture *p, const json_t *summary)
{
    const char *way, *family = json_string_value(json_object_get(summary, "family"));
    json_t *count;
    json_object_foreach(json_object_get(summary, "gained"), way, count)
    {
        const char *before = json_string_value(json_object_get(p->gained, way));
        json_t *text = json_sprintf("%s%s%s %lld", before ? before : "", before ? ", " : "", family,
                                    (long long)json_integer_value(count));
        json_object_set_new(p->gained, way, text);
    }
}

static void show_summary(struct picture *p, const json_t *summary)
{
    if (p->summary.cells == 0) {
        static const char *const heads[] = {"family", "prefixes", "moved", "lost", "one way left"};
        for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
            columns_add(&p->summary, heads[i]);
    }
    columns_add(&p->summary, json_string_value(json_object_get(summary, "family")));
    columns_addf(&p->summary, "%lld", number_of(summary, "prefixes"));
    columns_addf(&p->summary, "%lld", number_of(summary, "moved"));
    columns_addf(&p->summary, "%lld", number_of(summary, "lost"));
    columns_addf(&p->summary, "%lld", number_of(summary, "one_way"));
    add_gains(p, summary);
}

// Not kept: there may be a million of them.
static void show_move(const json_t *move)
{
    const char *router;
    json_t *change;
    printf("%s", json_string_value(json_object_get(move, "prefix")));
    json_object_foreach(json_object_get(move, "routers"), router, change)
    {
        const char *from = json_string_value(json_object_get(change, "from"));
        const char *to = json_string_value(json_object_get(change, "to"));
        printf("  %s: %s -> %s", router, from ? from : "-", to ? to : "nowhere");
    }
    printf("  ways %lld -> %lld\n", number_of(move, "ways_before"), number_of(move, "ways_after"));
}

static void show(void *context, json_t *line)
{
    struct picture *p = context;
    const json_t *summary = json_object_get(line, "summary");
    if (summary)
        show_summary(p, summary);
    else
        show_move(json_object_get(line, "move"));
}

static void print(const struct picture *p, const json_t *done)
{
    struct columns gains;
    const char *way;
    json_t *text, *name;
    size_t i;
    columns_init(&gains, 2, 0);
    columns_print(&p->summary, "");
    json_object_foreach(p->gained, way, text)
    {
        columns_addf(&gains, "to %s", way);
        columns_add(&gains, json_string_value(text));
    }
    columns_print(&gains, "");
    json_array_foreach(json_object_get(done, "incomplete"), i, name)
        printf("the table of %s is not complete: what it does not show may be there\n",
               json_string_value(name));
    columns_done(&gains);
}

static int run(const struct asking *asking, const struct ask *ask)
{
    struct picture p = {.gained = json_object()};
    json_t *done;
    columns_init(&p.summary, 5, 0x1e);
    int status = asking_run(asking, ask, (struct asking_show){.show = show, .context = &p}, &done);
    if (status == 0 && !asking->json)
        print(&p, done);
    if (status == 0 && number_of(done, "lost") > 0)
        status = 1;
    json_decref(done);
    json_decref(p.gained);
    columns_done(&p.summary);
    return status;
}

static bool read_words(char **words, int count, struct ask *ask)
{
    return count >= 2 && strcmp(words[0], "drain") == 0 &&
           asking_object(words + 1, count - 1, ask->whatif.object);
}

int cmd_whatif(int argc, char **argv)
{
    static const struct option names[] = {
        ASKING_OPTIONS, {"prefixes", no_argument, NULL, OPTION_PREFIXES}, {NULL, 0, NULL, 0}};
    struct asking asking = {0};
    struct ask ask = {.kind = ASK_WHATIF, .version = ASK_VERSION};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == OPTION_PREFIXES)
            ask.whatif.each = true;
        else if (!asking_option(&asking, option))
            return asking_wrong("whatif", "an unknown option, or one without its value");
    }
    if (asking.help)
        return fputs(help, stdout) < 0 ? 3 : 0;
    if (!read_words(argv + optind, argc - optind, &ask))
        return asking_wrong(
            "whatif", "write drain, then upstream NAME, router NAME, member GROUP/MEMBER or site");
    return run(&asking, &ask);
}
