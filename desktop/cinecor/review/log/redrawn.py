"""`redrawn_places`: which frames stand redrawn after a log, told without its masks."""

import json
from collections.abc import Iterable

from cinecor.review.correction import Place
from cinecor.review.log.record import REDO, UNDO, Record


def redrawn_places(records: Iterable[Record]) -> frozenset[Place]:
    """Return the frames (slice, phase) that are not the model's: not what was undone, or given back to the model.

    The records need no frames; only their kinds and facts are read.
    """
    done: list[Record] = []
    undone: list[Record] = []
    for record in records:
        if record.kind == UNDO:
            undone.extend(done[-1:])
            del done[-1:]
        elif record.kind == REDO:
            done.extend(undone[-1:])
            del undone[-1:]
        else:
            done.append(record)
            undone.clear()
    redrawn: set[Place] = set()
    for record in done:
        if not record.kind.startswith("redraw."):
            continue
        for index, phase, length in json.loads(record.facts)["frames"]:
            if length:  # else the model's again
                redrawn.add((index, phase))
            else:
                redrawn.discard((index, phase))
    return frozenset(redrawn)
