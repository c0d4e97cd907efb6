"""Makes pytest items of laws: one for each law that applies, named by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from hypothesis import strategies as st

from timeline.claims import Said
from timeline.errors import MissingExtraError
from timeline.events import Event
from timeline.projection import Projection
from timeline.testing.laws.base import Law, Subject
from timeline.testing.laws.projections import LAWS
from timeline.testing.laws.running import Trial

__all__ = ["Laws", "check", "items"]


def items(cases: Sequence[tuple[str, str | None, Callable[[], None]]]) -> Callable[..., None]:
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
        __tracebackhide__ = True
        law()

    return test


def check(make: Callable[[], Projection[Any]], **options: Any) -> Callable[..., None]:
    """Gives a pytest test with one item for each law that applies, named by the law.

    Use it at the top of a test module: ``test_wounded = laws.check(Wounded)``. Options are those
    of ``verify``: ``examples``, ``seed``, ``histories``, ``events``, ``equal``, ``skip``.
    """
    examples, seed = options.pop("examples", None), options.pop("seed", None)
    trial = Trial(make, **options)

    def case(law: Law[Subject]) -> tuple[str, str | None, Callable[[], None]] | None:
        left_out = trial.reason(law)
        if left_out is not None and left_out[0] != "skipped":
            return None
        return (
            law.name,
            left_out and left_out[1],
            lambda: trial.run(law, examples=examples, seed=seed),
        )

    return items([made for law in LAWS if (made := case(law))])


class Laws:
    """The laws of a projection as a pytest class, for markers, fixtures and own strategies.

    Derive a ``Test…`` class and set ``projection``; ``histories``, ``events``, ``equal``, ``skip``
    and ``examples`` are optional and mean what they do for ``verify``. Each law that applies
    becomes a method ``test_<law>``.
    """

    projection: ClassVar[Callable[[], Projection[Any]]]
    histories: ClassVar[st.SearchStrategy[Sequence[Said]] | None] = None
    events: ClassVar[Sequence[st.SearchStrategy[Event]] | None] = None
    equal: ClassVar[Callable[[Any, Any], bool] | None] = None
    skip: ClassVar[Mapping[str, str]] = {}
    examples: ClassVar[int | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        plain = {name: _plain(cls, name) for name in ("projection", "equal")}
        trial = Trial(
            plain["projection"],
            histories=cls.histories,
            events=cls.events,
            equal=plain["equal"],
            skip=cls.skip,
        )
        for law in LAWS:
            left_out = trial.reason(law)
            if left_out is None or left_out[0] == "skipped":
                setattr(cls, f"test_{law.name}", _method(trial, law, left_out and left_out[1]))


def _plain(cls: type, name: str) -> Any:
    """A class's own function, not bound to it."""
    found = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
    return found.__func__ if isinstance(found, staticmethod) else found


def _method(trial: Trial, law: Law[Subject], skip: str | None) -> Callable[[Laws], None]:
    def test(self: Laws) -> None:
        __tracebackhide__ = True
        if skip:
            import pytest  # noqa: PLC0415 - only a pytest run gets here

            pytest.skip(skip)
        trial.run(law, examples=self.examples)

    test.__doc__ = law.statement
    return test
