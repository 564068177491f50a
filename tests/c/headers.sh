#!/bin/sh
# The header alone, included twice, in every C and C++ that its users compile with. Reports in TAP.
set -u
include=$OO_WEBHOOKS_BUILD/include
failed=0

compiles() {
    compiler=$1 language=$2 standard=$3
    shift 3
    if "$compiler" -x "$language" "-std=$standard" -Wall -Wextra -pedantic -Werror "$@" -I"$include" -fsyntax-only header_alone.c; then
        echo "ok - $compiler $standard"
    else
        echo "not ok - $compiler $standard"
        failed=1
    fi
}

for standard in c99 c11 c17; do
    for compiler in gcc clang; do
        compiles "$compiler" c "$standard" -Wstrict-prototypes -Wmissing-prototypes
    done
done
for standard in c++11 c++17 c++20; do
    for compiler in g++ clang++; do
        compiles "$compiler" c++ "$standard"
    done
done
exit $failed
