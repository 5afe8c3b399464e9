#!/bin/sh
# Installs the Debian packages of the groups named on the command line (see packages.txt), if any is
# missing. Daemons that a package would start are kept from starting: the lab runs its own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

wanted=
for group; do
    wanted="$wanted $(sed -n "s/^$group //p" "$here/packages.txt")"
done
missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

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
    $as_root apt-get update >"$log" 2>&1 &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends $missing >>"$log" 2>&1
}
if ! install_all; then
    tail -n 20 "$log" >&2
    echo "fairlead: cannot install$missing: see $log" >&2
    exit 3
fi
rm -f "$log"
