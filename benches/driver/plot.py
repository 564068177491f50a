"""The plot of a run: the median time of a warm call by language, for one record and for 100, as SVG."""

from html import escape

LANGUAGES = (
    ("C", ("oo_webhooks, C", "loop", "ureq", "libcurl")),
    ("PHP", ("oo_webhooks, PHP", "persistent stream", "ext-curl", "Guzzle")),
    ("Python", ("oo_webhooks, Python", "pycurl", "requests", "httpx")),
)
PANELS = (("call 1", "one record"), ("call 100", "100 records in one request"))
LABELS, BARS, GAP, LINE = 150, 300, 60, 20
WIDTH = LABELS + 2 * BARS + GAP + 80
# Readable on white and on black.
OURS, OTHERS, TEXT = "#1f77b4", "#a0a0a0", "#777777"


def svg(found):
    figures = found["figures"]
    lines = [text(LABELS + panel * (BARS + GAP), 20, f"{title}, µs") for panel, (_, title) in enumerate(PANELS)]
    y = 34
    for _, clients in LANGUAGES:
        for name in clients:
            lines.append(text(LABELS - 8, y + 14, name, "end"))
            for panel, (work, _) in enumerate(PANELS):
                lines += bar(figures[work], name, LABELS + panel * (BARS + GAP), y)
            y += LINE
        y += LINE // 2
    body = "\n".join(lines)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
            f' font-family="sans-serif" font-size="12" fill="{TEXT}">\n<title>The median time of a warm call</title>\n'
            f"{body}\n</svg>\n")


def bar(measured, name, x, y):
    if name not in measured:
        return []
    p50 = measured[name]["p50"]
    width = max(1, BARS * p50 / max(numbers["p50"] for numbers in measured.values()))
    colour = OURS if name.startswith("oo_webhooks") else OTHERS
    return [f'<rect x="{x}" y="{y}" width="{width:.1f}" height="{LINE - 4}" fill="{colour}"/>',
            text(x + width + 6, y + 14, f"{p50:,.0f}")]


def text(x, y, content, anchor="start"):
    return f'<text x="{x:.0f}" y="{y}" text-anchor="{anchor}">{escape(content)}</text>'
