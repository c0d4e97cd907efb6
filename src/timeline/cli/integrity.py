"""Commands that guard a log as evidence: verify, rescue, redact, checkpoint, prove and check."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from pathlib import Path

from timeline.cli.common import BROKEN, OK, note, opened, position, progress, reading, writing
from timeline.cli.rows import show
from timeline.errors import LogError, ProofError
from timeline.log import Log
from timeline.proofs import SigningKey, verify_entry, verify_growth
from timeline.upgrade_report import upgrade_report as list_changes

__all__ = [
    "check_proof",
    "checkpoint",
    "key",
    "prove",
    "redact",
    "rescue",
    "upgrade_report",
    "verify",
]


def verify(options: Namespace) -> int:
    """Read all of a log; ends with 1 if anything is damaged."""
    with opened(options.log, options) as log:
        audit = log.verify(progress=progress(f"reading {options.log}"))
    print(audit)
    return OK if audit.ok else BROKEN


def upgrade_report(options: Namespace) -> int:
    """Print the accounts whose answers differ from those of release 0.1."""
    with opened(options.log, options) as log:
        found = list_changes(log)
    if options.shape is None:
        print(found)
    else:
        columns = ("rule", "event_id", "detail", "sources", "claims")
        show(found.to_dicts(), options.shape, columns=columns)
    return OK


def rescue(options: Namespace) -> int:
    """Make a new log of what is left in a damaged file; ends with 1 if something is lost."""
    if not Path(options.file).is_file():
        raise LogError(f"there is no file {options.file!r} to read from")
    with Log(options.target) as log:
        rescued = log.rescue(options.file)
    print(rescued)
    return BROKEN if rescued.lost else OK


def _named(text: str) -> str | int:
    number = position(text)
    return text if number is None else number


def redact(options: Namespace) -> int:
    """Erase what entries say and tell what still speaks of it."""
    with opened(options.log, options) as log:
        erasure = log.redact(
            *map(_named, options.entries),
            because=options.because,
            basis=options.basis,
            by=options.by,
            naming=options.naming,
            recognisable=not options.no_mark,
        )
    print(erasure)
    return OK


def key(options: Namespace) -> int:
    """Make a secret key for its owner alone, and print the public one."""
    key = SigningKey.generate(options.name)
    handle = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{key.text}\n")
    note(f"the secret key is in {options.file}; keep it away from the log. The public key:")
    print(key.public)
    return OK


def checkpoint(options: Namespace) -> int:
    """Print the log's size and root, signed."""
    with opened(options.log, options) as log:
        signing = None
        if options.key is not None:
            signing = SigningKey.read(Path(options.key).read_text(encoding="utf-8").strip())
        signed = log.checkpoint(signing, verify=options.verify)
        writing(options.output, str(signed), what="a checkpoint")
    return OK


def _file(name: str | None) -> str | None:
    if name is None:
        return None
    with reading(name) as file:
        text: str = file.read()
    return text


def prove(options: Namespace) -> int:
    """Write the proof that an entry stands in a log, or that it only grew."""
    with opened(options.log, options) as log:
        signed = _file(options.checkpoint)
        if options.entry is not None:
            proof_text = str(log.prove(_named(options.entry), checkpoint=signed))
        else:
            since = _file(options.since)
            assert since is not None  # noqa: S101 - one of the two is required
            proof_text = str(log.prove_since(since, checkpoint=signed))
    writing(options.output, proof_text, what="a proof")
    return OK


def check_proof(options: Namespace) -> int:
    """Check a proof from what was handed in alone; ends with 1 if it doesn't hold."""
    proof = _file(options.proof)
    assert proof is not None  # noqa: S101 - it is required
    try:
        if options.since is not None:
            since = _file(options.since)
            assert since is not None  # noqa: S101 - it was named
            result: object = verify_growth(proof, since, key=options.key, witnesses=options.witness)
        else:
            result = verify_entry(
                proof,
                key=options.key,
                witnesses=options.witness,
                checkpoint=_file(options.checkpoint),
            )
    except (ProofError, LogError) as error:
        note(f"the proof doesn't hold: {error}")
        return BROKEN
    print(result if isinstance(result, str) else json.dumps(str(result), ensure_ascii=False))
    return OK
