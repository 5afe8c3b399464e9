// SPDX-License-Identifier: ISC
#include "cmd/acting.h"
#include "cmd/verbs.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char drain_help[] =
    "  fairlead drain router edge1 --reason 'new line card' --for 2h --wait\n"
    "  fairlead drain upstream transit-a --reason 'TICKET-4711'\n"
    "\n"
    "usage: fairlead drain OBJECT --reason TEXT [--for 2h] [--wait] [--json]\n"
    "OBJECT: upstream NAME | router NAME | member GROUP/MEMBER | site\n"
    "\n"
    "Takes the object out of use: what goes by it is moved away, make before break, and nothing "
    "is\n"
    "moved to it until `fairlead undrain` or the end of its time; then it returns by trial. It is\n"
    "refused when a limit, the last good path or the room of the others forbids it.\n"
    "`fairlead whatif drain` shows before where everything would go.\n"
    "\n"
    "  --reason TEXT      for the log, the recording and whoever comes next\n"
    "  --for LENGTH       2h, 90m, 1h30m: ends by itself then\n"
    "  --wait             until counters say that traffic left: safe to work; ^C leaves the drain\n"
    "                     as it is. Of a router its upstreams are counted: what comes to it from\n"
    "                     inside is not seen, so move customers' gateways (VRRP) first\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done (with --wait: safe to work), 1 refused or not known to be safe, 2 wrong\n"
    "usage, 3 the daemon does not answer.\n";

static const char undrain_help[] =
    "  fairlead undrain router edge1   what was moved away returns by trial\n"
    "\n"
    "usage: fairlead undrain OBJECT [--reason TEXT] [--json]\n"
    "OBJECT: upstream NAME | router NAME | member GROUP/MEMBER | site\n"
    "\n"
    "Ends a drain, at any time. A way returns when probes prove it good; `fairlead plans` shows "
    "how\n"
    "far it is.\n"
    "\n"
    "  --reason TEXT      for the log and the recording\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 it is not drained, 2 wrong usage, 3 the daemon does not answer.\n";

enum { OPTION_WAIT = ACTING_OWN, LOOK_MS = 500 };

// Reads the command line; ASKING_GOES_ON or the exit status.
static int read_line(struct acting *acting, bool *wait, const char *help, int argc, char **argv)
{
    static const struct option names[] = {ACTING_OPTIONS,
                                          {"for", required_argument, NULL, ACTING_FOR},
                                          {"wait", no_argument, NULL, OPTION_WAIT},
                                          {NULL, 0, NULL, 0}};
    const char *why = NULL;
    bool drains = wait != NULL;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        bool known = drains || (option != OPTION_WAIT && option != ACTING_FOR);
        if (known && option == OPTION_WAIT)
            *wait = true;
        else if (!known || !acting_option(acting, option, &why))
            return asking_wrong(argv[0], why ? why : "an unknown option, or one without its value");
    }
    if (acting->asking.help)
        return fputs(help, stdout) < 0 ? 3 : 0;
    if (!asking_object(argv + optind, argc - optind, acting->act.object))
        return asking_wrong(argv[0],
                            "write upstream NAME, router NAME, member GROUP/MEMBER or site");
    if (drains && !acting->act.reason[0])
        return asking_wrong(argv[0], "--reason is missing: whoever comes next wants to know why");
    return ASKING_GOES_ON;
}

// ---- waiting

struct waiting {
    uint32_t number;
    char state[16], text[192];
};

static void find(void *context, json_t *line)
{
    struct waiting *w = context;
    const json_t *drain = json_object_get(line, "drain");
    const char *state = json_string_value(json_object_get(drain, "state"));
    const char *text = json_string_value(json_object_get(drain, "text"));
    if (!state || !text || json_integer_value(json_object_get(drain, "number")) != w->number)
        return;
    snprintf(w->state, sizeof w->state, "%s", state);
    snprintf(w->text, sizeof w->text, "%s", text);
}

static void say(const struct acting *acting, const struct waiting *w, bool good)
{
    json_t *json = acting->asking.json
                       ? json_pack("{s:I, s:s, s:s}", "number", (json_int_t)w->number, "state",
                                   w->state, "text", w->text)
                       : NULL;
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    fprintf(good || text ? stdout : stderr, "%s\n", text ? text : w->text);
    fflush(stdout);
    free(text);
    json_decref(json);
}

// A signal that was blocked says that the person has had enough; true: it came.
static bool is_interrupted(const sigset_t *signals)
{
    const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
    return sigtimedwait(signals, NULL, &look) >= 0;
}

static int leave(const struct acting *acting)
{
    fprintf(stderr,
            "fairlead: no longer waiting; the drain stands: fairlead plans shows it, "
            "fairlead undrain %s ends it\n",
            acting->act.object);
    return 1;
}

static int wait_until_safe(const struct acting *acting, uint32_t number)
{
    const struct ask ask = {.kind = ASK_PLANS, .version = ASK_VERSION};
    struct waiting now = {.number = number}, said = {.number = number};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    const struct asking_show look = {.show = find, .context = &now, .json_too = true};
    for (;;) {
        json_t *done;
        now.state[0] = '\0';
        int status = asking_run(&acting->asking, &ask, look, &done);
        json_decref(done);
        if (status != 0)
            return status;
        bool safe = strcmp(now.state, "safe") == 0, unsure = strcmp(now.state, "unsure") == 0;
        bool over = !safe && !unsure && strcmp(now.state, "moving") != 0 &&
                    strcmp(now.state, "waiting") != 0;
        if (now.state[0] && strcmp(now.text, said.text) != 0) {
            said = now;
            say(acting, &now, !over && !unsure);
        }
        if (safe || unsure || over)
            return safe ? 0 : 1;
        if (is_interrupted(&signals))
            return leave(acting);
    }
}

int cmd_drain(int argc, char **argv)
{
    struct acting acting = {0};
    bool wait = false;
    uint32_t number = 0;
    int status = read_line(&acting, &wait, drain_help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    status = acting_run(&acting, ASK_DRAIN, &number);
    fflush(stdout);
    return status == 0 && wait ? wait_until_safe(&acting, number) : status;
}

int cmd_undrain(int argc, char **argv)
{
    struct acting acting = {0};
    int status = read_line(&acting, NULL, undrain_help, argc, argv);
    return status == ASKING_GOES_ON ? acting_run(&acting, ASK_UNDRAIN, NULL) : status;
}
