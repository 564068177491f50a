"""Execute the marketplace webhooks of onOffice enterprise records.

    from oo_webhooks import Client

    with Client.from_environment() as client:
        client.execute_webhooks("address", 15005)

This is not an official onOffice product.
"""

from ._library import library_version, load_library
from .client import Client, ExecutesWebhooks
from .errors import ConfigError, InDoubtError, NotSentError, OutboxError, RejectedError, WebhooksError
from .fake import FakeClient, FakeOutbox, FakeOutboxTable, forbid_real_calls
from .options import Options
from .outbox import DrainReport, Outbox, OutboxCounts, OutboxEntry, OutboxState, WhenInDoubt
from .outbox_table import OutboxTable
from .outcome import Outcome, Status
from .record import Module, Record
from .request import Request
from .result import Result

__version__ = "0.1.0"

__all__ = [
    "Client",
    "ConfigError",
    "DrainReport",
    "ExecutesWebhooks",
    "FakeClient",
    "FakeOutbox",
    "FakeOutboxTable",
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
