"""What a fingerprint is made from tells a change of code or value, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib import metadata
from threading import Lock
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import attrs
import pytest

from timeline import Attack, Control, Place, Projection, canonical, on
from timeline.folding import fingerprints
from timeline.folding.fingerprints import fingerprint, settings, told


def texts(*values: Any) -> list[str]:
    return list(told(*values))


class Named:
    """One of a few, by name, as sentinels of some libraries are."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> str:
        return self.name


class Rebuilt:
    """Says itself how it is made again, with all that a protocol of 1999 lets it say."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __reduce_ex__(self, protocol: Any) -> Any:
        assert protocol == 2
        return (Rebuilt, (), None, iter(self.parts), iter({"a": 1}.items()), len)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "1"),
        (True, "True"),
        ("1", "'1'"),
        (None, "None"),
        ((1, ["a"]), "tuple of 2|1|list of 1|'a'"),
        ({"b": 1, "a": 2}, "dict of 2|'a'|2|'b'|1"),
        ({3, 1, 2}, "set ['1', '2', '3']"),
        (frozenset("ba"), "frozenset [\"'a'\", \"'b'\"]"),
        (int, "class builtins.int"),
        (Projection, "class timeline.projection.Projection"),
        (textwrap.dedent, "textwrap.dedent"),
        (metadata.version, "importlib.metadata.version"),
        (os, "builtins.module"),
        (Lock(), "_thread.lock|class _thread.lock|None"),
        (Fraction(1, 2), "fractions.Fraction|class fractions.Fraction|None|met 1|tuple of 2|1|2"),
        (
            deque([7]),
            "collections.deque|class collections.deque|None|met 1|tuple of 0|None|list of 1|7",
        ),
        (
            bytearray(b"a"),
            "builtins.bytearray|class builtins.bytearray|None|met 1|tuple of 2|'a'|'latin-1'|None",
        ),
        (
            Place("Izium"),
            "timeline.places.Place|None|'name'|'Izium'|'id'|None"
            + "".join(
                f"|{name!r}|None" for name in ("latitude", "longitude", "within", "precision")
            ),
        ),
    ],
)
def test_a_value_is_told_by_what_it_holds(value: Any, expected: str) -> None:
    assert texts(value) == expected.split("|")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": {"b": 1}, "c": 2}, {"a": {"b": 1, "c": 2}}),
        ([{}, {"x": 1}], [{"x": 1}, {}]),
        ([(1,), 2], [(1, 2)]),
        ((1, 2), [1, 2]),
        ({"a": 1}, OrderedDict(a=1)),
    ],
)
def test_values_within_values_are_kept_apart(one: Any, other: Any) -> None:
    assert texts(one) != texts(other)


def test_what_was_told_once_is_pointed_at() -> None:
    pair = (1, 2)
    assert texts(pair, pair) == ["tuple of 2", "1", "2", "met 0"]
    assert texts([pair], pair) == ["list of 1", "tuple of 2", "1", "2", "met 1"]
    # Something that is made while it is told doesn't take another's place.
    assert len({text for text in texts(*(Fraction(n, 1) for n in range(50))) if "met" in text}) == 1


def test_what_an_object_says_of_itself_is_told() -> None:
    assert texts(Named("NORTH"))[-1] == "NORTH"
    assert texts(Named("NORTH")) != texts(Named("NORTHWEST"))
    told_last = "None|list of 2|1|2|list of 1|tuple of 2|'a'|1"
    assert texts(Rebuilt(1, 2))[-8:] == told_last.split("|")
    assert texts(Rebuilt(1, 2)) != texts(Rebuilt(1, 3))


def test_what_a_value_remembers_is_not_told() -> None:
    place = Place("Izium", within=Place("Kharkiv Oblast"))
    before = texts(place)
    canonical.packed(place)
    hash(place)
    assert texts(place) == before


@attrs.frozen
class Limit:
    """A setting that is a value."""

    most: int
    rest: str = attrs.field(init=False)

    def over(self, count: int) -> bool:
        return count > self.most


def test_a_field_that_was_never_set_is_told_as_none() -> None:
    assert texts(Limit(3))[-4:] == ["'most'", "3", "'rest'", "None"]


class TestClasses:
    def test_a_class_is_told_by_its_members(self) -> None:
        class Base:
            """A base."""

        class Plain(Base):
            LEVEL = 3

            def over(self) -> int:
                return 17

        found = texts(Plain)
        here = f"class {__name__}.TestClasses.test_a_class_is_told_by_its_members.<locals>"
        assert found[:3] == [f"{here}.Plain", f"{here}.Base", "class builtins.object"]
        assert found[3:5] == ["LEVEL", "3"]
        assert found[5] == "over"
        assert "17" in found

    def test_a_class_of_attrs_by_its_fields(self) -> None:
        assert texts(Limit)[:8] == [
            f"class {__name__}.Limit",
            "class builtins.object",
            "most: int",
            "rest: str",
            "'most'",
            "class builtins.int",
            "'rest'",
            "class builtins.str",
        ]

    @pytest.mark.parametrize("made", ["attrs", "dataclass", "namedtuple"])
    def test_what_others_wrote_for_it_is_left_out(self, made: str) -> None:
        @attrs.define(order=True)
        class Defined:
            most: int = 3

        @dataclass(order=True)
        class Data:
            most: int = 3

        class Tuple(NamedTuple):
            most: int = 3

        told_of = texts({"attrs": Defined, "dataclass": Data, "namedtuple": Tuple}[made])
        left = {"__init__", "__eq__", "__lt__", "__hash__", "__getstate__", "__setstate__"}
        left |= {"__new__", "__ne__", "__match_args__", "__module__", "__dict__", "__weakref__"}
        assert not left & set(told_of)

    def test_what_a_user_wrote_is_told(self) -> None:
        def written(code: str, file: str) -> Any:
            held: dict[str, Any] = {"__name__": "mine"}
            exec(compile(code, file, "exec"), held)  # noqa: S102 - it is written right here
            return held["Mine"]

        plain = "class Mine:\n    def __call__(self):\n        return {}\n"
        wrapped = "class Mine:\n    @classmethod\n    def __call__(cls):\n        return {}\n"
        for file in ("<stdin>", "mine.py", "/home/me/attributes/mine.py"):
            for code in (plain, wrapped):
                one, other = (texts(written(code.format(n), file)) for n in (17, 18))
                assert "__call__" in one
                assert one != other

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (property(lambda _: 17), property(lambda _: 18)),
            (staticmethod(lambda: 17), staticmethod(lambda: 18)),
            (classmethod(lambda _: 17), classmethod(lambda _: 18)),
        ],
    )
    def test_wrapped_functions_are_told_by_their_code(self, one: Any, other: Any) -> None:
        assert texts(one) != texts(other)
        assert len(texts(one)) == len(texts(other))
        assert "17" in texts(one)

    def test_members_of_the_library_with_underscores_are_its_own(self) -> None:
        assert "__attrs_post_init__" not in texts(Control)
        assert "merge" in texts(Control)

    def test_the_library_but_its_views_is_told_by_its_release(self) -> None:
        parts = texts(Control)
        assert "'actor'" in parts  # a default of its own
        assert not [part for part in parts if part.startswith("timeline.phrases")]
        assert len(parts) < 2000

    def test_what_abc_keeps_for_itself_is_left_out(self) -> None:
        class Shape(ABC):
            @abstractmethod
            def size(self) -> int: ...

        assert "_abc_impl" in vars(Shape)
        assert not {"_abc_impl", "_abc._abc_data"} & set(texts(Shape))


def called(code: str, **names: Any) -> Callable[..., Any]:
    """Return a function ``f`` of some code, whose globals are some names."""
    held: dict[str, Any] = {"__name__": "mine", **names}
    exec(code, held)  # noqa: S102 - it is written in these tests
    made = held["f"]
    assert isinstance(made, FunctionType)
    return made


def module(name: str, file: str | None = None, **held: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(held, __file__=file)
    return made


INSTALLED = "/lib/python3/site-packages/theirs/__init__.py"


class TestFunctions:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("def f(x): return x + 1000", "def f(x): return x + 2000"),
            ("def f(x): return x.a", "def f(x): return x.b"),
            ("def f(x): return x + y", "def f(y): return x + y"),
            ("def f(x=1): return x", "def f(x=2): return x"),
            ("def f(*, x=1): return x", "def f(*, x=2): return x"),
            ("def f(): return lambda: 1000", "def f(): return lambda: 2000"),
            ("def f(): return None", "def f(): return ()"),
        ],
    )
    def test_other_code_is_told_otherwise(self, one: str, other: str) -> None:
        assert texts(called(one)) != texts(called(other))
        assert texts(called(one)) == texts(called(one))

    def test_what_a_function_names_is_told_however_deep_it_names_it(self) -> None:
        code = "def f(): return [step for _ in range(3)]"
        assert texts(called(code, step=1)) != texts(called(code, step=2))
        assert texts(called(code, other=1)) == texts(called(code, other=2))

    def test_what_a_function_encloses_is_told_by_its_name(self) -> None:
        code = "def outer(a, b):\n    def f(): return a, b\n    return f\nf = outer({}, {})"
        found = texts(called(code.format(17, 18)))
        assert found[found.index("a") :] == ["a", "17", "b", "18"]
        assert texts(called(code.format(18, 17))) != found

    def test_a_function_of_no_module_is_told(self) -> None:
        function = called("def f(): return theirs.size", theirs=module("theirs", INSTALLED, size=1))
        function.__module__ = None  # type: ignore[assignment]
        assert "theirs None" in texts(function)

    def test_a_package_installed_is_told_by_its_release(self) -> None:
        def of(file: str, size: int, release: str | None = "1", by: str = "mine") -> list[str]:
            theirs = module("theirs.sizes", file, size=size)
            if release is not None:
                vars(theirs)["__version__"] = release
            function = called("def f(): return theirs.size", theirs=theirs)
            function.__module__ = by
            return texts(function)

        for file in (INSTALLED, INSTALLED.replace("site-", "dist-")):
            assert of(file, 1) == of(file, 2)
            assert of(file, 1) != of(file, 1, "2")
            assert "theirs.sizes 1" in of(file, 1)
            assert "theirs.sizes None" in of(file, 1, None)
            # What is of one package with the code that names it is told by code.
            assert of(file, 1, by="theirs.folding.of") != of(file, 2, by="theirs.folding.of")
            assert of(file, 1, by="theirs") != of(file, 2, by="theirs")
            assert of(file, 1, by="their") == of(file, 2, by="their")
        assert of("/home/me/theirs/sizes.py", 1) != of("/home/me/theirs/sizes.py", 2)

    def test_modules_are_gone_through_once_and_one_after_the_other(self) -> None:
        def of(last: int) -> list[str]:
            inner, far = module("outer.inner"), module("outer.far", size=last)
            outer = module("outer", inner=inner, far=far, words=textwrap)
            vars(inner)["outer"] = vars(far)["inner"] = outer
            code = "def f(): return outer.inner.outer.far.inner.size, outer.words.dedent"
            return texts(called(code, outer=outer))

        found = of(17)
        assert "17" in found
        assert of(17) != of(18)
        assert found.count("outer.far.size") == 1
        assert "outer.words" in found
        assert "textwrap.dedent" not in found

    def test_modules_of_others_end_no_walk(self) -> None:
        theirs = module("theirs", INSTALLED, size=1)
        code = "def f(): return outer.a.size, outer.b.size, outer.c.size"
        for between in (theirs, os, 3):
            held = [module("outer.a", size=16), between, module("outer.c", size=18)]
            for order in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
                a, b, c = (held[place] for place in order)
                found = texts(called(code, outer=module("outer", a=a, b=b, c=c)))
                assert {"16", "18"} <= set(found)


def made(start: Any = 0) -> Projection[Any]:
    class Total(Projection[Any]):
        @on(Attack)
        def add(self, total: Any, _: Attack) -> Any:
            return total

    setattr(Total, "start", start)  # noqa: B010 - no class has a variable of a type that is open
    return Total()


def test_the_start_stands_in_the_fingerprint() -> None:
    assert fingerprint(made(0), int) != fingerprint(made(1), int)
    projection = made(0)
    projection.start = 1  # of this one alone
    assert settings(projection) == {"start": 1}
    assert fingerprint(projection, int) not in (
        fingerprint(made(0), int),
        fingerprint(made(1), int),
    )


def test_texts_that_cant_be_encoded_have_a_fingerprint() -> None:
    assert fingerprint(made("\ud800"), str) != fingerprint(made("\ud801"), str)


def test_only_the_version_of_the_language_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    prints = []
    for version in ((3, 11, 1), (3, 11, 2), (3, 12, 1)):
        python = SimpleNamespace(version_info=version, stdlib_module_names=sys.stdlib_module_names)
        monkeypatch.setattr(fingerprints, "sys", python)
        prints.append(fingerprint(made(), int))
    assert prints[0] == prints[1] != prints[2]


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    code = (
        "from timeline import Casualties, Control\n"
        "from timeline.folding.fingerprints import fingerprint\n"
        "from tests.faulty.sound import SOUND\n"
        "print([fingerprint(make(), int) for make in (Casualties, Control, *SOUND)])\n"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(prints) == 1
