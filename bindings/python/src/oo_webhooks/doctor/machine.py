"""The shared library, and Python."""

from __future__ import annotations

import platform
from typing import Optional

from .. import __version__
from .._library import library_file, library_version
from ..errors import ConfigError
from .finding import Finding, Grade


def obstacle() -> Optional[str]:
    """What keeps the library out; None when it is loaded."""
    try:
        library_version()
    except ConfigError as error:
        return str(error)
    return None


def look(said: Optional[str], *, saves_only: bool) -> list[Finding]:
    """About the library, which `said` keeps out, and Python. An app that only saves in a table needs no library."""
    return [_library(said, saves_only=saves_only), _python()]


def _library(said: Optional[str], *, saves_only: bool) -> Finding:
    if said is not None:
        found, separator, last = said.rpartition("; ")
        found, cure = (found, last) if separator else (said, None)
        if saves_only:
            return Finding("library", Grade.WARNING, f"{found}; saving in the table works without", cure)
        return Finding("library", Grade.BAD, found, cure)
    version = library_version()
    found = f"version {version}, {library_file()}"
    if version != __version__:
        cure = "install library and package of one version"
        return Finding("library", Grade.WARNING, f"{found}, and the package is {__version__}", cure)
    return Finding("library", Grade.GOOD, found)


def _python() -> Finding:
    return Finding("Python", Grade.GOOD, f"Python {platform.python_version()}, oo_webhooks {__version__}")
