// SPDX-License-Identifier: ISC
// The link in a page from its reader's side, with a hand-made engine behind it.
#include "role/web_ack.h"

#include "base/check.h"
#include "role/channel.h"
#include "role/handover.h"
#include "role/now.h"
#include "web/link.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char picture[] =
    "{\"engine\":{\"run_s\":1795675609,\"outages\":[{\"outage\":3,\"title\":\"<b>loss</b>\"}],"
    "\"pages\":{\"cases\":[{\"outage\":3,\"run_s\":1795675500,\"state\":\"open\"},"
    "{\"outage\":2,\"state\":\"over\"}]}}}";

struct house {
    struct net net;
    struct web_http http;
    int engine;
};

static struct house *house_open(void)
{
    struct house *h = calloc(1, sizeof *h);
    int ends[2];
    assert_int_equal(channel_pair(ends), 0);
    strcpy(h->net.site, "fra1");
    h->http = (struct web_http){.net = &h->net,
                                .status = strdup(picture),
                                .status_size = sizeof picture - 1,
                                .now = now_mono()};
    strcpy(h->http.link_secret, "0123456789abcdef0123456789abcdef");
    web_questions_init(&h->http.questions, ends[0]);
    h->engine = ends[1];
    return h;
}

static void house_close(struct house *h)
{
    web_questions_done(&h->http.questions);
    close(h->http.questions.channel);
    close(h->engine);
    free(h->http.status);
    free(h);
}

struct press {
    uint32_t outage;
    int64_t run_s, left_s;
    const char *secret;  // NULL: ours
};

// A request by such a link: to be asked, or with the button pressed.
static struct web_answer follow(struct house *h, struct press press, bool posts)
{
    struct web_link link = {press.outage, press.run_s, "anna",
                            now_wall().ns / NS_PER_S + press.left_s};
    const struct web_link_key key = {press.secret ? press.secret : h->http.link_secret, "fra1"};
    char text[WEB_LINK_TEXT_MAX];
    struct web_request request = {.method = posts ? WEB_POST : WEB_GET, .path = WEB_LINK_PATH};
    web_link_write(&link, key, text);
    for (char *pair = strtok(strchr(text, '?') + 1, "&"); pair; pair = strtok(NULL, "&")) {
        char *value = strchr(pair, '=');
        *value++ = '\0';
        request.query[request.query_count++] = (struct web_pair){pair, value};
    }
    return posts ? web_ack_do(&h->http, &request) : web_ack_ask(&h->http, &request);
}

static const struct press good = {3, 1795675609, 100, NULL};

static bool engine_was_asked(const struct house *h)
{
    char text[256];
    return recv(h->engine, text, sizeof text, MSG_DONTWAIT | MSG_PEEK) >= 0;
}

static void check_page(const char *name, struct web_answer answer, unsigned status,
                       const char *holds)
{
    if (answer.status != status || !strstr(answer.bytes, holds))
        fail_msg("%s: %u %s", name, answer.status, (const char *)answer.bytes);
    assert_true(answer.policy && strstr(answer.policy, "default-src 'none'"));
    free(answer.own);
}

// Programs that look through mail follow links.
static void only_asks_when_it_is_followed(void **state)
{
    (void)state;
    struct house *h = house_open();
    static const struct press earlier = {3, 1795675608, 100, NULL};  // it was open then, too
    check_page("good", follow(h, good, false), 200, "&lt;b&gt;loss&lt;/b&gt;</p><form");
    check_page("earlier", follow(h, earlier, false), 200, "&lt;b&gt;loss&lt;/b&gt;</p><form");
    assert_false(engine_was_asked(h));
    house_close(h);
}

static const struct {
    const char *name;
    struct press press;
    unsigned status;
    const char *holds;
} bad[] = {
    {"over", {2, 1795675609, 100, NULL}, 410, "no longer open"},
    {"of no outage", {4, 1795675609, 100, NULL}, 410, "no longer open"},
    {"of a run before it began", {3, 1795675499, 100, NULL}, 410, "started anew"},
    {"of a run to come", {3, 1795675610, 100, NULL}, 410, "started anew"},
    {"of another run", {2, 1795675608, 100, NULL}, 410, "started anew"},
    {"too old", {3, 1795675609, 0, NULL}, 410, "too old"},
    {"by somebody else", {3, 1795675609, 100, "another secret"}, 403, "no link of ours"},
};

static void believes_no_other(void **state)
{
    (void)state;
    struct house *h = house_open();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (int posts = 0; posts < 2; posts++)
            check_page(bad[i].name, follow(h, bad[i].press, posts), bad[i].status, bad[i].holds);
    assert_false(engine_was_asked(h));
    struct web_answer answer;
    h->http.link_secret[0] = '\0';  // no secret, no links: not those of an empty one either
    answer = follow(h, (struct press){3, 1795675609, 100, ""}, true);
    check_page("without a secret", answer, 403, "no link of ours");
    h->http.status_size = 0;
    strcpy(h->http.link_secret, "0123456789abcdef0123456789abcdef");
    check_page("silent", follow(h, good, true), 503, "try again");
    assert_false(engine_was_asked(h));
    house_close(h);
}

// What the engine is asked, and by whom; `answer` is what it says to it.
static struct web_answer press_button(struct house *h, const char *answer, char caller[256],
                                      char question[256])
{
    size_t size;
    int fd;
    struct web_answer later = follow(h, good, true);
    assert_non_null(later.later);
    assert_int_equal(handover_receive(h->engine, caller, 255, &size, &fd), 1);
    caller[size] = '\0';
    ssize_t got = recv(fd, question, 255, 0);
    question[got > 0 ? got : 0] = '\0';
    send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    close(fd);
    while (later.later->fd >= 0)
        web_questions_turn(&h->http.questions, h->http.now);
    struct web_answer said = web_asked_answer(later.later);
    web_questions_drop(&h->http.questions, later.later);
    return said;
}

static void acknowledges_when_the_button_is_pressed(void **state)
{
    (void)state;
    char caller[256], question[256];
    struct house *h = house_open();
    struct web_answer said = press_button(
        h, "{\"done\":true,\"accepted\":true,\"number\":3,\"text\":\"it is anna's\"}\n", caller,
        question);
    check_page("taken", said, 200, "You have it.");
    assert_non_null(strstr(caller, "\"name\":\"anna\",\"rights\":[\"ack\"]"));
    assert_non_null(strstr(question, "{\"ask\":\"ack\",\"version\":1,"));
    assert_non_null(strstr(question, "\"number\":3"));
    said = press_button(h, "{\"done\":true,\"accepted\":false,\"text\":\"outage 3 is over\"}\n",
                        caller, question);
    check_page("refused", said, 409, "<p>outage 3 is over</p>");
    said = press_button(h, "{\"error\":\"anna may not\",\"exit\":1}\n", caller, question);
    check_page("an error", said, 409, "anna may not");
    said = press_button(h, "", caller, question);
    check_page("no answer", said, 409, "That was not taken");
    house_close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_asks_when_it_is_followed),
        cmocka_unit_test(believes_no_other),
        cmocka_unit_test(acknowledges_when_the_button_is_pressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
