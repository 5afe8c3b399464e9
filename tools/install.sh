#!/bin/sh
# Installs the Debian packages of the groups named on the command line (see packages.txt), if any is
# missing. Daemons that a package would start are kept from starting, now and at the next boot: the
# lab runs its own, and a routing daemon nobody configured has no business on this machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

wanted=
for group; do
    packages=$(sed -n "s/^$group //p" "$here/packages.txt")
    [ -n "$packages" ] || { echo "usage: tools/install.sh build|lab|test ..." >&2; exit 2; }
    wanted="$wanted $packages"
done
command -v dpkg-query >/dev/null || { echo "fairlead: cannot install: this is not Debian" >&2; exit 3; }
missing=
case " $* " in *" test "*) command -v npm >/dev/null || wanted="$wanted npm" ;; esac  # some node brings it along
for package in $wanted; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
# What browses the dashboard in the tests: two packages of npm's, pinned by their hashes; no script of theirs
# is run, and the browser is Debian's.
install_browser_driver() {
    web=$here/../tests/web
    [ "$web/node_modules/.package-lock.json" -nt "$web/package-lock.json" ] && return
    echo "installing: the packages of tests/web"
    (cd "$web" && npm ci --silent) || {
        echo "fairlead: cannot install the packages of tests/web: npm failed" >&2
        exit 3
    }
}
finish() {
    case " $* " in *" test "*) install_browser_driver ;; esac
    exit 0
}
[ -n "$missing" ] || finish "$@"

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "fairlead: cannot install$missing: not root, and no sudo" >&2; exit 3; }
    as_root=sudo
fi
echo "installing:$missing"
# dpkg asks policy-rc.d before it starts a service; 101 means no. One that is there already stays.
policy=/usr/sbin/policy-rc.d
if $as_root sh -c "[ ! -e $policy ] && printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"; then
    trap '$as_root rm -f $policy' EXIT INT TERM
fi
log=$(mktemp)
install_all() {
    # A mirror that fails here may be one we do not need. A fresh machine may be upgrading itself.
    $as_root apt-get update >"$log" 2>&1 || true
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends $missing >>"$log" 2>&1
}
if ! install_all; then
    grep '^[EW]:' "$log" | head -n 5 >&2
    echo "fairlead: cannot install the packages: apt-get failed: see $log" >&2
    exit 3
fi
rm -f "$log"
if command -v systemctl >/dev/null; then
    for package in $missing; do
        case $package in
        bird2) $as_root systemctl -q disable bird ;;
        openssh-server) $as_root systemctl -q disable ssh ;;
        frr | gobgpd | openbgpd | prometheus | snmpd) $as_root systemctl -q disable "$package" ;;
        esac
    done
fi
finish "$@"
