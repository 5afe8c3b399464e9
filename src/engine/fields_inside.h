// SPDX-License-Identifier: ISC
// How rows of fields are written. For fields.c and fields_kept.c only.
#pragma once

#include "engine/fields.h"

extern const struct field fields_kept_fact_event[], fields_kept_fact_effect[];
extern const struct field fields_kept_outage_event[], fields_kept_outage_effect[];

#define MEMBER_SIZE(of, member) sizeof(((const struct of *)0)->member)
#define PLAIN(of, type, member, name)                                                              \
    {                                                                                              \
        name, FIELD_##type, offsetof(struct of, member), MEMBER_SIZE(of, member), NULL             \
    }
#define NAMED(of, member, name, names)                                                             \
    {                                                                                              \
        name, FIELD_NAMED, offsetof(struct of, member), sizeof(names) / sizeof((names)[0]), names  \
    }
#define NAMED_IF_ANY(of, member, name, names)                                                      \
    {                                                                                              \
        name, FIELD_NAMED_IF_ANY, offsetof(struct of, member), sizeof(names) / sizeof((names)[0]), \
            names                                                                                  \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, FIELD_TYPES, 0, 0, NULL                                                              \
    }
