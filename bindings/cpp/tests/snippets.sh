#!/bin/sh
# Builds the C++ of a Markdown file: snippets.sh cpp.md <folder>. CXX, FLAGS and LINK come from the Makefile.
set -eu
document=$1
folder=$2
rm -rf "$folder"
mkdir -p "$folder"
awk -v folder="$folder" -f "$(dirname "$0")/snippets.awk" "$document"

for snippet in "$folder"/*.cpp; do
    standard=c++17
    if head -1 "$snippet" | grep -q '^// C++23'; then standard=c++2b; fi
    name=$(basename "$snippet" .cpp)
    # shellcheck disable=SC2086 # CXX, FLAGS and LINK are words
    case $name in
    *.run) $CXX -std=$standard $FLAGS "$snippet" $LINK -Wl,--as-needed -lcurl -o "$folder/${name%.run}" ;;
    *) $CXX -std=$standard $FLAGS -fsyntax-only "$snippet" ;;
    esac
done
