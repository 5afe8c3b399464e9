// SPDX-License-Identifier: ISC
#include "role/ingest_changes.h"

#include "role/channel.h"
#include "role/ingest.h"
#include "role/now.h"
#include "role/secret.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

bool ingest_changes_open(struct ingest_role *r, char *why)
{
    const char *path = r->net->changes.token_file;
    char *token = r->changes.token;
    if (!path[0])
        return true;
    if (!secret_read(path, token, sizeof r->changes.token, why))
        return false;
    if (strlen(token) >= INGEST_TOKEN_MIN)
        return true;
    snprintf(why, ROLE_ERROR_MAX,
             "cannot use the secret in '%s': it has %zu bytes: write %d or more", path,
             strlen(token), INGEST_TOKEN_MIN);
    return false;
}

// ---- to the engine

bool ingest_changes_put(struct ingest_role *r, const struct event *event)
{
    struct ingest_changes *c = &r->changes;
    if (c->count == INGEST_CHANGES_MAX)
        return false;
    c->queue[(c->first + c->count++) % INGEST_CHANGES_MAX] = *event;
    return true;
}

void ingest_changes_tell(struct ingest_role *r)
{
    struct ingest_changes *c = &r->changes;
    while (c->count > 0 && r->channel >= 0 &&
           channel_send_event(r->channel, r->net, &c->queue[c->first]) != -EAGAIN) {
        c->first = (c->first + 1) % INGEST_CHANGES_MAX;
        c->count--;
    }
}

// What happened before we ran is as good as long ago.
static struct mono done_at(const struct ingest_role *r, int64_t at_unix_s)
{
    int64_t ago_s = now_wall().ns / NS_PER_S - at_unix_s;
    if (at_unix_s == 0 || ago_s <= 0)
        return r->now;
    int64_t most_s = r->now.ns / NS_PER_S;
    return (struct mono){r->now.ns - (ago_s < most_s ? ago_s : most_s) * NS_PER_S};
}

static void queue_all(struct ingest_role *r, struct change_post *post)
{
    struct net_device_set rest = post->change.devices;
    struct event event = {.kind = EVENT_CHANGE, .at = r->now};
    post->change.done_at = done_at(r, post->at_unix_s);
    for (bool more = true; more;) {
        more = change_part(&post->change, &rest, &event.change);
        ingest_changes_put(r, &event);
    }
    for (uint32_t i = 0; i < post->odd_count; i++)
        ingest_changes_put(r,
                           &(struct event){.kind = EVENT_ODD, .at = r->now, .odd = post->odds[i]});
    ingest_changes_tell(r);
}

// ---- what is answered

// {"error":"devices[2]: expected a device's name","field":"devices[2]"}
static char *say_error(const char *field, const char *expected)
{
    char text[CHANGE_FIELD_MAX + CHANGE_EXPECTED_MAX + 16];
    snprintf(text, sizeof text, "%s%sexpected %s", field, field[0] ? ": " : "", expected);
    json_t *said = json_pack("{s:s, s:s}", "error", text, "field", field);
    char *answer = said ? json_dumps(said, JSON_COMPACT) : NULL;
    json_decref(said);
    return answer;
}

// {"id":"CR-1","devices":3,"unknown":1,"odd":[{"devices":"fra-rr-4","what":"..."}],"odd_more":0}
static char *say_taken(const struct change_post *post)
{
    json_t *odds = json_array();
    for (uint32_t i = 0; i < post->odd_count; i++)
        json_array_append_new(odds, json_pack("{s:s, s:s}", "devices", post->odd_names[i], "what",
                                              post->odds[i].what));
    json_t *said = json_pack("{s:s, s:I, s:I, s:o, s:I}", "id", post->change.id, "devices",
                             (json_int_t)net_devices_count(&post->change.devices), "unknown",
                             (json_int_t)post->change.others, "odd", odds, "odd_more",
                             (json_int_t)post->odd_more);
    char *answer = said ? json_dumps(said, JSON_COMPACT) : NULL;
    json_decref(said);
    return answer;
}

char *ingest_changes_take(struct ingest_role *r, const struct address *client, const char *body,
                          size_t size, unsigned *status)
{
    struct change_post post;
    struct change_error why;
    if (INGEST_CHANGES_MAX - r->changes.count < INGEST_CHANGE_EVENTS_MAX) {
        *status = MHD_HTTP_SERVICE_UNAVAILABLE;
        return say_error("", "to be asked again in a second: changes wait to be told");
    }
    if (!change_post_read(r->net, body, size, &post, &why)) {
        ingest_complain(r, INGEST_CHANGE_MALFORMED, client, "change: %s%sexpected %s", why.field,
                        why.field[0] ? ": " : "", why.expected);
        *status = MHD_HTTP_BAD_REQUEST;
        return say_error(why.field, why.expected);
    }
    char *answer = NULL;
    if (change_post_compare(r->net, &post)) {
        queue_all(r, &post);
        *status = MHD_HTTP_OK;
        answer = say_taken(&post);
    }
    change_post_done(&post);
    return answer;
}
