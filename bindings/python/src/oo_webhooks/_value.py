"""Values that do not change, to their users what frozen dataclasses are.

They are no dataclasses because to import those takes longer than a call, and they find some of their
fields out when they are asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, NoReturn

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_):
        return lambda kind: kind


class _Twin:
    """An attribute that a dataclass has, for `dataclasses.replace`, `asdict` and `fields`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, value: object, kind: type[Value]) -> Any:
        from dataclasses import field, make_dataclass

        fields = [
            (
                name,
                kind.__annotations__[name],
                field(default=kind._defaults[name]) if name in kind._defaults else field(),
            )
            for name in kind.__match_args__
        ]
        return getattr(make_dataclass(kind.__name__, fields, frozen=True), self._name)


@dataclass_transform(frozen_default=True)
class Value:
    """Base of the values: equality, hash, text and pickle by the fields, which `__match_args__` names."""

    __slots__ = ("__weakref__",)
    __match_args__: ClassVar[tuple[str, ...]] = ()
    __dataclass_fields__: ClassVar[Any] = _Twin("__dataclass_fields__")
    __dataclass_params__: ClassVar[Any] = _Twin("__dataclass_params__")
    _defaults: ClassVar[dict[str, Any]] = {}
    """Of fields that need not be given."""
    _hidden: ClassVar[tuple[str, ...]] = ()
    """Fields that the text leaves out."""

    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return dict(zip(self.__match_args__, self._values()))

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name in self.__match_args__ if name not in self._hidden]
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._values()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")
