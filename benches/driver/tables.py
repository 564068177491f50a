"""The tables of a run: rows of text, which the report aligns and the page marks up."""


def verdicts(found):
    rows = [["", "ours", "beside", "compared", "must", "aim", "", "must, to scale", ""]]
    for row in found["rows"]:
        verdict = "MET, aim too" if row["met"] and row["aim_met"] else "MET" if row["met"] else "NOT MET"
        absolute = ["" if row[name] is None else number(row[name]) for name in ("ours", "beside")]
        compared = number(row["value"], row["unit"])
        to_scale = "" if row["to_scale"] is None else "MET" if row["met_to_scale"] else "NOT MET"
        rows.append([row["title"], *absolute, compared, bound(row, "must"), bound(row, "aim"), verdict,
                     bound(row, "to_scale"), to_scale])
    return rows


def bound(row, name):
    if row[name] is None:
        return ""
    return ("≥ " if row["at_least"] else "≤ ") + number(row[name], row["unit"])


def bindings(found):
    rows = [["µs", "C", "a bare call", "binding", "binding beyond C"]]
    for row in found["bindings"]:
        title = f"{row['binding']}, {row['records']} record{'s' * (row['records'] != 1)}, {row['name']}"
        rows.append([title, *("" if row[name] is None else number(row[name]) for name in ("C", "bare", "own", "beyond"))])
    return rows


# Each table of figures: its title, and its columns, which are a number of a work each.
FIGURES = {
    "warm": ("A warm call, µs", (
        ("p50", ("call 1", "p50")), ("CPU", ("call 1", "CPU")), ("instructions", ("call 1", "instructions")),
        ("100 records: p50", ("call 100", "p50")), ("CPU", ("call 100", "CPU")))),
    "without": ("Without a connection, µs", (
        ("build and sign, 1 record", ("sign 1", "p50")), ("100", ("sign 100", "p50")),
        ("parse, 1 record", ("parse 1", "p50")), ("100", ("parse 100", "p50")))),
    "fpm": ("PHP-FPM, in the request", (("µs", ("PHP-FPM", "p50")),)),
    "cold C": ("A C process", (("ms", ("cold C", "ms")),)),
    "cold PHP": ("A PHP process", (("ms", ("cold PHP", "ms")),)),
    "cold Python": ("A Python process", (("ms", ("cold Python", "ms")),)),
    **{threads: (threads, (("calls a second", (threads, "calls a second")), ("p50, µs", (threads, "p50")),
                           ("p99, µs", (threads, "p99"))))
       for threads in ("8 threads, one core", "64 threads, one core", "64 threads, two cores")},
    "far": ("The first call, 20 ms away", (("round trips", ("20 ms away", "round trips")),)),
}


def figures(found, name):
    title, columns = FIGURES[name]
    measured = found["figures"]
    clients = dict.fromkeys(client for _, (work, _) in columns for client in measured[work])
    rows = [[title, *(heading for heading, _ in columns)]]
    for client in clients:
        numbers = [measured[work].get(client, {}).get(stat) for _, (work, stat) in columns]
        rows.append([client, *("" if figure is None else number(figure) for figure in numbers)])
    return rows


def system_calls(found):
    rows = [["System calls of a warm call", "", "by name"]]
    for client, calls in found["system calls"].items():
        by_name = ", ".join(f"{name} {count:.1f}".replace(".0", "") for name, count in sorted(calls.items()))
        rows.append([client, f"{sum(calls.values()):.1f}".replace(".0", ""), by_name])
    return rows


def machine(found):
    """A sentence."""
    at = found["machine"]
    return (f"{at['date']}: {at['cpu']}, {at['cpus']} CPUs, of which others kept {at['busy before']} busy before and"
            f" {at['busy after']} after; Linux {at['kernel']}; server {at['server']};"
            f" libcurl {at['libcurl']}, PHP {at['PHP']}, Python {at['Python']}; library of"
            f" {at['library bytes'] / 1e6:.2f} MB; {found['rounds']} rounds, {found['seconds']} s.")


def verdict(found):
    """A sentence."""
    met = sum(row["met"] for row in found["rows"])
    more = sum(row["met_to_scale"] and not row["met"] for row in found["rows"])
    return f"Of {len(found['rows'])} rows {met} are met, and to scale {more} more."


def was_busy(found):
    """Whether something else wanted a CPU before the benchmark or after it."""
    return max(found["machine"]["busy before"], found["machine"]["busy after"]) > 0.2


def number(value, unit=""):
    """With three digits that count, or as a whole number."""
    is_whole = value == int(value) and unit in ("", "µs", "ms")
    digits = 0 if abs(value) >= 100 or is_whole else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}"
    return f"{text}×" if unit == "×" else f"{text} {unit}".rstrip()
