// SPDX-License-Identifier: ISC
// The BGP state machine of one connection: RFC 4271 §8 as one table. Messages, timers and sockets
// are reduced to facts before they come here, and the actions are the caller's.
//
// A router has two of these machines, one for the connection we dial and one for the connection it
// dials (RFC 4271 §8.2.1). The second rests in Idle until the router calls, so that the RFC's
// Active is not needed; and as its delays between attempts are the Idle state's, neither is
// DelayOpen.
#pragma once

enum bgp_session_state {
    BGP_IDLE,     // nothing there; a dialled one waits for its next attempt
    BGP_CONNECT,  // TCP on its way
    BGP_OPENSENT,
    BGP_OPENCONFIRM,
    BGP_ESTABLISHED,
    BGP_SESSION_STATES
};

enum bgp_fact {
    BGP_FACT_START,      // time for the next attempt
    BGP_FACT_CONNECTED,  // TCP is there, whoever dialled
    BGP_FACT_CLOSED,     // TCP failed or was closed by the other side
    BGP_FACT_OPEN,       // a good OPEN, and nothing speaks against this connection
    BGP_FACT_KEEPALIVE,
    BGP_FACT_UPDATE,  // one that can be used, if only to withdraw (RFC 7606); or ROUTE-REFRESH
    BGP_FACT_BAD,     // a message that must be answered with a NOTIFICATION
    BGP_FACT_NOTIFICATION,
    BGP_FACT_HOLD_EXPIRED,
    BGP_FACT_SEND_EXPIRED,  // RFC 9687: the router does not read
    BGP_FACT_STOP,          // we end it, and have said so
    BGP_FACTS
};

enum bgp_action {
    BGP_NOT_THERE,  // this fact cannot come in this state: a bug of the caller's
    BGP_DO_NOTHING,
    BGP_DO_DIAL,
    BGP_DO_OPEN,     // send OPEN
    BGP_DO_CONFIRM,  // send KEEPALIVE
    BGP_DO_GO_UP,    // tell that the session is there
    BGP_DO_LISTEN,   // the router lives: restart the hold timer
    BGP_DO_TELL,     // the same, and hand the message on
    BGP_DO_CLOSE,    // close TCP
    BGP_DO_NOTIFY,   // send NOTIFICATION, then close TCP
};

struct bgp_transition {
    enum bgp_action action;
    enum bgp_session_state next;
};

struct bgp_transition bgp_transition(enum bgp_session_state state, enum bgp_fact fact);
const char *bgp_session_state_name(enum bgp_session_state state);  // "OpenSent"
