"""`export_study`: results in the forms that other systems open, under the patient's name or a pseudonym."""

import secrets
import shutil
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cinecor.app.export_forms import ExportForms
from cinecor.app.export_options import Anonymity, Exported, ExportOptions, Form
from cinecor.app.result_study import ResultStudy, open_result_study
from cinecor.durable_file import flush_folder, write_through
from cinecor.errors import CinecorError, InputError, OutputError, UsageError, system_reason
from cinecor.message import Message
from cinecor.progress import CancelCheck, Progress, ProgressListener, never, silent, stop_if
from cinecor.report.kept_results import read_results
from cinecor.report.names import folder_name, unused_name
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom

if TYPE_CHECKING:
    from cinecor.report.anonymous.mapping import Mapping
    from cinecor.report.anonymous.pseudonym import Pseudonym

_STAGES: Final = {
    Form.SEG: Message("exporting_seg", "Outlines as DICOM SEG"),
    Form.SR: Message("exporting_sr", "Numbers as DICOM SR"),
    Form.PDF: Message("exporting_pdf", "Report"),
    Form.CAPTURE: Message("exporting_capture", "First page of the report"),
    Form.CSV: Message("exporting_csv", "Tables"),
    Form.NIFTI: Message("exporting_nifti", "Outlines as label map"),
    Form.IMAGES: Message("exporting_images", "Images without identity"),
}


def export_study(
    folder: Path, *, out_dir: Path, studies: Sequence[Path] = (), options: ExportOptions, made: datetime | None = None
) -> Exported:
    """Write a new folder in `out_dir` with what is wanted, whole or not at all; nothing is ever written over.

    Raises what reading raises, `OutputError` when the folder cannot be written, and the refusal where none of what is
    wanted can be made.
    """
    with open_result_study(read_results(folder), studies) as opened:
        return export_opened(opened, out_dir=out_dir, options=options, made=made)


def export_opened(
    opened: ResultStudy,
    *,
    out_dir: Path,
    options: ExportOptions,
    made: datetime | None = None,
    progress: ProgressListener = silent,
    cancelled: CancelCheck = never,
) -> Exported:
    """Write a new folder in `out_dir` with what is wanted of results that are open, as `export_study` does.

    Tells of each form, and of the objects and images within one; stopped between them it raises `Cancelled` and leaves
    nothing.
    """
    with quiet_pydicom(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"highdicom\.")  # what it says of names that a study already has
        export = _Export(opened, options=options, made=made or datetime.now(), progress=progress, cancelled=cancelled)
        try:
            return export.write(out_dir)
        except OSError as error:
            raise OutputError(
                Message(
                    "export_not_written",
                    "The export cannot be written to {folder} ({reason}); free some space or choose another folder.",
                    folder=out_dir,
                    reason=system_reason(error),
                )
            ) from error


class _Export:
    """One export on its way."""

    def __init__(
        self,
        opened: ResultStudy,
        *,
        options: ExportOptions,
        made: datetime,
        progress: ProgressListener,
        cancelled: CancelCheck,
    ) -> None:
        self._opened, self._options = opened, options
        self._progress, self._cancelled = progress, cancelled
        self._pseudonym = _pseudonym(options.anonymity)
        self._forms = ExportForms(opened, options=options, pseudonym=self._pseudonym, made=made, step=self._step)

    def write(self, out_dir: Path) -> Exported:
        with self._mapping() as mapping:
            return self._write(out_dir, mapping)

    def _write(self, out_dir: Path, mapping: "Mapping | None") -> Exported:
        refused: list[tuple[Form, CinecorError]] = []
        new = out_dir / f".cinecor-new-{secrets.token_hex(6)}"
        out_dir.mkdir(parents=True, exist_ok=True)
        written: list[str] = []

        def put(name: str, content: bytes) -> None:
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_through(path, content)
            written.append(name)

        try:
            new.mkdir()
            for form in sorted(self._options.forms, key=list(Form).index, reverse=True):  # images come first
                self._step(form, 0, 1)
                before = len(written)
                try:
                    self._forms.make(form, put)
                except (UsageError, InputError) as error:
                    refused.append((form, error))
                    _take_away(new, written[before:])  # each form is whole or absent
                    del written[before:]
            if not written:
                raise refused[0][1]
            stop_if(self._cancelled)
            flush_folder(new)
            if mapping is not None:  # before anybody can see the export: it is of no use without the way back
                self._keep_in(mapping)
            target = out_dir / unused_name(out_dir, self._name())
            new.rename(target)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        told = tuple((form, error.message) for form, error in refused)
        return Exported(target, tuple(written), told, tuple(self._forms.notes))

    def _step(self, form: Form, done: int, total: int) -> None:
        """Stop here if that was asked for; else tell how much of a form is done."""
        stop_if(self._cancelled)
        self._progress(Progress(_STAGES[form], done, total))

    def _name(self) -> str:
        if self._pseudonym is not None:
            return folder_name(self._pseudonym.name)
        return self._opened.kept.folder.resolve().name

    def _mapping(self) -> "AbstractContextManager[Mapping | None]":
        """Open where the way back is kept, before anything is written that needs it."""
        anonymity = self._options.anonymity
        if anonymity is None or anonymity.mapping is None:
            return nullcontext()
        from cinecor.report.anonymous.mapping import open_mapping

        return open_mapping(anonymity.mapping)

    def _keep_in(self, mapping: "Mapping") -> None:
        assert self._pseudonym is not None
        study = self._opened.study
        card = None if study is None else study.card
        mapping.keep(
            self._pseudonym,
            patient_id="" if card is None else card.id,
            patient_name="" if card is None else card.name,
            results=self._opened.kept.folder,
        )


def _pseudonym(anonymity: Anonymity | None) -> "Pseudonym | None":
    if anonymity is None:
        return None
    from cinecor.report.anonymous.pseudonym import Pseudonym, new_pseudonym

    return Pseudonym(anonymity.pseudonym) if anonymity.pseudonym else new_pseudonym()


def _take_away(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        (folder / name).unlink()
    for place in {(folder / name).parent for name in names} - {folder}:
        with suppress(OSError):
            place.rmdir()
