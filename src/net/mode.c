// SPDX-License-Identifier: ISC
#include "net/net.h"

const char *const net_mode_names[NET_MODES] = {"observe", "advise", "confirm", "act"};

enum net_mode net_mode_by_rules(enum net_mode mode, uint32_t rules_read, uint32_t rules)
{
    return mode == NET_ACT && rules_read > 0 && rules_read < rules ? NET_CONFIRM : mode;
}

enum net_mode net_lever_mode(const struct net *net, enum net_lever lever)
{
    uint32_t own = net->lever_modes[lever];
    return net_mode_by_rules(own ? (enum net_mode)(own - 1) : net->mode, net->rules, NET_RULES);
}

bool net_may_move(const struct net *net)
{
    return net_lever_mode(net, NET_LEVER_OVERRIDE) >= NET_CONFIRM ||
           net_lever_mode(net, NET_LEVER_EXIT) >= NET_CONFIRM;
}
