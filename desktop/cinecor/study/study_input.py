"""Opening any input by its content: NIfTI, or DICOM in a folder, DICOMDIR, zip or single file."""

from pathlib import Path

from cinecor.errors import InputError, UsageError
from cinecor.progress import CancelCheck, ProgressListener, never, silent
from cinecor.study.audit import ImportAudit
from cinecor.study.nifti import is_nifti, read_nifti
from cinecor.study.scan import scan
from cinecor.study.stack import CineStack
from cinecor.study.stack_reader import read_stack


def open_input(
    path: Path,
    *,
    series_uid: str | None = None,
    phase_order: str | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> tuple[CineStack, ImportAudit]:
    """Return the stack of one input, and the account of its files.

    Raises `UsageError`, `InputError` or `NothingSegmentable` with one sentence, `Cancelled` on request.
    """
    path = Path(path)
    if path.is_file() and is_nifti(path):
        if series_uid is not None:
            raise UsageError(f"--series {series_uid}: {path.name} is a NIfTI file and has no series; leave it out.")
        return read_nifti(path)
    with scan(path, progress=progress, cancelled=cancelled) as index:
        if path.is_file() and index.files_given == 1 and index.left_out:
            raise InputError(
                f"{path.name}: {index.left_out[0].reason}; give a folder, a DICOMDIR, a .zip or a NIfTI file."
            )
        return read_stack(index, series_uid=series_uid, phase_order=phase_order, progress=progress, cancelled=cancelled)
