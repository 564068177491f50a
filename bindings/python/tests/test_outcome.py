"""Statuses and outcomes, those of later versions too."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from oo_webhooks import Outcome, Status


def test_a_status_of_a_later_version_keeps_its_number_and_the_outcome_that_came_with_it() -> None:
    status = Status.of_number(19, Outcome.NOT_SENT)
    assert (int(status), status.name, status.outcome) == (19, "UNKNOWN", Outcome.NOT_SENT)


def test_a_status_of_a_later_version_is_in_doubt_when_nothing_says_otherwise() -> None:
    assert Status(35).outcome is Outcome.IN_DOUBT
    assert Status(-1).outcome is Outcome.IN_DOUBT


def test_a_known_status_has_its_own_outcome_whatever_came_with_it() -> None:
    assert Status.of_number(20, Outcome.EXECUTED).outcome is Outcome.IN_DOUBT


@pytest.mark.parametrize("value", ["20", None, 20.5, b"20"])
def test_what_is_no_number_is_no_status(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid Status"):
        Status(value)


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.of_number(15, Outcome.NOT_SENT)])
def test_a_status_survives_pickling(status: Status) -> None:
    copy = pickle.loads(pickle.dumps(status))
    assert (copy, copy.name, copy.outcome) == (status, status.name, status.outcome)


def test_status_and_outcome_are_printed_in_cs_words() -> None:
    assert f"{Status.CONNECT_FAILED} {Outcome.NOT_SENT}" == "connect_failed not_sent"
    assert f"{Status.OK:>4}|{Outcome.IN_DOUBT:9}|" == "  ok|in_doubt |"
    assert str(Status.CONNECT_FAILED) == "connect_failed"
    assert f"{int(Status.CONNECT_FAILED)}" == "11"
