"""Pushes on every door with bytes that nobody should send; see ``tests.untrusted_inputs``."""

from __future__ import annotations

import resource
from collections.abc import Callable
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.untrusted_inputs import DOORS, REPORT, SEEDS, knock
from timeline import Attack, Count, Log, Place, Report, TerritorialChange, When, when
from timeline.canonical import MOST_BYTES
from timeline.counts import MOST
from timeline.errors import EventError, TimelineError, WhenError

FAST = {"EDTF", "a phrase", "a report", "a body", "a proof"}


def altered(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """A seed with a part of it replaced, doubled or dropped, or bytes of chance."""

    def change(seed: bytes, start: int, length: int, new: bytes, times: int) -> bytes:
        start %= len(seed) + 1
        return seed[:start] + (new or seed[start : start + length]) * times + seed[start + length :]

    number = st.integers(0, 200)
    changed = st.builds(
        change, st.sampled_from(seeds), number, number, st.binary(max_size=6), st.integers(0, 3)
    )
    return st.one_of(changed, st.sampled_from(seeds), st.binary(max_size=60))


@pytest.mark.parametrize("name", DOORS)
def test_a_door_lets_nothing_out_but_the_librarys_errors(name: str) -> None:
    examples = settings().max_examples

    @settings(max_examples=examples * 2 if name in FAST else max(examples // 3, 1))
    @given(data=altered(SEEDS[name]))
    def push(data: bytes) -> None:
        knock(name, data)

    for seed in SEEDS[name]:
        knock(name, seed)
    push()


def nested(depth: int) -> Place:
    return reduce(lambda inside, _: Place("p", within=inside), range(depth), Place("p"))


# What would take all time or memory if it were worked out before it is refused.
TOO_MUCH: dict[str, tuple[Callable[[], object], type[TimelineError]]] = {
    "a long EDTF": (lambda: when("2" * 10**7), WhenError),
    "a long set": (lambda: when("[" + "2022," * 10**6 + "2022]"), WhenError),
    "a year of many digits": (lambda: when("Y" + "9" * 4000), WhenError),
    "an exponent of a year": (lambda: when("Y1E999999999"), WhenError),
    "a time of many digits": (lambda: When(lo=10**5000), WhenError),
    "a long phrase": (lambda: REPORT.when("last " * 10**6), WhenError),
    "a phrase with a long number": (lambda: REPORT.when("9" * 10**5 + " days ago"), WhenError),
    "a phrase of far away": (lambda: REPORT.when("999999999999 years ago"), WhenError),
    "a fraction's exponent": (
        lambda: TerritorialChange(when="2022", place="p", to="x", share="1e-999999999"),
        EventError,
    ),
    "a fraction of many digits": (
        lambda: TerritorialChange(when="2022", place="p", to="x", share="1/" + "9" * 10**6),
        EventError,
    ),
    "a count of many digits": (lambda: Count(10**5000), EventError),
    "a count beyond the most": (lambda: Count(low=MOST + 1), EventError),
    "places in places": (lambda: nested(40), EventError),
    "a report beyond all bounds": (
        lambda: Report("Wire", text="x" * (MOST_BYTES + 1)).body,
        EventError,
    ),
    "a lone surrogate": (
        lambda: Log().append(REPORT.says(Attack(when="2022", id="\ud800"))),
        EventError,
    ),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_would_take_all_there_is_is_refused_at_once(name: str) -> None:
    make, error = TOO_MUCH[name]
    limits = resource.getrlimit(resource.RLIMIT_CPU)
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    # A hang would end the run with a signal, and not last for ever; no clock decides the test.
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 60, limits[1]))
    try:
        with pytest.raises(error) as refused:
            make()
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, limits)
    assert len(str(refused.value)) < 1000


def test_the_most_that_is_taken_can_be_written_and_read() -> None:
    with Log() as log:
        event = Attack(when="2022", place=nested(31), killed=MOST, wounded=Count(about=MOST // 2))
        log.append(REPORT.says(event))
        (entry,) = log
        assert entry.claim.event == event  # type: ignore[union-attr]
        assert str(MOST) in str(event)
