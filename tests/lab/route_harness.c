// SPDX-License-Identifier: ISC
// One role alone, with its standard input and output in the place of the engine: effects come in
// and events go out as JSON lines (engine/message.h). For tests against real routers and receivers.
#include "cmd/config_file.h"
#include "engine/message.h"
#include "role/channel.h"
#include "role/run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Everything that the channel holds; false when the role is gone.
static bool pass_events(int channel)
{
    char text[MESSAGE_MAX];
    size_t size;
    int came;
    while ((came = channel_receive_text(channel, text, sizeof text, &size)) == 1)
        printf("%.*s\n", (int)size, text);
    fflush(stdout);
    return came == 0;
}

static bool pass_effect(int channel)
{
    char line[MESSAGE_MAX];
    if (!fgets(line, sizeof line, stdin))
        return false;
    size_t size = strcspn(line, "\n");
    return size == 0 || channel_send_text(channel, line, size) == 0;
}

// Until either side ends. Input is one line a read: whoever drives this waits for what he asked.
static void pass(int channel)
{
    setvbuf(stdin, NULL, _IONBF, 0);
    struct pollfd sides[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {channel, POLLIN, 0}};
    for (bool going = true; going;) {
        if (poll(sides, 2, -1) < 0 && errno != EINTR)
            return;
        if (sides[1].revents)
            going = pass_events(channel);
        if (going && sides[0].revents)
            going = pass_effect(channel);
    }
}

static int run(const struct net *net, const struct role_kind *kind)
{
    char why[ROLE_ERROR_MAX];
    int fds[2];
    void *role = kind->open(net, why);
    if (!role || channel_pair(fds) < 0) {
        fprintf(stderr, "fairlead: %s\n", role ? "no channel" : why);
        return 3;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        if (!freopen("/dev/null", "r", stdin))  // the effects are for the parent
            _exit(3);
        _exit(kind->run(role, fds[1]));
    }
    kind->close(role);
    close(fds[1]);
    printf("{\"role_pid\":%d}\n", (int)pid);
    fflush(stdout);
    pass(fds[0]);
    close(fds[0]);
    int status;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static const struct role_kind *find_kind(const char *name)
{
    for (int i = 0; i < ROLES; i++)
        if (strcmp(run_roles[i].name, name) == 0)
            return &run_roles[i];
    return NULL;
}

int main(int argc, char **argv)
{
    struct config_file file;
    const struct role_kind *kind = find_kind(argc == 3 ? argv[2] : "route");
    if (argc < 2 || argc > 3 || !kind) {
        fprintf(stderr, "usage: %s CONFIGURATION [ROLE]\n", argv[0]);
        return 2;
    }
    int status = config_file_load(&file, argv[1]);
    if (status == 2)
        config_file_report(&file);
    if (status == 0)
        status = run(&file.net, kind);
    config_file_done(&file);
    return status;
}
