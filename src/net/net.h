// SPDX-License-Identifier: ISC
// The network as its operator configured it: site, routers, upstreams, targets, limits. A value,
// filled once by net_parse(), checked as a whole, read by every role, changed by none.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"
#include "net/access.h"
#include "net/alert.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    NET_ROUTERS_MAX = 16,  // a site's edge
    NET_UPSTREAMS_MAX = 20,
    NET_TARGETS_MAX = 32,
    NET_PREFIXES_MAX = 64,  // entries of one prefix list
    NET_BMP_SENDERS_MAX = 64,
    NET_DEVICES_MAX = 256,
    NET_BMP_PEERS_MAX = 480,  // of one router; all together have as many tables
    NET_FLOWS_MAX = 64,       // for each path and target
    NET_OWN_MAX = 64,         // own prefixes
    NET_NUMBERS_MAX = 8,      // of one list
    NET_GROUPS_MAX = 8,       // of parts that are redundant, or fail together,
    NET_MEMBERS_MAX = 4,      // and members of one
    NET_LINKS_MAX = 16,
    NET_LINK_FLOWS_MAX = 16,  // for each family
    NET_ORIGINS_MAX = 16,     // AS numbers of one list
    NET_ANNOUNCE_MAX = 64,    // prefixes that we announce
    NET_TAGS_MAX = 8,         // communities of one list
    NET_HOOKS_MAX = 16,
    NET_ARGUMENTS_MAX = 8,   // of one program
    NET_CIRCUITS_MAX = 256,  // that announcements of maintenance name
    NET_CIRCUIT_MAX = 64,    // bytes, with the final zero
    NET_REPOSITORIES_MAX = 8,
    NET_ETCDS_MAX = 4,
    NET_SSH_VENDORS_MAX = 8,
    NET_SSH_DEVICES_MAX = 64,
    NET_TRAP_USERS_MAX = 64,
    NET_RULES = 1,  // of acting: one more whenever an update decides otherwise than before (S16)
    NET_PATHS_MAX = (NET_UPSTREAMS_MAX + 1) * 2,
    // What a file may ask for; steer/limits.h gives the reasons, cmd/config.c checks that both
    // agree.
    NET_ROUTES_PER_ROUTER_MAX = 200,
    NET_ROUTES_PER_FAMILY_MAX = 200,
    NET_ROUTES_MAX = 1000,
    NET_ACTS_PER_MINUTE_MAX = 1000,
    NET_ACTS_PER_PREFIX_MAX = 12,
    NET_LOCAL_PREF_MAX = 1000,
    NET_LEASE_S_MAX = 9,
    NET_HEADROOM_PERCENT_MAX = 95,
    NET_PREFIXES_PER_MINUTE_MAX = 400,
};
#define NET_NOBODY UINT32_MAX  // an index that names nothing; too large for an enumerator

enum net_mode { NET_OBSERVE, NET_ADVISE, NET_CONFIRM, NET_ACT, NET_MODES };
extern const char *const net_mode_names[NET_MODES];
enum net_lever { NET_LEVER_OVERRIDE, NET_LEVER_EXIT, NET_LEVER_STANCE, NET_LEVER_HOOK, NET_LEVERS };
enum net_group_kind { NET_REDUNDANCY, NET_SHARED_RISK, NET_GROUP_KINDS };
enum net_over { NET_OVER_REFUSE, NET_OVER_CLOSE, NET_OVERS };  // what comes of too many prefixes
enum net_learn { NET_LEARN_NEVER, NET_LEARN_CAREFULLY, NET_LEARN_FREELY, NET_LEARNS };
enum net_protocol { NET_STAMP, NET_ICMP, NET_TCP, NET_PROTOCOLS };
extern const char *const net_protocol_names[NET_PROTOCOLS];  // as in the configuration

struct net_prefixes {
    uint32_t count;
    struct prefix items[NET_PREFIXES_MAX];
};

struct net_numbers {
    uint32_t count;
    uint16_t items[NET_NUMBERS_MAX];
};

// On the earth, in millionths of a degree, north and east.
struct net_location {
    uint32_t said;  // numbers that were given: 2, or it is not known
    int32_t latitude_udeg, longitude_udeg;
};

struct net_community {  // large community, RFC 8092
    uint32_t global, local1, local2;
};

// A community of either sort; a standard one (RFC 1997) has its halves in global and local1.
enum net_tag_kind { NET_TAG_NONE, NET_TAG_STANDARD, NET_TAG_LARGE };
struct net_tag {
    enum net_tag_kind kind;
    struct net_community value;
};

struct net_tags {
    uint32_t count;
    struct net_tag items[NET_TAGS_MAX];
};

// How one of our prefixes is offered to an upstream, from best to worst.
enum net_stance {
    NET_STANCE_NORMAL,
    NET_STANCE_PREPEND,
    NET_STANCE_GRACEFUL,  // with 65535:0, RFC 8326: last choice, but still there
    NET_STANCE_WITHHELD,
    NET_STANCES
};
extern const char *const net_stance_names[NET_STANCES];

// Where the routes that a router's kernel forwards by are read.
enum net_fib_source { NET_FIB_NONE, NET_FIB_LOCAL, NET_FIB_AGENT };

struct net_fib {
    enum net_fib_source from;
    struct address address;  // of `fairlead agent` on the router
    uint16_t port;
    uint32_t table;              // the one that BGP's routes go to; 254: main
    int64_t settle_ns;           // a difference from BGP's choice stands so long before it counts
    char md5_key[NET_TEXT_MAX];  // of the connection to the agent; empty: none
};

struct net_router {
    char name[NET_NAME_MAX];
    struct address address;        // of its BGP speaker
    struct address local_address;  // ours towards it; FAMILY_NONE: the kernel chooses
    uint16_t port;                 // 179
    char md5_key[NET_TEXT_MAX];    // empty: none
    uint16_t hold_time_s;          // offered; 9
    bool families[FAMILIES];
    struct net_fib fib;
    bool ttl_security;      // RFC 5082: it is a neighbour, and nobody further away is heard
    uint32_t prefixes_max;  // routes of each family that are taken; 0: as many as fit
    enum net_over prefixes_over;
};

// How packets of a path are sent through its upstream. All that are given are used together.
struct net_selection {
    struct address source[FAMILIES];  // by source address; FAMILY_NONE: the kernel chooses
    uint32_t mark;                    // firewall mark, for a rule and a routing table; 0: none
    char device[16];                  // SO_BINDTODEVICE; empty: none
    uint32_t micro_session;           // link of a bundle, as RFC 9534 numbers it; 0: not said
    bool xdp;                         // by AF_XDP sockets of the device
};

enum net_use_source { NET_USE_NONE, NET_USE_KERNEL, NET_USE_PUSHED, NET_USE_SNMP, NET_USE_SOURCES };

enum { NET_SNMP_TEXT_MAX = 64 };  // bytes, with the final zero

// An interface of a device that is asked for its counters by SNMP.
struct net_snmp {
    struct address address;  // of its agent; FAMILY_NONE: not asked
    uint16_t port;
    char interface[NET_SNMP_TEXT_MAX];  // as ifName has it
    char community[NET_SNMP_TEXT_MAX];  // of version 2c; empty: version 3
    char user[NET_SNMP_TEXT_MAX], auth_key[NET_SNMP_TEXT_MAX];
    char priv_key[NET_SNMP_TEXT_MAX];  // empty: not encrypted
};

// Where it is read what an upstream carries.
struct net_use {
    enum net_use_source from;
    char device[16];  // NET_USE_KERNEL: this host's interface to it
    struct net_snmp snmp;
};

enum { NET_SHARED_SITES_MAX = 1000 };

// Sites that leave by one backbone, which may be too small for all. Each is told its turn.
struct net_shared {
    uint32_t sites, turn;  // 1 to sites; 0: nobody shares it
};

struct net_upstream {
    char name[NET_NAME_MAX];
    uint32_t router;  // index: the router it is attached to
    struct address
        next_hop[FAMILIES];  // as the edge routers use it; FAMILY_NONE: family not served
    struct net_selection select;
    uint32_t capacity_mbps;  // of each direction; 0: unknown
    struct net_shared shared;
    struct net_use use;
    char country[NET_NAME_MAX], region[NET_NAME_MAX];  // where it leads; empty: not said
    struct net_location location;                      // likewise
    // Host addresses over which the routers resolve its routes: a route to one moves them all.
    struct address exit[FAMILIES];        // FAMILY_NONE: none
    struct net_tag inbound[NET_STANCES];  // what its router reads each stance from
};

struct net_target {
    char name[NET_NAME_MAX];
    struct address address[FAMILIES];  // FAMILY_NONE: not in this family
    enum net_protocol protocol;
    uint16_t port;       // of UDP for STAMP, of TCP
    uint32_t flows;      // 5-tuples for each path, NET_FLOWS_MAX at most
    uint32_t rate_mpps;  // thousandths of a probe a second, for each path, over all its flows
    bool ours;
    uint32_t rate_max_pps;  // probes in any second over all flows and paths; 0: see below
    // The first flow once more for each of these: packets of other sizes and classes.
    struct net_numbers sizes_bytes, dscp;
    uint32_t variant_rate_mpps;     // of each, for each path
    struct address node[FAMILIES];  // an address of who is to answer; FAMILY_NONE: not said
    char country[NET_NAME_MAX];     // where it is; empty: not said
    char region[NET_NAME_MAX];      // likewise
    struct net_location location;
};

enum { NET_THIRD_PARTY_PPS_MAX = 10 };  // detection.md 1.6

struct net_host {           // of one target or several
    uint32_t rate_max_pps;  // it bears what any of them says; UINT32_MAX likewise
    uint64_t asked_mpps;    // by all together, over all paths
    uint32_t targets, last;
};

// A neighbour that sends back to us what is addressed to us.
struct net_link {
    char name[NET_NAME_MAX];
    char device[16];
    struct address neighbour[FAMILIES], address[FAMILIES];  // the same families of both
    uint32_t flows;                                         // for each family
    uint32_t rate_mpps;                                     // of each flow
};

struct net_probe {
    uint32_t path_rate_max_pps;      // over all targets of one path, acceleration included
    struct net_selection as_routed;  // follows the routers' choice: what customers get
    int64_t timeout_min_ns, timeout_max_ns;
    uint32_t roving_rate_mpps;  // thousandths of a probe a second on each path; 0: none
    uint32_t trace_rate_mpps;   // likewise, of packets that expire at one hop; 0: none
    uint32_t trace_flows;       // 5-tuples to a target that are traced at most
    int64_t trace_interval_s;
};

struct net_detect {
    uint32_t loss_normal_ppm;  // background that is nobody's fault
    // What the whole system may be wrong: > 0, in thousandths (detect/budget.h).
    uint32_t false_suspicions_mpd;  // a day
    uint32_t false_acts_mpy;        // a year
    int64_t burst_mean_ns;          // mean length of harmless bursts
    int64_t burst_interval_s;       // mean time between them
    enum net_learn learn;           // whether a path's own loss and bursts take their place
};

// Whether what a move would do to the target's capacity must be proven.
enum net_capacity { NET_CAPACITY_PROVE, NET_CAPACITY_IGNORE, NET_CAPACITIES };

struct net_budget {             // what may be moved at all (safety.md S8 to S10, detection.md I3)
    uint32_t headroom_percent;  // of a target's capacity, in use after a move (S10)
    uint32_t prefixes_per_minute_max;    // S8
    uint32_t moved_per_minute_percent;   // of all traffic (I3)
    uint32_t drained_upstreams_percent;  // of all, at any time; one may be in any case (S9)
    uint32_t drained_traffic_percent;    // of all traffic, by more than one upstream (S9)
    int64_t canary_ns;  // the first move is of one prefix, the rest follows after this; 0: at once
};

enum { NET_VERIFY_MS_MAX = 300 * 1000 };

struct net_steer {
    struct net_prefixes prefixes;  // learned prefixes inside these may be moved; none: nothing may
    uint32_t local_pref;
    struct net_community marker;
    int64_t hold_min_ns, hold_max_ns;  // before a trial; doubles with each failure
    int64_t fib_settle_ns;             // from an UPDATE until the router forwards by it
    int64_t verify_max_ns;             // an act not proven better by then is undone
    int64_t healthy_min_ns;            // the alternative must have been good for as long (S13)
    int64_t quiet_start_ns;            // no act earlier after the tables are complete (S7)
    int64_t lease_ns;  // route withdraws everything when the engine is silent for it
    enum net_capacity capacity;
    bool act_on_faults;  // a named part is a reason to move, where loss of the path is none
    bool inbound;        // a loss is a reason to offer own prefixes otherwise, too
    struct net_budget budget;
};

struct net_guard {  // the hard limits (safety.md S1 to S7), over steer/limits.h
    uint32_t routes_per_router_max, routes_per_family_max, routes_max;
    uint32_t acts_per_minute_max, acts_per_prefix_max;  // S8; S15: in an hour
    uint32_t own_withdrawn_together_max;                // S12: within a minute
    struct net_prefixes protected_prefixes;             // S6, beside those computed
    struct net_prefixes allowed_bogons;                 // S5: documentation prefixes of a lab
};

struct net_as_numbers {
    uint32_t count;
    uint32_t items[NET_ORIGINS_MAX];
};

// A prefix that is ours: told when it vanishes, moves, or shows up as somebody else's.
struct net_own {
    struct prefix prefix;
    uint32_t length_max;            // more-specifics of right origin up to this are expected
    struct net_as_numbers origins;  // who may originate it
};

struct net_arguments {
    uint32_t count;
    char items[NET_ARGUMENTS_MAX][NET_TEXT_MAX];
};

// Asked again and again whether what a prefix leads to is well: that is its exit status 0.
struct net_health {
    char program[NET_TEXT_MAX];  // empty: nobody is asked, and all is well
    struct net_arguments arguments;
    int64_t interval_ns, timeout_ns;
    uint32_t rise, fall;  // answers in a row that change what is believed
};

// A prefix that is ours to announce, exactly as it stands here.
struct net_announce {
    struct prefix prefix;
    struct address next_hop;      // where its packets are to go
    uint32_t routers;             // a bit set: who is told; 0: all
    struct net_tags communities;  // beside the marker
    bool anycast;                 // other sites announce it too
    struct net_health health;
};

// What a probe passes when it passes the member: any of these.
struct net_member {
    char name[NET_NAME_MAX];
    uint32_t upstreams;        // a bit set
    struct net_prefixes hops;  // routers on the way have addresses in them
    char link[NET_NAME_MAX];   // name or device of a link; empty: none
};

// Of a redundancy group each member fails by itself; what shares a risk, such as a fibre, fails as
// one.
struct net_group {
    char name[NET_NAME_MAX];
    enum net_group_kind kind;
    uint32_t member_count;
    struct net_member members[NET_MEMBERS_MAX];
};

enum net_object_kind {
    NET_OBJECT_UPSTREAM,
    NET_OBJECT_ROUTER,
    NET_OBJECT_MEMBER,  // of a group
    NET_OBJECT_SITE,
    NET_OBJECT_KINDS
};

struct net_object {  // see net/object.h
    enum net_object_kind kind;
    uint32_t index;   // of the upstream, router or group; 0 of the site
    uint32_t member;  // of the group; else 0
};

// A program that takes a part of the network out of use, or rolls back what broke it. It is not
// believed: probes must show that it helped.
struct net_hook {
    char name[NET_NAME_MAX];
    struct net_object object;
    char program[NET_TEXT_MAX];
    struct net_arguments arguments;
    struct net_arguments undo_arguments;  // none: only a person can take it back
    int64_t timeout_ns;                   // it is killed then
    int64_t settle_ns;                    // from its end until packets meet what it did
};

struct net_bmp_sender {  // a router that tells of its peers; one of this name is that router
    char name[NET_NAME_MAX];
    struct address address[FAMILIES];  // it comes from; FAMILY_NONE: not in this family
    uint16_t port;                     // it listens there and we call; 0: it calls us
};

struct net_bmp {
    struct address listen[FAMILIES];  // FAMILY_NONE: do not listen
    uint16_t port;                    // of listen
    uint32_t peers_max;               // of one router
    uint32_t sender_count;
    struct net_bmp_sender senders[NET_BMP_SENDERS_MAX];
};

// Where servers say what they see, and who may (see detect/passive.h).
struct net_counters {
    struct address listen[FAMILIES];  // StatsD lines over UDP; FAMILY_NONE: do not listen
    uint16_t port;
    struct address http[FAMILIES];  // the same as JSON, on loopback; FAMILY_NONE: do not listen
    uint16_t http_port;
    char token[NET_TEXT_MAX];     // that HTTP asks for
    struct net_prefixes sources;  // who is heard beside this host
    uint32_t failed_normal_ppm;   // background that is nobody's fault
};

struct net_device {  // that tells by syslog; one with a router's name is that router
    char name[NET_NAME_MAX];
    struct address address[FAMILIES];  // it sends from; FAMILY_NONE: not in this family
};

struct net_syslog {
    struct address listen[FAMILIES];  // by UDP and TCP; FAMILY_NONE: do not listen
    uint16_t port;
    struct address tls_listen[FAMILIES];  // over TLS; FAMILY_NONE: do not listen
    uint16_t tls_port;
    char tls_certificate[NET_TEXT_MAX], tls_key[NET_TEXT_MAX];
    char tls_authorities[NET_TEXT_MAX];  // who signs devices' certificates; empty: none is asked
    char patterns[NET_TEXT_MAX];  // directory of pattern files; empty: those that were installed
    uint32_t device_count;
    struct net_device devices[NET_DEVICES_MAX];
    struct net_prefixes relays;  // hosts that pass on what devices say, beside this one
};

struct net_trap_user {  // of version 3, whose traps are taken; with another engine another one
    char name[NET_SNMP_TEXT_MAX];
    char engine_id[NET_SNMP_TEXT_MAX + 8];  // who sends, in hexadecimal; empty: informs alone
    char auth[NET_SNMP_TEXT_MAX];           // "SHA-256"
    char auth_key[NET_SNMP_TEXT_MAX];       // empty: nothing shows who sends
    char priv_key[NET_SNMP_TEXT_MAX];       // empty: not encrypted
};

struct net_traps {                    // of SNMP, of the devices of net_syslog
    struct address listen[FAMILIES];  // by UDP; FAMILY_NONE: do not listen
    uint16_t port;
    char community[NET_SNMP_TEXT_MAX];  // of version 2c; empty: it is not taken
    char patterns[NET_TEXT_MAX];        // directory of rules; empty: those that were installed
    uint32_t user_count;
    struct net_trap_user users[NET_TRAP_USERS_MAX];
};

struct net_circuit {
    char id[NET_CIRCUIT_MAX];  // as whoever works on it writes it
    struct net_object object;
};

struct net_maintenance {
    int64_t lead_ns;  // what goes by an object leaves so long before its window
    uint32_t circuit_count;
    struct net_circuit circuits[NET_CIRCUITS_MAX];
};

struct net_repository {  // of git, on this host
    char path[NET_TEXT_MAX], branch[NET_TEXT_MAX];
    char devices[NET_TEXT_MAX];  // a pattern of its files' paths, see change/place.h
    int64_t interval_ns;         // between two looks
};

struct net_etcd {  // keys that are watched
    char url[NET_TEXT_MAX], prefix[NET_TEXT_MAX];
    char devices[NET_TEXT_MAX];      // a pattern of keys, see change/place.h
    char authorities[NET_TEXT_MAX];  // file, of https; empty: the machine's own
    char user[NET_TEXT_MAX];         // who we are to it; empty: nobody, or whose token that is
    char secret_file[NET_TEXT_MAX];  // holds the user's password, or without a user a token
};

struct net_changes {                // what people do to devices, and how it is learned
    char token_file[NET_TEXT_MAX];  // holds what a pipeline must bring; empty: none may post
    uint32_t git_count;
    struct net_repository git[NET_REPOSITORIES_MAX];
    uint32_t etcd_count;
    struct net_etcd etcd[NET_ETCDS_MAX];
};

struct net_ssh_vendor {       // devices that are asked the same
    char name[NET_NAME_MAX];  // patterns' `app`
    struct net_arguments commands;
};

struct net_ssh_device {  // that is asked over SSH; one with a router's name is that router
    char name[NET_NAME_MAX], vendor[NET_NAME_MAX];
    struct address address;
    uint16_t port;
};

struct net_ssh {
    char user[NET_NAME_MAX];
    char key_file[NET_TEXT_MAX], known_hosts[NET_TEXT_MAX];
    char patterns[NET_TEXT_MAX];  // directory of pattern files; empty: those that were installed
    int64_t interval_ns, timeout_ns;
    uint32_t vendor_count, device_count;
    struct net_ssh_vendor vendors[NET_SSH_VENDORS_MAX];
    struct net_ssh_device devices[NET_SSH_DEVICES_MAX];
};

enum net_publish { NET_PUBLISH_BY_HAND, NET_PUBLISH_AT_ONCE, NET_PUBLISHES };

struct net_status_page {
    char directory[NET_TEXT_MAX];  // where its files are; empty: none are written
    enum net_publish publish;      // whether a person must say so
};

struct net_store {
    char path[NET_TEXT_MAX];  // what is told to people is kept there; empty: nowhere
    uint32_t keep_days, keep_rates_days;
};

struct net {
    char site[NET_NAME_MAX];
    struct net_location location;
    enum net_mode mode;
    uint32_t lever_modes[NET_LEVERS];  // enum net_mode, plus 1; 0: as `mode`
    uint32_t rules;  // the rules of acting that were read by who wrote the file; 0: these
    uint32_t asn;
    struct address router_id;             // IPv4 form
    struct address bgp_listen[FAMILIES];  // FAMILY_NONE: do not listen
    uint16_t bgp_listen_port;
    struct address web_address;  // FAMILY_NONE: no status page
    uint16_t web_port;
    struct net_access access;
    char audit_path[NET_TEXT_MAX];  // the audit log; empty: none, and nothing is done
    struct net_store store;
    struct net_status_page status_page;
    char kill_path[NET_TEXT_MAX];          // while this file stands nothing is moved; empty: none
    char record_path[NET_TEXT_MAX];        // recording of the engine's input; empty: none
    char user[NET_NAME_MAX];               // roles drop to it when started as root
    bool role_users;                       // each becomes a user of its own
    char hooks_user[NET_NAME_MAX];         // programs run as it; empty: as user
    char control_path[NET_TEXT_MAX];       // UNIX socket for people's questions; empty: none
    char control_group[NET_NAME_MAX];      // who may ask beside the owner; empty: nobody
    char control_act_group[NET_NAME_MAX];  // who may act beside the owner; empty: nobody
    uint32_t table_mib_max;                // of the route process's tables
    uint32_t router_count, upstream_count, target_count, own_count, link_count, group_count;
    uint32_t announce_count, hook_count;
    struct net_router routers[NET_ROUTERS_MAX];
    struct net_upstream upstreams[NET_UPSTREAMS_MAX];
    struct net_target targets[NET_TARGETS_MAX];
    struct net_link links[NET_LINKS_MAX];
    struct net_own own[NET_OWN_MAX];
    struct net_announce announce[NET_ANNOUNCE_MAX];
    struct net_group groups[NET_GROUPS_MAX];
    struct net_hook hooks[NET_HOOKS_MAX];
    struct net_bmp bmp;
    struct net_counters counters;
    struct net_syslog syslog;
    struct net_traps traps;
    struct net_changes changes;
    struct net_ssh ssh;
    struct net_alert alert;
    struct net_probe probe;
    struct net_detect detect;
    struct net_steer steer;
    struct net_guard guard;
    struct net_maintenance maintenance;
};

// A path: what is measured as one. `upstream` NET_NOBODY is "as routed": the way that customers'
// packets take now, used to verify an act. Paths are numbered 0 .. net_path_count()-1, first the
// upstreams in order, IPv4 then IPv6 each (only families served), then as routed.
struct net_path {
    uint32_t upstream;
    enum family family;
};

// How far Fairlead may go by itself with such a lever (S16): no further than confirm where other
// rules hold than those that were read.
enum net_mode net_lever_mode(const struct net *net, enum net_lever lever);
enum net_mode net_mode_by_rules(enum net_mode mode, uint32_t rules_read, uint32_t rules);
// Whether anything at all may be moved.
bool net_may_move(const struct net *net);

// UINT32_MAX: as many as the paths allow.
uint32_t net_target_rate_max_pps(const struct net_target *target);
// What each path is given when nothing is said.
uint32_t net_target_usual_mpps(const struct net *net, uint32_t target);
// What its flows and their variants ask for together, over all paths.
uint64_t net_target_asked_mpps(const struct net *net, const struct net_target *target);
uint32_t net_target_variants(const struct net_target *target);
// Its region, or the continent of its country or else its location; "": not known.
const char *net_target_region(const struct net_target *target);

// Targets that share an address are one host: of each the first that is the same host.
void net_target_hosts(const struct net *net, uint32_t host_of[NET_TARGETS_MAX]);
// All that the host is.
struct net_host net_host(const struct net *net, const uint32_t *host_of, uint32_t host);

uint32_t net_path_count(const struct net *net);
struct net_path net_path(const struct net *net, uint32_t path);
// NET_NOBODY when there is no such path.
uint32_t net_path_find(const struct net *net, uint32_t upstream, enum family family);
// "transit-a ipv4" or "as-routed ipv6", into `text` (NET_NAME_MAX + 8 bytes); gives it back.
const char *net_path_name(const struct net *net, uint32_t path, char *text);
// The router of this name; NET_NOBODY.
uint32_t net_router_by_name(const struct net *net, const char *name);
// The upstream whose next hop this is; NET_NOBODY.
uint32_t net_upstream_by_next_hop(const struct net *net, struct address next_hop);
// The upstream whose exit is just this prefix; NET_NOBODY.
uint32_t net_exit_of(const struct net *net, struct prefix prefix);
// The one of net.own, and of net.announce, that is just this prefix; NET_NOBODY.
uint32_t net_own_of(const struct net *net, struct prefix prefix);
// The longest own prefix that it is, or is part of; NET_NOBODY.
uint32_t net_own_around(const struct net *net, struct prefix prefix);
uint32_t net_announce_of(const struct net *net, struct prefix prefix);
bool net_announces_to(const struct net_announce *announce, uint32_t router);
// The path that a link carries: of an upstream that is left by its device, or whose router is the
// neighbour; NET_NOBODY.
uint32_t net_link_path(const struct net *net, const struct net_link *link, enum family family);
// Whether an upstream's packets go by it: an upstream that names a device goes by no other.
bool net_link_carries(const struct net *net, const struct net_link *link, uint32_t upstream);
const struct net_selection *net_path_selection(const struct net *net, uint32_t path);
