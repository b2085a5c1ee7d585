"""`VolumeCurves`: labels counted into volumes, slice by slice and phase by phase."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.pixel_runs import label_runs
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.study.cine_stack import StackGeometry

_PIXELS_AT_ONCE = 2**18


@dataclass(frozen=True, slots=True, eq=False)
class VolumeCurves:
    """What each slice adds to each structure's volume, per phase; arrays are read-only."""

    lv_slices_ml: NDArray[np.float64]  # (slice, phase)
    rv_slices_ml: NDArray[np.float64]  # (slice, phase)
    myo_slices_ml: NDArray[np.float64]  # (slice, phase)

    def without(self, slices: Collection[int] = (), *, frames: Collection[tuple[int, int]] = ()) -> "VolumeCurves":
        """Return the curves as if some slices, and some frames (slice, phase), held no structure."""
        counts = np.ones(self.lv_slices_ml.shape, dtype=np.bool_)
        counts[sorted(slices)] = False
        for place in frames:
            counts[place] = False
        return VolumeCurves(
            *(
                _read_only(np.where(counts, slices_ml, 0.0))
                for slices_ml in (self.lv_slices_ml, self.rv_slices_ml, self.myo_slices_ml)
            )
        )

    @property
    def heart(self) -> NDArray[np.bool_]:
        """Where any structure was found, (slice, phase)."""
        return np.asarray((self.lv_slices_ml + self.rv_slices_ml + self.myo_slices_ml) > 0, dtype=np.bool_)

    @property
    def base_first(self) -> bool:
        """Whether the first slices are the basal ones."""
        heart_ml = self.lv_slices_ml + self.rv_slices_ml + self.myo_slices_ml
        return base_is_first(heart_ml.sum(axis=1), with_lv=(self.lv_slices_ml > 0).any(axis=1))

    def slices_ml(self, ventricle: Ventricle) -> NDArray[np.float64]:
        """Return what each slice adds to a ventricle's cavity, (slice, phase), mL."""
        return self.lv_slices_ml if ventricle is Ventricle.LV else self.rv_slices_ml

    def cavity_ml(self, ventricle: Ventricle) -> NDArray[np.float64]:
        """Return the volume of a ventricle's cavity, (phase,), mL."""
        return self.lv_ml if ventricle is Ventricle.LV else self.rv_ml

    @property
    def lv_ml(self) -> NDArray[np.float64]:
        """LV cavity volume, (phase,), mL."""
        return _read_only(self.lv_slices_ml.sum(axis=0))

    @property
    def rv_ml(self) -> NDArray[np.float64]:
        """RV cavity volume, (phase,), mL."""
        return _read_only(self.rv_slices_ml.sum(axis=0))

    @property
    def myo_ml(self) -> NDArray[np.float64]:
        """Volume of the LV myocardium, (phase,), mL."""
        return _read_only(self.myo_slices_ml.sum(axis=0))


def volume_curves(labels: NDArray[np.uint8], *, geometry: StackGeometry) -> VolumeCurves:
    """Return volumes of LV cavity, RV cavity and myocardium in mL, for every slice and phase.

    `labels` is (slice, phase, row, column) with the values of `Label`. The volume of one slice is
    pixel count × row spacing × column spacing × the slice's extent along the long axis (mm³ / 1000): Simpson's
    method of discs as in the SCMR recommendations, gap included, without interpolation at the base.

    Raises `ValueError` when labels and geometry do not belong together, `InputError` when the spacing
    cannot give a volume.
    """
    if labels.ndim != 4:
        raise ValueError(f"labels must be (slice, phase, row, column), not {labels.shape}")
    if labels.shape[0] != len(geometry.slice_extent_mm):
        raise ValueError(f"{labels.shape[0]} slices of labels, {len(geometry.slice_extent_mm)} in the geometry")
    if labels.size and labels.max() > max(Label):
        raise ValueError(f"label {labels.max()} is none of {[int(label) for label in Label]}")

    return curves_of_counts(pixel_counts(labels), geometry=geometry)


def base_is_first(heart: NDArray[Any], *, with_lv: Any) -> bool:
    """Return whether the first slices are the basal ones: the end with more heart is; True when it cannot be told.

    `heart` is how much of it each slice holds over all phases; slices beyond the LV do not speak.
    """
    held = np.flatnonzero(with_lv)
    if not held.size:
        return True
    heart = heart[held[0] : held[-1] + 1]
    third = max(1, len(heart) // 3)
    return bool(heart[:third].sum() >= heart[-third:].sum())


def pixel_counts(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how many pixels of each label every frame has: (slice, phase, label)."""
    slices, phases, rows, columns = labels.shape
    # As many slices at once as a copy may hold pixels: one of a whole long cine would be as large as its labels.
    at_once = max(1, _PIXELS_AT_ONCE // max(1, phases * rows * columns))
    counts = np.zeros((slices, phases, len(Label)), dtype=np.int64)
    for begin in range(0, slices, at_once):
        part = counts[begin : begin + at_once]
        runs, label = label_runs(labels[begin : begin + at_once].reshape(-1, rows, columns))
        held = np.bincount(runs.plane * len(Label) + label, weights=runs.length, minlength=part.size)
        part[:] = held.reshape(part.shape)
    counts[:, :, Label.BACKGROUND] = rows * columns - counts.sum(axis=2)
    return counts


def curves_of_counts(counts: NDArray[Any], *, geometry: StackGeometry) -> VolumeCurves:
    """Return the volumes of counted pixels (slice, phase, label), whole ones or parts.

    Raises `InputError` for an impossible spacing.
    """
    _refuse_impossible(geometry)
    slice_ml = geometry.pixel_ml[:, np.newaxis]
    lv, rv, myo = (_read_only(counts[:, :, label] * slice_ml) for label in (Label.LV, Label.RV, Label.MYO))
    return VolumeCurves(lv_slices_ml=lv, rv_slices_ml=rv, myo_slices_ml=myo)


def _refuse_impossible(geometry: StackGeometry) -> None:
    between_rows_mm, between_columns_mm = geometry.pixel_spacing_mm
    lengths_mm = np.array([between_rows_mm, between_columns_mm, *geometry.slice_extent_mm], dtype=np.float64)
    if not np.all(np.isfinite(lengths_mm) & (lengths_mm > 0)):
        raise InputError(
            Message(
                "impossible_spacing",
                "No volume can be computed: pixel spacing {rows_mm} x {columns_mm} mm and slice extents of "
                "{extents_mm} mm must all be positive; check PixelSpacing and ImagePositionPatient.",
                rows_mm=float(between_rows_mm),
                columns_mm=float(between_columns_mm),
                extents_mm=tuple(float(extent) for extent in geometry.slice_extent_mm),
            )
        )


def _read_only(values: NDArray[np.float64]) -> NDArray[np.float64]:
    values.setflags(write=False)
    return values
