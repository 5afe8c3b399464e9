// SPDX-License-Identifier: ISC
// Any line is an answer of a kind, and what comes of it is a line.
#include "change/etcd.h"

#include "change/line_check.h"

#include <assert.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct net net = {.router_count = 1};
    struct etcd_answer answer;
    struct change change;
    snprintf(net.routers[0].name, NET_NAME_MAX, "rr-1");
    etcd_answer_read((const char *)bytes, size, &answer);
    assert(answer.revision >= 0 && is_line(answer.reason));
    for (size_t left = size + 1; etcd_answer_next(&answer, &net, "/net/{device}/**", &change);
         left--)
        assert(left > 0 && is_line(change.id) && is_line(change.what));
    etcd_answer_done(&answer);
    char token[ETCD_TOKEN_MAX], reason[ETCD_REASON_MAX];
    if (etcd_login_read((const char *)bytes, size, token, reason))
        assert(token[0] && is_line(token));
    else
        assert(reason[0] && is_line(reason));
    return 0;
}
