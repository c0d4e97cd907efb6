"""Tells by a short text whether a projection is still the one that a state was folded by."""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from hashlib import sha256
from importlib.metadata import version
from types import CellType, CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, get_type_hints

import attr
import attrs

from timeline.projection import Projection
from timeline.schema import fields_of

__all__ = ["fingerprint", "settings", "told"]

_ATTRS = attr.__file__.removesuffix("__init__.py")

_RELEASE = version("timeline-events")

_PLAIN = frozenset({str, bytes, int, float, complex, bool, type(None)})

_Told = Iterator[str | tuple[object]]
"""What tells a value apart: texts, and in tuples of one, values that are told in turn."""


def settings(projection: Projection[Any]) -> dict[str, object]:
    """Return what an instance was set up with, by name, in whatever way its class holds it."""
    slots = [
        name
        for cls in type(projection).__mro__
        for name, member in vars(cls).items()
        if isinstance(member, MemberDescriptorType)
    ]
    slotted = {name: getattr(projection, name) for name in slots if hasattr(projection, name)}
    return slotted | vars(projection)


def fingerprint(projection: Projection[Any], hint: object) -> str:
    """Return 64 hexadecimal digits that change with the code, the settings or the state's shape.

    The code is that of the projection's class and its bases, and of the functions, classes and
    plain values of the user's own that it names, however deep. What it names of this library but
    its views counts by the library's release alone. Another version of Python compiles code to
    something else, and so changes the fingerprint too. It tells nothing of what code reads while
    it runs, which the laws forbid anyway.
    """
    digest = sha256(repr((sys.version_info[:2], _RELEASE)).encode())
    for part in told(type(projection), settings(projection), hint):
        digest.update(repr(part).encode())
    return digest.hexdigest()


def told(*values: object) -> Iterator[str]:
    """Return texts that differ where the values that state them differ, alike in every process.

    Of code it tells what it names, of a class its members, of any other object its state.
    """
    # Without recursion: what code names may lead deeper than the stack.
    reader = _Reader()
    left: list[_Told] = [zip(values)]
    while left:
        part = next(left[-1], None)
        if part is None:
            left.pop()
        elif isinstance(part, str):
            yield part
        else:
            left.append(reader.one(*part))


class _Reader:
    """Tells what a value is made of, each function and class once."""

    def __init__(self) -> None:
        self._met: dict[int, int] = {}
        self._held: list[object] = []  # so that no id is used twice
        self._ways: tuple[tuple[Any, Callable[[Any], _Told]], ...] = (
            (CodeType, self._code),
            (type, self._class),
            (MethodType, self._method),
            (FunctionType, self._function),
            ((property, staticmethod, classmethod), self._wrapped),
            (Mapping, self._mapping),
            ((tuple, list), self._row),
            (AbstractSet, self._set),
        )

    def one(self, value: object) -> _Told:
        """Tell one value."""
        if type(value) in _PLAIN:
            yield repr(value)
        elif id(value) in self._met:
            yield f"met {self._met[id(value)]}"
        else:
            self._met[id(value)] = len(self._met)
            self._held.append(value)
            ways = (tell for kind, tell in self._ways if isinstance(value, kind))
            yield from next(ways, self._other)(value)

    def _method(self, method: MethodType) -> _Told:
        yield from zip((method.__func__, method.__self__))

    def _wrapped(self, member: object) -> _Told:
        yield from zip(getattr(member, name, None) for name in ("fget", "__func__"))

    def _mapping(self, value: Mapping[object, object]) -> _Told:
        yield f"{type(value).__name__} of {len(value)}"
        for name in sorted(value, key=repr):
            yield from zip((name, value[name]))

    def _row(self, value: Sequence[object]) -> _Told:
        yield f"{type(value).__name__} of {len(value)}"
        yield from zip(value)

    def _set(self, value: AbstractSet[object]) -> _Told:
        yield f"{type(value).__name__} {sorted(map(repr, value))}"

    def _other(self, value: object) -> _Told:
        yield f"{type(value).__module__}.{type(value).__qualname__}"
        if isinstance(value, ModuleType):
            return  # what code takes from it is told where it is taken
        if not _of_library(type(value).__module__):
            yield (type(value),)
        yield (getattr(value, "__wrapped__", None),)
        if attrs.has(type(value)):
            for field in fields_of(type(value)):
                yield from zip((field.name, getattr(value, field.name, None)))
            return
        reduced = copyreg.dispatch_table.get(type(value))
        try:
            made = value.__reduce_ex__(2) if reduced is None else reduced(value)
        except Exception:  # noqa: BLE001 - such as a lock: nothing to tell it by
            return
        if isinstance(made, str):
            yield made
            return
        yield from zip(made[:3])
        yield from zip(list(part) for part in made[3:5] if part is not None)

    def _class(self, cls: type) -> _Told:
        yield f"class {cls.__module__}.{cls.__qualname__}"
        if _of_python(cls.__module__) or _of_release(cls.__module__):
            return
        yield from zip(cls.__bases__)
        if attrs.has(cls):
            yield from (f"{field.name}: {field.type}" for field in attrs.fields(cls))
            for name, hint in sorted(_hints(cls).items()):
                yield from zip((name, hint))
        for name in sorted(vars(cls)):
            member = vars(cls)[name]
            if name != "_abc_impl" and not _made(cls, name, member):
                yield name
                yield (member,)

    def _function(self, function: FunctionType) -> _Told:
        if _of_python(function.__module__) or _of_release(function.__module__):
            yield f"{function.__module__}.{function.__qualname__}"
            return
        yield from self._code(function.__code__)
        yield from zip((function.__defaults__, function.__kwdefaults__))
        names = _names(function.__code__)
        reached, cells = function.__code__.co_freevars, function.__closure__ or ()
        names_used = {reached[i]: _content(cell) for i, cell in enumerate(cells)}
        names_used |= {n: function.__globals__[n] for n in names if n in function.__globals__}
        for name, value in names_used.items():
            yield name
            yield (value,)
            yield from self._taken(value, names, _top(function.__module__))

    def _taken(self, module: Any, names: Sequence[str], by: str | None) -> _Told:
        """What code of one package may take from a module by some names; nothing from a value."""
        left, seen = [module], set[int]()
        while left:
            one = left.pop()
            if not isinstance(one, ModuleType) or id(one) in seen or _of_python(one.__name__):
                continue
            seen.add(id(one))
            if _installed(one) and _top(one.__name__) != by:
                # Somebody else's, whose code is told by its release.
                yield f"{one.__name__} {getattr(one, '__version__', None)}"
                continue
            for name in names:
                if name in vars(one):
                    yield f"{one.__name__}.{name}"
                    yield (vars(one)[name],)
                    left.append(vars(one)[name])

    def _code(self, code: CodeType) -> _Told:
        yield f"code {code.co_code.hex()} {code.co_names} {code.co_varnames}"
        yield from zip(const for const in code.co_consts if const is not None)


def _top(module: str | None) -> str | None:
    """The package that a module is of."""
    return module and module.partition(".")[0]


def _of_python(module: str | None) -> bool:
    """Whether a module comes with Python, whose version is told once for all."""
    return _top(module) in sys.stdlib_module_names


def _installed(module: ModuleType) -> bool:
    file = str(getattr(module, "__file__", None))
    return "site-packages" in file or "dist-packages" in file


def _of_library(module: str) -> bool:
    return _top(module) == "timeline"


def _of_release(module: str) -> bool:
    """Whether a module belongs to the library but isn't one of its views."""
    return _of_library(module) and not module.startswith("timeline.views.")


def _made(cls: type, name: str, member: object) -> bool:
    """Whether a member of a class was made by Python or attrs, not written by a user."""
    return name.startswith("__") and (_of_library(cls.__module__) or not _written(member))


def _written(member: object) -> bool:
    """Whether a member is code that stands in somebody's file, or was typed into a shell."""
    function = getattr(member, "__func__", member)
    if not isinstance(function, FunctionType):
        return False
    file = function.__code__.co_filename  # "<string>" is how dataclasses and named tuples are made
    return file != "<string>" and not file.startswith(("<attrs generated", _ATTRS))


def _hints(cls: type) -> dict[str, object]:
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


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None
