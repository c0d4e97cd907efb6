"""Asks a log of two releases of UCDP's events in Ukraine for every figure known of them."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import attrs
import pytest

from tests.readers import json_of
from tests.real import data_file
from timeline import (
    Account,
    Casualties,
    Certainty,
    Claim,
    Count,
    Log,
    Projection,
    Report,
    SplitInto,
    chronology,
    on,
    when,
)
from timeline.importers import (
    IMPORTED,
    Accepted,
    ImportSummary,
    Outcome,
    Refused,
    UcdpClash,
    UcdpEvent,
    import_into,
    ucdp,
    ucdp_release,
)

pytestmark = pytest.mark.xdist_group("ucdp data")  # read once

# Figures of the answer file that aren't about events, with the reason.
NOT_OURS = {
    "note": "how the answers were computed",
    "releases.19.1.file": "where the file was found",
    "releases.20.1.file": "where the file was found",
}

# When the log learned a release, and when UCDP published it (only the year is sure).
RELEASES = {"19.1": ("2019-06-15T12:00", "2019"), "20.1": ("2020-06-15T12:00", "2020")}
REPORTS = {
    release: ucdp_release(release, published=published)
    for release, (_, published) in RELEASES.items()
}


@attrs.frozen
class Figures:
    """What UCDP adds up; figures add up part by part."""

    rows: int = 0
    best: int = 0
    low: int = 0
    high: int = 0
    deaths_civilians: int = 0

    def __add__(self, other: Figures) -> Figures:
        pairs = zip(attrs.astuple(self), attrs.astuple(other), strict=True)
        return Figures(*(one + two for one, two in pairs))


Row = UcdpClash | UcdpEvent
"""A row of UCDP GED: fighting is a clash, one-sided violence an attack."""


class Total(Projection[Figures]):
    """The figures of all events, from the numbers as the release has them."""

    start = Figures()

    @on(UcdpClash)
    def add_clash(self, state: Figures, event: UcdpClash) -> Figures:
        return self.added(state, event)

    @on(UcdpEvent)
    def add_attack(self, state: Figures, event: UcdpEvent) -> Figures:
        return self.added(state, event)

    @staticmethod
    def added(state: Figures, row: Row) -> Figures:
        return state + Figures(1, row.best, row.low, row.high, row.deaths_civilians or 0)


class By(Total):
    """The same for each value of a column, which is anything that an event tells."""

    def __init__(self, column: Callable[[Row], Hashable]) -> None:
        self.column = column

    def key(self, event: Row) -> Hashable:
        return self.column(event)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Return every figure of an answer file with the path to it; an empty list is one."""
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from leaves(part, f"{path}.{place}")
    else:
        yield path, value


def number(account: Account) -> str:
    return account.event.id.removeprefix("ucdp:")


def events(accounts: Sequence[Account]) -> list[Row]:
    told = [
        account.event for account in accounts if isinstance(account.event, UcdpClash | UcdpEvent)
    ]
    assert len(told) == len(accounts)
    return told


def n_and_best(accounts: Sequence[Account]) -> dict[str, int]:
    return {"n": len(accounts), "best": sum(one.best for one in events(accounts))}


def month(event: Row) -> str | None:
    """The month in which it began; None, which is left out, from 2016 on."""
    begun = event.when.earliest
    assert begun is not None
    return f"{begun:%Y-%m}" if begun.year < 2016 else None


def length(account: Account) -> int:
    """The days between its first and its last day."""
    first, end = account.when.earliest, account.when.latest
    assert first is not None
    assert end is not None
    return (end - first).days - 1


def longest(accounts: Sequence[Account], positions: dict[str, int]) -> list[list[Any]]:
    """The three that may have lasted longest; equal ones in the order that UCDP lists them in."""
    found = []
    for account in sorted(accounts, key=lambda one: (-length(one), positions[one.counted[0].id]))[
        :3
    ]:
        first, end = account.when.earliest, account.when.latest
        assert first is not None
        assert end is not None
        last = end - timedelta(days=1)
        found.append([number(account), f"{first:%F}", f"{last:%F}", length(account)])
    return found


def in_july_2014(accounts: Sequence[Account]) -> dict[str, dict[str, int]]:
    june, july, august = when("2014-06"), when("2014-07"), when("2014-08")
    within, overlapping = [], []
    for account in accounts:
        after_june = june.before(account.when) is Certainty.CERTAIN
        if after_june and account.when.before(august) is Certainty.CERTAIN:
            within.append(account)
        order = {july.before(account.when), account.when.before(july)}
        if Certainty.CERTAIN not in order:
            overlapping.append(account)
    exact = [one for one in within if events([one])[0].date_prec == 1]
    return {
        "certainly_within": n_and_best(within),
        "possibly_within_overlap": n_and_best(overlapping),
        "exact_day_only_prec1": n_and_best(exact),
    }


def reported(by_source: Log, total: int) -> dict[str, dict[str, int]]:
    """What was reported by a day, and what had happened by then: published and valid time."""
    found = {}
    for day in ("2014-07-17", "2014-09-05", "2015-02-15"):
        told = by_source.accounts(published=day)
        begun = by_source.accounts(at=day, reading="possible")
        both = by_source.accounts(at=day, reading="possible", published=day)
        assert len(told) < total
        found[day] = n_and_best(told) | {
            "occurred_and_reported_n": len(both),
            "occurred_not_yet_reported_n": len(begun) - len(both),
        }
    return found


def anomalies(accounts: Sequence[Account], by_source: Log) -> dict[str, Any]:
    told = sorted(events(accounts), key=lambda one: one.id)
    sources = by_source.accounts()
    first = min(filter(None, (one.claims[0].published.earliest for one in sources)))
    return {
        "best_zero": sum(one.best == 0 for one in told),
        "low_gt_best": [one.id.removeprefix("ucdp:") for one in told if one.low > one.best],
        "best_gt_high": [one.id.removeprefix("ucdp:") for one in told if one.best > one.high],
        "min_source_date_before_event_start": sum(
            one.claims[0].published.before(one.when) is Certainty.CERTAIN for one in sources
        ),
        "earliest_source_date": f"{first:%F}",
    }


def answers(log: Log, by_source: Log, known: int) -> dict[str, Any]:
    """Every figure of one release, as known at a position of the log."""

    def by(column: Callable[[Row], Hashable]) -> dict[str, Figures]:
        return {str(key): told for key, told in log.ask(By(column), known=known).items()}

    def rows(groups: dict[str, Figures]) -> dict[str, int]:
        return {key: told.rows for key, told in groups.items()}

    def best(groups: dict[str, Figures]) -> dict[str, int]:
        return {key: told.best for key, told in groups.items()}

    told = chronology(log, known=known)
    order = [number(account) for account in told]
    in_all = log.ask(Total(), known=known)
    years, dyads, oblasts = (
        by(lambda one: one.year),
        by(lambda one: one.dyad),
        by(lambda one: one.adm1),
    )
    return attrs.asdict(in_all) | {
        "by_year": {
            name: {year: getattr(figures, name) for year, figures in years.items()}
            for name in ("best", "low", "high", "deaths_civilians")
        },
        "events_by_year": rows(years),
        "events_by_date_prec": rows(by(lambda one: one.date_prec)),
        "events_by_where_prec": rows(by(lambda one: one.where_prec)),
        "events_by_clarity": rows(by(lambda one: one.clarity)),
        "events_by_dyad": rows(dyads),
        "best_by_dyad": best(dyads),
        "events_by_adm1": rows(oblasts),
        "best_by_adm1": best(oblasts),
        "best_by_start_month_2014_2015": best(by(month)),
        "anomalies": anomalies(told, by_source),
        "chronology_sha256_of_ids": sha256("\n".join(order).encode()).hexdigest(),
        "chronology_first5": order[:5],
        "chronology_last5": order[-5:],
        "interval_2014_07": in_july_2014(told),
        "multi_day_longest": longest(told, {entry.claim.id: entry.position for entry in log}),
        "reported_by_first_source_date": reported(by_source, len(told)),
    }


TRACKED = (
    "date_prec", "where_prec", "low", "best", "high",
    "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown",
)  # fmt: skip


def difference(log: Log, known: int) -> dict[str, Any]:
    """What changed since a position of the log, from what stood then and what stands now."""
    then = {one.id: one for one in events(log.accounts(known=known))}
    now = {one.id: one for one in events(log.accounts())}
    added = [one for name, one in now.items() if name not in then]
    removed = [one for name, one in then.items() if name not in now]
    last_year = max(one.year for one in then.values())
    changes = [
        [name.removeprefix("ucdp:"), field, getattr(old, field), getattr(now[name], field)]
        for name, old in then.items()
        for field in TRACKED
        if name in now and getattr(old, field) != getattr(now[name], field)
    ]
    return {
        "common": len(then.keys() & now.keys()),
        "removed_n": len(removed),
        "removed_ids": [one.id for one in removed],
        "removed_best_sum": sum(one.best for one in removed),
        "added_n": len(added),
        "added_best_sum": sum(one.best for one in added),
        "added_ids_for_years_already_covered_n": sum(one.year <= last_year for one in added),
        "events_with_any_tracked_change": len({change[0] for change in changes}),
        "changes": changes,
    }


def told(release: str, **options: Any) -> Iterator[Outcome]:
    """The rows of a release, those out of order with their range opened."""
    path = data_file(f"ucdp_ged_ukraine_v{release}.csv")
    with path.open("rb") as file:
        yield from ucdp(file, REPORTS[release], **{"disorder": "widen", **options})


@pytest.fixture(scope="module")
def expected() -> Any:
    return json_of(data_file("ucdp_expected_19.1_20.1.json"))


@pytest.fixture(scope="module")
def claims() -> dict[str, list[Claim]]:
    """What UCDP says in each release: every row, the unchanged ones again."""
    return {
        release: [
            claim
            for outcome in told(release)
            if isinstance(outcome, Accepted)
            for claim in outcome.said
            if isinstance(claim, Claim)
        ]
        for release in RELEASES
    }


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    path = tmp_path_factory.mktemp("ucdp") / "ucdp.db"
    with Log(path) as log:
        found = [
            import_into(log, told(release), release=REPORTS[release], recorded=recorded)
            for release, (recorded, _) in RELEASES.items()
        ]
    assert found == [
        ImportSummary(new=993, ignored=1),
        ImportSummary(new=174, changed=3, again=990, ignored=1),
    ]
    with Log(path, events=IMPORTED) as log:
        yield log


@pytest.fixture(scope="module")
def by_source() -> Iterator[dict[str, Log]]:
    """For each release a log in which every event is said by the articles that it cites.

    The figures take 1753-01-01 for a day like others, and so does this.
    """
    logs = {release: Log() for release in RELEASES}
    for release, log in logs.items():
        import_into(log, told(release, says="articles", undated=()))
    yield logs
    for log in logs.values():
        log.close()


def test_every_figure(log: Log, by_source: dict[str, Log], expected: Any) -> None:
    found = dict(leaves({
        "releases": {
            "19.1": answers(log, by_source["19.1"], 993),
            "20.1": answers(log, by_source["20.1"], log.head),
        },
        "diff_19.1_to_20.1": difference(log, 993),
    }))  # fmt: skip
    figures = dict(leaves(expected))
    # The later release writes a day with a midnight; we write days as days.
    wanted = {
        path: value.removesuffix(" 00:00:00.000") if isinstance(value, str) else value
        for path, value in figures.items()
        if path not in NOT_OURS
    }
    wrong = {
        path: (found.get(path), value) for path, value in wanted.items() if found.get(path) != value
    }
    assert not wrong
    assert found.keys() == wanted.keys()
    assert figures.keys() - wanted.keys() == NOT_OURS.keys()
    assert (len(wanted), len(figures)) == (326, 329)


def test_each_axis_gives_the_first_release(log: Log, claims: dict[str, list[Claim]]) -> None:
    by_position = log.accounts(known=993)
    assert len(by_position) == 993
    assert log.accounts(known="2019-06-15") == by_position
    assert log.accounts(known="2020-06-14") == by_position
    assert log.accounts(published="2019") == by_position
    # What was learned later changes nothing of it, and either store keeps the same.
    with Log() as first:
        first.append(*claims["19.1"])
        assert first.accounts() == by_position
        first.append(*claims["20.1"])
        # The import also says what it replaces, so the claims are others.
        assert [one.event for one in first.accounts()] == [one.event for one in log.accounts()]
        assert first.accounts(known=993) == by_position


def test_before_the_first_release_nothing_is_known(log: Log) -> None:
    assert log.ask(Total(), known=0) == Figures()
    assert log.ask(Total(), published="2018") == Figures()
    # Out at some time in 2019: by June it needn't have been.
    assert log.ask(Total(), published="2019-06") == Figures()


def test_the_later_release_of_one_source_counts(log: Log) -> None:
    (account,) = (one for one in log.accounts() if number(one) == "257655")
    # The later one replaced the earlier one, which is still what was known before.
    assert [claim.report.title for claim in account.claims] == ["UCDP GED 20.1"]
    assert [claim.report.title for claim in account.counted] == ["UCDP GED 20.1"]
    assert not account.disputed  # a source that corrects itself contradicts nobody
    (corrected,) = events([account])
    assert (corrected.deaths_b, corrected.deaths_unknown) == (0, 3)


def test_a_release_may_replace_what_it_corrects(claims: dict[str, list[Claim]]) -> None:
    (old,) = (one for one in claims["19.1"] if one.event.id == "ucdp:257655")
    (new,) = (one for one in claims["20.1"] if one.event.id == "ucdp:257655")
    with Log() as log:
        log.append(old, new.report.says(new.event, replaces=old))
        (account,) = log.accounts()
        assert (account.event, len(account.claims)) == (new.event, 1)
        assert [one.event for one in log.accounts(known=1)] == [old.event]


def dead_by_side(rows: Iterable[Row]) -> dict[str | None, int]:
    """Whose dead they are by UCDP's code book: of one-sided violence, side B is the civilians."""
    dead: defaultdict[str | None, int] = defaultdict(int)
    for row in rows:
        a, b = (row.by, row.against) if isinstance(row, UcdpEvent) else row.sides
        dead[a] += row.deaths_a or 0
        dead["civilians" if row.violence == "one-sided" else b] += row.deaths_b or 0
        dead["civilians"] += row.deaths_civilians or 0
        dead[None] += row.deaths_unknown or 0
    return dead


def test_casualties_of_attacks(log: Log, expected: Any) -> None:
    """The view that comes with the library handles UCDP's rows, because they are Attacks."""
    for known, release in ((993, "19.1"), (log.head, "20.1")):
        told = events(log.accounts(known=known))
        figures = expected["releases"][release]
        tally = log.ask(Casualties(), known=known)
        assert tally.total.killed.best == figures["best"]
        # In rows out of order the lesser and the greater number bound the count.
        lowered = sum(one.low - one.killed.low for one in told)
        raised = sum((one.killed.high or 0) - one.high for one in told)
        assert tally.total.killed.low == figures["low"] - lowered
        assert tally.total.killed.high == figures["high"] + raised
        assert sum(toll.events for toll in tally.by_place.values()) == tally.total.events
        harmless = sum(one.low == one.best == one.high == 0 for one in told)
        assert tally.total.events == figures["rows"] - harmless
        dead = {side: toll.killed.best for side, toll in tally.by_side.items()}
        assert dead == dead_by_side(told)


def test_rows_out_of_order_are_kept_with_the_reason(log: Log, expected: Any) -> None:
    for known, release in ((993, "19.1"), (log.head, "20.1")):
        anomalies = expected["releases"][release]["anomalies"]
        wanted = {*anomalies["low_gt_best"], *anomalies["best_gt_high"]}
        told = events(log.accounts(known=known))
        disordered = {one.id.removeprefix("ucdp:"): one for one in told if one.summary}
        assert disordered.keys() == wanted
        for name, one in disordered.items():
            with pytest.raises(ValueError, match="needs low <= best <= high"):
                Count(low=one.low, best=one.best, high=one.high)
            assert str(one) == (
                f"UCDP event {name}, given as low {one.low}, best {one.best}, high {one.high}"
            )


def test_hearing_a_release_twice_changes_nothing(log: Log, claims: dict[str, list[Claim]]) -> None:
    head = log.head
    entries = log.append(*claims["19.1"], recorded="2021")
    assert [entry.position for entry in entries] == list(range(1, 994))
    assert log.head == head == 993 + 1167


def test_aggregates_that_a_later_release_splits_give_way_to_their_parts(
    claims: dict[str, list[Claim]],
) -> None:
    # The ten rows of 20.1 that lasted longest are each told by the day in a release of our own.
    log = Log(events=IMPORTED)
    log.append(*claims["20.1"])
    before = log.ask(Total())
    longest = sorted(log.accounts(), key=length)[-10:]
    later = ucdp_release("22.1", published="2022")
    desk = Report("our desk", published="2023")
    for account in longest:
        row: Any = account.event
        halves = [
            attrs.evolve(row, id=f"{row.id}/{n}", best=best, low=best, high=best)
            for n, best in enumerate((row.best // 2, row.best - row.best // 2))
        ]
        log.append(desk.says(SplitInto(row, [half.id for half in halves])), later.says(halves[0]))
        assert log.ask(Total()).best == before.best  # one part is still to come
        log.append(later.says(halves[1]))
    after = log.ask(Total())
    assert (after.rows, after.best) == (before.rows + 10, before.best)
    unfolded = [one for one in log.accounts() if not one.folded]
    assert {one.event.id for one in unfolded} == {one.event.id for one in longest}


def test_importing_a_release_twice_changes_nothing(log: Log) -> None:
    head = log.head
    for release, rows in (("19.1", 994), ("20.1", 1168)):
        found = import_into(log, told(release), release=REPORTS[release])
        assert found == ImportSummary(ignored=rows)
    assert log.head == head


def test_rows_out_of_order_are_quarantined(expected: Any) -> None:
    """Unless they are asked for; they are known, and so not taken for removed."""
    with Log() as log:
        for release, new in (("19.1", 975), ("20.1", 173)):
            anomalies = expected["releases"][release]["anomalies"]
            wanted = {*anomalies["low_gt_best"], *anomalies["best_gt_high"]}
            rows = list(told(release, disorder="refuse"))
            refused = [one for one in rows if isinstance(one, Refused)]
            assert {str(one.event_id).removeprefix("ucdp:") for one in refused} == wanted
            out = io.StringIO(newline="")
            found = import_into(log, rows, release=REPORTS[release], quarantine=out)
            assert (found.new, found.refused, found.missing) == (new, len(wanted), 0)
            quarantined = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
            assert {row["id"] for row in quarantined} == wanted
            assert {row["column"] for row in quarantined} == {"low", "high"}
            assert found.rows == expected["releases"][release]["rows"] + 1  # the row of tags


def test_what_a_release_no_longer_has_is_retracted(claims: dict[str, list[Claim]]) -> None:
    """UCDP removed nothing from 19.1 to 20.1, so every tenth row is left out of one of our own."""
    later = ucdp_release("20.1, abridged", published="2021")
    with data_file("ucdp_ged_ukraine_v20.1.csv").open("rb") as file:
        rows = list(ucdp(file, later, disorder="widen"))
    kept = [one for place, one in enumerate(rows) if place % 10]
    left_out = {claims["20.1"][place - 1].event.id for place in range(10, len(rows), 10)}
    with Log() as log:
        log.append(*claims["20.1"])
        found = import_into(log, kept, release=later)
        assert (found.again, found.missing, found.unretracted) == (1051, 116, None)
        assert len(left_out) == 116
        assert not left_out & {one.event.id for one in log.accounts()}
        assert len(log.accounts(published="2020")) == 1167
        assert import_into(log, kept, release=later) == ImportSummary(ignored=1051)


def test_a_source_date_of_1753_is_none() -> None:
    """It is the first day that the database of UCDP can hold."""
    lone = {"ucdp:156692", "ucdp:156694", "ucdp:156695"}
    for release, one_of_several in (("19.1", set()), ("20.1", {"ucdp:308088"})):
        undated, years = set(), set()
        for outcome in told(release, says="articles"):
            for claim in outcome.said if isinstance(outcome, Accepted) else ():
                assert isinstance(claim, Claim)
                if claim.published.earliest is None:
                    undated.add(claim.event.id)
                else:
                    years.add(claim.published.earliest.year)
        assert undated == lone | one_of_several
        assert min(years) == 2014
