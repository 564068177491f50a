"""The report of a run, as text."""

from . import tables


def report(found):
    parts = [tables.figures(found, name) for name in tables.FIGURES]
    parts += [tables.system_calls(found), tables.bindings(found), tables.verdicts(found)]
    text = "\n".join(align(part) for part in parts) + "\n" + tables.machine(found) + "\n"
    text += tables.verdict(found) + "\n"
    if tables.was_busy(found):
        text += "The machine was busy with other work: run it again when it is idle.\n"
    return text


def align(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        others = [text.rjust(width) for text, width in zip(row[1:], widths[1:])]
        lines.append("  ".join([row[0].ljust(widths[0]), *others]))
    return "\n".join(line.rstrip() for line in lines) + "\n"
