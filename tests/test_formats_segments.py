"""Tests that a log goes through segments as it is, and that damage is refused by name."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.forging import forge
from timeline import Incident, Log, Report
from timeline.claims import Said
from timeline.errors import FormatError, LogError, StoreError
from timeline.export import to_segments
from timeline.formats.segments import MANIFEST, Form, manifest_of
from timeline.importers import import_segments, read_jsonl, read_segments
from timeline.testing import strategies

Files = dict[str, bytes]
FORMS: tuple[Form, ...] = ("parquet", "jsonl")


def said(number: int) -> list[Said]:
    report = [Report(f"Source {one}", published="2022-09-16", text=str(one)) for one in range(3)]
    days = [f"2022-09-{1 + one % 28:02d}" for one in range(number)]
    return [
        report[one % 3].says(Incident(when=day, category="fire", id=f"e{one}"))
        for one, day in enumerate(days)
    ]


def segments(log: Log, **options: Any) -> Files:
    """Return what a folder holds once all is written."""
    return dict(to_segments(log, **options))


def kept(log: Log) -> tuple[Any, ...]:
    store = log.store
    return list(store.rows()), store.head()[:3], store.identity


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    return request.param  # type: ignore[no-any-return]


@given(strategies.histories(), st.integers(1, 4), st.sampled_from(FORMS))
def test_a_log_goes_through_segments_as_it_is(
    history: Sequence[Said], size: int, form: Form
) -> None:
    with Log() as log, Log() as copy:
        log.append(*history)
        files = segments(log, size=size, form=form)
        assert len(files) == 1 + -(-log.head // size)
        assert import_segments(copy, files[MANIFEST], files.__getitem__) == log.head
        assert import_segments(copy, files[MANIFEST], files.__getitem__) == 0
        assert list(copy) == list(log)
        assert kept(copy)[:2] == kept(log)[:2]
        assert not log.head or kept(copy) == kept(log)


def test_what_was_redacted_goes_with_it(form: Form) -> None:
    with Log() as log, Log() as copy:
        log.append(*said(5))
        log.redact(2, because="a name", basis="GDPR 17")
        files = segments(log, size=2, form=form)
        reached: list[tuple[int, int | None]] = []

        def progress(done: int, total: int | None) -> None:
            reached.append((done, total))

        fetch = files.__getitem__
        assert import_segments(copy, files[MANIFEST], fetch, progress=progress) == 6
        assert reached == [(2, 6), (4, 6), (6, 6)]
        assert kept(copy) == kept(log)
        assert [entry.claim.form for entry in copy][1] == "redacted"


def test_what_was_stopped_is_gone_on_with(form: Form) -> None:
    with Log() as log:
        log.append(*said(7))
        whole = segments(log, size=3, form=form)
        writing = to_segments(log, size=3, form=form)
        files = dict(next(writing) for _ in range(3))  # the second segment, but no manifest of it
        assert len(manifest_of(files[MANIFEST]).segments) == 1
        files |= segments(log, size=3, form=form, manifest=files[MANIFEST])
        assert files == whole
        # A log that has grown goes on after the short segment at the end.
        log.append(*said(9))
        files |= segments(log, size=3, form=form, manifest=files[MANIFEST])
        assert [(one.first, one.last) for one in manifest_of(files[MANIFEST]).segments] == [
            *((1, 3), (4, 6), (7, 7)),
            (8, 9),
        ]
        assert segments(log, form=form, manifest=files[MANIFEST]) == {}
        with Log() as copy:
            import_segments(copy, whole[MANIFEST], whole.__getitem__)
            assert import_segments(copy, files[MANIFEST], files.__getitem__) == 2
            assert kept(copy) == kept(log)


def test_a_segment_is_read_by_other_tools(tmp_path: Any) -> None:
    with Log() as log:
        log.append(*said(4))
        for name, content in to_segments(log, size=2):
            (tmp_path / name).write_bytes(content)
        question = (
            "select position, form, json_extract_string(body, '$.event.category'),"
            " json_extract_string(report_body, '$.source') from '{}/segment-*.parquet' order by 1"
        )
        found = duckdb.connect().execute(question.format(tmp_path)).fetchall()
        assert found[3] == (4, "claim", "fire", "Source 0")
        lines = segments(log, size=2, form="jsonl")["segment-000000000003.jsonl"].splitlines()
        assert list(read_jsonl(lines)) == list(log)[2:]


def test_it_takes_the_memory_of_one_segment() -> None:
    with Log() as log:
        log.append(*said(4000))
        peaks = []
        for size in (4000, 100):
            tracemalloc.start()
            for _ in to_segments(log, size=size, form="jsonl"):
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] / 4


def damaged(form: Form, change: Callable[[Files], object]) -> Files:
    with Log() as log:
        log.append(*said(5))
        files = segments(log, size=2, form=form)
    change(files)
    return files


def listed(files: Files, change: Callable[[Any], object]) -> None:
    """Change the manifest."""
    about = json.loads(files[MANIFEST])
    change(about)
    files[MANIFEST] = json.dumps(about).encode()


SECOND = "segment-000000000003"


def swapped(files: Files, form: Form) -> None:
    """Put one segment in the other's place, in the manifest too, but for its positions."""
    name = f"{SECOND}.{form}"
    files[name] = files[f"segment-000000000001.{form}"]

    def change(about: Any) -> None:
        for what in ("sha256", "bytes"):
            about["segments"][1][what] = about["segments"][0][what]

    listed(files, change)


DAMAGE: dict[str, tuple[Callable[[Files, Form], object], str]] = {
    "missing": (lambda files, form: files.pop(f"{SECOND}.{form}"), f"{SECOND}.* is missing"),
    "altered": (
        lambda files, form: files.update(
            {f"{SECOND}.{form}": b"x" + files[f"{SECOND}.{form}"][1:]}
        ),
        f"{SECOND}.* was altered",
    ),
    "another": (swapped, f"{SECOND}.* holds other entries"),
    "doubled": (
        lambda files, _: listed(files, lambda one: one["segments"].insert(1, one["segments"][1])),
        f"{SECOND}.* is listed twice",
    ),
    "unlisted": (
        lambda files, _: listed(files, lambda one: one["segments"].pop(1)),
        "segment-000000000005.* no segment with entries 3 to 4",
    ),
    "cut": (
        lambda files, _: listed(files, lambda one: one["segments"].pop()),
        "hold 4 entries that don't lead to the root over 5",
    ),
    "other root": (
        lambda files, _: listed(files, lambda one: one["segments"][1].update(root="00")),
        f"{SECOND}.* doesn't lead to the manifest's root",
    ),
    "later": (
        lambda files, _: listed(files, lambda one: one.update(version=2)),
        "version 2, and this release reads 1",
    ),
    "no manifest": (lambda files, _: files.update({MANIFEST: b"[]"}), "no manifest of segments"),
    "unknown": (
        lambda files, _: listed(files, lambda one: one.update(more=2)),
        "no manifest of segments",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_refused_by_name(name: str, form: Form) -> None:
    damage, message = DAMAGE[name]
    files = damaged(form, lambda found: damage(found, form))
    with pytest.raises(FormatError, match=message):
        list(read_segments(files[MANIFEST], files.__getitem__))
    with Log() as log, pytest.raises(FormatError, match=message):
        import_segments(log, files[MANIFEST], files.__getitem__)


def test_a_report_that_was_altered_is_refused_even_if_the_manifest_has_it() -> None:
    name = f"{SECOND}.jsonl"

    def change(files: Files) -> None:
        files[name] = files[name].replace(b'"source":"Source', b'"source":"Saurce')
        digest = sha256(files[name]).hexdigest()
        listed(files, lambda one: one["segments"][1].update(sha256=digest))

    files = damaged("jsonl", change)
    with pytest.raises(FormatError, match=f"{SECOND}.* the report .* something else"):
        list(read_segments(files[MANIFEST], files.__getitem__))


def test_bytes_that_are_no_segment_are_refused_even_if_the_manifest_has_them(form: Form) -> None:
    def change(files: Files) -> None:
        garbage = b"\n{\n" + b"x" * 40
        files[f"{SECOND}.{form}"] = garbage
        digest = sha256(garbage).hexdigest()
        listed(files, lambda one: one["segments"][1].update(sha256=digest, bytes=len(garbage)))

    files = damaged(form, change)
    with pytest.raises(FormatError, match=f"{SECOND}.* can't be read"):
        list(read_segments(files[MANIFEST], files.__getitem__))


def test_segments_of_another_log_are_refused(form: Form) -> None:
    with Log() as log, Log() as other:
        log.append(*said(3))
        other.append(*said(3))
        files = segments(log, form=form)
        with pytest.raises(LogError, match="aren't those of the segments"):
            import_segments(other, files[MANIFEST], files.__getitem__)
        with pytest.raises(LogError, match="manifest is of the log"):
            segments(other, form=form, manifest=files[MANIFEST])
        other.append(*said(4))
        with pytest.raises(LogError, match="4 entries and the manifest 3"):
            import_segments(other, files[MANIFEST], files.__getitem__)


def test_segments_are_of_a_known_form_and_size() -> None:
    with Log() as log:
        for options in ({"form": "xml"}, {"size": 0}):
            with pytest.raises(LogError, match="written as parquet or jsonl"):
                segments(log, **options)


@pytest.mark.parametrize(
    ("root", "message"), [(b"", "older release"), (b"0" * 32, "don't lead to the root")]
)
def test_a_log_whose_root_is_not_that_of_its_entries_is_not_exported(
    root: bytes, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Log() as log:
        log.append(*said(3))
        head = log.store.head()._replace(root=root)
        monkeypatch.setattr(log.store, "head", lambda: head)
        with pytest.raises(StoreError, match=message):
            segments(log, form="jsonl")


def bomb() -> bytes:
    """Two rows that unpack to hundreds of megabytes."""
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    column = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), ["A" * (1 << 28)])
    packed = io.BytesIO()
    parquet.write_table(pa.table({"body": column}), packed, compression="zstd")
    return packed.getvalue()


def hostile(about: Any, change: str) -> None:
    first = about["segments"][0]
    folder = {
        "../": "../outside",
        "absolute": "/outside",
        "device": "/dev/zero",
        "dot": ".",
        "": "",
    }
    if change in folder:
        first["name"] = folder[change]
    elif change == "drive":
        first["name"] = "C:segment-000000000001.jsonl"
    elif change == "endless":
        first["last"] = 10**15
    elif change == "backwards":
        first["first"] = -3
    elif change == "entries":
        about["entries"] = 1 << 80
    elif change == "identity":
        about["identity"] = "x" * 10_000_000
    else:
        about["root"] = "no root"


@pytest.mark.parametrize(
    "change",
    ["../", "absolute", "device", "dot", "", "drive", "endless", "backwards", "entries", "identity",
     "root"],
)  # fmt: skip
def test_a_hostile_manifest_is_refused_before_anything_is_opened(change: str) -> None:
    opened: list[str] = []
    files = damaged("jsonl", lambda files: listed(files, lambda about: hostile(about, change)))
    with Log() as log, pytest.raises(FormatError):
        import_segments(log, files[MANIFEST], lambda name: opened.append(name) or b"")  # type: ignore[func-returns-value]
    assert opened == []


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"version":1,"a":' + b"[" * 100_000, b"\xff"])
def test_bytes_that_are_no_manifest_are_refused(text: bytes) -> None:
    with Log() as log, pytest.raises(FormatError, match="no manifest"):
        import_segments(log, text, lambda _: b"")


def test_a_segment_that_unpacks_to_far_more_than_it_has_is_refused() -> None:
    packed = bomb()

    def change(files: Files) -> None:
        files[f"{SECOND}.parquet"] = packed
        about = {"sha256": sha256(packed).hexdigest(), "bytes": len(packed)}
        listed(files, lambda one: one["segments"][1].update(about))

    files = damaged("parquet", change)
    with pytest.raises(FormatError, match=f"{SECOND}.* far larger"):
        list(read_segments(files[MANIFEST], files.__getitem__))


def test_rows_that_are_not_what_their_ids_say_are_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with Log(path) as log:
        log.append(*said(3))
    forge(path, 2, b"not json at all")
    with Log(path) as log, Log() as other:
        files = dict(to_segments(log, form="jsonl"))
        with pytest.raises(FormatError):
            import_segments(other, files[MANIFEST], files.__getitem__)
        assert other.head == 0
