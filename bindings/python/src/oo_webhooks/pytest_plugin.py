"""Fixtures of pytest, which finds this plugin by itself once the package is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .fake import FakeClient, forbid_real_calls


@pytest.fixture
def fake_webhooks(forbid_real_webhooks: None) -> FakeClient:
    """A client without a network; real calls fail the test."""
    return FakeClient()


@pytest.fixture
def forbid_real_webhooks() -> Iterator[None]:
    """Real calls fail the test."""
    with forbid_real_calls():
        yield
