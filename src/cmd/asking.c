// SPDX-License-Identifier: ISC
#include "cmd/asking.h"

#include "cmd/config_file.h"
#include "net/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    PATIENCE_S = 30,           // the daemon says something sooner, or never will
    LINE_BYTES_MAX = 1 << 20,  // the status is the longest
};

bool asking_option(struct asking *asking, int option)
{
    if (option == 'c')
        asking->config = optarg;
    else if (option == ASKING_CONTROL)
        asking->control = optarg;
    else if (option == ASKING_JSON)
        asking->json = true;
    else if (option == ASKING_HELP)
        asking->help = true;
    else
        return false;
    return true;
}

int asking_wrong(const char *verb, const char *what)
{
    fprintf(stderr, "fairlead: %s: %s: try fairlead %s --help\n", verb, what, verb);
    return 2;
}

bool asking_object(char **words, int count, char *object)
{
    int size = count == 1   ? snprintf(object, NET_OBJECT_TEXT_MAX, "%s", words[0])
               : count == 2 ? snprintf(object, NET_OBJECT_TEXT_MAX, "%s %s", words[0], words[1])
                            : 0;
    return size > 0 && size < NET_OBJECT_TEXT_MAX;
}

int asking_options(struct asking *asking, const char *verb, const char *help, int argc, char **argv)
{
    static const struct option names[] = {ASKING_OPTIONS, {NULL, 0, NULL, 0}};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (!asking_option(asking, option))
            return asking_wrong(verb, "an unknown option, or one without its value");
    }
    if (asking->help)
        return fputs(help, stdout) < 0 ? 3 : 0;
    return ASKING_GOES_ON;
}

int asking_plain(struct asking *asking, const char *verb, const char *help, int argc, char **argv)
{
    int status = asking_options(asking, verb, help, argc, argv);
    return status == ASKING_GOES_ON && optind < argc ? asking_wrong(verb, "too many arguments")
                                                     : status;
}

static const char *default_path(void)
{
    for (uint32_t i = 0; i < keys_top.count; i++) {
        if (strcmp(keys_top.items[i].name, "control") == 0)
            return keys_top.items[i].fallback;
    }
    return "";
}

int asking_path(const struct asking *asking, char *path)
{
    if (asking->control || !asking->config) {
        snprintf(path, NET_TEXT_MAX, "%s", asking->control ? asking->control : default_path());
        return 0;
    }
    struct config_file *file = malloc(sizeof *file);  // too large for a stack
    if (!file) {
        fprintf(stderr, "fairlead: out of memory\n");
        return 3;
    }
    int status = config_file_load(file, asking->config);
    if (status == 2)
        config_file_report(file);
    if (status == 0)
        memcpy(path, file->net.control_path, NET_TEXT_MAX);
    config_file_done(file);
    free(file);
    if (status == 0 && path[0] == '\0') {
        fprintf(stderr, "fairlead: there is no control socket: write its path after 'control:'\n");
        return 2;
    }
    return status;
}

static int fail(const char *path, int error)
{
    const char *hint = error == ENOENT || error == ECONNREFUSED
                           ? ": is `fairlead run` running, with this path after 'control:'?"
                       : error == EACCES ? ": only root, its owner and 'control_group' may ask"
                                         : "";
    fprintf(stderr, "fairlead: cannot ask the daemon at '%s': %s%s\n", path, strerror(error), hint);
    return 3;
}

static int reach(const char *path, int *fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
        connect(*fd, (const struct sockaddr *)&address, sizeof address) < 0)
        return errno;
    return 0;
}

int asking_send(const char *path, const struct ask *ask, int *fd)
{
    char line[ASK_LINE_MAX];
    size_t size = ask_write(ask, line, sizeof line - 1);
    line[size++] = '\n';
    int error = reach(path, fd);
    if (!error && send(*fd, line, size, MSG_NOSIGNAL) != (ssize_t)size)
        error = errno;
    if (error && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return error;
}

int asking_ask(const struct asking *asking, const struct ask *ask, struct asked *asked)
{
    char path[NET_TEXT_MAX] = "";
    *asked = (struct asked){.fd = -1};
    int status = asking_path(asking, path);
    if (status != 0)
        return status;
    int error = asking_send(path, ask, &asked->fd);
    return error ? fail(path, error) : 0;
}

void asked_done(struct asked *asked)
{
    if (asked->fd >= 0)
        close(asked->fd);
    free(asked->bytes);
    *asked = (struct asked){.fd = -1};
}

// More bytes behind those that are there; false: there are none.
static bool read_more(struct asked *asked)
{
    if (asked->first > 0) {
        memmove(asked->bytes, asked->bytes + asked->first, asked->end - asked->first);
        asked->end -= asked->first;
        asked->first = 0;
    }
    if (asked->end == asked->room) {
        size_t room = asked->room ? 2 * asked->room : 1 << 16;
        char *bytes = room <= 2 * (size_t)LINE_BYTES_MAX ? realloc(asked->bytes, room) : NULL;
        if (!bytes) {
            fprintf(stderr, "fairlead: the daemon's answer is too long\n");
            return false;
        }
        asked->bytes = bytes;
        asked->room = room;
    }
    ssize_t got;
    do
        got = recv(asked->fd, asked->bytes + asked->end, asked->room - asked->end, 0);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        fprintf(stderr, "fairlead: the daemon's answer ended early%s%s\n", got < 0 ? ": " : "",
                got < 0 ? strerror(errno) : "");
    asked->end += got > 0 ? (size_t)got : 0;
    return got > 0;
}

const char *asked_line(struct asked *asked)
{
    size_t looked = 0;
    for (;;) {
        size_t held = asked->end - asked->first;
        char *end = held > looked
                        ? memchr(asked->bytes + asked->first + looked, '\n', held - looked)
                        : NULL;
        if (end) {
            const char *line = asked->bytes + asked->first;
            *end = '\0';
            asked->first = (size_t)(end + 1 - asked->bytes);
            return line;
        }
        looked = held;
        if (!read_more(asked))
            return NULL;
    }
}

const char *asked_bytes(struct asked *asked, size_t size)
{
    while (asked->end - asked->first < size) {
        if (!read_more(asked))
            return NULL;
    }
    const char *bytes = asked->bytes + asked->first;
    asked->first += size;
    return bytes;
}

// Shows a line; true when it was the last one.
static bool take_line(const struct asking *asking, struct asking_show show, const char *text,
                      int *status, json_t **done)
{
    json_t *line = json_loads(text, 0, NULL);
    const char *error = json_string_value(json_object_get(line, "error"));
    if (!line || error) {
        json_int_t exit = json_integer_value(json_object_get(line, "exit"));
        fprintf(stderr, "fairlead: %s\n", error ? error : "the daemon's answer is not JSON");
        *status = exit >= 1 && exit <= 3 ? (int)exit : 3;
        json_decref(line);
        return true;
    }
    bool last = json_object_get(line, "done") != NULL;
    if (asking->json && !show.json_too)
        puts(text);
    else if (!last)
        show.show(show.context, line);
    if (last)
        *done = line;
    else
        json_decref(line);
    return last;
}

int asking_run(const struct asking *asking, const struct ask *ask, struct asking_show show,
               json_t **done)
{
    struct asked asked;
    *done = NULL;
    int status = asking_ask(asking, ask, &asked);
    const char *line;
    bool last = status != 0;
    while (!last && (line = asked_line(&asked)))
        last = take_line(asking, show, line, &status, done);
    asked_done(&asked);
    return status == 0 && !*done ? 3 : status;
}
