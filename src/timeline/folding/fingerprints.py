"""Tells by a short text whether a projection is still the one that a state was folded by."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from hashlib import sha256
from types import CodeType, FunctionType, MethodType
from typing import Any, get_type_hints

import attrs

from timeline.projection import Projection

__all__ = ["fingerprint"]

_PLAIN = (str, bytes, int, float, complex, bool, type(None))


def fingerprint(projection: Projection[Any], hint: Any) -> str:
    """Gives 64 hexadecimal digits that change with the code, the settings or the state's shape.

    The code is that of the projection's class and its bases, and of the functions, classes and
    plain values of the user's own that it names, however deep. Another version of Python compiles
    it to something else, and so changes the fingerprint too. It tells nothing of what code reads
    while it runs, which the laws forbid anyway.
    """
    digest = sha256(f"{sys.version_info[:2]}".encode())
    for part in _Reader().told(type(projection), vars(projection), projection.start, hint):
        digest.update(part.encode(errors="backslashreplace") + b"\0")
    return digest.hexdigest()


class _Reader:
    """Tells what a value is made of, each function and class once."""

    def __init__(self) -> None:
        self._met: dict[int, int] = {}
        self._held: list[Any] = []  # so that no id is used twice
        self._ways: tuple[tuple[Any, Callable[[Any], Iterator[str]]], ...] = (
            (CodeType, self._code),
            (type, self._class),
            (MethodType, self._method),
            (FunctionType, self._function),
            ((property, staticmethod, classmethod), self._wrapped),
            (Mapping, self._mapping),
            ((tuple, list), self._row),
            (AbstractSet, self._set),
        )

    def told(self, *values: Any) -> Iterator[str]:
        for value in values:
            yield from self._one(value)

    def _one(self, value: Any) -> Iterator[str]:
        if isinstance(value, _PLAIN):
            yield f"{type(value).__name__} {value!r}"
        elif id(value) in self._met:
            yield f"met {self._met[id(value)]}"
        else:
            self._met[id(value)] = len(self._met)
            self._held.append(value)
            for kind, tell in self._ways:
                if isinstance(value, kind):
                    yield from tell(value)
                    return
            yield from self._other(value)

    def _method(self, method: MethodType) -> Iterator[str]:
        yield from self.told(method.__func__, method.__self__)

    def _wrapped(self, member: Any) -> Iterator[str]:
        yield from self.told(*(getattr(member, name, None) for name in ("fget", "__func__")))

    def _mapping(self, value: Mapping[Any, Any]) -> Iterator[str]:
        for name in sorted(value, key=repr):
            yield from self.told(name, value[name])

    def _row(self, value: Sequence[Any]) -> Iterator[str]:
        yield f"{type(value).__name__} of {len(value)}"
        yield from self.told(*value)

    def _set(self, value: AbstractSet[Any]) -> Iterator[str]:
        yield f"{type(value).__name__} {sorted(map(repr, value))}"

    def _other(self, value: Any) -> Iterator[str]:
        yield f"{type(value).__module__}.{type(value).__qualname__}"
        if attrs.has(type(value)):
            for field in attrs.fields(type(value)):
                yield from self.told(field.name, getattr(value, field.name, None))

    def _class(self, cls: type) -> Iterator[str]:
        yield f"class {cls.__module__}.{cls.__qualname__}"
        if cls.__module__ in sys.stdlib_module_names or cls is Projection:
            return
        yield from self.told(*cls.__bases__)
        if attrs.has(cls):
            yield from (f"{field.name}: {field.type}" for field in attrs.fields(cls))
            for name, hint in sorted(_hints(cls).items()):
                yield from self.told(name, hint)
        for name in sorted(vars(cls)):
            member = vars(cls)[name]
            made = getattr(member, "__module__", None) in ("attr", "attrs") or name.startswith("__")
            if name != "_abc_impl" and not made:
                yield name
                yield from self._one(member)

    def _function(self, function: FunctionType) -> Iterator[str]:
        if function.__module__ in sys.stdlib_module_names:
            yield f"{function.__module__}.{function.__qualname__}"
            return
        yield from self._code(function.__code__)
        yield from self.told(function.__defaults__, function.__kwdefaults__)
        for cell in function.__closure__ or ():
            yield from self.told(_content(cell))
        for name in _names(function.__code__):
            if name in function.__globals__:
                yield name
                yield from self._one(function.__globals__[name])

    def _code(self, code: CodeType) -> Iterator[str]:
        yield f"code {code.co_code.hex()} {code.co_names} {code.co_varnames}"
        yield from self.told(*(const for const in code.co_consts if const is not None))


def _hints(cls: type) -> dict[str, Any]:
    try:
        return get_type_hints(cls)
    except (NameError, TypeError):
        return {}


def _names(code: CodeType) -> list[str]:
    """The global names that code and the code in it use."""
    inner = [
        name for const in code.co_consts if isinstance(const, CodeType) for name in _names(const)
    ]
    return sorted({*code.co_names, *inner})


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None
