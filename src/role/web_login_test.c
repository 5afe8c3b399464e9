// SPDX-License-Identifier: ISC
// Who may what at the web server: as its functions decide, hours after each other; and as a client
// of HTTP over TLS meets it, over both families.
#include "role/web_login.h"

#include "base/check.h"
#include "role/channel.h"
#include "role/endpoint.h"
#include "role/handover.h"
#include "role/password.h"
#include "role/roles.h"
#include "web/hex.h"

#include <curl/curl.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSWORD "correct horse battery"

enum { TOKEN_READ, TOKEN_ACT, TOKEN_OLD, TOKENS };

struct people {
    struct net net;
    char tokens[TOKENS][TOKEN_TEXT_MAX];
};

// anna may act, ben may read, and three machines of which one is of yesteryear.
static struct people *make_people(void)
{
    struct people *p = calloc(1, sizeof *p);
    struct net_access *access = &p->net.access;
    char hash[PASSWORD_HASH_MAX];
    assert_true(password_hash(PASSWORD, hash));
    access->user_count = 2;
    access->users[0] = (struct net_user){.name = "anna", .rights = RIGHTS_ALL};
    access->users[1] = (struct net_user){.name = "ben", .rights = RIGHT_READ};
    for (uint32_t i = 0; i < 2; i++)
        memcpy(access->users[i].password, hash, strlen(hash) + 1);
    access->token_count = TOKENS;
    access->tokens[TOKEN_READ] =
        (struct net_token){.name = "prometheus", .rights = RIGHT_READ, .until_s = INT64_MAX};
    access->tokens[TOKEN_ACT] =
        (struct net_token){.name = "pipeline", .rights = RIGHT_ACT, .until_s = INT64_MAX};
    access->tokens[TOKEN_OLD] =
        (struct net_token){.name = "old", .rights = RIGHT_READ, .until_s = 1};
    for (uint32_t i = 0; i < TOKENS; i++)
        assert_true(token_make(p->tokens[i], access->tokens[i].sha256));
    return p;
}

// ---- what the functions decide

static struct mono at_s(int64_t s)
{
    return (struct mono){s * NS_PER_S};
}

static const struct address somewhere = {FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};

static struct web_answer log_in(struct web_login *login, const char *name, const char *password,
                                int64_t now_s)
{
    char body[128];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"%s\"}", name, password);
    const struct web_request request = {.method = WEB_POST,
                                        .host = "a:1",
                                        .body = body,
                                        .body_size = strlen(body),
                                        .from = somewhere};
    return web_login_answer(login, &request, at_s(now_s));
}

// A browser: its cookie, and what its page knows.
struct browser {
    char cookie[WEB_COOKIE_MAX], csrf[WEB_SECRET_TEXT_MAX];
};

static struct browser of_answer(struct web_answer *answer)
{
    struct browser b = {0};
    const char *csrf = strstr(answer->bytes, "\"csrf\":\"");
    assert_true(answer->status == MHD_HTTP_OK && csrf);
    snprintf(b.csrf, sizeof b.csrf, "%s", csrf + 8);
    snprintf(b.cookie, sizeof b.cookie, "%.*s", (int)strcspn(answer->cookie, ";"), answer->cookie);
    free(answer->own);
    return b;
}

static struct web_person ask(struct web_login *login, const struct browser *b, bool posts,
                             int64_t now_s)
{
    const struct web_request request = {.method = posts ? WEB_POST : WEB_GET,
                                        .host = "a:1",
                                        .cookie = b->cookie,
                                        .csrf = posts ? b->csrf : NULL,
                                        .from = somewhere};
    return web_person_of(login, &request, at_s(now_s));
}

static void remembers_for_a_while(void **state)
{
    (void)state;
    enum { START_S = 100, QUARTER_S = 900, HALF_S = 1800 };
    struct people *p = make_people();
    struct web_login *login = web_login_new(&p->net, true, -1);
    struct web_answer answer = log_in(login, "anna", PASSWORD, START_S);
    assert_true(strncmp(answer.cookie, "__Host-fairlead=", 16) == 0);
    assert_non_null(strstr(answer.cookie, "; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; "
                                          "Secure"));
    struct browser anna = of_answer(&answer);
    struct web_person person = ask(login, &anna, true, START_S + QUARTER_S - 1);
    assert_string_equal(person.name, "anna");
    assert_int_equal(person.rights, RIGHTS_ALL);
    int64_t acted_s = START_S + QUARTER_S - 1;  // from then on it counts
    assert_int_equal(ask(login, &anna, true, acted_s + QUARTER_S - 1).rights, RIGHTS_ALL);
    acted_s += QUARTER_S - 1;
    for (int i = 1; i <= 20; i++) {  // a page that only looks does not act
        person = ask(login, &anna, false, acted_s + i * QUARTER_S);
        assert_int_equal(person.rights, RIGHT_READ | RIGHT_ACK);
        assert_int_equal(person.lack, WEB_LACKS_TIME);
    }
    answer = web_session_answer(login, &person, at_s(acted_s + 20 * QUARTER_S));
    assert_non_null(strstr(answer.bytes, "\"rights\":[\"read\",\"ack\"],\"asleep\":[\"act\","
                                         "\"admin\"],"));
    assert_non_null(strstr(answer.bytes, "\"act_s\":0"));
    free(answer.own);
    person = ask(login, &anna, true, acted_s + 20 * QUARTER_S);  // nor brings the right back
    assert_int_equal(person.rights, RIGHT_READ | RIGHT_ACK);
    assert_int_equal(ask(login, &anna, false, acted_s + 20 * QUARTER_S + 3600).lack,
                     WEB_LACKS_LOGIN);
    web_login_free(login);
    free(p);
}

static void believes_only_its_own_pages(void **state)
{
    (void)state;
    struct people *p = make_people();
    struct web_login *login = web_login_new(&p->net, false, -1);
    struct web_answer answer = log_in(login, "anna", PASSWORD, 0);
    assert_null(strstr(answer.cookie, "Secure"));
    struct browser anna = of_answer(&answer), other = anna;
    static const struct {
        const char *origin;
        bool right;
    } rows[] = {{NULL, true},    {"http://a:1", true}, {"https://a:1", true}, {"http://a:2", false},
                {"null", false}, {"https://b", false}, {"https://c:3", true}, {"https://c", false}};
    strcpy(p->net.access.url, "https://c:3");  // a proxy before it
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct web_request request = {.method = WEB_POST,
                                            .host = "a:1",
                                            .origin = rows[i].origin,
                                            .cookie = anna.cookie,
                                            .csrf = anna.csrf};
        struct web_person person = web_person_of(login, &request, at_s(0));
        CHECK_ROW(rows[i].origin ? rows[i].origin : "none",
                  (person.rights == RIGHTS_ALL) == rows[i].right);
        CHECK_ROW("lacks", rows[i].right || person.lack == WEB_LACKS_CSRF);
    }
    other.csrf[0] = other.csrf[0] == '0' ? '1' : '0';
    assert_int_equal(ask(login, &other, true, 0).rights, 0);
    assert_int_equal(ask(login, &other, false, 0).rights, RIGHTS_ALL);  // to read takes none
    web_login_free(login);
    free(p);
}

static void holds_up_who_guesses(void **state)
{
    (void)state;
    struct people *p = make_people();
    struct web_login *login = web_login_new(&p->net, true, -1);
    struct web_answer answer;
    for (int i = 0; i < 6; i++) {
        answer = log_in(login, i % 2 ? "anna" : "carl", "correct horse batterx", 0);
        assert_int_equal(answer.status, MHD_HTTP_UNAUTHORIZED);
        assert_string_equal(answer.bytes, "{\"error\":\"wrong name or password\"}");
        assert_true(answer.cookie[0] == '\0');
        free(answer.own);
    }
    answer = log_in(login, "anna", PASSWORD, 1);
    assert_int_equal(answer.status, MHD_HTTP_TOO_MANY_REQUESTS);
    assert_true(answer.retry_after_s >= 9 && answer.retry_after_s <= 10);
    free(answer.own);
    answer = log_in(login, "anna", PASSWORD, 11);
    assert_int_equal(answer.status, MHD_HTTP_OK);
    free(answer.own);
    web_login_free(login);
    free(p);
}

static void counts_the_requests_of_each(void **state)
{
    (void)state;
    struct people *p = make_people();
    struct web_login *login = web_login_new(&p->net, true, -1);
    char header[64];
    int passed = 0;
    for (int i = 0; i < 60; i++) {
        snprintf(header, sizeof header, "Bearer %s", p->tokens[TOKEN_READ]);
        const struct web_request request = {.host = "a", .authorization = header};
        passed += web_person_of(login, &request, at_s(5)).rights == RIGHT_READ;
    }
    assert_int_equal(passed, 40);
    snprintf(header, sizeof header, "Bearer %s", p->tokens[TOKEN_ACT]);  // another's is its own
    const struct web_request request = {.host = "a", .authorization = header};
    assert_int_equal(web_person_of(login, &request, at_s(5)).rights, RIGHT_ACT);
    web_login_free(login);
    free(p);
}

// ---- as a client meets it

struct site {
    struct people *people;
    char place[32], base[64];
    pid_t pid;
    int channel;
};

static void make_certificate(struct site *s)
{
    struct net_access *access = &s->people->net.access;
    char command[512];
    strcpy(s->place, "/tmp/fairlead-web-XXXXXX");
    assert_non_null(mkdtemp(s->place));
    snprintf(command, sizeof command,
             "cd %s && openssl req -x509 -days 2 -subj /CN=localhost -newkey ec -pkeyopt "
             "ec_paramgen_curve:P-256 -nodes -keyout key -out pem -addext "
             "subjectAltName=IP:127.0.0.1,IP:::1 2>/dev/null && chmod 600 key",
             s->place);
    assert_int_equal(system(command), 0);
    snprintf(access->tls_certificate, sizeof access->tls_certificate, "%s/pem", s->place);
    snprintf(access->tls_key, sizeof access->tls_key, "%s/key", s->place);
}

static int listen_on(enum family family, uint16_t *port)
{
    const struct address loopback[FAMILIES] = {
        [FAMILY_IPV4] = {FAMILY_IPV4, {127, 0, 0, 1}}, [FAMILY_IPV6] = {FAMILY_IPV6, {[15] = 1}}};
    union endpoint at = endpoint_of(loopback[family], 0);
    socklen_t size = endpoint_size(&at);
    int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(bind(fd, &at.any, size) == 0 && listen(fd, 5) == 0);
    getsockname(fd, &at.any, &size);
    *port = ntohs(family == FAMILY_IPV4 ? at.ipv4.sin_port : at.ipv6.sin6_port);
    return fd;
}

static struct site *open_site(enum family family)
{
    struct site *s = calloc(1, sizeof *s);
    uint16_t port;
    int channel[2], fd = listen_on(family, &port);
    s->people = make_people();
    make_certificate(s);
    snprintf(s->base, sizeof s->base, "https://%s:%u",
             family == FAMILY_IPV4 ? "127.0.0.1" : "[::1]", port);
    assert_int_equal(channel_pair(channel), 0);
    s->pid = fork();
    if (s->pid == 0) {
        char pid[16], why[ROLE_ERROR_MAX];
        int own_end = dup2(channel[1], 50);
        dup2(fd, 3);
        close(channel[0]);
        snprintf(pid, sizeof pid, "%d", (int)getppid());
        setenv("LISTEN_FDS", "1", 1);
        setenv("LISTEN_PID", pid, 1);
        struct web_role *role = web_role_open(&s->people->net, why);
        _exit(role ? web_role_run(role, own_end) : 99);
    }
    close(channel[1]);
    close(fd);
    s->channel = channel[0];
    channel_send_text(s->channel, "{\"a\":1}", 7);
    return s;
}

static void close_site(struct site *s)
{
    char command[64];
    int status;
    close(s->channel);
    waitpid(s->pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    snprintf(command, sizeof command, "rm -r %s", s->place);
    assert_int_equal(system(command), 0);
    free(s->people);
    free(s);
}

enum { REPLY_BYTES_MAX = 4096 };  // of which the beginning is enough

struct reply {
    long status;  // 0: none came
    char text[REPLY_BYTES_MAX], headers[REPLY_BYTES_MAX];
};

static size_t take(char *bytes, size_t one, size_t count, void *context)
{
    char *text = context;
    size_t had = strlen(text), size = one * count;
    size_t room = REPLY_BYTES_MAX - 1 - had;
    memcpy(text + had, bytes, size < room ? size : room);
    return size;
}

struct question {
    const char *path, *body;  // `body` NULL: GET
    const char *headers[3];
    long version;  // of TLS; 0: any
};

// Like a browser, it knows the certificate and believes no other.
static void fetch_into(const struct site *s, struct question q, struct reply *reply)
{
    char url[128], pem[64];
    struct curl_slist *headers = NULL;
    CURL *curl = curl_easy_init();
    snprintf(url, sizeof url, "%s%s", s->base, q.path);
    snprintf(pem, sizeof pem, "%s/pem", s->place);
    for (int i = 0; i < 3 && q.headers[i]; i++)
        headers = curl_slist_append(headers, q.headers[i]);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, pem);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60l);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply->text);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply->headers);
    if (q.body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, q.body);
    if (q.version)
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, q.version);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}

static struct reply fetch(const struct site *s, struct question q)
{
    struct reply reply = {0};
    fetch_into(s, q, &reply);
    return reply;
}

#define GET(path_, ...) fetch(s, (struct question){.path = path_, .headers = {__VA_ARGS__}})
#define POST(path_, body_, ...)                                                                    \
    fetch(s, (struct question){.path = path_, .body = body_, .headers = {__VA_ARGS__}})
#define EXPECT(reply_, status_, text_)                                                             \
    do {                                                                                           \
        const struct reply r_ = (reply_);                                                          \
        if (r_.status != (status_) || !strstr(r_.text, text_))                                     \
            fail_msg("line %d: %ld %s", __LINE__, r_.status, r_.text);                             \
    } while (0)

static void tries_without_login(const struct site *s)
{
    EXPECT(GET("/api/v1/status", NULL), 401, "who are you");
    EXPECT(GET("/metrics", NULL), 401, "who are you");
    assert_int_not_equal(GET("/healthz", NULL).status, 401);  // whatever it says
    EXPECT(GET("/api/v1/session", NULL), 200,
           "{\"name\":\"\",\"rights\":[],\"asleep\":[],\"csrf\":\"\",\"login\":\"password\",\"act_"
           "s\":0}");
    EXPECT(POST("/api/v1/login", "{\"name\":\"anna\"}", NULL), 400, "no login");
    EXPECT(POST("/api/v1/login", "{\"name\":\"anna\",\"password\":\"" PASSWORD "\"}",
                "Origin: https://evil.example"),
           403, "not of this host");
    EXPECT(POST("/api/v1/login", "{\"name\":\"anna\",\"password\":\"\"}", NULL), 401,
           "wrong name or password");
    EXPECT(GET("/api/v1/session", "Host: evil.example"), 200, "\"name\":\"\"");
    EXPECT(fetch(s, (struct question){.path = "/",
                                      .version =
                                          CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2}),
           200, "<title>");
    EXPECT(fetch(s, (struct question){.path = "/",
                                      .version =
                                          CURL_SSLVERSION_TLSv1_1 | CURL_SSLVERSION_MAX_TLSv1_1}),
           0, "");
}

static void tries_tokens(const struct site *s)
{
    char read[96], act[96], old[96];
    snprintf(read, sizeof read, "Authorization: Bearer %s", s->people->tokens[TOKEN_READ]);
    snprintf(act, sizeof act, "Authorization: Bearer %s", s->people->tokens[TOKEN_ACT]);
    snprintf(old, sizeof old, "Authorization: Bearer %s", s->people->tokens[TOKEN_OLD]);
    EXPECT(GET("/metrics", read), 200, "fairlead_up");
    EXPECT(GET("/api/v1/status", act), 403, "pipeline may not: that takes the right 'read'");
    EXPECT(GET("/metrics", old), 401, "its time is over");
    EXPECT(GET("/metrics", "Authorization: Bearer fl_x"), 401, "none of access.tokens");
}

struct stay {
    char cookie[128], csrf[96];
};

static struct stay stay_of(const struct site *s, const char *body)
{
    struct stay stay;
    struct reply reply = POST("/api/v1/login", body, NULL);
    const char *set = strstr(reply.headers, "Set-Cookie: "),
               *csrf = strstr(reply.text, "csrf\":\"");
    if (reply.status != 200 || !set || !csrf)
        fail_msg("%ld %s", reply.status, reply.text);
    assert_non_null(strstr(reply.headers, "Strict-Transport-Security: max-age="));
    snprintf(stay.cookie, sizeof stay.cookie, "Cookie: %.*s", (int)strcspn(set + 12, ";"),
             set + 12);
    snprintf(stay.csrf, sizeof stay.csrf, "X-Fairlead-Csrf: %.64s", csrf + 7);
    return stay;
}

struct listener {
    const struct site *site;
    const char *cookie;
    struct reply heard;
};

static void *listen_on_and_on(void *context)
{
    struct listener *l = context;
    fetch_into(l->site, (struct question){.path = "/api/v1/stream", .headers = {l->cookie}},
               &l->heard);
    return NULL;
}

// Who listens hears no more from then on.
static void logs_out(const struct site *s, const struct stay *stay)
{
    static struct listener listener;
    pthread_t thread;
    listener = (struct listener){s, stay->cookie, {0}};
    assert_int_equal(pthread_create(&thread, NULL, listen_on_and_on, &listener), 0);
    while (__atomic_load_n(listener.heard.text, __ATOMIC_ACQUIRE) == 0)
        poll(NULL, 0, 1);
    EXPECT(POST("/api/v1/logout", "", stay->cookie, stay->csrf), 200, "\"name\":\"\"");
    pthread_join(thread, NULL);
    EXPECT(listener.heard, 200, "event: picture");
}

static void logs_in_and_out(const struct site *s)
{
    struct stay ben = stay_of(s, "{\"name\":\"ben\",\"password\":\"" PASSWORD "\"}");
    EXPECT(GET("/api/v1/session", ben.cookie), 200, "{\"name\":\"ben\",\"rights\":[\"read\"],");
    EXPECT(GET("/api/v1/status", ben.cookie), 200, "{\"a\":1}");
    EXPECT(POST("/api/v1/acts/freeze", "{}", ben.cookie, ben.csrf), 403,
           "ben may not: that takes the right 'act'");
    EXPECT(POST("/api/v1/logout", "", ben.cookie), 403, "X-Fairlead-Csrf");
    EXPECT(POST("/api/v1/logout", "", ben.cookie, ben.csrf, "Origin: https://b"), 403,
           "X-Fairlead-Csrf");
    logs_out(s, &ben);
    EXPECT(GET("/api/v1/status", ben.cookie), 401, "who are you");
}

// Who came and went until then, from `told`, one behind the other.
static void are_told(const struct site *s, const char *told)
{
    static const char *const wanted[] = {
        "{\"entry\":\"login_refused\",\"name\":\"anna\",\"from\":\"%s\"}",
        "{\"entry\":\"login\",\"name\":\"ben\",\"from\":\"%s\"}",
        "{\"entry\":\"logout\",\"name\":\"ben\",\"from\":\"%s\"}",
        "{\"entry\":\"login\",\"name\":\"anna\",\"from\":\"%s\"}",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        char line[128];
        snprintf(line, sizeof line, wanted[i], strchr(s->base, '[') ? "::1" : "127.0.0.1");
        told = strstr(told, line);
        assert_non_null(told);
    }
    assert_null(strstr(told, PASSWORD));
}

// Answers the next question that the web process hands on, as the engine would.
static void *answer_one(void *context)
{
    char told[4096] = "";
    static const char answer[] = "{\"done\":true,\"accepted\":true,\"text\":\"frozen\"}\n";
    const struct site *s = context;
    char caller[256] = "", question[512];
    size_t size;
    int fd;
    struct pollfd readable = {.fd = s->channel, .events = POLLIN};
    do {
        memset(caller, 0, sizeof caller);
        assert_int_equal(poll(&readable, 1, 60 * 1000), 1);
        assert_int_equal(handover_hear(s->channel, caller, sizeof caller - 1, &size, &fd), 1);
        if (fd < 0)
            strncat(told, caller, sizeof told - strlen(told) - 1);
    } while (fd < 0);
    are_told(s, told);
    assert_non_null(strstr(caller, "\"name\":\"anna\""));
    assert_true(recv(fd, question, sizeof question, 0) > 0);
    send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

static void acts(struct site *s)
{
    pthread_t engine;
    struct stay anna = stay_of(s, "{\"name\":\"anna\",\"password\":\"" PASSWORD "\"}");
    EXPECT(POST("/api/v1/acts/freeze", "{}", anna.cookie), 403, "X-Fairlead-Csrf");
    assert_int_equal(pthread_create(&engine, NULL, answer_one, s), 0);
    EXPECT(POST("/api/v1/acts/freeze", "{\"reason\":\"test\"}", anna.cookie, anna.csrf), 200,
           "\"text\":\"frozen\"");
    pthread_join(engine, NULL);
}

static void is_met_by_clients(void **state)
{
    (void)state;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site *s = open_site(family);
        while (GET("/healthz", NULL).status == 0)
            continue;
        tries_without_login(s);
        tries_tokens(s);
        logs_in_and_out(s);
        acts(s);
        close_site(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remembers_for_a_while), cmocka_unit_test(believes_only_its_own_pages),
        cmocka_unit_test(holds_up_who_guesses),  cmocka_unit_test(counts_the_requests_of_each),
        cmocka_unit_test(is_met_by_clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
