"""The rows that are judged: what is compared with what, what must be reached, and what is aimed at."""

import operator
import statistics

C, LOOP, LIBCURL, UREQ = "oo_webhooks, C", "loop", "libcurl", "ureq"
PHP, EXT_CURL, STREAM, GUZZLE = "oo_webhooks, PHP", "ext-curl", "persistent stream", "Guzzle"
PYTHON, PYCURL, REQUESTS, HTTPX = "oo_webhooks, Python", "pycurl", "requests", "httpx"
PRELOADED = "oo_webhooks, preloaded"
HTTP_CLIENT, BARE = "http.client, system bundle", "bare interpreter"
# What ours cannot be cheaper than.
BARE_FFI, BARE_CTYPES = "bare call by FFI", "bare call by ctypes"
BARE_RESULT = "bare call by FFI, with a result"
WARM_LOOP = "loop, on a connection that it has used"
NOTHING, BARE_WITH_CTYPES = "a process that does nothing", "bare interpreter with ctypes"

ONE, HUNDRED = "call 1", "call 100"


class Yardstick:
    """Other code's piece of work, which took `there` on the machine that the bounds are from: what it takes here says
    how much slower this machine is at such work."""

    def __init__(self, there, work, client, name="p50", beyond=None):
        self.there, self.work, self.client, self.name, self.beyond = there, work, client, name, beyond

    def slowness(self, figures):
        def median(client):
            return statistics.median(figures.of(self.work, client, self.name))

        return (median(self.client) - (median(self.beyond) if self.beyond else 0)) / self.there


class Row:
    """A comparison of `ours` with what stands beside it, in a piece of work; `unit` says which kind. A bound in units of
    time is also judged to the scale of this machine, which the yardstick gives."""

    def __init__(self, title, unit, work, name, ours, beside, must, aim=None, at_least=False, yardstick=None):
        self.title, self.unit, self.work, self.name = title, unit, work, name
        self.ours, self.beside, self.must, self.aim, self.at_least = ours, beside, must, aim, at_least
        self.yardstick = yardstick

    def judge(self, figures):
        ours = figures.of(self.work, self.ours, self.name)
        beside = figures.of(self.work, self.beside, self.name) if self.beside else []
        compute = operator.truediv if self.unit == "×" else operator.sub
        values = [compute(*pair) for pair in zip(ours, beside)] if beside else ours
        value = statistics.median(values)
        to_scale = self.must * self.yardstick.slowness(figures) if self.yardstick else None
        return {
            "title": self.title, "unit": self.unit, "ours": statistics.median(ours),
            "beside": statistics.median(beside) if beside else None, "value": value, "quartiles": quartiles(values),
            "must": self.must, "aim": self.aim, "at_least": self.at_least,
            "met": self._reached(value, self.must), "aim_met": self.aim is not None and self._reached(value, self.aim),
            "to_scale": to_scale, "met_to_scale": to_scale is not None and self._reached(value, to_scale),
        }

    def _reached(self, value, bound):
        return value >= bound if self.at_least else value <= bound


def quartiles(values):
    return statistics.quantiles(values, n=4)[::2] if len(values) > 1 else [values[0]] * 2


def threads(count, cores):
    return f"{count} threads, {'one core' if cores == 1 else 'two cores'}"


def _threads(count, cores, calls, p99, p99_aim=None):
    work = threads(count, cores)
    return [
        Row(f"{work}: calls a second, to libcurl", "×", work, "calls a second", C, LIBCURL, calls, at_least=True),
        Row(f"{work}: p99, to libcurl", "×", work, "p99", C, LIBCURL, p99, p99_aim),
    ]


CALL, FPM = Yardstick(70.7, ONE, LOOP), Yardstick(121, "PHP-FPM", STREAM)

ROWS = [
    Row("C, warm: p50, to the loop", "×", ONE, "p50", C, LOOP, 1.18, 1.10),
    Row("C, warm: CPU, to the loop", "×", ONE, "CPU", C, LOOP, 1.35, 1.15),
    Row("C, warm: p50, to libcurl", "×", ONE, "p50", C, LIBCURL, 0.75, 0.70),
    Row("C, warm: CPU, to libcurl", "×", ONE, "CPU", C, LIBCURL, 0.60, 0.45),
    Row("C, warm: instructions", "", ONE, "instructions", C, None, 80_000, 65_000),
    Row("PHP, warm: p50, beyond C", "µs", ONE, "p50", PHP, C, 4, 2, yardstick=CALL),
    Row("PHP, warm: p50, to the stream", "×", ONE, "p50", PHP, STREAM, 1),
    Row("Python, warm: p50, beyond C", "µs", ONE, "p50", PYTHON, C, 9, 5, yardstick=CALL),
    Row("Python, warm: p50, to pycurl", "×", ONE, "p50", PYTHON, PYCURL, 0.63),
    Row("100 records, C: p50, to libcurl", "×", HUNDRED, "p50", C, LIBCURL, 0.62, 0.55),
    Row("100 records, PHP: p50, to ext-curl", "×", HUNDRED, "p50", PHP, EXT_CURL, 0.65, 0.55),
    Row("100 records, Python: p50, to requests", "×", HUNDRED, "p50", PYTHON, REQUESTS, 0.40, 0.30),
    Row("build and sign, 1 record", "µs", "sign 1", "p50", C, None, 0.70, 0.40,
        yardstick=Yardstick(0.20, "sign 1", LOOP)),
    Row("build and sign, 100 records", "µs", "sign 100", "p50", C, None, 8, 4,
        yardstick=Yardstick(2.3, "sign 100", LOOP)),
    Row("parse, 1 record", "µs", "parse 1", "p50", C, None, 0.85, 0.70, yardstick=Yardstick(0.67, "parse 1", UREQ)),
    Row("parse, 100 records", "µs", "parse 100", "p50", C, None, 52, 45, yardstick=Yardstick(48, "parse 100", UREQ)),
    Row("PHP-FPM, in the request", "µs", "PHP-FPM", "p50", PHP, None, 150, yardstick=FPM),
    Row("PHP-FPM, in the request, preloaded", "µs", "PHP-FPM", "p50", PRELOADED, None, 125, 115, yardstick=FPM),
    Row("cold C process, to the loop", "×", "cold C", "ms", C, LOOP, 1.25),
    Row("cold PHP process, beyond php -r ;", "ms", "cold PHP", "ms", PHP, BARE, 3, 2,
        yardstick=Yardstick(4.3, "cold PHP", EXT_CURL, "ms", beyond=BARE)),
    Row("cold Python process, beyond python -c pass", "ms", "cold Python", "ms", PYTHON, BARE, 9, 6,
        yardstick=Yardstick(58, "cold Python", HTTP_CLIENT, "ms", beyond=BARE)),
    *_threads(8, 1, 2.1, 0.6),
    *_threads(64, 1, 2.2, 0.8, 0.4),
    *_threads(64, 2, 1.8, 0.8),
    Row("first call, connection opened ahead, 20 ms away", "round trips", "20 ms away", "round trips", C, None, 1.05),
]


def bindings(figures):
    """What a binding adds to the call from C: microseconds, the difference taken within each round."""
    rows = []
    for work in (ONE, HUNDRED):
        for name in ("p50", "CPU"):
            from_c = figures.of(work, C, name)
            for binding, bare in ((PHP, BARE_FFI), (PYTHON, BARE_CTYPES)):
                own = figures.of(work, binding, name)
                beyond = statistics.median(ours - c for ours, c in zip(own, from_c))
                rows.append({"records": int(work.split()[1]), "binding": binding.rpartition(" ")[2], "name": name,
                             "C": statistics.median(from_c), "own": statistics.median(own), "beyond": beyond,
                             "bare": statistics.median(figures.of(work, bare, name)) if work == ONE else None})
    return rows
