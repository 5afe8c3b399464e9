// SPDX-License-Identifier: ISC
// The daemon's control socket for a reader that must not wait: what `status` and `incidents`
// answer, asked again and again; a daemon that is gone is called until it is there again.
#pragma once

#include "base/clock.h"
#include "cmd/asking.h"

enum top_link_news { TOP_LINK_NOTHING, TOP_LINK_PICTURE, TOP_LINK_TROUBLE };

struct top_link {
    char path[NET_TEXT_MAX];
    int fd;  // -1: nothing is under way
    enum ask_kind asked;
    struct mono asked_at, next_at;
    char *bytes;  // of the answer so far
    size_t size, room;
    json_t *picture, *outages;  // of this round
    char why[128];              // with TOP_LINK_TROUBLE
};

void top_link_init(struct top_link *link);
void top_link_done(struct top_link *link);
// To be called again and again, when `fd` is readable and when top_link_wait_ms() is over. With
// TOP_LINK_PICTURE both answers are there to be taken; with TOP_LINK_TROUBLE there is no answer.
enum top_link_news top_link_turn(struct top_link *link, struct mono now);
int top_link_wait_ms(const struct top_link *link, struct mono now);
