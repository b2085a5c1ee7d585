"""A small heart made of discs, whose numbers are plain arithmetic."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.measure.findings.assess import assess
from cinecor.measure.findings.quality import Quality
from cinecor.measure.measurements import measure
from cinecor.study.audit import ImportAudit
from cinecor.study.cine_stack import CineStack, StackGeometry

ROWS, COLUMNS = 80, 116
WALL_AREA = 900.0  # pixels of myocardium in a full slice: the same in every phase
TAPER = (0.0, 1.0, 1.0, 0.95, 0.9, 0.8, 0.65, 0.4, 0.0)  # LV radius from base to apex; both end slices lie outside
BEAT = (24, 23.5, 22, 20, 18, 16, 15, 16, 18.5, 20.5, 21.5, 22, 22.5, 23, 23.5, 23.8)  # LV radius in pixels, per phase


def disc(*, radius: float, column: float) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    return np.hypot(rows - ROWS / 2, columns - column) < radius


def beating_heart(beat: Sequence[float] = BEAT, taper: Sequence[float] = TAPER) -> NDArray[np.uint8]:
    return _drawn(tuple(beat), tuple(taper)).copy()


@lru_cache(maxsize=64)
def _drawn(beat: tuple[float, ...], taper: tuple[float, ...]) -> NDArray[np.uint8]:
    labels = np.zeros((len(taper), len(beat), ROWS, COLUMNS), dtype=np.uint8)
    for index, width in enumerate(taper):
        for phase, full in enumerate(beat):
            radius = full * width
            if radius == 0:
                continue
            outer = np.sqrt(radius**2 + WALL_AREA * width / np.pi)
            frame = labels[index, phase]
            frame[disc(radius=radius, column=26)] = Label.RV
            frame[disc(radius=outer, column=82)] = Label.MYO
            frame[disc(radius=radius, column=82)] = Label.LV
    return labels


def straight(slices: int, *, spacing_mm: float = 8.0, pixel_mm: tuple[float, float] = (1.0, 1.0)) -> StackGeometry:
    return StackGeometry(
        positions_mm=np.array([[0.0, 0.0, -spacing_mm * index] for index in range(slices)]),
        column_axis=np.array([1.0, 0.0, 0.0]),
        row_axis=np.array([0.0, 1.0, 0.0]),
        pixel_spacing_mm=pixel_mm,
        slice_spacing_mm=spacing_mm,
        slice_extent_mm=np.full(slices, spacing_mm),
    )


def judged(
    labels: NDArray[np.uint8],
    *,
    geometry: StackGeometry | None = None,
    heart_rate_bpm: float | None = 60.0,
    confidence: NDArray[np.float32] | None = None,
    complete: NDArray[np.bool_] | None = None,
    notes: tuple[str, ...] = (),
    cautions: tuple[str, ...] = (),
) -> Quality:
    shape = labels.shape[:2]
    geometry = straight(shape[0]) if geometry is None else geometry
    stack = CineStack(
        pixels=np.zeros(labels.shape, dtype=np.float32),
        geometry=geometry,
        phase_times_ms=tuple(40.0 * phase for phase in range(shape[1])),
        heart_rate_bpm=heart_rate_bpm,
        frames=None,
        series_uids=(),
    )
    complete = np.ones(shape, dtype=bool) if complete is None else complete
    confidence = np.full(shape, 0.95, dtype=np.float32) if confidence is None else confidence
    return assess(
        stack,
        audit=ImportAudit(1, 1, (), None, complete, cautions, (), cautions),
        segmentation=Segmentation(
            labels, confidence, ModelIdentity("model", "1", "0", "fp32"), Runtime("cpu", "CPU"), notes
        ),
        measurements=measure(labels, geometry=geometry, heart_rate_bpm=heart_rate_bpm),
    )


@pytest.fixture(scope="session")
def heart() -> Callable[..., NDArray[np.uint8]]:
    return beating_heart


@pytest.fixture(scope="session")
def geometry() -> Callable[..., StackGeometry]:
    return straight


@pytest.fixture(scope="session")
def quality() -> Callable[..., Quality]:
    return judged
