"""`SliceRuns`: what every slice of a stack shows on the line on which it cuts one long-axis image."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cinecor.scene.crossing import SliceCut, StructureRun
from cinecor.scene.shown_labels import ShownLabels
from cinecor.study.cine_stack import CineStack
from cinecor.study.image_plane import ImagePlane, plane_of

_MARGIN_MM = 25.0  # around what the slices' structures cover
_ATRIA_MM = 55.0  # beyond the most basal of them and the way to the slice above, which may lie below the valve
_APEX_MM = 15.0  # beyond the most apical of them and the way to its next slice, which may hold the tip
_LEAST_MM = 90.0

Step = NDArray[np.float64]  # (2, 2): from and to, x and y in pixels


class SliceRuns:
    """Pieces of structures are looked up once for every slice and phase, and again where labels are others."""

    def __init__(self, stack: CineStack, plane: ImagePlane) -> None:
        self._plane = plane
        self._cuts = tuple(SliceCut(plane_of(stack, index), plane) for index in range(stack.slices))
        self._to_apex_mm = _to_apex_mm(stack, plane)
        self._known: dict[tuple[int, int], tuple[StructureRun, ...]] = {}  # by slice and phase

    @property
    def slices(self) -> int:
        """How many slices the stack has."""
        return len(self._cuts)

    @property
    def lines_px(self) -> tuple[NDArray[np.float64] | None, ...]:
        """Where each slice cuts the image: its ends (2, 2: x, y in pixels), or None where it does not."""
        return tuple(cut.ends_px for cut in self._cuts)

    def at(self, index: int, phase: int, shown: ShownLabels | None) -> tuple[StructureRun, ...]:
        """Return the pieces of a slice's structures on its line, at a phase of the stack; none without labels."""
        known = self._known.get((index, phase))
        labels = None if known is not None or shown is None else shown.frame((index, phase))
        if labels is not None:
            known = self._known[index, phase] = self._cuts[index].runs(labels)
        return known or ()

    def forget(self, places: Iterable[tuple[int, int]]) -> None:
        """Look up these frames (slice, phase) again."""
        for place in places:
            self._known.pop(place, None)

    def forget_phases(self, phases: Iterable[int] | None) -> None:
        """Look up some phases again; None: all."""
        told = None if phases is None else set(phases)
        self._known = {} if told is None else {at: runs for at, runs in self._known.items() if at[1] not in told}

    def heart_px(self, shown: ShownLabels | None) -> NDArray[np.float64] | None:
        """Return where the heart lies by the structures of all slices at the first outlined phase, with its atria.

        (2, 2): lowest and highest x and y in pixels, within the image; None while no phase is outlined.
        """
        if shown is None or not shown.whole_phases.size:
            return None
        phase = int(shown.whole_phases[0])
        ends = [run.ends_px for index in range(self.slices) for run in self.at(index, phase, shown)]
        if not ends:
            return None
        spacing = np.array(self._plane.pixel_spacing_mm[::-1])
        outlined = np.concatenate(ends) * spacing
        corners = [outlined - _MARGIN_MM, outlined + _MARGIN_MM]
        if self._to_apex_mm is not None:
            step = float(np.linalg.norm(self._to_apex_mm))
            to_apex = self._to_apex_mm / step
            corners += [outlined - (_ATRIA_MM + step) * to_apex, outlined + (_APEX_MM + step) * to_apex]
        points = np.concatenate(corners)
        low, high = points.min(axis=0), points.max(axis=0)
        short = np.maximum(_LEAST_MM - (high - low), 0) / 2
        whole = np.array([self._plane.columns, self._plane.rows], dtype=np.float64)
        return np.asarray(np.clip(np.stack([low - short, high + short]) / spacing, 0.0, whole))

    def steps_px(
        self, index: int, phase: int, shown: ShownLabels | None, *, offset_mm: float | None
    ) -> tuple[Step, ...]:
        """Return for both ends of a slice's structures from where to where they lie off in the image.

        From where the slice's outlines put the end to where the image shows the same tissue, `offset_mm` along the
        line. None where there is no offset or no structure.
        """
        line, runs = self._cuts[index].ends_px, self.at(index, phase, shown)
        if offset_mm is None or line is None or not runs:
            return ()
        along = line[1] - line[0]
        shift = along * (offset_mm / float(np.linalg.norm(along * self._plane.pixel_spacing_mm[::-1])))
        return tuple(np.stack([end, end + shift]) for end in (runs[0].ends_px[0], runs[-1].ends_px[1]))


def _to_apex_mm(stack: CineStack, plane: ImagePlane) -> NDArray[np.float64] | None:
    """Return the way from one slice to the next, (2,) x and y in mm of a long-axis image; None where none tells.

    A stack that has long-axis cines is one of DICOM series, which is laid from base to apex when it is read.
    """
    if stack.slices < 2:
        return None
    positions, normal = stack.geometry.positions_mm, plane_of(stack, 0).normal
    step = float((positions[-1] - positions[0]) @ normal) / (stack.slices - 1) * normal
    way = np.array([step @ plane.column_axis, step @ plane.row_axis])
    return way if np.linalg.norm(way) > 0.5 * abs(step @ normal) else None
