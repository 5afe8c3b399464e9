// SPDX-License-Identifier: ISC
// The page over real sockets on loopback: what is answered, and what is refused.
#include "role/roles.h"

#include "base/check.h"
#include "role/channel.h"
#include "role/handover.h"
#include "role/web_questions.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct server {
    pid_t pid;
    int channel;
    uint16_t port;
};

static int listen_anywhere(const char *address, uint16_t *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t size = sizeof a;
    inet_pton(AF_INET, address, &a.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 5) == 0);
    getsockname(fd, (struct sockaddr *)&a, &size);
    *port = ntohs(a.sin_port);
    return fd;
}

// A page in a process of its own, on a port that the kernel picks, passed as a socket.
static struct server start(void)
{
    struct server server;
    int channel[2], fd = listen_anywhere("127.0.0.1", &server.port);
    assert_int_equal(channel_pair(channel), 0);
    server.pid = fork();
    if (server.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        char pid[16], why[ROLE_ERROR_MAX];
        static const struct net net;
        close(channel[0]);
        int own_end = dup2(channel[1], 50);
        dup2(fd, 3);
        snprintf(pid, sizeof pid, "%d", (int)getppid());
        setenv("LISTEN_FDS", "1", 1);
        setenv("LISTEN_PID", pid, 1);
        struct web_role *role = web_role_wanted(&net) ? web_role_open(&net, why) : NULL;
        _exit(role ? web_role_run(role, own_end) : 99);
    }
    close(channel[1]);
    close(fd);
    server.channel = channel[0];
    return server;
}

static int stop(struct server *server)
{
    int status;
    close(server->channel);
    waitpid(server->pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The whole answer to a request; "" when the connection was closed without one.
static void ask(const struct server *server, const char *request, char *answer, size_t size)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(server->port)};
    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    send(fd, request, strlen(request), MSG_NOSIGNAL);
    size_t got = 0;
    for (ssize_t n; got < size - 1 && (n = recv(fd, answer + got, size - 1 - got, 0)) > 0;)
        got += (size_t)n;
    answer[got] = '\0';
    close(fd);
}

#define HOST "Host: 127.0.0.1:8470\r\n"
#define LAST "Connection: close\r\n\r\n"

static const struct {
    const char *name, *request, *answer, *holds;
} rows[] = {
    {"the page", "GET / HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200", "<title>Fairlead"},
    {"with a policy", "GET / HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200",
     "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
     "img-src 'self'; connect-src 'self'; "},
    {"the picture", "GET /api/v1/status HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200", "{\"second\":2}"},
    {"of which the last", "GET /api/v1/status?x=1 HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200",
     "Cache-Control: no-store"},
    {"metrics", "GET /metrics HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200", "\nfairlead_up 0\n# EOF\n"},
    {"of a type", "GET /metrics HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200",
     "Content-Type: application/openmetrics-text; version=1.0.0"},
    {"not ready", "GET /readyz HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 503", "not ready"},
    {"health", "GET /healthz HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200", "ok\n"},
    {"only the head", "HEAD / HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200", "Content-Type: text/html"},
    {"another place", "GET /etc/passwd HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 404", "nothing is here"},
    {"a way out", "GET /../../etc/passwd HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 404", "nosniff"},
    {"a command", "POST /api/v1/status HTTP/1.1\r\n" HOST "Content-Length: 3\r\n" LAST "x=1",
     "HTTP/1.1 405", "Allow: GET, HEAD"},
    {"a method of its own", "BREW /metrics HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 405",
     "{\"error\":\"here only: GET, HEAD\"}"},
    {"to a file", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n" LAST, "HTTP/1.1 405",
     "Allow: GET, HEAD"},
    {"who one is", "GET /api/v1/session HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200",
     "{\"name\":\"\",\"rights\":[\"read\"],\"asleep\":[],\"csrf\":\"\",\"login\":\"none\",\"act_"
     "s\":0}"},
    {"a question that is none", "GET /api/v1/routes HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 400",
     "{\"error\":\"'prefix': is missing\"}"},
    {"an act of a reader",
     "POST /api/v1/acts/freeze HTTP/1.1\r\n" HOST "Content-Length: 2\r\n" LAST "{}", "HTTP/1.1 403",
     "{\"error\":"},
    {"an act by its address", "GET /api/v1/acts/freeze HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 405",
     "Allow: POST"},
    {"too much to say", "POST /api/v1/x HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n" LAST,
     "HTTP/1.1 413", "at most 64 KiB"},
    {"somebody else's name", "GET / HTTP/1.1\r\nHost: evil.example:8470\r\n" LAST, "HTTP/1.1 421",
     "ask for localhost"},
    {"no name", "GET / HTTP/1.0\r\n" LAST, "HTTP/1.1 421", ""},
    {"no HTTP", "hello\r\n\r\n", "", ""},
};

static void answers_who_may_ask(void **state)
{
    (void)state;
    static char answer[200 * 1024];
    struct server server = start();
    channel_send_text(server.channel, "{\"first\":1}", 11);
    channel_send_text(server.channel, "{\"second\":2}", 12);
    // The first request may come before the pictures: that is an answer of its own, tested below.
    do
        ask(&server, "GET /healthz HTTP/1.1\r\n" HOST LAST, answer, sizeof answer);
    while (!strstr(answer, "ok"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask(&server, rows[i].request, answer, sizeof answer);
        bool right = strncmp(answer, rows[i].answer, strlen(rows[i].answer)) == 0;
        if (!right || !strstr(answer, rows[i].holds))
            fail_msg("row '%s': got %.600s", rows[i].name, answer);
    }
    assert_int_equal(stop(&server), 0);
}

// Reads questions off the channel and answers them by their first letter behind "ask"; what it
// does not know it leaves unanswered, for as long as it lives.
static void play_engine(int channel)
{
    char caller[WEB_CALLER_BYTES_MAX], line[ASK_LINE_MAX], answer[1024];
    size_t size;
    int fd;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int came; (came = handover_receive(channel, caller, sizeof caller, &size, &fd)) >= 0;) {
        poll(&(struct pollfd){.fd = channel, .events = POLLIN}, 1, came ? 0 : 1000);
        ssize_t got = came ? recv(fd, line, sizeof line, MSG_DONTWAIT) : 0;
        if (got <= 0)
            continue;
        int length =
            snprintf(answer, sizeof answer, "{\"asked\":%.*s}\n{\"done\":true,\"by\":%.*s}\n",
                     (int)got - 1, line, (int)size, caller);
        if (strstr(line, "\"fib\""))
            continue;
        if (!strstr(line, "\"bmp\""))
            send(fd, answer, (size_t)length, MSG_NOSIGNAL);
        close(fd);
    }
    _exit(0);
}

static const struct {
    const char *name, *request, *answer, *holds;
} questions[] = {
    {"a question", "GET /api/v1/routes?prefix=192.0.2.0%2F24 HTTP/1.1\r\n" HOST LAST,
     "HTTP/1.1 200",
     "\r\n\r\n{\"lines\":[{\"asked\":{\"ask\":\"routes\",\"version\":1,\"of\":\"192.0.2.0/24\"}}],"
     "\"done\":{\"done\":true,\"by\":{\"name\":\"\",\"rights\":[\"read\"],\"request_id\":\"\"}}}"},
    {"one that is dropped", "GET /api/v1/bmp HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 503",
     "{\"error\":\"the answer broke off: ask again\"}"},
    {"of which it says so", "GET /api/v1/bmp HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 503",
     "Retry-After: 1\r\n"},
    {"one that is not open", "GET /api/v1/incidents/4 HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 404",
     "no incident of that number is open"},
    {"what needs no engine", "GET /api/v1/session HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200", "read"},
};

static int ask_and_leave(const struct server *server, const char *request)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(server->port)};
    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    return fd;
}

// Some questions hang; the others are answered meanwhile, and one too many is told so.
static void passes_questions_on(void **state)
{
    (void)state;
    static char answer[4096];
    struct server server = start();
    int hanging[WEB_QUESTIONS_MAX];
    pid_t engine = fork();
    if (engine == 0)
        play_engine(server.channel);
    for (int i = 0; i < WEB_QUESTIONS_MAX - 1; i++)
        hanging[i] = ask_and_leave(&server, "GET /api/v1/fib HTTP/1.1\r\n" HOST "\r\n");
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        ask(&server, questions[i].request, answer, sizeof answer);
        bool right = strncmp(answer, questions[i].answer, strlen(questions[i].answer)) == 0;
        if (!right || !strstr(answer, questions[i].holds))
            fail_msg("row '%s': got %.900s", questions[i].name, answer);
    }
    hanging[WEB_QUESTIONS_MAX - 1] =
        ask_and_leave(&server, "GET /api/v1/fib HTTP/1.1\r\n" HOST "\r\n");
    do
        ask(&server, "GET /api/v1/plans HTTP/1.1\r\n" HOST LAST, answer, sizeof answer);
    while (!strstr(answer, "too many"));
    assert_non_null(strstr(answer, "HTTP/1.1 503"));
    kill(engine, SIGKILL);  // its ends close: all are told
    waitpid(engine, NULL, 0);
    for (int i = 0; i < WEB_QUESTIONS_MAX; i++) {
        assert_true(recv(hanging[i], answer, sizeof answer, 0) > 12);
        assert_memory_equal(answer, "HTTP/1.1 503", 12);
        close(hanging[i]);
    }
    assert_int_equal(stop(&server), 0);
}

// Who leaves while the engine thinks, and a server that ends then.
static void ends_with_open_questions(void **state)
{
    (void)state;
    struct server server = start();
    int gone = ask_and_leave(&server, "GET /api/v1/fib HTTP/1.1\r\n" HOST "\r\n");
    int stays = ask_and_leave(&server, "GET /api/v1/fib HTTP/1.1\r\n" HOST "\r\n");
    char caller[WEB_CALLER_BYTES_MAX];
    for (int i = 0, fd = -1; i < 2; i++) {  // both have come
        size_t size;
        while (handover_receive(server.channel, caller, sizeof caller, &size, &fd) == 0)
            poll(&(struct pollfd){.fd = server.channel, .events = POLLIN}, 1, 1000);
        if (i == 0)
            close(gone);
    }
    assert_int_equal(stop(&server), 0);
    close(stays);
}

// A stop is asked for like anything else, and its answer comes while the server is told to end.
static void says_the_last_answers_first(void **state)
{
    (void)state;
    static const char done[] = "{\"asked\":1}\n{\"done\":true}\n";
    char caller[WEB_CALLER_BYTES_MAX], answer[4096] = "";
    struct server server = start();
    int waits = ask_and_leave(&server, "GET /api/v1/fib HTTP/1.1\r\n" HOST LAST), fd = -1, status;
    size_t size;
    while (handover_receive(server.channel, caller, sizeof caller, &size, &fd) == 0)
        poll(&(struct pollfd){.fd = server.channel, .events = POLLIN}, 1, 1000);
    close(server.channel);
    poll(NULL, 0, 50);  // it has seen the end of its channel
    assert_int_equal(send(fd, done, sizeof done - 1, MSG_NOSIGNAL), sizeof done - 1);
    close(fd);
    assert_true(recv(waits, answer, sizeof answer - 1, MSG_WAITALL) > 0);
    assert_non_null(strstr(answer, "HTTP/1.1 200"));
    assert_non_null(strstr(answer, "\"done\":true"));
    close(waits);
    waitpid(server.pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Reads until all of it holds that text.
static void hear(int fd, char *heard, size_t size, const char *text)
{
    size_t got = strlen(heard);
    while (!strstr(heard, text)) {
        ssize_t n = recv(fd, heard + got, size - 1 - got, 0);
        assert_true(n > 0);
        got += (size_t)n;
        heard[got] = '\0';
    }
}

// More than one browser could open; each hears all, and the page is served beside.
static void tells_all_who_listen(void **state)
{
    (void)state;
    enum { LISTENERS = 200 };
    static char heard[LISTENERS][4096], answer[4096];
    struct server server = start();
    int fds[LISTENERS];
    for (int i = 0; i < LISTENERS; i++) {
        fds[i] = ask_and_leave(&server, "GET /api/v1/stream HTTP/1.1\r\n" HOST "\r\n");
        hear(fds[i], heard[i], sizeof heard[i], "text/event-stream");
    }
    channel_send_text(server.channel, "{\"second\":2}", 12);
    channel_send_text(server.channel, "7 {\"effect\":\"ready\"}", 20);
    for (int i = 0; i < LISTENERS; i++) {
        hear(fds[i], heard[i], sizeof heard[i],
             "id: 7\nevent: effect\ndata: {\"effect\":\"ready\"}\n\n");
        hear(fds[i], heard[i], sizeof heard[i], "event: picture\ndata: {\"second\":2}\n\n");
    }
    ask(&server, "GET /healthz HTTP/1.1\r\n" HOST LAST, answer, sizeof answer);
    assert_non_null(strstr(answer, "HTTP/1.1 200"));
    for (int i = 0; i < LISTENERS / 2; i++)
        close(fds[i]);
    channel_send_text(server.channel, "8 {\"effect\":\"role\"}", 19);
    hear(fds[LISTENERS - 1], heard[LISTENERS - 1], sizeof heard[0], "id: 8\n");
    int again =
        ask_and_leave(&server, "GET /api/v1/stream HTTP/1.1\r\n" HOST "Last-Event-ID: 7\r\n\r\n");
    heard[0][0] = '\0';
    hear(again, heard[0], sizeof heard[0], "id: 8\n");
    assert_null(strstr(heard[0], "id: 7\n"));
    assert_int_equal(stop(&server), 0);
    close(again);
    for (int i = LISTENERS / 2; i < LISTENERS; i++)
        close(fds[i]);
}

static void says_that_the_engine_is_silent(void **state)
{
    (void)state;
    static char answer[4096];
    struct server server = start();
    ask(&server, "GET /api/v1/status HTTP/1.1\r\n" HOST LAST, answer, sizeof answer);
    assert_non_null(strstr(answer, "503"));
    ask(&server, "GET /healthz HTTP/1.1\r\n" HOST LAST, answer, sizeof answer);
    assert_non_null(strstr(answer, "the engine is silent"));
    assert_int_equal(stop(&server), 0);
}

static void survives_many_and_slow_clients(void **state)
{
    (void)state;
    enum { CLIENTS = 200 };
    static char answer[4096];
    int fds[CLIENTS];
    struct server server = start();
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(server.port)};
    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    for (int i = 0; i < CLIENTS; i++) {  // half a request each, and then nothing
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fds[i], (struct sockaddr *)&a, sizeof a);
        send(fds[i], "GET / HT", 8, MSG_NOSIGNAL);
    }
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    do  // one whose connection was accepted beyond the limit is closed unanswered
        ask(&server, "GET /healthz HTTP/1.1\r\n" HOST LAST, answer, sizeof answer);
    while (answer[0] == '\0');
    assert_non_null(strstr(answer, "503"));
    assert_int_equal(stop(&server), 0);
}

static void tells_why_it_cannot_listen(void **state)
{
    (void)state;
    char why[ROLE_ERROR_MAX] = "";
    struct net net = {.web_address = {FAMILY_IPV4, {127, 0, 0, 1}}};
    int fd = listen_anywhere("127.0.0.1", &net.web_port);
    assert_true(web_role_wanted(&net));
    assert_null(web_role_open(&net, why));
    assert_non_null(strstr(why, "Address already in use: another fairlead?"));
    close(fd);

    struct net v6 = {.web_address = {FAMILY_IPV6, {[15] = 1}}, .web_port = 0};
    struct web_role *role = web_role_open(&v6, why);
    assert_non_null(role);
    web_role_close(role);
    assert_false(web_role_wanted(&(struct net){0}));
}

static void refuses_a_socket_beyond_loopback(void **state)
{
    (void)state;
    static const char *const addresses[] = {"0.0.0.0", "127.0.0.1", ""};
    static const int expected[] = {1, 0, 2};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            char own[16], why[ROLE_ERROR_MAX] = "";
            uint16_t port;
            static const struct net net;
            dup2(addresses[i][0] ? listen_anywhere(addresses[i], &port) : STDERR_FILENO, 3);
            snprintf(own, sizeof own, "%d", (int)getpid());
            setenv("LISTEN_FDS", "1", 1);
            setenv("LISTEN_PID", own, 1);
            struct web_role *role = web_role_open(&net, why);
            _exit(role                             ? 0
                  : strstr(why, "beyond loopback") ? 1
                  : strstr(why, "no listening")    ? 2
                                                   : 3);
        }
        int status;
        waitpid(pid, &status, 0);
        CHECK_ROW(addresses[i], WEXITSTATUS(status) == expected[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_who_may_ask),
        cmocka_unit_test(passes_questions_on),
        cmocka_unit_test(ends_with_open_questions),
        cmocka_unit_test(says_the_last_answers_first),
        cmocka_unit_test(tells_all_who_listen),
        cmocka_unit_test(says_that_the_engine_is_silent),
        cmocka_unit_test(survives_many_and_slow_clients),
        cmocka_unit_test(tells_why_it_cannot_listen),
        cmocka_unit_test(refuses_a_socket_beyond_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
