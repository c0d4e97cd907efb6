"""The shell's commands: what they print where, how they end, and the tests that one writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from timeline.cli import main

PROJECTIONS = '''
"""Two projections: one that news can't fool, and one that believes the last line it read."""

from timeline import Attack, Projection, on


class Wounded(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.wounded.best


class Attacker(Projection[str]):
    start = ""

    @on(Attack)
    def believe(self, last: str, attack: Attack) -> str:
        return attack.by or last


class Places(Projection[int]):
    start = 0

    def key(self, attack: Attack) -> str | None:
        return attack.place.key if attack.place else None

    def merge(self, one: int, other: int) -> int:
        return one + other

    def equal(self, one: int, other: int) -> bool:
        return one == other

    def narrows(self, wide: int, sharp: int) -> bool:
        return sharp == wide

    def result(self, state: int) -> int:
        return state

    @on(Attack)
    def count(self, state: int, attack: Attack) -> int:
        return state + 1


NUMBER = 3
'''

QUICK = """
from hypothesis import Phase, settings

settings.register_profile(
    "quick", phases=[Phase.generate], deadline=None, derandomize=True, max_examples=20
)
settings.load_profile("quick")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with projections in it, where the shell stands."""
    (tmp_path / "folds.py").write_text(PROJECTIONS.lstrip(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("folds", None)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_laws_that_hold_end_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", "folds:Wounded", "--smoke", "--seed", "1"]) == 0
    printed = capsys.readouterr()
    assert "laws held, 0 broken" in printed.out
    assert not printed.err


@pytest.mark.usefixtures("folder")
def test_a_broken_law_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    law = "no_answer_from_an_order_nobody_knows"
    assert main(["laws", "folds:Attacker", "--only", law, "--examples", "5"]) == 1
    assert f"Attacker breaks the law {law}" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("folds", "write package.module:P"),
        ("folds:", "write package.module:P"),
        ("nowhere:P", "cannot import 'nowhere'"),
        ("folds:Wunded", "'folds' has no 'Wunded'"),
        ("folds:NUMBER", "folds:NUMBER is 3"),
        ("builtins:dict", "dict is no projection"),
    ],
)
def test_what_cant_be_tried_ends_with_2(
    capsys: pytest.CaptureFixture[str], where: str, message: str
) -> None:
    assert main(["laws", where]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert not printed.out


@pytest.mark.usefixtures("folder")
def test_no_such_law_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", "folds:Wounded", "--only", "gravity"]) == 2
    assert "no law is called 'gravity'; they are steps_are_pure" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [[], ["lews"], ["laws", "a:b", "--examples", "0"]])
def test_a_wrong_command_line_ends_with_2(
    capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "usage: timeline" in capsys.readouterr().err


def test_a_written_module_passes_for_a_sound_projection_and_fails_for_a_faulty_one(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("Wounded", "Attacker"):
        assert main(["laws", f"folds:{name}", "--write", f"test_{name.lower()}.py"]) == 0
    assert "wrote test_attacker.py" in capsys.readouterr().err
    # It is enough that it fails here: making the failure small takes a while.
    (folder / "conftest.py").write_text(QUICK, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert len(failed) == 1, done.stdout
    assert "test_attacker.py::test_no_answer_from_an_order_nobody_knows" in failed[0]


@pytest.mark.usefixtures("folder")
def test_a_written_module_stands_without_the_laws(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", "timeline:Control", "--write", "-"]) == 0
    text = capsys.readouterr().out
    assert "testing.laws" not in text.replace("python -m timeline laws", "")
    assert "from timeline import" in text
    assert "#   a_stored_state_resumes: " in text
    compile(text, "test_control.py", "exec")


@pytest.mark.usefixtures("folder")
def test_only_the_laws_that_are_named_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    law = "kept_equals_replayed"
    assert main(["laws", "folds:Wounded", "--only", law, "--write", "-"]) == 0
    text = capsys.readouterr().out
    assert text.count("def test_") == 1
    assert "Not written here" not in text


def test_a_file_that_is_there_is_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "folds.py").read_text(encoding="utf-8")
    assert main(["laws", "folds:Wounded", "--write", "folds.py"]) == 2
    assert "folds.py is there already" in capsys.readouterr().err
    assert (folder / "folds.py").read_text(encoding="utf-8") == before
    assert main(["laws", "folds:Wounded", "--write", "no/such/folder.py"]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_help_asks_for_no_extra() -> None:
    look = (
        "import sys, timeline.cli\n"
        "try: timeline.cli.main(['--help'])\n"
        "except SystemExit as ended: code = ended.code\n"
        "sys.exit(code or 'hypothesis' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    assert "laws" in done.stdout


@pytest.mark.usefixtures("folder")
def test_the_module_runs_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "timeline", "laws", "folds:Wunded"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 2
    assert "has no 'Wunded'" in done.stderr


@pytest.mark.usefixtures("folder")
def test_a_reader_who_has_read_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "timeline", "laws", "folds:Wounded", "--write", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 0
