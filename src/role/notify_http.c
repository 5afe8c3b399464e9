// SPDX-License-Identifier: ISC
#include "role/notify.h"

#include "role/outbound.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// ---- sockets

static bool bind_to(int fd, const struct net_upstream *way, int family)
{
    const struct address *source =
        &way->select.source[family == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4];
    const char *device = way->select.device;
    if (device[0] &&
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) < 0)
        return false;
    if (source->family == FAMILY_NONE)
        return device[0] != '\0';
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    memcpy(&v4.sin_addr, source->bytes, sizeof v4.sin_addr);
    memcpy(&v6.sin6_addr, source->bytes, sizeof v6.sin6_addr);
    return family == AF_INET6 ? bind(fd, (struct sockaddr *)&v6, sizeof v6) == 0
                              : bind(fd, (struct sockaddr *)&v4, sizeof v4) == 0;
}

// A family that the way out does not have is no way; libcurl then tries the other one's addresses.
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    const struct notify_attempt *attempt = context;
    (void)purpose;
    if (to->family != AF_INET && to->family != AF_INET6)
        return CURL_SOCKET_BAD;
    int fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    if (fd < 0 || !attempt->way || bind_to(fd, attempt->way, to->family))
        return fd < 0 ? CURL_SOCKET_BAD : fd;
    close(fd);
    return CURL_SOCKET_BAD;
}

// ---- bytes

static size_t take_answer(char *bytes, size_t size, size_t count, void *context)
{
    struct notify_attempt *attempt = context;
    size_t room = sizeof attempt->answer - 1 - attempt->answer_size, all = size * count;
    size_t taken = all < room ? all : room;
    memcpy(attempt->answer + attempt->answer_size, bytes, taken);
    attempt->answer_size += taken;
    return all;
}

static size_t give_body(char *bytes, size_t size, size_t count, void *context)
{
    struct notify_attempt *attempt = context;
    const char *left = attempt->request.body + attempt->body_sent;
    size_t given = strlen(left) < size * count ? strlen(left) : size * count;
    memcpy(bytes, left, given);
    attempt->body_sent += given;
    return given;
}

// ---- one attempt

static void set_up_mail(struct notify_attempt *a, const struct net_channel *channel,
                        const char *secret)
{
    char from[NET_TEXT_MAX + 2], to[NET_TEXT_MAX + 2];
    snprintf(from, sizeof from, "<%s>", a->request.from);
    snprintf(to, sizeof to, "<%s>", a->request.to);
    a->receivers = curl_slist_append(NULL, to);
    curl_easy_setopt(a->easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(a->easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    curl_easy_setopt(a->easy, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(a->easy, CURLOPT_MAIL_RCPT, a->receivers);
    curl_easy_setopt(a->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(a->easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(a->easy, CURLOPT_READDATA, a);
    if (!channel->user[0])
        return;
    curl_easy_setopt(a->easy, CURLOPT_USERNAME, channel->user);
    curl_easy_setopt(a->easy, CURLOPT_PASSWORD, secret);
}

static void set_up_post(struct notify_attempt *a)
{
    a->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (a->request.header[0])
        a->headers = curl_slist_append(a->headers, a->request.header);
    curl_easy_setopt(a->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(a->easy, CURLOPT_HTTPHEADER, a->headers);
    curl_easy_setopt(a->easy, CURLOPT_POSTFIELDS, a->request.body);
    curl_easy_setopt(a->easy, CURLOPT_USERAGENT, "fairlead/" FAIRLEAD_VERSION);
}

static void set_up(struct notify_attempt *a, const struct net_channel *channel)
{
    curl_easy_setopt(a->easy, CURLOPT_TIMEOUT_MS, (long)(channel->timeout_ns / NS_PER_MS));
    curl_easy_setopt(a->easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(a->easy, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(a->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(a->easy, CURLOPT_OPENSOCKETDATA, a);
    curl_easy_setopt(a->easy, CURLOPT_FRESH_CONNECT, 1L);  // the way out may be another now
    curl_easy_setopt(a->easy, CURLOPT_FORBID_REUSE, 1L);
}

void notify_http_drop(struct notify_role *r, struct notify_job *job)
{
    struct notify_attempt *a = job->attempt;
    if (!a)
        return;
    if (a->easy) {
        curl_multi_remove_handle(r->multi, a->easy);
        curl_easy_cleanup(a->easy);
    }
    curl_slist_free_all(a->headers);
    curl_slist_free_all(a->receivers);
    free(a);
    job->attempt = NULL;
}

bool notify_http_start(struct notify_role *r, struct notify_job *job, char *why, size_t size)
{
    const struct net_channel *channel = &r->net->alert.channels[job->page.channel];
    const char *secret = r->secrets[job->page.channel];
    const struct notify_about about = {r->net, &job->page, secret, r->now_s, r->link_secret};
    struct notify_attempt *a = job->attempt = calloc(1, sizeof *a);
    snprintf(why, size, "out of memory");
    if (!a)
        return false;
    a->way = job->page.way < r->net->upstream_count ? &r->net->upstreams[job->page.way] : NULL;
    bool fits = notify_format(&about, &a->request);
    if (!fits)
        snprintf(why, size, "it does not fit what this channel takes");
    else
        a->easy = outbound_new(a->request.url, channel->ca_file, a->error, job);
    if (a->easy) {
        set_up(a, channel);
        if (channel->kind == NET_CHANNEL_EMAIL)
            set_up_mail(a, channel, secret);
        else
            set_up_post(a);
        if (curl_multi_add_handle(r->multi, a->easy) == CURLM_OK)
            return true;
    }
    notify_http_drop(r, job);
    return false;
}

bool notify_http_end(struct notify_job *job, CURLcode code, char *why, size_t size)
{
    struct notify_attempt *a = job->attempt;
    long status = 0;
    curl_easy_getinfo(a->easy, CURLINFO_RESPONSE_CODE, &status);
    why[0] = '\0';
    if (code != CURLE_OK) {
        snprintf(why, size, "%s", a->error[0] ? a->error : curl_easy_strerror(code));
        return false;
    }
    // What SMTP says of a message it took is not an error of libcurl's; HTTP has to say 2xx.
    if (status >= 200 && status < 300)
        return true;
    snprintf(why, size, "status %ld: %s", status, a->answer);
    return false;
}
