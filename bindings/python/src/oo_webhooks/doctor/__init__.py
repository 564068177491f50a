"""Looks at everything that can be wrong inside the app, and says what cures it; see `Doctor`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Optional, Union

from ..options import Options
from . import folder, machine, settings, table
from .finding import DoctorReport, Finding, Grade

__all__ = ["Doctor", "DoctorReport", "Finding", "Grade"]


class Doctor:
    """Looks at everything that can be wrong inside the app: `oo-webhooks doctor` looks from outside, where the app's
    user and environment are not seen. `python -m oo_webhooks doctor` prints what it finds.

    It asks the API's server for a page without credentials, and executes nothing. Tokens, secrets and passwords are
    not shown.
    """

    def __init__(
        self,
        options: Optional[Options] = None,
        outbox: Union[str, os.PathLike[str], None] = None,
        connection: Any = None,
    ) -> None:
        """The app's options, without which those of the environment are looked at; the folder of its outbox; and its
        connection to the database of its outbox, which must be in no transaction. Nothing is written.
        """
        self._options = options
        self._outbox = None if outbox is None else Path(outbox)
        self._connection = connection

    def examine(self) -> DoctorReport:
        """Raises nothing: what fails is a finding."""
        said = machine.obstacle()
        findings = settings.look(self._options, library_is_loaded=said is None)
        saves_only = self._connection is not None and self._outbox is None
        findings += machine.look(said, saves_only=saves_only)
        if self._outbox is None and self._connection is None:
            cure = "name its folder, or give a connection"
            findings.append(Finding("outbox", Grade.UNKNOWN, "none was named", cure))
        if self._outbox is not None:
            findings += folder.look(self._outbox)
        if self._connection is not None:
            findings += table.look(self._connection)
        return DoctorReport(findings)
