"""The modules that records belong to."""

from __future__ import annotations

from enum import Enum


class Module(str, Enum):
    """The part of onOffice enterprise that a record belongs to."""

    ESTATE = "estate"
    ADDRESS = "address"
    TASK = "task"
    CALENDAR = "calendar"

    # Enum's own texts differ between versions of Python.
    def __str__(self) -> str:
        return self.value

    def __format__(self, specification: str) -> str:
        return format(self.value, specification)
