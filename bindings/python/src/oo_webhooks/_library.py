"""Finding and loading the shared library, on the first use of it.

Here as elsewhere an error's class is imported when it is raised: a process with one call need not make it.
"""

from __future__ import annotations

import ctypes
import os

from ._bindings import Bindings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Union

    from .errors import ConfigError

# The number in the library's soname is that of its ABI.
ABI_VERSION = 1
FILE_NAME = f"liboo_webhooks.so.{ABI_VERSION}"
VARIABLE = "OO_WEBHOOKS_LIBRARY"


# The functions and where they are from. No lock: where two threads load at once, the first one's count for both.
_loaded: list[tuple[Bindings, str]] = []


def load_library(path: Union[str, os.PathLike[str], None] = None) -> None:
    """Loads the library now, from `path` if one is given. Calls load it by themselves on first use.

    It is taken from `path`, or else from the path in `OO_WEBHOOKS_LIBRARY`, or else from the package's
    own folder, or else from the system's loader.

    Raises ConfigError when it is not found, has another ABI version, or was loaded from elsewhere before.
    """
    wanted = None if path is None else os.path.abspath(os.fspath(path))
    if not _loaded:
        _loaded.append(_find(wanted))
    loaded = _loaded[0][1]
    if wanted not in (None, loaded):
        raise _error(f"the library was loaded from {loaded} before: load {wanted} before the first call")


def library() -> Bindings:
    """The functions of the library, which is loaded if it was not before."""
    if not _loaded:
        load_library()
    return _loaded[0][0]


def library_version() -> str:
    """The version of the shared library as "major.minor.patch"."""
    return library().oo_version() or ""


def library_file() -> str:
    """Where the shared library was loaded from; only its name where the system's loader found it."""
    library()
    return _loaded[0][1]


def _find(path: Optional[str]) -> tuple[Bindings, str]:
    if path is not None:
        return _load(path)
    from_environment = os.environ.get(VARIABLE)
    if from_environment:
        return _load(os.path.abspath(from_environment), f"{VARIABLE}: ")
    own = os.path.join(os.path.dirname(__file__), FILE_NAME)
    if os.path.exists(own):
        return _load(own)
    try:
        shared = ctypes.CDLL(FILE_NAME)
    except OSError as error:
        raise _error(
            f"cannot find the library: {VARIABLE} is not set, {own} does not exist, and the system's loader says "
            f"{str(error)!r}; install the package's wheel for this platform, or set {VARIABLE} to the path of "
            f"{FILE_NAME}"
        ) from None
    return _declared(shared, FILE_NAME)


def _load(name: str, prefix: str = "") -> tuple[Bindings, str]:
    try:
        # CDLL gives the interpreter to other threads during a call; PyDLL would not.
        shared = ctypes.CDLL(name)
    except OSError as error:
        raise _error(f"{prefix}cannot load the library {name}: {error}") from None
    return _declared(shared, name, prefix)


def _declared(shared: ctypes.CDLL, name: str, prefix: str = "") -> tuple[Bindings, str]:
    try:
        shared.oo_abi_version.restype = ctypes.c_uint32
        version = shared.oo_abi_version()
        if version != ABI_VERSION:
            raise _error(
                f"{prefix}the library {name} has ABI version {version}, but this package needs {ABI_VERSION}: "
                "install the same release of both"
            )
        return Bindings(shared), name
    except (AttributeError, ValueError) as error:
        raise _error(
            f"{prefix}{name} is not the library, or an older one: {error}; install the same release of both"
        ) from None


def _error(message: str) -> ConfigError:
    from .errors import ConfigError

    return ConfigError(message)
