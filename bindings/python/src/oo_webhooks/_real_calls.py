"""Whether real clients may call: a test may forbid it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import Record

# Bans that hold, as they may be nested.
bans = 0


def fail_if_forbidden(*records: Record) -> None:
    """Raises AssertionError, which apps do not catch as an outcome, while a ban holds."""
    if bans:
        named = ", ".join(str(record) for record in records[:3]) or "what is due"
        raise AssertionError(f"a real client was asked to execute {named}: give the code a FakeClient")
