// SPDX-License-Identifier: ISC
#include "role/web_ack.h"

#include "role/log.h"
#include "role/now.h"
#include "web/ack_page.h"

#include <jansson.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct web_answer page(const struct web_ack *ack)
{
    char *html = malloc(WEB_ACK_HTML_MAX);
    if (!html)
        return web_plain(MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    return (struct web_answer){.status = web_ack_status(ack->state),
                               .type = "text/html; charset=utf-8",
                               .bytes = html,
                               .size = web_ack_write(ack, html),
                               .policy = web_ack_policy,
                               .own = html};
}

// The entry of a list whose "outage" is that number; NULL.
static const json_t *of_outage(const json_t *list, uint32_t outage)
{
    size_t i;
    const json_t *entry;
    json_array_foreach(list, i, entry) if (json_integer_value(json_object_get(entry, "outage")) ==
                                           outage) return entry;
    return NULL;
}

// Whether the outage of that number was the same in that run: in the present one, or in any since
// the one in which it began.
static bool is_of_run(const json_t *engine, const json_t *one, int64_t run_s)
{
    int64_t now_s = json_integer_value(json_object_get(engine, "run_s"));
    const json_t *began = json_object_get(one, "run_s");
    return run_s == now_s ||
           (json_is_integer(began) && run_s >= json_integer_value(began) && run_s < now_s);
}

// What the picture says of it, into `ack`, whose texts are the picture's.
static void look(const json_t *engine, const struct web_link *link, struct web_ack *ack)
{
    const json_t *pages = json_object_get(engine, "pages");
    const json_t *one = of_outage(json_object_get(pages, "cases"), link->outage);
    const json_t *told = of_outage(json_object_get(engine, "outages"), link->outage);
    const char *state = json_string_value(json_object_get(one, "state"));
    const char *title = json_string_value(json_object_get(told, "title"));
    ack->title = title ? title : "";
    if (!engine)
        ack->state = WEB_ACK_SILENT;
    else if (!is_of_run(engine, one, link->run_s))
        ack->state = WEB_ACK_OTHER_RUN;
    else if (!state || strcmp(state, "over") == 0)
        ack->state = WEB_ACK_OVER;
    else
        ack->state = WEB_ACK_ASKS;
    if (ack->state != WEB_ACK_ASKS)
        ack->title = "";
}

struct read {
    struct web_link link;
    char what[WEB_REST_MAX];
    struct web_ack ack;
    json_t *picture;  // to be given back
};

static void read_link(const struct web_http *http, const struct web_request *request,
                      struct read *read)
{
    const struct web_link_key key = {http->link_secret, http->net->site};
    *read = (struct read){.ack = {.state = WEB_ACK_FORGED, .what = "", .title = "", .words = ""}};
    enum web_link_fault fault =
        key.secret[0] ? web_link_read(request, key, now_wall().ns / NS_PER_S, &read->link)
                      : WEB_LINK_FORGED;
    read->ack.person = read->link.person;
    if (fault == WEB_LINK_FORGED)
        return;
    snprintf(read->what, sizeof read->what, "outage %u of %s", read->link.outage, http->net->site);
    read->ack.what = read->what;
    read->ack.state = WEB_ACK_OLD;
    if (fault == WEB_LINK_OLD)
        return;
    if (http->status_size > 0)
        read->picture = json_loadb(http->status, http->status_size, 0, NULL);
    look(json_object_get(read->picture, "engine"), &read->link, &read->ack);
}

struct web_answer web_ack_ask(const struct web_http *http, const struct web_request *request)
{
    struct read read;
    read_link(http, request, &read);
    struct web_answer answer = page(&read.ack);
    json_decref(read.picture);
    return answer;
}

static struct web_asked *ask_engine(struct web_http *http, const struct read *read)
{
    const struct ask ask = {
        .kind = ASK_ACK,
        .version = ASK_VERSION,
        .act = {.number = read->link.outage, .reason = "by the link in a page"}};
    struct web_question question = {0};
    struct web_caller caller = {.rights = RIGHT_ACK};
    memcpy(caller.name, read->link.person, sizeof caller.name);
    question.size = ask_write(&ask, question.line, sizeof question.line - 1);
    question.line[question.size++] = '\n';
    struct web_asked *asked = web_questions_ask(&http->questions, &question, &caller, http->now);
    if (!asked)
        return NULL;
    asked->answerer = WEB_ACT;
    asked->by_link = true;
    memcpy(asked->rest, read->what, sizeof asked->rest);
    log_line("event=ack_by_link outage=%u name=%s", read->link.outage, read->link.person);
    return asked;
}

struct web_answer web_ack_do(struct web_http *http, const struct web_request *request)
{
    struct read read;
    read_link(http, request, &read);
    struct web_asked *asked = read.ack.state == WEB_ACK_ASKS ? ask_engine(http, &read) : NULL;
    if (!asked && read.ack.state == WEB_ACK_ASKS)
        read.ack.state = WEB_ACK_SILENT;
    struct web_answer answer = asked ? (struct web_answer){.later = asked} : page(&read.ack);
    json_decref(read.picture);
    return answer;
}

struct web_answer web_ack_said(const struct web_asked *asked)
{
    struct web_body body = web_asked_body(asked);
    json_t *said = body.text ? json_loadb(body.text, body.size, 0, NULL) : NULL;
    const char *text = json_string_value(json_object_get(said, "text"));
    const char *error = json_string_value(json_object_get(said, "error"));
    const struct web_ack ack = {
        .state = json_is_true(json_object_get(said, "accepted")) ? WEB_ACK_TAKEN : WEB_ACK_REFUSED,
        .what = asked->rest,
        .person = "",
        .title = "",
        .words = text    ? text
                 : error ? error
                         : "no answer: try again",
    };
    struct web_answer answer = page(&ack);
    json_decref(said);
    free(body.text);
    return answer;
}
