#!/bin/sh
# The Debian package on a throw-away copy of this system: built, installed, run as its unit runs it,
# upgraded, removed, purged. Root; about 2 minutes. Nothing of it stays.
#   tests/package_test.sh [PACKAGE.deb]      without: it is built first
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
if [ "${1:-}" != inside ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' INT TERM
    if [ -z "${1:-}" ]; then
        packaging/debian/package.sh "$work" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    else
        cp "$1" "$work"
    fi
    mkdir "$work/memory"
    unshare --mount --net --pid --fork --kill-child "$0" inside "$work"
    exit
fi

# In namespaces of our own: what is written goes to memory, and is gone with them.
work=$2
mount -t tmpfs tmpfs "$work/memory"
mkdir "$work/memory/upper" "$work/memory/work" "$work/memory/root"
root=$work/memory/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/memory/upper,workdir=$work/memory/work" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount --bind /dev "$root/dev"
ip link set lo up
cp "$work"/*.deb "$root/fairlead.deb"
on() { chroot "$root" "$@"; }  # on COMMAND...: there
ok() { echo "ok    $*"; }
fail() { echo "FAIL  $*"; exit 1; }

on dpkg --purge fairlead >/dev/null 2>&1 || true
on dpkg --install /fairlead.deb >"$work/dpkg" 2>&1 || { cat "$work/dpkg"; fail "it installs"; }
ok "it installs"
for role in '' -probe -route -ingest -hook -web -audit -notify -store; do
    on getent passwd fairlead$role >/dev/null || fail "user fairlead$role exists"
done
ok "its users exist"
[ "$(on stat -c '%U %a' /var/lib/fairlead/audit /var/lib/fairlead/store | tr '\n' ' ')" = \
    "fairlead-audit 700 fairlead-store 700 " ] && ok "they have their directories" || fail "they have their directories"
on fairlead --help >/dev/null && ok "the program runs" || fail "the program runs"
[ -z "$(on sh -c 'strings -n 8 /usr/bin/fairlead' | grep -F "$PWD/" | head -n 1)" ] &&
    ok "it knows nothing of where it was built" || fail "it names $PWD"
on sh -c 'cd / && fairlead rehearse no-such-outage' 2>&1 | grep -q "cannot read the scenario" &&
    [ -d "$root/usr/share/fairlead/scenarios/telia" ] && [ -f "$root/usr/share/fairlead/patterns/cisco.pattern" ] &&
    ok "scenarios and patterns are there" || fail "scenarios and patterns are there"
on sh -c 'test ! -e /etc/fairlead/fairlead.yaml' && ok "nothing is configured by itself" || fail "a configuration came with it"

# The example, on addresses that this namespace has, as the unit starts it.
cat >"$root/etc/fairlead/fairlead.yaml" <<'EOF'
site: lab
bgp: {as: 64500, router_id: 127.0.0.1, listen: [127.0.0.1]}
routers:
  - {name: edge, address: 127.0.0.9, local_address: 127.0.0.1, families: [ipv4, ipv6]}
upstreams:
  - {name: transit, router: edge, next_hop: [127.0.0.9, "::1"]}
targets:
  - {name: far, address: [127.0.0.2, "::1"], protocol: icmp, ours: true, rate_pps: 10}
steer: {prefixes: [198.18.0.0/15], marker: '64500:666:1'}
web: 127.0.0.1:8470
audit: /var/lib/fairlead/audit/audit.jsonl
store: {file: /var/lib/fairlead/store/store.db}
role_users: true
EOF
on fairlead config check /etc/fairlead/fairlead.yaml || fail "the configuration is good"
mkdir -p "$root/run/fairlead" && on chown fairlead: /run/fairlead
given=$(sed -n 's/^CapabilityBoundingSet=//p' packaging/systemd/fairlead.service | tr A-Z a-z | sed 's/cap_/+/g; s/ /,/g')
python3 -c "
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('$root/run/notify')
s.settimeout(20)
import os; os.chmod('$root/run/notify', 0o777)
print('listens', flush=True)
while b'READY=1' not in s.recv(500): pass
while b'WATCHDOG=1' not in s.recv(500): pass
while b'STOPPING=1' not in s.recv(500): pass
" >"$work/notify" 2>&1 &
manager=$!
until grep -q listens "$work/notify"; do sleep 0.1; done
chroot "$root" env NOTIFY_SOCKET=/run/notify WATCHDOG_USEC=1000000 setpriv --reuid=fairlead --regid=fairlead --clear-groups \
    --inh-caps=-all,$given --ambient-caps=-all,$given --bounding-set=-all,$given --no-new-privs \
    fairlead run -c /etc/fairlead/fairlead.yaml >"$work/out" 2>&1 &
daemon=$!
tries=0
until on fairlead status >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { cat "$work/out"; fail "it starts as its unit says"; }
    sleep 0.2
done
ok "it starts as its unit says"
for role in probe route web audit store; do
    for comm in "$root"/proc/[0-9]*/comm; do
        [ "$(cat "$comm" 2>/dev/null)" != "fairlead-$role" ] || awk '/^Uid:/ {print $2}' "${comm%comm}status"
    done
done >"$work/uids"
[ "$(on sh -c 'for n in $(cat); do getent passwd $n | cut -d: -f1; done' <"$work/uids" | tr '\n' ' ')" = \
    "fairlead-probe fairlead-route fairlead-web fairlead-audit fairlead-store " ] &&
    ok "each process is a user of its own" || { cat "$work/uids"; fail "each process is a user of its own"; }
kill -TERM $daemon
wait $daemon && ok "it ends" || { cat "$work/out"; fail "it ends"; }
wait $manager && ok "the service manager heard that it is ready, that it lives, that it stops" ||
    { cat "$work/notify"; fail "the service manager heard of it"; }

on dpkg --install /fairlead.deb >"$work/dpkg" 2>&1 && ok "it is installed over itself" || { cat "$work/dpkg"; fail "upgrade"; }
[ -f "$root/etc/fairlead/fairlead.yaml" ] && ok "the configuration stays" || fail "the configuration stays"
on dpkg --remove fairlead >"$work/dpkg" 2>&1 && [ ! -e "$root/usr/bin/fairlead" ] &&
    [ -f "$root/etc/fairlead/fairlead.yaml" ] && ok "it is removed, the configuration stays" || fail "remove"
rm "$root/etc/fairlead/fairlead.yaml"
on dpkg --purge fairlead >"$work/dpkg" 2>&1 || { cat "$work/dpkg"; fail "it is purged"; }
left=$(cd "$work/memory/upper" && find . -iname '*fairlead*' ! -type c ! -name fairlead.deb)  # c: taken away
[ -z "$left" ] && ok "it is purged, nothing is left" || fail "left behind: $left"
