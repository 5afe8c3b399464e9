// SPDX-License-Identifier: ISC
// The neighbour entries of the next hops that BGP uses: whether they answer, and whether the
// link-layer address is still the one that it was. More a kernel does not know: a wrong address in
// a switch is for probes to find.
#include "rib/fib_inside.h"

#include <stdio.h>
#include <string.h>

// An address that answers for itself so long is the new right one: the router was exchanged.
static const int64_t accepted_after_ns = 60ll * NS_PER_S;

static bool is_moved(const struct fib_neighbour *n)
{
    return n->is.mac_size > 0 && n->first_mac_size > 0 &&
           (n->is.mac_size != n->first_mac_size ||
            memcmp(n->is.mac, n->first_mac, n->is.mac_size) != 0);
}

static bool is_by_hand(const struct fib_neighbour *n)
{
    return n->is.state & (KERNEL_NEIGHBOUR_PERMANENT | KERNEL_NEIGHBOUR_NOARP);
}

// False: nothing is wrong with it.
static bool say_wrong(const struct fib_neighbour *n, char *text)
{
    char now[3 * KERNEL_MAC_MAX], before[3 * KERNEL_MAC_MAX];
    if (n->is.state & KERNEL_NEIGHBOUR_FAILED) {
        snprintf(text, FIB_TEXT_MAX, "does not answer: its neighbour entry has failed");
        return true;
    }
    if (!is_moved(n) || n->was_fixed)
        return false;
    snprintf(text, FIB_TEXT_MAX, "is %s at %s; it was at %s",
             is_by_hand(n) ? "fixed by hand" : "now", fib_say_mac(n->is.mac, n->is.mac_size, now),
             fib_say_mac(n->first_mac, n->first_mac_size, before));
    return true;
}

static void accept(struct fib_neighbour *n)
{
    n->first_mac_size = n->is.mac_size;
    memcpy(n->first_mac, n->is.mac, n->is.mac_size);
}

static void check_gateway(struct fib *fib, struct mono now, const struct kernel_hop *hop,
                          uint32_t uses)
{
    char text[FIB_TEXT_MAX];
    struct fib_neighbour *n =
        (struct fib_neighbour *)fib_neighbour(&fib->state, hop->link, hop->gateway);
    if (!n || !say_wrong(n, text))
        return;
    struct fib_key key = fib_key_of(FIB_GATEWAY, hop->link, hop->gateway);
    struct fib_suspect *s = fib_suspect_thing(fib, now, &key, FIB_NEIGHBOUR, text);
    if (!s)
        return;
    if (fib->walks_done > s->walk)
        s->count = uses;
    else
        fib_walk_soon(fib, now);
    bool answers = !(n->is.state & KERNEL_NEIGHBOUR_FAILED) && !is_by_hand(n);
    if (answers && mono_since_ns(now, s->since) > accepted_after_ns)
        accept(n);
}

void fib_check_neighbours(struct fib *fib, struct mono now)
{
    for (uint32_t place = 0; place < fib->next_hops.count; place++) {
        const struct fib_next_hop *next_hop = keyed_at(&fib->next_hops, place);
        for (uint8_t i = 0; next_hop->lead == FIB_LEADS && i < next_hop->count; i++)
            check_gateway(fib, now, &next_hop->hops[i], next_hop->uses);
    }
    fib_clear_unseen(fib, FIB_GATEWAY, FAMILY_NONE);
}
