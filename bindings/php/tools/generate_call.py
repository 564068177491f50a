#!/usr/bin/env python3
"""Writes call.php: the classes that a call needs, in one file, as PHP-FPM opens each file in each request.

They are those that autoload.php names, in its order: what a class is made of stands before it.

    python3 tools/generate_call.py            writes the file
    python3 tools/generate_call.py --check    fails when it is not what it would write
"""

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
TARGET = PACKAGE / "call.php"

HEAD = """\
<?php

// Generated from src/ by make generate (tools/generate_call.py): change it there.

declare(strict_types=1);
"""


def main(arguments: list[str]) -> int:
    text = HEAD + "".join(map(block, classes()))
    if arguments == ["--check"]:
        if not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text:
            print(f"{TARGET.name} is not what src/ says: run make generate", file=sys.stderr)
            return 1
    elif arguments:
        print(__doc__, file=sys.stderr)
        return 2
    else:
        TARGET.write_text(text, encoding="utf-8")
    return 0


def classes() -> list[str]:
    autoload = (PACKAGE / "autoload.php").read_text(encoding="utf-8")
    named = re.search(r"\$ofACall = \[(.*?)\];", autoload, re.DOTALL)
    if named is None:
        raise SystemExit("autoload.php does not name the classes of a call")
    return re.findall(r"'([\w/]+)'", named[1])


def block(name: str) -> str:
    """The class in its namespace."""
    file = PACKAGE / "src" / f"{name}.php"
    parts = re.fullmatch(r"<\?php\n\ndeclare\(strict_types=1\);\n\n(namespace [\w\\]+);\n(.*)", file.read_text("utf-8"), re.DOTALL)
    if parts is None:
        raise SystemExit(f"{file} does not begin as the others do")
    folder = f"__DIR__ . '/{file.parent.relative_to(PACKAGE)}'"
    return f"\n{parts[1]} {{\n{parts[2].replace('__DIR__', folder)}}}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
