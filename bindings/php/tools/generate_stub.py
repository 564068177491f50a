#!/usr/bin/env python3
"""Writes ffi.stub.php from include/oo_webhooks.ffi.h: what FFI gives this package, for editors and analysers.

    python3 tools/generate_stub.py            writes the file
    python3 tools/generate_stub.py --check    fails when it is not what it would write
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
TARGET = PACKAGE / "ffi.stub.php"
NUMBERS = ("int32_t", "uint32_t", "int64_t", "uint64_t", "size_t", "bool")


def main(arguments: list[str]) -> int:
    made = stub((PACKAGE / "include" / "oo_webhooks.ffi.h").read_text(encoding="utf-8"))
    if arguments != ["--check"]:
        TARGET.write_text(made, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != made:
        print(f"{TARGET} is out of date: run make generate", file=sys.stderr)
        return 1
    return 0


def stub(header: str) -> str:
    enums = "|".join(re.findall(r"typedef enum (\w+)", header))
    lines = [
        f" * @property-read int ${name}" for name in re.findall(r"^\s+(OO_\w+) = \d+,$", header, re.MULTILINE)
    ]
    for result, name, parameters in re.findall(r"^([\w ]+?[ *]+)(oo_\w+)\(([^)]*)\);$", header, re.MULTILINE):
        given = [] if parameters == "void" else [parameter(text, enums) for text in re.split(r",\s+", parameters)]
        lines.append(f" * @method {php(result.strip(), enums)} {name}({', '.join(given)})")
    return (
        "<?php\n\n// What FFI gives this package, for editors and analysers (PHPStan: stubFiles); no program loads it.\n"
        "// Generated from include/oo_webhooks.ffi.h by make generate.\n\n"
        "declare(strict_types=1);\n\n/**\n" + "\n".join(lines) + "\n */\nfinal class FFI\n{\n}\n"
    )


def parameter(text: str, enums: str) -> str:
    kind, name = re.fullmatch(r"(.*?[ *])(\w+)", text).groups()
    return f"{php(kind.strip(), enums)} ${name}"


def php(kind: str, enums: str) -> str:
    if kind == "void":
        return "void"
    if kind in NUMBERS or re.fullmatch(enums, kind):
        return "int"
    if kind == "const char *":
        return "string|null"
    assert kind.endswith("*"), f"cannot read the type {kind}"
    return "\\FFI\\CData|null"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
