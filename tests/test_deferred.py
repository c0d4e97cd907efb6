"""A field is worked out once, by whoever asks for it first, and is then as any other."""

from __future__ import annotations

import copy

import attrs
import pytest

from timeline.deferred import Deferring, deferred, made_with


@deferred("square", "cube")
@attrs.frozen(slots=False)
class Number(Deferring):
    """A number, and what it takes long to work out."""

    number: int
    square: int
    cube: int


class Work:
    """Works it out, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, int]:
        self.times += 1
        return {"square": 9, "cube": 27}


def test_fields_are_worked_out_once_and_when_they_are_asked_for() -> None:
    work = Work()
    number = made_with(Number, {"number": 3}, work)
    assert (number.number, work.times) == (3, 0)
    assert (number.cube, number.square, number.cube, work.times) == (27, 9, 27, 1)


def test_it_equals_one_that_was_made_with_all_of_them() -> None:
    work = Work()
    assert made_with(Number, {"number": 3}, work) == Number(3, 9, 27)
    assert hash(made_with(Number, {"number": 3}, work)) == hash(Number(3, 9, 27))
    assert repr(made_with(Number, {"number": 3}, work)) == "Number(number=3, square=9, cube=27)"


def test_a_copy_has_all_fields_and_no_way_to_work_them_out() -> None:
    work = Work()
    for number in (made_with(Number, {"number": 3}, work), Number(3, 9, 27)):
        for other in (copy.deepcopy(number), copy.copy(number)):
            assert other.__dict__ == {"number": 3, "square": 9, "cube": 27}


def test_what_nobody_can_work_out_is_missing() -> None:
    with pytest.raises(AttributeError, match="'Number' has no attribute 'square'"):
        _ = object.__new__(Number).square
    with pytest.raises(AttributeError, match="'Number' has no attribute 'cube'"):
        _ = Number.cube
