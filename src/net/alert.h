// SPDX-License-Identifier: ISC
// Who is told of outages, as configured: channels, people, teams with their rotas, and what each
// severity asks for. A part of struct net; what is made of it is in alert/.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    NET_NAME_MAX = 32,   // bytes, with the final zero
    NET_TEXT_MAX = 108,  // bytes: paths, MD5 keys (RFC 2385 keys have at most 80)
    NET_CHANNELS_MAX = 16,
    NET_PEOPLE_MAX = 32,
    NET_TEAMS_MAX = 8,
    NET_LAYERS_MAX = 4,        // of one rota
    NET_SUBSTITUTES_MAX = 16,  // of one team
    NET_ORDER_MAX = 12,        // entries of one list in which the order counts
    NET_URL_MAX = 256,         // bytes, with the final zero
    NET_GRAVITIES = 3,         // minor, major, critical: enum outage_severity
};

enum net_channel_kind {
    NET_CHANNEL_WEBHOOK,
    NET_CHANNEL_EMAIL,
    NET_CHANNEL_SLACK,
    NET_CHANNEL_TEAMS,
    NET_CHANNEL_PAGERDUTY,
    NET_CHANNEL_OPSGENIE,
    NET_CHANNEL_ALERTMANAGER,
    NET_CHANNEL_PROGRAM,
    NET_CHANNEL_KINDS
};
extern const char *const net_channel_kind_names[NET_CHANNEL_KINDS];

struct net_channel {
    char name[NET_NAME_MAX];
    enum net_channel_kind kind;
    char url[NET_URL_MAX];           // empty: it stands in the secret file, or there is a usual one
    char from[NET_TEXT_MAX];         // of e-mail
    char to[NET_TEXT_MAX];           // likewise
    char user[NET_TEXT_MAX];         // for SMTP; empty: no login
    char secret_file[NET_TEXT_MAX];  // its first line: token, key, password or URL; empty: none
    char ca_file[NET_TEXT_MAX];      // empty: the system's
    char program[NET_TEXT_MAX];
    uint32_t upstreams;  // a bit set: goes out by one of them that does not fail; 0: as routed
    int64_t timeout_ns;
    int64_t heartbeat_ns;            // a page to show that the way is whole; 0: none
    char heartbeat_to[NET_URL_MAX];  // its URL or address; empty: that of pages
};

struct net_order {  // indices, in the order of the file
    uint32_t count;
    uint8_t items[NET_ORDER_MAX];
};

struct net_person {
    char name[NET_NAME_MAX];
    struct net_order channels;  // the next when one fails
};

// People in turn, each for so many weeks; where days and hours are given, only then. Times are
// local ones of the team's zone: seconds as if it were UTC, minutes from the week's or day's begin.
struct net_layer {
    struct net_order people;
    int64_t from_s;  // from here on; the first one's turn begins at the last hand-over before it
    uint32_t hand_over_min;
    uint32_t weeks;
    uint32_t days;                // a bit set, bit 0: Monday; 0: all
    uint32_t begin_min, end_min;  // of the day; equal: all of it; end before begin: over midnight
};

struct net_substitute {
    int64_t from_s, until_s;      // local, as above
    uint32_t person;              // who stands in
    struct net_order instead_of;  // for whom; none: for whoever it is
};

struct net_team {
    char name[NET_NAME_MAX];
    char zone[NET_NAME_MAX];  // "Europe/Berlin"
    uint32_t layer_count, second_count;
    struct net_layer layers[NET_LAYERS_MAX];   // a later one lies over the earlier ones
    struct net_layer seconds[NET_LAYERS_MAX];  // of the secondary; none: who is next in turn
    uint32_t substitute_count;
    struct net_substitute substitutes[NET_SUBSTITUTES_MAX];
};

struct net_gravity {
    uint32_t teams;          // a bit set: all at once; 0: nobody is paged
    int64_t acknowledge_ns;  // then the secondary too, then the whole team
    int64_t repeat_ns;       // from then on
    int64_t expires_ns;      // an acknowledgement holds so long
};

struct net_alert {
    uint32_t channel_count, person_count, team_count;
    struct net_channel channels[NET_CHANNELS_MAX];
    struct net_person people[NET_PEOPLE_MAX];
    struct net_team teams[NET_TEAMS_MAX];
    struct net_gravity gravities[NET_GRAVITIES];
    uint32_t pages_per_hour_max;  // to one person, whatever happens
    bool page_planned;            // planned work pages too
    char spool[NET_TEXT_MAX];     // file of pages that are not delivered yet; empty: none
};
