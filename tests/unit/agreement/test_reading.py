"""Rules of what one side of a comparison knows of a study."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
from cohorts import TINY
from result_folders import write_results_of

from cinecor.agreement.reading import label_reading, result_reading
from cinecor.measure.moment import Moment
from cinecor_phantom import HeartShape, make_phantom

SPACING_MM = (TINY.pixel_spacing_mm, TINY.pixel_spacing_mm, TINY.slice_thickness_mm + TINY.slice_gap_mm, 1.0)


@pytest.fixture(scope="module")
def lone_phase(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the results of one phase, and the label map that they hold."""
    place = tmp_path_factory.mktemp("lone")
    phantom = make_phantom(HeartShape.of_volumes(140.0, 60.0), TINY)
    for name, voxels in (("image", phantom.pixels.astype(np.int16)), ("labels", phantom.labels)):
        nibabel.save(
            nibabel.Nifti1Image(voxels[:, 0].transpose(2, 1, 0), np.diag(SPACING_MM)), place / f"{name}.nii.gz"
        )
    folder = write_results_of(phantom.labels[:, :1], place / "image.nii.gz", place, name="ed")
    return folder, place / "labels.nii.gz"


@pytest.mark.parametrize(
    ("moment", "known"), [(Moment.ED, {"lv_edv_ml", "rv_edv_ml", "lv_mass_g"}), (Moment.ES, {"lv_esv_ml", "rv_esv_ml"})]
)
def test_that_results_of_one_phase_have_the_volumes_of_the_moment_that_the_other_side_says_it_is(
    lone_phase: tuple[Path, Path], moment: Moment, known: set[str]
) -> None:
    folder, labels = lone_phase
    own = result_reading(folder, phases={moment: 0})
    other = label_reading({moment: labels}, grid=own.grid)
    assert {name for name, value in own.numbers.items() if value is not None} == known
    for name in known:
        assert own.numbers[name] == pytest.approx(other.numbers[name], abs=1e-3)


def test_that_results_of_one_phase_have_no_numbers_where_nobody_says_which_moment_it_is(
    lone_phase: tuple[Path, Path],
) -> None:
    assert not any(result_reading(lone_phase[0]).numbers.values())
