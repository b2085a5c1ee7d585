"""What a slice's structures look like where it cuts a long-axis image, against closed form."""

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import same_moment
from cinecor.scene.crossing import SliceCut
from cinecor.study.image_plane import ImagePlane


def test_a_disc_becomes_a_run_as_long_as_its_chord() -> None:
    short = ImagePlane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), (1.5, 1.0), 80, 120)
    rows, columns = np.indices((80, 120))
    away = np.hypot(columns - 60.0, (rows - 40.0) * 1.5)  # mm from (60, 60)
    labels = np.select([away < 20, away < 28], [Label.LV, Label.MYO], Label.BACKGROUND).astype(np.uint8)
    long = ImagePlane(np.array([0.0, 66.0, -50.0]), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), (1.0, 1.0), 100, 120)
    runs = SliceCut(short, long).runs(labels)
    assert [run.label for run in runs] == [Label.MYO, Label.LV, Label.MYO]
    cavity = runs[1].ends_px
    assert np.ptp(cavity[:, 0]) == pytest.approx(2 * np.sqrt(20**2 - 6**2), abs=1.5)  # within a pixel of the mask
    assert cavity[:, 1] == pytest.approx([50.5, 50.5])  # the slice lies at z = 0
    assert cavity[:, 0].mean() == pytest.approx(60.5, abs=0.5)


def test_a_slice_that_does_not_meet_the_view_leaves_nothing() -> None:
    short = ImagePlane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), (1.0, 1.0), 50, 50)
    beside = ImagePlane(np.array([0, 90.0, -20]), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), (1.0, 1.0), 50, 50)
    assert SliceCut(short, beside).runs(np.full((50, 50), Label.LV, np.uint8)) == ()


@pytest.mark.parametrize(
    ("phase", "phases", "of", "wanted"),
    [(0, 25, 30, 0), (12, 25, 25, 12), (24, 25, 30, 29), (29, 30, 25, 24), (24, 25, 10, 0)],
)
def test_moments_are_matched_by_the_share_of_the_cycle(phase: int, phases: int, of: int, wanted: int) -> None:
    assert same_moment(phase, phases=phases, of=of) == wanted
