// SPDX-License-Identifier: ISC
#include "role/loop.h"

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void loop_close_all(uv_loop_t *loop)
{
    uv_walk(loop, close_handle, NULL);
}
