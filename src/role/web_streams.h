// SPDX-License-Identifier: ISC
// Those who listen to the event stream over HTTP: what web/stream.h has for them goes out as fast
// as each takes it; who has nothing to hear is suspended, and costs nothing.
#pragma once

#include "web/person.h"
#include "web/stream.h"

#include <microhttpd.h>

enum { WEB_STREAMS_MAX = 256 };

struct web_streams;

struct web_streams *web_streams_new(void);  // NULL: memory is out
void web_streams_free(struct web_streams *all);

struct web_stream *web_streams_told(struct web_streams *all);  // where to tell it

// A response that goes on until the listener is cut off, or what let it in no longer holds; NULL:
// too many listen, or memory is out.
struct MHD_Response *web_streams_listen(struct web_streams *all, struct MHD_Connection *connection,
                                        const char *last_id, const struct web_pass *pass);
// Wakes those who have something to hear; `all_of_them`: everybody, before the server ends.
void web_streams_turn(struct web_streams *all, struct mono now, bool all_of_them);
