// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

#include <string.h>

static const char help[] =
    "  fairlead whatif drain upstream transit-a              where its traffic would go\n"
    "  fairlead whatif drain router edge1 --prefixes --json  each that moves, as JSON lines\n"
    "\n"
    "  family  prefixes   moved  lost  one way left\n"
    "  ipv4     1000000  412031     0         10233\n"
    "  ipv6      230000   91020    12          8120\n"
    "  to transit-b       ipv4 401798, ipv6 90020\n"
    "  to transit-c       ipv4 10233, ipv6 1000\n"
    "  Mbit/s              now  ipv4  ipv6   untold         then  at most\n"
    "  from transit-a     3100                                       8000\n"
    "  to transit-b       2000  1200   300  0 to 1600  3500 to 5100     8000  fits\n"
    "  to transit-c       7400     0     0  0 to 1600  7400 to 9000     8000  fits or not, by "
    "where "
    "the untold goes\n"
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
    "Traffic is what counters and flow collectors tell the daemon: 'now' is the larger of now and\n"
    "of the 95th percentile; 'untold' leaves by what is drained, but nobody tells to which "
    "prefix;\n"
    "'at most' is the capacity with its headroom; '-' is unknown.\n"
    "\n"
    "  --prefixes         each prefix that moves, is lost, or is left with one way\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line: \"move\", \"summary\", \"traffic\"; the last\n"
    "                     has \"done\"\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 prefixes or traffic would be lost, 2 wrong usage, 3 the daemon does "
    "not\n"
    "answer.\n";

enum { OPTION_PREFIXES = ASKING_OWN };

struct picture {
    struct columns summary, traffic;
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

// Of bits a second, in millions: "12", "0.5"; unknown is "-".
static void write_mbps(const json_t *bps, char *text, size_t size)
{
    double mbps = (double)json_integer_value(bps) / 1e6;
    if (json_is_integer(bps))
        snprintf(text, size, "%.*f", mbps > 0 && mbps < 10 ? 1 : 0, mbps);
    else
        snprintf(text, size, "-");
}

// "12", "0 to 12", "12 or more".
static void write_span(const json_t *span, char *text, size_t size)
{
    char least[32], most[32];
    const json_t *to = json_object_get(span, "most");
    write_mbps(json_object_get(span, "least"), least, sizeof least);
    write_mbps(to, most, sizeof most);
    if (json_is_null(to))
        snprintf(text, size, "%s or more", least);
    else if (strcmp(least, most) == 0)
        snprintf(text, size, "%s", least);
    else
        snprintf(text, size, "%s to %s", least, most);
}

static void add_span(struct columns *columns, const json_t *span)
{
    char text[72] = "-";
    if (json_is_object(span))
        write_span(span, text, sizeof text);
    columns_add(columns, text);
}

static void add_mbps(struct columns *columns, const json_t *bps)
{
    char text[32];
    write_mbps(bps, text, sizeof text);
    columns_add(columns, text);
}

static void add_verdict(struct columns *columns, const json_t *way)
{
    const json_t *fits = json_object_get(way, "fits"), *over = json_object_get(way, "over");
    char least[32];
    write_mbps(json_object_get(over, "least"), least, sizeof least);
    if (json_is_true(fits))
        columns_add(columns, "fits");
    else if (number_of(over, "least") > 0)
        columns_addf(columns, "too much: at least %s would be lost", least);
    else if (json_is_false(fits))
        columns_add(columns, "more than its headroom leaves");
    else if (json_is_null(json_object_get(way, "capacity_bps")))
        columns_add(columns, "its capacity is unknown");
    else if (json_is_null(json_object_get(way, "use_bps")))
        columns_add(columns, "what it carries is unknown");
    else if (json_is_null(json_object_get(over, "most")))
        columns_add(columns, "what leaves is unknown");
    else
        columns_add(columns, "fits or not, by where the untold goes");
}

static bool is_concerned(const json_t *way)
{
    const json_t *most = json_object_get(json_object_get(way, "gains"), "most");
    return json_is_null(most) || json_integer_value(most) > 0;
}

static void show_traffic(struct picture *p, const json_t *way)
{
    static const char *const spans[] = {"ipv4", "ipv6", "untold", "after"};
    bool drained = json_is_true(json_object_get(way, "drained"));
    if (p->traffic.cells == 0) {
        static const char *const heads[] = {"Mbit/s", "now",  "ipv4",    "ipv6",
                                            "untold", "then", "at most", ""};
        for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
            columns_add(&p->traffic, heads[i]);
    }
    if (!drained && !is_concerned(way))
        return;
    columns_addf(&p->traffic, "%s %s", drained ? "from" : "to",
                 json_string_value(json_object_get(way, "way")));
    add_mbps(&p->traffic, json_object_get(way, "use_bps"));
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        if (drained)
            columns_add(&p->traffic, "");
        else
            add_span(&p->traffic, json_object_get(way, spans[i]));
    add_mbps(&p->traffic, json_object_get(way, "limit_bps"));
    if (drained)
        columns_add(&p->traffic, "");
    else
        add_verdict(&p->traffic, way);
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
    const json_t *traffic = json_object_get(line, "traffic");
    if (summary)
        show_summary(p, summary);
    else if (traffic)
        show_traffic(p, traffic);
    else
        show_move(json_object_get(line, "move"));
}

static void print_lost(const json_t *done)
{
    char no_way[64], lost[64];
    const json_t *traffic = json_object_get(done, "all_traffic");
    const json_t *none = json_object_get(traffic, "no_way"),
                 *all = json_object_get(traffic, "lost");
    if (!traffic || (number_of(all, "least") == 0 && json_is_null(json_object_get(all, "most")))) {
        puts("how much traffic would be lost is not known");
        return;
    }
    write_span(none, no_way, sizeof no_way);
    write_span(all, lost, sizeof lost);
    if (strcmp(lost, "0") != 0)
        printf("lost: %s Mbit/s, of it without a way: %s\n", lost, no_way);
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
    columns_print(&p->traffic, "");
    print_lost(done);
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
    columns_init(&p.traffic, 8, 0x7e);
    int status = asking_run(asking, ask, (struct asking_show){.show = show, .context = &p}, &done);
    if (status == 0 && !asking->json)
        print(&p, done);
    const json_t *lost = json_object_get(json_object_get(done, "all_traffic"), "lost");
    if (status == 0 && (number_of(done, "lost") > 0 || number_of(lost, "least") > 0))
        status = 1;
    json_decref(done);
    json_decref(p.gained);
    columns_done(&p.summary);
    columns_done(&p.traffic);
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
