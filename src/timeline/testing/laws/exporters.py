"""The laws of an exporter: it takes any accounts, asks no clock, and lets no text break out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
from hypothesis import strategies as st

from timeline.claims import Claim, Report, Said
from timeline.counts import Breakdown, Count
from timeline.errors import LawError
from timeline.events import Event
from timeline.kinds import KINDS
from timeline.places import Place
from timeline.resolution import resolve
from timeline.schema import FieldType, field_hints, field_type
from timeline.testing import strategies
from timeline.testing.choices import Choices
from timeline.testing.corpus import small_events
from timeline.testing.environment import changed_world
from timeline.testing.laws import law_suite, other_processes
from timeline.testing.laws.base import Finding, Law, LawReport, law
from timeline.testing.laws.formats import FORMATS, MARK, attacks, escape
from timeline.testing.laws.pytest_items import checked
from timeline.testing.report_text import Worded, text
from timeline.time_parsing import when
from timeline.times import When
from timeline.views.chronology import Chronology

__all__ = [
    "EXPORTER_LAWS",
    "any_accounts_make_output",
    "check_exporter",
    "exported",
    "making_it_again_gives_the_same",
    "nothing_breaks_out",
    "output_is_the_same_in_every_process",
    "output_needs_no_clock",
    "verify_exporter",
]

Export = Callable[[Chronology], str | bytes]
"""Gives a text or bytes from accounts in chronological order."""

_REPORT = Report("One", published="2022-09-03")
# Open on either side or both, before our era, and without a zone.
_TIMES = (When(), When(lo=0), When(hi=0), when("-0044-03-15"), when("2022-09-01", zone=None))
_AROUND = 120  # characters shown about the place where a text broke out


@attrs.frozen
class _Exporter:
    """An exporter under test, the format it writes, and the kinds that carry texts into it."""

    export: Export
    format: str
    events: Sequence[Event]

    @property
    def name(self) -> str:
        """What failures call it."""
        return str(getattr(self.export, "__qualname__", type(self.export).__name__))


def _agree(
    law: Law[_Exporter],
    subject: _Exporter,
    history: Sequence[Said],
    one: tuple[str, Any],
    other: tuple[str, Any],
) -> None:
    if one[1] != other[1]:
        finding = Finding({"Said": history}, _where_they_part(one, other))
        raise law.broken(subject.name, finding)


def _where_they_part(one: tuple[str, Any], other: tuple[str, Any]) -> dict[str, Any]:
    """Two outputs, cut to what lies about their first difference."""
    pairs = zip(one[1], other[1], strict=False)
    first = next((at for at, (a, b) in enumerate(pairs) if a != b), 0)
    start = max(first - _AROUND // 2, 0)
    return {name: output[start : start + _AROUND] for name, output in (one, other)}


@law(
    cause="an empty list, an open time or a field that is None isn't thought of",
    mend="write an empty cell for what an event leaves out, and a head for no accounts at all",
)
def any_accounts_make_output(subject: _Exporter, choices: Choices) -> None:
    """Whatever stands, nothing at all included, makes a text or bytes."""
    history = choices.history()
    made: object = subject.export(Chronology(tuple(resolve(history))))
    if not isinstance(made, str | bytes):
        finding = Finding({"Said": history}, {"Gave": made}, hint="it gives neither text nor bytes")
        raise any_accounts_make_output.broken(subject.name, finding)
    if isinstance(made, str):
        made.encode()


@law(
    cause="the output holds the time, the machine or a random number of its making",
    mend="take a time of making as an argument, if there must be one",
)
def output_needs_no_clock(subject: _Exporter, choices: Choices) -> None:
    """The same accounts make the same output today, tomorrow and elsewhere."""
    history = choices.history()
    chronology = Chronology(tuple(resolve(history)))
    one = subject.export(chronology)
    with changed_world(choices.number(2)):
        other = subject.export(chronology)
    names = (("Here and now", one), ("In another place and year", other))
    _agree(output_needs_no_clock, subject, history, *names)


@law(
    cause="an order that comes from hashing: iterating over a set, such as account.sources",
    mend="sort what comes out of a set before it is written",
    applies=lambda subject: other_processes.reason(subject.export),
    whole=True,
)
def output_is_the_same_in_every_process(subject: _Exporter, _: Choices) -> None:
    """Every process makes the same output, whatever its hash seed."""
    events = [event for event in subject.events if type(event) in KINDS]
    outputs = other_processes.told(subject.export, exported, events)
    names = [(f"With PYTHONHASHSEED={seed}", output) for seed, output in outputs.items()]
    for other in names[1:]:
        history = tuple(map(_REPORT.says, events))
        _agree(output_is_the_same_in_every_process, subject, history, names[0], other)


def exported(export: Export, events: Sequence[Event]) -> str:
    """Return what is made of events that two sources tell, as text; other processes ask by this."""
    sources = [attrs.evolve(_REPORT, source=name) for name in ("One", "Two", "Three")]
    said = [report.says(event) for event in events for report in sources]
    made = export(Chronology(tuple(resolve(said))))
    return made if isinstance(made, str) else repr(made)


@law(
    cause="the exporter keeps something from one call to the next",
    mend="make the output from the accounts alone, in a function without a memory",
)
def making_it_again_gives_the_same(subject: _Exporter, choices: Choices) -> None:
    """The same accounts make the same output as often as they are exported.

    They are left as they were.
    """
    history = choices.history()
    chronology = Chronology(tuple(resolve(history)))
    law = making_it_again_gives_the_same
    before = text(chronology)
    outputs = (("Once", subject.export(chronology)), ("Again", subject.export(chronology)))
    _agree(law, subject, history, *outputs)
    names = (("The accounts before", Worded(before)), ("After", Worded(text(chronology))))
    _agree(law, subject, history, *names)


@law(
    cause="a text is put into the output as it is",
    mend="escape each text where it enters the output: html.escape(text, quote=True) for HTML; the "
    "csv module, and an apostrophe before = + - @ for CSV; json.dumps for JSON, with </ as <\\/ in "
    "a script; no control characters in plain text",
    whole=True,
)
def nothing_breaks_out(subject: _Exporter, _: Choices) -> None:
    """No text of an event, report or claim breaks out of its cell, attribute, string or line."""
    for attack in attacks(subject.format):
        for event in subject.events:
            claims = _spelt(event, attack)
            output = subject.export(Chronology(tuple(resolve(claims))))
            became = escape(subject.format, output, attack)
            if became is not None:
                answers = {"The text": attack, "Around it": _around(output)}
                hint = f"the text became {became}"
                finding = Finding({}, answers, hint=hint, parting=False)
                raise nothing_breaks_out.broken(subject.name, finding)


EXPORTER_LAWS: tuple[Law[_Exporter], ...] = (
    any_accounts_make_output,
    output_needs_no_clock,
    output_is_the_same_in_every_process,
    making_it_again_gives_the_same,
    nothing_breaks_out,
)


def _around(output: str | bytes) -> str:
    text = output if isinstance(output, str) else output.decode(errors="replace")
    start = max(text.find(MARK) - _AROUND // 2, 0)
    return text[start : start + _AROUND]


def _filled(kind: FieldType, value: Any, words: str) -> Any:
    """A value of a field's type that holds words wherever it can hold a text."""
    bare = kind.bare
    if bare.hint is str:
        return words
    if bare.hint is Place:
        return Place(words, id=words, within=Place(words), precision=words)
    if bare.hint is Breakdown:
        return Breakdown({words: Count(1)})
    if bare.shape in ("several", "fixed") and bare.arguments[0] in (str, Place):
        return (_filled(bare.parts[0], None, words),) * 2
    return value


def _versions(event: Any, words: str) -> Iterator[Any]:
    """The event with words in every text it has, or in each by itself where it refuses that."""
    hints = field_hints(type(event))
    time = attrs.evolve(event.when, text=words)
    changes = {
        field.name: _filled(field_type(hints[field.name]), getattr(event, field.name), words)
        for field in attrs.fields(type(event))
        if field.name not in ("when", "summary")
    }
    for names in (tuple(changes), *((name,) for name in changes)):
        try:
            made = attrs.evolve(event, when=time, **{name: changes[name] for name in names})
        except (ValueError, TypeError):
            continue
        # Once shown by its headline, once by its summary.
        yield made
        yield attrs.evolve(made, summary=words, id=f"{made.id} ")
        if len(names) > 1:
            return


def _spelt(event: Event, words: str) -> list[Claim]:
    """Claims of two sources about an event, with words in every text of event, report and claim."""
    reports = [
        Report(source, published=When(lo=0, hi=1, text=words), title=words, url=words, text=words)
        for source in (words, f"{words} too")
    ]
    claims = []
    for one in _versions(event, words):
        claims += [report.says(one, quote=words, according_to=[words]) for report in reports]
        claims.append(Report(f"{words} not", title=words).denies(one, quote=words))
        expected = attrs.evolve(one, id=f"{one.id} to come")
        claims.append(reports[0].expects(expected, according_to=[words]))
    return claims


def _plug(
    export: Export,
    *,
    kind: str = "text",
    events: Iterable[type[Event]] = KINDS,
    histories: st.SearchStrategy[Sequence[Said]] | None = None,
    skip: Mapping[str, str] | None = None,
) -> law_suite.LawSuite[_Exporter]:
    if kind not in FORMATS:
        raise LawError(f"kind is one of {', '.join(FORMATS)}, not {kind!r}")
    kinds = tuple(events)
    simple = [small_events([strategies.events(one)])[:3] for one in kinds]
    if not all(simple):
        raise LawError("give events=, the kinds that are exported, of which some can be drawn")
    first = [some[0] for some in simple]
    subject = _Exporter(export, kind, first)
    hard: list[Any] = [*first]
    odd = [attrs.evolve(one, when=time, id="") for one in hard for time in _TIMES]
    single = [(_REPORT.says(event),) for event in (*odd, *(one for some in simple for one in some))]
    return law_suite.LawSuite(
        name=subject.name,
        home=f"{getattr(export, '__module__', '')}_{subject.name}",
        subject=subject,
        laws=EXPORTER_LAWS,
        histories=strategies.histories(*kinds) if histories is None else histories,
        small=lambda: [(), *single, tuple(map(_REPORT.says, first))],
        does="the exporter raises",
        skip=skip or {},
    )


def check_exporter(
    export: Export, *, examples: int | None = None, seed: int | None = None, **options: Any
) -> Callable[..., None]:
    """Return a pytest test with one item for each law of exporters.

    ``test_page = laws.check_exporter(page, kind="html")``; options are those of
    ``verify_exporter``.
    """
    return checked(_plug(export, **options), examples=examples, seed=seed)


def verify_exporter(
    export: Export,
    *,
    kind: str = "text",
    events: Iterable[type[Event]] = KINDS,
    histories: st.SearchStrategy[Sequence[Said]] | None = None,
    skip: Mapping[str, str] | None = None,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Try the laws of exporters and reports; runs without pytest.

    ``export`` takes accounts in chronological order, a Chronology, and gives text or bytes.
    ``kind`` says how to read it: csv, html, json, jsonl, markdown, text, tsv or xml. ``events`` are
    the kinds of event to export, those of the library unless given. The rest is as for
    ``verify``. Raises ``LawError`` for another ``kind``.
    """
    plug = _plug(export, kind=kind, events=events, histories=histories, skip=skip)
    return law_suite.verify(plug, examples=examples, seed=seed, only=only, smoke=smoke)
