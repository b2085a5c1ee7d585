"""Opening any input by its content: NIfTI, or DICOM in a folder, DICOMDIR, zip or single file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cinecor.errors import Cancelled, CinecorError, InputError, NothingSegmentable, UsageError
from cinecor.message import Message
from cinecor.progress import CancelCheck, ProgressListener, never, silent
from cinecor.study.audit import ImportAudit, LeftOut
from cinecor.study.cine_stack import CineStack
from cinecor.study.dicom.file_source import FileSource
from cinecor.study.dicom.header_reader import looks_like_dicom
from cinecor.study.files.archive import is_zip
from cinecor.study.files.input_files import input_files
from cinecor.study.nifti import is_nifti, read_nifti
from cinecor.study.series.index import SeriesIndex
from cinecor.study.series.scan import scan
from cinecor.study.stack.stack_reader import read_stack


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs that a path stands for, and what lies beside them that may be one and cannot be read."""

    paths: tuple[Path, ...]
    unread: tuple[LeftOut, ...] = ()


def inputs_of(path: Path) -> Inputs:
    """Return the inputs that a path stands for: each NIfTI file of a folder that holds no DICOM, else the path itself.

    Whatever is wrong with the folder is told when it is read; of a folder of NIfTI files, beside them.
    """
    if not path.is_dir():
        return Inputs((path,))
    try:
        given = input_files(path)
    except InputError:
        return Inputs((path,))
    nifti = [file.source for file in given.files if _named_nifti(file.name) and isinstance(file.source, Path)]
    if not nifti or any(_may_be_dicom(file.source) for file in given.files if not _named_nifti(file.name)):
        return Inputs((path,))
    return Inputs(tuple(nifti), tuple(row for row in given.rejected if row.may_hold_images))


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
            raise UsageError(
                Message(
                    "series_of_nifti",
                    "--series {series_uid}: {name} is a NIfTI file and has no series; leave it out.",
                    series_uid=series_uid,
                    name=path.name,
                )
            )
        return read_nifti(path)
    with scan(path, progress=progress, cancelled=cancelled) as index:
        refuse_lone_file(path, index)
        return read_stack(index, series_uid=series_uid, phase_order=phase_order, progress=progress, cancelled=cancelled)


@dataclass(frozen=True, slots=True, eq=False)
class ReadStudy:
    """One study of an input: its stack and the account of all files, or the error that reading it ended in."""

    stack: CineStack | None = None
    audit: ImportAudit | None = None
    error: CinecorError | None = None
    of: int = 1  # how many studies the input holds


@dataclass(frozen=True, slots=True, eq=False)
class StudyToRead:
    """One study of an input of which the headers were read, and nothing more."""

    number: int  # within its input, from 1, by date
    of: int  # how many studies the input holds
    uid: str | None  # of the study; None where that is not known
    stack: Callable[[], tuple[CineStack, ImportAudit]] = field(repr=False)

    def read(self) -> ReadStudy:
        """Return the study as it is read, or the error of ours that reading it ended in. Raises `Cancelled`."""
        try:
            return ReadStudy(*self.stack(), of=self.of)
        except Cancelled:
            raise
        except CinecorError as error:
            return ReadStudy(error=error, of=self.of)


def studies_of(
    path: Path,
    *,
    series_uid: str | None = None,
    last_first: bool = False,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> Iterator[StudyToRead]:
    """Yield every study of one input, to be read before the next is asked for; with `last_first` the other way round.

    Where a series is named, or the input is no DICOM, there is one study. Raises what scanning raises, and `Cancelled`.
    """
    if series_uid is not None or (path.is_file() and is_nifti(path)):
        given = partial(open_input, path, series_uid=series_uid, progress=progress, cancelled=cancelled)
        yield StudyToRead(1, 1, None, given)
        return
    with scan(path, progress=progress, cancelled=cancelled) as index:
        refuse_lone_file(path, index)
        sessions = index.sessions
        several = len(sessions) > 1
        numbered = list(enumerate(sessions if several else (None,), start=1))
        for number, session in reversed(numbered) if last_first else numbered:
            part = index.of_session(session) if several else index
            stack = partial(read_stack, part, progress=progress, cancelled=cancelled)
            yield StudyToRead(number, len(numbered), session, stack)


def read_studies(
    path: Path, *, series_uid: str | None = None, progress: ProgressListener = silent, cancelled: CancelCheck = never
) -> Iterator[ReadStudy]:
    """Yield every study of one input, one after the other; a study that cannot be read does not stop the next.

    The rest as `studies_of`.
    """
    for study in studies_of(path, series_uid=series_uid, progress=progress, cancelled=cancelled):
        yield study.read()


def _named_nifti(name: str) -> bool:
    return name.lower().endswith((".nii", ".nii.gz"))


def _may_be_dicom(source: FileSource) -> bool:
    try:
        with source.open("rb") as file:
            return looks_like_dicom(file.read(132))
    except OSError:
        return True  # reading it will tell


def refuse_lone_file(path: Path, index: SeriesIndex) -> None:
    """Raise when the input is one file and holds no image.

    `InputError` for a damaged image, `NothingSegmentable` for a file that is none.
    """
    if index.series or index.files_given != 1 or not path.is_file() or is_zip(path):
        return
    row = index.left_out[0]
    refusal = InputError if row.damaged else NothingSegmentable
    raise refusal(
        Message(
            "lone_file_no_image",
            "{name}: {reason}; give a folder, a DICOMDIR, a .zip or a NIfTI file.",
            name=path.name,
            reason=row.reason,
        )
    )
