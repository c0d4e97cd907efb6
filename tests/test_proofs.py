"""Tests proofs of entries and of growth, and that nothing else passes for one."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_merkle import hashes_over
from timeline.accounts import Entry
from timeline.claims import Claim, Report
from timeline.codec import Codec
from timeline.counts import Count
from timeline.errors import LogError, ProofError, StoreError
from timeline.events import Event, UnknownEvent, event
from timeline.kinds import Attack
from timeline.log import Log
from timeline.merkle import growth_path, inclusion_path
from timeline.proofs import (
    Checkpoint,
    EntryProof,
    GrowthProof,
    SigningKey,
    cosign,
    verify_entry,
    verify_growth,
)
from timeline.proofs.checkpoints import sign
from timeline.proofs.trees import BLOCK, KEPT, Tree
from timeline.redaction_records import Redacted, Redaction
from timeline.stores.base import leaf
from timeline.stores.features import snapshot_store
from timeline.stores.memory import MemoryStore
from timeline.time_parsing import when

KEY = SigningKey(name="archive.example/war", seed=bytes(range(32)))
OTHER = SigningKey(name="archive.example/other", seed=bytes(32))
WITNESS = SigningKey(name="witness.example/one", seed=b"1" * 32)
NOON = datetime(2022, 9, 16, 12, tzinfo=UTC)
REPORT = Report("ISW", published="2022-09-10", text="Троє поранених в Ізюмі.")
DESK = Report("Desk", published="2022-09-17")


def attack(number: int) -> Claim:
    return REPORT.says(Attack(when=when("2022-09-09"), wounded=Count(number), id=str(number)))


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    target = None if request.param == "memory" else tmp_path / "war.db"
    with Log(target, clock=lambda: NOON) as opened:
        yield opened


def made(count: int) -> Log:
    log = Log(clock=lambda: NOON)
    log.append(*map(attack, range(count)))
    return log


# --- an entry


def test_an_entry_is_proven_by_the_proof_alone(log: Log) -> None:
    claims = [attack(number) for number in range(7)]
    entries = log.append(*claims)
    checkpoint = cosign(log.checkpoint(KEY), WITNESS, at=NOON)
    log.append(attack(100))
    for number, claim in enumerate(claims):
        for naming in (claim, claim.id, entries[number], number + 1):
            text = str(log.prove(naming, checkpoint=str(checkpoint)))
            proven = verify_entry(text, key=str(KEY.public), witnesses=WITNESS.witness)
            assert proven.entry == entries[number]
            assert proven.checkpoint == checkpoint
            assert proven.witnessed == {WITNESS.name: NOON}
            assert str(EntryProof.read(text)) == text


def test_everything_that_an_entry_can_hold_is_proven(log: Log) -> None:
    one = attack(1)
    void, retraction = DESK.voids(one, because="двічі"), REPORT.retracts("2", because="wrong")
    log.append(one, void, retraction, DESK.says(attack(3).event, quote=None))
    log.redact(1, because="a court", basis="GDPR 17")
    checkpoint = log.checkpoint(KEY)
    proven = [
        verify_entry(str(log.prove(place, checkpoint=checkpoint)), key=KEY.public).entry
        for place in range(1, 6)
    ]
    assert proven[1:] == list(log)[1:]
    assert isinstance(proven[0].claim, Redacted)
    assert isinstance(proven[4].claim, Redaction)
    (first, *_) = log
    assert isinstance(first.claim, Redacted)
    assert proven[0].claim == attrs.evolve(first.claim, redaction=None)


def test_an_old_checkpoint_holds_after_a_redaction(log: Log) -> None:
    log.append(attack(1), attack(2))
    checkpoint = log.checkpoint(KEY)
    before = log.prove(2, checkpoint=checkpoint)
    proof_of_what_goes = log.prove(1, checkpoint=checkpoint)
    log.redact(1, because="a court", basis="GDPR 17")
    assert log.prove(2, checkpoint=checkpoint) == before
    gone = verify_entry(log.prove(1, checkpoint=checkpoint), key=KEY.public).entry.claim
    assert isinstance(gone, Redacted)
    # Whoever holds a proof from before holds what it said, too.
    assert verify_entry(proof_of_what_goes, key=KEY.public).entry.claim == attack(1)
    verify_growth(
        log.prove_since(checkpoint, checkpoint=log.checkpoint(KEY)), checkpoint, key=KEY.public
    )


def test_what_is_erased_while_it_is_proven_is_proven_as_redacted() -> None:
    class Raced(MemoryStore):
        lost = raced = False

        def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
            if self.raced:
                self.raced = False
                racing.redact(1, because="a court", basis="GDPR 17")
            return {} if self.lost else super().reports(ids)

    store = Raced()
    racing = Log(store)
    racing.append(Report("Wire", published="2022-09-10").says(Attack(when="2022-09-10")))
    signed = racing.checkpoint(KEY)
    store.raced = True
    proven = verify_entry(str(racing.prove(1, checkpoint=signed)), key=KEY.public)
    assert isinstance(proven.entry.claim, Redacted)
    racing.append(Report("Wire", published="2022-09-11").says(Attack(when="2022-09-10")))
    store.lost = True
    with pytest.raises(StoreError, match="the report of entry 3 is missing"):
        racing.prove(3)


def test_a_proof_without_a_signature_holds_with_a_checkpoint(log: Log) -> None:
    log.append(attack(1), attack(2))
    proof = log.prove(1)
    assert proof.checkpoint.origin == f"timeline/{log.store.identity}"
    with pytest.raises(ProofError, match=r"no key that you trust has signed .*nobody"):
        verify_entry(str(proof), key=KEY.public)
    checkpoint = str(log.checkpoint(KEY))
    assert verify_entry(str(proof), key=KEY.public, checkpoint=checkpoint).entry.claim == attack(1)
    log.append(attack(3))
    with pytest.raises(ProofError):
        verify_entry(str(proof), key=KEY.public, checkpoint=log.checkpoint(KEY))


def test_a_kind_of_ones_own_is_read_where_it_is_handed_in(log: Log) -> None:
    @event("displacement/1")
    class Displacement(Event):
        people: Count

    claim = REPORT.says(Displacement(when=when("2022"), people=Count(3)))
    log.append(claim)
    proof = str(log.prove(1, checkpoint=log.checkpoint(KEY)))
    unknown = verify_entry(proof, key=KEY.public).entry.claim
    assert isinstance(unknown, Claim)
    assert isinstance(unknown.event, UnknownEvent)
    assert verify_entry(proof, key=KEY.public, events=[Displacement]).entry.claim == claim


@pytest.mark.parametrize("position", [0, -1, 3, 1 << 70])
def test_what_the_checkpoint_doesnt_reach_isnt_proven(log: Log, position: int) -> None:
    log.append(attack(1), attack(2))
    checkpoint = log.checkpoint(KEY)
    log.append(attack(3))
    with pytest.raises(LogError, match="isn't among the 2 entries of the checkpoint"):
        log.prove(position, checkpoint=checkpoint)


def test_a_checkpoint_of_another_log_is_noticed(log: Log) -> None:
    log.append(attack(1), attack(2))
    other = made(2).checkpoint(KEY)
    with pytest.raises(StoreError, match="at 2 has another root than this log had then"):
        log.prove(1, checkpoint=other)
    with pytest.raises(StoreError, match="at 2 has another root"):
        log.prove_since(other)
    with pytest.raises(StoreError, match="at 2 has another root"):
        log.prove_since(log.checkpoint(KEY), checkpoint=other)
    with pytest.raises(LogError, match="the log has 2 entries, and the checkpoint is of 3"):
        log.prove_since(made(3).checkpoint(KEY))


# --- what passes for no proof


def changed(text: str, change: Callable[[dict[str, Any]], object]) -> str:
    """A proof whose entry says something else."""
    first, extra, rest = text.split("\n", 2)
    said = json.loads(b64decode(extra.removeprefix("extra ")))
    change(said)
    told = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return f"{first}\nextra {b64encode(told).decode()}\n{rest}"


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "body": lambda said: said.update(body=said["body"].replace("wounded", "killed")),
    "time": lambda said: said.update(recorded=said["recorded"] + 1),
    "no time": lambda said: said.update(recorded=1 << 63),
    "salt": lambda said: said.update(salt="00" * 16),
    "short salt": lambda said: said.update(salt=said["salt"][2:]),
    "no salt": lambda said: said.pop("salt"),
    "id": lambda said: said.update(id="00" * 32),
    "kind": lambda said: said.update(kind="incident/1"),
    "form": lambda said: said.update(form="void"),
    "redacted": lambda said: said.update(form="redacted", commitment="00" * 32, salt=""),
    "commitment": lambda said: said.update(commitment="00" * 32),
    "report": lambda said: said.update(report="00" * 32),
    "report's text": lambda said: said.update(
        report_body=said["report_body"].replace("Троє", "П'ятеро")
    ),
    "report's date": lambda said: said.update(report_body=said["report_body"].replace("10", "11")),
    "no report": lambda said: said.pop("report_body"),
    "more": lambda said: said.update(note="x"),
    "no hex": lambda said: said.update(id="xx"),
    "no form": lambda said: said.pop("form"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_an_entry_that_says_something_else_isnt_proven(what: str) -> None:
    log = made(5)
    proof = str(log.prove(3, checkpoint=log.checkpoint(KEY)))
    same = verify_entry(changed(proof, lambda _: None), key=KEY.public)
    assert same.entry.claim == attack(2)
    with pytest.raises(ProofError):
        verify_entry(changed(proof, CHANGES[what]), key=KEY.public)


def test_a_log_that_lies_about_its_ids_is_noticed() -> None:
    # Its owner may append what no release would: the root holds then, and the ids don't.
    draft = made(1).reader.codec.draft(attack(1))
    reports = {bytes.fromhex(REPORT.id): REPORT.body}
    wrong = {
        "id isn't that": draft._replace(id=b"7" * 32),
        "can't be read": draft._replace(body=b"{}"),
        "form": draft._replace(record_type="song"),
        "deep": draft._replace(body=b'{"event":' + b"[" * 100_000),
    }
    for one in wrong.values():
        store = MemoryStore()
        store.append([one], reports, recorded=0, explicit=True)
        log = Log(store)
        with pytest.raises(ProofError, match=r"what the entry says can't be read|id isn't that"):
            verify_entry(log.prove(1, checkpoint=log.checkpoint(KEY)), key=KEY.public)
    told = Redaction(positions=(1,), because="a court", basis="GDPR 17")
    store = MemoryStore()
    wrong_id = Codec.redaction_draft(told)._replace(id=b"7" * 32)
    store.append([wrong_id], {}, recorded=0, explicit=True)
    log = Log(store)
    with pytest.raises(ProofError, match="the entry's id isn't that of what it says"):
        verify_entry(log.prove(1, checkpoint=log.checkpoint(KEY)), key=KEY.public)
    store = MemoryStore()
    store.append([draft], reports, recorded=(1 << 63) - 1, explicit=True)
    log = Log(store)
    with pytest.raises(ProofError, match="beyond all years"):
        verify_entry(log.prove(1, checkpoint=log.checkpoint(KEY)), key=KEY.public)


@pytest.mark.parametrize("number", range(3))
@given(st.data())
def test_no_flipped_bit_passes(number: int, data: st.DataObject) -> None:
    proof, since = FLIPPED[number]
    raw = bytearray(proof.encode())
    at = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[at // 8] ^= 1 << at % 8
    with pytest.raises((ProofError, UnicodeDecodeError)):
        _verify(raw, since)


def _verify(raw: bytearray, since: Checkpoint | None) -> None:
    if since is None:
        verify_entry(raw.decode(), key=KEY.public, witnesses=WITNESS.witness)
    else:
        verify_growth(raw.decode(), since, key=KEY.public, witnesses=WITNESS.witness)


def _flipped() -> list[tuple[str, Checkpoint | None]]:
    log = made(11)
    old = log.checkpoint(KEY)
    log.append(attack(50), attack(51))
    log.redact(4, because="a court", basis="GDPR 17")
    checkpoint = cosign(log.checkpoint(KEY), WITNESS, at=NOON)
    return [
        (str(log.prove(3, checkpoint=checkpoint)), None),
        (str(log.prove(4, checkpoint=checkpoint)), None),
        (str(log.prove_since(old, checkpoint=checkpoint)), old),
    ]


FLIPPED = _flipped()


def test_what_is_flipped_passes_as_it_is() -> None:
    for proof, since in FLIPPED:
        _verify(bytearray(proof.encode()), since)


@given(st.text(max_size=200) | st.text("c2sp.org/tlog-proof@v1\n extra=indxold0", max_size=80))
def test_any_other_text_is_refused(text: str) -> None:
    for read in (EntryProof.read, GrowthProof.read):
        with pytest.raises(ProofError):
            read(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("index 2", "index 02"),
        ("index 2", "indes 2"),
        ("index 2", f"index {(1 << 63) - 1}"),
        ("extra ", "extra "[:-1]),
        ("\n\n", "\n" + ("A" * 43 + "=\n") * 65 + "\n"),
        ("@v1", "@v2"),
    ],
)
def test_what_is_no_proof_is_refused(old: str, new: str) -> None:
    log = made(5)
    proof = str(log.prove(3, checkpoint=log.checkpoint(KEY)))
    with pytest.raises(ProofError):
        EntryProof.read(proof.replace(old, new, 1))


def test_spaces_in_what_an_entry_says_make_it_no_proof() -> None:
    log = made(5)
    first, extra, rest = str(log.prove(3, checkpoint=log.checkpoint(KEY))).split("\n", 2)
    told = b" " + b64decode(extra.removeprefix("extra "))
    with pytest.raises(ProofError, match="isn't written as one is"):
        EntryProof.read(f"{first}\nextra {b64encode(told).decode()}\n{rest}")


# --- growth


def test_growth_is_proven_between_any_two_checkpoints(log: Log) -> None:
    checkpoints = [log.checkpoint(KEY)]
    for number in range(9):
        log.append(attack(number))
        checkpoints.append(log.checkpoint(KEY))
    for i, old in enumerate(checkpoints):
        for new in checkpoints[i:]:
            text = str(log.prove_since(str(old), checkpoint=str(new)))
            assert str(GrowthProof.read(text)) == text
            assert verify_growth(text, str(old), key=KEY.public).checkpoint == new


def test_a_log_that_changed_its_past_is_found_out() -> None:
    log, forged = made(4), made(4)
    old = log.checkpoint(KEY)
    forged.append(attack(9))
    proof = forged.prove_since(forged.checkpoint(KEY), checkpoint=forged.checkpoint(KEY))
    lie = attrs.evolve(
        proof,
        old_size=4,
        path=tuple(growth_path(4, 5, hashes_over(list(forged.store.leaves())))),
    )
    with pytest.raises(ProofError, match="doesn't begin with the one of 4: what was there before"):
        verify_growth(lie, old, key=KEY.public)


def test_growth_is_of_one_log_and_one_size() -> None:
    log = made(4)
    old = log.checkpoint(KEY)
    log.append(attack(9))
    proof = log.prove_since(old, checkpoint=log.checkpoint(KEY))
    other = log.checkpoint(OTHER)
    with pytest.raises(ProofError, match=r"the proof is of the growth of 'archive.example/war'"):
        verify_growth(proof, other, key=[KEY.public, OTHER.public])
    with pytest.raises(ProofError, match=r"since 4, and the checkpoint is of .* at 5"):
        verify_growth(proof, log.checkpoint(KEY), key=KEY.public)
    with pytest.raises(ProofError, match="no key that you trust"):
        verify_growth(proof, attrs.evolve(old, signatures=()), key=KEY.public)
    with pytest.raises(ProofError, match="can't have grown"):
        verify_growth(
            GrowthProof(old_size=5, path=(), checkpoint=old), log.checkpoint(KEY), key=KEY.public
        )


# --- long logs


class Leaves(MemoryStore):
    """A store of leaves alone, which counts how many are read."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.all = [number.to_bytes(32, "big") for number in range(count)]
        self.read = 0

    def leaves(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        some = self.all[after:upto]
        self.read += len(some)
        return iter(some)


SIZES = [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 9 * BLOCK, 9 * BLOCK + 500]


@pytest.mark.parametrize("size", SIZES)
def test_a_long_tree_is_the_naive_one(size: int) -> None:
    store = Leaves(10 * BLOCK)
    naive = hashes_over(store.all)
    for _ in range(2):  # the second from what was kept
        tree = Tree(store, size)
        assert tree.hash_of(0, size) == naive(0, size)
        for index in {0, size // 3, size // 2, size - 1}:
            assert inclusion_path(index, size, tree.hash_of) == inclusion_path(index, size, naive)
        for old in {1, size // 3 or 1, min(BLOCK, size), size - 1 or 1}:
            assert growth_path(old, size, tree.hash_of) == growth_path(old, size, naive)


def test_the_second_proof_reads_two_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("timeline.proofs.trees._PIECE", 16)
    size = 20 * BLOCK + 7
    store = Leaves(30 * BLOCK)
    first = inclusion_path(5, size, Tree(store, size).hash_of)
    assert (kept := snapshot_store(store).load_snapshot(KEPT)) is not None
    assert kept.position == 20 * BLOCK
    assert len(list(snapshot_store(store).load_chunks(KEPT))) == 2
    store.read = 0
    assert inclusion_path(5, size, Tree(store, size).hash_of) == first
    assert store.read <= 2 * BLOCK
    Tree(store, 30 * BLOCK)
    assert snapshot_store(store).load_snapshot(KEPT) != kept
    whole = Tree(store, 30 * BLOCK).hash_of(0, 30 * BLOCK)
    assert whole == hashes_over(store.all)(0, 30 * BLOCK)


def test_what_was_kept_wrongly_is_worked_out_again(tmp_path: Path) -> None:
    with Log(tmp_path / "war.db", clock=lambda: NOON) as log:
        log.append(*map(attack, range(BLOCK + 9)))
        old = log.checkpoint(KEY)
        log.append(*map(attack, range(BLOCK + 9, 2 * BLOCK + 1)))
        wrong: dict[str, bytes | None] = {"000000000000": b"\x07" * 64}

        def spoil() -> None:
            there = snapshot_store(log.store).load_snapshot(KEPT)
            version = there.version if there else 0
            snapshot_store(log.store).save_snapshot(
                KEPT, expect=version, position=0, note=b"", chunks=wrong
            )

        spoil()
        verify_entry(str(log.prove(1, checkpoint=log.checkpoint(KEY))), key=KEY.public)
        assert snapshot_store(log.store).load_snapshot(KEPT) is None
        spoil()
        growth = log.prove_since(old, checkpoint=log.checkpoint(KEY))
        verify_growth(str(growth), old, key=KEY.public)
        assert snapshot_store(log.store).load_snapshot(KEPT) is None


def test_a_store_that_keeps_nothing_proves_all_the_same() -> None:
    class Full(Leaves):
        def keep(self, *_: Any, **__: Any) -> int:
            raise StoreError("the disk is full")

        def forget(self, name: str) -> None:
            raise StoreError(f"{name} can't be dropped")

    store = Full(9 * BLOCK)
    tree = Tree(store, 9 * BLOCK, anew=True)
    assert tree.hash_of(0, 9 * BLOCK) == hashes_over(store.all)(0, 9 * BLOCK)


def test_proofs_and_leaves_are_of_one_making() -> None:
    log = made(3)
    proof = log.prove(2)
    assert leaf(proof.row) == list(log.store.leaves())[1]
    assert Entry(2, NOON, attack(1)) == list(log)[1]
    assert sign(log.checkpoint(), KEY).body.startswith("timeline/")
