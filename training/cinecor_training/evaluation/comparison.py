"""Labels of a model beside a reader's labels become numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cinecor.agreement.level import Level, slice_levels
from cinecor.agreement.overlap import dice
from cinecor.agreement.surface import surface_distances
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import VolumeCurves, volume_curves
from cinecor.measure.measurements import measure
from cinecor.measure.moment import ByMoment
from cinecor.study.cine_stack import StackGeometry
from cinecor_training.evaluation.patient_result import COMPARED, Paired, StackResult, StructureResult

Labels = NDArray[np.uint8]


def compare_stack(
    model: Labels, reader: Labels, *, geometry: StackGeometry, moment: str, base_first: bool
) -> StackResult:
    """Compare two (slice, row, column) label volumes of one phase on the grid of `geometry`."""
    levels = slice_levels(reader, base_first=base_first)
    volumes = [volume_curves(labels[:, None], geometry=geometry) for labels in (model, reader)]
    lv_slices = [(labels == Label.LV).any(axis=(1, 2)) for labels in (model, reader)]
    return StackResult(
        moment,
        {
            label.name.lower(): _compare_structure(
                model == label,
                reader == label,
                slices_ml=(_slices_ml(volumes[0], label), _slices_ml(volumes[1], label)),
                levels=levels,
                spacing_mm=(geometry.slice_spacing_mm, *geometry.pixel_spacing_mm),
            )
            for label in (Label.RV, Label.MYO, Label.LV)
        },
        missed_lv_slices=int(np.count_nonzero(lv_slices[1] & ~lv_slices[0])),
        added_lv_slices=int(np.count_nonzero(lv_slices[0] & ~lv_slices[1])),
    )


def compare_function(
    model: Mapping[str, Labels], reader: Mapping[str, Labels], *, geometry: StackGeometry
) -> dict[str, Paired]:
    """Compare volumes, EF and mass from labels by moment ("ED", "ES"), each (slice, row, column).

    The numbers are made by the application's own `measure`, with the reader's phases as ED and ES.
    """
    sides = []
    for labels in (model, reader):
        cycle = np.stack([labels["ED"], labels["ES"]], axis=1)
        sides.append(measure(cycle, geometry=geometry, heart_rate_bpm=None, chosen=ByMoment(0, 1)))
    a, b = sides
    return {
        name: Paired(compared.of(a.of(ventricle)), compared.of(b.of(ventricle)))
        for name, (ventricle, compared) in COMPARED.items()
    }


def _compare_structure(
    model: NDArray[np.bool_],
    reader: NDArray[np.bool_],
    *,
    slices_ml: tuple[NDArray[np.float64], NDArray[np.float64]],
    levels: Sequence[Level],
    spacing_mm: tuple[float, float, float],
) -> StructureResult:
    distances = surface_distances(model, reader, spacing_mm=spacing_mm)
    model_ml, reader_ml = slices_ml
    at = {level: np.array([own is level for own in levels]) for level in Level}
    return StructureResult(
        dice=dice(model, reader),
        hausdorff95_mm=_finite(distances.hausdorff95_mm),
        surface_distance_mm=_finite(distances.mean_mm),
        model_ml=float(model_ml.sum()),
        reader_ml=float(reader_ml.sum()),
        level_dice={level: _dice_of_something(model[here], reader[here]) for level, here in at.items()},
        level_error_ml={level: float((model_ml - reader_ml)[here].sum()) for level, here in at.items()},
    )


def _dice_of_something(model: NDArray[np.bool_], reader: NDArray[np.bool_]) -> float | None:
    return dice(model, reader) if model.any() or reader.any() else None


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _slices_ml(curves: VolumeCurves, label: Label) -> NDArray[np.float64]:
    by_label = {Label.RV: curves.rv_slices_ml, Label.MYO: curves.myo_slices_ml, Label.LV: curves.lv_slices_ml}
    return by_label[label][:, 0]
