#!/bin/bash
# Whether a program saves records into an outbox as put.tsv says. Reports in TAP.
#
#     put_cases.sh all|checking <program> [argument...]
#
# The program is called with the folder, the module and the id behind its arguments. It ends with 0 and
# says nothing when it saved, and otherwise says why on stderr. `checking` is one that looks at module, id
# and folder first, as the libraries do; the shell's one line does not.
#
# Columns of put.tsv: `for`, the programs that are tried; `room`, see prepare below; `says`, words in what
# it says, whatever their case, or `-` when it saves; `left`, every file in the outbox afterwards.
set -u
here=$(cd "$(dirname "$0")" && pwd)
kind=$1

# Disks that are full, read-only or several are made in a mount namespace of this test's own.
if [ -z "${OUTBOX_CASES_MOUNT:-}" ]; then
    for namespace in "-m" "-Urm"; do
        if unshare $namespace mount -t tmpfs tmpfs /mnt 2>/dev/null; then
            OUTBOX_CASES_MOUNT=yes exec unshare $namespace "$0" "$@"
        fi
    done
    OUTBOX_CASES_MOUNT=no
fi
shift

top=$(mktemp -d)
tidy() {
    umount -q "$top"/*/new "$top"/* 2>/dev/null
    rm -rf "$top"
}
trap tidy EXIT
failed=0
number=0

# Makes $outbox; 1 when this machine cannot.
prepare() {
    outbox=$top/$number
    mkdir "$outbox" "$outbox/tmp" "$outbox/new" "$outbox/retry" "$outbox/sending" "$outbox/doubt"
    case $1 in
    plain) ;;
    waiting) touch "$outbox/new/estate-7" ;;
    pausing) touch "$outbox/retry/estate-7" ;;
    sending) touch "$outbox/sending/estate-7" ;;
    doubt) touch "$outbox/doubt/estate-7" ;;
    link_in_new) ln -s "$top/outside" "$outbox/new/estate-7" ;;
    folder_in_new) mkdir "$outbox/new/estate-7" ;;
    odd_path)
        mv "$outbox" "$top/a b'\"\$(x)ü"
        outbox="$top/a b'\"\$(x)ü"
        ;;
    missing) rm -r "$outbox" ;;
    new_missing)
        rmdir "$outbox/new"
        echo 1 >"$outbox/version"
        ;;
    file)
        rm -r "$outbox"
        touch "$outbox"
        ;;
    long_path) outbox=$outbox/$(printf '%0300d' 0) ;;
    not_ours) chmod 555 "$outbox/new" "$outbox/tmp" "$outbox" ;;
    new_is_a_link)
        mkdir "$top/elsewhere"
        rmdir "$outbox/new"
        ln -s "$top/elsewhere" "$outbox/new"
        ;;
    read_only | full | two_filesystems)
        [ "$OUTBOX_CASES_MOUNT" = yes ] || return 1
        place=$outbox
        [ "$1" != two_filesystems ] || place=$outbox/new
        mount -t tmpfs -o nr_inodes=30 tmpfs "$place"
        [ "$1" = two_filesystems ] || mkdir "$outbox"/{tmp,new,retry,sending,doubt,failed,corrupt,lock}
        echo 1 >"$outbox/version"
        if [ "$1" = full ]; then
            for file in $(seq 30); do touch "$outbox/filling$file" 2>/dev/null || break; done
        elif [ "$1" = read_only ]; then
            mount -o remount,ro "$outbox"
        fi
        ;;
    *)
        echo "there is no room $1" >&2
        exit 1
        ;;
    esac
}

# Without the privileges that let root write everywhere.
plainly() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --inh-caps=-all --bounding-set=-all "$@"
    else
        "$@"
    fi
}

left_in() {
    [ -d "$1" ] || return 0
    (cd "$1" && find . -mindepth 2 ! -type d | sed 's|^\./||' | LC_ALL=C sort | paste -sd, -)
}

complain() {
    echo "not ok - $name"
    echo "# $1: exit code $code, said: $said, left: $left"
    failed=1
}

while IFS=$'\t' read -r name for room module id says expected; do
    case $name in '' | '#'* | name) continue ;; esac
    [ "$for" = all ] || [ "$for" = "$kind" ] || continue
    number=$((number + 1))
    if ! prepare "$room"; then
        echo "ok - $name # SKIP no mount namespace here"
        continue
    fi
    said=$(LC_ALL=C plainly "$@" "$outbox" "$module" "$id" 2>&1 >/dev/null </dev/null)
    code=$?
    left=$(left_in "$outbox")
    [ "$expected" != - ] || expected=
    if [ "$left" != "$expected" ]; then
        complain "it should have left: $expected"
    elif [ -n "$expected" ] && [ -h "$outbox/new/estate-7" ]; then
        complain "the link is still there"
    elif [ "$says" = - ] && { [ "$code" != 0 ] || [ -n "$said" ]; }; then
        complain "it should have saved and said nothing"
    elif [ "$says" != - ] && { [ "$code" = 0 ] || ! grep -qiF -- "$says" <<<"$said"; }; then
        complain "it should have said: $says"
    else
        echo "ok - $name"
    fi
done <"$here/put.tsv"
if [ -n "$(find "$top/outside" "$top/elsewhere" -type f 2>/dev/null)" ]; then
    echo "not ok - something was written outside of the outbox"
    failed=1
fi
exit $failed
