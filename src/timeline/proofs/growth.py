"""Proves that a log only grew between two checkpoints: nothing that was there was changed.

The text is what C2SP's witnesses are sent (https://c2sp.org/tlog-witness, add-checkpoint): the old
size, the hashes, and the new checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import attrs

from timeline.errors import ProofError
from timeline.merkle import check_growth
from timeline.proofs.checkpoints import Checkpoint, Verified, decimal, verify
from timeline.proofs.entries import hash_lines
from timeline.proofs.keys import PublicKey, to_base64

__all__ = ["GrowthProof", "verify_growth"]


@attrs.frozen(kw_only=True)
class GrowthProof:
    """That a log of ``old_size`` entries grew into that of a checkpoint. ``str()`` gives the text.

    Nothing in it holds until it is verified, see ``verify_growth``.
    """

    old_size: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def __str__(self) -> str:
        lines = (f"old {self.old_size}", *map(to_base64, self.path), "")
        return "".join(f"{line}\n" for line in lines) + str(self.checkpoint)

    @classmethod
    def read(cls, text: str) -> Self:
        """Return back a proof from its text, whether or not it holds.

        Raises ``ProofError`` where it isn't written as one.
        """
        top, _, checkpoint = text.partition("\n\n")
        first, *hashes = top[: 1 << 16].split("\n")
        if not first.startswith("old "):
            raise ProofError(f"a proof of growth begins with old and a size, not {text!r:.100}")
        return cls(
            old_size=decimal(first.removeprefix("old "), "the old size"),
            path=hash_lines(hashes),
            checkpoint=Checkpoint.read(checkpoint),
        )


def verify_growth(
    proof: GrowthProof | str,
    since: Checkpoint | str,
    *,
    key: str | PublicKey | Iterable[str | PublicKey],
    witnesses: str | PublicKey | Iterable[str | PublicKey] = (),
    at_least: int | None = None,
) -> Verified:
    """Verify that a log only grew since a checkpoint; return the new one.

    ``key``, ``witnesses`` and ``at_least`` as for ``verify``; the old checkpoint, which you have
    kept, must hold under the key too. Raises ``ProofError``; where both are signed and the growth
    isn't shown, keep all three texts: they may show that the log's owner changed its past.
    """
    if isinstance(proof, str):
        proof = GrowthProof.read(proof)
    old = verify(since, key=key).checkpoint
    new = verify(proof.checkpoint, key=key, witnesses=witnesses, at_least=at_least)
    if (old.origin, old.size) != (new.checkpoint.origin, proof.old_size):
        raise ProofError(
            f"the proof is of the growth of {new.checkpoint.origin!r:.100} since {proof.old_size}, "
            f"and the checkpoint is of {old.origin!r:.100} at {old.size}"
        )
    check_growth(old.size, new.checkpoint.size, old.root, new.checkpoint.root, proof.path)
    return new
