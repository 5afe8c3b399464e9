// SPDX-License-Identifier: ISC
// Any octets as NLRI of any family that nobody holds. The first octet is its place in the list, the
// second whether path identifiers stand there (1) and whether it is withdrawn (2).
#include "bgp/flowspec.h"
#include "bgp/foreign.h"
#include "bgp/fuzz.h"

static void check_labels(const struct bgp_foreign_route *route)
{
    FUZZ_CHECK(route->labels.size % 3 == 0);  // and of a withdrawal at most one
    for (size_t i = 0; i + 3 < route->labels.size; i += 3)
        FUZZ_CHECK(!(route->labels.bytes[i + 2] & 1));  // the bottom is at the end
}

static void check_flow(const struct bgp_foreign_route *route, enum family family, bool good)
{
    struct cursor c = cursor_over(route->content.bytes, route->content.size);
    struct flow_component component;
    struct flow_match match;
    while (flow_component_next(&c, family, &component)) {
        FUZZ_CHECK(component.name);
        size_t matches = 0;
        while (component.kind != FLOW_PREFIX && flow_match_next(&component.matches, &match))
            matches++;
        FUZZ_CHECK((matches > 0) == (component.kind != FLOW_PREFIX));
    }
    FUZZ_CHECK(cursor_ok(&c) || !good);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2)
        return 0;
    const struct bgp_foreign *family = &bgp_foreigns[bytes[0] % BGP_FOREIGNS];
    bool flow = family->form == BGP_FORM_FLOW || family->form == BGP_FORM_FLOW_VPN;
    struct bgp_foreign_nlri nlri = {family, cursor_over(bytes + 2, size - 2), bytes[1] & 1,
                                    bytes[1] & 2};
    struct bgp_foreign_route route;
    struct bgp_evpn evpn;
    for (;;) {
        size_t left = cursor_left(&nlri.bytes);
        enum bgp_foreign_read read = bgp_foreign_next(&nlri, &route);
        if (read == BGP_FOREIGN_END)
            return 0;
        FUZZ_CHECK(cursor_left(&nlri.bytes) < left);
        struct prefix prefix = route.prefix;
        FUZZ_CHECK(prefix_equal(prefix_of(prefix.address, prefix.length), prefix));
        if (read == BGP_FOREIGN_LOST)
            continue;
        check_labels(&route);
        if (family->form == BGP_FORM_EVPN)
            FUZZ_CHECK(bgp_evpn_read(&route, &evpn) == (read == BGP_FOREIGN_GOOD));
        if (flow)
            check_flow(&route, family->family, read == BGP_FOREIGN_GOOD);
    }
}
