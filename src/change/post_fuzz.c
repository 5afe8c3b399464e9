// SPDX-License-Identifier: ISC
// Any body is a change or is refused with a reason, and what comes of it fits a message.
#include "change/post.h"

#include "change/line_check.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct net net = {.router_count = 4};
    struct change_post post;
    struct change_error why = {0};
    for (uint32_t i = 0; i < net.router_count; i++)
        snprintf(net.routers[i].name, NET_NAME_MAX, "r%u", i);
    if (!change_post_read(&net, (const char *)bytes, size, &post, &why)) {
        assert(why.expected[0] && is_line(why.field) && is_line(why.expected));
        return 0;
    }
    assert(post.change.id[0] && is_line(post.change.id) && is_line(post.change.who) &&
           is_line(post.change.what));
    assert(change_post_compare(&net, &post));
    assert(post.odd_count <= CHANGE_ODDS_MAX && (post.odd_more == 0 || post.odd_count > 0));
    for (uint32_t i = 0; i < post.odd_count; i++)
        assert(is_line(post.odds[i].what) && is_line(post.odd_names[i]));
    change_post_done(&post);
    return 0;
}
