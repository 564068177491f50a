#!/bin/sh
# What a user does with an installed library, in a folder of his own: the example is compiled through
# pkg-config and through CMake, and runs. The library is moved after `make install`, as it may be.
# Reports in TAP.
set -u
example=$(cd ../../bindings/c && pwd)/example.c
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/moved
make --silent -C ../.. install DESTDIR="$folder" PREFIX=/installed || exit 1
mv "$folder/installed" "$prefix"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' ../../Cargo.toml | head -1)
failed=0

check() {
    name=$1
    shift
    if "$@"; then
        echo "ok - $name"
    else
        echo "not ok - $name"
        failed=1
    fi
}

# Without credentials nothing is sent, which the example ends with.
runs_and_is_not_configured() {
    LD_LIBRARY_PATH=$prefix/lib env -u ON_OFFICE_TOKEN -u ON_OFFICE_SECRET "$1" >"$folder/said"
    [ $? = 2 ] && grep -q ON_OFFICE_TOKEN "$folder/said"
}

with_pkg_config() {
    export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
    # shellcheck disable=SC2046 # flags are words
    cc "$example" $(pkg-config --cflags --libs oo_webhooks) -o "$folder/with-pkg-config" &&
        [ "$(pkg-config --modversion oo_webhooks)" = "$version" ] &&
        runs_and_is_not_configured "$folder/with-pkg-config"
}

project() {
    mkdir "$folder/$1"
    cat >"$folder/$1/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.13)
project(user C)
find_package(oo_webhooks $2 REQUIRED CONFIG)
add_executable(example "$example")
target_link_libraries(example PRIVATE oo_webhooks::oo_webhooks)
END
    cmake -S "$folder/$1" -B "$folder/$1/build" -DCMAKE_PREFIX_PATH="$prefix" >"$folder/$1.log" 2>&1
}

with_cmake() {
    project "project-$1" "$1" && cmake --build "$folder/project-$1/build" >>"$folder/project-$1.log" 2>&1 &&
        runs_and_is_not_configured "$folder/project-$1/build/example" || {
        cat "$folder/project-$1.log"
        false
    }
}

too_new_for_cmake() {
    ! project "project-$1" "$1"
}

works_where_it_is_now() {
    "$prefix/bin/oo-webhooks" --version | grep -qF "$version"
}

check "the program is installed" works_where_it_is_now
check "compiles through pkg-config" with_pkg_config
check "compiles through CMake" with_cmake "$version"
check "CMake accepts the series" with_cmake "${version%.*}"
check "CMake refuses a version to come" too_new_for_cmake 99.0
exit $failed
