// SPDX-License-Identifier: ISC
#include "net/keys.h"

#include "net/net.h"

static const struct key device_rows[] = {
    {.name = "name",
     .kind = KEY_NAME,
     .offset = offsetof(struct net_device, name),
     .doc = "how the device is called here and in every message; a router's name says that it is "
            "that router"},
    {.name = "address",
     .kind = KEY_HOSTS,
     .offset = offsetof(struct net_device, address),
     .fallback = "",
     .doc = "it sends from, one for each family; none: relays tell its name"},
};
static const struct keys device_keys = KEYS_OF(device_rows);

static const struct key rows[] = {
    {.name = "listen",
     .kind = KEY_ADDRESSES,
     .offset = offsetof(struct net, syslog.listen),
     .fallback = "",
     .doc = "addresses on which syslog is taken, by UDP (RFC 5426) and TCP (RFC 6587)"},
    {.name = "port",
     .kind = KEY_U16,
     .offset = offsetof(struct net, syslog.port),
     .min = 1,
     .max = 65535,
     .fallback = "514",
     .doc = "UDP and TCP port of listen"},
    {.name = "tls_listen",
     .kind = KEY_ADDRESSES,
     .offset = offsetof(struct net, syslog.tls_listen),
     .fallback = "",
     .doc = "addresses on which syslog is taken over TLS (RFC 5425); none: not over TLS"},
    {.name = "tls_port",
     .kind = KEY_U16,
     .offset = offsetof(struct net, syslog.tls_port),
     .min = 1,
     .max = 65535,
     .fallback = "6514",
     .doc = "TCP port of tls_listen"},
    {.name = "tls_certificate",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net, syslog.tls_certificate),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "file with this host's certificate, and those between it and its root, as PEM; "
            "tls_listen needs one; read at the start and at SIGHUP; connections that there are "
            "stay as they began"},
    {.name = "tls_key",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net, syslog.tls_key),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "file with its key, as PEM, which nobody else may read; likewise"},
    {.name = "tls_authorities",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net, syslog.tls_authorities),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "file with the certificates of who signs those of devices: a device without such a "
            "certificate is refused; none: no certificate is asked for; likewise"},
    {.name = "patterns",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net, syslog.patterns),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc =
         "directory of VENDOR.pattern files, see fairlead(8), taken anew when they change; empty: "
         "those that were installed"},
    {.name = "devices",
     .kind = KEY_LIST,
     .offset = offsetof(struct net, syslog.devices),
     .min = 0,
     .max = NET_DEVICES_MAX,
     .fallback = "",
     .section = &device_keys,
     .count_offset = offsetof(struct net, syslog.device_count),
     .stride = sizeof(struct net_device),
     .doc = "Who is heard; nobody else is."},
    {.name = "relays",
     .kind = KEY_PREFIXES,
     .offset = offsetof(struct net, syslog.relays),
     .fallback = "",
     .doc = "hosts that pass on what devices say, beside this one: there the name in the message "
            "tells whose it is"},
};
const struct keys keys_syslog = {rows, sizeof rows / sizeof rows[0]};
