// SPDX-License-Identifier: ISC
#include "role/certificate.h"
#include "role/channel.h"
#include "role/link_secret.h"
#include "role/now.h"
#include "role/roles.h"
#include "role/web_http.h"
#include "role/web_streams.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PASSED_FD = 3, TURN_MS_MAX = 1000, LAST_ANSWERS_MS = 500 };

struct web_role {
    int listen_fd;
    const struct net *net;
    struct certificate tls;
    char link_secret[WEB_LINK_SECRET_MAX];
};

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage storage;
};

// A listening socket may be handed to us, as sd_listen_fds(3) describes: LISTEN_FDS=1, the socket
// is descriptor 3. LISTEN_PID may also be our parent's: who starts us in another network namespace
// cannot know our number beforehand.
static bool socket_is_passed(void)
{
    const char *count = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
    if (!count || !pid || strcmp(count, "1") != 0)
        return false;
    long number = strtol(pid, NULL, 10);
    return number == getpid() || number == getppid();
}

bool web_role_wanted(const struct net *net)
{
    return net->web_address.family != FAMILY_NONE || socket_is_passed();
}

static bool is_loopback(const union socket_address *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
    return address->any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

static int take_passed(const struct net *net, char *why)
{
    union socket_address address;
    socklen_t size = sizeof address;
    int listening = 0;
    socklen_t listening_size = sizeof listening;
    unsetenv("LISTEN_FDS");  // it is taken once
    unsetenv("LISTEN_PID");
    if (getsockopt(PASSED_FD, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_size) < 0 ||
        !listening || getsockname(PASSED_FD, &address.any, &size) < 0) {
        snprintf(why, ROLE_ERROR_MAX,
                 "cannot serve the dashboard: LISTEN_FDS is 1, but descriptor 3 is no listening "
                 "socket");
        return -1;
    }
    if (!is_loopback(&address) && !net_access_is_guarded(&net->access)) {
        snprintf(why, ROLE_ERROR_MAX,
                 "refuses to serve the dashboard beyond loopback without TLS and authentication: "
                 "pass a socket of 127.0.0.1 or [::1], or write 'access:'");
        return -1;
    }
    fcntl(PASSED_FD, F_SETFD, FD_CLOEXEC);
    fcntl(PASSED_FD, F_SETFL, fcntl(PASSED_FD, F_GETFL) | O_NONBLOCK);
    return PASSED_FD;
}

static socklen_t fill_address(const struct net *net, union socket_address *address)
{
    *address = (union socket_address){0};
    if (net->web_address.family == FAMILY_IPV4) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(net->web_port);
        memcpy(&address->v4.sin_addr, net->web_address.bytes, 4);
        return sizeof address->v4;
    }
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons(net->web_port);
    memcpy(&address->v6.sin6_addr, net->web_address.bytes, 16);
    return sizeof address->v6;
}

static int listen_on(const struct net *net, char *why)
{
    union socket_address address;
    char text[ADDRESS_TEXT_MAX];
    const int on = 1;
    socklen_t size = fill_address(net, &address);
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, &address.any, size) == 0 && listen(fd, 64) == 0)
        return fd;
    int error = errno;
    snprintf(why, ROLE_ERROR_MAX, "cannot serve the dashboard on %s port %u: %s%s",
             address_format(net->web_address, text), net->web_port, strerror(error),
             error == EADDRINUSE ? ": another fairlead? stop it, or write another port with 'web:'"
                                 : "");
    if (fd >= 0)
        close(fd);
    return -1;
}

struct web_role *web_role_open(const struct net *net, char *why)
{
    struct web_role *role = malloc(sizeof *role);
    if (!role) {
        snprintf(why, ROLE_ERROR_MAX, "cannot serve the dashboard: out of memory");
        return NULL;
    }
    *role = (struct web_role){.net = net, .listen_fd = -1};
    const struct certificate_files files = certificate_of_web(net);
    if (certificate_read(&files, &role->tls, why) &&
        link_secret_read(&net->access, role->link_secret, why))
        role->listen_fd = socket_is_passed() ? take_passed(net, why) : listen_on(net, why);
    if (role->listen_fd >= 0)
        return role;
    web_role_close(role);
    return NULL;
}

void web_role_close(struct web_role *role)
{
    if (!role)
        return;
    if (role->listen_fd >= 0)
        close(role->listen_fd);
    certificate_free(&role->tls);
    free(role);
}

// "ID LINE", see web_tell.h.
static void take_effect(struct web_http *http, const char *text, size_t size)
{
    char *line;
    uint64_t id = strtoull(text, &line, 10);
    if (*line == ' ')
        web_stream_effect(web_streams_told(http->streams), id, line + 1,
                          size - (size_t)(line + 1 - text));
}

// A renewed certificate; false: this was none, or nothing can be served with it any more.
static bool take_tls(struct web_http *http, struct certificate *tls, char *text, size_t size)
{
    struct certificate renewed;
    if (!http->secure || !certificate_take(text, size, &renewed))
        return false;
    explicit_bzero(text, size);
    bool good = web_http_seal(http, &renewed);
    certificate_free(tls);
    *tls = renewed;
    return good;
}

// Takes all that waits, and keeps the last picture. False when the engine is gone.
static bool take_told(struct web_http *http, int channel, struct certificate *tls, char *text)
{
    for (;;) {
        size_t size;
        int came = channel_receive_text(channel, text, WEB_STATUS_BYTES_MAX - 1, &size);
        if (came == -EMSGSIZE) {
            http->status_size = 0;  // the picture there is is none any more
            continue;
        }
        if (came != 1)
            return came == 0;
        text[size] = '\0';
        if (text[0] != '{') {
            if (text[0] == CERTIFICATE_MARK && !take_tls(http, tls, text, size))
                return false;
            else if (text[0] != CERTIFICATE_MARK)
                take_effect(http, text, size);
            continue;
        }
        memcpy(http->status, text, size);
        http->status_size = size;
        http->status_at = http->now;
        web_stream_picture(web_streams_told(http->streams), text, size);
    }
}

// The channel has ended, but who asked hears the answer first: of a stop, that it is done.
static void say_the_last(struct web_http *http)
{
    struct mono until = mono_add_ms(http->now, LAST_ANSWERS_MS);
    while (http->server && web_questions_are_open(&http->questions) &&
           !mono_reached(http->now, until)) {
        web_http_wait(http, -1, LAST_ANSWERS_MS);
        http->now = now_mono();
        web_http_turn(http);
    }
}

// SIGTERM ends it where it is: there is nothing to tidy up.
int web_role_run(struct web_role *role, int channel)
{
    struct web_http http;
    char *text = malloc(WEB_STATUS_BYTES_MAX);
    if (!text || !web_http_open(&http, role->listen_fd, channel, role->net, &role->tls)) {
        fprintf(stderr, "fairlead: web: cannot start the HTTP server\n");
        return 3;
    }
    memcpy(http.link_secret, role->link_secret, sizeof http.link_secret);
    for (bool alive = true; alive;) {
        web_http_wait(&http, channel, TURN_MS_MAX);
        http.now = now_mono();
        alive = take_told(&http, channel, &role->tls, text);
        if (alive)
            web_http_turn(&http);
    }
    say_the_last(&http);
    web_http_close(&http);
    free(text);
    return 0;
}
