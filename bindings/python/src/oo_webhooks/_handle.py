"""Ownership of the library's handles."""

from __future__ import annotations

from ctypes import Structure
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Generic, NoReturn, Optional, TypeVar

if TYPE_CHECKING:
    from ctypes import _Pointer

# A class of _bindings that stands for a struct of the library.
T = TypeVar("T", bound=Structure)
H = TypeVar("H", bound="Handle[Any]")


class Owned(Generic[T]):
    """A pointer that is freed with the last reference to this object.

    Python's count of references is what keeps a handle alive while calls on it run in other threads;
    a lock would do as well, but a fork in the wrong moment would leave it locked in the child.
    """

    __slots__ = ("_free", "pointer")

    def __init__(self, pointer: _Pointer[T], free: Callable[[_Pointer[T]], None]) -> None:
        self.pointer = pointer
        # Kept here: at the interpreter's end the names of modules may be gone already.
        self._free = free

    def __del__(self) -> None:
        self._free(self.pointer)


class Handle(Generic[T]):
    """Base of the classes that own a handle: close, `with`, and no copies."""

    _noun: ClassVar[str] = "handle"
    _owned: Optional[Owned[T]] = None

    def close(self) -> None:
        """Frees it, as soon as the calls that other threads have begun on it are done. Closing twice is fine."""
        self._owned = None

    def _open(self) -> Owned[T]:
        """Whoever keeps this keeps the handle alive."""
        owned = self._owned
        if owned is None:
            raise ValueError(f"{self._noun} is closed")
        return owned

    def __enter__(self: H) -> H:
        self._open()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {self._noun} is neither copied nor pickled: make a new one where it is needed")
