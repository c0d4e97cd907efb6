"""Tests the errors as one family: one root, each also a builtin, each able to travel."""

from __future__ import annotations

import builtins
import pickle

import pytest

from timeline import errors
from timeline.errors import PhraseError, TimelineError

ERRORS = [getattr(errors, name) for name in errors.__all__]
BUILTINS = tuple(
    one
    for one in vars(builtins).values()
    if isinstance(one, type)
    and issubclass(one, Exception)
    and one not in (Exception, ExceptionGroup)
)


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_the_one_root_and_is_a_builtin_too(error: type[Exception]) -> None:
    assert issubclass(error, TimelineError | UserWarning)
    assert error is TimelineError or issubclass(error, BUILTINS)


@pytest.mark.parametrize("error", [one for one in ERRORS if one is not PhraseError])
def test_an_error_travels_to_another_process(error: type[Exception]) -> None:
    sent = pickle.loads(pickle.dumps(error("what went wrong")))  # noqa: S301 - our own bytes
    assert type(sent) is error
    assert str(sent) == "what went wrong"


def test_a_phrase_error_keeps_its_phrase_and_reason() -> None:
    sent = pickle.loads(pickle.dumps(PhraseError("later", "it needs an anchor")))  # noqa: S301
    assert (sent.phrase, sent.reason) == ("later", "it needs an anchor")
    assert str(sent) == "cannot date 'later': it needs an anchor"
