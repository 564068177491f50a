"""The code in a page of docs/, as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def snippets(page: str) -> list[str]:
    """All of them, in order."""
    return re.findall(r"^```\w+\n(.*?)^```$", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


def snippet(page: str, words: str) -> str:
    """The only one that has these words."""
    (found,) = [code for code in snippets(page) if words in code]
    return found


def unpack(page: str, folder: Path) -> None:
    """Writes each that names its file, in the comment at its top, to that file."""
    for code in snippets(page):
        named = re.match(r"(?:<\?php\n)?(?://|#) (\S+\.\w+)\n", code)
        if named:
            file = folder / named[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(code)
