#!/bin/sh
# clang_reads_tests.sh BUILD: has clang read every test of a build directory with the options by which it is
# compiled there, and say its warnings. Nothing is written.
cd "$1" || exit 3
jq -r '.[] | select(.file | test("_(test|check)[.]c$")) | .command' compile_commands.json |
    sed -E 's/^(ccache )?[^ ]+ /clang -fsyntax-only /; s/ -M[QF] [^ ]+| -MD| -o [^ ]+| -c / /g' |
    xargs -P "$(nproc)" -d '\n' -I COMMAND sh -c 'COMMAND'
