#!/bin/sh
# Runs the fuzzers (clang's libFuzzer with ASan and UBSan), each from its corpus in tests/corpus.
# New inputs go to build-fuzz/corpus/NAME; what crashes is kept as build-fuzz/NAME-crash-*.
set -eu
cd "$(dirname "$0")/.."

usage() {
    cat <<EOF
usage: tools/fuzz.sh SECONDS [NAME...]   each fuzzer (all, or those named) for so long
       tools/fuzz.sh --list              their names
EOF
}

build() {
    [ -f build-fuzz/build.ninja ] || CC=clang meson setup build-fuzz -Dfuzz=true -Dxdp=disabled -Db_lundef=false \
        -Doptimization="${FUZZ_OPTIMIZATION:-1}" -Ddebug=false -Db_sanitize=address,undefined "-Dc_args=-g1 -fsanitize=fuzzer-no-link" >/dev/null
    flock build-fuzz ninja -C build-fuzz fairlead $(ninja -C build-fuzz -t targets all |
        sed -n 's,^\([a-z0-9_]*_fuzz\): .*,\1,p') >build-fuzz/build.log 2>&1 || { cat build-fuzz/build.log >&2; exit 3; }
}

list() {
    for program in build-fuzz/*_fuzz; do
        name=${program##*/}
        echo "${name%_fuzz}"
    done
}

case "${1-}" in
--help | -h) usage; exit 0 ;;
--list) build; list; exit 0 ;;
"" | *[!0-9]*) usage >&2; exit 2 ;;
esac
seconds=$1
shift
build
[ $# -gt 0 ] || set -- $(list)

for name; do
    [ -x "build-fuzz/${name}_fuzz" ] || { echo "fairlead: no fuzzer '$name': try --list" >&2; exit 2; }
    mkdir -p "build-fuzz/corpus/$name"
    rm -f "build-fuzz/$name"-crash-* "build-fuzz/$name"-timeout-* "build-fuzz/$name"-oom-* \
        "build-fuzz/$name"-leak-*  # of an earlier run: what was mended stands in tests/corpus
    echo "fuzz $name for $seconds s"
    "build-fuzz/${name}_fuzz" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
        -max_len=8192 -print_final_stats=1 -artifact_prefix="build-fuzz/$name-" \
        "build-fuzz/corpus/$name" "tests/corpus/$name" 2>&1 | tail -n 40 >"build-fuzz/$name.log" ||
        true
    if ls "build-fuzz/$name"-crash-* "build-fuzz/$name"-timeout-* "build-fuzz/$name"-oom-* \
        "build-fuzz/$name"-leak-* >/dev/null 2>&1 || ! grep -q number_of_executed_units "build-fuzz/$name.log"; then
        cat "build-fuzz/$name.log" >&2
        echo "fairlead: fuzzer '$name' found a fault: its input is kept in build-fuzz" >&2
        exit 1
    fi
    grep -E "number_of_executed_units|average_exec" "build-fuzz/$name.log"
done
