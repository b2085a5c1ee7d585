"""`KeptResults`: a folder of results as it was read back."""

import json
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from cinecor.errors import InputError, ResultsChanged
from cinecor.message import Message
from cinecor.report.bound_faults import bound_faults, standing_faults
from cinecor.report.names import AI_MASKS, LEDGER, MASKS, RESULTS_JSON
from cinecor.report.results import Results
from cinecor.report.verification import no_results, read_labels


@dataclass(frozen=True, slots=True, eq=False)
class KeptResults:
    """Numbers, labels and ledger of one folder; arrays are read-only."""

    folder: Path
    results: Results
    labels: NDArray[np.uint8]  # (slice, phase, row, column), final
    ai_labels: NDArray[np.uint8]  # the model's own; `labels` where nobody changed them
    ledger: bytes = b""  # as it lies there; empty where nobody did anything


def read_results(folder: Path) -> KeptResults:
    """Return what lies in a folder of results.

    Raises `UsageError` for a folder that holds none, `InputError` for results that cannot be read, `ResultsChanged` for
    results that are not as they were written, as far as digests, ledger and signature tell without counting.
    """
    page = folder / RESULTS_JSON
    if not page.is_file():
        raise no_results(folder)
    content = page.read_bytes()
    try:
        results = Results.model_validate_json(content)
    except ValidationError as error:
        raise InputError(
            Message(
                "results_unreadable",
                "{folder}: results.json cannot be read; write the results again (cinecor segment).",
                folder=folder,
            )
        ) from error
    labels = read_labels(folder / MASKS, results)
    ai_labels = read_labels(folder / AI_MASKS, results) if (folder / AI_MASKS).is_file() else labels
    faults = chain(bound_faults(json.loads(content), results, labels), standing_faults(folder, results))
    if next(faults, None) is not None:
        raise ResultsChanged(
            Message(
                "results_changed",
                "{folder}: these results were changed after they were written; `cinecor verify` tells what and where.",
                folder=folder,
            )
        )
    for array in (labels, ai_labels):
        array.setflags(write=False)
    ledger = (folder / LEDGER).read_bytes() if (folder / LEDGER).is_file() else b""
    return KeptResults(folder, results, labels, ai_labels, ledger)
