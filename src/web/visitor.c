// SPDX-License-Identifier: ISC
#include "web/visitor.h"

#include <stddef.h>

struct web_visitor *web_visitor_come(struct web_visitors *visitors, int fd, struct mono now)
{
    for (uint32_t i = 0; i < WEB_VISITORS_MAX; i++) {
        struct web_visitor *visitor = &visitors->items[i];
        if (visitor->phase != WEB_VISITOR_NONE)
            continue;
        *visitor = (struct web_visitor){WEB_VISITOR_HEAD, now, fd};
        return visitor;
    }
    return NULL;
}

int web_visitors_late(struct web_visitors *visitors, struct mono now)
{
    static const int64_t limits_s[] = {[WEB_VISITOR_NONE] = INT32_MAX,
                                       [WEB_VISITOR_HEAD] = WEB_VISITOR_HEAD_S_MAX,
                                       [WEB_VISITOR_BODY] = WEB_VISITOR_BODY_S_MAX,
                                       [WEB_VISITOR_HEARD] = INT32_MAX};
    for (uint32_t i = 0; i < WEB_VISITORS_MAX; i++) {
        struct web_visitor *visitor = &visitors->items[i];
        if (mono_since_ns(now, visitor->since) <= limits_s[visitor->phase] * NS_PER_S)
            continue;
        web_visitor_turn(visitor, WEB_VISITOR_HEARD, now);  // it is told to go, and will
        return visitor->fd;
    }
    return -1;
}
