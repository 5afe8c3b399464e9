// SPDX-License-Identifier: ISC
#include "role/web_tell.h"

#include "role/answers.h"
#include "role/channel.h"
#include "role/web_http.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURE_MS = 200 };  // between two pictures
// Beside the engine's there are facts, each of whose octets may take two.
static_assert(ENGINE_STATUS_BYTES_MAX + TELLER_FACTS_MAX * (2 * TELLER_FACT_MAX + 128) + 1024 <
                  WEB_STATUS_BYTES_MAX,
              "the web's process takes every picture");

void web_tell_effect(struct daemon *d, const struct effect *effect)
{
    char text[TELLER_LINE_MAX + 24], line[TELLER_LINE_MAX];
    int channel = d->children[ROLE_WEB].channel;
    if (!teller_is_news(effect->kind))
        return;
    d->effects_told++;
    size_t size = channel < 0 ? 0 : teller_json(&d->teller, d->now, effect, line);
    if (size == 0)
        return;
    int length = snprintf(text, sizeof text, "%" PRIu64 " %s", d->effects_told, line);
    (void)channel_send_text(channel, text, (size_t)length);
}

void web_tell_picture(struct daemon *d)
{
    int channel = d->children[ROLE_WEB].channel;
    if (channel < 0 || !mono_reached(d->now.mono, d->status_at))
        return;
    d->status_at = mono_add_ms(d->now.mono, PICTURE_MS);
    json_t *status = daemon_picture(d);
    char *text = status ? json_dumps(status, JSON_COMPACT) : NULL;
    if (text)
        (void)channel_send_text(channel, text, strlen(text));
    free(text);
    json_decref(status);
}
