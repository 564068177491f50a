"""Arguments as they come from callers, checked: ctypes wraps integers that are too large, and C ends
text at a NUL. Nothing is coerced.
"""

from __future__ import annotations

INT64_MAX = 2**63 - 1


def integer(name: str, value: object) -> int:
    """An int that C can take; a bool is none, though Python says so.

    Raises TypeError for another type, ValueError beyond 64 bits.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be int, not {type(value).__name__}")
    if not -INT64_MAX <= value <= INT64_MAX:
        raise ValueError(f"{name} is beyond 2^63-1")
    return int(value)


def text(name: str, value: object) -> str:
    """Text that C can take. Its value is in no message: it may be a secret.

    Raises TypeError for another type, ValueError for a NUL or a lone surrogate.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    if "\0" in value:
        raise ValueError(f"{name} holds a NUL character: remove it")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        # Not chained: the error would carry the value.
        raise ValueError(f"{name} cannot be written as UTF-8: decode it anew") from None
    return value
