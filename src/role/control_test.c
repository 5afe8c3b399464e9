// SPDX-License-Identifier: ISC
#include "role/control.h"

#include "base/check.h"
#include "role/handover.h"
#include "role/now.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { TURNS_MAX = 20000, BIG = 8 << 20, ALONG = 140 * 1000 };

struct house {
    char directory[32];
    struct net net;
    struct spawn_user user;
    struct control *control;
    uv_loop_t loop;
    int handover[2];
    bool big;
};

// Knows the status; a big one if the test wants it. And what it is asked to do.
static char *answer(void *context, const struct ask *ask, const struct person *person, size_t *size)
{
    bool *big = context;
    if (ask->kind == ASK_FREEZE) {
        char *said = NULL;
        int length = asprintf(&said, "{\"uid\":%u,\"may\":%d,\"reason\":\"%s\"}\n", person->uid,
                              person->rights == RIGHTS_ALL, ask->act.reason);
        *size = length < 0 ? 0 : (size_t)length;
        return length < 0 ? NULL : said;
    }
    if (ask->kind != ASK_STATUS)
        return NULL;
    *size = *big ? BIG : 3;
    char *text = malloc(*size);
    memset(text, 'x', *size);
    memcpy(text + *size - 3, "{}\n", 3);
    return text;
}

// Bytes of any sort and more than a line: nearly all that a message may hold.
static void *along(void *context, const struct ask *ask, size_t *size)
{
    (void)context;
    if (ask->kind != ASK_WHATIF)
        return NULL;
    *size = ALONG;
    char *bytes = malloc(ALONG);
    for (size_t i = 0; i < ALONG; i++)
        bytes[i] = (char)(i % 256);
    return bytes;
}

static void house_open(struct house *h)
{
    char why[ROLE_ERROR_MAX];
    memset(h, 0, sizeof *h);
    strcpy(h->directory, "/tmp/control-XXXXXX");
    assert_non_null(mkdtemp(h->directory));
    snprintf(h->net.control_path, sizeof h->net.control_path, "%s/run/x.sock", h->directory);
    h->control = control_open(&h->net, &h->user, why);
    if (!h->control)
        fail_msg("%s", why);
    assert_int_equal(uv_loop_init(&h->loop), 0);
    assert_int_equal(handover_pair(h->handover), 0);
    assert_int_equal(control_start(h->control, &h->loop,
                                   (struct asker_answers){answer, &h->big, along},
                                   (struct asker_handovers){h->handover[0], -1}),
                     0);
}

static void house_close(struct house *h)
{
    char path[NET_TEXT_MAX];
    control_close(h->control);
    uv_run(&h->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&h->loop), 0);
    close(h->handover[0]);
    if (h->handover[1] >= 0)
        close(h->handover[1]);
    assert_int_equal(access(h->net.control_path, F_OK), -1);
    snprintf(path, sizeof path, "%s/run", h->directory);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(h->directory), 0);
}

static int call(const struct house *h)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, h->net.control_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

// Turns the loop until the connection ends; what came before, up to `size` bytes.
static size_t hear(struct house *h, int fd, char *text, size_t size)
{
    size_t length = 0;
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        char scratch[1 << 16];
        uv_run(&h->loop, UV_RUN_NOWAIT);
        ssize_t got = recv(fd, scratch, sizeof scratch, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            close(fd);
            text[length < size ? length : size - 1] = '\0';
            return length;
        }
        for (ssize_t i = 0; i < got; i++, length++) {
            if (length < size)
                text[length] = scratch[i];
        }
    }
    fail_msg("no end of the answer");
    return 0;
}

static const struct {
    const char *name, *question, *answer;
} rows[] = {
    {"a question", "{\"ask\":\"status\",\"version\":1}\n", "{}\n"},
    {"with more behind it", "{\"ask\":\"status\",\"version\":1}\nmore\n", "{}\n"},
    {"no JSON", "status\n", "{\"error\":\"not a question: not JSON: "},
    {"an empty line", "\n", "{\"error\":\"not a question: not JSON: "},
    {"no such question", "{\"ask\":\"moon\"}\n",
     "{\"error\":\"not a question: 'ask': no such kind\",\"exit\":2}\n"},
    {"from another time", "{\"ask\":\"status\",\"version\":2}\n",
     "{\"error\":\"version 2 was asked, this daemon answers 1\",\"exit\":2}\n"},
    {"bytes that are no text", "\xff\x1b[2J\n", "{\"error\":\"not a question: not JSON: "},
};

static void answers_questions(void **state)
{
    (void)state;
    struct house h;
    house_open(&h);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        int fd = call(&h);
        say(fd, rows[i].question);
        hear(&h, fd, text, sizeof text);
        if (strncmp(text, rows[i].answer, strlen(rows[i].answer)) != 0)
            fail_msg("row '%s': %s", rows[i].name, text);
        CHECK_ROW(rows[i].name, !strchr(text, '\x1b') && text[strlen(text) - 1] == '\n');
    }
    house_close(&h);
}

// The kernel says who it is: here whoever runs this, who may act.
static void says_who_asks(void **state)
{
    (void)state;
    struct house h;
    char text[128], expected[128];
    house_open(&h);
    int fd = call(&h);
    say(fd, "{\"ask\":\"freeze\",\"version\":1,\"reason\":\"why\"}\n");
    hear(&h, fd, text, sizeof text);
    snprintf(expected, sizeof expected, "{\"uid\":%u,\"may\":1,\"reason\":\"why\"}\n", geteuid());
    assert_string_equal(text, expected);
    house_close(&h);
}

static void takes_a_question_in_pieces(void **state)
{
    (void)state;
    static const char question[] = "{\"ask\":\"status\",\"version\":1}\n";
    struct house h;
    char text[8];
    house_open(&h);
    int fd = call(&h);
    for (const char *c = question; *c; c++) {
        assert_int_equal(send(fd, c, 1, MSG_NOSIGNAL), 1);
        uv_run(&h.loop, UV_RUN_NOWAIT);
    }
    hear(&h, fd, text, sizeof text);
    assert_string_equal(text, "{}\n");
    house_close(&h);
}

static void bounds_a_question(void **state)
{
    (void)state;
    struct house h;
    char text[128], question[4 * ASK_LINE_MAX];
    house_open(&h);
    int fd = call(&h);
    memset(question, ' ', sizeof question);
    (void)send(fd, question, sizeof question, MSG_NOSIGNAL);
    hear(&h, fd, text, sizeof text);
    assert_true(strstr(text, "too long") || text[0] == '\0');  // unread bytes may reset it
    close(call(&h));                                           // whoever leaves without a word
    uv_run(&h.loop, UV_RUN_NOWAIT);
    uv_run(&h.loop, UV_RUN_NOWAIT);
    house_close(&h);
}

static void hands_over_what_others_know(void **state)
{
    (void)state;
    static const char question[] = "{\"ask\":\"upstreams\",\"version\":1}";
    struct house h;
    char text[512];
    size_t size = 0;
    int client = -1, came = 0;
    house_open(&h);
    int fd = call(&h);
    say(fd, question);
    say(fd, "\n");
    for (int turn = 0; turn < TURNS_MAX && came == 0; turn++) {
        uv_run(&h.loop, UV_RUN_NOWAIT);
        came = handover_receive(h.handover[1], text, sizeof text, &size, &client);
    }
    assert_int_equal(came, 1);
    assert_int_equal(size, strlen(question));
    assert_memory_equal(text, question, size);
    say(client, "from the other\n");
    close(client);
    hear(&h, fd, text, sizeof text);
    assert_string_equal(text, "from the other\n");

    close(h.handover[1]);
    h.handover[1] = -1;
    fd = call(&h);
    say(fd, question);
    say(fd, "\n");
    hear(&h, fd, text, sizeof text);
    assert_string_equal(text,
                        "{\"error\":\"the process that holds the tables is gone\",\"exit\":3}\n");
    fd = call(&h);
    say(fd, "{\"ask\":\"history\",\"version\":1,\"what\":\"facts\",\"of\":\"\",\"from_s\":0,"
            "\"until_s\":1,\"step_s\":0}\n");
    hear(&h, fd, text, sizeof text);
    assert_true(strstr(text, "nothing is kept"));
    house_close(&h);
}

static const char question_what_if[] =
    "{\"ask\":\"whatif\",\"version\":1,\"object\":\"site\",\"each\":false}";

// What came, into `text`; its size.
static size_t hand_over_what_if(struct house *h, char *text, size_t room)
{
    size_t size = 0;
    int client = -1, came = 0;
    int fd = call(h);
    say(fd, question_what_if);
    say(fd, "\n");
    for (int turn = 0; turn < TURNS_MAX && came == 0; turn++) {
        uv_run(&h->loop, UV_RUN_NOWAIT);
        came = handover_receive(h->handover[1], text, room, &size, &client);
    }
    assert_int_equal(came, 1);
    close(client);
    close(fd);
    return size;
}

// In one message; where the host's sockets are too small for it the question goes alone.
static void sends_along_what_only_it_knows(void **state)
{
    (void)state;
    static char text[sizeof question_what_if + ALONG + 1];
    const size_t length = sizeof question_what_if - 1;
    struct house h;
    house_open(&h);
    assert_int_equal(hand_over_what_if(&h, text, sizeof text), length + 1 + ALONG);
    assert_memory_equal(text, question_what_if, length);
    for (size_t i = 0; i < ALONG; i++)
        assert_int_equal((uint8_t)text[length + 1 + i], i % 256);
    int little = 16 * 1024;
    assert_int_equal(setsockopt(h.handover[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof little), 0);
    assert_int_equal(hand_over_what_if(&h, text, sizeof text), length);
    assert_memory_equal(text, question_what_if, length);
    house_close(&h);
}

static void is_delayed_by_nobody(void **state)
{
    (void)state;
    static const char question[] = "{\"ask\":\"status\",\"version\":1}\n";
    struct house h;
    int idle[ASKERS_MAX];
    char text[128];
    house_open(&h);
    h.big = true;
    for (int i = 0; i < ASKERS_MAX; i++) {  // ask for much and read nothing, or say nothing
        idle[i] = call(&h);
        if (i % 2)
            say(idle[i], question);
        for (int turn = 0; turn < 20; turn++)
            uv_run(&h.loop, UV_RUN_NOWAIT);
    }
    int fd = call(&h);
    hear(&h, fd, text, sizeof text);
    assert_string_equal(text, "{\"error\":\"too many questions at once: ask again\",\"exit\":3}\n");
    struct mono now = now_mono();
    control_tick(h.control, now);
    fd = call(&h);
    hear(&h, fd, text, sizeof text);
    assert_true(strstr(text, "too many"));
    control_tick(h.control, mono_add_ms(now, ASKER_PATIENCE_MS + 1000));
    fd = call(&h);
    say(fd, question);
    assert_int_equal(hear(&h, fd, text, sizeof text), BIG);
    for (int i = 0; i < ASKERS_MAX; i++)
        close(idle[i]);
    house_close(&h);
}

static void ends_with_clients(void **state)
{
    (void)state;
    struct house h;
    house_open(&h);
    int fd = call(&h);
    for (int turn = 0; turn < 20; turn++)
        uv_run(&h.loop, UV_RUN_NOWAIT);
    int fds[ASKERS_MAX + 1];
    assert_int_equal(control_descriptors(h.control, fds, ASKERS_MAX + 1), 2);
    assert_int_equal(control_descriptors(h.control, fds, 1), 1);
    house_close(&h);
    close(fd);
}

static void is_private_and_respects_others(void **state)
{
    (void)state;
    struct house h;
    struct stat there;
    char why[ROLE_ERROR_MAX];
    house_open(&h);
    assert_int_equal(stat(h.net.control_path, &there), 0);
    assert_int_equal(there.st_mode & 07777, 0600);
    assert_null(control_open(&h.net, &h.user, why));
    assert_non_null(strstr(why, "another fairlead serves it"));
    close(call(&h));  // it still is there
    house_close(&h);

    // One that nobody serves is replaced; what is no socket is not.
    struct house again;
    house_open(&again);
    struct net net = again.net;
    snprintf(net.control_path, sizeof net.control_path, "%s/stale", again.directory);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, net.control_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    struct control *control = control_open(&net, &again.user, why);
    assert_non_null(control);
    control_close(control);
    fclose(fopen(net.control_path, "w"));
    assert_null(control_open(&net, &again.user, why));
    assert_int_equal(unlink(net.control_path), 0);
    strcpy(net.control_group, "no-such-group");
    assert_null(control_open(&net, &again.user, why));
    assert_non_null(strstr(why, "no such group"));
    assert_int_equal(access(net.control_path, F_OK), -1);
    net.control_group[0] = '\0';
    strcpy(net.control_act_group, "no-such-group");
    assert_null(control_open(&net, &again.user, why));
    assert_non_null(strstr(why, "no such group"));
    strcpy(net.control_act_group, getgrgid(getegid())->gr_name);  // where it is the only group
    control = control_open(&net, &again.user, why);
    assert_non_null(control);
    assert_int_equal(stat(net.control_path, &there), 0);
    assert_int_equal(there.st_mode & 07777, 0660);
    control_close(control);
    net.control_path[0] = '\0';
    assert_null(control_open(&net, &again.user, why));
    assert_string_equal(why, "");
    house_close(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_questions),
        cmocka_unit_test(says_who_asks),
        cmocka_unit_test(takes_a_question_in_pieces),
        cmocka_unit_test(bounds_a_question),
        cmocka_unit_test(hands_over_what_others_know),
        cmocka_unit_test(sends_along_what_only_it_knows),
        cmocka_unit_test(is_delayed_by_nobody),
        cmocka_unit_test(ends_with_clients),
        cmocka_unit_test(is_private_and_respects_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
