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


@pytest.mark.parametrize("moved_mm", [0.9, 1.1])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (0, 2, 1)])
def test_that_results_lie_where_they_lie_however_their_files_order_the_axes(
    tmp_path: Path, order: tuple[int, int, int], moved_mm: float
) -> None:
    phantom = make_phantom(HeartShape.of_volumes(140.0, 60.0), TINY)
    placed = np.diag(SPACING_MM)
    placed[:3, :3] = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]]) @ placed[:3, :3]
    placed[:3, 3] = (20.0, -35.0, 50.0)
    moved = placed.copy()
    moved[1, 3] += moved_mm
    voxels = phantom.pixels[:, 0].transpose(2, 1, 0).astype(np.int16)
    grids = []
    for name, axes, affine in (("plain", (0, 1, 2), placed), ("other", order, moved)):
        image = nibabel.Nifti1Image(voxels.transpose(axes), affine[:, [*axes, 3]])
        nibabel.save(image, tmp_path / f"{name}.nii.gz")
        folder = write_results_of(phantom.labels[:, :1], tmp_path / f"{name}.nii.gz", tmp_path, name=name)
        grids.append(result_reading(folder).grid)
    one, other = grids
    assert tuple(other.results.stack.file_axes) == tuple(order.index(axis) for axis in range(3))
    assert one.affine is not None
    assert one.apart_mm(other.affine) == pytest.approx(moved_mm, abs=1e-3)
