#!/bin/sh
# Runs a test program under valgrind: a leak or a wrong access fails it. There are no suppressions.
#
# Still reachable at the end are the process's connections, which outlive clients by design, and one
# allocation of 16 bytes for the whole process, the hook that keeps a panic silent.
set -eu
case $(basename "$1") in
status | sign_and_parse | refusals)
    undefined=yes leaks=definite,indirect,possible
    ;;
*)
    # These keep connections. Hash maps in them are held by pointers into their middle, which valgrind
    # calls possibly lost; and it takes what ring's assembly encrypts for uninitialised memory.
    undefined=no leaks=definite,indirect
    ;;
esac
exec valgrind --quiet --undef-value-errors=$undefined --leak-check=full --show-leak-kinds=$leaks \
    --errors-for-leak-kinds=$leaks --error-exitcode=99 --fair-sched=yes "$@"
