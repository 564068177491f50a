#!/usr/bin/env python3
"""Writes the tables and the plot of docs/performance.md from what a run of the benchmark found.

    page.py BENCH.json PAGE.md PLOT.svg

What stands in the page between `<!-- NAME: written by make -C benches page -->` and `<!-- end -->` is replaced.
"""

import json
import re
import sys
from pathlib import Path

from driver import plot, tables


def main(found_file, page_file, plot_file):
    found = json.loads(found_file.read_text())
    if tables.was_busy(found):
        print("the machine was busy with other work: the page says so", file=sys.stderr)
    page = page_file.read_text()
    for name, text in parts(found).items():
        page, count = re.subn(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)",
                              lambda match, text=text: f"{match[1]}\n{text}\n{match[2]}", page, flags=re.S)
        if count != 1:
            sys.exit(f"{page_file}: {count} places for {name!r} instead of one")
    page_file.write_text(page)
    plot_file.write_text(plot.svg(found))


def parts(found):
    busy = " The machine was busy with other work: these figures are not final." if tables.was_busy(found) else ""
    return {
        "machine": f"{tables.machine(found)}{busy} {tables.verdict(found)}\n\n![A warm call, by language](performance.svg)\n",
        "verdicts": table(tables.verdicts(found)),
        "bindings": table(tables.bindings(found)),
        "system calls": table(tables.system_calls(found)),
        **{name: table(tables.figures(found, name)) for name in tables.FIGURES},
    }


def table(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
