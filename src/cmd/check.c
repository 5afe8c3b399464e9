// SPDX-License-Identifier: ISC
#include "change/review.h"
#include "change/siblings.h"
#include "cmd/config_set.h"
#include "cmd/verbs.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "  fairlead check rendered/                            routers that ought to be alike\n"
    "  fairlead check --before running/ rendered/          and what the change does to each\n"
    "  fairlead check --golden golden/ rendered/rr-4.conf  any difference is a finding\n"
    "\n"
    "  rendered/rr-4.conf:12: bfd profile fast transmit-interval 15; the others have 150,\n"
    "  it had 1500 before\n"
    "\n"
    "Router configurations before they are shipped, in whatever form the vendor writes them (FRR,\n"
    "IOS, EOS, Junos with braces or as set, BIRD). Each file is one device, called as the file is\n"
    "up to its last dot. Found are: what one of three or more has otherwise than the most; what a\n"
    "template left behind; names that are used and not defined; terms that lost all their\n"
    "conditions (with --before); differences from golden files. Order is not compared.\n"
    "\n"
    "  --before PATH  the same devices as they are now: a file, or a directory of them\n"
    "  --golden PATH  as they must be, likewise\n"
    "  --alone        the files are of devices that are not alike\n"
    "  --json         one JSON object a line: \"finding\"; the last has \"done\"\n"
    "  --help         this page\n"
    "\n"
    "Exit status: 0 nothing found, 1 something found, 2 wrong usage, 3 a file cannot be read.\n";

struct checking {
    bool json, alone;
    const char *before_path, *golden_path;
    struct config_set now, before, golden;
    uint32_t findings;
};

// ---- telling

static void tell(struct checking *c, const struct config_set_file *file, uint32_t line,
                 const char *kind, const char *what)
{
    c->findings++;
    if (!c->json) {
        if (line > 0)
            printf("%s:%u: %s\n", file->path, line, what);
        else
            printf("%s: %s\n", file->path, what);
        return;
    }
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:o, s:s}", "finding", kind, "device", file->name, "file",
                  file->path, "line", line > 0 ? json_integer(line) : json_null(), "what", what);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    if (text)
        puts(text);
    free(text);
    json_decref(object);
}

static void tell_end(const struct checking *c)
{
    if (c->json)
        printf("{\"done\":true,\"devices\":%u,\"findings\":%u}\n", c->now.count, c->findings);
    else
        printf("%u configuration%s, %u finding%s\n", c->now.count, c->now.count == 1 ? "" : "s",
               c->findings, c->findings == 1 ? "" : "s");
}

// ---- looking

static void tell_review(struct checking *c, const struct config_set_file *file,
                        const struct review *review)
{
    char text[64];
    for (uint32_t i = 0; i < review->count; i++)
        tell(c, file, review->items[i].line, review_kind_names[review->items[i].kind],
             review->items[i].what);
    snprintf(text, sizeof text, "and %u more", review->more);
    if (review->more > 0)
        tell(c, file, 0, "more", text);
}

// False: memory is out.
static bool review_one(struct checking *c, const struct config_set_file *file,
                       struct review *review)
{
    const struct config_set_file *before = config_set_find(&c->before, file->name);
    const struct config_set_file *golden = config_set_find(&c->golden, file->name);
    review->count = review->more = 0;
    review_templates(&file->config, review);
    bool good = review_names(&file->config, before ? &before->config : NULL, review) &&
                (!before || review_conditions(&file->config, &before->config, review)) &&
                (!golden || review_golden(&file->config, &golden->config, review));
    tell_review(c, file, review);
    if (good && c->golden_path && !golden)
        tell(c, file, 0, "differs", "there is no golden file of this name");
    return good;
}

static void tell_siblings(struct checking *c, const struct sibling *siblings,
                          const struct sibling_findings *findings)
{
    static const char *const kinds[SIBLING_KINDS] = {"odd_value", "odd_value", "missing", "extra"};
    char what[400];
    for (uint32_t i = 0; i < findings->count; i++) {
        const struct sibling_finding *f = &findings->items[i];
        sibling_say(siblings, f, what, sizeof what);
        for (uint32_t d = 0; d < c->now.count; d++) {
            const struct config_set_file *file = &c->now.files[d];
            bool is_there = f->kind != SIBLING_MISSING && f->at.sibling == d;
            uint32_t line = is_there ? file->config.statements[f->at.statement].line : 0;
            if (f->odd >> d & 1)
                tell(c, file, line, kinds[f->kind], what);
        }
    }
    snprintf(what, sizeof what, "%u further differences between the devices", findings->more);
    if (findings->more > 0)
        tell(c, &c->now.files[0], 0, "more", what);
    if (findings->is_partial)
        tell(c, &c->now.files[0], 0, "more",
             "too much differs to compare word by word: are these devices alike? or say --alone");
}

static bool compare(struct checking *c)
{
    static struct sibling siblings[SIBLINGS_MAX];
    struct sibling_findings *findings = calloc(1, sizeof *findings);
    if (!findings)
        return false;
    for (uint32_t i = 0; i < c->now.count; i++) {
        const struct config_set_file *before = config_set_find(&c->before, c->now.files[i].name);
        siblings[i] = (struct sibling){c->now.files[i].name, &c->now.files[i].config,
                                       before ? &before->config : NULL};
    }
    bool good = siblings_compare(siblings, c->now.count, findings);
    if (good)
        tell_siblings(c, siblings, findings);
    free(findings);
    return good;
}

static int check(struct checking *c)
{
    struct review *review = calloc(1, sizeof *review);
    bool good = review != NULL;
    for (uint32_t i = 0; good && i < c->now.count; i++)
        good = review_one(c, &c->now.files[i], review);
    if (good && !c->alone)
        good = compare(c);
    free(review);
    if (!good) {
        fprintf(stderr, "fairlead: cannot check: out of memory\n");
        return 3;
    }
    tell_end(c);
    return c->findings > 0 ? 1 : 0;
}

static bool load_all(struct checking *c, int argc, char **argv)
{
    bool good = true;
    for (int i = optind; i < argc; i++)
        good &= config_set_load(&c->now, argv[i]);
    if (c->before_path)
        good &= config_set_load(&c->before, c->before_path);
    if (c->golden_path)
        good &= config_set_load(&c->golden, c->golden_path);
    return good;
}

static int wrong(const char *what)
{
    fprintf(stderr, "fairlead: check: %s: try fairlead check --help\n", what);
    return 2;
}

int cmd_check(int argc, char **argv)
{
    static const struct option names[] = {
        {"before", required_argument, NULL, 'b'}, {"golden", required_argument, NULL, 'g'},
        {"alone", no_argument, NULL, 'a'},        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    struct checking c = {0};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (option == 'h')
            return fputs(help, stdout) < 0 ? 3 : 0;
        if (option == '?')
            return wrong("an unknown option, or one without its value");
        c.json |= option == 'j';
        c.alone |= option == 'a';
        c.before_path = option == 'b' ? optarg : c.before_path;
        c.golden_path = option == 'g' ? optarg : c.golden_path;
    }
    if (optind == argc)
        return wrong("no file is named");
    int status = load_all(&c, argc, argv) ? 0 : 3;
    if (status == 0)
        status = c.now.count > 0 ? check(&c) : wrong("there is no file in the directory");
    config_set_done(&c.now);
    config_set_done(&c.before);
    config_set_done(&c.golden);
    return status;
}
