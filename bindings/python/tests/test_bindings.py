"""The declarations for ctypes are the header's."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from oo_webhooks import Module, Outcome, Result, Status, __version__, _bindings, library_version
from oo_webhooks._library import library
from oo_webhooks.errors import most_urgent

PACKAGE = Path(__file__).resolve().parents[1]
PROJECT = PACKAGE.parents[1]
HEADER = PROJECT / "include" / "oo_webhooks.h"


def test_the_declarations_are_what_the_generator_writes() -> None:
    generator = PACKAGE / "tools" / "generate_bindings.py"
    checked = subprocess.run([sys.executable, generator, "--check"], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_every_function_of_the_header_is_declared_with_its_number_of_arguments() -> None:
    code = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    prototypes = re.findall(r"\b(oo_\w+)\(([^)]*)\);", code)
    assert len(prototypes) > 40
    for name, parameters in prototypes:
        function = getattr(library(), name)
        assert len(function.argtypes) == (0 if parameters == "void" else parameters.count(",") + 1), name


def test_a_handle_of_another_type_is_refused_before_the_call() -> None:
    request = library().oo_request()
    with pytest.raises(ctypes.ArgumentError):
        library().oo_client_connect(request, 0)


@pytest.mark.parametrize("status", Status)
def test_a_status_has_the_headers_number_and_the_librarys_name_and_outcome(status: Status) -> None:
    assert getattr(_bindings, f"OO_STATUS_{status.name}") == status.value
    assert library().oo_status_name(status) == str(status)
    assert Outcome.of_number(library().oo_status_outcome(status)) is status.outcome


def test_the_worst_of_two_is_the_librarys() -> None:
    def result(status: Status) -> Result:
        return Result(status, status.outcome, Module.TASK, 1, 0, 0, "")

    for first, second in product(Status, Status):
        worst = most_urgent([result(first), result(second)]).status
        assert library().oo_status_worst(first, second) == worst, (first, second)


def test_there_is_a_status_for_every_one_of_the_header() -> None:
    assert {f"OO_STATUS_{status.name}" for status in Status} == {
        name for name in vars(_bindings) if name.startswith("OO_STATUS_")
    }


def test_an_outcome_has_the_headers_number() -> None:
    for outcome in Outcome:
        assert Outcome.of_number(getattr(_bindings, f"OO_OUTCOME_{outcome.name}")) is outcome
    assert Outcome.of_number(4) is Outcome.IN_DOUBT


def test_package_and_library_have_the_version_of_the_project() -> None:
    version = re.search(r'^version = "(.*)"', (PROJECT / "Cargo.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert __version__ == library_version() == version[1]
