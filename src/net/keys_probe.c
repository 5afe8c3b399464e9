// SPDX-License-Identifier: ISC
#include "net/keys_rows.h"

#include "net/net.h"

static const struct key selection_rows[] = {
    {.name = "source",
     .kind = KEY_HOSTS,
     .offset = offsetof(struct net_selection, source),
     .fallback = "",
     .doc = "by this host's source address, one for each family"},
    {.name = "mark",
     .kind = KEY_U32,
     .offset = offsetof(struct net_selection, mark),
     .min = 1,
     .max = 4294967295,
     .fallback = "",
     .doc = "by a firewall mark, which a rule maps to a routing table"},
    {.name = "device",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_selection, device),
     .max = 15,
     .fallback = "",
     .doc = "by the interface to leave through, or the VRF; with a source too, packets also cross "
            "to the other upstreams and tell which direction loses"},
    {.name = "micro_session",
     .kind = KEY_U32,
     .offset = offsetof(struct net_selection, micro_session),
     .min = 1,
     .max = 65535,
     .fallback = "",
     .doc = "the number of the link of a bundle that this way leaves by: STAMP says it (RFC 9534), "
            "and the log says by which link of its own the far end heard us"},
    {.name = "xdp",
     .kind = KEY_BOOL,
     .offset = offsetof(struct net_selection, xdp),
     .fallback = "false",
     .doc = "STAMP probes by AF_XDP sockets of the device: past this "
            "host's firewall and queues; by others where that cannot be, which is said at the "
            "start"},
};
const struct keys keys_selection = KEYS_OF(selection_rows);

static const struct key probe_rows[] = {
    {.name = "path_rate_max_pps",
     .kind = KEY_U32,
     .offset = offsetof(struct net, probe.path_rate_max_pps),
     .min = 1,
     .max = 10000,
     .fallback = "100",
     .doc = "probes a second on one path over all targets, acceleration after a loss included"},
    {.name = "timeout_min_ms",
     .kind = KEY_MS,
     .offset = offsetof(struct net, probe.timeout_min_ns),
     .min = 1,
     .max = 60000,
     .fallback = "50",
     .doc = "a probe is lost after its usual round trip and a margin, but never earlier than this"},
    {.name = "timeout_max_ms",
     .kind = KEY_MS,
     .offset = offsetof(struct net, probe.timeout_max_ns),
     .min = 1,
     .max = 60000,
     .fallback = "1000",
     .doc = "and never later"},
    {.name = "roving_rate_pps",
     .kind = KEY_RATE,
     .offset = offsetof(struct net, probe.roving_rate_mpps),
     .min = 0,
     .max = 1000,
     .fallback = "10",
     .doc = "probes a second on each path that each take a 5-tuple of their own, to find 5-tuples "
            "that are dead: out of what path_rate_max_pps leaves over, to STAMP targets; a lost "
            "one is asked again up to 6 times, each time beside one known good; 0: none"},
    {.name = "trace_rate_pps",
     .kind = KEY_RATE,
     .offset = offsetof(struct net, probe.trace_rate_mpps),
     .min = 0,
     .max = 100,
     .fallback = "1",
     .doc =
         "packets a second that expire at one hop of a path, to learn which ways flows take; "
         "many routers answer one in a second to each host, so more makes them silent; to a target "
         "with a rate_max_pps a fifth of that at most; 0: ways are not traced"},
    {.name = "trace_flows",
     .kind = KEY_U32,
     .offset = offsetof(struct net, probe.trace_flows),
     .min = 1,
     .max = 512,
     .fallback = "128",
     .doc =
         "5-tuples to each target that are traced at most; of 16 equal ways all are found by 96, "
         "of 8 by 44"},
    {.name = "trace_interval_s",
     .kind = KEY_I64,
     .offset = offsetof(struct net, probe.trace_interval_s),
     .min = 10,
     .max = 604800,
     .fallback = "600",
     .doc = "the ways to a target are traced again so often, and when its distance has changed"},
    {.name = "as_routed",
     .kind = KEY_MAP,
     .offset = offsetof(struct net, probe.as_routed),
     .fallback = "",
     .section = &keys_selection,
     .doc = "probes that go the way customers' packets go: they verify a move, so mode act needs "
            "them; where the way that is left loses their answers too, pinned ones do"},
};
const struct keys keys_probe = KEYS_OF(probe_rows);
