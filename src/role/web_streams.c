// SPDX-License-Identifier: ISC
#include "role/web_streams.h"

#include "role/web_login.h"

#include <stdlib.h>

enum { BLOCK_BYTES = 16 * 1024 };

struct open {
    struct web_streams *all;
    uint32_t place;
    struct MHD_Connection *connection;
    bool suspended;
    struct web_pass pass;
    struct web_listener listener;
};

struct web_streams {
    struct mono now;
    bool ending;
    struct open *places[WEB_STREAMS_MAX];
    struct web_stream stream;
};

struct web_streams *web_streams_new(void)
{
    return calloc(1, sizeof(struct web_streams));
}

void web_streams_free(struct web_streams *all)
{
    if (all)
        web_stream_done(&all->stream);
    free(all);
}

struct web_stream *web_streams_told(struct web_streams *all)
{
    return &all->stream;
}

static ssize_t read_stream(void *context, uint64_t position, char *to, size_t max)
{
    (void)position;
    struct open *open = context;
    struct web_streams *all = open->all;
    bool over = all->ending || !web_login_holds(&open->pass, all->now);
    int64_t size = over ? -1 : web_listener_take(&open->listener, &all->stream, all->now, to, max);
    if (size < 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (size == 0) {
        open->suspended = true;
        MHD_suspend_connection(open->connection);
    }
    return (ssize_t)size;
}

static void close_stream(void *context)
{
    struct open *open = context;
    open->all->places[open->place] = NULL;
    web_listener_done(&open->listener);
    free(open);
}

struct MHD_Response *web_streams_listen(struct web_streams *all, struct MHD_Connection *connection,
                                        const char *last_id, const struct web_pass *pass)
{
    uint32_t place = 0;
    while (place < WEB_STREAMS_MAX && all->places[place])
        place++;
    struct open *open = place < WEB_STREAMS_MAX ? calloc(1, sizeof *open) : NULL;
    if (!open)
        return NULL;
    *open = (struct open){.all = all, .place = place, .connection = connection, .pass = *pass};
    web_listener_init(&open->listener, &all->stream, last_id, all->now);
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, open, close_stream);
    if (response)
        all->places[place] = open;
    else
        free(open);
    return response;
}

void web_streams_turn(struct web_streams *all, struct mono now, bool all_of_them)
{
    all->now = now;
    all->ending |= all_of_them;
    for (uint32_t place = 0; place < WEB_STREAMS_MAX; place++) {
        struct open *open = all->places[place];
        if (!open || !open->suspended ||
            !(all_of_them || web_listener_wants(&open->listener, &all->stream, now) ||
              !web_login_holds(&open->pass, now)))
            continue;
        open->suspended = false;
        MHD_resume_connection(open->connection);
    }
}
