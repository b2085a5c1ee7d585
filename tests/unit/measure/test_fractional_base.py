"""A fractional base: slabs that a plane cuts count by the part below it, against closed form and from both sides."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import curves_of_counts, pixel_counts
from cinecor.measure.fractional_base import FractionalBase, cuts_of
from cinecor.measure.ventricle import Ventricle
from cinecor.study.cine_stack import StackGeometry
from cinecor.study.image_plane import ImagePlane

SLICES, ROWS, COLUMNS, EXTENT_MM = 6, 20, 30, 8.0
SPACING_MM = (1.5, 2.0)  # between rows, between columns
HEIGHTS_MM = EXTENT_MM * np.arange(SLICES)  # of the slices' middles; the apex is above


def images(*, turned: bool = False) -> list[ImagePlane]:
    """The planes of the stack; `turned`: seen from the other side, so that their normals look to the base."""
    column = np.array([-1.0, 0.0, 0.0]) if turned else np.array([1.0, 0.0, 0.0])
    return [
        ImagePlane(np.array([0.0, 0.0, height]), column, np.array([0.0, 1.0, 0.0]), SPACING_MM, ROWS, COLUMNS)
        for height in HEIGHTS_MM
    ]


def cut(*bases_mm: float, slope: tuple[float, float] = (0.0, 0.0), turned: bool = False) -> NDArray[np.float64]:
    """The cuts of the planes z = base + slope · (x, y), one a phase."""
    normal = np.array([-slope[0], -slope[1], 1.0])
    normal /= np.linalg.norm(normal)
    points = np.array([[0.0, 0.0, base] for base in bases_mm])
    return cuts_of(
        points, np.tile(normal, (len(bases_mm), 1)), slices=images(turned=turned), extents_mm=np.full(SLICES, EXTENT_MM)
    )


def full(label: Label, *, phases: int = 1) -> NDArray[np.uint8]:
    return np.full((SLICES, phases, ROWS, COLUMNS), label, dtype=np.uint8)


def volume_ml(labels: NDArray[np.uint8], base: FractionalBase) -> NDArray[np.float64]:
    geometry = StackGeometry(
        np.array([[0.0, 0.0, height] for height in HEIGHTS_MM]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]),
        SPACING_MM, EXTENT_MM, np.full(SLICES, EXTENT_MM),
    )  # fmt: skip
    return curves_of_counts(base.counts(labels), geometry=geometry).lv_ml


def block_ml(base_mm: float, slope: tuple[float, float]) -> float:
    """Closed form: what of the block of all pixels' slabs lies above a plane that cuts every one of its columns."""
    top = HEIGHTS_MM[-1] + EXTENT_MM / 2
    middle = ((COLUMNS - 1) / 2 * SPACING_MM[1], (ROWS - 1) / 2 * SPACING_MM[0])
    area = ROWS * COLUMNS * SPACING_MM[0] * SPACING_MM[1]
    return area * (top - base_mm - slope[0] * middle[0] - slope[1] * middle[1]) / 1000.0


@pytest.mark.parametrize("slope", [(0.0, 0.0), (0.2, -0.1), (-0.3, 0.3)])
def test_that_a_block_ends_at_the_plane_wherever_it_cuts_the_slabs(slope: tuple[float, float]) -> None:
    bases = tuple(np.linspace(16.0, 26.0, 11).tolist())  # through more than one slab, by a millimetre
    base = FractionalBase({Ventricle.LV: cut(*bases, slope=slope)})
    found = volume_ml(full(Label.LV, phases=len(bases)), base)
    assert found == pytest.approx([block_ml(one, slope) for one in bases])
    assert np.diff(found) == pytest.approx(-ROWS * COLUMNS * 3.0 / 1000.0)  # as much a millimetre, with no step


@pytest.mark.parametrize(("base_mm", "share"), [(-4.1, 1.0), (-4.0, 1.0), (0.0, 0.5), (3.9, 0.0125), (4.0, 0.0)])
def test_that_a_slab_counts_whole_below_the_plane_and_not_at_all_above(base_mm: float, share: float) -> None:
    base = FractionalBase({Ventricle.LV: cut(base_mm)})
    counts = base.counts(full(Label.LV))[:, 0, Label.LV] / (ROWS * COLUMNS)
    assert counts[0] == pytest.approx(share)
    assert counts[1:] == pytest.approx(1.0)


def test_that_it_does_not_matter_from_which_side_the_slices_are_seen() -> None:
    labels = full(Label.LV)
    there = FractionalBase({Ventricle.LV: cut(17.0, turned=False)}).counts(labels)
    back = FractionalBase({Ventricle.LV: cut(17.0, turned=True)}).counts(labels)
    assert there == pytest.approx(back)


def test_that_each_ventricle_ends_at_its_own_valve_and_the_wall_with_the_left_one() -> None:
    labels = np.concatenate([full(Label.LV), full(Label.RV), full(Label.MYO)], axis=3)[..., ::3]
    whole = pixel_counts(labels)
    left = FractionalBase({Ventricle.LV: cut(8.0)}).counts(labels)
    assert left[:, 0, Label.RV] == pytest.approx(whole[:, 0, Label.RV])
    for label in (Label.LV, Label.MYO):
        assert left[:, 0, label] == pytest.approx(whole[:, 0, label] * [0, 0.5, 1, 1, 1, 1])
    both = FractionalBase({Ventricle.LV: cut(-99.0), Ventricle.RV: cut(99.0)}).counts(labels)
    assert both[:, 0, Label.RV] == pytest.approx(0.0)
    for label in (Label.BACKGROUND, Label.LV, Label.MYO):
        assert both[..., label] == pytest.approx(whole[..., label])


def test_that_a_plane_upright_in_the_slices_parts_them_at_a_line() -> None:
    normal, point = np.array([[1.0, 0.0, 0.0]]), np.array([[15.0, 0.0, 0.0]])
    cuts = cuts_of(point, normal, slices=images(), extents_mm=np.full(SLICES, EXTENT_MM))
    counts = FractionalBase({Ventricle.LV: cuts}).counts(full(Label.LV))
    assert counts[:, 0, Label.LV] == pytest.approx(ROWS * (COLUMNS - 8))  # columns 8 to 29 lie beyond 15 mm
