"""The commands do what they say, on files, with data on one stream and messages on the other."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.real import data_file
from timeline import Attack, Claim, Count, Log, Projection, Report, account_sort, on, when
from timeline.cli import main
from timeline.cli.parser import command_parser

ROOT = Path(__file__).parents[1]


class Killed(Projection[int]):
    """How many were killed."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


@pytest.fixture
def war(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A log of two claims, made by the commands themselves."""
    assert main(["new", "war.db"]) == 0
    assert (
        main(
            "add war.db territorial-change place=Izium to=Ukraine from_=Russia --source ISW "
            "--published 2022-09-11 --when [2022-09-08..2022-09-10] --id izium".split()
        )
        == 0
    )
    (folder / "report.txt").write_text("Forty-five people were killed, it says.")
    assert main([
        "add", "war.db", "attack", "place.name=Kharkiv", "place.latitude=49.99",
        "place.longitude=36.23", "killed=about 45", "including.children=2", "--source", "Wire",
        "--published", "2022-09-16", "--when", "2022-09-16", "--summary", "=Shelling",
        "--text", "report.txt", "--quote", "Forty-five people", "--according-to", "a doctor",
    ]) == 0  # fmt: skip
    capsys.readouterr()
    return "war.db"


def run(*arguments: str, code: int = 0) -> None:
    assert main(arguments) == code


def test_a_claim_that_was_added_is_all_there(war: str) -> None:
    with Log(war) as log:
        claim = list(log)[1].claim
        assert claim.event == Attack(  # type: ignore[union-attr]
            when="2022-09-16",
            place=claim.event.place,  # type: ignore[union-attr]
            killed=claim.event.killed,  # type: ignore[union-attr]
            including={"children": 2},
            summary="=Shelling",
            id=claim.event.id,  # type: ignore[union-attr]
        )
        assert claim.event.killed.approximate  # type: ignore[union-attr]
        assert claim.quote == "Forty-five people"  # type: ignore[union-attr]
        assert claim.according_to == ("a doctor",)  # type: ignore[union-attr]


def test_show_prints_the_chronology(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("show", war)
    told = capsys.readouterr()
    assert "=Shelling" in told.out
    assert told.err == ""
    run("show", war, "--at", "2022-09-12")
    assert "Shelling" not in capsys.readouterr().out
    run("show", war, "--known", "#1")
    assert "Shelling" not in capsys.readouterr().out
    run("show", war, "--published", "2022-09-12", "--json")
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == ["izium"]


def test_rows_come_as_json_csv_or_a_table(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("accounts", war, "--json")
    rows = json.loads(capsys.readouterr().out)
    assert [row["summary"] for row in rows] == [None, "=Shelling"]
    run("accounts", war, "--csv")
    cells = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert cells[1]["summary"] == "'=Shelling"
    run("accounts", war, "--table")
    assert "\x1b" not in capsys.readouterr().out


def test_control_says_who_holds_what(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("control", war, "--at", "2022-09-09")
    assert "Russia or Ukraine" in capsys.readouterr().out
    run("control", war, "Izium", "--json")
    (row,) = json.loads(capsys.readouterr().out)
    assert row["holders"] == ["Ukraine"]
    run("control", war, "Nowhere")
    assert "Nowhere" in capsys.readouterr().err


def test_ask_runs_a_projection_of_ones_own(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("ask", war, "tests.test_cli_commands:Killed")
    assert capsys.readouterr().out == "45\n"
    run("ask", war, "timeline:Control", "--json")
    assert json.loads(capsys.readouterr().out)[0]["key"] == "Izium"
    run("ask", war, "timeline:Nothing", code=2)
    assert "no 'Nothing'" in capsys.readouterr().err


def test_an_answer_has_its_reasons(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("why", war, "control", "Izium")
    assert "It rests on 1 entry [1]" in capsys.readouterr().out
    run("key", "example.org/war", "secret.key")
    public = capsys.readouterr().out.strip().splitlines()[-1]
    run("checkpoint", war, "--key", "secret.key", "-o", "signed")
    run("why", war, "control", "Izium", "--bundle", "why.json", "--checkpoint", "signed")
    run("check-why", "why.json", "control", "--key", public)
    assert "only the log can show" in capsys.readouterr().out
    run("check-why", "why.json", "casualties", "--key", public, code=1)
    assert "doesn't hold" in capsys.readouterr().err
    run("changes", war, "control", "--between", "#0", "now")
    assert capsys.readouterr().out.startswith("Izium: nothing → ")
    run("changes", war, "control", "--between", "#0", "now", "--json")
    assert json.loads(capsys.readouterr().out)[0]["key"] == "Izium"
    for what, told in (
        (("why", war, "control"), "<b>Izium</b>"),
        (("why", war, "control", "Izium"), "<b>Izium</b>"),
        (("changes", war, "control", "--between", "#0", "now"), "<del>no answer</del>"),
        (("changes", war, "chronology", "--between", "#0", "now"), "<del>no answer</del>"),
    ):
        run(*what, "--page", "page.html")
        assert told in Path("page.html").read_text("utf-8")
    capsys.readouterr()
    run("ask", war, "control", "--worlds", "--at", "2022-09-09")
    assert "2 answers are possible" in capsys.readouterr().out


def test_entries_are_shown_as_they_arrived(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Log(war) as log:
        claim = next(iter(log)).claim
        assert isinstance(claim, Claim)
        log.append(claim.report.voids(claim, because="typed twice"))
    run("entries", war, "--json")
    rows = json.loads(capsys.readouterr().out)
    assert [row["form"] for row in rows] == ["claim", "claim", "void"]
    assert rows[2]["what"] == "typed twice"
    run("entries", war, "--known", "#1", "--csv")
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("war.csv", "id,"), ("war.json", "["), ("war.geojson", "{"), ("war.md", "|"),
        ("war.jsonld", "{"), ("war.jsonl", "{"),
    ],
)  # fmt: skip
def test_an_export_is_named_by_its_file(
    war: str, folder: Path, name: str, starts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("export", war, "-o", name)
    assert (folder / name).read_text().startswith(starts)
    assert f"wrote {name}" in capsys.readouterr().err


def test_what_an_export_leaves_out_is_said(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("export", war, "--as", "geojson")
    told = capsys.readouterr()
    assert json.loads(told.out)["type"] == "FeatureCollection"
    assert "left out" in told.err
    run("export", war, "-o", "war.xyz", code=2)
    assert "--as" in capsys.readouterr().err


def test_json_lines_go_into_another_log(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("export", war, "-o", "war.jsonl")
    run("new", "other.db")
    run("import", "other.db", "war.jsonl")
    run("import", "other.db", "war.jsonl")
    assert capsys.readouterr().out == "2 new entries\n0 new entries\n"
    with Log(war) as log, Log("other.db") as other:
        assert [one.claim for one in log] == [one.claim for one in other]


def test_segments_go_into_an_empty_log(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow", reason="segments are Parquet, which needs the extra arrow")
    run("export", war, "--as", "segments", "-o", "parts")
    run("new", "other.db")
    run("import", "other.db", "parts", "--as", "segments")
    assert "2 new entries" in capsys.readouterr().out
    with Log(war) as log, Log("other.db") as other:
        assert [one.claim for one in log] == [one.claim for one in other]
    run("export", war, "--as", "segments", code=2)


def test_a_copy_has_the_same_root(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("copy", war, "copy.db")
    assert "2 entries copied" in capsys.readouterr().err
    run("verify", war)
    one = capsys.readouterr().out
    run("verify", "copy.db")
    assert capsys.readouterr().out == one


def test_a_page_and_a_map_are_files_of_their_own(war: str, folder: Path) -> None:
    run("page", war, "-o", "war.html", "--title", "A war", "--lanes", "kinds")
    run("map", war, "-o", "map.html")
    assert "<title>A war" in (folder / "war.html").read_text()
    assert "<svg" in (folder / "map.html").read_text()


def test_a_spreadsheet_is_guessed_tried_and_taken(
    war: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sheet.csv").write_text(
        "Date,Town,Killed,Source,Published\n"
        "2022-09-17,Izium,3,Wire,2022-09-18\n"
        "not a day,Izium,3,Wire,2022-09-18\n"
    )
    run("guess", "sheet.csv")
    (folder / "sheet.toml").write_text(
        'kind = "attack/1"\n[columns]\nwhen = "Date"\nplace = "Town"\nkilled = "Killed"\n'
        'source = "Source"\npublished = "Published"\n'
    )
    assert 'when = "Date"' in capsys.readouterr().out
    run("import", war, "sheet.csv", "--map", "sheet.toml", "--dry-run", code=1)
    assert "nothing was written" in capsys.readouterr().out
    run("import", war, "sheet.csv", "--map", "sheet.toml", code=1)
    told = capsys.readouterr()
    assert "1 new" in told.out
    assert "1 refused" in told.out
    assert "not a day" in (folder / "sheet.csv.refused.csv").read_text()
    run("import", war, "sheet.csv", "--map", "sheet.toml", code=1)
    assert "0 new" in capsys.readouterr().out


def test_a_ucdp_release_comes_in_with_one_command(
    war: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = str(data_file("ucdp_ged_ukraine_v20.1.csv"))
    run(
        "import", war, release, "--release", "20.1", "--published", "2020-06",
        "--quarantine", "bad.csv", code=1,
    )  # fmt: skip
    assert "1,148 new" in capsys.readouterr().out
    assert len((folder / "bad.csv").read_text().splitlines()) >= 20


def test_what_is_redacted_is_gone(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("redact", war, "2", "--because", "a name", "--basis", "a court", "--by", "the desk")
    run("show", war)
    assert "Shelling" not in capsys.readouterr().out
    run("verify", war)


def test_proofs_are_made_and_checked(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cryptography", reason="signing needs the extra proofs")
    run("key", "example.org/war", "secret.key")
    public = capsys.readouterr().out.strip()
    run("checkpoint", war, "--key", "secret.key", "-o", "one.txt")
    run("prove", war, "--entry", "1", "--checkpoint", "one.txt", "-o", "entry.proof")
    run("add", war, "incident", "category=fire", "--source", "Wire", "--when", "2022")
    run("checkpoint", war, "--key", "secret.key", "-o", "two.txt")
    run("prove", war, "--since", "one.txt", "--checkpoint", "two.txt", "-o", "growth.proof")
    capsys.readouterr()
    run("check-proof", "entry.proof", "--key", public)
    run("check-proof", "growth.proof", "--since", "one.txt", "--key", public)
    proof = Path("entry.proof").read_text()
    Path("entry.proof").write_text(
        proof.replace("Izium", "Lyman") if "Izium" in proof else proof[:-9]
    )
    run("check-proof", "entry.proof", "--key", public, code=1)
    assert "doesn't hold" in capsys.readouterr().err
    run("key", "example.org/war", "secret.key", code=2)


def test_a_damaged_file_is_told_and_rescued(
    war: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / war
    content = path.read_bytes()
    place = content.rindex(b"Kharkiv")
    path.write_bytes(content[:place] + b"Xharkiv" + content[place + 7 :])
    run("verify", war, code=1)
    run("rescue", war, "saved.db", code=1)
    capsys.readouterr()
    run("entries", "saved.db", "--json")
    assert json.loads(capsys.readouterr().out)[0]["event_id"] == "izium"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "none.db"], "timeline new none.db"),
        (["new", "war.db"], "there already"),
        (["add", "war.db", "nonsense", "--source", "X", "--when", "2022"], "no kind"),
        (["add", "war.db", "attack", "killed", "--source", "X", "--when", "2022"], "name=value"),
        (
            [
                "add",
                "war.db",
                "attack",
                "place=a",
                "place.name=b",
                "--source",
                "X",
                "--when",
                "2022",
            ],
            "twice",
        ),
        (
            ["add", "war.db", "attack", "killed=many", "--source", "X", "--when", "2022"],
            "killed=many",
        ),
        (["import", "war.db", "x.csv"], "--as"),
        (["import", "war.db", "x.csv", "--as", "ucdp"], "x.csv"),
        (["show", "war.db", "--known", "#x"], "#41"),
        (["show", "war.db", "--known", "#99"], "no position"),
        (["show", "war.db", "--at", "someday"], "someday"),
    ],
)
@pytest.mark.usefixtures("war")
def test_what_cant_be_done_is_said_and_ends_with_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(*arguments, code=2)
    found = capsys.readouterr()
    assert told in found.err
    assert found.out == ""


def test_standard_input_is_a_file_too(
    war: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("export", war, "--as", "jsonl")
    lines = capsys.readouterr().out.encode()
    run("new", "other.db")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    run("import", "other.db", "-", "--as", "jsonl")
    assert "2 new entries" in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("completion", shell)
    script = capsys.readouterr().out
    assert all(name in script for name in commands())
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)  # noqa: S607


def test_a_manual_page_has_every_command_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    run("man")
    page = capsys.readouterr().out
    assert all(f".SS {name.replace('-', chr(92) + '-')}\n" in page for name in commands())
    assert ".B \\-\\-because TEXT\n" in page
    # A line that begins with a dot is a request, and these are all that are meant.
    requests = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
    assert requests == {".TH", ".SH", ".SS", ".TP", ".B", ".I", ".PP"}


def commands() -> list[str]:
    for action in command_parser()._actions:
        if isinstance(action.choices, dict):
            return list(action.choices)
    raise AssertionError("there are no commands")


def test_every_command_is_documented_with_all_it_takes() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for action in command_parser()._actions:
        if isinstance(action.choices, dict):
            for name, made in action.choices.items():
                section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
                assert section, f"docs/commands.md has no section on {name}"
                for option in made._actions:
                    for told in option.option_strings:
                        common = told in {"-h", "--help", "--at", "--known", "--published",
                                          "--possible", "--trust", "--json", "--csv", "--table",
                                          "--events", "-o", "--output"}  # fmt: skip
                        assert common or told in section, f"{name} takes {told}"


def test_asking_for_help_loads_nothing_of_the_library() -> None:
    code = (
        "import sys, timeline.cli\n"
        "try: timeline.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "loaded = ('timeline.', 'attr', 'msgspec')\n"
        "print(*[name for name in sys.modules if name.startswith(loaded)])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert told.splitlines()[-1].split() == ["timeline.cli.parser", "timeline.cli"]


def test_every_public_name_is_loaded_when_it_is_used() -> None:
    timeline = __import__("timeline")
    for name in timeline.__all__:
        assert getattr(timeline, name) is not None
    assert re.fullmatch(r"\d+\.\d+\.\d+", timeline.__version__)
    with pytest.raises(ImportError):
        exec("from timeline import Nothing")  # noqa: S102
    assert "Log" in dir(timeline)


def test_no_output_takes_the_place_of_a_log(
    war: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / war).read_bytes()
    for command in (["export", war, "--as", "json"], ["page", war], ["checkpoint", war]):
        assert main([*command, "-o", war]) == 2
        assert "name another file" in capsys.readouterr().err
    (folder / "sheet.csv").write_text("what,when\nunheard of,2022-09-01\n")
    (folder / "sheet.toml").write_text('kind = "attack"\n[columns]\nwhen = "what"\n')
    taken = ["import", war, "sheet.csv", "--map", "sheet.toml", "--source", "W"]
    for name in (war, "sheet.csv"):
        assert main([*taken, "--published", "2022-09-30", "--quarantine", name]) == 2
        assert "name another file" in capsys.readouterr().err
    assert (folder / war).read_bytes() == before
    assert (folder / "sheet.csv").read_text().startswith("what")


def test_what_is_no_file_is_written_to_and_stays(war: str, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append((folder / "pipe").read_text()))
    reader.start()
    assert main(["export", war, "--as", "json", "-o", "pipe"]) == 0
    reader.join()
    assert json.loads(got[0])
    assert (folder / "pipe").is_fifo()


def test_what_cant_be_read_leaves_no_log_behind(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rescue", "missing.db", "saved.db"]) == 2
    assert "there is no file" in capsys.readouterr().err
    assert not (folder / "saved.db").exists()


@pytest.mark.parametrize("known", ["#\u00b2", "#x", "#", "#" + "9" * 5000])
def test_a_position_that_is_none_is_refused(
    war: str, known: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", war, "--known", known]) == 2
    assert "written as #41" in capsys.readouterr().err


def test_an_encoding_that_nobody_knows_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sheet.csv").write_text("a,b\n")
    with pytest.raises(SystemExit) as ended:
        main(["guess", "sheet.csv", "--encoding", "morse"])
    assert ended.value.code == 2
    assert "no encoding is called 'morse'" in capsys.readouterr().err


def test_an_answer_cant_move_the_cursor(
    war: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b[2Jone\ntwo"
    monkeypatch.setattr(Killed, "result", lambda _, __: hostile, raising=False)
    asked = ["ask", war, "tests.test_cli_commands:Killed"]
    assert main(asked) == 0
    assert capsys.readouterr().out == f"{hostile}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(asked) == 0
    assert capsys.readouterr().out == " [2Jone\ntwo\n"


def test_a_bar_shows_how_far_a_question_is_where_a_person_is_watching(
    war: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account_sort, "_REPORTED_EVERY", 1)
    asked = ["ask", war, "tests.test_cli_commands:Killed"]
    assert main(asked) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(asked) == 0
    assert f"\rreading {war} [{'#' * 30}] 100%" in capsys.readouterr().err


def standing(log: str) -> list[Any]:
    with Log(log) as opened:
        return [account.event for account in opened.accounts()]


def test_a_correction_changes_only_the_fields_given(war: str) -> None:
    before = standing(war)[1]
    run("correct", "--source", "Wire", war, before.id, "killed=50", "place.id=geonames:706483",
        "including.women=1", "--published", "2022-09-16")  # fmt: skip
    after = standing(war)[1]
    changed = (after.killed, after.place.id, dict(after.including))
    assert changed == (Count(50), "geonames:706483", {"children": Count(2), "women": Count(1)})
    assert (after.place.latitude, after.place.name) == (49.99, "Kharkiv")
    assert (after.id, after.summary, after.when) == (before.id, "=Shelling", before.when)
    run("correct", war, "#3", "killed=", "--source", "Wire", "--when", "last Thursday",
        "--published", "2022-09-17")  # fmt: skip
    assert not standing(war)[1].killed.reported
    assert standing(war)[1].when == when("2022-09-15")
    with Log(war) as log:
        assert list(log)[3].claim.according_to == ("a doctor",)  # type: ignore[union-attr]
        assert log.accounts(known=2)[1].event == before


def test_a_retraction_reaches_what_its_source_said(
    war: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("retract", war, "izium", "--source", "ISW", "--because", "wrong town")
    assert "still stands" in capsys.readouterr().err  # without a date it reaches nothing dated
    run("retract", war, "izium", "--source", "ISW", "--because", "no", "--published", "2022-09-12")
    assert "still stands" not in capsys.readouterr().err
    assert len(standing(war)) == 1


def test_an_entry_is_voided_and_a_void_too(war: str) -> None:
    run("void", war, "1", "--source", "our desk", "--because", "typed twice")
    assert len(standing(war)) == 1
    run("void", war, "3", "--source", "our desk", "--because", "it was not")
    assert len(standing(war)) == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["correct", "izium", "too=X", "--source", "ISW"], "has no field 'too'; it has"),
        (["correct", "izium", "place=", "--source", "ISW"], "needs one"),
        (["correct", "izium", "to=Ukraine", "--source", "ISW"], "just that"),
        (["correct", "izium", "to=X", "--source", "Wire"], "ISW do"),
        (["correct", "nowhere", "to=X", "--source", "Wire"], "nothing stands of 'nowhere'"),
        (["retract", "izium", "--source", "Wire", "--because", "x"], "says nothing of 'izium'"),
        (["retract", "#9", "--source", "Wire", "--because", "x"], "the last one is #2"),
        (["void", "izium", "--source", "Wire", "--because", "x"], "named by its position"),
        (["add", "attack", "--source", "X", "--when", "03.05.2024"], "whether the day"),
        (["add", "attack", "--source", "X", "--when", "last Friday"], "needs --published"),
        (["add", "incident", "--source", "X", "--when", "2024"], "incident needs category=…"),
        (["add", "attack", "killed=many", "--source", "X", "--when", "2024"], "killed=many: exp"),
        (["show", "--kind", "atack"], "no kind is called 'atack'"),
        (["page", "-o", "nosuch/dir.html"], "there is no folder nosuch"),
    ],
)
def test_what_was_typed_wrong_is_said_in_words_of_options(
    war: str, arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(arguments[0], war, *arguments[1:], code=2)
    error = capsys.readouterr().err
    assert reason in error
    assert "columns." not in error
    assert "between()" not in error
    assert len(standing(war)) == 2


def test_options_stand_anywhere(war: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("control", war, "--at", "2022-09-09", "Izium")
    assert "Russia or Ukraine" in capsys.readouterr().out
    run("control", "--at", "2022-09-09", war, "Izium")
    assert "Russia or Ukraine" in capsys.readouterr().out


def test_what_was_known_before_anything_was_recorded_hints_at_publication(
    war: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("show", "control"):
        run(command, war, "--known", "2022-09-20")
        assert "--published 2022-09-20" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ("--since 2022-09-11", 1),
        ("--since 2022-09-10", 2),
        ("--until 2022-09-10", 1),
        ("--until 2022-09-07", 0),
        ("--kind attack", 1),
        ("--kind attack --kind territorial-change/1", 2),
        ("--source ISW", 1),
        ("--place Izium", 1),
        ("--place Izium --source Wire", 0),
    ],
)
def test_lists_are_narrowed(
    war: str, options: str, ids: int, capsys: pytest.CaptureFixture[str]
) -> None:
    run("accounts", war, "--json", *options.split())
    assert len(json.loads(capsys.readouterr().out)) == ids


@pytest.mark.parametrize(
    ("options", "positions"),
    [("--kind attack", [2]), ("--source ISW", [1]), ("--source ISW --kind attack", [])],
)
def test_entries_are_narrowed(
    war: str, options: str, positions: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    run("entries", war, "--json", *options.split())
    assert [row["position"] for row in json.loads(capsys.readouterr().out)] == positions


def test_fields_say_what_they_take(capsys: pytest.CaptureFixture[str]) -> None:
    run("fields", "territorial-change", "--json")
    rows = {row["field"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["place"]["needed"]
    assert "place.latitude" in rows["place"]["takes"]
    assert not rows["to"]["needed"]


def test_pairs_are_matched_decided_and_linked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Log("war.db") as log:
        for name, source in (("acled:1", "ACLED"), ("ucdp:7", "UCDP")):
            attack = Attack(id=name, when="2022-09-10", place="Izium", by="Russia")
            log.append(Report(source, published="2022-09-20").says(attack))
    assert main(["match", "war.db", "-o", "decisions.csv", "--one-to-one"]) == 0
    assert "1 pairs of events, 0 of places" in capsys.readouterr().err
    sheet = (folder / "decisions.csv").read_text()
    (folder / "decisions.csv").write_text(sheet.replace("\n,event", "\nyes,event"))
    for told in ("1 joined, 0 kept apart, 0 decided before", "0 joined, 0 kept apart, 1 decided"):
        assert main(["link", "war.db", "decisions.csv", "--source", "our desk"]) == 0
        assert told in capsys.readouterr().out
    assert main(["show", "war.db", "--actor", "Russia", "--within", "Izium"]) == 0
    assert capsys.readouterr().out.count("Attack") == 1
    assert main(["control", "war.db", "--within", "Izium"]) == 0
    assert main(["new", "other.db"]) == 0
    assert main(["merge", "other.db", "war.db"]) == 0
    assert capsys.readouterr().out == "3 new entries, 0 here already\n"
    assert main(["entries", "other.db"]) == 0
    assert "merged entries 1 to 3" in capsys.readouterr().out
