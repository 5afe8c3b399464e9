// SPDX-License-Identifier: ISC
#include "net/keys.h"

#include "net/net.h"

static const struct key vendor_rows[] = {
    {.name = "name",
     .kind = KEY_NAME,
     .offset = offsetof(struct net_ssh_vendor, name),
     .doc = "as patterns have it in 'app': junos, eos, iosxr, nxos, sros, frr or one of your own"},
    {.name = "commands",
     .kind = KEY_ARGUMENTS,
     .offset = offsetof(struct net_ssh_vendor, commands),
     .doc = "which are run on each of its devices, at most 8, one after the other; what they print "
            "is to be all that there is, without pages"},
};
static const struct keys vendor_keys = KEYS_OF(vendor_rows);

static const struct key device_rows[] = {
    {.name = "name",
     .kind = KEY_NAME,
     .offset = offsetof(struct net_ssh_device, name),
     .doc = "how the device is called here and in every message; a router's name says that it is "
            "that router"},
    {.name = "address",
     .kind = KEY_HOST,
     .offset = offsetof(struct net_ssh_device, address),
     .doc = "of its SSH server"},
    {.name = "port",
     .kind = KEY_U16,
     .offset = offsetof(struct net_ssh_device, port),
     .min = 1,
     .max = 65535,
     .fallback = "22",
     .doc = "TCP port of its SSH server"},
    {.name = "vendor",
     .kind = KEY_NAME,
     .offset = offsetof(struct net_ssh_device, vendor),
     .doc = "one of ssh.vendors"},
};
static const struct keys device_keys = KEYS_OF(device_rows);

#define SSH(member) offsetof(struct net, ssh.member)

static const struct key rows[] = {
    {.name = "user",
     .kind = KEY_NAME,
     .offset = SSH(user),
     .fallback = "",
     .doc = "who we are on every device: somebody who may look and do nothing else"},
    {.name = "key_file",
     .kind = KEY_TEXT,
     .offset = SSH(key_file),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "a file, readable by nobody else, with that user's private key, Ed25519 or ECDSA, "
            "without a passphrase; read once, at the start"},
    {.name = "known_hosts",
     .kind = KEY_TEXT,
     .offset = SSH(known_hosts),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "a file with the devices' host keys, as ssh-keyscan(1) writes it; a device of another "
            "key, or of none that is known, is not asked"},
    {.name = "interval_s",
     .kind = KEY_S,
     .offset = SSH(interval_ns),
     .min = 1,
     .max = 3600,
     .fallback = "30",
     .doc = "from one look to the next, over a session that stays"},
    {.name = "timeout_s",
     .kind = KEY_S,
     .offset = SSH(timeout_ns),
     .min = 1,
     .max = 300,
     .fallback = "10",
     .doc = "for the session to begin, and for each command"},
    {.name = "patterns",
     .kind = KEY_TEXT,
     .offset = SSH(patterns),
     .max = NET_TEXT_MAX - 1,
     .fallback = "",
     .doc = "directory of VENDOR.pattern files for what devices print, see fairlead(8), taken anew "
            "when they change; empty: those that were installed"},
    {.name = "vendors",
     .kind = KEY_LIST,
     .offset = SSH(vendors),
     .max = NET_SSH_VENDORS_MAX,
     .fallback = "",
     .section = &vendor_keys,
     .count_offset = SSH(vendor_count),
     .stride = sizeof(struct net_ssh_vendor),
     .doc = "What is asked, one for each sort of device."},
    {.name = "devices",
     .kind = KEY_LIST,
     .offset = SSH(devices),
     .max = NET_SSH_DEVICES_MAX,
     .fallback = "",
     .section = &device_keys,
     .count_offset = SSH(device_count),
     .stride = sizeof(struct net_ssh_device),
     .doc = "Who is asked."},
};
const struct keys keys_ssh = KEYS_OF(rows);
