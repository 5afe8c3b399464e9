#!/bin/sh
# Builds fairlead_VERSION_ARCHITECTURE.deb into the directory given, or `build-package`.
#   packaging/debian/package.sh [DIRECTORY [BUILD]]      BUILD: a build directory that is there; it is for /usr then
set -eu
cd "$(dirname "$0")/../.."
out=$(mkdir -p "${1:-build-package}" && cd "${1:-build-package}" && pwd)
build=${2:-$out/build}
stage=$out/stage
rm -rf "$stage"

[ -f "$build/build.ninja" ] || meson setup "$build"
prefix=$(meson introspect --buildoptions "$build" |
    python3 -c 'import json, sys; print(*(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')
[ "$prefix" = /usr ] || meson configure -Dprefix=/usr "$build"
ninja -C "$build" packaging/fairlead
DESTDIR=$stage meson install -C "$build" --no-rebuild --quiet
strip --strip-unneeded "$stage/usr/bin/fairlead"
gzip -9n "$stage"/usr/share/man/man*/*
install -Dm644 LICENSE "$stage/usr/share/doc/fairlead/copyright"
gzip -9nc packaging/debian/changelog >"$stage/usr/share/doc/fairlead/changelog.gz"
mkdir -p "$stage/etc/fairlead" "$stage/DEBIAN"
install -m755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$stage/DEBIAN"

# What it links against is asked of the binary; the tool wants a directory called debian.
mkdir -p "$out/work/debian"
cp packaging/debian/control packaging/debian/changelog "$out/work/debian"
(cd "$out/work" && dpkg-shlibdeps -Tdebian/substvars -O "$stage/usr/bin/fairlead" >debian/substvars)
(cd "$out/work" && dpkg-gencontrol -pfairlead -P"$stage" -Tdebian/substvars -fdebian/files)
dpkg-deb -Zgzip --root-owner-group --build "$stage" "$out" >/dev/null
ls "$out"/*.deb
