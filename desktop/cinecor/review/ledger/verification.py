"""A ledger as a file, and what is wrong with one that somebody else may have written in."""

import json
from collections.abc import Iterable, Sequence

from cinecor.message import Message
from cinecor.review.ledger.entry import Entry


def written_ledger(entries: Iterable[Entry]) -> bytes:
    """Return the ledger as JSON Lines, UTF-8, one entry a line."""
    lines = (json.dumps(entry.as_json(), sort_keys=True, ensure_ascii=False) for entry in entries)
    return "".join(f"{line}\n" for line in lines).encode()


def read_ledger(content: bytes) -> tuple[tuple[Entry, ...], tuple[Message, ...]]:
    """Return the entries of a ledger file as they stand, and the lines that are none."""
    entries, faults = [], []
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            entries.append(Entry.of_json(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            faults.append(Message("ledger_line_unreadable", "Line {number} of the ledger is no entry.", number=number))
    return tuple(entries), tuple(faults)


def faults_of(entries: Sequence[Entry], *, belongs_to: str) -> tuple[Message, ...]:
    """Return what shows that a ledger was tampered with, by entry; nothing for one that is as it was written.

    A changed entry no longer has its hash; a removed, added or moved one breaks the chain behind it. Who writes the
    whole chain anew from the changed entry on leaves no trace in it: that is found where its last hash was told to
    others, in a signed result.
    """
    faults = []
    previous = belongs_to
    for position, entry in enumerate(entries, start=1):
        if entry.hash != entry.true_hash:
            faults.append(
                Message(
                    "ledger_entry_changed",
                    "Entry {number} of the ledger was changed after it was written.",
                    number=entry.number,
                )
            )
        if entry.number != position or entry.previous != previous:
            faults.append(
                Message(
                    "ledger_order_broken",
                    "Entry {number} does not follow the one before it: entries were removed, added or reordered.",
                    number=entry.number,
                )
            )
        previous = entry.hash
    return tuple(faults)
