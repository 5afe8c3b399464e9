// SPDX-License-Identifier: ISC
#include "bgp/session_table.h"

// clang-format off
static const struct bgp_transition table[BGP_SESSION_STATES][BGP_FACTS] = {
    [BGP_IDLE] = {
        [BGP_FACT_START]        = {BGP_DO_DIAL,    BGP_CONNECT},
        [BGP_FACT_CONNECTED]    = {BGP_DO_OPEN,    BGP_OPENSENT},  // the router dialled
        [BGP_FACT_STOP]         = {BGP_DO_NOTHING, BGP_IDLE},
    },
    [BGP_CONNECT] = {
        [BGP_FACT_CONNECTED]    = {BGP_DO_OPEN,    BGP_OPENSENT},
        [BGP_FACT_CLOSED]       = {BGP_DO_CLOSE,   BGP_IDLE},
        [BGP_FACT_STOP]         = {BGP_DO_CLOSE,   BGP_IDLE},
    },
    [BGP_OPENSENT] = {
        [BGP_FACT_CLOSED]       = {BGP_DO_CLOSE,   BGP_IDLE},
        [BGP_FACT_OPEN]         = {BGP_DO_CONFIRM, BGP_OPENCONFIRM},
        [BGP_FACT_BAD]          = {BGP_DO_NOTIFY,  BGP_IDLE},
        [BGP_FACT_NOTIFICATION] = {BGP_DO_CLOSE,   BGP_IDLE},
        [BGP_FACT_HOLD_EXPIRED] = {BGP_DO_NOTIFY,  BGP_IDLE},
        [BGP_FACT_SEND_EXPIRED] = {BGP_DO_NOTIFY,  BGP_IDLE},
        [BGP_FACT_STOP]         = {BGP_DO_CLOSE,   BGP_IDLE},
    },
    [BGP_OPENCONFIRM] = {
        [BGP_FACT_CLOSED]       = {BGP_DO_CLOSE,   BGP_IDLE},
        [BGP_FACT_KEEPALIVE]    = {BGP_DO_GO_UP,   BGP_ESTABLISHED},
        [BGP_FACT_BAD]          = {BGP_DO_NOTIFY,  BGP_IDLE},
        [BGP_FACT_NOTIFICATION] = {BGP_DO_CLOSE,   BGP_IDLE},
        [BGP_FACT_HOLD_EXPIRED] = {BGP_DO_NOTIFY,  BGP_IDLE},
        [BGP_FACT_SEND_EXPIRED] = {BGP_DO_NOTIFY,  BGP_IDLE},
        [BGP_FACT_STOP]         = {BGP_DO_CLOSE,   BGP_IDLE},
    },
    [BGP_ESTABLISHED] = {
        [BGP_FACT_CLOSED]       = {BGP_DO_CLOSE,   BGP_IDLE},
        [BGP_FACT_KEEPALIVE]    = {BGP_DO_LISTEN,  BGP_ESTABLISHED},
        [BGP_FACT_UPDATE]       = {BGP_DO_TELL,    BGP_ESTABLISHED},
        [BGP_FACT_BAD]          = {BGP_DO_NOTIFY,  BGP_IDLE},
        [BGP_FACT_NOTIFICATION] = {BGP_DO_CLOSE,   BGP_IDLE},
        [BGP_FACT_HOLD_EXPIRED] = {BGP_DO_NOTIFY,  BGP_IDLE},
        [BGP_FACT_SEND_EXPIRED] = {BGP_DO_NOTIFY,  BGP_IDLE},
        [BGP_FACT_STOP]         = {BGP_DO_CLOSE,   BGP_IDLE},
    },
};
// clang-format on

struct bgp_transition bgp_transition(enum bgp_session_state state, enum bgp_fact fact)
{
    return table[state][fact];
}

const char *bgp_session_state_name(enum bgp_session_state state)
{
    static const char *const names[BGP_SESSION_STATES] = {"Idle", "Connect", "OpenSent",
                                                          "OpenConfirm", "Established"};
    return names[state];
}
