// SPDX-License-Identifier: ISC
#include "bgp/update.h"

#include "base/check.h"
#include "base/writer.h"
#include "bgp/attr_rules.h"

#include <string.h>

enum { W = BGP_TREAT_AS_WITHDRAW, D = BGP_ATTRIBUTE_DISCARD, R = BGP_SESSION_RESET };
enum { ACCEPT = BGP_ACCEPT, IGNORE = BGP_IGNORE };

enum { EXTERNAL = 1, AS2 = 2, ADD_PATH = 4, ONLY_IPV6 = 8, SETS = 16, OBSERVED = 32, ALL = 64 };
enum { ABOVE = 128, BESIDE = 256, NEXT6 = 512 };  // our role; RFC 8950
// else internal, as4, both families and no foreign one

#define ORIGIN "40 01 01 00 "
#define PATH "40 02 06 0201 0000fde9 "
#define HOP "40 03 04 c0000201 "
#define GOOD ORIGIN PATH HOP
#define NET "18 c63364 "
#define NET6 "20 20010db8 "
#define HOP6 "10 20010db8000000000000000000000001 00 "

// The three fields of an UPDATE; their lengths are put before them. `at` counts from the marker.
static const struct row {
    const char *name;
    int flags;
    const char *withdrawn, *attributes, *announced;
    int remedy;
    const char *spec;
    int at, subcode;
} rows[] = {
    {"announcement", 0, "", GOOD, NET, ACCEPT, NULL, 0, 0},
    {"announcement from outside", EXTERNAL, "", GOOD, NET, ACCEPT, NULL, 0, 0},
    {"withdrawal", 0, NET, "", "", ACCEPT, NULL, 0, 0},
    {"end of RIB", 0, "", "", "", ACCEPT, NULL, 0, 0},
    {"IPv6", 0, "", "80 0e 1a 0002 01" HOP6 NET6 ORIGIN PATH, "", ACCEPT, NULL, 0, 0},
    {"IPv6, two next hops", 0, "",
     "80 0e 2a 0002 01 20 20010db8000000000000000000000001 fe800000000000000000000000000001 00" NET6
         ORIGIN PATH,
     "", ACCEPT, NULL, 0, 0},
    {"IPv4 in MP_REACH", 0, "", "80 0e 0d 0001 01 04 c0000201 00" NET ORIGIN PATH, "", ACCEPT, NULL,
     0, 0},
    {"IPv4 over IPv6", NEXT6, "", "80 0e 19 0001 01" HOP6 NET ORIGIN PATH, "", ACCEPT, NULL, 0, 0},
    {"IPv4 over IPv6 between others", OBSERVED, "", "80 0e 19 0001 01" HOP6 NET ORIGIN PATH, "",
     ACCEPT, NULL, 0, 0},
    {"IPv4 over IPv6 that was not agreed", 0, "", "80 0e 19 0001 01" HOP6 NET ORIGIN PATH, "", R,
     "RFC 7606 §7.11", 29, 1},
    {"IPv6 withdrawal", 0, "", "80 0f 08 0002 01" NET6, "", ACCEPT, NULL, 0, 0},
    {"default routes", 0, "", GOOD, "00", ACCEPT, NULL, 0, 0},
    {"a router's own route, seen from outside", OBSERVED, "", ORIGIN PATH "40 03 04 00000000", NET,
     ACCEPT, NULL, 0, 0},
    {"the same in IPv6", OBSERVED, "",
     "80 0e 1a 0002 01 10 00000000000000000000000000000000 00" NET6 ORIGIN PATH, "", ACCEPT, NULL,
     0, 0},
    {"no host's address, seen from outside", OBSERVED, "", ORIGIN PATH "40 03 04 e0000001", NET, W,
     "RFC 4271 §6.3", 39, 0},
    {"extended length", 0, "", ORIGIN PATH "50 03 0004 c0000201", NET, ACCEPT, NULL, 0, 0},
    {"unused flags", 0, "", "4f 01 01 00" PATH HOP, NET, ACCEPT, NULL, 0, 0},
    // Framing: RFC 7606 §3 b, §4.
    {"attribute overruns the block", 0, "", GOOD "80 04 c8 00000005", NET, W, "RFC 7606 §4", 43, 0},
    {"one octet left", 0, "", GOOD "40", NET, W, "RFC 7606 §4", 43, 0},
    {"two octets left", 0, "", GOOD "4001", NET, W, "RFC 7606 §4", 43, 0},
    {"three left of extended length", 0, "", GOOD "500800", NET, W, "RFC 7606 §4", 43, 0},
    {"overrun alone", 0, "", "40", "", R, "RFC 7606 §5.2", 23, 1},
    {"overrun and no prefix", 0, "", GOOD "4001", "", R, "RFC 7606 §5.2", 43, 1},
    // Prefixes: RFC 7606 §3 i, §3 j, §5.3.
    {"length 33", 0, "", GOOD, "21 c633640000", R, "RFC 7606 §5.3", 43, 10},
    {"prefix cut", 0, "", GOOD, "18 c633", R, "RFC 7606 §5.3", 43, 10},
    {"second prefix cut", 0, "", GOOD, NET "20 c633", R, "RFC 7606 §5.3", 47, 10},
    {"withdrawn length 33", 0, "21 c633640000", "", "", R, "RFC 7606 §5.3", 21, 10},
    {"withdrawn cut", 0, "18", "", "", R, "RFC 7606 §5.3", 21, 10},
    {"IPv6 length 129", 0, "",
     "80 0e 27 0002 01" HOP6 "81 0000000000000000000000000000000000" ORIGIN PATH, "", R,
     "RFC 7606 §5.3", 47, 10},
    {"IPv6 withdrawn cut", 0, "", "80 0f 05 0002 01 20 20", "", R, "RFC 7606 §5.3", 29, 10},
    {"path identifiers", ADD_PATH, "", GOOD, "00000007 18c63364", ACCEPT, NULL, 0, 0},
    {"path identifier cut", ADD_PATH, "", GOOD, "000000", R, "RFC 7606 §5.3", 43, 10},
    {"no path identifier", ADD_PATH, "", GOOD, NET, R, "RFC 7606 §5.3", 43, 10},
    // Mandatory attributes: RFC 7606 §3 d.
    {"no attributes", 0, "", "", NET, W, "RFC 7606 §3 d", 23, 0},
    {"no ORIGIN", 0, "", PATH HOP, NET, W, "RFC 7606 §3 d", 23, 0},
    {"no AS_PATH", 0, "", ORIGIN HOP, NET, W, "RFC 7606 §3 d", 23, 0},
    {"no NEXT_HOP", 0, "", ORIGIN PATH, NET, W, "RFC 7606 §3 d", 23, 0},
    {"IPv6 without ORIGIN", 0, "", "80 0e 1a 0002 01" HOP6 NET6 PATH, "", W, "RFC 7606 §3 d", 23,
     0},
    {"withdrawal beside no attributes", 0, "", "80 0f 08 0002 01" NET6, NET, W, "RFC 7606 §3 d", 23,
     0},
    // Flags: RFC 7606 §3 c, RFC 4271 §4.3.
    {"ORIGIN optional", 0, "", "c0 01 01 00" PATH HOP, NET, W, "RFC 7606 §3 c", 23, 0},
    {"ORIGIN partial", 0, "", "60 01 01 00" PATH HOP, NET, W, "RFC 7606 §3 c", 23, 0},
    {"MED transitive", 0, "", GOOD "c0 04 04 00000001", NET, W, "RFC 7606 §3 c", 43, 0},
    {"MED partial", 0, "", GOOD "a0 04 04 00000001", NET, W, "RFC 7606 §3 c", 43, 0},
    {"communities partial", 0, "", GOOD "e0 08 04 fbf40001", NET, ACCEPT, NULL, 0, 0},
    {"communities not transitive", 0, "", GOOD "80 08 04 fbf40001", NET, W, "RFC 7606 §3 c", 43, 0},
    {"MP_UNREACH transitive", 0, "", "c0 0f 08 0002 01" NET6, "", W, "RFC 7606 §3 c", 23, 0},
    // Repeated: RFC 7606 §3 g.
    {"MED twice", 0, "", GOOD "80 04 04 00000001 80 04 04 00000002", NET, ACCEPT, NULL, 0, 0},
    {"second MED bad", 0, "", GOOD "80 04 04 00000001 80 04 03 000002", NET, ACCEPT, NULL, 0, 0},
    {"first MED bad", 0, "", GOOD "80 04 03 000002 80 04 04 00000001", NET, W, "RFC 7606 §7.4", 43,
     0},
    {"MP_UNREACH twice", 0, "", "80 0f 08 0002 01" NET6 "80 0f 08 0002 01" NET6, "", R,
     "RFC 7606 §3 g", 34, 1},
    // One attribute each: RFC 7606 §7.
    {"ORIGIN 3", 0, "", "40 01 01 03" PATH HOP, NET, W, "RFC 7606 §7.1", 26, 0},
    {"ORIGIN of 2", 0, "", "40 01 02 0000" PATH HOP, NET, W, "RFC 7606 §7.1", 23, 0},
    {"ORIGIN of 0", 0, "", "40 01 00" PATH HOP, NET, W, "RFC 7606 §7.1", 23, 0},
    {"AS_PATH empty", 0, "", ORIGIN "40 02 00" HOP, NET, ACCEPT, NULL, 0, 0},
    {"segment type 0", 0, "", ORIGIN "40 02 06 0001 0000fde9" HOP, NET, W, "RFC 7606 §7.2", 30, 0},
    {"segment type 5", 0, "", ORIGIN "40 02 06 0501 0000fde9" HOP, NET, W, "RFC 7606 §7.2", 30, 0},
    {"segment overruns", 0, "", ORIGIN "40 02 06 0202 0000fde9" HOP, NET, W, "RFC 7606 §7.2", 30,
     0},
    {"segment of none", 0, "", ORIGIN "40 02 02 0200" HOP, NET, W, "RFC 7606 §7.2", 30, 0},
    {"one octet after", 0, "", ORIGIN "40 02 07 0201 0000fde9 02" HOP, NET, W, "RFC 7606 §7.2", 36,
     0},
    {"AS 0", 0, "", ORIGIN "40 02 06 0201 00000000" HOP, NET, W, "RFC 7607 §2", 30, 0},
    {"set", 0, "", ORIGIN "40 02 06 0101 0000fde9" HOP, NET, W, "RFC 9774 §3", 30, 0},
    {"set allowed", SETS, "", ORIGIN "40 02 06 0101 0000fde9" HOP, NET, ACCEPT, NULL, 0, 0},
    {"confederation inside", 0, "", ORIGIN "40 02 06 0301 0000fde9" HOP, NET, ACCEPT, NULL, 0, 0},
    {"confederation from outside", EXTERNAL, "", ORIGIN "40 02 06 0301 0000fde9" HOP, NET, W,
     "RFC 5065 §5", 30, 0},
    {"2-octet path", AS2, "", ORIGIN "40 02 04 0201 fde9" HOP, NET, ACCEPT, NULL, 0, 0},
    {"4-octet path to 2-octet session", AS2, "", GOOD, NET, W, "RFC 7606 §7.2", 34, 0},
    {"NEXT_HOP of 5", 0, "", ORIGIN PATH "40 03 05 c000020100", NET, W, "RFC 7606 §7.3", 36, 0},
    {"NEXT_HOP 0.0.0.0", 0, "", ORIGIN PATH "40 03 04 00000000", NET, W, "RFC 4271 §6.3", 39, 0},
    {"NEXT_HOP multicast", 0, "", ORIGIN PATH "40 03 04 e0000001", NET, W, "RFC 4271 §6.3", 39, 0},
    {"NEXT_HOP broadcast", 0, "", ORIGIN PATH "40 03 04 ffffffff", NET, W, "RFC 4271 §6.3", 39, 0},
    {"NEXT_HOP beside MP alone", 0, "",
     "80 0e 1a 0002 01" HOP6 NET6 ORIGIN PATH "40 03 04 00000000", "", ACCEPT, NULL, 0, 0},
    {"MED of 3", 0, "", GOOD "80 04 03 000001", NET, W, "RFC 7606 §7.4", 43, 0},
    {"LOCAL_PREF", 0, "", GOOD "40 05 04 00000064", NET, ACCEPT, NULL, 0, 0},
    {"LOCAL_PREF of 3", 0, "", GOOD "40 05 03 000064", NET, W, "RFC 7606 §7.5", 43, 0},
    {"LOCAL_PREF from outside", EXTERNAL, "", GOOD "40 05 04 00000064", NET, D, "RFC 7606 §7.5", 43,
     0},
    {"LOCAL_PREF of 3 from outside", EXTERNAL, "", GOOD "40 05 03 000064", NET, D, "RFC 7606 §7.5",
     43, 0},
    {"ATOMIC_AGGREGATE", 0, "", GOOD "40 06 00", NET, ACCEPT, NULL, 0, 0},
    {"ATOMIC_AGGREGATE of 1", 0, "", GOOD "40 06 01 00", NET, D, "RFC 7606 §7.6", 43, 0},
    {"AGGREGATOR", 0, "", GOOD "c0 07 08 0000fde9 c0000209", NET, ACCEPT, NULL, 0, 0},
    {"AGGREGATOR of 6", 0, "", GOOD "c0 07 06 fde9 c0000209", NET, D, "RFC 7606 §7.7", 46, 0},
    {"AGGREGATOR of 7", 0, "", GOOD "c0 07 07 00fde9 c0000209", NET, D, "RFC 7606 §7.7", 43, 0},
    {"AGGREGATOR AS 0", 0, "", GOOD "c0 07 08 00000000 c0000209", NET, D, "RFC 7607 §2", 50, 0},
    {"AGGREGATOR, 2-octet", AS2, "", ORIGIN "40 02 00" HOP "c0 07 06 fde9 c0000209", NET, ACCEPT,
     NULL, 0, 0},
    {"AGGREGATOR of 8, 2-octet", AS2, "", ORIGIN "40 02 00" HOP "c0 07 08 0000fde9 c0000209", NET,
     D, "RFC 7606 §7.7", 40, 0},
    {"communities of 0", 0, "", GOOD "c0 08 00", NET, W, "RFC 7606 §7.8", 43, 0},
    {"communities of 5", 0, "", GOOD "c0 08 05 fbf4000100", NET, W, "RFC 7606 §7.8", 43, 0},
    {"ORIGINATOR_ID", 0, "", GOOD "80 09 04 c0000202", NET, ACCEPT, NULL, 0, 0},
    {"ORIGINATOR_ID of 3", 0, "", GOOD "80 09 03 c00002", NET, W, "RFC 7606 §7.9", 43, 0},
    {"ORIGINATOR_ID ours", 0, "", GOOD "80 09 04 c0000201", NET, IGNORE, "RFC 4456 §8", 46, 0},
    {"ORIGINATOR_ID ours, MED bad", 0, "", GOOD "80 04 00 80 09 04 c0000201", NET, W,
     "RFC 7606 §7.4", 43, 0},
    {"ORIGINATOR_ID ours, attribute discarded", 0, "", GOOD "40 06 01 00 80 09 04 c0000201", NET,
     IGNORE, "RFC 4456 §8", 50, 0},
    {"ORIGINATOR_ID from outside", EXTERNAL, "", GOOD "80 09 04 c0000201", NET, D, "RFC 7606 §7.9",
     43, 0},
    {"CLUSTER_LIST of 6", 0, "", GOOD "80 0a 06 000000000000", NET, W, "RFC 7606 §7.10", 43, 0},
    {"CLUSTER_LIST of 0", 0, "", GOOD "80 0a 00", NET, W, "RFC 7606 §7.10", 43, 0},
    {"CLUSTER_LIST from outside", EXTERNAL, "", GOOD "80 0a 04 00000001", NET, D, "RFC 7606 §7.10",
     43, 0},
    {"MP_REACH of 4", 0, "", "80 0e 04 0002 01 00" ORIGIN PATH, "", R, "RFC 7606 §7.11", 23, 1},
    {"next hop of 9", 0, "", "80 0e 13 0002 01 09 000000000000000000 00" NET6 ORIGIN PATH, "", R,
     "RFC 7606 §7.11", 29, 1},
    {"next hop of 24", 0, "",
     "80 0e 22 0002 01 18 000000000000000020010db8000000000000000000000001 00" NET6 ORIGIN PATH, "",
     R, "RFC 7606 §7.11", 29, 1},
    {"next hop of 9 behind bad flags", 0, "",
     "c0 0e 13 0002 01 09 000000000000000000 00" NET6 ORIGIN PATH, "", R, "RFC 7606 §7.11", 29, 1},
    {"next hop of 4 for IPv6", 0, "", "80 0e 0e 0002 01 04 c0000201 00" NET6 ORIGIN PATH, "", R,
     "RFC 7606 §7.11", 29, 1},
    {"next hop overruns", 0, "", "80 0e 06 0002 01 ff 0000" ORIGIN PATH, "", R, "RFC 7606 §7.11",
     29, 1},
    {"next hop ::", 0, "",
     "80 0e 1a 0002 01 10 00000000000000000000000000000000 00" NET6 ORIGIN PATH, "", W,
     "RFC 4271 §6.3", 29, 0},
    {"MP_UNREACH of 2", 0, "", "80 0f 02 0002", "", R, "RFC 7606 §7.12", 23, 1},
    {"extended communities of 7", 0, "", GOOD "c0 10 07 00020000000000", NET, W, "RFC 7606 §7.14",
     43, 0},
    {"IPv6 ext. communities of 21", 0, "",
     GOOD "c0 19 15 000220010db800000000000000000000000100 0000 00", NET, W, "RFC 7606 §7.15", 43,
     0},
    {"large communities", 0, "", GOOD "c0 20 0c 0000fbf40000000100000002", NET, ACCEPT, NULL, 0, 0},
    {"large communities of 11", 0, "", GOOD "c0 20 0b 0000fbf400000001000000", NET, W,
     "RFC 8092 §6", 43, 0},
    {"only to customer of 5", 0, "", GOOD "c0 23 05 0000fde900", NET, W, "RFC 9234 §5", 43, 0},
    {"only to customer", EXTERNAL, "", GOOD "c0 23 04 0000fde9", NET, ACCEPT, NULL, 0, 0},
    {"only to customer, from below", EXTERNAL | ABOVE, "", GOOD "c0 23 04 0000fde9", NET, IGNORE,
     "RFC 9234 §5", 46, 0},
    {"only to customer, from beside", EXTERNAL | BESIDE, "", GOOD "c0 23 04 0000fde9", NET, ACCEPT,
     NULL, 0, 0},
    {"only to another's customer, from beside", EXTERNAL | BESIDE, "", GOOD "c0 23 04 0000fdea",
     NET, IGNORE, "RFC 9234 §5", 46, 0},
    {"only to customer, within", ABOVE, "", GOOD "c0 23 04 0000fde9", NET, ACCEPT, NULL, 0, 0},
    // 4-octet numbers past a 2-octet speaker: RFC 6793.
    {"AS4_PATH from a 4-octet speaker", 0, "", GOOD "c0 11 06 0201 fa56ea00", NET, D,
     "RFC 6793 §4.1", 52, 0},
    {"AS4_PATH", AS2, "", ORIGIN "40 02 04 0201 5ba0" HOP "c0 11 06 0201 fa56ea00", NET, ACCEPT,
     NULL, 0, 0},
    {"AS4_PATH segment type 0", 0, "", GOOD "c0 11 06 0001 fa56ea00", NET, W, "RFC 7606 §7.2", 46,
     0},
    {"AS4_AGGREGATOR of 9", 0, "", GOOD "c0 12 09 0000fde9 c000020900", NET, D, "RFC 6793 §6", 43,
     0},
    {"AS4_AGGREGATOR from a 4-octet speaker", 0, "", GOOD "c0 12 08 0000fde9 c0000209", NET, D,
     "RFC 6793 §4.1", 50, 0},
    // Those that are passed over.
    {"AIGP", 0, "", GOOD "80 1a 0b 01000b 0000000000000064", NET, ACCEPT, NULL, 0, 0},
    {"AIGP, unknown TLV first", 0, "", GOOD "80 1a 0e 090003 01000b 0000000000000064", NET, ACCEPT,
     NULL, 0, 0},
    {"AIGP without AIGP TLV", 0, "", GOOD "80 1a 03 090003", NET, D, "RFC 7311 §3", 49, 0},
    {"AIGP TLV of 10", 0, "", GOOD "80 1a 0a 01000a 00000000000064", NET, D, "RFC 7311 §3", 56, 0},
    {"AIGP TLV of 2", 0, "", GOOD "80 1a 0b 010002 0000000000000064", NET, D, "RFC 7311 §3", 46, 0},
    {"AIGP TLV overruns", 0, "", GOOD "80 1a 0b 01000c 0000000000000064", NET, D, "RFC 7311 §3", 49,
     0},
    {"prefix SID", 0, "", GOOD "c0 28 0a 010007 00000000000001", NET, ACCEPT, NULL, 0, 0},
    {"prefix SID all zero", 0, "", GOOD "c0 28 04 00000000", NET, D, "RFC 8669 §6", 49, 0},
    {"prefix SID label index of 6", 0, "", GOOD "c0 28 09 010006 000000000000", NET, D,
     "RFC 8669 §6", 55, 0},
    {"prefix SID range of 7", 0, "", GOOD "c0 28 0a 030007 00000000000001", NET, D, "RFC 8669 §6",
     56, 0},
    {"prefix SID range of 8", 0, "", GOOD "c0 28 0b 030008 0000000000000001", NET, ACCEPT, NULL, 0,
     0},
    {"BGP-LS overruns", 0, "", GOOD "80 1d 05 0400 00ff 00", NET, D, "RFC 9552 §8.2.2", 50, 0},
    {"tunnel overruns", 0, "", GOOD "c0 17 05 0007 0004 01", NET, W, "RFC 9012 §13", 50, 0},
    {"attribute set", 0, "", GOOD "c0 80 08 0000fbf4 40010100", NET, ACCEPT, NULL, 0, 0},
    {"attribute set overruns", 0, "", GOOD "c0 80 08 0000fbf4 c080c800", NET, W, "RFC 6368 §5", 53,
     0},
    {"PMSI of 4", 0, "", GOOD "c0 16 04 00060000", NET, W, "RFC 6514 §5", 43, 0},
    // Unknown: RFC 4271 §5, §6.3.
    {"unknown transitive", 0, "", GOOD "c0 ff 02 dead", NET, ACCEPT, NULL, 0, 0},
    {"unknown transitive of 0", 0, "", GOOD "e0 1c 00", NET, ACCEPT, NULL, 0, 0},
    {"unknown not transitive", 0, "", GOOD "80 fd 02 dead", NET, D, "RFC 4271 §5", 43, 0},
    {"unknown well-known", 0, "", GOOD "40 63 01 00", NET, W, "RFC 4271 §6.3", 43, 0},
    {"type 0", 0, "", GOOD "40 00 01 00", NET, W, "RFC 4271 §6.3", 43, 0},
    // The strongest of several: RFC 7606 §3 h.
    {"discard, then withdraw", 0, "", GOOD "40 06 01 00 80 04 00", NET, W, "RFC 7606 §7.4", 47, 0},
    {"withdraw, then reset", 0, "", GOOD "80 04 00", "21 c633640000", R, "RFC 7606 §5.3", 46, 10},
    // No prefix to withdraw: RFC 7606 §5.2.
    {"error and no prefix", 0, "", "40 01 01 05" PATH HOP, "", R, "RFC 7606 §5.2", 26, 1},
    {"discard and no prefix", 0, "", GOOD "40 06 01 00", "", D, "RFC 7606 §7.6", 43, 0},
    {"error beside withdrawn alone", 0, NET, "40 01 01 05", "", R, "RFC 7606 §5.2", 30, 1},
    {"error beside MP_REACH", 0, "", "80 0e 1a 0002 01" HOP6 NET6 "40 01 01 05" PATH, "", W,
     "RFC 7606 §7.1", 55, 0},
    // Families not negotiated: RFC 4760 §7.
    {"flowspec", 0, "", "80 0e 07 0001 85 0000 f001" ORIGIN PATH, "", IGNORE, "RFC 4760 §7", 23, 0},
    {"flowspec of 0", 0, "", "80 0e 06 0001 85 000000" ORIGIN PATH, "", IGNORE, "RFC 4760 §7", 23,
     0},
    {"withdrawn EVPN", 0, "", "80 0f 05 0019 46 0103", "", IGNORE, "RFC 4760 §7", 23, 0},
    {"flowspec beside a prefix", 0, "", "80 0e 06 0001 85 000000" GOOD, NET, ACCEPT, NULL, 0, 0},
    {"IPv6 withdrawn beside flowspec", 0, "",
     "80 0e 06 0001 85 000000 80 0f 08 0002 01" NET6 ORIGIN PATH, "", ACCEPT, NULL, 0, 0},
    {"IPv4 where only IPv6 is", ONLY_IPV6, "", "80 0e 0d 0001 01 04 c0000201 00" NET ORIGIN PATH,
     "", IGNORE, "RFC 4760 §7", 23, 0},
    {"classic prefix where only IPv6 is", ONLY_IPV6, "", GOOD, NET, IGNORE, "RFC 4760 §7", 23, 0},
    {"classic withdrawal where only IPv6 is", ONLY_IPV6, NET, "", "", IGNORE, "RFC 4760 §7", 27, 0},
    // Families that were negotiated, though we do not hold them.
    {"a flow", ALL, "", "80 0e 09 0001 85 0000 03 038106" ORIGIN PATH, "", ACCEPT, NULL, 0, 0},
    {"flow of 0", ALL, "", "80 0e 0a 0001 85 0000 03 038106 00" ORIGIN PATH, "", R, "RFC 7606 §5.3",
     35, 10},
    {"flow overruns", ALL, "", "80 0e 09 0001 85 0000 04 038106" ORIGIN PATH, "", R,
     "RFC 7606 §5.3", 31, 10},
    {"malformed flow", ALL, "", "80 0e 0d 0001 85 0000 03 0e8106 03 038106" ORIGIN PATH, "", W,
     "RFC 7606 §5.4", 31, 0},
    {"malformed flow, then one that overruns", ALL, "",
     "80 0e 0d 0001 85 0000 03 0e8106 04 038106" ORIGIN PATH, "", R, "RFC 7606 §5.3", 35, 10},
    {"malformed flow withdrawn", ALL, "", "80 0f 07 0001 85 03 0e8106", "", W, "RFC 7606 §5.4", 29,
     0},
    {"flow without attributes", ALL, "", "80 0e 09 0001 85 0000 03 038106", "", W, "RFC 7606 §3 d",
     23, 0},
    {"stack without bottom", ALL, "",
     "80 0e 10 0001 04 04 c0000201 00 30 000640 c63364" ORIGIN PATH, "", R, "RFC 7606 §5.3", 35,
     10},
    {"VPN next hop without distinguisher", ALL, "",
     "80 0e 18 0001 80 04 c0000201 00 70 000641 0000fde800000001 c63364" ORIGIN PATH, "", R,
     "RFC 7606 §7.11", 29, 1},
    {"a VPN route", ALL, "",
     "80 0e 20 0001 80 0c 0000000000000000c0000201 00 70 000641 0000fde800000001 c63364" ORIGIN
         PATH,
     "", ACCEPT, NULL, 0, 0},
    {"EVPN length lies", ALL, "", "80 0f 05 0019 46 0103", "", R, "RFC 7606 §5.3", 29, 10},
    {"EVPN content lies", ALL, "", "80 0f 06 0019 46 030100", "", W, "RFC 7606 §5.4", 29, 0},
    {"EVPN type unknown", ALL, "", "80 0f 06 0019 46 090100", "", ACCEPT, NULL, 0, 0},
    {"End-of-RIB of EVPN", ALL, "", "80 0f 03 0019 46", "", ACCEPT, NULL, 0, 0},
    {"unknown family", ALL, "", "80 0f 05 0019 ff 0103", "", IGNORE, "RFC 4760 §7", 23, 0},
};

static struct bgp_context context_of(int flags)
{
    return (struct bgp_context){
        .peer = flags & EXTERNAL ? BGP_EXTERNAL : BGP_INTERNAL,
        .as4 = !(flags & AS2),
        .families = {[FAMILY_IPV4] = !(flags & ONLY_IPV6), [FAMILY_IPV6] = true},
        .add_path = {[FAMILY_IPV4] = flags & ADD_PATH},
        .as_sets = flags & SETS,
        .observed = flags & OBSERVED,
        .next_hop_ipv6 = flags & NEXT6,
        .role = flags & BESIDE  ? BGP_ROLE_PEER
                : flags & ABOVE ? BGP_ROLE_PROVIDER
                                : BGP_ROLE_CUSTOMER,
        .role_agreed = flags & (ABOVE | BESIDE),
        .peer_as = 65001,
        .foreign = flags & ALL ? UINT32_MAX : 0,
        .local_as = 65000,
        .local_id = 0xc0000201,
    };
}

static size_t body_of(const struct row *row, uint8_t *body)
{
    struct writer w = writer_over(body, 512);
    uint8_t bytes[256];
    size_t withdrawn = writer_be16_reserve(&w);
    writer_bytes(&w, bytes, check_hex(row->withdrawn, bytes));
    writer_be16_set_count(&w, withdrawn);
    size_t attributes = writer_be16_reserve(&w);
    writer_bytes(&w, bytes, check_hex(row->attributes, bytes));
    writer_be16_set_count(&w, attributes);
    writer_bytes(&w, bytes, check_hex(row->announced, bytes));
    assert_true(writer_ok(&w));
    return w.size;
}

static void judges_as_the_rfcs_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t body[512];
        struct bgp_context context = context_of(rows[i].flags);
        struct bgp_update update;
        struct cursor c = cursor_over(body, body_of(&rows[i], body));
        struct bgp_verdict verdict = bgp_update_decode(c, &context, &update);
        CHECK_ROW(rows[i].name, (int)verdict.remedy == rows[i].remedy);
        CHECK_ROW(rows[i].name, (int)verdict.at == rows[i].at);
        CHECK_ROW(rows[i].name, verdict.subcode == rows[i].subcode);
        CHECK_ROW(rows[i].name, verdict.code == (rows[i].remedy == R ? 3 : 0));
        CHECK_ROW(rows[i].name, !verdict.spec == !rows[i].spec);
        CHECK_ROW(rows[i].name, !verdict.spec || strcmp(verdict.spec, rows[i].spec) == 0);
        CHECK_ROW(rows[i].name, !verdict.spec == !verdict.reason[0]);
    }
}

// What a cut leaves is a shorter message: nothing may be taken from behind its end.
static void survives_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t body[512];
        size_t size = body_of(&rows[i], body);
        struct bgp_context context = context_of(rows[i].flags);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *exact = test_malloc(cut + 1);
            memcpy(exact + 1, body, cut);
            struct bgp_update update;
            struct bgp_verdict verdict =
                bgp_update_decode(cursor_over(exact + 1, cut), &context, &update);
            CHECK_ROW(rows[i].name, cut >= 4 || verdict.remedy == BGP_SESSION_RESET);
            test_free(exact);
        }
    }
}

// RFC 7606 §3 b: both lengths, from just too large to the largest.
static void lengths_beyond_the_message_reset(void **state)
{
    (void)state;
    struct bgp_context context = context_of(0);
    struct bgp_update update;
    for (uint32_t extra = 1; extra <= UINT16_MAX; extra += extra < 8 ? 1 : 0x1fff) {
        uint8_t high = (uint8_t)(extra >> 8), low = (uint8_t)extra;
        const uint8_t bodies[][4] = {{high, low, 0, 0}, {0, 0, high, low}};
        for (size_t i = 0; i < 2; i++) {
            struct bgp_verdict verdict =
                bgp_update_decode(cursor_over(bodies[i], 4), &context, &update);
            assert_int_equal(verdict.remedy, BGP_SESSION_RESET);
            assert_true(verdict.code == 3 && verdict.subcode == 1);
        }
    }
}

static void decode(const char *name, const char *attributes, const char *announced, int flags,
                   struct bgp_update *update)
{
    static uint8_t body[512];  // views into it are looked at after this
    struct row row = {.name = name, .withdrawn = "", .attributes = attributes};
    row.announced = announced;
    struct bgp_context context = context_of(flags);
    bgp_update_decode(cursor_over(body, body_of(&row, body)), &context, update);
}

static void values_come_out(void **state)
{
    (void)state;
    struct bgp_update update;
    decode("all",
           GOOD "80 04 04 00000007 80 04 04 00000008 40 05 04 000000c8 40 06 00"
                "c0 07 08 0000fde9 c0000209 c0 08 08 fbf40001 ffffff01 80 09 04 c0000205"
                "80 0a 04 00000009 c0 20 0c 000000010000000200000003 c0 23 04 0000fbf4"
                "80 1a 0b 01000b 0000000000000064",
           "14 c6336f 18 cb0071", 0, &update);
    const struct bgp_attributes *a = &update.attributes;
    assert_true(a->origin == 0 && a->as_size == 4 && a->as_path.size == 6);
    assert_true(a->med == 7 && a->local_pref == 200);  // the first MED counts
    assert_true(a->aggregator_as == 65001 && a->originator_id == 0xc0000205);
    assert_true(a->communities.size == 8 && a->cluster_list.size == 4);
    assert_true(a->large_communities.size == 12 && a->only_to_customer == 64500);
    assert_true(a->accumulated_igp == 100);
    static const uint8_t types[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 26, 32, 35};
    for (size_t i = 0; i < sizeof types; i++)
        assert_true(bgp_attribute_present(a, types[i]));
    assert_false(bgp_attribute_present(a, 14) || bgp_attribute_present(a, 16));

    struct bgp_route route;
    char text[PREFIX_TEXT_MAX];
    assert_true(bgp_nlri_next(&update.announced, &route));
    assert_string_equal(prefix_format(route.prefix, text), "198.51.96.0/20");  // host bits cleared
    assert_true(bgp_nlri_next(&update.announced, &route));
    assert_string_equal(prefix_format(route.prefix, text), "203.0.113.0/24");
    assert_false(bgp_nlri_next(&update.announced, &route));
}

static void discarded_attributes_are_not_there(void **state)
{
    (void)state;
    struct bgp_update update;
    decode("discarded", GOOD "40 05 04 00000064 40 06 01 00", NET, EXTERNAL, &update);
    assert_false(bgp_attribute_present(&update.attributes, ATTR_LOCAL_PREF));
    assert_false(bgp_attribute_present(&update.attributes, ATTR_ATOMIC_AGGREGATE));
    assert_true(bgp_attribute_present(&update.attributes, ATTR_NEXT_HOP));
}

// Of what nobody here reads: the good and transitive, each once, in their order.
static void others_are_carried(void **state)
{
    (void)state;
    static const struct {
        uint8_t flags, type, size, first;
    } expected[] = {{0xc0, 200, 1, 0xaa}, {0xe0, 201, 0, 0}, {0xc0, 23, 4, 0}, {0xd0, 0, 1, 7}};
    struct bgp_update update;
    decode("others",
           GOOD "c0 c8 01 aa"        // carried
                "c0 08 04 0000fde9"  // has a field
                "c0 c8 01 bb"        // the second of two
                "c0 28 04 00000000"  // malformed and discarded
                "e0 c9 00"           // carried, and empty
                "80 fd 01 00"        // may not travel
                "c0 17 04 00010000"  // known, without a field
                "d0 00 0001 07",     // type 0 is a type
           NET, 0, &update);
    struct bgp_others others = bgp_others(&update.attributes);
    struct bgp_other other;
    size_t count = 0;
    for (; bgp_others_next(&others, &other); count++) {
        assert_true(count < sizeof expected / sizeof expected[0]);
        assert_int_equal(other.flags, expected[count].flags);
        assert_int_equal(other.type, expected[count].type);
        assert_int_equal(other.value.size, expected[count].size);
        assert_true(other.value.size == 0 || other.value.bytes[0] == expected[count].first);
    }
    assert_int_equal(count, sizeof expected / sizeof expected[0]);
    decode("none", GOOD, NET, 0, &update);
    others = bgp_others(&update.attributes);
    assert_false(bgp_others_next(&others, &other));
}

static void both_families_come_out(void **state)
{
    (void)state;
    struct bgp_update update;
    decode(
        "IPv6",
        "80 0e 30 0002 01 20 20010db8000000000000000000000001 fe800000000000000000000000000001 00"
        "20 20010db8 24 20010db8ff" ORIGIN PATH "80 0f 04 0002 01 00",
        "", 0, &update);
    struct bgp_route route;
    char text[PREFIX_TEXT_MAX];
    assert_true(bgp_nlri_next(&update.mp_announced, &route));
    assert_string_equal(prefix_format(route.prefix, text), "2001:db8::/32");
    assert_true(bgp_nlri_next(&update.mp_announced, &route));
    assert_string_equal(prefix_format(route.prefix, text), "2001:db8:f000::/36");
    assert_false(bgp_nlri_next(&update.mp_announced, &route));
    assert_true(bgp_nlri_next(&update.mp_withdrawn, &route));
    assert_string_equal(prefix_format(route.prefix, text), "::/0");
    assert_string_equal(address_format(update.attributes.mp_next_hop, text), "2001:db8::1");
    assert_string_equal(address_format(update.attributes.mp_link_local, text), "fe80::1");
    assert_false(bgp_nlri_next(&update.announced, &route));

    // With bad flags it is still known what is to be withdrawn.
    decode("flags", "c0 0e 1a 0002 01" HOP6 NET6 ORIGIN PATH "c0 0f 08 0002 01" NET6, "", 0,
           &update);
    assert_true(bgp_nlri_next(&update.mp_announced, &route));
    assert_true(bgp_nlri_next(&update.mp_withdrawn, &route));

    decode("path identifiers", GOOD, "00000007 18c63364", ADD_PATH, &update);
    assert_true(bgp_nlri_next(&update.announced, &route) && route.path_id == 7);
}

static void end_of_rib_is_told_from_a_hidden_error(void **state)
{
    (void)state;
    static const struct {
        const char *name, *attributes;
        int flags;
        enum family family;
    } ends[] = {
        {"IPv4", "", 0, FAMILY_IPV4},
        {"IPv6", "80 0f 03 0002 01", 0, FAMILY_IPV6},
        {"IPv4 in MP_UNREACH", "80 0f 03 0001 01", 0, FAMILY_IPV4},
        {"IPv4 where only IPv6 is", "", ONLY_IPV6, FAMILY_NONE},
        {"a withdrawal", "80 0f 04 0002 01 00", 0, FAMILY_NONE},
        {"another attribute", "80 0f 03 0002 01" ORIGIN, 0, FAMILY_NONE},
        {"attribute of a high type", "80 0f 03 0002 01 c0 ff 00", 0, FAMILY_NONE},
        {"bad flags", "c0 0f 03 0002 01", 0, FAMILY_NONE},  // CVE-2023-47235 was of this kind
        {"family that we do not hold", "80 0f 03 0019 46", 0, FAMILY_NONE},
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct bgp_update update;
        decode(ends[i].name, ends[i].attributes, "", ends[i].flags, &update);
        CHECK_ROW(ends[i].name, update.end_of_rib == ends[i].family);
    }
}

// RFC 6793 §4.2.3: AS4_AGGREGATOR is for an AGGREGATOR of AS_TRANS, and without it neither counts.
static void as4_aggregator_is_settled(void **state)
{
    (void)state;
    static const char path[] = ORIGIN "40 02 04 0201 5ba0" HOP "c0 11 06 0201 fa56ea00";
    static const struct {
        const char *name, *aggregators;
        uint32_t aggregator_as;
        bool as4_path;
    } cases[] = {
        {"none", "", 0, true},
        {"AS_TRANS", "c0 07 06 5ba0 c0000209 c0 12 08 fa56ea00 c0000209", 4200000000, true},
        {"not AS_TRANS", "c0 07 06 fde9 c0000209 c0 12 08 fa56ea00 c0000209", 65001, false},
        {"AS4_AGGREGATOR alone", "c0 12 08 fa56ea00 c0000209", 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char attributes[256];
        snprintf(attributes, sizeof attributes, "%s%s", path, cases[i].aggregators);
        struct bgp_update update;
        decode(cases[i].name, attributes, NET, AS2, &update);
        CHECK_ROW(cases[i].name, update.attributes.aggregator_as == cases[i].aggregator_as);
        CHECK_ROW(cases[i].name, (update.attributes.as4_path.size > 0) == cases[i].as4_path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_as_the_rfcs_say),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(lengths_beyond_the_message_reset),
        cmocka_unit_test(values_come_out),
        cmocka_unit_test(discarded_attributes_are_not_there),
        cmocka_unit_test(others_are_carried),
        cmocka_unit_test(both_families_come_out),
        cmocka_unit_test(end_of_rib_is_told_from_a_hidden_error),
        cmocka_unit_test(as4_aggregator_is_settled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
