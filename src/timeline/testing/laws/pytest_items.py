"""Makes pytest items of laws: one for each law that applies, named by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from hypothesis import strategies as st

from timeline.claims import Said
from timeline.errors import MissingExtraError, ProjectionError
from timeline.events import Event
from timeline.projection import Projection
from timeline.testing.laws.base import Broken
from timeline.testing.laws.law_suite import Case, LawSuite, cases
from timeline.testing.laws.projections import LAWS
from timeline.testing.laws.runner import trial

__all__ = ["Laws", "check", "checked"]


def _items(cases: Sequence[Case]) -> Callable[..., None]:
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


def checked(
    plug: LawSuite[Any], *, examples: int | None = None, seed: int | None = None
) -> Callable[..., None]:
    """Gives a pytest test with one item for each law that applies, named by the law."""
    return _items(cases(plug, examples=examples, seed=seed))


def check(
    make: Callable[[], Projection[Any]],
    *,
    examples: int | None = None,
    seed: int | None = None,
    **options: Any,
) -> Callable[..., None]:
    """Gives a pytest test with one item for each law that applies, named by the law.

    Use it at the top of a test module: ``test_wounded = laws.check(Wounded)``. Options are those
    of ``verify``: ``histories``, ``events``, ``equal``, ``skip``.
    """
    return checked(trial(make, **options), examples=examples, seed=seed)


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
        tried = trial(
            make,
            histories=cls.histories,
            events=cls.events,
            equal=_plain(cls, "equal"),
            skip=cls.skip,
        )
        for case in cases(tried, examples=cls.examples, seed=cls.seed):
            setattr(cls, f"test_{case[0]}", _method(case))


def _plain(cls: type, name: str) -> Any:
    """A class's own function, not bound to it."""
    found = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
    return found.__func__ if isinstance(found, staticmethod) else found


def _method(case: Case) -> Callable[[Laws], None]:
    name, skip, run = case
    test = _items([case])

    def method(_: Laws) -> None:
        if skip:
            import pytest  # noqa: PLC0415 - only a pytest run gets here

            pytest.skip(skip)
        test(run)

    method.__doc__ = next(law.statement for law in LAWS if law.name == name)
    return method
