// SPDX-License-Identifier: ISC
// Questions to the running daemon, for every verb that asks it: options, connection, lines.
#pragma once

#include "engine/ask.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

// What every such verb takes: `-c FILE` names the configuration and so the socket, `--control PATH`
// the socket itself; without either it is the default of the key `control`.
struct asking {
    const char *config, *control;
    bool json, help;
};

enum { ASKING_CONTROL = 256, ASKING_JSON, ASKING_HELP, ASKING_OWN };  // own options from here on

#define ASKING_OPTIONS                                                                             \
    {"config", required_argument, NULL, 'c'},                                                      \
        {"control", required_argument, NULL, ASKING_CONTROL},                                      \
        {"json", no_argument, NULL, ASKING_JSON},                                                  \
    {                                                                                              \
        "help", no_argument, NULL, ASKING_HELP                                                     \
    }

// False: not one of these options.
bool asking_option(struct asking *asking, int option);

// Reads the command line of a verb that has these options only; what is behind them is at optind.
// ASKING_GOES_ON, or the exit status: after the help page, or wrong usage, which is told.
enum { ASKING_GOES_ON = -1 };
int asking_options(struct asking *asking, const char *verb, const char *help, int argc,
                   char **argv);
// The same for a verb that has no arguments.
int asking_plain(struct asking *asking, const char *verb, const char *help, int argc, char **argv);

// A connection, and its bytes.
struct asked {
    int fd;
    size_t first, end, room;
    char *bytes;
};

// The control socket's path into `path` (NET_TEXT_MAX bytes). 0; 2 or 3: why not is told.
int asking_path(const struct asking *asking, char *path);
// Connects and asks, and tells nobody: 0 and `fd`, or an error number.
int asking_send(const char *path, const struct ask *ask, int *fd);
// Asks. 0; 2 or 3 when it cannot be asked: that is told on standard error.
int asking_ask(const struct asking *asking, const struct ask *ask, struct asked *asked);
// The next line as text, without its newline, valid until the next call; NULL: the connection ended
// or failed, which is told on standard error.
const char *asked_line(struct asked *asked);
// So many bytes behind the last line; NULL as above.
const char *asked_bytes(struct asked *asked, size_t size);
void asked_done(struct asked *asked);

// Asks and gives each line but the last, the one with "done", to `show`, or prints them with
// --json. Gives the exit status; `done` gets the last line (to be given back), or NULL.
struct asking_show {
    void (*show)(void *context, json_t *line);
    void *context;
    bool json_too;  // with --json `show` gets them as well, and nothing is printed
};
int asking_run(const struct asking *asking, const struct ask *ask, struct asking_show show,
               json_t **done);
// The text in an answer; NULL: there is none.
static inline const char *asking_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}
// Names of an array side by side, such as "ipv4 ipv6", as far as there is room; gives `text`.
static inline const char *asking_names(const json_t *names, char *text, size_t size)
{
    size_t i, used = 0;
    const json_t *name;
    text[0] = '\0';
    json_array_foreach(names, i, name)
    {
        const char *word = json_string_value(name);
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", word ? word : "");
        if (used >= size)
            break;
    }
    return text;
}
// Of what comes in by a path: how far it is, or what was decided of what does not stand.
static inline const char *asking_inbound_state(const json_t *inbound)
{
    const char *state = asking_text(inbound, "state"), *verdict = asking_text(inbound, "verdict");
    if (json_integer_value(json_object_get(inbound, "approval")) > 0)
        return "waits";
    return state && strcmp(state, "none") != 0 ? state : verdict ? verdict : "";
}
// How own prefixes are offered there, or would be; gives `text`.
static inline const char *asking_inbound_offer(const json_t *inbound, char *text, size_t size)
{
    const char *word = asking_inbound_state(inbound), *stance = asking_text(inbound, "stance");
    bool usual = strcmp(word, "refused") == 0 || strcmp(word, "undo") == 0;
    snprintf(text, size, "%lld own as %s",
             (long long)json_integer_value(json_object_get(inbound, "prefixes")),
             usual || !stance ? "usual" : stance);
    return text;
}
// Joins the words that name an object: "upstream transit-a" in one word or two. The daemon knows
// whether there is such a one. Into `object` (NET_OBJECT_TEXT_MAX bytes); false: no object.
bool asking_object(char **words, int count, char *object);
// "fairlead: VERB: what: try fairlead VERB --help", on standard error; gives 2.
int asking_wrong(const char *verb, const char *what);
