"""What the classes that own a handle of the library's have in common."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import ClassVar, NoReturn, Optional, TypeVar

    from ._bindings import Owned

    H = TypeVar("H", bound="Handle")


class Handle:
    """Base of the classes that own a handle: close, `with`, and no copies."""

    _noun: ClassVar[str] = "handle"
    _owned: Optional[Owned] = None

    def close(self) -> None:
        """Frees it, as soon as the calls that other threads have begun on it are done. Closing twice is fine."""
        self._owned = None

    def _open(self) -> Owned:
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
