"""Credentials by their shape, and the way to the API: settings, name, connection, TLS, proxy, clock.

The words are those of `oo-webhooks doctor`.
"""

from __future__ import annotations

import os
import re
import socket
import time
from ctypes import byref
from typing import Optional
from urllib.parse import urlsplit

from .. import _real_calls
from .._bindings import Owned
from .._library import library
from ..client import new_client
from ..errors import ConfigError
from ..options import Options, new_options
from ..outcome import Status
from ..result import status_of
from .finding import Finding, Grade

# Lengths as onOffice gives them out: docs/api-facts.md.
_TOKEN_LENGTH = 32
_SECRET_LENGTH = 64

_DEFAULT_URL = "https://api.onoffice.de/api/stable/api.php"

# The API refuses a timestamp that is further from its clock: docs/api-facts.md.
_CLOCK_LIMIT = 120

# What a `Date` header and a slow answer can be off by.
_CLOCK_NOISE = 5

_NO_DATE = -(2**63)

_RESOLVER = "look at the host in ON_OFFICE_URL and at the name servers in /etc/resolv.conf"
_FIREWALL = "a firewall may drop what goes out: let port 443 of the API's host through, or set ON_OFFICE_PROXY"
_CURES = {
    Status.DNS_FAILED: _RESOLVER,
    Status.TLS_FAILED: "look at this machine's clock; where a company's proxy signs certificates, name its authority "
    "in ON_OFFICE_CA_FILE",
    Status.PROXY_FAILED: "look at ON_OFFICE_PROXY, and whether the proxy lets CONNECT to port 443 through",
    Status.TIMEOUT: _FIREWALL,
    Status.CONNECT_TIMEOUT: _FIREWALL,
}


def look(options: Optional[Options], *, library_is_loaded: bool) -> list[Finding]:
    """Everything about the settings of the app, or those of the environment where it has none of its own."""
    token, secret = _variable("ON_OFFICE_TOKEN"), _variable("ON_OFFICE_SECRET")
    if options is not None:
        token, secret = options.token, options.secret
    return [*_credentials(token, secret), *_network(options, library_is_loaded=library_is_loaded)]


def _variable(name: str) -> Optional[str]:
    return os.environ.get(name) or None


def _credentials(token: Optional[str], secret: Optional[str]) -> list[Finding]:
    if len(token or "") == _SECRET_LENGTH and len(secret or "") == _TOKEN_LENGTH:
        found = "the token is as long as a secret, and the secret as long as a token"
        return [Finding("credentials", Grade.BAD, found, "exchange ON_OFFICE_TOKEN and ON_OFFICE_SECRET")]
    return [
        _credential("token", "ON_OFFICE_TOKEN", token, _TOKEN_LENGTH),
        _credential("secret", "ON_OFFICE_SECRET", secret, _SECRET_LENGTH),
    ]


def _credential(name: str, variable: str, value: Optional[str], usual: int) -> Finding:
    if value is None:
        cure = f"set {variable}: onOffice enterprise shows it where an API user is made"
        return Finding(name, Grade.BAD, f"{variable} is not set", cure)
    if re.match(r"""[\s"'<>]""", value) or re.search(r"""[\s"'<>]\Z""", value):
        found = f"{variable} begins or ends with a space, a quote or a bracket"
        return Finding(name, Grade.BAD, found, f"write {variable} without it")
    copy = "copy it again, if calls are not authenticated"
    if not re.fullmatch("[A-Za-z0-9]*", value):
        return Finding(name, Grade.WARNING, f"{variable} has other characters than letters and digits", copy)
    length = len(value)
    if length != usual:
        return Finding(name, Grade.WARNING, f"{variable} has {length} characters; usual are {usual}", copy)
    return Finding(name, Grade.GOOD, f"{length} letters and digits")


def _network(options: Optional[Options], *, library_is_loaded: bool) -> list[Finding]:
    try:
        client = _client(options) if library_is_loaded else None
    except ConfigError as error:
        return [Finding("settings", Grade.BAD, str(error))]
    names = ("ON_OFFICE_URL", "ON_OFFICE_CA_FILE", "ON_OFFICE_PROXY")
    url, ca_file, proxy = (options.url, options.ca_file, options.proxy) if options else map(_variable, names)
    url = url or _DEFAULT_URL
    # The library refuses it, and is not loaded where it comes this far.
    if "@" in url.partition("://")[2].partition("/")[0]:
        return [Finding("settings", Grade.BAD, "the URL holds a user or password: leave them out")]
    authorities = f"the authorities of {ca_file}" if ca_file else "the bundled authorities"
    findings = [
        Finding("url", Grade.GOOD, url),
        Finding("certificates", Grade.GOOD, authorities),
        _proxy(is_ours=proxy is not None),
    ]
    # A proxy looks the name up by itself.
    if proxy is None:
        findings.append(_name(url))
    if client is None:
        found = "the library, which opens it, is not loaded"
        return [*findings, Finding("connection", Grade.UNKNOWN, found)]
    return [*findings, *_server(client)]


def _client(options: Optional[Options]) -> Owned:
    """Credentials are looked at elsewhere, and a page needs none."""
    if options is not None:
        return new_client(options._to_library())
    environment = new_options(from_environment=True)
    library().oo_options_set_credentials(environment, b"doctor", b"doctor")
    return new_client(environment)


def _proxy(*, is_ours: bool) -> Finding:
    if is_ours:
        return Finding("proxy", Grade.GOOD, "that of ON_OFFICE_PROXY")
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        if _variable(name):
            cure = "set ON_OFFICE_PROXY, if calls must go through a proxy"
            return Finding("proxy", Grade.WARNING, f"{name} is set, which calls do not use", cure)
    return Finding("proxy", Grade.GOOD, "none")


def _name(url: str) -> Finding:
    begun = time.monotonic()
    host = None
    try:
        parts = urlsplit(url)
        host = parts.hostname
        if not host:
            return Finding("name", Grade.UNKNOWN, f"no host in {url}")
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        return Finding("name", Grade.BAD, f"{host or url}: {why or error}", _RESOLVER)
    addresses = ", ".join(str(address[0]) for *_, address in found)
    return Finding("name", Grade.GOOD, f"{host} is {addresses} ({_milliseconds(begun)} ms)")


def _server(client: Owned) -> list[Finding]:
    if _real_calls.bans:
        return [Finding("connection", Grade.UNKNOWN, "forbid_real_calls is in force")]
    bindings = library()
    begun = time.monotonic()
    probe = bindings.oo_probe()
    status = status_of(bindings.oo_client_probe(client, byref(probe)))
    milliseconds = _milliseconds(begun)
    if status is not Status.OK:
        message = bindings.oo_probe_message(probe) or bindings.oo_status_message(status) or ""
        cure = "look whether a firewall refuses port 443 of the API's host, and whether ON_OFFICE_URL is right"
        return [Finding("connection", Grade.BAD, message, _CURES.get(status, cure))]
    http_status = bindings.oo_probe_http_status(probe)
    keep_alive = bindings.oo_probe_keep_alive(probe)
    said = (
        f"the server says {keep_alive}"
        if keep_alive
        else ("the server does not say how long; the library keeps 50 s at most")
    )
    return [
        Finding("connection", Grade.GOOD, f"the server answers a GET with HTTP {http_status} ({milliseconds} ms)"),
        _clock(bindings.oo_probe_clock_ahead(probe)),
        Finding("keep-alive", Grade.GOOD, said),
    ]


def _milliseconds(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)


def _clock(ahead: int) -> Finding:
    if ahead == _NO_DATE:
        return Finding("clock", Grade.UNKNOWN, "the server's answer has no Date")
    difference = abs(ahead)
    if difference <= _CLOCK_NOISE:
        return Finding("clock", Grade.GOOD, "like the server's")
    found = f"{difference} s {'ahead of' if ahead > 0 else 'behind'} the server's"
    grade = Grade.WARNING if difference < _CLOCK_LIMIT else Grade.BAD
    return Finding("clock", grade, found, f"set it with NTP: the API refuses what differs by {_CLOCK_LIMIT} s")
