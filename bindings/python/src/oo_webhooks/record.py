"""What webhooks are executed for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Union

from . import _arguments


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


@dataclass(frozen=True, init=False)
class Record:
    """A module and an id, which is the record number ("Datensatznummer") of the API.

    Raises TypeError unless the module is a `Module` or str and the id an int; ValueError for another
    module and for an id below 1 or above 2^63-1.
    """

    module: Module
    id: int

    def __init__(self, module: Union[Module, str], id: int) -> None:
        object.__setattr__(self, "module", _module(module))
        object.__setattr__(self, "id", _arguments.integer("the id", id))
        if self.id < 1:
            raise ValueError(f"invalid id {self.id} for {self.module}: a record id is 1 or more")

    def __str__(self) -> str:
        return f"{self.module} {self.id}"


def _module(value: object) -> Module:
    name = _arguments.text("the module", value)
    try:
        return Module(name)
    except ValueError:
        known = ", ".join(f'"{module}"' for module in Module)
        raise ValueError(f"unknown module {name[:40]!r}: use one of {known}") from None
