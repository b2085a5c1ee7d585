"""`write_files`: one result folder, whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import OutputError
from cinecor.message import Message
from cinecor.report.names import AI_MASKS, LEDGER, MASKS, RESULTS_JSON, SEGMENTS, VOLUMES, may_be_replaced
from cinecor.report.nifti import nifti_bytes
from cinecor.report.regional_facts import segments_csv
from cinecor.report.replacement import replace_folder
from cinecor.report.results import Results
from cinecor.report.volumes import volumes_csv
from cinecor.review.ledger import written_ledger
from cinecor.review.standing import Standing
from cinecor.study.cine_stack import CineStack


@dataclass(frozen=True, slots=True)
class ResultFolder:
    """Where the results of one input lie."""

    path: Path

    @property
    def segmentation(self) -> Path:
        """The labels."""
        return self.path / MASKS

    @property
    def results(self) -> Path:
        """The numbers, their quality and the audit."""
        return self.path / RESULTS_JSON

    @property
    def volumes(self) -> Path:
        """The volume curves."""
        return self.path / VOLUMES


def result_files(
    results: Results,
    *,
    labels: NDArray[np.uint8],
    stack: CineStack,
    ai_labels: NDArray[np.uint8] | None = None,
    standing: Standing | None = None,
) -> Mapping[str, bytes]:
    """Return the files of a result folder by name.

    `ai_labels` are the model's own, beside the final `labels` where they differ; `standing` is that of the review that
    is saved, its ledger is a file where there are entries; None: nobody's review.
    """
    files = {
        MASKS: nifti_bytes(labels, stack=stack),
        RESULTS_JSON: results.to_json().encode(),
        VOLUMES: volumes_csv(results).encode(),
    }
    if results.regional is not None and results.regional.segments:
        files[SEGMENTS] = segments_csv(results).encode()
    if ai_labels is not None and _differ(ai_labels, labels):
        files[AI_MASKS] = nifti_bytes(ai_labels, stack=stack)
    if standing is not None and standing.ledger:
        files[LEDGER] = written_ledger(standing.ledger)
    return files


def _differ(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    # A slice at a time: beside the labels of a long cine nothing of their size is made only to compare them.
    return one is not other and any((mine != its).any() for mine, its in zip(one, other, strict=True))


def write_files(
    out_dir: Path,
    *,
    name: str,
    files: Mapping[str, bytes],
    input_path: Path,
    series_uids: Sequence[str] | None = None,
    standing: Standing | None = None,
) -> ResultFolder:
    """Write `out_dir/name/` with its files, and say where they lie.

    The files are written and flushed to disk in a hidden place beside the target, and then take the target's name.
    A kill at any moment leaves the earlier results or the new ones, each complete, never a mixture; what it leaves
    behind is removed by the next run. Other files that a user put beside earlier results stay.

    Only earlier results of the same input (and of `series_uids`, where given) are replaced, and what somebody corrected
    or signed only by the same reading, of which `standing` tells (see `may_be_replaced`). A report of what is replaced
    goes with it.
    Raises `OutputError` when the results cannot be written (no space, no permission, a folder that holds other
    things): nothing is left behind then.
    """
    target = out_dir / name
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        replace_folder(
            target,
            files=files,
            replaceable=lambda folder: may_be_replaced(
                folder, input_path=input_path, series_uids=series_uids, standing=standing
            ),
        )
    except OSError as error:
        raise OutputError(
            Message(
                "results_not_written",
                "The results cannot be written to {target}: {reason}; "
                "free some space, close programs that have them open, or choose another folder with --out.",
                target=target,
                reason=error.strerror or str(error),
            )
        ) from error
    return ResultFolder(target)
