// SPDX-License-Identifier: ISC
// Which fields a message of each kind has, as data: message.c reads and writes by these tables, so
// that both directions, and every process, agree.
#pragma once

#include "engine/ask.h"
#include "engine/effect.h"
#include "engine/event.h"

#include <stddef.h>

enum field_type {
    FIELD_U32,
    FIELD_NUMBER_IF_ANY,  // int32_t from 0 on; null: FAULT_ANY
    FIELD_I64,
    FIELD_HEX64,  // 16 digits: JSON numbers of others end at 2^53
    FIELD_BOOL,
    FIELD_TEXT,          // char array of `size` bytes
    FIELD_LINE,          // the same, of printable characters
    FIELD_NAMED,         // enumerator or bool of `size` names
    FIELD_NAMED_IF_ANY,  // null: FAULT_ANY
    FIELD_PREFIX,
    FIELD_PREFIX_IF_ANY,   // null: FAMILY_NONE
    FIELD_ADDRESS_IF_ANY,  // null: FAMILY_NONE
    FIELD_ROUTER,          // uint32_t indices of struct net, written by name
    FIELD_ROUTER_IF_ANY,   // null: NET_NOBODY
    FIELD_UPSTREAM,        // null: NET_NOBODY
    FIELD_UPSTREAMS,       // uint32_t bit set, written as a list of names
    FIELD_OWN,             // of net.announce, written as its prefix
    FIELD_TARGET,
    FIELD_TARGET_IF_ANY,  // null: NET_NOBODY
    FIELD_PATH,
    FIELD_HOOK,
    FIELD_OBJECT_IF_ANY,  // struct net_object; null: NET_OBJECT_KINDS
    FIELD_NOTICE,         // enum notice_kind
    FIELD_DEVICES,        // struct net_device_set, written as a list of names
    FIELD_CHANNEL,
    FIELD_PERSON_IF_ANY,  // null: NET_NOBODY
    FIELD_TEAM,
    FIELD_TYPES
};

struct field {
    const char *name;  // with its unit, as in the struct; NULL: after the last one of a kind
    enum field_type type;
    size_t offset, size;
    const char *const *names;
};

struct fields {
    const char *name;  // of the kind; NULL: no message
    const struct field *items;
};

extern const struct fields event_fields[EVENT_KINDS];
extern const struct fields effect_fields[EFFECT_KINDS];
extern const struct fields ask_fields[ASK_KINDS];

extern const char *const fields_inbound_stages[INBOUND_STAGES];
extern const char *const fields_plan_verdicts[PLAN_VERDICTS];
extern const char *const fields_session_states[SESSION_STATES];
extern const char *const fields_override_states[OVERRIDE_STATES];
extern const char *const fields_asked[ANSWERED_KINDS];
extern const char *const fields_roles[ROLES];
extern const char *const fields_role_states[ROLE_STATES];
extern const char *const fields_hook_states[HOOK_STATES];
extern const char *const fields_delivery_states[DELIVERY_STATES];
extern const char *const fields_fault_states[FAULT_STATES];
extern const char *const fields_fault_symptoms[FAULT_SYMPTOMS];
extern const char *const fields_fault_directions[FAULT_DIRECTIONS];
