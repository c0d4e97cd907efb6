"""Tests keys, signatures and checkpoints in the forms that C2SP describes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.errors import MissingExtraError, ProofError
from timeline.merkle import EMPTY_ROOT
from timeline.proofs import Checkpoint, PublicKey, Signature, SigningKey, cosign, verify
from timeline.proofs.checkpoints import decimal, sign
from timeline.proofs.keys import from_base64

KEY = SigningKey(name="archive.example/war", seed=bytes(range(32)))
OTHER = SigningKey(name="archive.example/war", seed=bytes(32))
WITNESS = SigningKey(name="witness.example/one", seed=b"1" * 32)
SECOND = SigningKey(name="witness.example/two", seed=b"2" * 32)
NOON = datetime(2022, 9, 16, 12, tzinfo=UTC)
CHECKPOINT = Checkpoint(origin=KEY.name, size=7, root=sha256(b"7").digest())
SIGNED = cosign(sign(CHECKPOINT, KEY), WITNESS, at=NOON)

# The example in the documentation of the program that defined these forms: Go's package
# golang.org/x/mod/sumdb/note.
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
    "6KE6RyyBwJnAM="
)


def test_the_published_example_holds() -> None:
    public, private = PublicKey.read(GO_PUBLIC), SigningKey.read(GO_PRIVATE)
    assert private.public == public
    assert (str(public), private.text) == (GO_PUBLIC, GO_PRIVATE)
    line = Signature.read(GO_LINE)
    assert (line.name, line.key_id, str(line)) == (public.name, public.id, GO_LINE)
    assert private.sign(GO_TEXT.encode()) == line.data
    assert public.holds(line.data, GO_TEXT.encode())


def test_the_example_of_a_cosigned_checkpoint_can_be_read() -> None:
    # From https://c2sp.org/tlog-cosignature; its keys aren't told there.
    text = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
        "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiI"
        "Doe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    read = Checkpoint.read(text)
    assert (read.origin, read.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(read) == text
    assert int.from_bytes(read.signatures[1].data[:8], "big") == 1679315147


# A checkpoint of a public log of certificates, signed there and cosigned by four witnesses of other
# operators: nothing of it was made by this library.
OTHERS = json.loads(
    (Path(__file__).parent / "fixtures" / "cosigned-checkpoint.json").read_text(encoding="utf-8")
)


def test_what_other_programs_signed_and_cosigned_holds() -> None:
    held = verify(OTHERS["checkpoint"], key=OTHERS["log"], witnesses=OTHERS["witnesses"])
    assert str(held.checkpoint) == OTHERS["checkpoint"]
    seen = datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC)
    assert held.witnessed == {PublicKey.read(one).name: seen for one in OTHERS["witnesses"]}
    for key in [OTHERS["log"], *OTHERS["witnesses"]]:
        assert str(PublicKey.read(key)) == key


@pytest.mark.parametrize("witness", OTHERS["witnesses"])
def test_a_cosignature_of_another_program_holds_for_its_checkpoint_and_time_alone(
    witness: str,
) -> None:
    read = Checkpoint.read(OTHERS["checkpoint"])
    name = PublicKey.read(witness).name
    (line,) = (one for one in read.signatures if one.name == name)
    later = attrs.evolve(line, data=line.data[:7] + b"!" + line.data[8:])
    with pytest.raises(ProofError, match="doesn't hold"):
        verify(
            OTHERS["checkpoint"].replace(str(line), str(later)),
            key=OTHERS["log"],
            witnesses=witness,
        )
    grown = sign(Checkpoint(origin=KEY.name, size=read.size, root=read.root), KEY)
    with pytest.raises(ProofError, match="doesn't hold"):
        verify(
            attrs.evolve(grown, signatures=(*grown.signatures, line)),
            key=KEY.public,
            witnesses=witness,
        )


# --- keys


def test_a_new_key_is_anothers_and_comes_back_from_its_text() -> None:
    one, two = (SigningKey.generate("archive.example/war") for _ in range(2))
    assert one != two
    assert SigningKey.read(one.text) == one
    assert PublicKey.read(str(one.public)) == one.public
    assert PublicKey.read(str(one.witness)) == one.witness != one.public
    assert one.public.id != one.witness.id
    assert "seed" not in repr(one)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", None])
def test_a_key_has_a_name_without_spaces(name: Any) -> None:
    with pytest.raises(ProofError, match="a key's name is a text without spaces or plus signs"):
        SigningKey.generate(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        GO_PUBLIC.replace("c74f20a3", "c74f20a4"),
        GO_PUBLIC[:-1],
        GO_PUBLIC + "A",
        GO_PUBLIC.replace("ARpc", "AApc"),
        " " + GO_PUBLIC,
        GO_PRIVATE,
    ],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        PublicKey.read(text)


@pytest.mark.parametrize(
    "text",
    ["", GO_PUBLIC, GO_PRIVATE[:-1], GO_PRIVATE.replace("c74f", "c74e"), "PRIVATE+KEY+x",
     GO_PRIVATE.replace("AYEK", "BIEK"), GO_PRIVATE.replace("AYEK", "AZEK")],
)  # fmt: skip
def test_what_is_no_signing_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ProofError) as caught:
        SigningKey.read(text)
    assert "FALVFGyNhPJEMz" not in str(caught.value)


@given(st.data())
def test_no_changed_key_is_read(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([str(KEY.public), str(WITNESS.witness)]))
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[at]))
    with pytest.raises(ProofError):
        PublicKey.read(text[:at] + other + text[at + 1 :])


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography", None)
    name = "cryptography.hazmat.primitives.asymmetric.ed25519"
    monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'timeline-events\[proofs\]'"):
        KEY.sign(b"")


@pytest.mark.parametrize("text", ["", "A", "AA", "AA=", "AB==", "AA==\n", "A===", "é"])
def test_base64_is_written_in_one_way(text: str) -> None:
    with pytest.raises(ProofError, match="a thing is base64, not"):
        from_base64(text, "a thing")


@pytest.mark.parametrize("text", ["", "-1", "+1", "01", "1 ", "1.0", "٣", "1" * 20, "0x1"])
def test_a_number_is_written_in_one_way(text: str) -> None:
    with pytest.raises(ProofError, match="a thing is a number without leading zeros"):
        decimal(text, "a thing")


# --- checkpoints


def test_a_signed_checkpoint_holds_and_comes_back_from_its_text() -> None:
    text = str(SIGNED)
    assert Checkpoint.read(text) == SIGNED
    assert text.startswith("archive.example/war\n7\n")
    verified = verify(text, key=str(KEY.public), witnesses=[WITNESS.witness])
    assert verified.checkpoint == SIGNED
    assert verified.signed_by == (KEY.public,)
    assert verified.witnessed == {"witness.example/one": NOON}


def test_several_keys_and_witnesses_may_be_trusted() -> None:
    keys: list[str | PublicKey] = [str(OTHER.public), KEY.public]
    assert verify(SIGNED, key=keys).signed_by == (KEY.public,)
    both: list[str | PublicKey] = [WITNESS.witness, str(SECOND.witness)]
    assert verify(SIGNED, key=keys, witnesses=both, at_least=1).witnessed.keys() == {WITNESS.name}
    with pytest.raises(ProofError, match="1 of the 2 witnesses that have to have signed"):
        verify(SIGNED, key=keys, witnesses=both)
    twice = cosign(cosign(SIGNED, SECOND, at=NOON), WITNESS, at=NOON - timedelta(days=1))
    seen = verify(twice, key=keys, witnesses=both).witnessed
    assert seen == {WITNESS.name: NOON - timedelta(days=1), SECOND.name: NOON}


def test_a_witness_adds_its_line() -> None:
    signed = sign(CHECKPOINT, KEY)
    line = f"{cosign(CHECKPOINT, WITNESS, at=NOON).signatures[0]}\n"
    assert signed.with_lines(line) == SIGNED == SIGNED.with_lines(line)


def test_lines_of_strangers_are_passed_over() -> None:
    stranger = Signature(name=KEY.name, key_id=b"none", data=b"?" * 64)
    signed = attrs.evolve(SIGNED, signatures=(stranger, *SIGNED.signatures))
    assert verify(str(signed), key=KEY.public).checkpoint == signed


def test_extensions_are_signed_too() -> None:
    signed = sign(attrs.evolve(CHECKPOINT, extensions=("one", "two")), KEY)
    read = Checkpoint.read(str(signed))
    assert read.extensions == ("one", "two")
    assert verify(read, key=KEY.public).checkpoint == signed
    with pytest.raises(ProofError, match="doesn't hold"):
        verify(attrs.evolve(signed, extensions=("one",)), key=KEY.public)


@pytest.mark.parametrize(
    ("checkpoint", "options", "message"),
    [
        (CHECKPOINT, {}, "no key that you trust has signed this checkpoint .*by: nobody"),
        (sign(CHECKPOINT, OTHER), {}, "no key that you trust .*by: archive.example/war"),
        (cosign(CHECKPOINT, KEY, at=NOON), {"key": KEY.witness}, "no key that you trust"),
        (
            sign(attrs.evolve(CHECKPOINT, origin="other.example"), KEY),
            {},
            "the checkpoint is of 'other.example', and the key of 'archive.example/war'",
        ),
        (SIGNED, {"witnesses": WITNESS.public}, "is the key of a log"),
        (SIGNED, {"witnesses": SECOND.witness}, "0 of the 1 witnesses"),
        (attrs.evolve(SIGNED, size=8), {}, "the signature of 'archive.example/war' doesn't hold"),
    ],
)
def test_what_is_not_signed_proves_nothing(
    checkpoint: Checkpoint, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProofError, match=message):
        verify(checkpoint, **({"key": KEY.public} | options))


def test_a_witness_signature_at_no_time_is_refused() -> None:
    late = Signature(name=WITNESS.name, key_id=WITNESS.witness.id, data=b"\xff" * 72)
    signed = attrs.evolve(SIGNED, signatures=(*SIGNED.signatures, late))
    with pytest.raises(ProofError, match=r"the signature of .witness.example/one. doesn.t hold"):
        verify(signed, key=KEY.public, witnesses=WITNESS.witness)
    with pytest.raises(ProofError, match="since 1970"):
        cosign(CHECKPOINT, WITNESS, at=datetime(1969, 1, 1, tzinfo=UTC))


BROKEN: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "no signatures' line": lambda text: text.replace("\n\n", "\n"),
    "no end": lambda text: text[:-1],
    "two lines": lambda text: text.replace("\n7\n", "\n"),
    "an empty line": lambda text: text.replace("\n7\n", "\n\n7\n"),
    "a control": lambda text: text.replace("archive", "arc\x1bhive"),
    "a size": lambda text: text.replace("\n7\n", "\n07\n"),
    "no dash": lambda text: text.replace("— w", "- w"),
    "no space": lambda text: text.replace("— witness.example/one ", "— witness.example/one"),
    "a short signature": lambda text: text.rpartition("—")[0] + "— a AAAA\n",
    "a short root": lambda text: text.replace("\n7\n", "\n7\nAAAA\n"),
    "too many": lambda text: text + "— a AAAAAAAA\n" * 100,
    "too long": lambda text: text + "— a AAAAAAAA\n" * 100_000,
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_no_checkpoint_is_refused(how: str) -> None:
    text = BROKEN[how](str(SIGNED))
    assert text != str(SIGNED)
    with pytest.raises(ProofError):
        Checkpoint.read(text)


def test_a_checkpoint_has_an_origin() -> None:
    for origin in ("", "a\nb"):
        with pytest.raises(ProofError, match="origin is one line"):
            attrs.evolve(CHECKPOINT, origin=origin)


@given(st.data())
def test_no_changed_checkpoint_holds(data: st.DataObject) -> None:
    raw = bytearray(str(SIGNED).encode())
    at = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[at // 8] ^= 1 << at % 8
    with pytest.raises((ProofError, UnicodeDecodeError)):
        verify(raw.decode(), key=KEY.public, witnesses=WITNESS.witness)


@given(st.text(max_size=200) | st.text("\n— =A0", max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        verify(text, key=KEY.public)


def test_an_empty_log_has_a_checkpoint_too() -> None:
    empty = sign(Checkpoint(origin=KEY.name, size=0, root=EMPTY_ROOT), KEY)
    assert verify(str(empty), key=KEY.public).checkpoint == empty
