// SPDX-License-Identifier: ISC
// An outage as data: the network it happens in, the daemons, the traffic, what breaks and when, and
// what is expected of Fairlead. Read from scenarios/NAME/scenario.yaml. Texts live as long as the
// scenario.
#pragma once

#include "base/prefix.h"
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
};

enum scenario_kind { SCENARIO_HOST, SCENARIO_ROUTER, SCENARIO_SWITCH, SCENARIO_KINDS };
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
};

struct scenario_end {
    const char *node, *port;
};

struct scenario_target {
    uint32_t node;
    struct address address[FAMILIES];
    uint8_t passes[SCENARIO_WAYS_MAX];  // routers that a packet passes on each way
};

struct scenario_traffic {
    uint32_t from;                        // node
    uint32_t rate_pps;                    // of each family
    const char *ways[SCENARIO_WAYS_MAX];  // names of upstreams
    uint32_t way_count, usual;            // index of the way taken when nothing is wrong
    uint32_t target_count;
    struct scenario_target targets[SCENARIO_TARGETS_MAX];
};

// Loss of forwarded packets in a node. Times count from the moment when Fairlead is ready.
struct scenario_fault {
    uint32_t node;
    const char *from;  // only packets that came in by this port; NULL: all
    uint32_t loss_ppm;
    int64_t at_ns, until_ns;   // until_ns 0: to the end
    int64_t every_ns, for_ns;  // bursts: so often, so long; 0: lasting
    const char *blames;        // the upstream whose fault it is; NULL: noise that is nobody's
};

struct scenario_expect {  // 0 expects 0; UINT32_MAX expects nothing
    uint32_t detect_p50_ms, detect_p95_ms, restore_p50_ms, restore_p95_ms;
    uint32_t return_lost_packets, false_actions;
};

struct scenario {
    char name[32];
    char directory[256];  // where its files are: of the scenario that it is like, if any
    const char *summary;
    uint32_t operator_detect_s, operator_restore_s;
    uint32_t node_count, link_count, fault_count;
    struct scenario_node nodes[SCENARIO_NODES_MAX];
    struct scenario_end links[SCENARIO_LINKS_MAX][2];
    struct scenario_fault faults[SCENARIO_FAULTS_MAX];
    struct scenario_traffic traffic;
    uint32_t guard;            // node that Fairlead runs in
    const char *guard_config;  // a file of the scenario
    uint32_t run_max_s;        // a run with an outage must be over by then
    uint32_t soak_s;           // without one: how long a run lasts
    struct scenario_expect expect;
    struct tree *tree, *base;  // base: of the scenario that this one is like; NULL: of none
};

// Finds NAME in scenarios/ here, in the source tree and where `meson install` puts it; or FILE, or
// the directory of one. False when it cannot be read or used: `errors` says why.
bool scenario_open(struct scenario *scenario, const char *name, struct net_errors *errors);
void scenario_close(struct scenario *scenario);

uint32_t scenario_node_find(const struct scenario *scenario, const char *name);  // UINT32_MAX: none
// The outage that the runs are about; NULL: a soak.
const struct scenario_fault *scenario_outage(const struct scenario *scenario);
// A file of the scenario. False when the path is too long.
bool scenario_path(const struct scenario *scenario, const char *file, char *path, size_t size);
