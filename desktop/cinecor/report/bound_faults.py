"""What tells that results were changed after they were written: their digests, status, ledger and signature."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.message import Message, Phases, Slices
from cinecor.report.binding import (
    bound,
    ef_beside_models,
    field_digests,
    made_anew,
    signed_fields,
    signed_part,
)
from cinecor.report.names import LEDGER
from cinecor.report.results import Results, StatusFacts
from cinecor.review.ledger import Entry, faults_of, read_ledger
from cinecor.review.signed_ef import SIGNED_EF, signed_ef_facts
from cinecor.review.standing import AI_NOT_VERIFIED, IN_REVIEW, signed_message, unnamed_message

_MASKS = Message("part_masks", "masks")


def bound_faults(document: Mapping[str, Any], results: Results, labels: NDArray[np.uint8]) -> Iterator[Message]:
    """Yield what differs from the digests that were written with it: frames and fields, by their names.

    `document` is results.json as its file holds it, so that fields of other versions count too; results from before
    there were digests tell nothing.
    """
    told = None if results.status is None else results.status.bound
    if told is None:
        return
    now = bound(results, labels)
    changed = [
        (index, phase)
        for index, (row, row_told) in enumerate(zip(now.frames, told.frames, strict=False))
        for phase, (one, other) in enumerate(zip(row, row_told, strict=False))
        if one != other
    ]
    if changed:
        slices = Slices(tuple(sorted({index for index, _ in changed})))
        phases = Phases(tuple(sorted({phase for _, phase in changed})))
        yield Message(
            "masks_changed",
            "The masks were changed after they were written: {slices}, {phases}.",
            slices=slices,
            phases=phases,
        )
    elif now.masks != told.masks:
        yield Message("mask_digest_changed", "The digest of the masks is not theirs: it was changed.")
    fields = _different(told.fields, field_digests(document))
    if fields:
        yield Message("fields_changed", "results.json was changed after it was written: {fields}.", fields=fields)


def file_missing(name: str) -> Message:
    """Return that a file of the results is not there."""
    return Message("result_file_missing", "{name} is missing.", name=name)


def standing_faults(folder: Path, results: Results) -> Iterator[Message]:
    """Yield where status, signature and ledger of results do not fit each other or what was signed."""
    status = results.status
    if status is None:
        return
    if status != _as_written(status):
        yield Message("status_changed", "The status in results.json was changed after it was written.")
    if status.ledger is None and status.signature is None:
        return
    if status.ledger is None or not (folder / LEDGER).is_file():
        yield file_missing(LEDGER)
        return
    entries, unreadable = read_ledger((folder / LEDGER).read_bytes())
    yield from unreadable
    yield from faults_of(entries, belongs_to=status.ledger.belongs_to)
    if len(entries) != status.ledger.entries or (entries and entries[-1].hash != status.ledger.last_hash):
        yield Message(
            "ledger_end_changed",
            "The ledger does not end as it did when the results were written: {entries} entries then, {found} now.",
            entries=status.ledger.entries,
            found=len(entries),
        )
    if status.signature is not None:
        yield from _signature_faults(results, entries)


def unsigned_fields(folder: Path, results: Results) -> tuple[str, ...]:
    """Return the fields of signed results that its signature does not hold: a later version made them anew."""
    status = results.status
    if status is None or status.signature is None or not (folder / LEDGER).is_file():
        return ()
    signed = _signing(read_ledger((folder / LEDGER).read_bytes())[0])
    return () if signed is None else _anew(status, signed.act.facts)


def _signing(entries: tuple[Entry, ...]) -> Entry | None:
    return next((entry for entry in reversed(entries) if entry.act.kind == "sign"), None)


def _signature_faults(results: Results, entries: tuple[Entry, ...]) -> Iterator[Message]:
    """Compare what results.json says of the signature with the entry by which it was signed."""
    status = results.status
    signed = _signing(entries)
    assert status is not None
    assert status.signature is not None
    if signed is None:
        yield Message("signature_not_in_ledger", "The results say that they are signed, and the ledger does not.")
        return
    told, person, facts = status.signature, signed.person, signed.act.facts
    said = (told.name, told.organisation, told.user, told.time, told.comment, told.reasons, status.version)
    signed_as = (
        person.name, person.organisation, person.user, signed.time,
        facts.get("comment"), facts.get("reasons"), facts.get("version"),
    )  # fmt: skip
    if said != signed_as:
        yield Message("signature_changed", "The signature in results.json is not the one in the ledger.")
    parts = _signed_otherwise(status, facts)
    if parts:
        yield Message("signed_other_results", "What was signed is not what lies here: {parts}.", parts=parts)
    # Signatures of earlier versions tell no ejection fractions: there is nothing to compare then.
    if SIGNED_EF in facts and facts[SIGNED_EF] != signed_ef_facts(ef_beside_models(results)):
        yield Message(
            "signed_other_ef",
            "The ejection fractions that were signed, final or the model’s, are not those in results.json.",
        )


def _as_written(status: StatusFacts) -> StatusFacts | None:
    """Return the status with the words that belong to it; None for one that cannot be."""
    signature, signed = status.signature, status.state == "signed"
    if (signature is not None and not signed) or (signature is None and signed and status.ledger is not None):
        return None
    if signature is not None:
        words = signed_message(name=signature.name, time=signature.time, version=status.version)
    elif signed:  # without identity
        words = unnamed_message(version=status.version)
    else:
        words = IN_REVIEW if status.state == "in_review" else AI_NOT_VERIFIED
    return status.model_copy(update={"text": str(words)})


def _signed_otherwise(status: StatusFacts, signature: Mapping[str, Any]) -> tuple[str | Message, ...]:
    """Return which parts of what was signed are not those that lie here, but for what a later version made anew."""
    held = signature.get("bound")
    was: Mapping[str, Any] = held if isinstance(held, dict) else {}
    now: Mapping[str, Any] = {} if status.bound is None else signed_part(status.bound)
    masks = any(was.get(name) != now.get(name) for name in ("masks", "frames"))
    anew = _anew(status, signature)
    fields = (name for name in _different(signed_fields(signature), now.get("fields", {})) if name not in anew)
    return (*((_MASKS,) if masks else ()), *fields)


def _anew(status: StatusFacts, signature: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that the signature leaves open: new ones, and derived ones that are said to be made anew."""
    signed = signed_fields(signature)
    found = () if status.bound is None else made_anew(status.bound, signature)
    return tuple(name for name in found if name not in signed or name in status.anew)


def _different(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(chain(one, other)) if one.get(name) != other.get(name))
