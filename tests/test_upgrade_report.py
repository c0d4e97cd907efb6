"""What the report on an older log lists, rule by rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from timeline import (
    Attack,
    Clash,
    Count,
    Event,
    Log,
    Place,
    Report,
    UnknownKindWarning,
    event,
    when,
)
from timeline.cli import main
from timeline.imported_kinds import UcdpEvent
from timeline.upgrade_report import RULES, ChangedAccount, upgrade_report

WIRE = Report("Wire", published="2022-09-16", text="first")
AGAIN = Report("Wire", published="2022-09-16", text="second")


@event("convoy/1")
class Convoy(Event):
    place: Place


def attack(name: str, **fields: object) -> Attack:
    given = {"killed": 1, "wounded": 0, "place": "Izium"} | fields
    return Attack(id=name, when="2022-09-10", **given)  # type: ignore[arg-type]


def found(log: Log, rule: str) -> list[tuple[str, int, str]]:
    return [
        (one.event_id, len(one.claims), one.detail) for one in upgrade_report(log).of_rule(rule)
    ]


def test_a_log_that_nothing_touches_has_no_accounts() -> None:
    log = Log()
    log.append(WIRE.says(attack("a")), Report("ISW", published="2022").says(attack("a")))
    log.append(WIRE.says(Clash(when="2022", sides=["A", "B"], id="c")))
    assert upgrade_report(log).changed == ()
    assert [line.partition(":")[0] for line in str(upgrade_report(log)).splitlines()] == list(RULES)


def test_versions_that_nobody_ordered_are_listed() -> None:
    log = Log()
    log.append(WIRE.says(attack("a", killed=5)), AGAIN.says(attack("a", killed=7)))
    assert found(log, "publication order") == [("a", 2, "2 claims count")]


def test_sources_that_nobody_ordered_are_listed_where_they_differ() -> None:
    log = Log()
    other = Report("Agency", published="2022-09-16")
    log.append(WIRE.says(attack("a", killed=5)), other.says(attack("a", killed=7)))
    log.append(WIRE.says(attack("b")), other.says(attack("b")))
    later = Report("Agency", published="2022-09-17")
    log.append(WIRE.says(attack("c", killed=5)), later.says(attack("c", killed=7)))
    assert found(log, "publication order") == [("a", 2, "2 claims count")]


def test_counts_that_were_blank_are_listed() -> None:
    log = Log()
    log.append(WIRE.says(Attack(id="a", when="2022", place="Izium", killed=3)))
    assert found(log, "unreported counts") == [("a", 1, "no figure for wounded")]


def test_battles_that_are_attacks_are_listed() -> None:
    def row(name: str, violence: str | None) -> UcdpEvent:
        return UcdpEvent(
            id=name, when=when("2014"), by="A", against="B", low=1, best=1, high=1, year=2014,
            killed=Count(1), wounded=Count(0), violence=violence,
        )  # fmt: skip

    log = Log()
    log.append(*(WIRE.says(row(n, v)) for n, v in (("u1", "state-based"), ("u3", "one-sided"))))
    log.append(WIRE.says(attack("acled:1", by="A", against="B")))
    log.append(WIRE.says(attack("acled:2", by="A", against="B", weapon="Shelling")))
    assert [one[0] for one in found(log, "fights have sides")] == ["acled:1", "u1"]


def test_claims_that_a_retraction_doesnt_reach_any_more_are_listed() -> None:
    log = Log()
    undated = Report("Wire")
    log.append(WIRE.says(attack("later")), undated.retracts("later", because="wrong"))
    log.append(claim := undated.says(attack("fell")), undated.retracts(claim, because="wrong"))
    log.append(WIRE.says(attack("never")))
    mistake = undated.retracts("voided", because="wrong")
    log.append(WIRE.says(attack("voided")), mistake, WIRE.voids(mistake, because="typed wrong"))
    assert found(log, "retractions") == [("later", 1, "1 retracted before and standing now")]


def test_kinds_that_cant_be_read_are_listed(tmp_path: Path) -> None:
    with Log(tmp_path / "war.db", events=[Convoy]) as log:
        log.append(WIRE.says(Convoy(id="c", when=when("2022"), place=Place("Izium"))))
    with Log(tmp_path / "war.db") as log, pytest.warns(UnknownKindWarning, match="convoy/1"):
        assert found(log, "unknown kinds") == [("c", 1, "kind convoy/1")]


def test_the_shell_prints_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = str(tmp_path / "war.db")
    with Log(where) as log:
        [entry] = log.append(WIRE.says(Attack(id="a", when="2022", place="Izium", killed=3)))
    assert main(["upgrade-report", where]) == 0
    assert "  a: no figure for wounded\n    Wire, claim " in capsys.readouterr().out
    assert main(["upgrade-report", where, "--csv"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("unreported counts,a,no figure")
    claim = entry.claim
    row = ChangedAccount("unreported counts", "a", (claim,), "x").to_dict()  # type: ignore[arg-type]
    assert row["sources"] == ["Wire"]
    assert row["claims"] == [claim.id]
