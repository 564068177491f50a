"""What a client is made of."""

from __future__ import annotations

import os
from ctypes import byref

from . import _arguments
from ._library import library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable, NoReturn, Optional, TypeVar, Union

    from ._bindings import Owned

    T = TypeVar("T")
    V = TypeVar("V")


class Options:
    """Credentials and settings of a client; what is None is left at the library's default.

    Types are checked here (TypeError, and ValueError for text that C cannot take), values when a
    client is made of it (ConfigError).

    Options are not changed, and neither copied nor pickled, so that they do not end up in a queue or
    a cache in clear text: make them where they are used. No dump shows token, secret or proxy.
    """

    url: Optional[str]
    """The URL of the API; by default that of onOffice's stable version."""
    ca_file: Optional[str]
    """A PEM file of certificate authorities to trust instead of the bundled ones."""
    connect_timeout_ms: Optional[int]
    """The time for TCP connection and TLS handshake together, 1 to 86400000 ms; by default 5000."""
    timeout_ms: Optional[int]
    """The time for a whole call, 1 to 86400000 ms; by default 30000."""
    _hidden: Callable[[], tuple[str, str, Optional[str]]]

    def __init__(
        self,
        token: str,
        secret: str,
        url: Optional[str] = None,
        ca_file: Union[str, os.PathLike[str], None] = None,
        proxy: Optional[str] = None,
        connect_timeout_ms: Optional[int] = None,
        timeout_ms: Optional[int] = None,
    ) -> None:
        hidden = (
            _arguments.text("token", token),
            _arguments.text("secret", secret),
            _optional(_arguments.text, "proxy", proxy),
        )
        # Not by __setattr__, which refuses.
        self.__dict__.update(
            url=_optional(_arguments.text, "url", url),
            ca_file=_optional(_arguments.text, "ca_file", _path(ca_file)),
            connect_timeout_ms=_optional(_arguments.integer, "connect_timeout_ms", connect_timeout_ms),
            timeout_ms=_optional(_arguments.integer, "timeout_ms", timeout_ms),
            # In a closure, where no dump of attributes looks.
            _hidden=lambda: hidden,
        )

    @property
    def token(self) -> str:
        """The token of an API user, 32 characters."""
        return self._hidden()[0]

    @property
    def secret(self) -> str:
        """The secret of an API user, 64 characters."""
        return self._hidden()[1]

    @property
    def proxy(self) -> Optional[str]:
        """A proxy, `http://host:port` or `http://user:password@host:port`; by default none."""
        return self._hidden()[2]

    @classmethod
    def from_environment(cls, environ: Optional[Mapping[str, str]] = None) -> Options:
        """From ON_OFFICE_TOKEN, ON_OFFICE_SECRET, ON_OFFICE_URL, ON_OFFICE_CA_FILE, ON_OFFICE_PROXY and
        ON_OFFICE_TIMEOUT_MS, where one that is empty counts as not set.

        `Client.from_environment` needs no Options. Raises ConfigError without token and secret, and for
        a timeout that is not a number.
        """
        found = {name: value for name, value in (os.environ if environ is None else environ).items() if value}
        for name in ("ON_OFFICE_TOKEN", "ON_OFFICE_SECRET"):
            if name not in found:
                from .errors import ConfigError

                raise ConfigError(f"{name} is not set: set ON_OFFICE_TOKEN and ON_OFFICE_SECRET")
        return cls(
            token=found["ON_OFFICE_TOKEN"],
            secret=found["ON_OFFICE_SECRET"],
            url=found.get("ON_OFFICE_URL"),
            ca_file=found.get("ON_OFFICE_CA_FILE"),
            proxy=found.get("ON_OFFICE_PROXY"),
            timeout_ms=_milliseconds(found.get("ON_OFFICE_TIMEOUT_MS")),
        )

    def __repr__(self) -> str:
        proxy = self.proxy
        if proxy is not None and "@" in proxy:
            proxy = "…@" + proxy.rpartition("@")[2]
        settings = {
            "url": self.url,
            "ca_file": self.ca_file,
            "proxy": proxy,
            "connect_timeout_ms": self.connect_timeout_ms,
            "timeout_ms": self.timeout_ms,
        }
        shown = [f"{name}={value!r}" for name, value in settings.items() if value is not None]
        return f"Options({', '.join(['token=…', 'secret=…', *shown])})"

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, Options) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("options are not changed: make new ones")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("options are not changed: make new ones")

    def __reduce__(self) -> NoReturn:
        raise TypeError("options are neither copied nor pickled: make new ones where they are needed")

    def __getstate__(self) -> NoReturn:
        self.__reduce__()

    def _values(self) -> tuple[Any, ...]:
        return (*self._hidden(), self.url, self.ca_file, self.connect_timeout_ms, self.timeout_ms)

    def _to_library(self) -> Owned:
        # A setting that is refused stays so in the handle: making a client of it tells why.
        bindings = library()
        handle = new_options()
        bindings.oo_options_set_credentials(handle, self.token.encode(), self.secret.encode())
        if self.url is not None:
            bindings.oo_options_set_url(handle, self.url.encode())
        if self.ca_file is not None:
            bindings.oo_options_set_ca_file(handle, self.ca_file.encode())
        if self.proxy is not None:
            bindings.oo_options_set_proxy(handle, self.proxy.encode())
        if self.connect_timeout_ms is not None:
            bindings.oo_options_set_connect_timeout_ms(handle, self.connect_timeout_ms)
        if self.timeout_ms is not None:
            bindings.oo_options_set_timeout_ms(handle, self.timeout_ms)
        return handle


def new_options(*, from_environment: bool = False) -> Owned:
    """A handle of the library's, which holds what it was told and what it refused."""
    bindings = library()
    options = bindings.oo_options()
    make = bindings.oo_options_from_env if from_environment else bindings.oo_options_new
    status = make(byref(options))
    if not options:
        from .errors import ConfigError

        raise ConfigError(bindings.oo_status_message(status) or "")
    return options


def _optional(check: Callable[[str, V], T], name: str, value: Optional[V]) -> Optional[T]:
    return None if value is None else check(name, value)


def _path(value: Union[str, os.PathLike[str], None]) -> Optional[str]:
    try:
        return None if value is None else os.fspath(value)
    except TypeError:
        raise TypeError(f"ca_file must be str or a path, not {type(value).__name__}") from None


def _milliseconds(text: Optional[str]) -> Optional[int]:
    if text is None:
        return None
    # int() takes " 5 ", "5_0" and digits of other scripts, the library does not.
    digits = text[1:] if text[0] in "+-" else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        from .errors import ConfigError

        raise ConfigError(f"ON_OFFICE_TIMEOUT_MS: {text[:40]!r} is not a number: give milliseconds")
    return int(text)
