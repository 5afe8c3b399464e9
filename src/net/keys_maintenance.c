// SPDX-License-Identifier: ISC
#include "net/keys_rows.h"

#include "net/net.h"

static const struct key object_rows[] = {
    {.name = "circuit",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_circuit, id),
     .min = 1,
     .max = NET_CIRCUIT_MAX - 1,
     .doc = "as X-MAINTNOTE-OBJECT-ID of the announcements says it"},
    {.name = "object",
     .kind = KEY_OBJECT,
     .offset = offsetof(struct net_circuit, object),
     .doc = "what is out of use while the circuit is worked on"},
};
static const struct keys object_keys = KEYS_OF(object_rows);

static const struct key rows[] = {
    {.name = "lead_s",
     .kind = KEY_S,
     .offset = offsetof(struct net, maintenance.lead_ns),
     .min = 0,
     .max = 86400,
     .fallback = "600",
     .doc = "so long before its window what goes by the object leaves"},
    {.name = "objects",
     .kind = KEY_LIST,
     .offset = offsetof(struct net, maintenance.circuits),
     .max = NET_CIRCUITS_MAX,
     .fallback = "",
     .section = &object_keys,
     .count_offset = offsetof(struct net, maintenance.circuit_count),
     .stride = sizeof(struct net_circuit),
     .doc = "what the circuits are here; announcements of others are told and left"},
};
const struct keys keys_maintenance = KEYS_OF(rows);
