"""What the tests of apps use."""

from __future__ import annotations

import pytest
from mock_api import Mock

from oo_webhooks import (
    Client,
    ConfigError,
    ExecutesWebhooks,
    FakeClient,
    InDoubtError,
    NotSentError,
    Outcome,
    Record,
    RejectedError,
    Status,
    forbid_real_calls,
)

# Checked by mypy: code that takes either is annotated with the protocol.
either: list[type[ExecutesWebhooks]] = [Client, FakeClient]


def test_a_fake_client_keeps_the_records_in_order() -> None:
    client = FakeClient()
    assert client.execute_webhooks("task", 1).is_executed
    assert client.try_execute_webhooks("task", 1)
    assert all(client.execute_all([Record("estate", 2), Record("task", 3)]))
    client.answer_with(Status.TIMEOUT)
    client.try_execute_all([Record("address", 4)])
    expected = [("task", 1), ("task", 1), ("estate", 2), ("task", 3), ("address", 4)]
    assert client.executed == [Record(*record) for record in expected]


@pytest.mark.parametrize("status", Status)
def test_a_fake_client_answers_with_any_status_as_a_client_would(status: Status) -> None:
    client = FakeClient()
    client.answer_with(status, 292)
    result = client.try_execute_webhooks("address", 7)
    assert (result.status, result.outcome, result.error_code) == (status, status.outcome, 292)
    assert (result.module, result.id) == ("address", 7)
    assert "address 7" in result.message
    kinds = {
        Outcome.REJECTED: RejectedError,
        Outcome.IN_DOUBT: InDoubtError,
        Outcome.NOT_SENT: ConfigError if status in (4, 5) else NotSentError,
    }
    if status.outcome is Outcome.EXECUTED:
        assert client.execute_webhooks("address", 7) == result
    else:
        with pytest.raises(kinds[status.outcome]) as raised:
            client.execute_all([Record("address", 7), Record("address", 8)])
        assert raised.value.result == result
        assert len(raised.value.results) == 2


def test_a_fake_client_is_reset_and_closed() -> None:
    with FakeClient() as client:
        client.answer_with(Status.REJECTED, 5)
        client.try_execute_webhooks("task", 1)
        client.reset()
        assert client.executed == []
        assert client.execute_webhooks("task", 2).error_code == 0
    with pytest.raises(ValueError, match="^client is closed$"):
        client.execute_webhooks("task", 3)
    assert client.executed == [Record("task", 2)]


def test_a_fake_client_answers_with_a_status() -> None:
    for wrong in (20, "timeout", None):
        with pytest.raises(TypeError, match="must be Status"):
            FakeClient().answer_with(wrong)  # type: ignore[arg-type]


def test_a_ban_makes_every_real_call_fail_the_test_and_none_of_a_fake(client: Client, mock: Mock) -> None:
    record = Record("task", 1)
    with forbid_real_calls():
        for call in (client.execute_webhooks, client.try_execute_webhooks):
            with pytest.raises(AssertionError, match="a real client was asked to execute task 1: .* FakeClient"):
                call("task", 1)
        for call_all in (client.execute_all, client.try_execute_all):
            with pytest.raises(AssertionError, match="task 1"):
                call_all([record])
        assert FakeClient().execute_webhooks("task", 1)
    assert mock.executed() == []
    assert client.execute_webhooks("task", 1)


def test_a_ban_holds_until_the_last_is_lifted(client: Client) -> None:
    outer = forbid_real_calls()
    with forbid_real_calls() as inner:
        inner.lift()
        with pytest.raises(AssertionError):
            client.execute_webhooks("task", 1)
    with pytest.raises(AssertionError):
        client.execute_webhooks("task", 1)
    outer.lift()
    outer.lift()
    assert client.execute_webhooks("task", 1)


def test_the_fixtures_give_a_fake_client_and_forbid_real_calls(pytester: pytest.Pytester, mock: Mock) -> None:
    for name, value in mock.environment().items():
        pytester._monkeypatch.setenv(name, value)
    pytester.makepyfile("""
        from oo_webhooks import Client

        def test_fake(fake_webhooks):
            fake_webhooks.execute_webhooks("task", 1)
            assert len(fake_webhooks.executed) == 1

        def test_real_beside_fake(fake_webhooks):
            Client.from_environment().execute_webhooks("task", 2)

        def test_forbidden(forbid_real_webhooks):
            Client.from_environment().execute_webhooks("task", 3)

        def test_allowed_again():
            Client.from_environment().execute_webhooks("task", 4)
    """)
    ran = pytester.runpytest_subprocess("-p", "oo_webhooks.pytest_plugin", "-p", "no:cacheprovider")
    ran.assert_outcomes(passed=2, failed=2)
    assert mock.executed() == ["task 4"]
