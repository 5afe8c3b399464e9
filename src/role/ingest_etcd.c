// SPDX-License-Identifier: ISC
#include "role/ingest_etcd.h"

#include "role/ingest.h"
#include "role/outbound.h"
#include "role/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WAIT_MS_FIRST = 500,
    WAIT_MS_MAX = 30 * 1000,
    CONNECT_S_MAX = 5,
    KEEPALIVE_S = 20,  // an etcd that is gone without a word
    EVENTS_ROOM = 8,   // of the queue: with less the connection waits
};

static const struct net_etcd *config_of(const struct ingest_etcd *etcd)
{
    return &etcd->role->net->changes.etcd[etcd->number];
}

// ---- what is told

static bool note(struct ingest_etcd *etcd, enum notice_kind kind, bool raised, const char *what)
{
    struct event event = {.kind = EVENT_NOTICE, .at = etcd->role->now};
    event.notice = (struct notice){
        .kind = kind, .raised = raised, .router = NET_NOBODY, .since = etcd->role->now};
    snprintf(event.notice.peer, sizeof event.notice.peer, "%.60s %.60s", config_of(etcd)->url,
             config_of(etcd)->prefix);
    change_line(what, strlen(what), event.notice.text, sizeof event.notice.text);
    return ingest_changes_put(etcd->role, &event);
}

static void set_lost(struct ingest_etcd *etcd, bool is_lost, const char *what)
{
    if (is_lost != etcd->is_lost && note(etcd, NOTICE_ETCD_LOST, is_lost, what))
        etcd->is_lost = is_lost;
}

// ---- what comes

static bool take_events(struct ingest_etcd *etcd, struct etcd_answer *answer)
{
    struct ingest_role *r = etcd->role;
    struct event event = {.kind = EVENT_CHANGE, .at = r->now};
    while (etcd_answer_next(answer, r->net, config_of(etcd)->devices, &event.change)) {
        event.change.done_at = r->now;
        bool of_a_device = net_devices_count(&event.change.devices) > 0 || event.change.others > 0;
        if (of_a_device && !ingest_changes_put(r, &event))
            return false;  // the same is asked for again; some of it is then told twice
    }
    return true;
}

// False: the connection is to end. An etcd that was set back to an old state has a lower revision
// than we heard: what comes is heard from there on.
static bool take_answer(struct ingest_etcd *etcd, struct etcd_answer *answer)
{
    switch (answer->kind) {
    case ETCD_CREATED:
        set_lost(etcd, false, "it can be watched again");
        etcd->wait_ms = WAIT_MS_FIRST;
        if (etcd->next > answer->revision + 1) {
            note(etcd, NOTICE_ETCD_COMPACTED, true, "its revision went back: it was set back");
            etcd->next = answer->revision + 1;
            return false;
        }
        if (etcd->next == 0)
            etcd->next = answer->revision + 1;
        return true;
    case ETCD_EVENTS:
        if (!take_events(etcd, answer))
            return false;
        if (answer->revision >= etcd->next)
            etcd->next = answer->revision + 1;
        return true;
    case ETCD_COMPACTED:
        note(etcd, NOTICE_ETCD_COMPACTED, true,
             "what changed while it could not be watched was compacted away");
        etcd->next = answer->revision;
        etcd->again_at = etcd->role->now;
        return false;
    case ETCD_REFUSED:
        if (config_of(etcd)->user[0])
            etcd->token[0] = '\0';  // it lasts for minutes only, and not over a restart of etcd
        set_lost(etcd, true, answer->reason);
        return false;
    case ETCD_UNREADABLE:
    default:
        set_lost(etcd, true, "an answer that cannot be read");
        return false;
    }
}

// The keys are asked for at once; should they be refused, the waits go on doubling.
static bool take_login(struct ingest_etcd *etcd, size_t size)
{
    char reason[ETCD_REASON_MAX];
    if (etcd_login_read(etcd->line, size, etcd->token, reason))
        etcd->again_at = etcd->role->now;
    else
        set_lost(etcd, true, reason);
    return false;
}

static bool take_line(struct ingest_etcd *etcd, size_t size)
{
    if (etcd->is_login)
        return take_login(etcd, size);
    struct etcd_answer answer;
    etcd_answer_read(etcd->line, size, &answer);
    bool good = take_answer(etcd, &answer);
    etcd_answer_done(&answer);
    return good;
}

// Other than `size` ends the connection.
static size_t on_bytes(char *bytes, size_t one, size_t size, void *context)
{
    struct ingest_etcd *etcd = context;
    (void)one;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n' && etcd->filled < ETCD_LINE_MAX) {
            etcd->line[etcd->filled++] = bytes[i];
            continue;
        }
        if (etcd->filled == ETCD_LINE_MAX) {  // what it said is not known, and not asked for again
            note(etcd, NOTICE_ETCD_COMPACTED, true, "it said more at once than 1 MiB: not told");
            etcd->next = 0;
            return 0;
        }
        size_t line = etcd->filled;
        etcd->filled = 0;
        if (line > 0 && !take_line(etcd, line))
            return 0;
    }
    return size;
}

// ---- connections

static void disconnect(struct ingest_etcd *etcd)
{
    if (!etcd->easy)
        return;
    curl_multi_remove_handle(etcd->role->etcds.multi, etcd->easy);
    curl_easy_cleanup(etcd->easy);
    curl_slist_free_all(etcd->headers);
    etcd->easy = NULL;
    etcd->headers = NULL;
    explicit_bzero(etcd->request, sizeof etcd->request);
}

// A token stands there as it is, without a word before it.
static void ask(struct ingest_etcd *etcd)
{
    const struct net_etcd *c = config_of(etcd);
    char header[ETCD_TOKEN_MAX + 32] = "Authorization: ";
    etcd->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (etcd->is_login) {
        etcd_login_request(c->user, etcd->password, etcd->request, sizeof etcd->request);
        return;
    }
    etcd_request(c->prefix, etcd->next, etcd->request, sizeof etcd->request);
    strncat(header, etcd->token, ETCD_TOKEN_MAX);
    if (etcd->token[0] && etcd->headers)
        curl_slist_append(etcd->headers, header);
}

static void connect_to(struct ingest_etcd *etcd)
{
    const struct net_etcd *c = config_of(etcd);
    char url[NET_TEXT_MAX + 32];
    etcd->is_login = c->user[0] && !etcd->token[0];
    snprintf(url, sizeof url, "%s/v3/%s", c->url, etcd->is_login ? "auth/authenticate" : "watch");
    CURL *easy = etcd->easy = outbound_new(url, c->authorities, etcd->error, etcd);
    etcd->again_at = mono_add_ms(etcd->role->now, etcd->wait_ms);
    etcd->wait_ms = etcd->wait_ms * 2 < WAIT_MS_MAX ? etcd->wait_ms * 2 : WAIT_MS_MAX;
    etcd->filled = 0;
    if (!easy)
        return;
    ask(etcd);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, etcd->request);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, etcd->headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, etcd);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S_MAX);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S / 4);
    if (curl_multi_add_handle(etcd->role->etcds.multi, easy) != CURLM_OK)
        disconnect(etcd);
}

// A connection that we end ourselves was told by what made us end it.
static void take_ends(struct ingest_role *r)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(r->etcds.multi, &left));) {
        struct ingest_etcd *etcd = NULL;
        CURLcode result = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&etcd);
        if (result != CURLE_WRITE_ERROR && etcd->filled > 0)
            take_line(etcd, etcd->filled);  // an error or a token comes without an end of line
        bool is_known = etcd->is_login && etcd->token[0];  // then it has said all it had to
        if (result != CURLE_WRITE_ERROR && !is_known)
            set_lost(etcd, true, etcd->error[0] ? etcd->error : "it ended the connection");
        disconnect(etcd);
    }
}

void ingest_etcd_tick(struct ingest_role *r)
{
    int running;
    if (!r->etcds.multi)
        return;
    if (INGEST_CHANGES_MAX - r->changes.count < EVENTS_ROOM)
        return;  // the engine has no room: what comes waits in the sockets
    for (uint32_t i = 0; i < r->net->changes.etcd_count; i++)
        if (!r->etcds.of[i].easy && mono_reached(r->now, r->etcds.of[i].again_at))
            connect_to(&r->etcds.of[i]);
    curl_multi_perform(r->etcds.multi, &running);
    take_ends(r);
}

bool ingest_etcd_open(struct ingest_role *r, char *why)
{
    bool good = true;
    for (uint32_t i = 0; good && i < r->net->changes.etcd_count; i++) {
        struct ingest_etcd *etcd = &r->etcds.of[i];
        const struct net_etcd *c = &r->net->changes.etcd[i];
        *etcd = (struct ingest_etcd){.role = r, .number = i};
        if (c->user[0])
            good = secret_read(c->secret_file, etcd->password, sizeof etcd->password, why);
        else if (c->secret_file[0])
            good = secret_read(c->secret_file, etcd->token, sizeof etcd->token, why);
    }
    return good;
}

bool ingest_etcd_start(struct ingest_role *r)
{
    struct ingest_etcds *all = &r->etcds;
    if (r->net->changes.etcd_count == 0)
        return true;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    all->multi = curl_multi_init();
    bool good = all->multi != NULL;
    for (uint32_t i = 0; i < r->net->changes.etcd_count; i++) {
        all->of[i].wait_ms = WAIT_MS_FIRST;
        all->of[i].line = malloc(ETCD_LINE_MAX);
        good = good && all->of[i].line;
    }
    return good;
}

void ingest_etcd_stop(struct ingest_role *r)
{
    struct ingest_etcds *all = &r->etcds;
    for (uint32_t i = 0; i < r->net->changes.etcd_count; i++) {
        disconnect(&all->of[i]);
        free(all->of[i].line);
    }
    if (all->multi)
        curl_multi_cleanup(all->multi);
}
