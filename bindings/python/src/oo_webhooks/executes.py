"""What code that executes webhooks is annotated with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, Union

from .module import Module
from .record import Record
from .result import Result


class ExecutesWebhooks(Protocol):
    """What `Client` and `FakeClient` have in common, for the annotations of code that takes either."""

    def execute_webhooks(self, module: Union[Module, str], id: int) -> Result: ...

    def execute_all(self, records: Iterable[Record]) -> list[Result]: ...

    def try_execute_webhooks(self, module: Union[Module, str], id: int) -> Result: ...

    def try_execute_all(self, records: Iterable[Record]) -> list[Result]: ...

    def close(self) -> None: ...
