#!/bin/sh
# What pkg-config and CMake users do, against a copy of the build that has no C++ header in it: package.sh <build>
set -eu
build=$1
cpp=$(cd "$(dirname "$0")/.." && pwd)
root=$(cd "$cpp/../.." && pwd)
passed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$1"
    echo "C++ packages: $passed passed, 1 failed"
    exit 1
}

# Runs a command whose output is of interest only when it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "$*"; }
}

# The example was linked with the library, and finds it, when it can say what is missing.
check_program() {
    code=0
    message=$(env -i "$1" 2>&1) || code=$?
    [ "$code" = 2 ] || fail "$1 ended with $code: $message"
    case $message in *ON_OFFICE_TOKEN*) ;; *) fail "$1 said: $message" ;; esac
    passed=$((passed + 1))
}

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -1)
grep -q "VERSION $version\$" "$cpp/CMakeLists.txt" || fail "CMakeLists.txt has not version $version"

mkdir "$work/c" "$work/c/include"
cp -r "$build/lib" "$work/c/lib"
cp "$build/include/oo_webhooks.h" "$work/c/include/"

# A consumer is the page's own CMakeLists.txt, with the example as its program.
consumer() {
    mkdir -p "$work/$1"
    cp "$cpp/example.cpp" "$work/$1/app.cpp"
    sed "s/find_package(.*/$2/" "$build/cpp/programs/docs/consumer.compile.cmake" >"$work/$1/CMakeLists.txt"
}

configure() {
    cmake -S "$1" -B "$1/build" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_BUILD_RPATH="$work/c/lib" "$2"
}

# The C++ package, installed at a place of its own.
quietly cmake -S "$cpp" -B "$work/package" -DCMAKE_PREFIX_PATH="$work/c" -DCMAKE_INSTALL_PREFIX="$work/cpp"
quietly cmake --install "$work/package"
consumer apart "find_package(oo_webhooks_cpp $version REQUIRED)"
quietly configure "$work/apart" -DCMAKE_PREFIX_PATH="$work/c;$work/cpp"
quietly cmake --build "$work/apart/build"
check_program "$work/apart/build/app"

consumer later "find_package(oo_webhooks_cpp 99 REQUIRED)"
if configure "$work/later" -DCMAKE_PREFIX_PATH="$work/c;$work/cpp" >/dev/null 2>&1; then
    fail "version 99 was found"
fi
passed=$((passed + 1))

# As a part of another project.
consumer part "find_package(oo_webhooks REQUIRED)\\nadd_subdirectory($(printf '%s' "$cpp" | sed 's,/,\\/,g') cpp)"
quietly configure "$work/part" -DCMAKE_PREFIX_PATH="$work/c"
quietly cmake --build "$work/part/build"
check_program "$work/part/build/app"

# Beside the C library, whose packages then give it too.
cp "$cpp"/include/*.hpp "$work/c/include/"
consumer beside "&"
quietly configure "$work/beside" -DCMAKE_PREFIX_PATH="$work/c"
quietly cmake --build "$work/beside/build"
check_program "$work/beside/build/app"

consumer both "find_package(oo_webhooks_cpp REQUIRED)"
quietly configure "$work/both" -DCMAKE_PREFIX_PATH="$work/c;$work/cpp"
quietly cmake --build "$work/both/build"
check_program "$work/both/build/app"

# The page's own command.
export PKG_CONFIG_PATH="$work/c/lib/pkgconfig" LD_RUN_PATH="$work/c/lib"
cp "$cpp/example.cpp" "$work/app.cpp"
cd "$work"
quietly sh -eu "$build/cpp/programs/docs/pkgconfig.run.sh"
check_program "$work/app"

echo "C++ packages: $passed passed, 0 failed"
