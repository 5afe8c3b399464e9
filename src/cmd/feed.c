// SPDX-License-Identifier: ISC
#include "cmd/feed.h"

#include "cmd/verbs.h"

#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "  fairlead feed rib.bz2 --to 192.0.2.1 --view 198.51.100.7     a table, then keep it there\n"
    "  fairlead feed rib.bz2 updates.*.gz --to 2001:db8::1 --view 64501 --speed 10\n"
    "\n"
    "usage: fairlead feed FILE... --to ADDRESS [OPTIONS]\n"
    "\n"
    "Announces what MRT archives hold of one peer (TABLE_DUMP, TABLE_DUMP_V2, BGP4MP; plain, gz,\n"
    "bz2, zst) to a BGP speaker: the table as fast as it reads, then updates in their time. The\n"
    "speaker believes it. At a terminal it asks first, unless ADDRESS is a loopback address.\n"
    "\n"
    "  --to ADDRESS         the speaker, IPv4 or IPv6; --port N [179]\n"
    "  --view PEER          whose routes: address or AS number of one of the archive's peers\n"
    "  --families LIST      of the routes [ipv4,ipv6]\n"
    "  --local-as N         ours [the view's]; towards another AS it is put before AS paths that\n"
    "                       do not begin with it, unless --keep-path\n"
    "  --peer-as N          the speaker must be in this AS [any]\n"
    "  --local-address A    to call from; --id A: BGP identifier [the view's]\n"
    "  --next-hop A[,A6]    of all routes, or 'self' [as recorded]\n"
    "  --hold S             hold time, 0 or 3 to 65535 [90]; --md5 FILE: key, RFC 2385\n"
    "  --no-extended        no messages above 4096 octets\n"
    "  --wait S             for the session to come up [10]\n"
    "  --speed FACTOR|max   of recorded updates [1]\n"
    "  --cycles N           announce the table N times, withdrawn between; --withdraw: in the end\n"
    "  --for S              end S seconds after all is said [stay until Ctrl-C]\n"
    "  --step               a line on standard input begins each step: announce, withdraw ...\n"
    "  --json               one object a line; --yes: do not ask\n"
    "\n"
    "Exit status: 0 ended as asked, 2 wrong usage, 3 the session or an archive failed.\n";

static int wrong(const char *what, const char *value, const char *why)
{
    fprintf(stderr, "fairlead: feed: %s '%s': %s: try fairlead feed --help\n", what, value, why);
    return 2;
}

static bool read_number(const char *text, uint64_t max, uint64_t *number)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    *number = strtoull(text, &end, 10);
    return *end == '\0' && *number <= max;
}

static bool read_as(const char *value, uint32_t *as)
{
    uint64_t number;
    bool good = read_number(value, UINT32_MAX - 1, &number) && number > 0;
    if (good)
        *as = (uint32_t)number;
    return good;
}

static bool take_to(const char *value, struct feed_options *o)
{
    return address_parse(value, &o->peer.address);
}

static bool take_port(const char *value, struct feed_options *o)
{
    uint64_t port;
    if (!read_number(value, UINT16_MAX, &port) || port == 0)
        return false;
    o->peer.port = (uint16_t)port;
    return true;
}

static bool take_view(const char *value, struct feed_options *o)
{
    struct address address;
    uint32_t as;
    o->view = value;
    return address_parse(value, &address) || read_as(value, &as);
}

static bool take_families(const char *value, struct feed_options *o)
{
    bool ipv4 = strcmp(value, "ipv4") == 0, ipv6 = strcmp(value, "ipv6") == 0;
    o->families[FAMILY_IPV4] = !ipv6;
    o->families[FAMILY_IPV6] = !ipv4;
    return ipv4 || ipv6 || strcmp(value, "ipv4,ipv6") == 0 || strcmp(value, "ipv6,ipv4") == 0;
}

static bool take_local_as(const char *value, struct feed_options *o)
{
    return read_as(value, &o->local_as);
}

static bool take_peer_as(const char *value, struct feed_options *o)
{
    return read_as(value, &o->peer_as);
}

static bool take_local_address(const char *value, struct feed_options *o)
{
    return address_parse(value, &o->peer.local_address);
}

static bool take_id(const char *value, struct feed_options *o)
{
    struct address address;
    if (!address_parse(value, &address) || address.family != FAMILY_IPV4)
        return false;
    o->id = be32_at(address.bytes);
    return o->id != 0;
}

// "192.0.2.1", "2001:db8::1", both with a comma between, or "self".
static bool take_next_hop(const char *value, struct feed_options *o)
{
    char copy[2 * ADDRESS_TEXT_MAX];
    if (strcmp(value, "self") == 0)
        return o->next_hop_self = true;
    if (strlen(value) >= sizeof copy)
        return false;
    strcpy(copy, value);
    char *rest = copy;
    for (char *word; (word = strsep(&rest, ","));) {
        struct address address;
        if (!address_parse(word, &address))
            return false;
        o->next_hop[address.family] = address;
    }
    return true;
}

static bool take_hold(const char *value, struct feed_options *o)
{
    uint64_t hold_s;
    if (!read_number(value, UINT16_MAX, &hold_s) || hold_s == 1 || hold_s == 2)
        return false;
    o->hold_s = (uint16_t)hold_s;
    return true;
}

// The first line of the file: a key on the command line is for everybody to see.
static bool take_md5(const char *value, struct feed_options *o)
{
    FILE *file = fopen(value, "r");
    bool good = file && fgets(o->peer.md5_key, sizeof o->peer.md5_key, file);
    if (file)
        fclose(file);
    o->peer.md5_key[strcspn(o->peer.md5_key, "\r\n")] = '\0';
    return good && o->peer.md5_key[0];
}

static bool take_speed(const char *value, struct feed_options *o)
{
    char *end = "";
    o->speed = strcmp(value, "max") == 0 ? INFINITY : strtod(value, &end);
    return *end == '\0' && o->speed >= 1e-3 && (value[0] != 'i' && value[0] != 'I');
}

static bool take_seconds(const char *value, int64_t *seconds)
{
    uint64_t number;
    bool good = read_number(value, INT32_MAX, &number);
    if (good)
        *seconds = (int64_t)number;
    return good;
}

static bool take_for(const char *value, struct feed_options *o)
{
    return take_seconds(value, &o->stay_s);
}

static bool take_wait(const char *value, struct feed_options *o)
{
    return take_seconds(value, &o->wait_s);
}

static bool take_cycles(const char *value, struct feed_options *o)
{
    uint64_t cycles;
    if (!read_number(value, 1000 * 1000, &cycles) || cycles == 0)
        return false;
    o->cycles = (uint32_t)cycles;
    return true;
}

#define FLAG(name)                                                                                 \
    static bool take_##name(const char *value, struct feed_options *o)                             \
    {                                                                                              \
        (void)value;                                                                               \
        return o->name = true;                                                                     \
    }
FLAG(keep_path)
FLAG(no_extended)
FLAG(withdraw)
FLAG(step)
FLAG(json)
FLAG(yes)

static const struct {
    const char *name, *value;  // value: what it must be; NULL: it has none
    bool (*take)(const char *value, struct feed_options *o);
} flags[] = {
    {"to", "an IPv4 or IPv6 address", take_to},
    {"port", "a number from 1 to 65535", take_port},
    {"view", "an address or an AS number", take_view},
    {"families", "ipv4, ipv6 or ipv4,ipv6", take_families},
    {"local-as", "an AS number", take_local_as},
    {"peer-as", "an AS number", take_peer_as},
    {"local-address", "an IPv4 or IPv6 address", take_local_address},
    {"id", "an IPv4 address", take_id},
    {"next-hop", "an address of each family at most, or self", take_next_hop},
    {"hold", "0, or seconds from 3 to 65535", take_hold},
    {"md5", "a file with a key of at most 80 octets in its first line", take_md5},
    {"wait", "seconds", take_wait},
    {"speed", "a factor from 0.001, or max", take_speed},
    {"cycles", "a number from 1 to 1000000", take_cycles},
    {"for", "seconds", take_for},
    {"keep-path", NULL, take_keep_path},
    {"no-extended", NULL, take_no_extended},
    {"withdraw", NULL, take_withdraw},
    {"step", NULL, take_step},
    {"json", NULL, take_json},
    {"yes", NULL, take_yes},
};
enum { FLAGS = sizeof flags / sizeof flags[0] };

static int take_options(int argc, char **argv, struct feed_options *o)
{
    struct option names[FLAGS + 2] = {[FLAGS] = {"help", no_argument, NULL, FLAGS + 1}};
    for (int i = 0; i < FLAGS; i++)
        names[i] = (struct option){flags[i].name, flags[i].value ? required_argument : no_argument,
                                   NULL, i + 1};
    opterr = 0;
    for (int flag; (flag = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (flag == FLAGS + 1) {
            fputs(help, stdout);
            return -1;
        }
        if (flag == '?')
            return wrong("option", argv[optind - 1], "unknown, or its value is missing");
        if (flags[flag - 1].take(optarg, o))
            continue;
        char name[32], why[80];
        snprintf(name, sizeof name, "--%s", flags[flag - 1].name);
        snprintf(why, sizeof why, "not %s", flags[flag - 1].value);
        return wrong(name, optarg, why);
    }
    o->files = (const char *const *)argv + optind;
    o->file_count = (size_t)(argc - optind);
    if (o->file_count == 0)
        return wrong("FILE", "", "no archive is named");
    return o->peer.address.family == FAMILY_NONE ? wrong("--to", "", "nobody to play to") : 0;
}

// What was not said is the view's.
static int complete(struct feed_options *o, const struct feed_archive *archive)
{
    const struct feed_view *view = &archive->views[archive->chosen];
    if (o->local_as == 0)
        o->local_as = view->as;
    if (o->id == 0)
        o->id = view->id;
    if (o->id == 0 && o->peer.local_address.family == FAMILY_IPV4)
        o->id = be32_at(o->peer.local_address.bytes);
    if (o->local_as == 0)
        return wrong("--local-as", "", "the archive does not name the view's: say which");
    if (o->id == 0)
        return wrong("--id", "", "the archive does not name the view's: say which");
    if (o->step && archive->table.count == 0)
        return wrong("--step", "", "there is no table, only updates");
    return 0;
}

static bool is_loopback(struct address address)
{
    struct address six = {FAMILY_IPV6, {[15] = 1}};
    return address.family == FAMILY_IPV4 ? address.bytes[0] == 127 : address_equal(address, six);
}

// Only a person can be asked. A script that says --to has said whom it means.
static bool may_begin(const struct feed_options *o)
{
    char answer[8] = "";
    if (o->yes || is_loopback(o->peer.address) || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return true;
    fprintf(stderr, "That speaker, and whoever it tells, will route by this. Begin? [y/N] ");
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int play(struct feed_options *o)
{
    struct feed_archive *archive = malloc(sizeof *archive);
    if (!archive) {
        feed_problem("out of memory");
        return 3;
    }
    int status = feed_read(o, archive);
    if (status == 0)
        status = complete(o, archive);
    if (status == 0) {
        if (archive->damaged)
            feed_problem("%s; what stands before it is played", archive->damage);
        feed_tell_plan(o, archive);
        status = may_begin(o) ? feed_session_run(o, archive) : 3;
        if (status == 0 && archive->damaged)
            status = 3;
    }
    feed_archive_done(archive);
    free(archive);
    return status;
}

int cmd_feed(int argc, char **argv)
{
    struct feed_options options = {
        .peer.port = 179,
        .peer_as = BGP_AS_ANY,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .hold_s = 90,
        .speed = 1,
        .stay_s = -1,
        .wait_s = 10,
        .cycles = 1,
    };
    int status = take_options(argc, argv, &options);
    return status == -1 ? 0 : status ? status : play(&options);
}
