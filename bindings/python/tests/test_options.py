"""Options: types are checked at once, values by the library, and secrets are not shown."""

from __future__ import annotations

import copy
import dataclasses
import json
import multiprocessing
import pickle
import pprint
import string
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mock_api import SECRET, TOKEN, Mock

from oo_webhooks import Client, ConfigError, Options


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"token": None}, TypeError, "token must be str, not NoneType"),
        ({"token": b"t"}, TypeError, "token must be str, not bytes"),
        ({"secret": 5}, TypeError, "secret must be str, not int"),
        ({"secret": "hidden\0"}, ValueError, "secret holds a NUL"),
        ({"secret": "hidden\udce4"}, ValueError, "secret cannot be written as UTF-8"),
        ({"url": 1}, TypeError, "url must be str"),
        ({"url": "https://a\0b/"}, ValueError, "url holds a NUL"),
        ({"ca_file": b"/ca.pem"}, TypeError, "ca_file must be str"),
        ({"ca_file": 7}, TypeError, "ca_file must be str or a path, not int"),
        ({"ca_file": Path("a\0")}, ValueError, "ca_file holds a NUL"),
        ({"proxy": []}, TypeError, "proxy must be str"),
        ({"timeout_ms": "5"}, TypeError, "timeout_ms must be int, not str"),
        ({"timeout_ms": 1.5}, TypeError, "not float"),
        ({"timeout_ms": True}, TypeError, "not bool"),
        ({"timeout_ms": 2**63}, ValueError, "timeout_ms is beyond"),
        ({"connect_timeout_ms": -(2**64)}, ValueError, "connect_timeout_ms is beyond"),
    ],
)
def test_a_wrong_type_is_refused_at_once(changes: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as raised:
        Options(**{"token": "t", "secret": "s", **changes})
    assert "hidden" not in repr(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"token": ""}, "token"),
        ({"secret": ""}, "secret"),
        ({"url": "http://api.example/"}, "unencrypted"),
        ({"url": ""}, "URL"),
        ({"ca_file": "/nonexistent/ca.pem"}, "/nonexistent/ca.pem"),
        ({"ca_file": "/dev/null"}, "no certificate"),
        ({"proxy": "socks5://127.0.0.1:1"}, "proxy"),
        ({"timeout_ms": 0}, "timeout of 0 ms is out of range"),
        ({"timeout_ms": 86_400_001}, "out of range"),
        ({"connect_timeout_ms": -1}, "connect timeout"),
    ],
)
def test_a_wrong_value_is_explained_by_the_library(mock: Mock, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        Client(mock.options(**changes))
    assert (raised.value.result, raised.value.results) == (None, [])
    assert TOKEN not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_client_is_made_of_options_alone() -> None:
    with pytest.raises(TypeError, match="made of Options, not dict"):
        Client({"token": "t"})  # type: ignore[arg-type]


def test_no_text_of_options_shows_a_secret() -> None:
    options = Options("my-token", "my-secret", proxy="http://user:pass@word@proxy:80", timeout_ms=7)
    for text in (repr(options), str(options), f"{options}", repr([options])):
        assert not any(part in text for part in ("my-token", "my-secret", "user", "pass", "word@"))
    assert repr(options) == "Options(token=…, secret=…, proxy='…@proxy:80', timeout_ms=7)"
    assert repr(Options("t", "s", url="https://a/")) == "Options(token=…, secret=…, url='https://a/')"


def test_options_are_values() -> None:
    options = Options("t", "s", ca_file=Path("/ca.pem"))
    assert options == Options("t", "s", ca_file="/ca.pem")
    assert hash(options) == hash(Options("t", "s", ca_file="/ca.pem"))
    assert options != Options("t", "other", ca_file="/ca.pem")
    assert options != Options("t", "s", ca_file="/ca.pem", proxy="http://proxy:80")
    assert options != ("t", "s")
    assert (options.token, options.secret, options.ca_file, options.proxy) == ("t", "s", "/ca.pem", None)
    for name in ("token", "secret", "url", "proxy", "other", "_shown"):
        with pytest.raises(AttributeError, match="options are not changed: make new ones"):
            setattr(options, name, "x")
        with pytest.raises(AttributeError, match="options are not changed: make new ones"):
            delattr(options, name)


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        copy.deepcopy,
        *(partial(pickle.dumps, protocol=protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),
        lambda options: options.__getstate__(),
        lambda options: copy.deepcopy({"settings": [options]}),
        lambda options: dataclasses.asdict(Settings("app", options)),
        lambda options: dataclasses.astuple(Settings("app", options)),
        lambda options: multiprocessing.get_context("spawn").SimpleQueue().put(options),
    ],
)
def test_options_are_neither_copied_nor_pickled(copied: Callable[[Options], Any]) -> None:
    options = Options(TOKEN, SECRET, proxy="http://user:pass@proxy:80")
    with pytest.raises(TypeError, match="options are neither copied nor pickled: make new ones") as raised:
        copied(options)
    assert no_secret_in(raised.value)


def test_no_look_into_options_shows_a_secret() -> None:
    options = Options(TOKEN, SECRET, url="https://a/", proxy="http://user:pass@proxy:80")
    with pytest.raises(TypeError, match="dataclass"):
        dataclasses.asdict(options)  # type: ignore[call-overload]
    shown = [vars(options), *everything_stored_in(options)]
    assert "https://a/" in repr(shown)
    assert no_secret_in(shown)
    assert no_secret_in(json.dumps(options, default=vars))
    assert no_secret_in(pprint.pformat(Settings("app", options)))
    assert no_secret_in(string.Formatter().vformat("{0!r} {0!s} {0}", (options,), {}))


@dataclasses.dataclass
class Settings:
    """Of an app, which may well be dumped as a whole."""

    name: str
    options: Options


def no_secret_in(shown: object) -> bool:
    return not any(secret in f"{shown!r} {shown}" for secret in (TOKEN, SECRET, "user", "pass"))


def everything_stored_in(thing: object) -> list[object]:
    """What a dumper finds that follows instance dictionaries and slots as far as they go."""
    names = [*getattr(thing, "__dict__", {})]
    for kind in type(thing).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    values = [getattr(thing, name) for name in names if name != "__dict__" and hasattr(thing, name)]
    return values + [inner for value in values for inner in everything_stored_in(value)]


def test_the_environment_gives_the_options() -> None:
    environ = {
        "ON_OFFICE_TOKEN": "t",
        "ON_OFFICE_SECRET": "s",
        "ON_OFFICE_URL": "https://u/",
        "ON_OFFICE_CA_FILE": "/ca.pem",
        "ON_OFFICE_PROXY": "",
        "ON_OFFICE_TIMEOUT_MS": "250",
    }
    expected = Options("t", "s", url="https://u/", ca_file="/ca.pem", timeout_ms=250)
    assert Options.from_environment(environ) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"ON_OFFICE_TOKEN": ""},
        {"ON_OFFICE_SECRET": ""},
        {"ON_OFFICE_TOKEN": "", "ON_OFFICE_SECRET": ""},
        {"ON_OFFICE_URL": "ftp://x"},
        {"ON_OFFICE_CA_FILE": "/nonexistent"},
        {"ON_OFFICE_PROXY": "socks5://x:1"},
        {"ON_OFFICE_TIMEOUT_MS": "soon"},
        {"ON_OFFICE_TIMEOUT_MS": " 5"},
        {"ON_OFFICE_TIMEOUT_MS": "1_000"},
        {"ON_OFFICE_TIMEOUT_MS": "٥"},
        {"ON_OFFICE_TIMEOUT_MS": "5.0"},
        {"ON_OFFICE_TIMEOUT_MS": "0"},
        {"ON_OFFICE_TIMEOUT_MS": "-5"},
        {"ON_OFFICE_TIMEOUT_MS": "9" * 30},
    ],
)
def test_client_and_options_refuse_the_same_environment(
    mock: Mock, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
) -> None:
    for name, value in {**mock.environment(), **changes}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=next(iter(changes))):
        Client.from_environment()
    with pytest.raises(ConfigError):
        Client(Options.from_environment())


@pytest.mark.parametrize("changes", [{}, {"ON_OFFICE_TIMEOUT_MS": "+5000"}, {"ON_OFFICE_TIMEOUT_MS": "05000"}])
def test_client_and_options_take_the_same_environment(
    mock: Mock, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
) -> None:
    for name, value in {**mock.environment(), **changes}.items():
        monkeypatch.setenv(name, value)
    Client.from_environment().execute_webhooks("address", 1)
    Client(Options.from_environment()).execute_webhooks("address", 2)
    assert mock.executed() == ["address 1", "address 2"]
