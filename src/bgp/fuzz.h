// SPDX-License-Identifier: ISC
// What the fuzzers of this room share.
#pragma once

#include "bgp/verdict.h"

#include <stdlib.h>

#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

// What was negotiated, from the first octet of an input. tests/corpus/seed_bgp.py knows the bits.
static inline struct bgp_context fuzz_context(uint8_t bits)
{
    bool add_path = bits >> 2 & 1;
    return (struct bgp_context){
        .peer = bits & 1 ? BGP_EXTERNAL : BGP_INTERNAL,
        .as4 = !(bits >> 1 & 1),
        .add_path = {[FAMILY_IPV4] = add_path, [FAMILY_IPV6] = add_path},
        .extended_message = bits >> 3 & 1,
        .enhanced_refresh = bits >> 4 & 1,
        .state = (enum bgp_state)(bits >> 5 & 3),
        .as_sets = bits >> 7,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .foreign = UINT32_MAX,
        .foreign_add_path = add_path ? UINT32_MAX : 0,
        .role = BGP_ROLE_PROVIDER,
        .local_as = 64500,
        .local_id = 0xc0000201,
    };
}

static inline void fuzz_check_verdict(const struct bgp_verdict *verdict, size_t size)
{
    FUZZ_CHECK(verdict->remedy < BGP_REMEDIES);
    FUZZ_CHECK((verdict->remedy == BGP_ACCEPT) == !verdict->spec);
    FUZZ_CHECK((verdict->remedy == BGP_ACCEPT) == !verdict->reason[0]);
    FUZZ_CHECK((verdict->remedy == BGP_SESSION_RESET) == (verdict->code != 0));
    FUZZ_CHECK(verdict->data_size <= sizeof verdict->data && verdict->at <= size);
}
