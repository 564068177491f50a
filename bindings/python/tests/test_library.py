"""Finding and loading the shared library."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import LIBRARY
from mock_api import SECONDS, environment_without_settings

SOURCE = Path(__file__).resolve().parents[1] / "src"


def run(program: str, folder: Path = SOURCE, /, **variables: str) -> str:
    """What a fresh interpreter prints, with the package in this folder."""
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import pathlib\nimport oo_webhooks as oo\n{program}"],
        env={**environment_without_settings(), "PYTHONPATH": str(folder), **variables},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.stderr == ""
    return ended.stdout.strip()


def library(folder: Path, source: str) -> str:
    """A shared library of this source in C."""
    path = folder / "liboo_webhooks.so.1"
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", path], input=source, text=True, check=True)
    return str(path)


USE = """
try:
    oo.Request()
    maps = pathlib.Path("/proc/self/maps").read_text()
    print(next(line.split()[-1] for line in maps.splitlines() if "liboo_webhooks" in line))
except oo.ConfigError as error:
    print(error)
"""


def test_nothing_is_loaded_before_it_is_needed() -> None:
    program = """
oo.Record("task", 1), oo.Options("t", "s"), oo.FakeClient().execute_webhooks("task", 1), oo.Status(77).outcome
print("liboo_webhooks" in pathlib.Path("/proc/self/maps").read_text())
"""
    assert run(program, OO_WEBHOOKS_LIBRARY=str(LIBRARY)) == "False"


def test_the_variable_names_the_library() -> None:
    assert run(USE, OO_WEBHOOKS_LIBRARY=str(LIBRARY)) == str(LIBRARY.resolve())


def test_an_explicit_path_comes_before_the_variable(tmp_path: Path) -> None:
    copy = shutil.copy(LIBRARY, tmp_path)
    assert run(f"oo.load_library({copy!r})\n{USE}", OO_WEBHOOKS_LIBRARY="/nonexistent") == copy


def test_the_packages_own_folder_comes_before_the_system(tmp_path: Path) -> None:
    shutil.copytree(SOURCE / "oo_webhooks", tmp_path / "oo_webhooks")
    own = shutil.copy(LIBRARY, tmp_path / "oo_webhooks")
    assert run(USE, tmp_path, LD_LIBRARY_PATH=str(LIBRARY.parent)) == own


def test_the_systems_loader_comes_last() -> None:
    assert run(USE, LD_LIBRARY_PATH=str(LIBRARY.parent)) == str(LIBRARY.resolve())


def test_a_missing_library_is_told_with_all_places_and_the_cure() -> None:
    # A name that no system has, as this one may have the library.
    told = run(f'from oo_webhooks import _library\n_library.FILE_NAME = "libmissing.so.1"\n{USE}')
    for part in ("OO_WEBHOOKS_LIBRARY is not set", str(SOURCE / "oo_webhooks" / "libmissing.so.1"), "loader"):
        assert part in told
    assert "install the package's wheel for this platform, or set OO_WEBHOOKS_LIBRARY to the path" in told
    assert "\n" not in told


def test_a_named_library_that_cannot_be_loaded_is_not_replaced_by_another(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.so")
    told = run(USE, OO_WEBHOOKS_LIBRARY=missing, LD_LIBRARY_PATH=str(LIBRARY.parent))
    assert told.startswith(f"OO_WEBHOOKS_LIBRARY: cannot load the library {missing}: ")
    told = run(f"try: oo.load_library({missing!r})\nexcept oo.ConfigError as error: print(error)")
    assert told.startswith(f"cannot load the library {missing}: ")


def test_another_abi_version_is_refused(tmp_path: Path) -> None:
    other = library(tmp_path, "unsigned oo_abi_version(void) { return 2; }")
    told = run(USE, OO_WEBHOOKS_LIBRARY=other)
    assert f"the library {other} has ABI version 2, but this package needs 1: install the same release" in told


@pytest.mark.parametrize("source", ["int other;", "unsigned oo_abi_version(void) { return 1; }"])
def test_a_library_that_lacks_functions_is_refused(tmp_path: Path, source: str) -> None:
    told = run(USE, OO_WEBHOOKS_LIBRARY=library(tmp_path, source))
    assert "is not the library, or an older one" in told
    assert "undefined symbol: oo_" in told


def test_a_second_library_is_refused(tmp_path: Path) -> None:
    copy = shutil.copy(LIBRARY, tmp_path)
    program = f"""
oo.load_library({str(LIBRARY)!r})
oo.load_library({str(LIBRARY)!r})
oo.load_library()
try: oo.load_library({copy!r})
except oo.ConfigError as error: print(error)
"""
    assert run(program) == f"the library was loaded from {LIBRARY} before: load {copy} before the first call"
