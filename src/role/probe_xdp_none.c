// SPDX-License-Identifier: ISC
// In place of probe_xdp.c where the build leaves AF_XDP out: all goes by the sockets that every
// path has.
#include "role/probe_xdp.h"

#include "role/log.h"

bool probe_xdp_open(struct probe_role *r, char *why)
{
    (void)why;
    for (uint32_t path = 0; path < r->path_count; path++)
        if (net_path_selection(r->net, path)->xdp) {
            log_line("event=probe_by_sockets device=%s reason='built without AF_XDP: it takes "
                     "meson setup -Dxdp=enabled'",
                     net_path_selection(r->net, path)->device);
            break;
        }
    return true;
}

void probe_xdp_close(struct probe_xdp *xdp)
{
    (void)xdp;
}

void probe_xdp_ask(struct probe_role *r)
{
    (void)r;
}

void probe_xdp_ask_all(struct probe_role *r)
{
    (void)r;
}

void probe_xdp_ask_again(struct probe_role *r)
{
    (void)r;
}

void probe_xdp_change_source(struct probe_role *r, uint32_t group, struct address source)
{
    (void)r, (void)group, (void)source;
}

bool probe_xdp_begin(struct probe_role *r, const struct flow *flow, struct xdp_frame *frame)
{
    (void)r, (void)flow, (void)frame;
    return false;
}

bool probe_xdp_is_shared(const struct probe_role *r, uint32_t one, uint32_t other)
{
    (void)r;
    return one == other;
}

int probe_xdp_send(struct probe_role *r, uint32_t path, const struct xdp_frame *frames,
                   uint32_t count, bool left[])
{
    (void)r, (void)path, (void)frames, (void)count, (void)left;
    return 0;
}

uint32_t probe_xdp_receive(const struct probe_receiver *receiver, struct xdp_frame *frames)
{
    (void)receiver, (void)frames;
    return 0;
}

uint32_t probe_xdp_dropped(const struct probe_receiver *receiver)
{
    (void)receiver;
    return 0;
}
