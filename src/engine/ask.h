// SPDX-License-Identifier: ISC
// What people may ask a running daemon on its control socket: one JSON line, with the table of
// fields.c.
//   {"ask":"routes","version":1,"of":"192.0.2.1"}
// Those from ASK_FREEZE on are acts: only who may act is heard, see role/person.h; the engine
// learns of them as EVENT_ASKED, and its answer is {"done":true,"accepted":true,"text":"what was
// done"}, or accepted false with the reason. The answer is JSON lines; the last one is
// {"done":true,...} or {"error":"what failed: why"}. Only that to ASK_TABLE has more: behind a line
// {"piece":N} there are N octets of the archive.
#pragma once

#include "net/object.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    ASK_VERSION = 1,     // of the questions and answers; another one is refused
    ASK_LINE_MAX = 512,  // bytes of a question, with its newline
    ASK_OF_MAX = 64,
};

enum ask_kind {
    ASK_NONE,
    ASK_STATUS,     // the engine's picture
    ASK_NOTICES,    // those that stand, and the latest
    ASK_UPSTREAMS,  // tables and counts, by upstream and by peer
    ASK_ROUTES,     // all paths to a prefix, or to the longest match of an address
    ASK_WHATIF,     // where everything would go if something were drained
    ASK_BMP,        // what routers tell of their peers
    ASK_TABLE,      // the whole table as an MRT archive
    ASK_FIB,        // the routers' kernels, compared with what BGP chose
    ASK_PLANS,      // what is under way, and what would be
    ASK_INCIDENTS,  // outages that are open, with the incidents beneath
    ASK_HISTORY,    // what was, out of the store
    ASK_FREEZE,     // nothing moves until a thaw
    ASK_THAW,
    ASK_WITHDRAW_ALL,  // everything goes, and nothing moves until a thaw
    ASK_DRAIN,         // out of use, until it is undrained or its time is over
    ASK_UNDRAIN,
    ASK_APPROVE,      // of a plan that waits, mode confirm
    ASK_MAINTENANCE,  // that was announced, of one object
    ASK_LIFT,         // a limit, if another person says so too
    ASK_UNLIFT,
    ASK_STOP,     // everything goes, and the daemon ends
    ASK_ACK,      // of an outage: somebody has it in hand
    ASK_PUBLISH,  // its status, as it is drafted; the reason is said beside it
    ASK_KINDS
};

struct ask_routes {
    char of[ASK_OF_MAX];  // a prefix or an address, as the person wrote it
};

enum ask_past {
    ASK_PAST_OUTAGES,     // that were in this time
    ASK_PAST_FACTS,       // what was told in this time, or of one outage
    ASK_PAST_RATES,       // how paths were, every ten seconds
    ASK_PAST_FLOWS,       // what became of each 5-tuple of a path while it lost packets
    ASK_PAST_POSTMORTEM,  // what one begins with: {"markdown":"..."}
    ASK_PAST_EVIDENCE,    // of one outage, a line for each upstream
    ASK_PASTS
};

struct ask_history {
    enum ask_past what;
    char of[ASK_OF_MAX];      // an outage "RUN.NUMBER", a prefix of facts, a path, or "": all
    int64_t from_s, until_s;  // from 1970 on
    uint32_t step_s;          // of rates: one for so long; 0: each
};

struct ask_fib {
    char router[NET_NAME_MAX];  // "": all
};

struct ask_whatif {
    char object[NET_OBJECT_TEXT_MAX];  // as the person wrote it
    bool each;                         // tell of each prefix that moves
};

enum { ASK_REASON_MAX = 96 };

struct ask_act {
    char object[NET_OBJECT_TEXT_MAX];  // as the person wrote it
    uint32_t for_s;                    // 0: without end
    uint32_t number;                   // of the plan, outage, lift; ASK_LIFT: enum lift_rule
    uint32_t run;                      // ASK_PUBLISH: whose outage it is; 0: this one
    char reason[ASK_REASON_MAX];
};

enum { ASK_ID_MAX = 64 };

struct ask_maintenance {  // as struct event_maintenance; of what the circuit is, the daemon knows
    char id[ASK_ID_MAX];
    uint32_t sequence;
    char circuit[NET_CIRCUIT_MAX];  // "": all have been told
    int64_t from_s, until_s;        // from 1970 on
    bool over, hurts;
    char text[ASK_REASON_MAX];
};

struct ask {
    enum ask_kind kind;
    uint32_t version;
    union {
        struct ask_routes routes;
        struct ask_whatif whatif;
        struct ask_fib fib;
        struct ask_history history;
        struct ask_act act;
        struct ask_maintenance maintenance;
    };
};

// Gives the length written, without a newline; 0 when it does not fit.
size_t ask_write(const struct ask *ask, char *text, size_t size);
// False when the text is no question; `why` (MESSAGE_WHY_MAX bytes) then says what was wrong.
bool ask_read(const char *text, size_t size, struct ask *ask, char *why);
