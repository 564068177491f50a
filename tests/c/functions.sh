#!/bin/sh
# Every function of the header is called by a test: the programs below the folder $1 import it.
# Reports in TAP.
set -u
header=$OO_WEBHOOKS_BUILD/include/oo_webhooks.h
imported=$(nm --dynamic --undefined-only "$1"/* | grep -o 'oo_[a-z0-9_]*' | sort -u)
failed=0

for function in $(sed -n 's/^[a-z].*[ *]\(oo_[a-z0-9_]*\)(.*/\1/p' "$header"); do
    if echo "$imported" | grep -qx "$function"; then
        echo "ok - $function"
    else
        echo "not ok - no test in C calls $function"
        failed=1
    fi
done
exit $failed
