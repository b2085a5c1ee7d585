"""A cine with expert contours on some frames, as the Sunnybrook Cardiac Data publish them: LV only, no RV."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.overlap import dice
from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.study import open_input
from cinecor.study.cine_stack import CineStack
from cinecor_training.evaluation.segmenter import Segmenter
from cinecor_training.sunnybrook import contour_mask, find_contours, read_contour

_CONTOURS = "contours"
_FILE_NUMBER = re.compile(r"(\d+)\.dcm", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ContouredFrame:
    """One frame with an expert's outline; myocardium where the outer wall was drawn too."""

    slice_index: int
    phase: int
    lv_dice: float
    myo_dice: float | None
    model_px: int
    reader_px: int


@dataclass(frozen=True, slots=True)
class ContouredStudy:
    """Model against expert over the contoured frames of one study. The RV was not outlined and is not judged."""

    study: str
    frames: tuple[ContouredFrame, ...]
    ef_model_percent: float | None  # over the slices that were contoured, at the two contoured phases
    ef_reader_percent: float | None

    @property
    def lv_dice(self) -> float:
        """Mean LV Dice over the contoured frames."""
        return float(np.mean([frame.lv_dice for frame in self.frames]))

    @property
    def myo_dice(self) -> float | None:
        """Mean myocardial Dice over the frames with both outlines."""
        known = [frame.myo_dice for frame in self.frames if frame.myo_dice is not None]
        return float(np.mean(known)) if known else None

    @property
    def worst(self) -> ContouredFrame:
        """The frame with the lowest LV Dice."""
        return min(self.frames, key=lambda frame: frame.lv_dice)


@dataclass(frozen=True, slots=True, eq=False)
class ContouredReading:
    """A `ContouredStudy` with what is needed to look at it."""

    result: ContouredStudy
    stack: CineStack
    labels: NDArray[np.uint8]  # the model's, (slice, phase, row, column)
    cavities: dict[tuple[int, int], NDArray[np.bool_]]  # the expert's by (slice, phase)


def read_contoured_study(folder: Path, segmenter: Segmenter) -> ContouredReading:
    """Segment the one study in `folder` and compare it with the contours in `folder`/contours.

    `IM-0001-0079-icontour-manual.txt` belongs to the file `79.dcm`. Raises `InputError` when there is not exactly
    one study beside the contours, or a contour whose file is not in the stack.
    """
    studies = [path for path in sorted(folder.iterdir()) if path.is_dir() and path.name != _CONTOURS]
    contours = find_contours(folder / _CONTOURS)
    if len(studies) != 1 or not contours:
        raise InputError(
            Message(
                "contoured_study_unfit",
                "{folder}: needs one study folder beside '{folder_of_contours}' with *-icontour-manual.txt files; "
                "found {studies} studies and {contours} contours.",
                folder=folder,
                folder_of_contours=_CONTOURS,
                studies=len(studies),
                contours=len(contours),
            )
        )
    stack, _ = open_input(studies[0])
    places = _places(stack)
    missing = sorted(set(contours) - set(places))
    if missing:
        raise InputError(
            Message(
                "contours_of_missing_files",
                "{study}: contours name the files {missing}, which are not in its stack.",
                study=studies[0].name,
                missing=missing,
            )
        )
    outer = find_contours(folder / _CONTOURS, kind="o")
    cavities = {places[number]: _mask(path, stack) for number, path in contours.items()}
    walls = {places[number]: _mask(path, stack) for number, path in outer.items() if number in places}
    labels = segmenter(stack, phases=sorted({phase for _, phase in cavities}))
    frames = tuple(
        _compare(labels[place], place=place, cavity=cavities[place], wall=walls.get(place))
        for place in sorted(cavities)
    )
    result = ContouredStudy(
        studies[0].name,
        frames,
        _ef_percent({place: int((labels[place] == Label.LV).sum()) for place in cavities}, frames),
        _ef_percent({place: int(cavity.sum()) for place, cavity in cavities.items()}, frames),
    )
    return ContouredReading(result, stack, labels, cavities)


def _places(stack: CineStack) -> dict[int, tuple[int, int]]:
    """Return where each numbered file lies: file number to (slice, phase)."""
    found = {}
    for slice_index, row in enumerate(stack.files or ()):
        for phase, name in enumerate(row):
            match = _FILE_NUMBER.fullmatch(Path(name).name) if name else None
            if match:
                found[int(match[1])] = (slice_index, phase)
    return found


def _mask(path: Path, stack: CineStack) -> NDArray[np.bool_]:
    return contour_mask(read_contour(path), rows=stack.rows, columns=stack.columns)


def _compare(
    labels: NDArray[np.uint8],
    *,
    place: tuple[int, int],
    cavity: NDArray[np.bool_],
    wall: NDArray[np.bool_] | None,
) -> ContouredFrame:
    lv = labels == Label.LV
    return ContouredFrame(
        *place,
        lv_dice=dice(lv, cavity),
        myo_dice=None if wall is None else dice(labels == Label.MYO, wall & ~cavity),
        model_px=int(lv.sum()),
        reader_px=int(cavity.sum()),
    )


def _ef_percent(areas_px: dict[tuple[int, int], int], frames: tuple[ContouredFrame, ...]) -> float | None:
    """Return the EF from the areas at the two phases that the expert contoured; slices are evenly spaced."""
    reader_px: dict[int, int] = {}
    for frame in frames:
        reader_px[frame.phase] = reader_px.get(frame.phase, 0) + frame.reader_px
    if len(reader_px) != 2:
        return None
    ed, es = sorted(reader_px, key=reader_px.__getitem__, reverse=True)
    volumes = {phase: sum(area for (_, at), area in areas_px.items() if at == phase) for phase in (ed, es)}
    return 100.0 * (volumes[ed] - volumes[es]) / volumes[ed] if volumes[ed] else None
