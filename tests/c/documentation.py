"""What README.md and docs/c.md show is the example and compiles, and what they name is there. Reports in TAP."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["OO_WEBHOOKS_BUILD"])
failed = False


def report(name: str, passed: bool, why: str = "") -> None:
    global failed
    print(f"ok - {name}" if passed else f"not ok - {name}\n{why}")
    failed = failed or not passed


def snippets(page: pathlib.Path) -> list[str]:
    return re.findall(r"^```c\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def links(page: pathlib.Path) -> list[str]:
    return re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))


def options_of_the_mock(page: pathlib.Path) -> list[str]:
    commands = re.findall(r"oo-webhooks mock (--.*)", page.read_text(encoding="utf-8"))
    return re.findall(r"--[a-z-]+", " ".join(commands))


def mock_help() -> list[str]:
    command = [BUILD / "bin/oo-webhooks", "mock", "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def compile_snippet(text: str) -> subprocess.CompletedProcess:
    with tempfile.NamedTemporaryFile("w", suffix=".c", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-D_POSIX_C_SOURCE=200809L"]
        command += [f"-I{BUILD / 'include'}", "-fsyntax-only", file.name]
        return subprocess.run(command, capture_output=True, text=True)


def main() -> None:
    example = (ROOT / "bindings/c/example.c").read_text(encoding="utf-8")
    shown = snippets(ROOT / "README.md")
    report("README.md shows one example in C", len(shown) == 1, f"it has {len(shown)}")
    for text in shown:
        report("README.md shows what bindings/c/example.c says", text in example, text)
    pages = snippets(ROOT / "docs/c.md")
    report("docs/c.md has examples", len(pages) >= 3, f"it has {len(pages)}")
    for number, text in enumerate(pages, start=1):
        compiled = compile_snippet(text)
        report(f"example {number} of docs/c.md compiles", compiled.returncode == 0, compiled.stderr)
    for page in (ROOT / "README.md", ROOT / "docs/c.md"):
        missing = [target for target in links(page) if not (page.parent / target).exists()]
        report(f"what {page.name} links to is there", not missing, ", ".join(missing))
    unknown = [option for option in options_of_the_mock(ROOT / "README.md") if option not in mock_help()]
    report("the mock has the options that README.md shows", not unknown, ", ".join(unknown))
    sys.exit(failed)


if __name__ == "__main__":
    main()
