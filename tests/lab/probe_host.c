// SPDX-License-Identifier: ISC
// The probe role with somebody in the engine's place: reads a configuration, starts the role as
// `fairlead run` does, and prints each event that it tells as a line of JSON. The first line names
// the role's process. With a second argument the channel holds but a few messages.
#include "engine/message.h"
#include "net/parse.h"
#include "role/channel.h"
#include "role/roles.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONFIG_MAX = 64 * 1024, NARROW_BYTES = 8 * 1024 };

static bool read_config(const char *path, struct net *net)
{
    static char text[CONFIG_MAX];
    static struct net_errors errors;
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    bool is_good = net_parse(text, size, path, net, &errors);
    char line[NET_ERROR_LINE_MAX];
    for (uint32_t i = 0; !is_good && i < errors.count; i++)
        fprintf(stderr, "%s\n", net_error_format(&errors, i, line, sizeof line));
    return is_good;
}

// Until the role is gone.
static void print_events(int channel, const struct net *net)
{
    char why[MESSAGE_WHY_MAX], text[MESSAGE_MAX];
    struct event event;
    struct pollfd polled = {.fd = channel, .events = POLLIN};
    for (;;) {
        int came = channel_receive_event(channel, net, &event, why);
        if (came == 0)
            poll(&polled, 1, -1);
        else if (came == -EBADMSG)
            printf("{\"bad\":\"%s\"}\n", why);
        else if (came < 0)
            return;
        else if (message_from_event(net, &event, text, sizeof text) > 0)
            puts(text);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    static struct net net;
    char why[ROLE_ERROR_MAX];
    int channel[2], status;
    if (argc < 2 || !read_config(argv[1], &net) || channel_pair(channel) < 0)
        return 2;
    const int narrow = NARROW_BYTES;
    if (argc > 2)
        setsockopt(channel[1], SOL_SOCKET, SO_SNDBUF, &narrow, sizeof narrow);
    struct probe_role *role = probe_role_open(&net, why);
    if (!role) {
        fprintf(stderr, "fairlead: %s\n", why);
        return 3;
    }
    pid_t child = fork();
    if (child == 0) {
        close(channel[0]);
        _exit(probe_role_run(role, channel[1]));
    }
    close(channel[1]);
    probe_role_close(role);
    printf("{\"prober\":%d}\n", (int)child);
    fflush(stdout);
    print_events(channel[0], &net);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
