#!/bin/sh
# A save into an outbox without any library, as docs/outbox-format.md shows it.
outbox=$1 module=$2 id=$3
file=$(mktemp "$outbox/tmp/save.XXXXXXXXXX") && { mv -fT "$file" "$outbox/new/$module-$id" || { rm -f "$file"; false; }; }
