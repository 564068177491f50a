"""Execute the marketplace webhooks of onOffice enterprise records.

    from oo_webhooks import Client

    with Client.from_environment() as client:
        client.execute_webhooks("address", 15005)

This is not an official onOffice product.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._library import library_version, load_library
    from .client import Client
    from .doctor import Doctor, DoctorReport, Finding, Grade
    from .errors import ConfigError, InDoubtError, NotSentError, OutboxError, RejectedError, WebhooksError
    from .executes import ExecutesWebhooks
    from .fake import FakeClient, FakeOutbox, FakeOutboxTable, forbid_real_calls
    from .module import Module
    from .options import Options
    from .outbox import DrainReport, Outbox, OutboxCounts, OutboxEntry, OutboxState, WhenInDoubt
    from .outbox_table import OutboxTable
    from .outcome import Outcome, Status
    from .record import Record
    from .request import Request
    from .result import Result

__version__ = "0.1.0"

__all__ = [
    "Client",
    "ConfigError",
    "Doctor",
    "DoctorReport",
    "DrainReport",
    "ExecutesWebhooks",
    "FakeClient",
    "FakeOutbox",
    "FakeOutboxTable",
    "Finding",
    "Grade",
    "InDoubtError",
    "Module",
    "NotSentError",
    "Options",
    "Outbox",
    "OutboxCounts",
    "OutboxEntry",
    "OutboxError",
    "OutboxState",
    "OutboxTable",
    "Outcome",
    "Record",
    "RejectedError",
    "Request",
    "Result",
    "Status",
    "WebhooksError",
    "WhenInDoubt",
    "forbid_real_calls",
    "library_version",
    "load_library",
]

# Where each name is. What a program does not use it does not import: a first call takes a few
# milliseconds, and so do enum, dataclasses and logging each.
_MODULES = {
    "_library": ("library_version", "load_library"),
    "client": ("Client",),
    "doctor": ("Doctor", "DoctorReport", "Finding", "Grade"),
    "errors": ("ConfigError", "InDoubtError", "NotSentError", "OutboxError", "RejectedError", "WebhooksError"),
    "executes": ("ExecutesWebhooks",),
    "fake": ("FakeClient", "FakeOutbox", "FakeOutboxTable", "forbid_real_calls"),
    "module": ("Module",),
    "options": ("Options",),
    "outbox": ("DrainReport", "Outbox", "OutboxCounts", "OutboxEntry", "OutboxState", "WhenInDoubt"),
    "outbox_table": ("OutboxTable",),
    "outcome": ("Outcome", "Status"),
    "record": ("Record",),
    "request": ("Request",),
    "result": ("Result",),
}


def __getattr__(name: str) -> object:
    for module, members in _MODULES.items():
        if name == module or name in members:
            imported = __import__(f"{__name__}.{module}", fromlist=["*"])
            if name == module:
                return imported
            value = globals()[name] = getattr(imported, name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
