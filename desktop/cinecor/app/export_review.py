"""`export_review`: the study in front in the forms that other systems open, as it is at this moment."""

import tempfile
from pathlib import Path
from typing import Final

from cinecor.app.export_options import Exported, ExportOptions
from cinecor.app.export_study import export_opened
from cinecor.app.open_study import OpenedStudy
from cinecor.app.result_study import ResultStudy
from cinecor.app.save_study import save_study
from cinecor.message import Message
from cinecor.progress import CancelCheck, Progress, ProgressListener, never, silent
from cinecor.report.kept_results import read_results
from cinecor.review import Review
from cinecor.review.standing import Standing

_COUNTING: Final = Message("exporting_results", "Counting what is exported")


def export_review(
    review: Review,
    study: OpenedStudy,
    *,
    out_dir: Path,
    options: ExportOptions,
    standing: Standing | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> Exported:
    """Write a new folder in `out_dir`, as `cinecor export` does from results that were saved.

    Raises `UsageError` while there is no segmentation, and what `export_opened` raises.
    """
    progress(Progress(_COUNTING, 0, 1))
    out_dir.mkdir(parents=True, exist_ok=True)
    # Beside the export and not in the system's folder for such things: nothing of a study goes where nobody said.
    with tempfile.TemporaryDirectory(prefix=".cinecor-new-", dir=out_dir) as folder:
        saved = save_study(review, input_path=study.path, out_dir=Path(folder), standing=standing)
        opened = ResultStudy(read_results(saved.folder.path), study)
        return export_opened(opened, out_dir=out_dir, options=options, progress=progress, cancelled=cancelled)
