// SPDX-License-Identifier: ISC
#include "cmd/acting.h"
#include "cmd/verbs.h"
#include "maintnote/maintnote.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

static const char help[] =
    "  fairlead maintenance notice.ics                     plans what a provider announces\n"
    "  fairlead maintenance --look notice.ics              what it says, and nothing else\n"
    "  fairlead maintenance - < notice.ics                 out of a pipe\n"
    "  fairlead maintenance /var/lib/fairlead/maintenance  all of a directory, *.ics\n"
    "\n"
    "usage: fairlead maintenance [--look] [--json] FILE | DIRECTORY ...\n"
    "\n"
    "Reads iCalendar files with the properties of the maintnote convention (X-MAINTNOTE-...). "
    "What\n"
    "goes by a circuit that is worked on, and named in 'maintenance.objects' of the "
    "configuration,\n"
    "leaves 'maintenance.lead_s' before the window and returns by trial behind it, when its impact "
    "is\n"
    "DEGRADED or OUTAGE and it is no longer TENTATIVE. What is told later of the same maintenance\n"
    "counts: another window, a cancellation, a completion. Telling it again changes nothing, so a\n"
    "timer may read a whole directory; a daemon that was started anew has to be told again.\n"
    "fairlead plans shows what is planned, fairlead undrain ends it.\n"
    "\n"
    "  --look             only says what was understood\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object for each circuit\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 something was not understood, is of no circuit of ours, or was "
    "refused;\n"
    "2 wrong usage, 3 a file cannot be read or the daemon does not answer.\n";

enum { OPTION_LOOK = ASKING_OWN, CPU_S_MAX = 10 };

struct reading {
    const struct asking *asking;
    const char *file;
    bool look;
    int status;  // the gravest
};

static void worsen(struct reading *r, int status)
{
    r->status = status > r->status ? status : r->status;
}

static void say_wrong(void *context, const char *why)
{
    struct reading *r = context;
    fprintf(stderr, "fairlead: %s: %s\n", r->file, why);
    worsen(r, 1);
}

static const char *time_text(int64_t s, char text[32])
{
    time_t at = (time_t)s;
    struct tm utc;
    gmtime_r(&at, &utc);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

static void show(const struct reading *r, const struct maintnote *note,
                 const struct maintnote_object *object, const char *answer)
{
    char from[32], until[32];
    const char *status = maintnote_status_names[note->status];
    const char *impact = maintnote_impact_names[object->impact];
    time_text(note->from_s, from);
    time_text(note->until_s, until);
    if (!r->asking->json) {
        printf("%s %s, %s: %s, %s, %s to %s%s%s\n", note->provider, note->id, object->id, status,
               impact, from, until, answer ? ": " : "", answer ? answer : "");
        return;
    }
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s?}", "provider",
                  note->provider, "account", note->account, "maintenance", note->id, "circuit",
                  object->id, "sequence", (json_int_t)note->sequence, "status", status, "impact",
                  impact, "from", from, "until", until, "summary", note->summary, "answer", answer);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    puts(text ? text : "{}");
    free(text);
    json_decref(json);
}

static void show_nothing(void *context, json_t *line)
{
    (void)context, (void)line;
}

// Asks of one circuit; without one says that all have been told.
static void tell(struct reading *r, const struct maintnote *note,
                 const struct maintnote_object *object, const char *id)
{
    const struct asking_show quietly = {.show = show_nothing, .json_too = true};
    struct ask ask = {.kind = ASK_MAINTENANCE, .version = ASK_VERSION};
    json_t *done;
    ask.maintenance =
        (struct ask_maintenance){.sequence = note->sequence,
                                 .from_s = note->from_s,
                                 .until_s = note->until_s,
                                 .over = maintnote_is_over(note),
                                 .hurts = object && maintnote_hurts(note, object->impact)};
    static_assert(sizeof ask.maintenance.circuit == sizeof object->id, "the same text");
    snprintf(ask.maintenance.id, sizeof ask.maintenance.id, "%s", id);
    snprintf(ask.maintenance.text, sizeof ask.maintenance.text, "%.60s", note->summary);
    if (object)
        memcpy(ask.maintenance.circuit, object->id, sizeof object->id);
    int status = asking_run(r->asking, &ask, quietly, &done);
    const char *text = json_string_value(json_object_get(done, "text"));
    if (status == 0 && object)
        show(r, note, object, text);
    worsen(r, status == 0 && !json_is_true(json_object_get(done, "accepted")) ? 1 : status);
    json_decref(done);
}

// One provider's numbers are another's too, and those of two accounts with it are announced apart.
static bool make_id(const struct maintnote *note, char id[ASK_ID_MAX])
{
    int size = snprintf(id, ASK_ID_MAX, "%s/%s%s%s", note->provider, note->id,
                        note->account[0] ? "@" : "", note->account);
    return size > 0 && size < ASK_ID_MAX;
}

static void take(void *context, const struct maintnote *note)
{
    struct reading *r = context;
    char id[ASK_ID_MAX];
    if (!make_id(note, id)) {
        say_wrong(r, "provider, number and account have more than 62 bytes together");
        return;
    }
    for (uint32_t i = 0; i < note->object_count; i++) {
        if (r->look)
            show(r, note, &note->objects[i], NULL);
        else
            tell(r, note, &note->objects[i], id);
    }
    if (!r->look)
        tell(r, note, NULL, id);
}

// 0, or 3: told.
static int read_file(const char *name, char *bytes, size_t *size)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    *size = file ? fread(bytes, 1, MAINTNOTE_BYTES_MAX + 1, file) : 0;
    bool failed = !file || ferror(file);
    if (failed)
        fprintf(stderr, "fairlead: %s: %s\n", name, strerror(errno));
    if (file && file != stdin)
        fclose(file);
    return failed ? 3 : 0;
}

// Whatever a file has the library do, it ends.
static void limit_work(void)
{
    const struct rlimit cpu = {CPU_S_MAX, CPU_S_MAX};
    setrlimit(RLIMIT_CPU, &cpu);
}

static void read_one(struct reading *r, const char *name, char *bytes)
{
    size_t size;
    r->file = name;
    int status = read_file(name, bytes, &size);
    worsen(r, status);
    if (status == 0)
        maintnote_read(bytes, size, &(struct maintnote_visit){take, say_wrong, r});
}

// What mail programs and editors are about to rename begins with a dot.
static int is_calendar(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot && strcmp(dot, ".ics") == 0;
}

static void read_directory(struct reading *r, const char *directory, char *bytes)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_calendar, alphasort);
    if (count < 0) {
        fprintf(stderr, "fairlead: %s: %s\n", directory, strerror(errno));
        worsen(r, 3);
        return;
    }
    for (int i = 0; i < count; i++) {
        char name[PATH_MAX];
        int size = snprintf(name, sizeof name, "%s/%s", directory, entries[i]->d_name);
        if (size > 0 && (size_t)size < sizeof name)
            read_one(r, name, bytes);
        free(entries[i]);
    }
    free(entries);
}

static int read_all(struct reading *r, char **names, int count)
{
    char *bytes = malloc(MAINTNOTE_BYTES_MAX + 1);
    if (!bytes) {
        fprintf(stderr, "fairlead: out of memory\n");
        return 3;
    }
    for (int i = 0; i < count; i++) {
        struct stat status;
        if (stat(names[i], &status) == 0 && S_ISDIR(status.st_mode))
            read_directory(r, names[i], bytes);
        else
            read_one(r, names[i], bytes);
    }
    free(bytes);
    return r->status;
}

int cmd_maintenance(int argc, char **argv)
{
    static const struct option names[] = {
        ASKING_OPTIONS, {"look", no_argument, NULL, OPTION_LOOK}, {NULL, 0, NULL, 0}};
    struct asking asking = {0};
    struct reading r = {.asking = &asking};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        r.look |= option == OPTION_LOOK;
        if (option != OPTION_LOOK && !asking_option(&asking, option))
            return asking_wrong(argv[0], "an unknown option, or one without its value");
    }
    if (asking.help)
        return fputs(help, stdout) < 0 ? 3 : 0;
    if (optind == argc)
        return asking_wrong(argv[0], "write the name of a file, or - for standard input");
    limit_work();
    return read_all(&r, argv + optind, argc - optind);
}
