// SPDX-License-Identifier: ISC
#include "net/parse_test_rows.h"

const struct parse_row parse_rows[] = {
    {"nothing wrong", "fra1", "fra2", ""},
    {"a wrong address", "198.51.100.1\n", "198.51.100.300\n",
     "9: routers[0].address: '198.51.100.300' is not an IP address: write an IPv4 or IPv6 address"},
    {"a name instead of an address", "198.51.100.1\n", "edge1.example.net\n",
     "9: routers[0].address: 'edge1.example.net' is not an IP address: write an IPv4 or IPv6 "
     "address"},
    {"a prefix instead of an address", "198.51.100.1\n", "198.51.100.1/32\n",
     "9: routers[0].address: '198.51.100.1/32' is a prefix: write an address, without '/'"},
    {"a group address", "198.51.100.1\n", "224.0.0.5\n",
     "9: routers[0].address: '224.0.0.5' is not the address of one host: write the address of one "
     "host"},
    {"no host", "198.51.100.1\n", "'::'\n",
     "9: routers[0].address: '::' is not the address of one host: write the address of one host"},
    {"two wrong values and an unknown key", "mode: act\nbgp:\n  as: 64500\n",
     "mode: auto\nbgp:\n  asn: 1\n  as: x\n",
     "2: mode: 'auto' is not known here: write observe | advise | confirm | act\n"
     "4: bgp: unknown key 'asn': did you mean 'as'?\n"
     "5: bgp.as: 'x' is not a whole number: write 1 to 4294967294, without a unit"},
    {"modes of single levers", "mode: act\n",
     "mode: act\nmodes: {override: confirm, exit: observe, stance: advise, hook: act}\nrules: 1\n",
     ""},
    {"wrong modes of levers", "mode: act\n",
     "mode: act\nmodes: {override: auto, flows: act}\nrules: 2\n",
     "3: modes: unknown key 'flows': the keys here are override, exit, stance, hook\n"
     "3: modes.override: 'auto' is not known here: write observe | advise | confirm | act\n"
     "4: rules: '2' is too much: write 1 to 1 (the rules of acting that were read: act means "
     "confirm "
     "when an update has others)"},
    {"an unknown key near none", "user: nobody", "colour: red",
     "38: the file: unknown key 'colour': the keys here are site, location, mode, modes, rules, "
     "bgp, routers, upstreams, "
     "targets, links, own, announce, groups, hooks, maintenance, bmp, counters, syslog, traps, "
     "ssh, changes, alert, "
     "probe, detect, steer, limits, web, access, "
     "control, control_group, control_act_group, audit, store, status_page, kill_file, record, "
     "user, "
     "role_users, hooks_user"},
    {"a public status", "audit: /var",
     "store: {file: /s}\nstatus_page: {directory: /p, publish: at-once}\naudit: /var", ""},
    {"a public status of which nothing is kept", "audit: /var",
     "status_page: {directory: /p, publish: now}\naudit: /var",
     "39: status_page.publish: 'now' is not known here: write by-hand | at-once"},
    {"a public status of which nothing is kept", "audit: /var",
     "status_page:\n  directory: /p\naudit: /var",
     "40: status_page.directory needs 'store.file': the process that keeps what is told writes "
     "both"},
    {"nothing on record", "audit: /var/lib/fairlead/audit.jsonl\n", "",
     "2: audit is missing: mode act does nothing that is not on record: write 'audit: "
     "/var/lib/fairlead/audit.jsonl'"},
    {"limits of a router", "name: edge2",
     "name: edge2\n    ttl_security: true\n    prefixes_max: 1000000\n    prefixes_over: close",
     ""},
    {"no limits of a router", "name: edge2",
     "name: edge2\n    ttl_security: yes\n    prefixes_max: 0\n    prefixes_over: warn",
     "14: routers[1].ttl_security: 'yes' is not known here: write true | false\n"
     "15: routers[1].prefixes_max: '0' is too little: write 1 to 100000000 (how many routes of "
     "each family are taken from it, with ADD-PATH every path; none: as many as memory holds)\n"
     "16: routers[1].prefixes_over: 'warn' is not known here: write refuse | close"},
    {"kernels to compare", "families: [ipv4, ipv6]\n  - name: edge2",
     "families: [ipv4, ipv6]\n    fib: {from: local, table: 100}\n  - name: edge2\n"
     "    fib: {from: 'agent [2001:db8::2]:4711', settle_ms: 1000, md5_key: secret}",
     ""},
    {"the same kernel twice", "families: [ipv4, ipv6]\n  - name: edge2",
     "families: [ipv4, ipv6]\n    fib:\n      from: local\n  - name: edge2\n"
     "    fib:\n      from: local",
     "16: routers[1].fib: this host's routes are already those of 'edge1': write the agent of "
     "'edge2', or remove the key"},
    {"kernels of nobody", "families: [ipv4, ipv6]\n  - name: edge2",
     "families: [ipv4, ipv6]\n    fib:\n      from: remote\n  - name: edge2\n"
     "    fib:\n      from: agent 192.0.2.1",
     "14: routers[0].fib.from: 'remote' is not known here: write local or agent ADDRESS:PORT\n"
     "17: routers[1].fib.from: 'agent 192.0.2.1' is not an agent's address and port: write agent "
     "ADDRESS:PORT, such as agent 192.0.2.1:4711"},
    {"a key for no connection", "families: [ipv4, ipv6]\n  - name: edge2",
     "families: [ipv4, ipv6]\n    fib:\n      md5_key: secret\n  - name: edge2",
     "13: warning: routers[0].fib.md5_key: there is no connection to an agent: remove it, or write "
     "from: agent ADDRESS:PORT"},
    {"use", "probe: {mark: 102}",
     "probe: {mark: 102}\n    capacity_mbps: 10000\n    use: {from: kernel, device: eth0}", ""},
    {"use that nobody can push", "probe: {mark: 102}",
     "probe: {mark: 102}\n    capacity_mbps: 1\n    use: {from: pushed}",
     "26: upstreams[1].use.from: nobody can push it: write counters.http and counters.token"},
    {"use that is pushed", "    probe: {mark: 102}\n",
     "    probe: {mark: 102}\n    capacity_mbps: 1\n    use: {from: pushed}\n"
     "counters: {http: 127.0.0.1, token: 0123456789abcdef}\n",
     ""},
    {"use of no interface", "probe: {mark: 102}",
     "probe: {mark: 102}\n    capacity_mbps: 1\n    use: {from: kernel}",
     "26: upstreams[1].use.device is missing: write the interface that leads to 'transit-b'"},
    {"an interface for nobody", "probe: {mark: 102}",
     "probe: {mark: 102}\n    capacity_mbps: 1\n    use: {from: pushed, device: eth0}",
     "26: upstreams[1].use.device: only from: kernel reads an interface: write that, or remove it\n"
     "26: upstreams[1].use.from: nobody can push it: write counters.http and counters.token"},
    {"use of what no capacity is known", "probe: {mark: 102}",
     "probe: {mark: 102}\n    use: {from: kernel, device: eth0}",
     "25: warning: upstreams[1].use: without capacity_mbps nothing follows from what 'transit-b' "
     "carries: write that too"},
    {"snmp that is asked nothing", "probe: {mark: 102}",
     "probe: {mark: 102}\n    capacity_mbps: 10\n    use: {from: snmp}",
     "26: upstreams[1].use.snmp.address is missing: write that of the device's agent\n"
     "26: upstreams[1].use.snmp.interface is missing: write the ifName of the one that leads "
     "there\n"
     "26: upstreams[1].use.snmp: write a community for version 2c, or a user for version 3"},
    {"snmp by both versions", "probe: {mark: 102}",
     "probe: {mark: 102}\n    capacity_mbps: 10\n    use: {from: snmp, snmp: {address: 192.0.2.99, "
     "interface: ge-0/0/0, community: public, user: watcher}}",
     "26: upstreams[1].use.snmp: write a community for version 2c, or a user for version 3\n"
     "26: upstreams[1].use.snmp.auth_key is missing: nothing else shows that an answer is the "
     "agent's"},
    {"snmp keys of nobody", "probe: {mark: 102}",
     "probe: {mark: 102}\n    capacity_mbps: 10\n    use: {from: snmp, snmp: {address: "
     "'2001:db8::99', interface: ge-0/0/0, community: public, priv_key: privprivpriv}}",
     "26: upstreams[1].use.snmp.user is missing: keys are those of a user of version 3"},
    {"snmp that nobody asks", "probe: {mark: 102}",
     "probe: {mark: 102}\n    capacity_mbps: 10\n    use: {from: kernel, device: eth0, snmp: "
     "{address: 192.0.2.99}}",
     "26: upstreams[1].use.snmp: only from: snmp asks an agent: write that, or remove it"},
    {"a shared backbone", "probe: {mark: 102}",
     "probe: {mark: 102}\n    shared: {sites: 6, turn: 6}", ""},
    {"the turn of nobody", "probe: {mark: 102}",
     "probe: {mark: 102}\n    shared: {sites: 6, turn: 7}",
     "25: upstreams[1].shared: turn '7' is none of 6 sites: write both, turn from 1 to sites"},
    {"no turn", "probe: {mark: 102}", "probe: {mark: 102}\n    shared: {sites: 6}",
     "25: upstreams[1].shared: turn '0' is none of 6 sites: write both, turn from 1 to sites"},
    {"use from nowhere", "probe: {mark: 102}",
     "probe: {mark: 102}\n    capacity_mbps: 0\n    use: {from: guess, device: eth0}",
     "25: upstreams[1].capacity_mbps: '0' is too little: write 1 to 100000000 (what it carries in "
     "each direction, or what is paid for; none: unknown)\n"
     "26: upstreams[1].use.from: 'guess' is not known here: write kernel | pushed | "
     "snmp"},
    {"counters of servers", "user: nobody",
     "counters:\n  listen: [127.0.0.1, '::1']\n  http: [127.0.0.1, '::1']\n  token: "
     "0123456789abcdef",
     ""},
    {"changes by a pipeline", "user: nobody",
     "counters:\n  http: '::1'\nchanges:\n  token_file: /etc/fairlead/token", ""},
    {"changes in git", "user: nobody",
     "changes:\n  git:\n    - {path: /srv/net.git, devices: '**/{device}.*'}\n    - {path: /srv/x, "
     "branch: live, "
     "devices: 'a/{device}/**', interval_s: 10}",
     ""},
    {"a relative repository", "user: nobody",
     "changes:\n  git:\n    - {path: net.git, devices: '{device}'}",
     "40: changes.git[0].path: 'net.git' is no absolute path"},
    {"an option for a branch", "user: nobody",
     "changes:\n  git:\n    - {path: /srv/net.git, branch: '-x', devices: '{device}'}",
     "40: changes.git[0].branch: '-x' is no branch: write its name without refs/heads/, such as "
     "main"},
    {"files of no device", "user: nobody",
     "changes:\n  git:\n    - {path: /srv/net.git, devices: hosts}",
     "40: changes.git[0].devices: 'hosts' does not have {device} once: write such as "
     "hosts/{device}.conf"},
    {"changes in etcd", "user: nobody",
     "changes:\n  etcd:\n    - {url: 'http://[::1]:2379', prefix: /net/, devices: '**/{device}'}\n "
     "   - {url: "
     "'https://etcd:2379', prefix: /net/, devices: '/net/{device}/**', authorities: /ca}",
     ""},
    {"a path in etcd", "user: nobody",
     "changes:\n  etcd:\n    - {url: 'http://[::1]:2379/v3', prefix: /net/, devices: '{device}'}",
     "40: changes.etcd[0].url: 'http://[::1]:2379/v3' is not as https://HOST:2379 is: no path, no "
     "user"},
    {"keys of no device", "user: nobody",
     "changes:\n  etcd:\n    - {url: 'http://[::1]:2379', prefix: /net/, devices: /net/}",
     "40: changes.etcd[0].devices: '/net/' does not have {device} once: write such as "
     "/net/{device}/**"},
    {"syslog over TLS", "user: nobody",
     "syslog:\n  tls_listen: [192.0.2.5, '2001:db8::5']\n  tls_certificate: /c\n  tls_key: /k", ""},
    {"TLS without a key", "user: nobody", "syslog:\n  tls_listen: 192.0.2.5\n  tls_certificate: /c",
     "39: syslog.tls_listen: write tls_certificate and tls_key, which it needs"},
    {"a certificate for nothing", "user: nobody", "syslog:\n  tls_certificate: /c",
     "39: warning: syslog.tls_certificate: nothing listens: write tls_listen"},
    {"changes posted nowhere", "user: nobody", "changes:\n  token_file: /etc/fairlead/token",
     "39: changes.token_file: there is nowhere to post to: write counters.http"},
    {"a token anywhere", "user: nobody", "counters:\n  http: '::1'\nchanges:\n  token_file: token",
     "41: changes.token_file: 'token' is no absolute path"},
    {"counters from elsewhere", "user: nobody",
     "counters:\n  listen: '::'\n  sources: [192.0.2.0/24, '2001:db8::/32']", ""},
    {"counters from nobody", "user: nobody", "counters:\n  listen: [127.0.0.1, '::']",
     "39: warning: counters.listen: counters.sources is empty: all lines but those from loopback "
     "will be refused at ::"},
    {"counters without a secret", "user: nobody", "counters:\n  http: '::1'",
     "39: counters.token is missing: anybody on this host could say what servers see: write a "
     "secret of 16 bytes or more"},
    {"counters with a short secret", "user: nobody", "counters:\n  http: '::1'\n  token: abc",
     "40: counters.token: 'abc' is too short: write at least 16 bytes"},
    {"a secret of nothing", "user: nobody", "counters:\n  token: 0123456789abcdef",
     "39: warning: counters.token: only HTTP asks for it: remove it, or write http"},
    {"counters for everybody", "user: nobody",
     "counters:\n  http: [127.0.0.1, '2001:db8::1']\n  token: 0123456789abcdef",
     "39: counters.http: 2001:db8::1 is reachable from elsewhere: Fairlead refuses to listen "
     "beyond loopback without TLS: write 127.0.0.1 or ::1, and a proxy before it"},
    {"groups", "user: nobody",
     "groups:\n  - name: ca\n    kind: redundancy\n    members:\n"
     "      - {name: ca1, hops: [10.1.1.0/24, '2001:db8:0:ca1::/64'], link: eth1}\n"
     "      - {name: ca2, hops: 10.1.2.0/24, link: eth2}\n"
     "  - {name: fibre, kind: shared-risk, members: [{name: both, upstreams: [transit-a, "
     "transit-b]}]}\n"
     "links:\n  - {name: l, device: eth1, neighbour: 198.51.100.1, address: 10.0.0.2}\n"
     "  - {name: eth2, device: e, neighbour: 198.51.100.1, address: 10.0.0.2}",
     ""},
    {"a member by a link that is none", "user: nobody",
     "groups:\n  - {name: ca, kind: shared-risk, members: [{name: a, link: l}, {name: b, link: e}, "
     "{name: c, link: L}]}\n"
     "links:\n  - {name: l, device: e, neighbour: 198.51.100.1, address: 10.0.0.2}",
     "39: groups[0].members[2].link: 'L' is neither name nor device of one of links: write one of "
     "theirs"},
    {"groups of nothing", "user: nobody",
     "groups:\n  - name: ca\n    kind: redundancy\n    members:\n      - name: ca1\n"
     "      - {name: ca1, upstreams: transit-a}\n  - {name: ca, kind: shared-risk, members: "
     "[{name: a, upstreams: transit-a}]}\n  - {name: cb, kind: redundancy, members: [{name: a, "
     "hops: "
     "10.1.2.0/24}]}",
     "42: groups[0].members[0]: nothing passes it: write upstreams, hops or link\n"
     "43: groups[0].members[1].name: 'ca1' is also the name of members[0]: give each its own\n"
     "44: groups[1].name: 'ca' is also the name of groups[0]: give each group its own\n"
     "45: groups[2].members: one alone is not redundant: write at least two, or shared-risk"},
    {"groups with wrong values", "user: nobody",
     "groups:\n  - {name: ca, kind: pair, members: [{name: a, upstreams: [transit-a, transit-x]}]}",
     "39: groups[0].kind: 'pair' is not known here: write redundancy | shared-risk\n"
     "39: groups[0].members[0].upstreams: 'transit-x' is no upstream: did you mean 'transit-a'?"},
    {"BMP senders", "user: nobody",
     "bmp:\n  listen: [198.51.100.5, '::']\n  senders:\n    - {name: edge1, address: "
     "[198.51.100.1, '2001:db8::1']}\n    - {name: rs, address: 198.51.100.9, port: 11019}",
     ""},
    {"a BMP listener for nobody", "user: nobody", "bmp:\n  listen: 0.0.0.0",
     "39: warning: bmp.listen: bmp.senders is empty: every connection will be refused"},
    {"a BMP sender that nobody hears", "user: nobody",
     "bmp:\n  listen: 0.0.0.0\n  senders:\n    - name: edge1\n      address: '2001:db8::1'",
     "42: bmp.senders[0].address: nobody listens for it on ipv6: add such an address to "
     "bmp.listen, or write its port, to call it"},
    {"a BMP sender twice", "user: nobody",
     "bmp:\n  listen: 0.0.0.0\n  senders:\n    - {name: a, address: 192.0.2.1}\n    - {name: a, "
     "address: 192.0.2.1}",
     "42: bmp.senders[1].name: 'a' is also the name of bmp.senders[0]: give each sender its own\n"
     "42: bmp.senders[1].address: 192.0.2.1 is also that of 'a': write each router once"},
    {"syslog", "user: nobody",
     "syslog:\n  listen: [198.51.100.5, '::']\n  relays: 192.0.2.0/24\n  devices:\n    - {name: "
     "edge1, address: [198.51.100.1, '2001:db8::1']}\n    - name: ca2",
     ""},
    {"syslog of nobody", "user: nobody", "syslog:\n  listen: '::'",
     "39: warning: syslog.listen: syslog.devices is empty: everything will be refused but what "
     "comes from this host"},
    {"a device twice", "user: nobody",
     "syslog:\n  listen: '::'\n  devices:\n    - {name: a, address: '2001:db8::1'}\n    - {name: "
     "a, "
     "address: '2001:db8::1'}",
     "42: syslog.devices[1].name: 'a' is also the name of syslog.devices[0]: give each device its "
     "own\n"
     "42: syslog.devices[1].address: 2001:db8::1 is also that of 'a': write each device once"},
    {"no own prefixes", "user: nobody", "own: []", ""},
    {"own prefixes", "user: nobody",
     "own:\n  - prefix: 192.0.2.0/24\n    origins: [64500, 4200000000]\n    length_max: 25\n"
     "  - prefix: '2001:db8::/32'",
     ""},
    {"an own prefix twice", "user: nobody", "own:\n  - prefix: ::/0\n  - prefix: ::/0",
     "40: own[1].prefix: ::/0 is also own[0]: write each prefix once"},
    {"an own prefix that is none", "user: nobody", "own:\n  - prefix: 192.0.2.0",
     "39: own[0].prefix: '192.0.2.0' has no length: write a prefix such as 192.0.2.0/24"},
    {"an own prefix without a prefix", "user: nobody", "own:\n  - origins: 64500",
     "39: own[0].prefix is missing: write 'prefix: PREFIX' (announced by us: told when it vanishes "
     "from a table or moves)"},
    {"origins that are none", "user: nobody",
     "own:\n  - prefix: 192.0.2.0/24\n    origins: [0, AS1, 4294967295]",
     "40: own[0].origins: '0' is not an AS number: write a whole number such as 64500\n"
     "40: own[0].origins: 'AS1' is not an AS number: write a whole number such as 64500\n"
     "40: own[0].origins: '4294967295' is not an AS number: write a whole number such as 64500"},
    {"too short a length_max", "user: nobody", "own:\n  - prefix: 192.0.2.0/24\n    length_max: 23",
     "40: own[0].length_max: 23 does not fit 192.0.2.0/24: write 24 to 32"},
    {"too long a length_max", "user: nobody", "own:\n  - prefix: 192.0.2.0/24\n    length_max: 33",
     "40: own[0].length_max: 33 does not fit 192.0.2.0/24: write 24 to 32"},
    {"a missing key", "    address: 198.51.100.1\n", "",
     "8: routers[0].address is missing: write 'address: ADDRESS' (of its BGP speaker)"},
    {"a missing section",
     "bgp:\n  as: 64500\n  router_id: 198.51.100.5\n  listen: "
     "[198.51.100.5, '2001:db8:0:1::5']\n",
     "", "1: bgp is missing: write 'bgp:' (our side of the sessions)"},
    {"an empty value", "mode: act", "mode:",
     "2: mode: nothing stands after it: write observe | advise | confirm | act, or remove the key"},
    {"a list for a value", "mode: act", "mode: [act]",
     "2: mode: a list where a value should be: write observe | advise | confirm | act"},
    {"a value for a list of maps",
     "targets:\n  - name: far-1\n    address: [203.0.113.10, "
     "'2001:db8:f:1::10']\n  - name: far-2\n    address: [203.0.113.138, '2001:db8:f:2::10']\n"
     "    protocol: icmp\n",
     "targets: far-1\n", "25: targets: a value where a list should be: begin each entry with '- '"},
    {"no targets",
     "targets:\n  - name: far-1\n    address: [203.0.113.10, "
     "'2001:db8:f:1::10']\n  - name: far-2\n    address: [203.0.113.138, '2001:db8:f:2::10']\n"
     "    protocol: icmp\n",
     "targets: []\n",
     "25: targets: 0 entries: write 1 to 32 (who answers probes: at least two, better in several "
     "networks)"},
    {"one target",
     "  - name: far-2\n    address: [203.0.113.138, '2001:db8:f:2::10']\n"
     "    protocol: icmp\n",
     "",
     "25: warning: targets: only one for ipv4: its own outage looks like that of every way to it; "
     "add another, in another network\n"
     "25: warning: targets: only one for ipv6: its own outage looks like that of every way to it; "
     "add another, in another network"},
    {"no target for one family",
     "    address: [203.0.113.10, '2001:db8:f:1::10']\n  - name: "
     "far-2\n    address: [203.0.113.138, '2001:db8:f:2::10']\n",
     "    address: [203.0.113.10]\n  - name: far-2\n    address: 203.0.113.138\n",
     "25: targets: an upstream carries ipv6, but no target has such an address: add one, or take "
     "the next_hop away"},
    {"a name with a space", "fra1", "Frankfurt 1",
     "1: site: 'Frankfurt 1' is not a name: write 1 to 31 letters, digits, '.', '_' or '-'"},
    {"an endless name", "fra1", "a-name-that-takes-more-than-31-letters",
     "1: site: 'a-name-that-takes-more-than-31-letters' is not a name: write 1 to 31 letters, "
     "digits, '.', '_' or '-'"},
    {"the same name twice", "name: edge2", "name: edge1",
     "13: routers[1].name: 'edge1' is also the name of routers[0]: give each router its own\n"
     "22: upstreams[1].router: 'edge2' is no router: did you mean 'edge1'?"},
    {"the reserved name", "name: transit-b", "name: as-routed",
     "21: upstreams[1].name: 'as-routed' is what the way of customers' packets is called: write "
     "another name"},
    {"the same router twice", "2001:db8:0:1::2\n", "198.51.100.1\n",
     "14: routers[1].address: 198.51.100.1 is also the address of 'edge1': write each router once"},
    {"the router's own address as ours", "local_address: 198.51.100.5",
     "local_address: 198.51.100.1",
     "10: routers[0].local_address: 198.51.100.1 is the router's own: write one of this host"},
    {"ours in the other family", "local_address: 198.51.100.5", "local_address: 2001:db8::5",
     "10: routers[0].local_address: ipv6 and ipv4 do not reach each other: write both in one "
     "family"},
    {"a router's address as our id", "router_id: 198.51.100.5", "router_id: 198.51.100.1",
     "5: bgp.router_id: 198.51.100.1 is the address of 'edge1': write an address of this host"},
    {"an IPv6 id", "router_id: 198.51.100.5", "router_id: 2001:db8::1",
     "5: bgp.router_id: '2001:db8::1' is not the IPv4 address of a host: write one such as "
     "192.0.2.1"},
    {"an unknown router", "router: edge2", "router: egde2",
     "22: upstreams[1].router: 'egde2' is no router: did you mean 'edge2'?"},
    {"a router with no name near", "router: edge2", "router: berlin",
     "22: upstreams[1].router: 'berlin' is no router: write a name from routers"},
    {"one next hop for two", "[10.0.2.1, '2001:db8:0:b1::1']", "[10.0.2.1, '2001:db8:0:a1::1']",
     "23: upstreams[1].next_hop: 2001:db8:0:a1::1 is also that of 'transit-a': routes could not be "
     "told apart: write the next hop of each"},
    {"two next hops of a family", "[10.0.2.1, '2001:db8:0:b1::1']", "[10.0.2.1, 10.0.2.2]",
     "23: upstreams[1].next_hop: '10.0.2.2' is the second of its family: write one address for "
     "each family"},
    {"no next hop", "[10.0.2.1, '2001:db8:0:b1::1']", "[]",
     "23: upstreams[1].next_hop: the list is empty: write [ADDRESS, ...]"},
    {"no selection", "    probe: {mark: 102}\n", "",
     "21: upstreams[1].probe: nothing says how a packet leaves by 'transit-b' and no other: write "
     "source, mark or device"},
    {"the same selection", "{mark: 102}", "{source: [192.0.2.17, '2001:db8:0:a0::5']}",
     "24: upstreams[1].probe: the same as of 'transit-a': probes would take one way for both: give "
     "each its own source, mark or device"},
    {"a source in one family only", "{source: [192.0.2.17, '2001:db8:0:a0::5']}",
     "{source: 192.0.2.17}",
     "20: upstreams[0].probe.source: no ipv6 address, but next_hop has one: add one, or a mark or "
     "device"},
    {"mark 0", "mark: 102", "mark: 0",
     "24: upstreams[1].probe.mark: '0' is too little: write 1 to 4294967295 (by a firewall mark, "
     "which a rule maps to a routing table)"},
    {"xdp of no device", "{mark: 102}", "{mark: 102, xdp: true}",
     "24: upstreams[1].probe.xdp: AF_XDP sockets are those of a device: write the device too"},
    {"xdp of no device, as routed", "as_routed: {", "as_routed: {xdp: true, ",
     "32: probe.as_routed.xdp: AF_XDP sockets are those of a device: write the device too"},
    {"a device of 16 letters", "mark: 102", "device: interface-number",
     "24: upstreams[1].probe.device: 'interface-number' is too long: write at most 15 bytes"},
    {"a family not carried", "    families: [ipv4, ipv6]\nupstreams",
     "    families: [ipv4]\nupstreams",
     "23: warning: upstreams[1].next_hop: the session with 'edge2' does not carry ipv6: nothing of "
     "it will move; add it to the router's families"},
    {"an unknown family", "    families: [ipv4, ipv6]\nupstreams",
     "    families: [ipv4, inet6]\nupstreams",
     "15: routers[1].families: 'inet6' is not a family: write ipv4 or ipv6"},
    {"no family", "    families: [ipv4, ipv6]\nupstreams", "    families: []\nupstreams",
     "15: routers[1].families: the list is empty: write [ipv4, ipv6]"},
    {"hold time 0", "name: edge2", "name: edge2\n    hold_time_s: 0",
     "14: routers[1].hold_time_s: '0' is too little: write 3 to 180 (what Fairlead said is gone "
     "this long after it dies; RFC 4271 forbids 1 and 2, and 0 would mean never)"},
    {"hold time 1", "name: edge2", "name: edge2\n    hold_time_s: 1",
     "14: routers[1].hold_time_s: '1' is too little: write 3 to 180 (what Fairlead said is gone "
     "this long after it dies; RFC 4271 forbids 1 and 2, and 0 would mean never)"},
    {"hold time 2", "name: edge2", "name: edge2\n    hold_time_s: 2",
     "14: routers[1].hold_time_s: '2' is too little: write 3 to 180 (what Fairlead said is gone "
     "this long after it dies; RFC 4271 forbids 1 and 2, and 0 would mean never)"},
    {"hold time 3", "name: edge2", "name: edge2\n    hold_time_s: 3", ""},
    {"a hold time with a unit", "name: edge2", "name: edge2\n    hold_time_s: 9s",
     "14: routers[1].hold_time_s: '9s' is not a whole number: write 3 to 180, without a unit"},
    {"half a second of hold time", "name: edge2", "name: edge2\n    hold_time_s: 9.5",
     "14: routers[1].hold_time_s: '9.5' is not a whole number: write 3 to 180, without a unit"},
    {"a lease longer than a hold time", "marker:", "lease_s: 5.5\n  marker:",
     "35: steer.lease_s: longer than the hold time of 'edge1': write at most 5"},
    {"the same host probed twice", "[203.0.113.138, '2001:db8:f:2::10']\n    protocol: icmp",
     "[203.0.113.10, '2001:db8:f:2::10']",
     "29: targets[1].address: 203.0.113.10 is also that of 'far-1': write each host once"},
    {"an unknown protocol", "icmp", "ping",
     "30: targets[1].protocol: 'ping' is not known here: write stamp | icmp | tcp"},
    {"plain UDP", "icmp", "udp",
     "30: targets[1].protocol: 'udp' has no probes of its own: write stamp, which is UDP to any "
     "port"},
    {"plain UDP as it is", "protocol: icmp", "protocol: stamp\n    port: 443", ""},
    {"TCP", "protocol: icmp", "protocol: tcp\n    port: 179", ""},
    {"TCP to nowhere", "protocol: icmp", "protocol: tcp",
     "30: targets[1].port is missing: write the TCP port that 'far-2' is asked at"},
    {"port 0", "protocol: icmp", "port: 0",
     "30: targets[1].port: '0' is too little: write 1 to 65535 (UDP port of a STAMP "
     "reflector, or the TCP port that is asked)"},
    {"port 65536", "protocol: icmp", "port: 65536",
     "30: targets[1].port: '65536' is too much: write 1 to 65535 (UDP port of a STAMP "
     "reflector, or the TCP port that is asked)"},
    {"a negative number", "protocol: icmp", "port: -1",
     "30: targets[1].port: '-1' is not a whole number: write 1 to 65535, without a unit"},
    {"an endless number", "protocol: icmp", "port: 99999999999999999999",
     "30: targets[1].port: '99999999999999999999' is not a whole number: write 1 to 65535, without "
     "a unit"},
    {"more probes than allowed", "protocol: icmp", "ours: true\n    rate_pps: 98.5",
     "32: probe.path_rate_max_pps: the targets ask for 100.166 probes a second on each ipv4 path: "
     "write at least that, or lower their rate_pps\n"
     "32: probe.path_rate_max_pps: the targets ask for 100.166 probes a second on each ipv6 path: "
     "write at least that, or lower their rate_pps"},
    {"a stranger probed too often", "protocol: icmp", "rate_pps: 1.667",
     "30: targets[1].rate_pps: over all paths 'far-2' is asked 10.002 times a second, but others' "
     "hosts at most 10: write ours: true if it is ours, or lower rate_pps"},
    {"a stranger probed as it may be", "protocol: icmp", "rate_pps: 1.666", ""},
    {"a stranger not probed", "protocol: icmp", "rate_pps: 0\n    dscp: [46]",
     "25: warning: targets: only one for ipv4: its own outage looks like that of every way to it; "
     "add another, in another network\n"
     "25: warning: targets: only one for ipv6: its own outage looks like that of every way to it; "
     "add another, in another network"},
    {"variants count", "protocol: icmp", "rate_pps: 1\n    dscp: [46]",
     "30: targets[1].rate_pps: over all paths 'far-2' is asked 12 times a second, but others' "
     "hosts "
     "at most 10: write ours: true if it is ours, or lower rate_pps"},
    {"variants that are not sent do not", "protocol: icmp",
     "rate_pps: 1\n    dscp: [46]\n    variant_rate_pps: 0", ""},
    {"too many variants", "protocol: icmp", "dscp: [46, 10]",
     "28: targets[1].rate_pps: over all paths 'far-2' is asked 12.006 times a second, but others' "
     "hosts at most 10: write ours: true if it is ours, or lower variant_rate_pps"},
    {"above its own limit", "protocol: icmp", "rate_max_pps: 11\n    rate_pps: 2",
     "30: targets[1].rate_max_pps: over all paths 'far-2' is asked 12 times a second: write at "
     "least that, or lower rate_pps"},
    {"within its own limit", "protocol: icmp", "rate_max_pps: 12\n    rate_pps: 2", ""},
    {"a size too small", "protocol: icmp", "sizes_bytes: [127]\n    ours: true",
     "30: targets[1].sizes_bytes: '127' is not one of these numbers: write 128 to 9000"},
    {"a class too high", "protocol: icmp", "dscp: [64]\n    ours: true",
     "30: targets[1].dscp: '64' is not one of these numbers: write 1 to 63"},
    {"nine classes", "protocol: icmp", "dscp: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n    ours: true",
     "30: targets[1].dscp: '9' is one too many: write at most 8 numbers"},
    {"a class twice", "protocol: icmp", "dscp: [46, 10, 46]\n    ours: true",
     "30: targets[1].dscp: 46 stands there twice: write it once"},
    {"a SYN of 1400", "protocol: icmp",
     "protocol: tcp\n    port: 80\n    sizes_bytes: [1400]\n    ours: true",
     "32: targets[1].sizes_bytes: a SYN has but one size: remove it, or probe 'far-2' by stamp or "
     "icmp"},
    {"too many flows to TCP", "protocol: icmp",
     "protocol: tcp\n    port: 80\n    flows: 64\n    dscp: [46]\n    ours: true",
     "32: targets[1].flows: with one for each of dscp more than 64: write at most 63"},
    {"a ping that asks who answers", "protocol: icmp", "protocol: icmp\n    node: 192.0.2.9",
     "31: targets[1].node: only stamp asks who answers: remove it"},
    {"a link of a bundle", "{mark: 102}", "{mark: 102, micro_session: 65535}", ""},
    {"a link without a device", "probe:\n  as",
     "links:\n  - {name: l, neighbour: [10.0.0.1], address: [10.0.0.2]}\nprobe:\n  as",
     "32: links[0].device is missing: write 'device: TEXT' (our interface to the neighbour)"},
    {"a link of two families", "probe:\n  as",
     "links:\n  - {name: l, device: e, neighbour: [198.51.100.1], address: ['fd00::2']}\nprobe:\n"
     "  as",
     "32: links[0].address: no ipv4 address, but neighbour has one: write both or neither\n"
     "32: links[0].address: an ipv6 address, but neighbour has none: write both or neither"},
    {"a link to ourselves", "probe:\n  as",
     "links:\n  - {name: l, device: e, neighbour: [198.51.100.1], address: "
     "[198.51.100.1]}\nprobe:\n"
     "  as",
     "32: links[0].address: 198.51.100.1 is the neighbour's: write one of this host"},
    {"a link to nobody", "probe:\n  as",
     "links:\n  - {name: l, device: e, neighbour: [10.0.0.1], address: [10.0.0.2]}\nprobe:\n  as",
     "32: links[0].device: no upstream with ipv4 is left by it, and none is attached to a router "
     "at "
     "its neighbour: write one of theirs"},
    {"two links of one name", "probe:\n  as",
     "links:\n  - {name: l, device: e, neighbour: [198.51.100.1], address: [10.0.0.2]}\n"
     "  - {name: l, device: f, neighbour: [198.51.100.1], address: [10.0.0.2]}\nprobe:\n  as",
     "33: links[1].name: 'l' is also the name of links[0]: give each link its own"},
    {"four decimals", "protocol: icmp", "rate_pps: 1.0001",
     "30: targets[1].rate_pps: '1.0001' is not a number of at most 3 decimals: write 0 to 1000, "
     "without a unit"},
    {"to learn, or not", "probe:\n  as", "detect: {learn: freely}\nprobe:\n  as", ""},
    {"to learn somehow", "probe:\n  as", "detect: {learn: yes}\nprobe:\n  as",
     "31: detect.learn: 'yes' is not known here: write never | carefully | freely"},
    {"never wrong", "probe:\n  as",
     "detect: {false_suspicions_per_day: 0, false_acts_per_year: 0.000}\nprobe:\n  as",
     "31: detect.false_suspicions_per_day: 0 is never, and nothing is as sure: write 0.001 to "
     "1000\n"
     "31: detect.false_acts_per_year: 0 is never, and nothing is as sure: write 0.001 to 1000"},
    {"hardly ever wrong", "probe:\n  as",
     "detect: {false_suspicions_per_day: 0.001, false_acts_per_year: 0.001}\nprobe:\n  as", ""},
    {"a time-out turned round", "probe:\n  as", "probe:\n  timeout_min_ms: 2000\n  as",
     "32: probe.timeout_min_ms: longer than timeout_max_ms: write it smaller"},
    {"fewer flows traced than probed", "probe:\n  as", "probe:\n  trace_flows: 3\n  as",
     "32: probe.trace_flows: a target has more flows: write at least 4"},
    {"not traced at all", "probe:\n  as",
     "probe:\n  trace_rate_pps: 0\n  trace_flows: 1\n  roving_rate_pps: 0\n  as", ""},
    {"no way as routed", "probe:\n  as_routed: {source: [198.51.100.5, '2001:db8:0:1::5']}\n", "",
     "1: probe.as_routed is missing: moves are verified by probes that go the way customers' "
     "packets go: write the source, mark or device that does so"},
    {"as routed in one family", "as_routed: {source: [198.51.100.5, '2001:db8:0:1::5']}",
     "as_routed: {source: 198.51.100.5}",
     "32: probe.as_routed.source: no ipv6 address: moves of ipv6 are verified by it: add one"},
    {"no prefixes", "[203.0.113.0/24, '2001:db8:f::/48']", "[]",
     "34: note: steer.prefixes: empty: nothing may be moved"},
    {"a prefix with host bits", "203.0.113.0/24", "203.0.113.1/24",
     "34: steer.prefixes: '203.0.113.1/24' is not a prefix: write one such as 192.0.2.0/24, with "
     "no bit set after the length"},
    {"a prefix without length", "203.0.113.0/24", "203.0.113.0",
     "34: steer.prefixes: '203.0.113.0' has no length: write a prefix such as 192.0.2.0/24"},
    {"a protected prefix", "web:", "limits: {protected_prefixes: 203.0.112.0/23}\nweb:",
     "34: warning: steer.prefixes[0]: 203.0.113.0/24 lies in limits.protected_prefixes[0]: it will "
     "never move"},
    {"more routes than built in", "web:", "limits: {routes_max: 1001}\nweb:",
     "36: limits.routes_max: '1001' is too much: write 1 to 1000 (overrides in all)"},
    {"a huge LOCAL_PREF", "marker:", "local_pref: 4000\n  marker:",
     "35: steer.local_pref: '4000' is too much: write 1 to 1000 (of overrides: above what the "
     "routers give their own routes)"},
    {"a lease of a minute", "marker:", "lease_s: 60\n  marker:",
     "35: steer.lease_s: '60' is too much: write 1 to 9 (the engine silent for this long: "
     "everything is withdrawn)"},
    {"a marker of two numbers", "64500:666:1", "64500:666",
     "35: steer.marker: '64500:666' is not a large community: write three numbers such as "
     "64500:666:1"},
    {"a marker of four numbers", "64500:666:1", "64500:666:1:2",
     "35: steer.marker: '64500:666:1:2' is not a large community: write three numbers such as "
     "64500:666:1"},
    {"a marker too large", "64500:666:1", "64500:666:4294967296",
     "35: steer.marker: '64500:666:4294967296' is not a large community: write three numbers such "
     "as 64500:666:1"},
    {"a page for everybody", "127.0.0.1:8470", "0.0.0.0:8470",
     "36: web: 0.0.0.0 is reachable from elsewhere: Fairlead refuses to listen beyond loopback "
     "without TLS and authentication: write 127.0.0.1 or [::1], or access.tls_certificate, "
     "access.tls_key and access.users"},
    {"a page for the network", "127.0.0.1:8470", "'[2001:db8::5]:8470'",
     "36: web: 2001:db8::5 is reachable from elsewhere: Fairlead refuses to listen beyond loopback "
     "without TLS and authentication: write 127.0.0.1 or [::1], or access.tls_certificate, "
     "access.tls_key and access.users"},
    {"a page on IPv6 loopback", "127.0.0.1:8470", "'[::1]:8470'", ""},
    {"no page", "127.0.0.1:8470", "''", ""},
    {"a page without a port", "127.0.0.1:8470", "127.0.0.1",
     "36: web: '127.0.0.1' is not an address and a port: write ADDRESS:PORT, such as "
     "127.0.0.1:8470 or [::1]:8470"},
    {"a page on a bare IPv6 address", "127.0.0.1:8470", "'::1:8470'",
     "36: web: '::1:8470' is not an address and a port: write ADDRESS:PORT, such as 127.0.0.1:8470 "
     "or [::1]:8470"},
    {"hooks of nothing", "user: nobody",
     "hooks: [{name: a, object: router edge3, program: /a}, {name: b, object: edge2, program: b}]",
     "38: hooks[0].object: 'router edge3' names nothing of this file: there is no router 'edge3': "
     "did you mean 'edge1'?\n"
     "38: hooks[1].object: 'edge2' names nothing of this file: 'edge2' is a name alone: write "
     "'router edge2'\n"
     "38: hooks[1].program: 'b' is not a whole path: write one that begins with '/'"},
    {"two hooks of one name", "user: nobody",
     "hooks: [{name: a, object: site, program: /a}, {name: a, object: router edge1, program: /b}]",
     "38: hooks[1].name: 'a' is also the name of hooks[0]: give each hook its own"},
    {"two hooks of one thing", "user: nobody",
     "hooks:\n  - {name: a, object: site, program: /a}\n  - {name: b, object: site fra1, "
     "program: /b}",
     "40: hooks[1].object: 'a' takes that out of use already: write one hook for each object"},
    {"a circuit that is two things", "user: nobody",
     "maintenance:\n  objects:\n    - {circuit: IC-1, object: site}\n"
     "    - {circuit: IC-1, object: router edge1}",
     "41: maintenance.objects[1].circuit: 'IC-1' is also that of objects[0]: write one object for "
     "each "
     "circuit"},
    {"circuits of nothing", "user: nobody",
     "maintenance:\n  objects: [{circuit: IC-1, object: upstream x}, {object: site}]",
     "39: maintenance.objects[0].object: 'upstream x' names nothing of this file: there is no "
     "upstream 'x': there are transit-a, transit-b\n"
     "39: maintenance.objects[1].circuit is missing: write 'circuit: TEXT' (as "
     "X-MAINTNOTE-OBJECT-ID of the announcements says it)"},
    {"a hook with too many arguments", "user: nobody",
     "hooks: [{name: a, object: site, program: /a, arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9]}]",
     "38: hooks[0].arguments: '9' is one too many: write at most 8 arguments"},
    {"health of nobody", "user: nobody",
     "announce:\n  - {prefix: 192.0.2.0/25, next_hop: 198.51.100.5, health: {rise: 2}}\n"
     "  - {prefix: 192.0.2.128/25, next_hop: 198.51.100.5, health: {program: /a, timeout_s: 9}}",
     "39: announce[0].health.program is missing: nobody is asked: write its path, or remove "
     "health\n"
     "40: announce[1].health: timeout_s is longer than interval_s: write it shorter"},
    {"health by half a path", "user: nobody",
     "announce: [{prefix: 192.0.2.0/25, next_hop: 198.51.100.5, health: {program: a}}]",
     "38: announce[0].health.program: 'a' is not a whole path: write one that begins with '/'"},
    {"no user", "nobody", "''", "38: user: '' is empty: write a text, or remove the key"},
    {"a control character", "nobody", "\"no\\ebody\"",
     "38: user: 'no?body' holds a control character: keep it to one line of plain text"},
    {"a tab", "  as: 64500", "\tas: 64500", "4: a tab in the indentation: indent with spaces"},
    {"a repeated key", "mode: act", "site: fra2", "2: 'site' stands here twice: keep one of them"},
    {"errors of one place, found out of order", "mode: act", "site:\n  !t fra2",
     "2: 'site' stands here twice: keep one of them\n"
     "3: tags (!name) are not used here: put a text that begins with '!' in quotes"},
    {"a document that is no map", "site: fra1\n", "- site: fra1\n",
     "2: this does not fit the list above: begin it with '- ', indented as the other entries"},
};

const size_t parse_row_count = sizeof parse_rows / sizeof parse_rows[0];
