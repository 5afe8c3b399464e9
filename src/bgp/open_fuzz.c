// SPDX-License-Identifier: ISC
// Any octets as the body of an OPEN: what is accepted can be said again, and never with graceful
// restart in it.
#include "bgp/open.h"

#include "bgp/fuzz.h"
#include "bgp/header.h"

#include <string.h>

static void check_said_again(struct bgp_open open)
{
    uint8_t bytes[128];
    struct writer w = writer_over(bytes, sizeof bytes);
    open.as4 = open.as4 || open.asn > UINT16_MAX;
    bgp_open_encode(&w, &open);
    FUZZ_CHECK(writer_ok(&w));
    struct bgp_context context = {.peer = BGP_EXTERNAL};
    struct bgp_open again;
    struct cursor body = cursor_over(bytes + BGP_HEADER_SIZE, w.size - BGP_HEADER_SIZE);
    FUZZ_CHECK(bgp_open_decode(body, &context, &again).remedy == BGP_ACCEPT);
    FUZZ_CHECK(again.asn == open.asn && again.id == open.id && again.hold_s == open.hold_s);
    FUZZ_CHECK(again.as4 == open.as4 && again.refresh == open.refresh);
    FUZZ_CHECK(again.extended_message == open.extended_message && again.role == open.role);
    FUZZ_CHECK(memcmp(again.add_path, open.add_path, sizeof open.add_path) == 0);
    FUZZ_CHECK(again.families[FAMILY_IPV6] == open.families[FAMILY_IPV6]);
    FUZZ_CHECK(!again.graceful_restart);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    struct bgp_context context = fuzz_context(bytes[0]);
    struct bgp_open open;
    struct bgp_verdict verdict = bgp_open_decode(cursor_over(bytes + 1, size - 1), &context, &open);
    // Where its octets end short of the 29 of an OPEN, the offset of the lack lies behind them.
    fuzz_check_verdict(&verdict, BGP_HEADER_SIZE + (size > 10 ? size - 1 : 10));
    FUZZ_CHECK(verdict.remedy == BGP_ACCEPT || verdict.remedy == BGP_SESSION_RESET);
    if (verdict.remedy != BGP_ACCEPT)
        return 0;
    FUZZ_CHECK(open.asn != 0 && open.id != 0 && open.hold_s != 1 && open.hold_s != 2);
    FUZZ_CHECK(!open.families[FAMILY_NONE] && open.add_path[FAMILY_NONE] == 0);
    check_said_again(open);
    return 0;
}
