"""`Reading`: one study as one side drew it: labels at ED and ES, and the numbers that follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import Moment
from cinecor.measure.quantity import QUANTITIES, number_name
from cinecor.measure.ventricle import Ventricle
from cinecor.measure.ventricular_function import ventricular_function
from cinecor.message import Message
from cinecor.report.kept_results import read_results
from cinecor.report.names import MASKS
from cinecor.report.results import Results, RightVentricle
from cinecor.study.cine_stack import pixel_volume_ml

SAME_GRID_MM: Final = 0.01
SAME_PLACE_MM: Final = 1.0
"""By which the corners of two grids may lie apart: other programs round directions and places; a pixel is larger."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The grid that both sides' labels lie on, and where it lies, however the file of either lays it out."""

    results: Results
    affine: NDArray[np.float64] | None = None  # (4, 4) of (column, row, slice); None where the file does not place them

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """From slice to slice, row to row, column to column."""
        stack = self.results.stack
        return (stack.slice_spacing_mm, *stack.pixel_spacing_mm)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        stack = self.results.stack
        return stack.slices, stack.rows, stack.columns

    @property
    def in_file(self) -> tuple[int, int, int]:
        """Voxels along each axis of the file."""
        stack = self.results.stack
        by_axis = (stack.columns, stack.rows, stack.slices)
        first, second, third = (by_axis[stack.file_axes.index(axis)] for axis in range(3))
        return first, second, third

    def apart_mm(self, affine: NDArray[np.float64] | None) -> float:
        """Return how far voxels lie from these by another affine of (column, row, slice), at the worst corner.

        0 where one of the two does not tell where it lies.
        """
        if affine is None or self.affine is None:
            return 0.0
        corners = np.array([(*corner, 1.0) for corner in product(*((0, size - 1) for size in reversed(self.shape)))])
        return float(np.linalg.norm(corners @ (affine - self.affine).T, axis=1).max())


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Labels (slice, row, column) at each moment that was drawn; numbers by their names, None where unknown."""

    grid: Grid
    labels: Mapping[Moment, NDArray[np.uint8]]
    numbers: Mapping[str, float | None]
    phases: Mapping[Moment, int]  # which phase of the stack each moment is; empty where that is not known
    model: str = ""  # that outlined it, or from which a reader began; empty for labels of other origin


def result_reading(folder: Path, *, phases: Mapping[Moment, int] | None = None, lone: Moment | None = None) -> Reading:
    """Return the final outlines of a folder of results, at its own ED and ES or at the `phases` of another side.

    The numbers are the folder's own either way: choosing ED and ES belongs to a reading. Only results of one phase,
    which have none, get the volumes of the moment that the other side says it is, or that somebody named (`lone`);
    where nobody did, they have nothing to compare. Raises what `read_results` raises,
    and `InputError` for labels that cannot be read.
    """
    kept = read_results(folder)
    results, labels = kept.results, kept.labels
    own: dict[Moment, int | None] = {Moment.ED: results.ed_phase, Moment.ES: results.es_phase}
    if results.stack.phases == 1:
        own = {} if lone is None else {lone: 0}
    known = {moment: phase for moment, phase in own.items() if phase is not None}
    shown = known if phases is None else phases
    if any(not 0 <= phase < results.stack.phases for phase in shown.values()):
        raise InputError(
            Message(
                "no_such_phase",
                "{folder} has {phases} phases, not those that it is compared at; compare results of the same images.",
                folder=folder,
                phases=results.stack.phases,
            )
        )
    grid = Grid(results, _affine(folder / MASKS, results.stack.file_axes))
    drawn = {moment: labels[:, phase] for moment, phase in shown.items()}
    numbers = {**_named("lv", results.lv), **_named("rv", results.rv)}
    if results.stack.phases == 1 and shown:
        numbers |= {name: value for name, value in _counted(drawn, grid).items() if value is not None}
    return Reading(grid, drawn, numbers, known, _model_of(results))


def _model_of(results: Results) -> str:
    """Return what tells a model from others: its name, version, precision, and the beginning of its digest."""
    model = results.model
    return f"{model.id} {model.version} {model.precision} {model.sha256[:12]}"


def label_reading(files: Mapping[Moment, Path], *, grid: Grid) -> Reading:
    """Return a reading from one label map (NIfTI; 0 background, 1 RV, 2 myocardium, 3 LV) for each moment.

    The maps must lie on the grid of the results that they are compared with; volumes are those of that grid. Raises
    `InputError` for a map on another grid, with other labels, or one that cannot be read.
    """
    labels = {moment: _label_map(path, grid) for moment, path in files.items()}
    return Reading(grid, labels, _counted(labels, grid), {})


def _named(ventricle: str, numbers: RightVentricle) -> dict[str, float | None]:
    return {f"{ventricle}_{name}": value for name, value in numbers.model_dump().items()}


def _affine(path: Path, file_axes: tuple[int, int, int]) -> NDArray[np.float64] | None:
    """Return where the voxels of a folder's own masks lie; None where their file's header cannot be read."""
    import nibabel

    try:
        return _affine_of(nibabel.load(path), file_axes)
    except Exception:  # noqa: BLE001  nibabel raises anything; the labels themselves were read and are whole
        return None


def _affine_of(image: Any, file_axes: tuple[int, int, int]) -> NDArray[np.float64] | None:
    """Return the affine of a NIfTI image from (column, row, slice) on; None where it tells no place.

    `file_axes` are the image's axes of columns, rows and slices.

    It tells none without sform and qform, and where it holds nothing but the voxel's size: who writes labels from
    arrays alone often gives that.
    """
    header, affine = image.header, np.asarray(image.affine, dtype=np.float64)
    told = int(header["sform_code"]) or int(header["qform_code"])
    if not told or np.array_equal(affine, np.diag(np.diag(affine))):
        return None
    return affine[:, [*file_axes, 3]]


def _label_map(path: Path, grid: Grid) -> NDArray[np.uint8]:
    import nibabel

    try:
        image: Any = nibabel.load(path)
        voxels = np.asarray(image.dataobj)
        zooms, affine = image.header.get_zooms()[:3], _affine_of(image, grid.results.stack.file_axes)
    except Exception as error:  # nibabel raises anything on damaged bytes
        raise InputError(
            Message("label_map_unreadable", "{path} cannot be read as NIfTI; write it again.", path=path)
        ) from error
    voxels = voxels.reshape(voxels.shape[:3]) if voxels.ndim == 4 and voxels.shape[3] == 1 else voxels
    stack = grid.results.stack
    expected = grid.in_file
    spacing = (stack.pixel_spacing_mm[1], stack.pixel_spacing_mm[0], stack.slice_spacing_mm)
    found = tuple(float(zooms[stack.file_axes[axis]]) for axis in range(3)) if voxels.ndim == 3 else (0.0, 0.0, 0.0)
    if voxels.shape != expected or not np.allclose(found, spacing, atol=SAME_GRID_MM):
        raise InputError(
            Message(
                "label_map_on_other_grid",
                "{path} lies on another grid ({shape}) than the results that it is compared with ({expected}); give "
                "the labels of the same images.",
                path=path,
                shape=" x ".join(map(str, voxels.shape)),
                expected=" x ".join(map(str, expected)),
            )
        )
    away_mm = grid.apart_mm(affine)
    if away_mm > SAME_PLACE_MM:
        raise InputError(
            Message(
                "label_map_in_other_place",
                "{path} lies elsewhere in the patient than the results that it is compared with (up to {away_mm:.0f} "
                "mm away, turned or mirrored perhaps); give the labels of the same images.",
                path=path,
                away_mm=away_mm,
            )
        )
    if not np.isin(voxels, (0, 1, 2, 3)).all():
        raise InputError(
            Message(
                "label_map_of_other_labels",
                "{path} holds other labels than 0 background, 1 RV, 2 myocardium and 3 LV; change them to these.",
                path=path,
            )
        )
    placed = voxels.astype(np.uint8).transpose(stack.file_axes)  # columns, rows, slices
    return np.ascontiguousarray(placed.transpose(2, 1, 0))


def _counted(labels: Mapping[Moment, NDArray[np.uint8]], grid: Grid) -> dict[str, float | None]:
    """Return the numbers that follow from labels at ED and ES."""
    stack = grid.results.stack
    pixel_ml = pixel_volume_ml(stack.pixel_spacing_mm, stack.slice_extent_mm)

    def volume_ml(moment: Moment, label: Label) -> float | None:
        if moment not in labels:
            return None
        return float((np.count_nonzero(labels[moment] == label, axis=(1, 2)) * pixel_ml).sum())

    numbers: dict[str, float | None] = {}
    for ventricle, label in ((Ventricle.LV, Label.LV), (Ventricle.RV, Label.RV)):
        function = ventricular_function(
            volume_ml(Moment.ED, label),
            volume_ml(Moment.ES, label),
            heart_rate_bpm=stack.heart_rate_bpm,
            wall_ml=volume_ml(Moment.ED, Label.MYO),
        )
        numbers |= {number_name(ventricle, one): one.of(function) for one in QUANTITIES if ventricle in one.codes}
    return numbers
