"""What a type checker says of a When, before the program runs."""

from timeline.times import When


def right(first: When, second: When) -> bool:
    """Gives whether the relation that is asked for remains possible."""
    return "before" in first.relation(second)


def a_when_is_made_by_keyword() -> When:
    """Two numbers side by side don't say which is which."""
    return When(1, 2)  # error: Too many positional arguments


def a_when_is_frozen(time: When) -> None:
    """A value that stands in the log can't be changed."""
    time.lo = 0  # error: read-only


def an_order_is_asked_of_another_when(time: When) -> None:
    """A text is read first, and only then compared."""
    time.before("2022-09-10")  # error: incompatible type "str"


def a_shape_is_one_of_three() -> When:
    """The shapes are named in the type."""
    return When(lo=0, hi=1, shape="about")  # error: incompatible type "Literal['about']"
