// SPDX-License-Identifier: ISC
#include "bgp/verdict.h"

#include <stdarg.h>
#include <stdio.h>

const char *bgp_remedy_name(enum bgp_remedy remedy)
{
    static const char *const names[BGP_REMEDIES] = {
        [BGP_ACCEPT] = "accept",
        [BGP_ATTRIBUTE_DISCARD] = "attribute-discard",
        [BGP_IGNORE] = "ignore",
        [BGP_TREAT_AS_WITHDRAW] = "treat-as-withdraw",
        [BGP_SESSION_RESET] = "session-reset",
        [BGP_CLOSE] = "close",
    };
    return names[remedy];
}

struct bgp_verdict bgp_reset(uint8_t code, uint8_t subcode, size_t at, const char *spec,
                             const char *reason, ...)
{
    struct bgp_verdict verdict = {
        .remedy = BGP_SESSION_RESET, .code = code, .subcode = subcode, .at = at, .spec = spec};
    va_list arguments;
    va_start(arguments, reason);
    vsnprintf(verdict.reason, sizeof verdict.reason, reason, arguments);
    va_end(arguments);
    return verdict;
}

void bgp_verdict_raise(struct bgp_verdict *strongest, const struct bgp_verdict *another)
{
    if (another->remedy > strongest->remedy)
        *strongest = *another;
}
