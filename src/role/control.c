// SPDX-License-Identifier: ISC
#include "role/control.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALLS_PER_TURN_MAX = 4 };

struct control {
    int listener;
    bool started;
    uv_poll_t poll;
    struct askers askers;
    struct person_rule rule;
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

// ---- calls

static void take_call(struct control *control, int fd)
{
    struct person person;
    if (person_of(fd, control->rule, &person))
        askers_take(&control->askers, fd, &person);
    else
        close(fd);
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

int control_start(struct control *control, uv_loop_t *loop, struct asker_answers answers,
                  struct asker_handovers handovers)
{
    askers_init(&control->askers, loop, answers, handovers);
    int error = uv_poll_init(loop, &control->poll, control->listener);
    if (error)
        return error;
    control->started = true;
    control->poll.data = control;
    return uv_poll_start(&control->poll, UV_READABLE, on_call);
}

void control_tick(struct control *control, struct mono now)
{
    askers_tick(&control->askers, now);
}

uint32_t control_descriptors(const struct control *control, int *fds, uint32_t max)
{
    if (max == 0)
        return 0;
    fds[0] = control->listener;
    return 1 + askers_descriptors(&control->askers, fds + 1, max - 1);
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
    askers_close(&control->askers);
    if (control->started)
        uv_close((uv_handle_t *)&control->poll, free_control);
    close(control->listener);
    if (!control->started)
        free(control);
}
