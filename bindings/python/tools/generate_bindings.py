#!/usr/bin/env python3
"""Writes src/oo_webhooks/_bindings.py from include/oo_webhooks.h.

The header is plain enough to be read without a C parser: enums, structs and prototypes. What
is not understood is an error, never skipped.

    python3 tools/generate_bindings.py            writes the file
    python3 tools/generate_bindings.py --check    fails when it is not what it would write
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
HEADER = HERE.parents[2] / "include" / "oo_webhooks.h"
TARGET = HERE.parent / "src" / "oo_webhooks" / "_bindings.py"

PROLOGUE = '''\
"""The functions and numbers of oo_webhooks.h, declared for ctypes.

Generated from include/oo_webhooks.h by make generate (tools/generate_bindings.py): change it there.
"""

from __future__ import annotations

import ctypes
from ctypes import CDLL, POINTER, PyDLL, Structure, c_char, c_char_p, c_void_p

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, ClassVar, Optional


class Owned(c_void_p):
    """A handle of the library's, NULL until a call gives it, which is freed with the last reference to this object.

    Python's count of references is what keeps a handle alive while calls on it run in other threads;
    a lock would do as well, but a fork in the wrong moment would leave it locked in the child.
    """

    __slots__ = ()

    # Kept here: at the interpreter's end the names of modules may be gone already.
    _free: ClassVar[Any]

    def __del__(self) -> None:
        type(self)._free(self)


def _text(value: Any, function: Any, arguments: Any) -> Any:
    """Lent text, copied at once."""
    return None if value is None else value.decode("utf-8")
'''

EPILOGUE = '''

class Bindings:
    """Every function, handle and struct of the header, for a library. Each is declared when it is first used."""

    def __init__(self, library: CDLL) -> None:
        """Raises ValueError when the library lacks a function: a call would find that out too late."""
        self._library, self._quick = library, PyDLL(library._name, handle=library._handle)
        for name in _DECLARATIONS:
            c_char.in_dll(library, name)

    def __getattr__(self, name: str) -> Any:
        if name in _DECLARATIONS:
            made = self._function(name)
        elif name in _HANDLES:
            made = type(name, (Owned,), {"__slots__": (), "_free": getattr(self, f"{name}_free")})
        elif name in _STRUCTS:
            members = map(str.split, _STRUCTS[name].split(", "))
            made = type(name, (Structure,), {"_fields_": [(member, self._type(kind)) for kind, member in members]})
        else:
            raise AttributeError(f"oo_webhooks.h has no {name!r}")
        # Where two threads declare it at once, the first one's counts for both.
        return self.__dict__.setdefault(name, made)

    def _function(self, name: str) -> Any:
        declared = _DECLARATIONS[name]
        function = (self._quick if declared[0] == "+" else self._library)[name]
        function.restype, *function.argtypes = map(self._type, declared.lstrip("+").split())
        if function.restype is c_char_p:
            function.errcheck = _text
        return function

    def _type(self, name: str) -> Any:
        """A type that the tables above name."""
        if name.endswith("*"):
            return POINTER(self._type(name[:-1]))
        if name == "void":
            return None
        return getattr(self if name.startswith("oo_") else ctypes, name)

    def _types(self) -> None:
        """Of the attributes, for type checkers. In a function they cost a program nothing."""'''

# Those that do no more than look something up, write it down or free it keep the interpreter for the
# few nanoseconds. The others give it to other threads, which may not give it back for milliseconds.
QUICK = re.compile(
    r"oo_(results?|status)_\w+|oo_request_(new|add|add_all|count|body|message|free)|oo_options_(new|message|free)"
)


class CType(NamedTuple):
    """A type of C: what ctypes calls it, and what a caller in Python passes or gets."""

    ctypes: str
    python: str


INTEGERS = {
    "void": CType("void", "None"),
    "int32_t": CType("c_int32", "int"),
    "int64_t": CType("c_int64", "int"),
    "uint32_t": CType("c_uint32", "int"),
    "size_t": CType("c_size_t", "int"),
}


class Header:
    """The declarations of the header, in its order."""

    def __init__(self, source: str) -> None:
        code = re.sub(r"/\*.*?\*/|//[^\n]*|^\s*#[^\n]*", "", source, flags=re.DOTALL | re.MULTILINE)
        code = re.sub(r'extern "C" \{|^\}\s*$', "", code, flags=re.MULTILINE)
        self.enums: dict[str, list[tuple[str, int]]] = {}
        self.handles: list[str] = []
        self.structs: dict[str, list[tuple[str, str]]] = {}
        self.functions: list[tuple[str, CType, list[CType]]] = []
        for declaration in self._declarations(code):
            self._take(declaration)

    @staticmethod
    def _declarations(code: str) -> list[str]:
        parts = re.findall(r"[^;{]*(?:\{[^}]*\}[^;]*)?;", code)
        if "".join(parts).strip() != code.strip():
            raise SystemExit(f"{HEADER}: something in it does not end with a semicolon")
        return [" ".join(part.split()).rstrip("; ") for part in parts]

    def _take(self, declaration: str) -> None:
        if match := re.fullmatch(r"typedef enum (\w+) \{ (.*?),? \} (\w+)", declaration):
            pairs = (entry.split(" = ") for entry in match[2].split(", "))
            self.enums[match[1]] = [(name, int(number)) for name, number in pairs]
        elif match := re.fullmatch(r"typedef struct (\w+) \1", declaration):
            self.handles.append(match[1])
        elif match := re.fullmatch(r"typedef struct (\w+) \{ (.*); \} \1", declaration):
            members = (re.fullmatch(r"(.*?)(\w+)", member) for member in match[2].split("; "))
            self.structs[match[1]] = [(member[2], self._member(member[1])) for member in members if member]
        elif match := re.fullmatch(r"(.*?)(\w+)\((.*)\)", declaration):
            self._take_function(match[2], match[1], match[3])
        else:
            raise SystemExit(f"{HEADER}: not understood: {declaration}")

    def _take_function(self, name: str, returned: str, parameters: str) -> None:
        types = []
        if parameters != "void":
            types = [re.sub(r"\w+$", "", parameter) for parameter in parameters.split(", ")]
        # Bytes with a length may hold a NUL, at which c_char_p would end them.
        is_bytes = returned.replace(" ", "") == "constchar*" and "out_length" in parameters
        is_lent = returned.replace("const ", "").rstrip(" *") in self.handles
        is_address = is_bytes or is_lent
        result = CType("c_void_p", "Optional[int]") if is_address else self._type(returned, is_result=True)
        if name.endswith("_free"):
            # Only the handle's own class calls it, which is made with it.
            types = ["void *"]
        self.functions.append((name, result, [self._type(type_) for type_ in types]))

    def _member(self, text: str) -> str:
        # Text in a struct has a length beside it: only the address is taken.
        return "c_void_p" if text.replace(" ", "") == "constchar*" else self._type(text).ctypes

    def _type(self, text: str, *, is_result: bool = False) -> CType:
        base = text.replace("const ", "").replace(" ", "")
        name, stars = base.rstrip("*"), len(base) - len(base.rstrip("*"))
        if name == "char" and stars == 1:
            return CType("c_char_p", "Optional[str]" if is_result else "Optional[bytes]")
        if name in self.enums and stars == 0:
            return CType("c_int", "int")
        if base == "void*":
            return CType("c_void_p", "Any")
        if name in INTEGERS and stars == 0:
            return INTEGERS[name]
        if name in INTEGERS and stars == 1:
            return CType(f"{INTEGERS[name].ctypes}*", "Any")
        if name in self.structs and stars == 1:
            return CType(f"{name}*", "Any")
        if name in self.handles and stars == 1:
            return CType(name, "Owned")
        if name in self.handles and stars == 2:
            # Not a pointer to the handle's class: ctypes takes longer to check one than the library to fill it.
            return CType("c_void_p", "Any")
        raise SystemExit(f"{HEADER}: no type of ctypes is known for {text}")


def generated(header: Header) -> str:
    lines = [PROLOGUE]
    for enum in header.enums.values():
        lines += ["", *(f"{name} = {number}" for name, number in enum)]
    lines += ["", "_HANDLES = (", *(f'    "{handle}",' for handle in header.handles), ")", "", "_STRUCTS = {"]
    for struct, members in header.structs.items():
        lines.append(f'    "{struct}": "{", ".join(f"{ctypes} {name}" for name, ctypes in members)}",')
    lines += ["}", ""]
    lines += ["# What each gives and takes; with a plus, those that are too quick to let other threads go on."]
    lines += ["_DECLARATIONS = {"]
    for name, result, parameters in header.functions:
        quick = "+" if QUICK.fullmatch(name) else ""
        lines.append(f'    "{name}": "{quick}{" ".join(type_.ctypes for type_ in (result, *parameters))}",')
    lines += ["}", EPILOGUE]
    lines += [f"        self.{name}: type[Owned]" for name in header.handles]
    lines += [f"        self.{name}: type[Any]" for name in header.structs]
    for name, result, parameters in header.functions:
        python = ", ".join(parameter.python for parameter in parameters)
        lines.append(f"        self.{name}: Callable[[{python}], {result.python}]")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    text = generated(Header(HEADER.read_text(encoding="utf-8")))
    if arguments == ["--check"]:
        if TARGET.read_text(encoding="utf-8") != text:
            print(f"{TARGET.name} is not what the header says: run make generate", file=sys.stderr)
            return 1
    elif arguments:
        print(__doc__, file=sys.stderr)
        return 2
    else:
        TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
