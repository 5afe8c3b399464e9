// SPDX-License-Identifier: ISC
// The configuration's keys as data: one row each. The parser, `fairlead config keys` and the manual
// fairlead.yaml(5) all come from these rows.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum key_kind {
    KEY_NAME,        // char[NET_NAME_MAX]: letters, digits, '.', '_' and '-'
    KEY_TEXT,        // char array; `max` bytes at most
    KEY_MODE,        // enum net_mode
    KEY_LEVER_MODE,  // uint32_t of net.lever_modes
    KEY_PROTOCOL,    // enum net_protocol
    KEY_OVER,        // enum net_over
    KEY_LEARN,       // enum net_learn
    KEY_PUBLISH,     // enum net_publish
    KEY_GROUP,       // enum net_group_kind
    KEY_USE,         // enum net_use_source
    KEY_CAPACITY,    // enum net_capacity
    KEY_BOOL,        // bool
    KEY_FAMILIES,    // bool[FAMILIES], from a list
    KEY_HOST,        // struct address of one host
    KEY_IPV4,        // the same, of IPv4
    KEY_ADDRESSES,   // struct address[FAMILIES], from a list: at most one for each family
    KEY_HOSTS,       // the same, none of them unspecified
    KEY_ENDPOINT,    // the web address and port of struct net: "127.0.0.1:8470"
    KEY_PREFIX,      // struct prefix
    KEY_FIB,         // the source, address and port of struct net_fib
    KEY_PREFIXES,    // struct net_prefixes, from a list
    KEY_NUMBERS,     // struct net_numbers, from a list
    KEY_AS_NUMBERS,  // struct net_as_numbers, from a list
    KEY_ARGUMENTS,   // struct net_arguments, from a list of texts
    KEY_OBJECT,      // struct net_object: "member GROUP/MEMBER"
    KEY_COMMUNITY,   // struct net_community: "64500:666:1"
    KEY_TAG,         // struct net_tag: "64500:666:1" or "65535:0"
    KEY_TAGS,        // struct net_tags, from a list
    KEY_ROUTER,      // uint32_t index, from a router's name
    KEY_ROUTERS,     // uint32_t bit set, from a list of routers' names
    KEY_UPSTREAMS,   // the same of upstreams
    KEY_CHANNEL,     // enum net_channel_kind
    KEY_CHANNELS,    // struct net_order, from a list of channels' names
    KEY_PEOPLE,      // the same of people
    KEY_PERSON,      // uint32_t index, from a person's name
    KEY_TEAMS,       // uint32_t bit set, from a list of teams' names
    KEY_RIGHTS,      // uint32_t RIGHT_*, from a list
    KEY_ZONE,        // char[NET_NAME_MAX]: a time zone: "Europe/Berlin"
    KEY_LOCAL_TIME,  // int64_t seconds as if it were UTC: "2026-03-29 09:00"
    KEY_WEEK_TIME,   // uint32_t minutes since Monday 00:00: "monday 09:00"
    KEY_DAYS,        // uint32_t bit set, bit 0: Monday
    KEY_HOURS,       // two uint32_t, minutes of the day: "09:00-17:00"
    KEY_LOCATION,    // struct net_location, from a list of latitude and longitude
    KEY_U16,         // whole numbers
    KEY_U32,
    KEY_I64,
    KEY_RATE,  // uint32_t thousandths, from a number with up to three decimals
    KEY_MS,    // int64_t ns, from such a number of ms
    KEY_S,     // int64_t ns, from such a number of s
    KEY_MAP,   // a section of further keys
    KEY_LIST,  // a list of such sections
    KEY_KINDS
};

struct key {
    const char *name;
    enum key_kind kind;
    size_t offset;                // in the struct of its section
    int64_t min, max;             // of numbers, in the key's unit; of texts: bytes
    const char *fallback;         // as a file would say it; "": none; NULL: must be given
    const struct keys *section;   // of KEY_MAP and KEY_LIST
    size_t count_offset, stride;  // of KEY_LIST: where its uint32_t count is, bytes of one entry
    const char *doc;              // one line
};

struct keys {
    const struct key *items;
    uint32_t count;
};

// Of the whole file; offsets count in struct net.
extern const struct keys keys_top;
// Sections of it, in files of their own; those of the first count in struct net too.
extern const struct keys keys_counters, keys_syslog, keys_targets, keys_links, keys_steer,
    keys_budget, keys_changes, keys_ssh, keys_traps;

#define KEYS_OF(rows)                                                                              \
    {                                                                                              \
        rows, sizeof rows / sizeof rows[0]                                                         \
    }

// "SECONDS", "[PREFIX, ...]": what stands after the key.
const char *key_shape(enum key_kind kind);

// Of the lists `groups` and `hooks`; offsets count in struct net_group and struct net_hook.
extern const struct keys keys_groups, keys_hooks;
// Of announce[].health; offsets count in struct net_announce.
extern const struct keys keys_health;
// Of the list `announce`, in struct net_announce; and of upstreams[].inbound, in
// net_upstream.inbound.
extern const struct keys keys_announce, keys_inbound;

// Calls `each` for every key in the order of the rows, sections before what they hold, with its
// whole path: "routers[].address".
struct key_visit {
    void (*each)(void *context, const char *path, const struct key *key);
    void *context;
};
void keys_walk(const struct key_visit *visit);
