// SPDX-License-Identifier: ISC
// An outage as data: the network it happens in, the daemons, the traffic, what breaks and when, and
// what is expected of Fairlead. Read from scenarios/NAME/scenario.yaml. Texts live as long as the
// scenario.
#pragma once

#include "base/prefix.h"
#include "lab/scenario_fault.h"
#include "net/errors.h"
#include "net/tree.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SCENARIO_NODES_MAX = 32,
    SCENARIO_LINKS_MAX = 64,
    SCENARIO_WAYS_MAX = 4,     // upstreams that traffic may take
    SCENARIO_TARGETS_MAX = 8,  // destinations of traffic
    SCENARIO_FAULTS_MAX = 16,
    SCENARIO_MIX_MAX = 8,    // sorts of packets in the traffic
    SCENARIO_LIKES_MAX = 4,  // itself, what it is like, what that is like, and so on
    SCENARIO_PORTS_MAX = 4096,
};

enum scenario_kind {
    SCENARIO_HOST,
    SCENARIO_ROUTER,
    SCENARIO_SWITCH,
    SCENARIO_WIRE,  // carries what comes in by one of its two ports to the other, later
    SCENARIO_KINDS
};
enum scenario_daemon { SCENARIO_NO_DAEMON, SCENARIO_BIRD, SCENARIO_FRR, SCENARIO_DAEMONS };

struct scenario_node {
    const char *name;
    enum scenario_kind kind;
    const struct tree_node *addresses;  // map of port to list
    const struct tree_node *routes;     // list, each as after `ip route add`
    const struct tree_node *rules;      // list, each as after `ip rule add`; "-6 " first: IPv6
    const struct tree_node *run;        // list of command lines
    enum scenario_daemon daemon;
    const char *config;  // of the daemon; a file of the scenario
    int64_t delay_ns;    // of a wire, each way
};

struct scenario_end {
    const char *node, *port;
};

struct scenario_target {
    uint32_t node;
    uint32_t also;  // another node with the same addresses, of an anycast service; or UINT32_MAX
    struct address address[FAMILIES];
    uint8_t passes[SCENARIO_WAYS_MAX];  // routers that a packet passes on each way
};

struct scenario_sort {  // of packets
    uint8_t dscp;
    uint16_t size_bytes;  // of the IP packet; 0: as small as can be
};

struct scenario_traffic {
    uint32_t from;      // node
    uint32_t rate_pps;  // of each family
    uint32_t ports;     // source ports, taken in turn: so many 5-tuples to each destination
    int64_t late_ns;    // a packet that takes longer is faulty as if it were lost; 0: none is
    uint32_t mix_count;
    struct scenario_sort mix[SCENARIO_MIX_MAX];  // taken in turn
    const char *ways[SCENARIO_WAYS_MAX];         // names of upstreams
    uint32_t way_count, usual;                   // index of the way taken when nothing is wrong
    uint32_t without;                            // and of that while no Fairlead is there
    uint32_t target_count;
    struct scenario_target targets[SCENARIO_TARGETS_MAX];
};

struct scenario {
    char name[32];
    // Of itself, of the scenario that it is like, of the one that that is like, and so on.
    char directories[SCENARIO_LIKES_MAX][256];
    struct tree *trees[SCENARIO_LIKES_MAX];
    uint32_t tree_count;
    const char *summary;
    uint32_t operator_detect_s, operator_restore_s;
    uint32_t node_count, link_count, fault_count;
    struct scenario_node nodes[SCENARIO_NODES_MAX];
    struct scenario_end links[SCENARIO_LINKS_MAX][2];
    struct scenario_fault faults[SCENARIO_FAULTS_MAX];
    struct scenario_traffic traffic;
    uint32_t guard;                         // node that Fairlead runs in
    const char *guard_config, *guard_more;  // files of the scenario; the second may be empty
    uint32_t run_max_s;                     // a run with an outage must be over by then
    uint32_t soak_s;                        // without one: how long a run lasts
    struct scenario_expect expect;
};

// Finds NAME in scenarios/ here, in the source tree and where `meson install` puts it; or FILE, or
// the directory of one. False when it cannot be read or used: `errors` says why.
bool scenario_open(struct scenario *scenario, const char *name, struct net_errors *errors);
void scenario_close(struct scenario *scenario);

uint32_t scenario_node_find(const struct scenario *scenario, const char *name);  // UINT32_MAX: none
// The outage that the runs are about; NULL: a soak.
const struct scenario_fault *scenario_outage(const struct scenario *scenario);
// A file of the scenario, or else of the one that it is like. False when the path is too long.
bool scenario_path(const struct scenario *scenario, const char *file, char *path, size_t size);
