"""Answers with their proofs: what holds is shown, and whatever was changed is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reasons import TAKEN, izium
from timeline import Casualties, Control, Log, Report
from timeline.errors import LogError, ProofError
from timeline.proofs import SigningKey
from timeline.why_bundle import Bundle

SECRET = SigningKey.generate("example.org/war")


def bundle(log: Log, **question: Any) -> str:
    signed = str(log.checkpoint(SECRET))
    return str(log.bundle(Control(), "Izium", checkpoint=signed, **question))


def test_an_answer_is_checked_without_the_log() -> None:
    with izium() as log:
        text = bundle(log, at="2022-09-11")
        log.append(Report("ISW", published="2022-09-12").retracts(TAKEN, because="it was wrong"))
    checked = Bundle.read(text).check(Control(), key=SECRET.public)
    assert checked.answer == "Ukraine"
    assert [entry.position for entry in checked.entries] == [3]
    assert checked.origin == "example.org/war"
    assert str(Bundle.read(text)) == text
    with izium() as log:
        signed = str(log.checkpoint(SECRET))
        for why in (
            log.why(Control(), "Izium", at="2022-09-11"),
            log.keep(Control()).why("Izium", at="2022-09-11"),
        ):
            mine = why.bundle(checkpoint=signed)
            assert mine.check(Control(), key=SECRET.public).answer == "Ukraine"
        with pytest.raises(LogError, match="no log that could prove them"):
            log.as_of().why(Control(), "Izium").bundle()


def test_what_was_changed_is_refused() -> None:
    with izium() as log:
        text = bundle(log, at="2022-09-11")
    parts = json.loads(text)
    for changed, why in (
        ({"answer": "Russia"}, "give 'Ukraine', not 'Russia'"),
        ({"at": 1}, "give '"),
        ({"proofs": []}, "no proof: an answer without entries shows nothing"),
        ({"projection": "Casualties"}, "an answer of Casualties, not of Control"),
        ({"format": "timeline why/9"}, "has the format"),
        ({"proofs": ["no proof"]}, "proof"),
        ({"proofs": [parts["proofs"][0].replace("extra e", "extra f")]}, "proof|entry|JSON"),
    ):
        with pytest.raises(ProofError, match=why):
            Bundle.read(json.dumps(parts | changed)).check(Control(), key=SECRET.public)
    with pytest.raises(ProofError, match="no bundle of an answer"):
        Bundle.read("{")
    with pytest.raises(ProofError):
        Bundle.read(text).check(Control(), key=SigningKey.generate("example.org/war").public)
    with pytest.raises(ProofError, match="an answer of Control, not of Casualties"):
        Bundle.read(text).check(Casualties(), key=SECRET.public)


def test_what_cant_be_written_down_is_refused() -> None:
    with izium() as log:
        with pytest.raises(LogError, match="trust that is a list"):
            log.bundle(Control(), "Izium", trust=lambda claim: claim.source)
        with pytest.raises(LogError, match="rests on no entry"):
            log.bundle(Control(), "Nowhere")
