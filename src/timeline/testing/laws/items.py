"""Makes pytest items of laws: one for each law that applies, named by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from hypothesis import strategies as st

from timeline.claims import Said
from timeline.errors import MissingExtraError, ProjectionError
from timeline.events import Event
from timeline.projection import Projection
from timeline.testing.laws.base import Broken
from timeline.testing.laws.projections import LAWS
from timeline.testing.laws.running import Trial

__all__ = ["Laws", "check", "items"]


Case = tuple[str, str | None, Callable[[], None]]
"""An item: its name, why to skip it, what to run."""


def items(cases: Sequence[Case]) -> Callable[..., None]:
    """Gives one test function with an item for each case: its name, why to skip it, what to run."""
    try:
        import pytest  # noqa: PLC0415 - verify() works without it
    except ImportError as error:
        raise MissingExtraError(
            "laws.check makes pytest items and pytest isn't installed; install it, or use "
            "laws.verify"
        ) from error

    @pytest.mark.parametrize(
        "law",
        [
            pytest.param(run, id=name, marks=[pytest.mark.skip(reason=skip)] if skip else [])
            for name, skip, run in cases
        ],
    )
    def test(law: Callable[[], None]) -> None:
        try:
            law()
        except Broken as broken:
            failure = str(broken)
        else:
            return
        # Outside the except, so that the report is the finding and no trace of how it was found.
        pytest.fail(failure, pytrace=False)

    return test


def check(make: Callable[[], Projection[Any]], **options: Any) -> Callable[..., None]:
    """Gives a pytest test with one item for each law that applies, named by the law.

    Use it at the top of a test module: ``test_wounded = laws.check(Wounded)``. Options are those
    of ``verify``: ``examples``, ``seed``, ``histories``, ``events``, ``equal``, ``skip``.
    """
    examples, seed = options.pop("examples", None), options.pop("seed", None)
    return items(_cases(Trial(make, **options), examples, seed))


def _cases(trial: Trial, examples: int | None, seed: int | None) -> list[Case]:
    cases: list[Case] = []
    for law in LAWS:
        left_out = trial.reason(law)
        if left_out is None:
            cases.append((law.name, None, partial(trial.run, law, examples=examples, seed=seed)))
        elif left_out[0] == "skipped":
            cases.append((law.name, left_out[1], partial(trial.run, law)))
    return cases


class Laws:
    """The laws of a projection as a pytest class, for markers, fixtures and own strategies.

    Derive a ``Test…`` class and set ``projection``; ``histories``, ``events``, ``equal``, ``skip``,
    ``examples`` and ``seed`` are optional and mean what they do for ``verify``. Each law that
    applies becomes a method ``test_<law>``. Raises ``ProjectionError`` for a class without
    ``projection``, which would test nothing.
    """

    projection: ClassVar[Callable[[], Projection[Any]]]
    histories: ClassVar[st.SearchStrategy[Sequence[Said]] | None] = None
    events: ClassVar[Sequence[st.SearchStrategy[Event]] | None] = None
    equal: ClassVar[Callable[[Any, Any], bool] | None] = None
    skip: ClassVar[Mapping[str, str]] = {}
    examples: ClassVar[int | None] = None
    seed: ClassVar[int | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        make = _plain(cls, "projection")
        if make is None:
            raise ProjectionError(
                f"{cls.__name__} has no projection to test; set projection = Wounded, or whatever "
                "yours is called"
            )
        trial = Trial(
            make,
            histories=cls.histories,
            events=cls.events,
            equal=_plain(cls, "equal"),
            skip=cls.skip,
        )
        for case in _cases(trial, cls.examples, cls.seed):
            setattr(cls, f"test_{case[0]}", _method(case))


def _plain(cls: type, name: str) -> Any:
    """A class's own function, not bound to it."""
    found = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
    return found.__func__ if isinstance(found, staticmethod) else found


def _method(case: Case) -> Callable[[Laws], None]:
    name, skip, run = case
    test = items([case])

    def method(_: Laws) -> None:
        if skip:
            import pytest  # noqa: PLC0415 - only a pytest run gets here

            pytest.skip(skip)
        test(run)

    method.__doc__ = next(law.statement for law in LAWS if law.name == name)
    return method
