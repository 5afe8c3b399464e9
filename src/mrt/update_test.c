// SPDX-License-Identifier: ISC
#include "mrt/update.h"

#include "base/check.h"
#include "bgp/header.h"
#include "bgp/message.h"

#include <string.h>

#define HEAD(type_subtype) "6553f100 " type_subtype " "
#define PEERS HEAD("000d 0001") "00000015 c0000201 0000 0001 02 c0000202 c0000202 0000fbf4 "
#define MARK "ffffffffffffffffffffffffffffffff "
#define BASE "40010100 400206 0201 0000fbf4 "  // ORIGIN, AS_PATH
#define BASE2 "40010100 400204 0201 fbf4 "     // with 2-octet numbers
#define HOP "400304 c0000201 "                 // NEXT_HOP
#define HOP6 "20010db8000000000000000000000001 "
#define LOCAL "fe800000000000000000000000000001 "

static const struct {
    const char *name, *record, *update;  // octets of a record; of the UPDATE
    enum bgp_remedy remedy;              // what is thought of it
} rows[] = {
    {"ipv4", HEAD("000d 0002") "00000026 00000007 18c63364 0001 0000 00000001 0014 " BASE HOP,
     MARK "002f 02 0000 0014 " BASE HOP "18c63364", BGP_ACCEPT},
    {"ipv4 with path identifier",
     HEAD("000d 0008") "0000002a 00000007 18c63364 0001 0000 00000001 00000009 0014 " BASE HOP,
     MARK "0033 02 0000 0014 " BASE HOP "00000009 18c63364", BGP_ACCEPT},
    {"ipv4 with next hop ipv6",
     HEAD("000d 0002") "00000033 00000007 18c63364 0001 0000 00000001 0021 " BASE "800e11 10" HOP6,
     MARK "0041 02 0000 002a 900e0019 0001 01 10 " HOP6 "00 18c63364 " BASE, BGP_ACCEPT},
    {"ipv6",
     HEAD("000d 0004") "00000034 00000007 20 20010db8 0001 0000 00000001 0021 " BASE
                       "800e11 10" HOP6,
     MARK "0042 02 0000 002b 900e001a 0002 01 10 " HOP6 "00 20 20010db8 " BASE, BGP_ACCEPT},
    {"ipv6 with path identifier",
     HEAD("000d 000a") "00000038 00000007 20 20010db8 0001 0000 00000001 00000009 0021 " BASE
                       "800e11 10" HOP6,
     MARK "0046 02 0000 002f 900e001e 0002 01 10 " HOP6 "00 00000009 20 20010db8 " BASE,
     BGP_ACCEPT},
    {"ipv6 with link-local",
     HEAD("000d 0004") "00000044 00000007 20 20010db8 0001 0000 00000001 0031 " BASE
                       "800e21 20" HOP6 LOCAL,
     MARK "0052 02 0000 003b 900e002a 0002 01 20 " HOP6 LOCAL "00 20 20010db8 " BASE, BGP_ACCEPT},
    {"ipv6, attribute not cut down",
     HEAD("000d 0004") "0000003d 00000007 20 20010db8 0001 0000 00000001 002a " BASE
                       "800e1a 0002 01 10 " HOP6 "00 20 20010db8",
     MARK "0042 02 0000 002b 900e001a 0002 01 10 " HOP6 "00 20 20010db8 " BASE, BGP_ACCEPT},
    {"ipv6 without a next hop",
     HEAD("000d 0004") "00000020 00000007 20 20010db8 0001 0000 00000001 000d " BASE,
     MARK "0032 02 0000 001b 900e000a 0002 01 00 00 20 20010db8 " BASE, BGP_SESSION_RESET},
    {"ipv4 multicast",
     HEAD("000d 0003") "00000026 00000007 18c63364 0001 0000 00000001 0014 " BASE HOP,
     MARK "0038 02 0000 0021 900e0009 0001 02 00 00 18c63364 " BASE HOP, BGP_IGNORE},
    {"generic VPN",
     HEAD("000d 0006") "0000002c 00000007 0001 80 68 0001010000fdf20000000fc0a8 0001 0000 00000001 "
                       "000d " BASE,
     MARK "003b 02 0000 0024 900e0013 0001 80 00 00 68 0001010000fdf20000000fc0a8 " BASE,
     BGP_IGNORE},
    {"bad attributes",
     HEAD("000d 0002") "00000029 00000007 18c63364 0001 0000 00000001 0017 " BASE HOP "400509",
     MARK "0032 02 0000 0017 " BASE HOP "400509 18c63364", BGP_TREAT_AS_WITHDRAW},
    {"entry with a next hop of its own",
     HEAD("0010 0002") "00000031 fbf4 0001 0000 0001 c0000202 c0000203 0000 0001 00000001 0001 01 "
                       "04 c0000201 18c63364 000b " BASE2,
     MARK "002d 02 0000 0012 400304 c0000201 " BASE2 "18c63364", BGP_ACCEPT},
    {"entry whose attributes have it",
     HEAD("0010 0002") "00000038 fbf4 0001 0000 0001 c0000202 c0000203 0000 0001 00000001 0001 01 "
                       "04 c0000209 18c63364 0012 " BASE2 HOP,
     MARK "002d 02 0000 0012 " BASE2 HOP "18c63364", BGP_ACCEPT},
    {"table dump",
     HEAD("000c 0001") "00000028 0000 0001 c6336400 18 01 00000005 c0000202 fbf4 0012 " BASE2 HOP,
     MARK "002d 02 0000 0012 " BASE2 HOP "18c63364", BGP_ACCEPT},
};

static struct bgp_context context_of(uint8_t as_size, bool add_path)
{
    return (struct bgp_context){
        .observed = true,
        .as4 = as_size == 4,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .add_path = {[FAMILY_IPV4] = add_path, [FAMILY_IPV6] = add_path},
        .state = BGP_STATE_ANY,
        .extended_message = true,
    };
}

static void a_route_becomes_its_update(void **state)
{
    (void)state;
    static uint8_t bytes[1024], wanted[1024], made[1024];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = check_hex(PEERS, bytes);
        size += check_hex(rows[i].record, bytes + size);
        struct mrt_reader reader = mrt_reader_over(bytes, size, 0);
        struct mrt_peers peers = {0};
        struct mrt_record record;
        struct mrt_item item;
        struct mrt_entry entry;
        while (mrt_reader_next(&reader, &record) == MRT_RECORD)
            mrt_item_decode(&record, &peers, &item);
        CHECK_ROW(rows[i].name, mrt_reader_left(&reader) == 0);
        bool route = item.kind == MRT_ROUTE;
        CHECK_ROW(rows[i].name, route || mrt_entry_next(&item, &entry));
        struct mrt_announcement a = route ? mrt_announcement_of_route(&item.route)
                                          : mrt_announcement_of_entry(&item.rib, &entry);
        size_t whole = check_hex(rows[i].update, wanted);
        struct writer w = writer_over(made, sizeof made);
        mrt_announcement_encode(&w, &a, whole);
        CHECK_ROW(rows[i].name, writer_ok(&w) && w.size == whole);
        CHECK_ROW(rows[i].name, memcmp(made, wanted, whole) == 0);
        struct bgp_context context = context_of(route ? 2 : 4, a.add_path);
        struct bgp_message message;
        struct bgp_verdict verdict =
            bgp_message_decode(cursor_over(made, w.size), &context, &message);
        CHECK_ROW(rows[i].name, verdict.remedy == rows[i].remedy);
        w = writer_over(made, sizeof made);
        mrt_announcement_encode(&w, &a, whole - 1);
        CHECK_ROW(rows[i].name, !writer_ok(&w));
        mrt_peers_done(&peers);
    }
}

static void next_hops(void **state)
{
    (void)state;
    static const struct {
        const char *name, *attributes;
        size_t size;
    } hops[] = {
        {"none", BASE, 0},
        {"cut down", BASE "800e05 04 01020304", 4},
        {"whole", BASE "800e09 0001 01 04 01020304 00", 4},
        {"extended length", "900e0005 04 01020304", 4},
        {"empty attribute", "800e00", 0},
        {"short", "800e03 04 0102", 0},
        {"whole and short", "800e03 0001 01", 0},
        {"behind a broken one", "4001ff 00 800e05 04 01020304", 0},
    };
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof hops / sizeof hops[0]; i++) {
        size_t size = check_hex(hops[i].attributes, bytes);
        struct bgp_bytes hop = mrt_next_hop((struct bgp_bytes){bytes, size});
        CHECK_ROW(hops[i].name, hop.size == hops[i].size);
        CHECK_ROW(hops[i].name, hop.size == 0 || memcmp(hop.bytes, "\1\2\3\4", 4) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_becomes_its_update),
        cmocka_unit_test(next_hops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
