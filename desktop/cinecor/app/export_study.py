"""`export_study`: results in the forms that other systems open, under the patient's name or a pseudonym."""

import io
import secrets
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cinecor.app.export_options import Anonymity, Exported, ExportOptions, Form
from cinecor.app.report_study import ReportOptions, head_of, picture_of, report_of
from cinecor.app.result_study import ResultStudy, open_result_study
from cinecor.durable_file import flush_folder, write_through
from cinecor.errors import CinecorError, InputError, OutputError, UsageError, system_reason
from cinecor.message import Message
from cinecor.progress import CancelCheck, Progress, ProgressListener, never, silent, stop_if
from cinecor.report.kept_results import KeptResults, read_results
from cinecor.report.names import LEDGER, SEGMENTS, folder_name, unused_name
from cinecor.report.pdf.report_head import ReportHead
from cinecor.report.regional_facts import segments_csv
from cinecor.report.results import Results
from cinecor.report.volumes import volumes_csv
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from cinecor.report.anonymous.mapping import Mapping
    from cinecor.report.anonymous.pseudonym import Pseudonym
    from cinecor.report.dicom.source_study import SourceStudy


_SERIES: Final = {"seg_final": 9001, "seg_ai": 9002, "sr_final": 9011, "sr_ai": 9012, "pdf": 9021, "capture": 9031}
_SHOW_PIXELS: Final = {Form.IMAGES, Form.PDF, Form.CAPTURE}
Write = Callable[[str, bytes], None]
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
        self._opened, self._options, self._made = opened, options, made
        self._progress, self._cancelled = progress, cancelled
        self._pseudonym = _pseudonym(options.anonymity)
        self._images: dict[str, str] = {}  # the images' new names, by their old
        self._notes: list[Message] = []
        self._burned_in: int | None = None  # the first image that says so, from 1; 0: none; None: not looked at yet

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
                    self._make(form, put)
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
        return Exported(target, tuple(written), told, tuple(self._notes))

    def _step(self, form: Form, done: int, total: int) -> None:
        """Stop here if that was asked for; else tell how much of a form is done."""
        stop_if(self._cancelled)
        self._progress(Progress(_STAGES[form], done, total))

    def _make(self, form: Form, put: Write) -> None:
        if form in _SHOW_PIXELS:
            self._require_no_burned_in_text()
        match form:
            case Form.CSV:
                self._write_tables(put)
            case Form.NIFTI:
                for path in self._opened.kept.folder.glob("segmentation*.nii.gz"):
                    put(path.name, path.read_bytes())
            case Form.PDF:
                self._make_pdf(put)
            case Form.CAPTURE:
                self._make_capture(put)
            case Form.SEG:
                for name, content in self._seg_objects():
                    put(name, content)
            case Form.SR:
                for name, content in self._sr_objects():
                    put(name, content)
            case Form.IMAGES:
                self._copy_images(put)

    def _write_tables(self, put: Write) -> None:
        """Write the numbers, and what `cinecor verify` asks for beside them."""
        results, folder = self._results(), self._opened.kept.folder
        put("volumes.csv", volumes_csv(results).encode())
        if results.regional is not None and results.regional.segments:
            put(SEGMENTS, segments_csv(results).encode())
        if self._pseudonym is not None:
            put("results.json", results.to_json().encode())
            return
        put("results.json", (folder / "results.json").read_bytes())
        if self._opened.kept.ledger:
            put(LEDGER, self._opened.kept.ledger)

    def _name(self) -> str:
        if self._pseudonym is not None:
            return folder_name(self._pseudonym.name)
        return self._opened.kept.folder.resolve().name

    def _results(self) -> Results:
        results = self._opened.kept.results
        if self._pseudonym is None:
            return results
        from cinecor.report.anonymous.anonymous_results import anonymous_results

        return anonymous_results(
            results, self._pseudonym, files=self._images, keep_characteristics=self._keep_characteristics
        )

    def _kept(self) -> KeptResults:
        return replace(self._opened.kept, results=self._results())

    def _make_pdf(self, put: Write) -> None:
        opened, wanted = self._reported()
        pdf = report_of(opened, options=wanted, head=self._head(), made=self._made)
        put("report.pdf", pdf)
        try:
            source = self._source()
        except (UsageError, InputError):
            return  # of a NIfTI the PDF alone
        from cinecor.report.dicom.encapsulated_pdf import encapsulated_pdf

        status = _status(opened.kept)
        held = encapsulated_pdf(pdf, source=source, made=self._made, series_number=_SERIES["pdf"], status=status)
        put("report.dcm", _file(held))

    def _make_capture(self, put: Write) -> None:
        source = self._source()
        from cinecor.report.dicom.secondary_capture import secondary_capture

        opened, wanted = self._reported()
        page = picture_of(opened, options=wanted, head=self._head(), made=self._made)
        shown = secondary_capture(
            page, source=source, made=self._made, series_number=_SERIES["capture"], status=_status(opened.kept)
        )
        put("report-page.dcm", _file(shown))

    def _reported(self) -> tuple[ResultStudy, ReportOptions]:
        """Return what a report is made of, and how it looks."""
        wanted = self._options.report
        if self._pseudonym is not None:
            # Where, and when before, somebody was scanned is part of who it is, and a reader's own words may name him.
            wanted = ReportOptions(language=wanted.language)
        return replace(self._opened, kept=self._kept()), wanted

    def _head(self) -> ReportHead | None:
        """Return what stands above the report; None: what the study says."""
        if self._pseudonym is None:
            return None
        head, keep = head_of(self._opened), self._keep_characteristics
        return ReportHead(
            name=self._pseudonym.name,
            id=self._pseudonym.name,
            scanner=head.scanner,
            field_tesla=head.field_tesla,
            sex=head.sex if keep else "",
            height_cm=head.height_cm if keep else None,
            height_typed=keep and head.height_typed,
            weight_kg=head.weight_kg if keep else None,
            weight_typed=keep and head.weight_typed,
        )

    def _source(self) -> "SourceStudy":
        """Return the images that objects refer to. Raises `UsageError` and `InputError` where there are none."""
        study = self._opened.study
        if study is None:
            raise InputError(
                Message("study_not_at_hand", "The study of these results is not at hand: name it with --study.")
            )
        from cinecor.report.dicom.source_study import source_study

        source = source_study(study.stack, {} if study.index is None else study.index.paths)
        if self._pseudonym is None:
            return source
        from cinecor.report.anonymous.anonymous_source import anonymous_source

        return anonymous_source(source, self._pseudonym, keep_characteristics=self._keep_characteristics)

    @property
    def _keep_characteristics(self) -> bool:
        return self._options.anonymity is not None and self._options.anonymity.keep_characteristics

    def _seg_objects(self) -> Iterator[tuple[str, bytes]]:
        source = self._source()
        from cinecor.report.dicom.segmentation_objects import SegOptions, frames_of_reference, segmentation_objects

        many = frames_of_reference(source)
        if many > 1:
            self._notes.append(
                Message(
                    "seg_in_parts",
                    "The images name {n} frames of reference (FrameOfReferenceUID): there is a SEG object for each, "
                    "because one object can lie in one only.",
                    n=many,
                )
            )
        kept = self._kept()
        wanted = SegOptions(whole_cine=self._options.whole_cine, label_map=self._options.label_map)
        parts = [("ai", kept.ai_labels, False)]
        if _touched(kept):
            parts.append(("final", kept.labels, True))
        for name, labels, final in parts:
            number = _SERIES["seg_final" if final else "seg_ai"]
            objects = segmentation_objects(
                labels,
                source=source,
                results=kept.results,
                options=replace(wanted, final=final, series_number=number),
                step=partial(self._step, Form.SEG),
            )
            for made in objects:
                yield f"seg-{name}/{made.name}.dcm", _file(made.dataset)

    def _sr_objects(self) -> Iterator[tuple[str, bytes]]:
        source = self._source()
        from cinecor.report.dicom.measurement_report import measurement_report

        kept, head = self._kept(), self._head() or head_of(self._opened)
        for name, final in (("ai", False), ("final", True)) if _touched(kept) else (("ai", False),):
            made = measurement_report(
                kept.results,
                source=source,
                final=final,
                surface_m2=head.surface_m2,
                series_number=_SERIES["sr_final" if final else "sr_ai"],
            )
            yield f"sr-{name}.dcm", _file(made)

    def _copy_images(self, put: Write) -> None:
        if self._pseudonym is None:
            raise UsageError(
                Message("images_only_anonymous", "Images are only exported without identity: add --anonymise.")
            )
        self._source()  # refuses what has no DICOM images
        study = self._opened.study
        assert study is not None
        assert study.index is not None
        from cinecor.report.anonymous.anonymous_dataset import anonymous_image
        from cinecor.report.anonymous.image_file import read_image

        files = _used_files(self._opened.kept)
        names = {}
        for number, path in enumerate(files, start=1):
            self._step(Form.IMAGES, number, len(files))
            image = read_image(study.index.paths[path])
            name = f"images/{number:05d}.dcm"
            put(name, _file(anonymous_image(image, self._pseudonym, keep_characteristics=self._keep_characteristics)))
            names[path] = name
        self._images = names

    def _require_no_burned_in_text(self) -> None:
        """Raise `InputError` where an image without identity, or a report that shows it, could bear a name in it."""
        study = self._opened.study
        if self._pseudonym is None or study is None or study.index is None:
            return
        from cinecor.report.anonymous.image_file import says_burned_in

        if self._burned_in is None:
            kept = self._opened.kept
            # Reports show long-axis views beside valve lines.
            shown = _used_files(kept) if kept.results.valve_planes is None else tuple(study.index.paths)
            self._burned_in = next(
                (number for number, path in enumerate(shown, start=1) if says_burned_in(study.index.paths[path])), 0
            )
        if self._burned_in:
            raise InputError(
                Message(
                    "burned_in",
                    "Image {number} says that text is burned into it: without identity neither images nor a report "
                    "that shows them are exported.",
                    number=self._burned_in,
                )
            )

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


def _status(kept: KeptResults) -> str:
    """Return who answers for a report, for the title of its object."""
    from cinecor.report.pdf.reading import status_message

    return str(status_message(kept.results))


def _touched(kept: KeptResults) -> bool:
    """Return whether there is a final result apart from the model's own."""
    signed = kept.results.status is not None and kept.results.status.state == "signed"
    return kept.results.ai is not None or signed or bool((kept.labels != kept.ai_labels).any())


def _used_files(kept: KeptResults) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in kept.results.stack.files for name in row if name is not None))


def _take_away(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        (folder / name).unlink()
    for place in {(folder / name).parent for name in names} - {folder}:
        with suppress(OSError):
            place.rmdir()


def _file(made: "Dataset") -> bytes:
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()
