"""`read_outlines`: outlines that somebody else drew, whatever file they come in; as corrections, or to compare with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError, UsageError
from cinecor.inference.outline.segmentation import Label
from cinecor.message import Message
from cinecor.report.incoming.read_labels import ReadLabels
from cinecor.review.border import Border
from cinecor.review.borders.moved_border import with_regions, without
from cinecor.review.correction import Frame, Place
from cinecor.review.redraw import Gesture, Redraw
from cinecor.review.review import Review
from cinecor.study.cine_stack import CineStack
from cinecor.study.dicom.header_reader import looks_like_dicom

NO_OUTLINES_YET: Final = Message("no_outlines_yet", "Wait until all outlines are there.")
NOTHING_READ: Final = Message("nothing_read", "None of these outlines fits the images.")
_LABEL_MAPS: Final = (".nii", ".nii.gz", ".nrrd")
_WORKSPACE: Final = ".cvi42wsx"


def read_outlines(
    paths: Sequence[Path], stack: CineStack, *, table: Mapping[int, Label] | None = None, phase: int | None = None
) -> ReadLabels:
    """Return what files or folders draw on a stack's frames.

    DICOM SEG objects of a folder, Sunnybrook contours of a folder, one cvi42 workspace, or one label map (NIfTI, NRRD):
    one kind at a time. `table` and `phase` as `read_label_map` takes them. Raises `UsageError` where nothing of the
    kind is there, `LabelMapUnsaid` where something must be told, `InputError` for what cannot be read.
    """
    files = [
        file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*"))) if file.is_file()
    ]
    from cinecor.report.incoming.sunnybrook import NAME, read_sunnybrook

    contours = [file for file in files if NAME.fullmatch(file.name)]
    workspaces = [file for file in files if file.name.lower().endswith(_WORKSPACE)]
    maps = [file for file in files if file.name.lower().endswith(_LABEL_MAPS)]
    objects = [file for file in files if file not in maps and _is_dicom(file)]
    if contours:
        return _with_others(read_sunnybrook(contours, stack), files, used=(*contours, *objects))
    if len(workspaces) == 1:
        from cinecor.report.incoming.cvi42 import read_cvi42

        return _with_others(read_cvi42(workspaces[0], stack), files, used=(*workspaces, *objects))
    if len(maps) == 1 and not objects:
        from cinecor.report.incoming.label_map import read_label_map

        return _with_others(read_label_map(maps[0], stack, table=table, phase=phase), files, used=maps)
    if objects:
        return _with_others(_read_objects(objects, stack), files, used=objects)
    raise UsageError(
        Message(
            "no_outlines",
            "There are no outlines to read in {path}: name a folder of DICOM SEG or of Sunnybrook contours, one "
            ".cvi42wsx, or one label map (.nii, .nii.gz, .nrrd).",
            path=paths[0],
        )
    )


def _with_others(read: ReadLabels, files: Sequence[Path], *, used: Sequence[Path]) -> ReadLabels:
    """Return what was read with the files beside it that hold no such outlines; DICOM images are expected there."""
    known = set(used)
    others = [
        Message("no_such_outlines", "{name} holds no outlines of the kind that was read here.", name=file.name)
        for file in files
        if file not in known and not file.name.startswith(".")
    ]
    return replace(read, left_out=(*read.left_out, *others))


def _read_objects(files: Sequence[Path], stack: CineStack) -> ReadLabels:
    import pydicom

    from cinecor.report.dicom.segmentation_reader import SEGMENTATION_CLASSES, read_segmentations

    def objects() -> Iterator[tuple[str, pydicom.Dataset]]:
        for file in files:
            head = pydicom.dcmread(file, force=True, stop_before_pixels=True, specific_tags=["SOPClassUID"])
            if str(head.get("SOPClassUID", "")) in SEGMENTATION_CLASSES:
                yield file.name, pydicom.dcmread(file)

    try:
        return read_segmentations(objects(), stack)
    except InputError:
        raise
    except Exception as error:  # pydicom raises anything on damaged bytes
        raise InputError(seg_unreadable(error)) from error


def seg_unreadable(error: Exception) -> Message:
    """Return why an object with outlines is not read."""
    return Message("seg_unreadable", "A SEG object cannot be read ({reason}).", reason=str(error))


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return looks_like_dicom(file.read(132))
    except OSError:
        return False


def as_corrections(read: ReadLabels, review: Review) -> Redraw:
    """Return the edit that lays what was read over a review; what was not drawn stays as it is.

    Each structure that was drawn moves its border, so that a cavity without a wall leaves the wall where it was, and a
    wall without its cavity moves nothing (see `walls_alone`). Raises `UsageError` while there are no outlines to lay it
    over, or where nothing was read that moves a border.
    """
    if review.segmentation is None:
        raise UsageError(NO_OUTLINES_YET)
    if not read.drawn:
        raise UsageError(NOTHING_READ)
    frames: dict[Place, Frame | None] = {}
    if all(_is_wall_alone(structures) for structures in read.drawn.values()):
        raise UsageError(
            Message(
                "only_walls_read",
                "The myocardium is drawn here without its cavity: that moves no border, and nothing is corrected.",
            )
        )
    for place, structures in read.drawn.items():
        if _is_wall_alone(structures):
            continue
        frames[place] = _moved(
            review.corrections.frame(review.segmentation.labels, place), read.labels[place], structures
        )
    return Redraw(Gesture.IMPORT, MappingProxyType(frames))


def walls_alone(read: ReadLabels) -> Message | None:
    """Return on how many frames the myocardium was drawn without its cavity, which corrects nothing; None: on none."""
    n = sum(_is_wall_alone(structures) for structures in read.drawn.values())
    if not n:
        return None
    return Message.counted(
        "walls_alone",
        "The myocardium is drawn on {n} frame without its cavity: that moves no border there, it stays as it is.",
        "The myocardium is drawn on {n} frames without its cavity: that moves no border there, they stay as they are.",
        n=n,
    )


def _is_wall_alone(structures: frozenset[Label]) -> bool:
    return structures <= {Label.MYO}


def _moved(frame: Frame, drawn: Frame, structures: frozenset[Label]) -> Frame:
    if structures == {Label.RV, Label.MYO, Label.LV}:
        return drawn
    wanted: dict[Border, NDArray[np.bool_]] = {}
    if {Label.LV, Label.MYO} <= structures:
        wanted[Border.EPI] = np.asarray(drawn >= Label.MYO)
    if Label.LV in structures:
        wanted[Border.ENDO] = np.asarray(drawn == Label.LV)
    if Label.RV in structures:
        wanted[Border.RV] = np.asarray(drawn == Label.RV)
    for border, region in tuple(wanted.items()):
        if not region.any():
            frame = without(frame, border)
            del wanted[border]
    return with_regions(frame, wanted)


@dataclass(frozen=True, slots=True)
class StructureAgreement:
    """How one structure of two readings agrees over the frames on which both may have drawn it."""

    label: Label
    frames: int
    dice: float | None  # over all pixels of these frames; None where neither drew any
    difference_ml: float | None  # theirs − ours, summed over one phase's slices, the mean of the phases


def agreement(
    read: ReadLabels, labels: NDArray[np.uint8], *, pixel_ml: NDArray[np.float64]
) -> tuple[StructureAgreement, ...]:
    """Return how what was read agrees with labels (slice, phase, row, column), structure by structure.

    Dice = 2 |A ∩ B| / (|A| + |B|) over all pixels of the frames that were read; `pixel_ml` is what a pixel of each
    slice stands for. The difference counts the frames that were read alone.
    """
    found = []
    for label in (Label.LV, Label.MYO, Label.RV):
        places = [place for place, structures in read.drawn.items() if label in structures]
        both = ours = theirs = 0
        difference: dict[int, float] = {}
        for index, phase in places:
            one, other = labels[index, phase] == label, read.labels[index, phase] == label
            both += int((one & other).sum())
            ours += int(one.sum())
            theirs += int(other.sum())
            more = float(int(other.sum()) - int(one.sum())) * float(pixel_ml[index])
            difference[phase] = difference.get(phase, 0.0) + more
        found.append(
            StructureAgreement(
                label,
                len(places),
                2 * both / (ours + theirs) if ours + theirs else None,
                float(np.mean(list(difference.values()))) if difference else None,
            )
        )
    return tuple(found)
