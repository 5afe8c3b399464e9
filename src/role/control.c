// SPDX-License-Identifier: ISC
#include "role/control.h"

#include "base/escape.h"
#include "engine/message.h"
#include "role/handover.h"
#include "role/now.h"

#include <errno.h>
#include <grp.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALLS_PER_TURN_MAX = 4, BYTES_PER_TURN_MAX = 64 * 1024 };

struct client {
    struct control *control;
    uint32_t place;
    int fd;
    uv_poll_t poll;
    struct mono moved_at;  // the last progress
    size_t length;         // of the question, so far
    char question[ASK_LINE_MAX];
    char *answer;  // NULL: the question is not complete
    size_t answer_size, sent;
    struct person person;
};

struct control {
    int listener, handover;
    bool started;
    uv_poll_t poll;
    struct control_answers answers;
    struct person_rule rule;
    struct client *clients[CONTROL_CLIENTS_MAX];
    char path[NET_TEXT_MAX];
};

// ---- the socket

static int make_directory(const char *path, const struct spawn_user *user)
{
    char directory[NET_TEXT_MAX];
    snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    if (!slash || slash == directory)
        return 0;
    *slash = '\0';
    if (mkdir(directory, 0755) < 0)
        return errno == EEXIST ? 0 : -errno;
    // Whoever we become must be able to take the socket away again.
    return user->drop && chown(directory, user->uid, user->gid) < 0 ? -errno : 0;
}

static bool is_served(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool served = fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
                              errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return served;
}

// The group that is named; -1: none.
static int find_group(const char *name, gid_t *id)
{
    const struct group *group = name[0] ? getgrnam(name) : NULL;
    *id = group ? group->gr_gid : (gid_t)-1;
    return name[0] && !group ? -ESRCH : 0;
}

static int give_to_group(const char *path, const char *name)
{
    gid_t group;
    int error = find_group(name, &group);
    if (error || group == (gid_t)-1)
        return error;
    return chown(path, (uid_t)-1, group) < 0 || chmod(path, 0660) < 0 ? -errno : 0;
}

static int open_socket(const struct net *net, const struct spawn_user *user, int *listener)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", net->control_path);
    int error = make_directory(net->control_path, user);
    if (error)
        return error;
    if (is_served(&address))
        return -EADDRINUSE;
    struct stat there;
    if (lstat(net->control_path, &there) == 0 && S_ISSOCK(there.st_mode))
        unlink(net->control_path);  // left by one that was killed
    *listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    bool good = *listener >= 0 &&
                bind(*listener, (const struct sockaddr *)&address, sizeof address) == 0 &&
                listen(*listener, 16) == 0;
    error = good ? 0 : -errno;
    umask(before);
    if (!error)
        error = give_to_group(net->control_path,
                              net->control_group[0] ? net->control_group : net->control_act_group);
    if (good && error)
        unlink(net->control_path);
    return error;
}

struct control *control_open(const struct net *net, const struct spawn_user *user, char *why)
{
    why[0] = '\0';
    if (net->control_path[0] == '\0')
        return NULL;
    struct control *control = calloc(1, sizeof *control);
    int listener = -1, error = control ? 0 : -ENOMEM;
    if (!error)
        error = find_group(net->control_act_group, &control->rule.group);
    if (!error)
        error = open_socket(net, user, &listener);
    if (!error) {
        control->listener = listener;
        control->handover = -1;
        snprintf(control->path, sizeof control->path, "%s", net->control_path);
        return control;
    }
    snprintf(
        why, ROLE_ERROR_MAX, "no control socket at '%s': %s", net->control_path,
        error == -EADDRINUSE ? "another fairlead serves it: write another path after 'control:'"
        : error == -ESRCH ? "there is no such group as 'control_group' or 'control_act_group' says"
                          : strerror(-error));
    if (listener >= 0)
        close(listener);
    free(control);
    return NULL;
}

// ---- one client

static void free_client(uv_handle_t *handle)
{
    struct client *client = handle->data;
    free(client->answer);
    free(client);
}

static void close_client(struct client *client)
{
    client->control->clients[client->place] = NULL;
    uv_close((uv_handle_t *)&client->poll, free_client);
    close(client->fd);
}

static void on_client(uv_poll_t *poll, int status, int events);

static void say(struct client *client, char *answer, size_t size)
{
    client->answer = answer;
    client->answer_size = size;
    if (!answer || uv_poll_start(&client->poll, UV_WRITABLE, on_client) < 0)
        close_client(client);
}

static void refuse(struct client *client, const char *what)
{
    char *answer = NULL, harmless[256];
    escape_text(what, strlen(what), harmless, sizeof harmless);  // it may quote the question
    json_t *error = json_pack("{s:s}", "error", harmless);
    char *text = error ? json_dumps(error, JSON_COMPACT) : NULL;
    int size = text ? asprintf(&answer, "%s\n", text) : -1;
    json_decref(error);
    free(text);
    say(client, size < 0 ? NULL : answer, (size_t)size);
}

static void hand_over(struct client *client, size_t size)
{
    int error = -EPIPE;
    if (client->control->handover >= 0)
        error = handover_send(client->control->handover, client->question, size, client->fd);
    if (!error)
        close_client(client);
    else if (error == -EAGAIN)
        refuse(client, "too many questions at once: ask again");
    else
        refuse(client, "the process that holds the tables is gone");
}

static void take_question(struct client *client, size_t size)
{
    char why[MESSAGE_WHY_MAX], said[MESSAGE_WHY_MAX + 32];
    struct ask ask;
    if (!ask_read(client->question, size, &ask, why)) {
        snprintf(said, sizeof said, "not a question: %s", why);
        refuse(client, said);
        return;
    }
    if (ask.version != ASK_VERSION) {
        snprintf(said, sizeof said, "version %u was asked, this daemon answers %d", ask.version,
                 ASK_VERSION);
        refuse(client, said);
        return;
    }
    size_t answer_size = 0;
    char *answer = client->control->answers.answer(client->control->answers.context, &ask,
                                                   &client->person, &answer_size);
    if (answer)
        say(client, answer, answer_size);
    else
        hand_over(client, size);
}

static void hear(struct client *client)
{
    ssize_t got = recv(client->fd, client->question + client->length,
                       sizeof client->question - client->length, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        close_client(client);
        return;
    }
    client->length += (size_t)got;
    const char *end = memchr(client->question, '\n', client->length);
    if (end)
        take_question(client, (size_t)(end - client->question));
    else if (client->length == sizeof client->question)
        refuse(client, "not a question: too long");
}

static void answer(struct client *client, struct mono now)
{
    size_t left = client->answer_size - client->sent;
    ssize_t sent =
        send(client->fd, client->answer + client->sent,
             left < BYTES_PER_TURN_MAX ? left : BYTES_PER_TURN_MAX, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    client->moved_at = now;
    client->sent += sent > 0 ? (size_t)sent : 0;
    if (sent < 0 || client->sent == client->answer_size)
        close_client(client);
}

static void on_client(uv_poll_t *poll, int status, int events)
{
    struct client *client = poll->data;
    if (status < 0)
        close_client(client);
    else if (client->answer && (events & UV_WRITABLE))
        answer(client, now_mono());
    else if (!client->answer && (events & UV_READABLE))
        hear(client);
}

// ---- all of them

static void turn_away(int fd)
{
    static const char answer[] = "{\"error\":\"too many questions at once: ask again\"}\n";
    (void)send(fd, answer, sizeof answer - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
}

static void take_call(struct control *control, int fd)
{
    uint32_t place = 0;
    while (place < CONTROL_CLIENTS_MAX && control->clients[place])
        place++;
    struct client *client = place < CONTROL_CLIENTS_MAX ? calloc(1, sizeof *client) : NULL;
    if (!client || !person_of(fd, control->rule, &client->person) ||
        uv_poll_init(control->poll.loop, &client->poll, fd) < 0) {
        free(client);
        turn_away(fd);
        return;
    }
    client->control = control;
    client->place = place;
    client->fd = fd;
    client->moved_at = now_mono();
    client->poll.data = client;
    control->clients[place] = client;
    if (uv_poll_start(&client->poll, UV_READABLE, on_client) < 0)
        close_client(client);
}

static void on_call(uv_poll_t *poll, int status, int events)
{
    struct control *control = poll->data;
    (void)events;
    for (int i = 0; status >= 0 && i < CALLS_PER_TURN_MAX; i++) {
        int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        take_call(control, fd);
    }
}

int control_start(struct control *control, uv_loop_t *loop, struct control_answers answers,
                  int handover)
{
    control->answers = answers;
    control->handover = handover;
    int error = uv_poll_init(loop, &control->poll, control->listener);
    if (error)
        return error;
    control->started = true;
    control->poll.data = control;
    return uv_poll_start(&control->poll, UV_READABLE, on_call);
}

void control_tick(struct control *control, struct mono now)
{
    for (uint32_t place = 0; place < CONTROL_CLIENTS_MAX; place++) {
        struct client *client = control->clients[place];
        if (client &&
            mono_since_ns(now, client->moved_at) >= (int64_t)CONTROL_PATIENCE_MS * NS_PER_MS)
            close_client(client);
    }
}

uint32_t control_descriptors(const struct control *control, int *fds, uint32_t max)
{
    uint32_t count = 0;
    if (count < max)
        fds[count++] = control->listener;
    for (uint32_t place = 0; place < CONTROL_CLIENTS_MAX && count < max; place++) {
        if (control->clients[place])
            fds[count++] = control->clients[place]->fd;
    }
    return count;
}

static void free_control(uv_handle_t *handle)
{
    free(handle->data);
}

void control_close(struct control *control)
{
    if (!control)
        return;
    unlink(control->path);
    for (uint32_t place = 0; place < CONTROL_CLIENTS_MAX; place++) {
        if (control->clients[place])
            close_client(control->clients[place]);
    }
    if (control->started)
        uv_close((uv_handle_t *)&control->poll, free_control);
    close(control->listener);
    if (!control->started)
        free(control);
}
