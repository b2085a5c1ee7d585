"""`ExportForms`: results in each form that other systems open, as files by name."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.report_study import ReportOptions, head_of, picture_of, report_of
from cinecor.app.result_study import STUDY_NOT_AT_HAND, ResultStudy
from cinecor.errors import InputError, UsageError
from cinecor.message import Message
from cinecor.report.kept_results import KeptResults
from cinecor.report.names import LEDGER, RESULTS_JSON, SEGMENTS, VOLUMES
from cinecor.report.pdf.report_head import ReportHead
from cinecor.report.regional_facts import segments_csv
from cinecor.report.results import Results
from cinecor.report.volumes import volumes_csv

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from cinecor.report.anonymous.pseudonym import Pseudonym
    from cinecor.report.dicom.source_study import SourceStudy

Write = Callable[[str, bytes], None]
Step = Callable[[Form, int, int], None]
_SERIES: Final = {"seg_final": 9001, "seg_ai": 9002, "sr_final": 9011, "sr_ai": 9012, "pdf": 9021, "capture": 9031}
_SHOW_PIXELS: Final = {Form.IMAGES, Form.PDF, Form.CAPTURE}


class ExportForms:
    """The forms of one result, under the patient's name or a pseudonym; the images come before what refers to them.

    `step` is told how much of a form is done; what it raises ends the work.
    """

    def __init__(
        self,
        opened: ResultStudy,
        *,
        options: ExportOptions,
        pseudonym: "Pseudonym | None",
        made: datetime,
        step: Step,
    ) -> None:
        self.notes: list[Message] = []  # what whoever exports has to know
        self._opened, self._options, self._pseudonym, self._made = opened, options, pseudonym, made
        self._step = step
        self._images: dict[str, str] = {}  # the images' new names, by their old
        self._burned_in: int | None = None  # the first image that says so, from 1; 0: none; None: not looked at yet

    def make(self, form: Form, put: Write) -> None:
        """Give every file of a form to `put`. Raises `UsageError` and `InputError` where it cannot be made."""
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
        put(VOLUMES, volumes_csv(results).encode())
        if results.regional is not None and results.regional.segments:
            put(SEGMENTS, segments_csv(results).encode())
        if self._pseudonym is not None:
            put(RESULTS_JSON, results.to_json().encode())
            return
        put(RESULTS_JSON, (folder / RESULTS_JSON).read_bytes())
        if self._opened.kept.ledger:
            put(LEDGER, self._opened.kept.ledger)

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
            raise InputError(STUDY_NOT_AT_HAND)
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
            self.notes.append(
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

        def step(part: int, done: int, total: int) -> None:
            self._step(Form.SEG, part * total + done, len(parts) * total)  # one count: it never begins again

        for part, (name, labels, final) in enumerate(parts):
            number = _SERIES["seg_final" if final else "seg_ai"]
            objects = segmentation_objects(
                labels,
                source=source,
                results=kept.results,
                options=replace(wanted, final=final, series_number=number),
                step=partial(step, part),
            )
            for made in objects:
                yield f"seg-{name}/{made.name}.dcm", _file(made.dataset)

    def _sr_objects(self) -> Iterator[tuple[str, bytes]]:
        source = self._source()
        from cinecor.report.dicom.measurement_report import measurement_report

        kept, head = self._kept(), self._head() or head_of(self._opened)
        _, wanted = self._reported()
        if wanted.impression and not _touched(kept):
            self.notes.append(
                Message(
                    "impression_without_reader",
                    "The impression does not stand in the SR: it holds the model’s own numbers, which nobody has "
                    "changed or signed.",
                )
            )
        for name, final in (("ai", False), ("final", True)) if _touched(kept) else (("ai", False),):
            made = measurement_report(
                kept.results,
                source=source,
                final=final,
                surface_m2=head.surface_m2,
                series_number=_SERIES["sr_final" if final else "sr_ai"],
                impression=wanted.impression,
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


def _file(made: "Dataset") -> bytes:
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()
