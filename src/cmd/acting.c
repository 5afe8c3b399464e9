// SPDX-License-Identifier: ISC
#include "cmd/acting.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTH_S_MAX = 30 * 86400 };

static bool take_reason(struct acting *acting, const char *text, const char **why)
{
    if (strlen(text) >= sizeof acting->act.reason)
        *why = "--reason: at most 95 bytes";
    for (const char *c = text; *c && !*why; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *why = "--reason: one line of printable text";
    if (!*why)
        strcpy(acting->act.reason, text);
    return !*why;
}

bool acting_length(const char *text, uint32_t *seconds)
{
    static const char units[] = "smhd";
    static const uint32_t lengths[] = {1, 60, 3600, 86400};
    uint64_t sum = 0;
    for (const char *c = text; *c;) {
        char *end;
        unsigned long count = strtoul(c, &end, 10);
        const char *unit = *end ? strchr(units, *end) : NULL;
        if (end == c || c[0] == '-' || c[0] == '+' || !unit || count > LENGTH_S_MAX)
            return false;
        sum += (uint64_t)count * lengths[unit - units];
        c = end + 1;
    }
    if (sum == 0 || sum > LENGTH_S_MAX)
        return false;
    *seconds = (uint32_t)sum;
    return true;
}

bool acting_number(const char *text, uint32_t *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *number = (uint32_t)value;
    return *text >= '0' && *text <= '9' && !*end && value > 0 && value < UINT32_MAX;
}

bool acting_option(struct acting *acting, int option, const char **why)
{
    if (option == ACTING_REASON)
        return take_reason(acting, optarg, why);
    if (option == ACTING_FOR && !acting_length(optarg, &acting->act.for_s))
        *why = "--for: write a length such as 2h, 90m or 1h30m, 30d at most";
    if (option == ACTING_FOR)
        return !*why;
    return asking_option(&acting->asking, option);
}

int acting_options(struct acting *acting, const char *help, const struct option *names, int argc,
                   char **argv)
{
    const char *why = NULL;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (!acting_option(acting, option, &why))
            return asking_wrong(argv[0], why ? why : "an unknown option, or one without its value");
    }
    if (acting->asking.help)
        return fputs(help, stdout) < 0 ? 3 : 0;
    return ASKING_GOES_ON;
}

int acting_plain(struct acting *acting, const char *help, int argc, char **argv)
{
    static const struct option names[] = {ACTING_OPTIONS, {NULL, 0, NULL, 0}};
    return acting_options(acting, help, names, argc, argv);
}

static void show_nothing(void *context, json_t *line)
{
    (void)context, (void)line;
}

int acting_run(const struct acting *acting, enum ask_kind kind, uint32_t *number)
{
    const struct ask ask = {.kind = kind, .version = ASK_VERSION, .act = acting->act};
    json_t *done;
    int status = asking_run(&acting->asking, &ask,
                            (struct asking_show){.show = show_nothing, .context = NULL}, &done);
    const char *text = json_string_value(json_object_get(done, "text"));
    bool accepted = json_is_true(json_object_get(done, "accepted"));
    if (status == 0 && !acting->asking.json)
        fprintf(accepted ? stdout : stderr, "%s%s\n",
                accepted ? "" : "fairlead: refused: ", text ? text : "");
    if (number)
        *number = (uint32_t)json_integer_value(json_object_get(done, "number"));
    json_decref(done);
    return status == 0 && !accepted ? 1 : status;
}

int acting_numbered(enum ask_kind kind, const char *help, const char *what, int argc, char **argv)
{
    struct acting acting = {0};
    int status = acting_plain(&acting, help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    if (argc - optind != 1 || !acting_number(argv[optind], &acting.act.number))
        return asking_wrong(argv[0], what);
    return acting_run(&acting, kind, NULL);
}
