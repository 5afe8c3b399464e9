// SPDX-License-Identifier: ISC
// The store role: what was told to people goes into a file, all that waits in one transaction. It
// may block, fail and be killed; nobody ever waits for it. It ends with its channel, not by
// SIGTERM: the last words of the others are still history.
#include "role/store.h"

#include "role/channel.h"
#include "role/log.h"
#include "role/now.h"
#include "role/roles.h"
#include "role/store_kept.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GIVE_BACK_MS = 1000, RETRY_MS = 1000, EXPIRE_MS = 60 * 1000, EXPIRE_AGAIN_MS = 100 };

bool store_role_wanted(const struct net *net)
{
    return net->store.path[0] != '\0';
}

// The file is opened by the process itself: what is wrong with it stops nothing.
struct store_role *store_role_open(const struct net *net, char *why)
{
    struct store_role *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(why, ROLE_ERROR_MAX, "cannot open the store: out of memory");
        return NULL;
    }
    r->net = net;
    r->began = now_wall();
    store_page_init(&r->page, net);
    int error = store_ask_open(&r->asker);
    if (!error)
        return r;
    snprintf(why, ROLE_ERROR_MAX, "cannot open the store: no socket pair for questions: %s",
             strerror(-error));
    free(r);
    return NULL;
}

int store_role_take_handover(struct store_role *r)
{
    return store_ask_take_handover(&r->asker);
}

void store_role_close(struct store_role *r)
{
    if (r) {
        store_ask_close(&r->asker);
        store_page_done(&r->page);
    }
    free(r);
}

static void say(struct store_role *r, char mark, const char *text)
{
    char line[2 * STORE_WHY_MAX];
    int size = snprintf(line, sizeof line, "%c%s", mark, text);
    (void)channel_send_text(r->channel, line, (size_t)size);
    log_line("event=store_%s text=\"%s\"", mark == '!' ? "fails" : "goes_on", text);
}

static void note(struct store_role *r, enum store_result result, const char *why)
{
    bool is_news = !r->failing || strcmp(why, r->why) != 0;
    r->failing = true;
    r->retry_at = mono_add_ms(now_mono(), RETRY_MS);
    snprintf(r->why, sizeof r->why, "%s", why);
    if (result == STORE_NEWER)
        r->count = 0;  // and will not be later
    if (result == STORE_BROKEN)
        store_file_close(&r->file);  // opening it again moves it out of the way
    if (is_news)
        say(r, '!', why);
}

// The parent begins to listen within milliseconds; there may be more than fits the channel.
static void give_one_back(void *role, const struct event *event)
{
    const struct store_role *r = role;
    struct event now = *event;
    struct pollfd room = {.fd = r->channel, .events = POLLOUT};
    now.at = now_mono();
    while (channel_send_event(r->channel, r->net, &now) == -EAGAIN)
        if (poll(&room, 1, GIVE_BACK_MS) != 1)
            return;
}

// Of a file that cannot be opened nothing is to be waited for; if it can be later, it comes late.
static void give_back(struct store_role *r)
{
    const struct event end = {.kind = EVENT_KEPT_END};
    if (r->file.db && !r->gave_back)
        (void)store_kept_each(&r->file, r->net, give_one_back, r);  // if broken, that is met again
    r->gave_back |= r->file.db != NULL;
    if (!r->said_end)
        give_one_back(r, &end);
    r->said_end = true;
}

static bool is_open(struct store_role *r)
{
    char why[STORE_WHY_MAX], moved[STORE_WHY_MAX], text[2 * STORE_WHY_MAX];
    if (r->file.db)
        return true;
    enum store_result result = store_file_open(&r->file, r->net->store.path, r->began, moved, why);
    if (moved[0] != '\0') {
        snprintf(text, sizeof text,
                 "the store was broken: it begins anew, the old one ends in %.40s",
                 strrchr(moved, '.'));
        say(r, '!', text);
        r->failing = true;  // so that it is told that it goes on
    }
    if (result != STORE_DONE)
        note(r, result, why);
    give_back(r);
    return result == STORE_DONE;
}

static void write_all(struct store_role *r)
{
    char why[STORE_WHY_MAX];
    if (r->failing && !mono_reached(now_mono(), r->retry_at))
        return;
    if (!is_open(r))
        return;
    enum store_result result = store_file_add(&r->file, r->facts, r->count, why);
    if (result == STORE_DONE) {
        r->count = 0;
        result = store_page_keep(&r->page, &r->file, why);
    }
    if (result != STORE_DONE) {
        note(r, result, why);
        return;
    }
    if (r->failing)
        say(r, '=', "the store is written again");
    r->failing = false;
}

// Whether or not the file can be written.
static void write_page(struct store_role *r)
{
    if (!store_page_write(&r->page, now_mono(), now_wall()))
        return;
    bool fails = r->page.why[0] != '\0';
    say(r, fails ? '!' : '=', fails ? r->page.why : "the status page is written again");
}

// It answers people who publish one. What does not fit the channel is told in a later turn.
static void tell_drafts(struct store_role *r)
{
    char text[1 + SAID_NAMES_MAX] = "#";
    if (r->net->status_page.directory[0] == '\0')
        return;
    said_desk_names(&r->page.desk, text + 1);
    if (strcmp(text + 1, r->drafts) != 0 && channel_send_text(r->channel, text, strlen(text)) == 0)
        memcpy(r->drafts, text + 1, strlen(text));
}

static struct wall days_ago(uint32_t days)
{
    return (struct wall){now_wall().ns - days * INT64_C(86400) * NS_PER_S};
}

static void expire(struct store_role *r)
{
    char why[STORE_WHY_MAX];
    bool more = false;
    if (r->failing || !r->file.db || !mono_reached(now_mono(), r->expire_at))
        return;
    struct store_oldest oldest = {days_ago(r->net->store.keep_days),
                                  days_ago(r->net->store.keep_rates_days)};
    enum store_result result = store_file_expire(&r->file, oldest, &more, why);
    if (result != STORE_DONE)
        note(r, result, why);
    r->expire_at = mono_add_ms(now_mono(), more ? EXPIRE_AGAIN_MS : EXPIRE_MS);
}

static void take(struct store_role *r, size_t size)
{
    char *text = r->texts[r->count], *body;
    text[size] = '\0';
    int64_t at_ns = strtoll(text, &body, 10);
    char *said = strchr(text, '\n');
    if (body[0] != ' ')
        return;
    if (said)
        *said++ = '\0';
    if (r->failing && r->count >= STORE_PENDING_MAX / 2 && strstr(body, "\"effect\":\"rate\""))
        return;  // what was told to people has the room that is left
    r->facts[r->count] = (struct store_fact){{at_ns}, body + 1, said ? said : ""};
    store_page_take(&r->page, &r->facts[r->count++]);
}

// False when the parent is gone, or has nothing more to say.
static bool hear(struct store_role *r)
{
    size_t size;
    while (r->count < STORE_PENDING_MAX) {
        int came =
            channel_receive_text(r->channel, r->texts[r->count], STORE_PACKET_MAX - 1, &size);
        if (came == 0)
            return true;
        if (came < 0 && came != -EMSGSIZE)
            return false;
        if (came == 1)
            take(r, size);
    }
    return true;
}

static int wait_ms(const struct store_role *r)
{
    struct mono now = now_mono();
    int64_t left_ns = mono_since_ns(r->failing ? r->retry_at : r->expire_at, now);
    int page_ms = store_page_wait_ms(&r->page, now);
    if (!r->file.db && !r->failing)
        return 0;
    int left_ms = left_ns < 0 ? 0 : (int)(left_ns / NS_PER_MS) + 1;
    return page_ms >= 0 && page_ms < left_ms ? page_ms : left_ms;
}

int store_role_run(struct store_role *r, int channel)
{
    bool hears = true;
    signal(SIGTERM, SIG_IGN);
    r->channel = channel;
    int parent = store_ask_take_handover(&r->asker);
    if (parent >= 0)
        close(parent);
    write_all(r);  // opens it: what was drafted before is gone on with
    while (hears) {
        short wanted = r->count < STORE_PENDING_MAX ? POLLIN : 0;
        struct pollfd waiting[STORE_ASKS_MAX + 2] = {{.fd = channel, .events = wanted}};
        (void)poll(waiting, 1 + store_ask_waits(&r->asker, waiting + 1), wait_ms(r));
        hears = !(waiting[0].revents & (POLLIN | POLLHUP | POLLERR)) || hear(r);
        write_all(r);
        tell_drafts(r);
        write_page(r);
        store_ask_turn(&r->asker, r->file.db, r->why);
        expire(r);
    }
    r->retry_at = now_mono();  // once more, whatever it was
    write_all(r);
    r->page.write_at = r->retry_at;
    write_page(r);
    if (r->count > 0)
        log_line("event=store_ends lost=%u reason=\"%s\"", r->count, r->why);
    store_file_close(&r->file);
    return 0;
}
