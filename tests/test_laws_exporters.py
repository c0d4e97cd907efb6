"""The laws of exporters, tried on exporters that break one each and on exporters that keep all."""

from __future__ import annotations

import pytest

from tests.faulty.exporters import FAULTY_EXPORTERS, SOUND_EXPORTERS
from timeline import Attack, Chronology, Event, event
from timeline.errors import LawError
from timeline.testing import laws
from timeline.testing.laws.formats import attacks, escape

SEEDS = range(3)

test_chronology_as_text = laws.check_exporter(Chronology.to_text, kind="text", examples=10)
test_chronology_in_a_notebook = laws.check_exporter(
    Chronology._repr_html_, kind="html", examples=10
)


@pytest.mark.parametrize("name", FAULTY_EXPORTERS)
def test_a_faulty_exporter_breaks_the_law_meant_for_it_under_any_seed(name: str) -> None:
    make, kind, law = FAULTY_EXPORTERS[name]
    # Laws that draw nothing are the same for every seed.
    for seed in SEEDS if law != "nothing_breaks_out" and "process" not in law else (0,):
        report = laws.verify_exporter(make(), kind=kind, seed=seed, examples=5, only=[law])
        assert report.falsified == (law,)
        assert "What to do" in str(report)


@pytest.mark.parametrize("name", SOUND_EXPORTERS)
def test_a_sound_exporter_raises_no_alarm(name: str) -> None:
    export, kind = SOUND_EXPORTERS[name]
    report = laws.verify_exporter(export, kind=kind, seed=1, examples=5)
    assert report.ok, str(report)


@pytest.mark.parametrize(
    ("kind", "output", "became"),
    [
        ("html", "<style>p { color: zq7 }</style>", "style sheet"),
        ("html", '<p style="color: zq7">', "style"),
        ("html", "<!-- zq7 -->", "comment"),
        ("html", "<!zq7>", "comment"),
        ("html", "<?zq7>", "comment"),
        ("html", "<p zq7=1>", "attribute"),
        ("html", "<script>1", "never closes"),
        ("html", "<script>// zq7\n</script>", "comment in a script"),
        ("html", "<script>x = '<!--zq7'</script>", "opens a comment"),
        ("html", '<script type="application/json">{"a": zq7}</script>', "isn't JSON"),
        ("xml", "<zqtag/>", "element"),
        ("xml", "<a><!-- zq7 --></a>", "comment"),
        ("xml", "<a href='javascript:zq7'/>", "runs a script"),
        ("xml", "<a>", "broken XML"),
        ("csv", '"a"b\n', "isn't CSV"),
        ("csv", "a,b\nc\n", "1 cells"),
        ("csv", "a\n=1+1\n", "formula"),
        ("csv", "a\nzq7\n", "only a part of it"),
        ("tsv", "a\tb\n@c\td\n", "formula"),
        ("json", '{"a": 1, "a": 2}', "twice"),
        ("json", "[NaN]", "NaN"),
        ("json", '{"zq7": ["zq7"]}', "another text"),
        ("jsonl", "{}\n{\n", "isn't JSON"),
        ("markdown", "| a | b |\n| zq7|b | c |\n", "more cells"),
        ("markdown", "# zq7", "heading"),
        ("markdown", "<zqtag>", "tag"),
        ("markdown", "[a](javascript:b)", "script"),
        ("text", "a\x1b[2J", "terminal"),
    ],
)
def test_what_a_text_became_is_said(kind: str, output: str, became: str) -> None:
    assert became in str(escape(kind, output, "zq7\x1b;\\!"))


def test_what_stays_a_text_is_left_alone() -> None:
    assert escape("html", "<p id=a title='zq7'>zq7</p><script>x = 'zq7'</script>", "zq7") is None
    assert escape("xml", "<?xml version='1.0'?><!-- a --><?b c?><a b='c'>zq7</a>", "zq7") is None
    assert escape("csv", "\ufeffa,b\r\n-33.9,zq7\r\n", "zq7") is None
    assert escape("json", '{"a": [1, "zq7"]}', "zq7") is None
    assert escape("jsonl", '{"a": "zq7"}\n{}\n', "zq7") is None
    assert escape("markdown", "| a |\n|---|\n| zq7\\|b |\n", "zq7|b") is None
    assert escape("text", "zq7\n", "zq7\x1b") is None
    assert "UTF-8" in str(escape("text", b"\xff", "zq7"))


def test_every_format_has_texts_to_try() -> None:
    assert all(attacks(kind) for kind in ("csv", "html", "json", "jsonl", "markdown", "text"))


def test_no_pass_without_a_trial() -> None:
    with pytest.raises(LawError, match="kind is one of csv"):
        laws.verify_exporter(Chronology.to_text, kind="pdf")
    with pytest.raises(LawError, match="of which some can be drawn"):
        laws.verify_exporter(Chronology.to_text, events=[Refused])


@event("refused/1")
class Refused(Event):
    """No event of it can be made."""

    def check(self) -> None:
        raise ValueError("refused")


def test_what_gives_no_text_is_refused() -> None:
    def rows(accounts: Chronology) -> list[str]:
        return [str(one) for one in accounts]

    report = laws.verify_exporter(
        rows,  # type: ignore[arg-type]
        only=["any_accounts_make_output"],
        events=[Attack],
        examples=1,
    )
    assert "neither text nor bytes" in str(report)
