"""Proves what a log holds to people who don't trust its owner; verifies with the proof alone."""

from __future__ import annotations

from timeline.proofs.checkpoints import Checkpoint, Signature, Verified, cosign, verify
from timeline.proofs.entries import EntryProof, Proven, verify_entry
from timeline.proofs.growth import GrowthProof, verify_growth
from timeline.proofs.keys import PublicKey, SigningKey

__all__ = [
    "Checkpoint",
    "EntryProof",
    "GrowthProof",
    "Proven",
    "PublicKey",
    "Signature",
    "SigningKey",
    "Verified",
    "cosign",
    "verify",
    "verify_entry",
    "verify_growth",
]
