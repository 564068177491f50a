"""What webhooks are executed for."""

from __future__ import annotations

from . import _arguments
from ._value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    from .module import Module

# The modules, as C is told of them.
C_NAMES = {"estate": b"estate", "address": b"address", "task": b"task", "calendar": b"calendar"}


class Record(Value):
    """A module and an id, which is the record number ("Datensatznummer") of the API.

    Raises TypeError unless the module is a `Module` or str and the id an int; ValueError for another
    module and for an id below 1 or above 2^63-1.
    """

    __slots__ = ("c_name", "id")
    __match_args__ = ("module", "id")

    module: Module
    id: int

    if not TYPE_CHECKING:

        @property
        def module(self) -> Module:
            # Made when it is asked for: not every program needs enum.
            return _module(self.c_name.decode())

    def __init__(self, module: Union[Module, str], id: int) -> None:
        name = C_NAMES.get(module) if isinstance(module, str) else None
        if name is None or type(id) is not int or not 0 < id <= _arguments.INT64_MAX:
            name, id = checked(module, id)
        self.c_name: bytes
        _set_c_name(self, name)
        _set_id(self, id)

    def __eq__(self, other: object) -> bool:
        if type(other) is not Record:
            return NotImplemented
        return self.id == other.id and self.c_name == other.c_name

    def __hash__(self) -> int:
        return hash((self.c_name, self.id))

    def __str__(self) -> str:
        return f"{self.c_name.decode()} {self.id}"


# By its slots, which takes half as long as by object.__setattr__.
_set_c_name, _set_id = vars(Record)["c_name"].__set__, vars(Record)["id"].__set__


def checked(module: object, id: object) -> tuple[bytes, int]:
    """The module as C is told of it, and the id, of a record that may be."""
    name = C_NAMES[_module(module)]
    number = _arguments.integer("the id", id)
    if number < 1:
        raise ValueError(f"invalid id {number} for {name.decode()}: a record id is 1 or more")
    return name, number


def _module(value: object) -> Module:
    from .module import Module

    name = _arguments.text("the module", value)
    try:
        return Module(name)
    except ValueError:
        known = ", ".join(f'"{module}"' for module in Module)
        raise ValueError(f"unknown module {name[:40]!r}: use one of {known}") from None
