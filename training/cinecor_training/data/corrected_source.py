"""Studies that a reader corrected in the application, as a source of cases.

The application writes `results.json` and `segmentation.nii.gz` into one folder a study; the images stay where they
were, and `results.json` says where: `input`, and which file each frame came from.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from cinecor.app.patient_card import card_within
from cinecor.errors import InputError, system_reason
from cinecor.message import Message
from cinecor.report.names import MASKS, RESULTS_JSON
from cinecor.report.results import SCHEMA_VERSION, Results, StackFacts
from cinecor.report.valve_facts import fractional_base_of
from cinecor.study import CineStack, open_input
from cinecor_training.data.case import ALL_KNOWN, BadCase, Case, FoundCases, LabelledFrames, file_key
from cinecor_training.data.corrected_images import images_of
from cinecor_training.data.label_volume import read_label_volume
from cinecor_training.data.parted import parted_slices
from cinecor_training.data.provenance import Provenance, patient_digest
from cinecor_training.data.signed_results import provenance_of, require_convention, require_signed

_MADE: Final = 2  # grows when the same results give other frames: what was kept of them before is read again


@dataclass(frozen=True, slots=True)
class CorrectedCase:
    """One phase of a corrected study."""

    patient: str
    moment: str
    folder: Path
    images: Path
    phase: int
    provenance: Provenance

    @property
    def group(self) -> str:
        """The application does not ask for a diagnosis."""
        return "unknown"

    @property
    def key(self) -> str:
        """A text that changes when the results, the labels or the images' place do, or what is made of these."""
        files = (self.folder / RESULTS_JSON, self.folder / MASKS, self.images)
        return f"{_MADE} {self.patient} {self.moment} {self.phase} {file_key(*files)}"

    def read(self) -> LabelledFrames:
        """Read the phase's images again and the reader's labels for them.

        Slices that do not count there are left out (see `LabelledFrames.without`): they lie empty in the file, whatever
        was drawn in them. So are those that a valve's plane cuts or leaves above it, where parts of slices count.
        """
        results = _results(self.folder)
        wanted = results.stack
        stack = _stack(self.images, wanted.series_uids[0] if wanted.series_uids else None)
        if (stack.slices, stack.rows, stack.columns) != (wanted.slices, wanted.rows, wanted.columns):
            raise InputError(
                Message(
                    "corrected_images_changed",
                    "{folder}: the images are now {slices} slices of {rows} × {columns}, they were {then} of "
                    "{rows_then} × {columns_then} when they were corrected.",
                    folder=self.folder.name,
                    slices=stack.slices,
                    rows=stack.rows,
                    columns=stack.columns,
                    then=wanted.slices,
                    rows_then=wanted.rows,
                    columns_then=wanted.columns,
                )
            )
        if stack.nifti is not None and not _same_grid(stack, wanted):
            raise InputError(
                Message(
                    "corrected_grid_changed",
                    "{folder}: the images have other phases or spacings now than those that were corrected.",
                    folder=self.folder.name,
                )
            )
        labels = read_label_volume(self.folder / MASKS, phase=self.phase if wanted.phases > 1 else None)
        pixels = _pixels(stack, files=wanted.files, phase=self.phase, study=self.folder.name)
        frames = LabelledFrames(pixels, labels, np.full(len(labels), ALL_KNOWN, dtype=np.uint8), stack.geometry)
        base = fractional_base_of(results.fractional_base, slices=wanted.slices, phases=wanted.phases)
        return frames.without(_left_out(results, self.phase) | parted_slices(labels, base, phase=self.phase))


@dataclass(frozen=True, slots=True)
class CorrectedSource:
    """A folder with result folders at any depth.

    What lies in one folder directly below it is of one patient, and so is what has one PatientID in the images'
    headers, wherever it lies: `cinecor batch` writes a patient's studies beside those of others.
    """

    folder: Path
    images: Path | None = None  # where the studies lie now, when they are not where `input` says
    all_phases: bool = False  # otherwise ED and ES, the phases that readers correct with care
    name: str = "corrected"
    signed_only: bool = True  # what nobody signed, or what was changed afterwards, is left out

    def find(self) -> FoundCases:
        """List the phases of every corrected study; raises `InputError` when there is none."""
        folders = sorted(path.parent for path in self.folder.rglob(RESULTS_JSON))
        if not folders:
            raise InputError(
                Message(
                    "no_corrected_studies",
                    "No corrected studies under {folder}: no {results} anywhere.",
                    folder=self.folder,
                    results=RESULTS_JSON,
                )
            )
        cases: list[Case] = []
        bad: list[BadCase] = []
        read: dict[Path, Results] = {}
        for folder in folders:
            try:
                read[folder] = _results(folder)
            except InputError as error:
                bad.append(BadCase(self.name, self._top(folder), "", str(error)))
        patients = self._patients(read)
        studies = Counter(patients.values())
        for folder, patient in patients.items():
            study = f"{folder.name} " if studies[patient] > 1 else ""
            try:
                cases += self._study(folder, read[folder], patient=patient, study=study)
            except InputError as error:
                bad.append(BadCase(self.name, patient, "", str(error)))
        return FoundCases(tuple(cases), tuple(bad), grows=True)

    def _top(self, folder: Path) -> str:
        inside = folder.relative_to(self.folder).parts
        return inside[0] if inside else folder.name

    def _patients(self, read: Mapping[Path, Results]) -> dict[Path, str]:
        """Return each folder's patient: the digest of a PatientID, else the folder directly below.

        Folders of several patients that share one are taken as one patient, by the first folder's name: none of them
        may be on both sides.
        """
        ids = {folder: self._patient_id(folder, results) for folder, results in read.items()}
        groups: list[tuple[set[str], set[str]]] = []  # folders directly below, PatientIDs
        for folder, known in ids.items():
            tops, own = {self._top(folder)}, {known} if known else set()
            for group in [one for one in groups if one[0] & tops or one[1] & own]:
                groups.remove(group)
                tops, own = tops | group[0], own | group[1]
            groups.append((tops, own))
        named = {top: patient_digest(*own) if len(own) == 1 else min(tops) for tops, own in groups for top in tops}
        return {folder: named[self._top(folder)] for folder in read}

    def _patient_id(self, folder: Path, results: Results) -> str:
        """Return the PatientID of a study's images; empty where they tell none, or are not there."""
        file = next((file for row in results.stack.files for file in row if file), None)
        if file is None:
            return ""
        try:
            return card_within(images_of(results, folder=folder, below=self.images), file).id.strip()
        except InputError:
            return ""

    def _study(self, folder: Path, results: Results, *, patient: str, study: str) -> list[CorrectedCase]:
        if not (folder / MASKS).is_file():
            raise InputError(
                Message("labels_file_missing", "{folder}: {labels} is missing.", folder=folder.name, labels=MASKS)
            )
        if self.signed_only:
            require_signed(folder, results)
        require_convention(folder, results)
        images = images_of(results, folder=folder, below=self.images)
        if results.stack.phases == 1:
            phases = {0: "phase 0"}
        elif self.all_phases:
            phases = {phase: f"phase {phase}" for phase in range(results.stack.phases)}
        else:
            phases = {}
        moments = {results.ed_phase: "ED", results.es_phase: "ES"}
        phases |= {phase: name for phase, name in moments.items() if phase is not None}
        if not phases:
            raise InputError(
                Message(
                    "corrected_moments_unknown",
                    "{folder}: neither ED nor ES is known; take all phases instead.",
                    folder=folder.name,
                )
            )
        return [
            CorrectedCase(patient, f"{study}{name}", folder, images, phase, provenance_of(folder, results))
            for phase, name in sorted(phases.items())
        ]


def _results(folder: Path) -> Results:
    path = folder / RESULTS_JSON
    try:
        results = Results.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(
            Message(
                "results_wrong",
                "{folder}: {results} is wrong at '{where}': {what}.",
                folder=folder.name,
                results=RESULTS_JSON,
                where=where,
                what=first["msg"],
            )
        ) from error
    except OSError as error:
        raise InputError(
            Message(
                "corrected_results_unreadable",
                "{folder}: {results} cannot be read ({reason}).",
                folder=folder.name,
                results=RESULTS_JSON,
                reason=system_reason(error),
            )
        ) from error
    if results.schema_version > SCHEMA_VERSION:
        raise InputError(
            Message(
                "results_of_newer",
                "{folder}: {results} is of a newer Cinecor; update this one.",
                folder=folder.name,
                results=RESULTS_JSON,
            )
        )
    return results


def _same_grid(stack: CineStack, wanted: StackFacts) -> bool:
    """Return whether a NIfTI, whose files nothing else tells apart, has the phases and spacings that it had."""
    now = (*stack.geometry.pixel_spacing_mm, stack.geometry.slice_spacing_mm)
    return stack.phases == wanted.phases and np.allclose(now, (*wanted.pixel_spacing_mm, wanted.slice_spacing_mm))


def _left_out(results: Results, phase: int) -> frozenset[int]:
    """Return the slices that do not count at a phase."""
    out = results.choices.slices_left_out
    moments = ((results.ed_phase, out.ed), (results.es_phase, out.es))
    return frozenset(out.all).union(*(slices for at, slices in moments if at == phase))


@lru_cache(maxsize=1)
def _stack(images: Path, series_uid: str | None) -> CineStack:
    """Read a study once for all its phases, which follow each other."""
    return open_input(images, series_uid=series_uid)[0]


def _pixels(stack: CineStack, *, files: list[list[str | None]], phase: int, study: str) -> NDArray[np.float32]:
    """Return (slice, row, column): the frames that the labels of `phase` were drawn on, wherever they stand now."""
    now = [] if stack.files is None else [list(row) for row in stack.files]
    if now == files or stack.nifti is not None:
        return stack.pixels[:, phase]
    places = {file: (position, index) for position, row in enumerate(now) for index, file in enumerate(row) if file}
    distinct = len(places) == sum(file is not None for row in now for file in row)
    wanted = [row[phase] for row in files]
    if not distinct or any(file not in places for file in wanted):
        raise InputError(
            Message(
                "corrected_images_differ",
                "{study}: the images are not the files that it was corrected on.",
                study=study,
            )
        )
    return np.stack([stack.pixels[places[file]] for file in wanted if file is not None])
