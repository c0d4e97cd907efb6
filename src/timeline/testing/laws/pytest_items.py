"""Makes pytest items of laws: one for each law that applies, named by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar
from warnings import catch_warnings, simplefilter

from hypothesis import example, given
from hypothesis import seed as seeded
from hypothesis import strategies as st

from timeline.claims import Said
from timeline.errors import MissingExtraError, ProjectionError
from timeline.events import Event
from timeline.log import Log
from timeline.projection import Projection
from timeline.testing.choices import Case
from timeline.testing.laws.base import Broken, Law, Verdict
from timeline.testing.laws.law_suite import CORPUS, LawSuite, chosen_settings
from timeline.testing.laws.runner import sameness, stretches, trial

__all__ = ["Laws", "check", "check_log", "check_same", "checked"]


def _failed() -> Any:
    """The failure whose report is the finding, and no trace of how it was found."""
    failed: Any = _pytest().fail.Exception

    class LawFailed(failed):  # type: ignore[misc]
        def __init__(self, broken: Broken) -> None:
            super().__init__(str(broken), pytrace=False)
            self.broken = broken

        def __str__(self) -> str:
            # Hypothesis adds how to reproduce it after it was raised.
            notes = [note for note in getattr(self, "__notes__", ()) if "reproduce" in note]
            return "\n\n".join([str(self.broken), *notes])

        __repr__ = __str__

    return LawFailed


def _pytest() -> Any:
    try:
        return import_module("pytest")
    except ImportError as error:
        raise MissingExtraError(
            "laws.check makes pytest items and pytest isn't installed; install it, or use "
            "laws.verify"
        ) from error


def _tested(
    suite: LawSuite[Any], run: Callable[..., None], examples: int | None, seed: int | None
) -> Callable[..., None]:
    """Return a test of Hypothesis, with the corpus as its explicit example."""
    test: Any = given(case=st.deferred(lambda: suite.cases))(run)
    test = chosen_settings(examples, print_blob=True)(example(case=CORPUS)(test))
    return seeded(seed)(test) if seed is not None else test  # type: ignore[no-any-return]


def _hold(suite: LawSuite[Any], law: Law[Any], case: Case, failed: Any) -> None:
    try:
        suite.hold(law, case)
    except Broken as broken:
        if broken.law is not law:
            _pytest().skip(f"the projection raises: see {broken.law.name}")
        raise failed(broken) from None


def _marked(test: Any) -> Any:
    """A test with the marker ``laws``, unless pytest is told to know its markers and doesn't."""
    pytest = _pytest()
    with catch_warnings():
        simplefilter("ignore")
        try:
            return pytest.mark.laws(test)
        except pytest.fail.Exception:
            return test


def checked(
    suite: LawSuite[Any],
    *,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
) -> Callable[..., None]:
    """Return a pytest test with one item for each law that applies, named by the law.

    Each is a test of Hypothesis: its settings, seeds, statistics, example database and
    ``@reproduce_failure`` mean what they mean there. All have the marker ``laws``.
    """
    pytest, failed = _pytest(), _failed()
    wanted = None if only is None else suite.named(only)
    items = []
    for law in suite.laws:
        why = suite.left_out(law)
        if (wanted is None or law.name in wanted) and (why is None or why.outcome == "skipped"):
            marks = [pytest.mark.skip(reason=why.reason)] if why else []
            items.append(pytest.param(law, id=law.name, marks=marks))

    def test(law: Law[Any], case: Case) -> None:
        _hold(suite, law, case, failed)

    def test_nested(law: Law[Any]) -> None:
        _hold(suite, law, CORPUS, failed)

    # A law of stores runs a state machine, which is a test of Hypothesis by itself.
    one = test_nested if suite.nested else _tested(suite, test, examples, seed)
    made = pytest.mark.parametrize("law", items)(one)
    return _marked(made)  # type: ignore[no-any-return]


def check(
    make: Callable[[], Projection[Any]],
    *,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    **options: Any,
) -> Callable[..., None]:
    """Return a pytest test with one item for each law that applies, named by the law.

    Use it at the top of a test module: ``test_wounded = laws.check(Wounded)``. Options are those
    of ``verify``: ``histories``, ``events``, ``equal``, ``skip``, ``laws``.
    """
    return checked(trial(make, **options), examples=examples, seed=seed, only=only)


def check_same(
    make: Callable[[], Projection[Any]],
    definition: Callable[[], Projection[Any]],
    *,
    examples: int | None = None,
    seed: int | None = None,
    **options: Any,
) -> Callable[..., None]:
    """Return a pytest test that holds a projection to another one, which is its definition."""
    both = sameness(definition)
    suite = trial(make, laws=[both], **options)
    return checked(suite, examples=examples, seed=seed, only=[both.name])


def check_log(
    make: Callable[[], Projection[Any]],
    log: Log | Iterable[str],
    *,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    **options: Any,
) -> Callable[..., None]:
    """Return a pytest test that tries the laws on a real log: its arrivals and cuts are permuted.

    ``log`` is a Log, or JSON Lines: an open file, or the ``lines`` of a counterexample.
    """
    suite = trial(make, histories=stretches(log), **options)
    return checked(suite, examples=examples, seed=seed, only=only)


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
        for law in tried.laws:
            why = tried.left_out(law)
            if why is None or why.outcome == "skipped":
                setattr(cls, f"test_{law.name}", _method(tried, law, why, cls))


def _plain(cls: type, name: str) -> Any:
    """A class's own function, not bound to it."""
    found = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
    return found.__func__ if isinstance(found, staticmethod) else found


def _method(
    suite: LawSuite[Any], law: Law[Any], why: Verdict | None, cls: type[Laws]
) -> Callable[..., None]:
    pytest, failed = _pytest(), _failed()

    def method(self: Laws, case: Case) -> None:  # noqa: ARG001 - a method of a test class
        _hold(suite, law, case, failed)

    method.__name__ = f"test_{law.name}"
    method.__qualname__ = f"{suite.home}/{law.name}"
    method.__doc__ = law.statement
    test = _marked(_tested(suite, method, cls.examples, cls.seed))
    return pytest.mark.skip(reason=why.reason)(test) if why else test  # type: ignore[no-any-return]
