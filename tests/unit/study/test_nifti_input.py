"""One NIfTI file as a stack: axes, geometry, times, and what is refused."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from cinecor.errors import InputError, UsageError
from cinecor.study import open_input, read_nifti

AFFINE = np.array([[-1.4, 0.1, 0.2, 30.0], [0.1, -1.5, 0.3, -12.0], [0.05, 0.2, 9.0, 7.0], [0, 0, 0, 1]])


COLUMN, ROW, NORMAL = np.linalg.qr(np.array([[0.75, 0.62, -0.22], [0.05, 0.45, -0.89], [0.7, -0.45, -0.55]]).T)[0].T


def short_axis(spacing_mm: tuple[float, float, float] = (1.4, 1.4, 9.0)) -> np.ndarray:
    """Return the affine (RAS) of a stack that lies as a short-axis stack does."""
    affine = np.eye(4)
    affine[:3, :3] = np.diag([-1.0, -1.0, 1.0]) @ np.stack((COLUMN, ROW, NORMAL), axis=1) * spacing_mm
    return affine


def picture(*shape: int, seed: int = 0) -> np.ndarray:
    """Return smooth grey values (x, y, slice, phase), as an image of tissue has: alike in time, less so in space."""
    rng = np.random.default_rng(seed)
    x, y, z, t = np.meshgrid(*(np.arange(size) for size in (*shape, 1, 1, 1)[:4]), indexing="ij")
    values = sum(
        rng.uniform(50, 200) * np.sin(x / 9 * a + y / 7 * b + z * c + t * 0.2 + d)
        for a, b, c, d in rng.uniform(0.5, 1.5, (5, 4))
    )
    return np.asarray(500 + values, dtype=np.float32).reshape(shape)


def volume(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def saved(
    path: Path, data: np.ndarray, *, affine: np.ndarray = AFFINE, dt: float = 0.0, unit: str | None = None
) -> Path:
    image = nibabel.Nifti1Image(data, affine)
    if data.ndim == 4:
        image.header["pixdim"][4] = dt
        image.header.set_xyzt_units("mm", unit)
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_that_array_axes_x_y_z_t_become_slice_phase_row_column(tmp_path: Path, name: str) -> None:
    data = volume(20, 24, 3, 5)
    stack, audit = open_input(saved(tmp_path / name, data))
    assert stack.pixels.shape == (3, 5, 24, 20)
    assert (stack.pixels == data.transpose(2, 3, 1, 0)).all()
    assert not stack.pixels.flags.writeable
    assert stack.nifti is not None
    assert (audit.files_given, audit.files_used, audit.left_out) == (1, 1, ())


def test_that_a_3d_image_is_one_phase(tmp_path: Path) -> None:
    stack, audit = open_input(saved(tmp_path / "a.nii", volume(20, 24, 3)))
    assert (stack.slices, stack.phases) == (3, 1)
    assert audit.phase_order_tag is None


def test_that_the_affine_is_kept_and_read_as_lps(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nii", volume(20, 24, 3))
    stack, _ = open_input(path)
    stored = nibabel.load(path).affine
    column, row, number = 7, 11, 2
    ras = stored @ [column, row, number, 1]
    geometry = stack.geometry
    lps = (
        geometry.positions_mm[number]
        + geometry.column_axis * column * geometry.pixel_spacing_mm[1]
        + geometry.row_axis * row * geometry.pixel_spacing_mm[0]
    )
    assert lps == pytest.approx([-ras[0], -ras[1], ras[2]], abs=1e-3)
    voxel_mm3 = abs(np.linalg.det(AFFINE[:3, :3]))
    assert np.prod(geometry.pixel_spacing_mm) * geometry.slice_spacing_mm == pytest.approx(voxel_mm3)
    assert geometry.slice_extent_mm == pytest.approx([geometry.slice_spacing_mm] * 3)


def test_that_slices_stay_in_the_order_of_the_file(tmp_path: Path) -> None:
    for sign in (1, -1):
        stack, _ = open_input(saved(tmp_path / "a.nii", volume(20, 24, 3), affine=np.diag([1.0, 1.0, sign * 8.0, 1.0])))
        assert stack.pixels[2, 0, 0, 0] == 2


def test_that_pixdim_counts_where_the_affine_is_generic(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(volume(20, 24, 3), np.diag([-1.0, -1.0, 1.0, 1.0]))
    image.header.set_zooms((1.5, 1.6, 10.0))
    nibabel.save(image, tmp_path / "a.nii.gz")
    stack, audit = open_input(tmp_path / "a.nii.gz")
    assert stack.geometry.pixel_spacing_mm == pytest.approx((1.6, 1.5))
    assert stack.geometry.slice_spacing_mm == pytest.approx(10.0)
    assert any("pixdim counts for volumes" in str(warning) for warning in audit.warnings)


def test_that_axes_count_as_directions_in_the_patient_only_where_the_header_gives_them(tmp_path: Path) -> None:
    stack, audit = open_input(saved(tmp_path / "a.nii", volume(20, 24, 3), affine=short_axis()))
    assert stack.geometry.oriented
    assert audit.cautions == ()

    contradicted = nibabel.Nifti1Image(volume(20, 24, 3), np.diag([-1.0, -1.0, 1.0, 1.0]))
    contradicted.header.set_zooms((1.5, 1.6, 10.0))
    unset = nibabel.Nifti1Image(volume(20, 24, 3), None)
    for image in (contradicted, unset):
        nibabel.save(image, tmp_path / "b.nii")
        stack, audit = open_input(tmp_path / "b.nii")
        assert not stack.geometry.oriented
        assert ["Which side of the patient" in str(caution) for caution in audit.cautions] == [True]


def test_that_a_label_map_given_as_an_image_puts_every_number_in_doubt(tmp_path: Path) -> None:
    labels = (volume(20, 24, 3) % 4).astype(np.uint8)
    _, audit = open_input(saved(tmp_path / "a_gt.nii.gz", labels))
    assert ["only 4 grey values" in str(doubt) for doubt in audit.doubts] == [True]
    assert set(audit.doubts) <= set(audit.warnings)
    _, audit = open_input(saved(tmp_path / "a.nii.gz", picture(40, 48, 3)))
    assert audit.doubts == ()


@pytest.mark.parametrize(("dt", "unit"), [(0.04, "sec"), (40.0, "msec"), (40_000.0, "usec")])
def test_that_times_come_from_pixdim_in_its_unit(tmp_path: Path, dt: float, unit: str) -> None:
    stack, _ = open_input(saved(tmp_path / "a.nii", volume(20, 24, 2, 25), dt=dt, unit=unit))
    assert stack.phase_times_ms == pytest.approx([40.0 * phase for phase in range(25)], rel=1e-5)
    assert stack.heart_rate_bpm == pytest.approx(60.0)


@pytest.mark.parametrize(("dt", "unit"), [(1.0, "sec"), (0.0, "sec"), (1.0, None), (40.0, "hz"), (-0.04, "sec")])
def test_that_times_that_are_no_cycle_stay_unknown(tmp_path: Path, dt: float, unit: str | None) -> None:
    stack, audit = open_input(saved(tmp_path / "a.nii", volume(20, 24, 2, 25), dt=dt, unit=unit))
    assert stack.phase_times_ms is None
    assert stack.heart_rate_bpm is None
    assert any("Phase times are unknown" in str(warning) for warning in audit.warnings)


def test_that_axes_of_length_one_beyond_time_are_dropped(tmp_path: Path) -> None:
    stack, _ = open_input(saved(tmp_path / "a.nii", volume(20, 24, 3, 5, 1)))
    assert stack.pixels.shape == (3, 5, 24, 20)


def test_that_time_on_the_fifth_axis_is_found(tmp_path: Path) -> None:
    stack, _ = open_input(saved(tmp_path / "a.nii", volume(20, 24, 3, 1, 5)))
    assert stack.pixels.shape == (3, 5, 24, 20)


def test_that_a_2d_image_is_one_slice(tmp_path: Path) -> None:
    stack, _ = open_input(saved(tmp_path / "a.nii", volume(20, 24)))
    assert stack.pixels.shape == (1, 1, 24, 20)


def test_that_values_that_are_not_finite_become_the_darkest_and_are_told(tmp_path: Path) -> None:
    data = volume(20, 24, 3) + 5
    data[0, 0, 0], data[1, 1, 1] = np.nan, np.inf
    stack, audit = open_input(saved(tmp_path / "a.nii", data))
    assert np.isfinite(stack.pixels).all()
    assert stack.pixels[0, 0, 0, 0] == stack.pixels[1, 0, 1, 1] == data[np.isfinite(data)].min()
    assert any("2 values are not finite" in str(warning) for warning in audit.warnings)


def test_that_scaled_integers_are_read_in_their_unit(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(volume(20, 24, 3).astype(np.int16), AFFINE)
    image.header.set_slope_inter(0.5, 10)
    nibabel.save(image, tmp_path / "a.nii")
    stack, _ = open_input(tmp_path / "a.nii")
    assert stack.pixels == pytest.approx(
        np.asarray(nibabel.load(tmp_path / "a.nii").dataobj).transpose(2, 1, 0)[:, None]
    )


RGB = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (volume(20, 24, 2, 2, 2), "has the shape"),
        (volume(4, 4, 3), "too small"),
        (np.ones((20, 24, 3), np.complex64), "colour or complex"),
        (np.zeros((20, 24, 3), RGB), "colour or complex"),
        (np.full((20, 24, 3), np.nan, np.float32), "no finite value"),
        (np.zeros((20, 24, 3), np.float32), "all values are equal"),
    ],
)
def test_that_what_is_no_grey_image_in_space_and_time_is_refused(
    tmp_path: Path, data: np.ndarray, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        open_input(saved(tmp_path / "a.nii.gz", data))


@pytest.mark.parametrize("zoom", [0.0, -1.5, np.nan, 1e9])
def test_that_an_impossible_voxel_size_is_refused(tmp_path: Path, zoom: float) -> None:
    path = saved(tmp_path / "a.nii", volume(20, 24, 3))
    content = bytearray(path.read_bytes())
    content[76 + 4 : 76 + 8] = np.float32(zoom).tobytes()
    path.write_bytes(content)
    with pytest.raises(InputError, match="is no voxel size in mm"):
        open_input(path)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.5, 0.99])
def test_that_a_truncated_file_is_refused(tmp_path: Path, name: str, share: float) -> None:
    path = saved(tmp_path / name, np.random.default_rng(0).random((40, 40, 5), np.float32))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match=r"(truncated or damaged|no readable NIfTI)"):
        open_input(path)


def test_that_text_named_nifti_and_two_file_images_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_text("no image " * 100)
    with pytest.raises(InputError, match="no readable NIfTI"):
        open_input(tmp_path / "a.nii")
    (tmp_path / "a.hdr").write_bytes(bytes(400))
    with pytest.raises(InputError, match="two-file image"):
        open_input(tmp_path / "a.hdr")


def test_that_a_nifti_without_its_ending_is_known_by_content(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nii", volume(20, 24, 3)).rename(tmp_path / "image")
    assert open_input(path)[0].slices == 3


def test_that_series_and_missing_files_are_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NIfTI file and has no series"):
        open_input(saved(tmp_path / "a.nii", volume(20, 24, 3)), series_uid="1.2")
    with pytest.raises(UsageError, match="no such file"):
        read_nifti(tmp_path / "none.nii")


def test_that_a_sheared_affine_does_not_lengthen_the_heart(tmp_path: Path) -> None:
    """The slices lie 10 mm apart, each moved by 10 mm in its plane: the slice step is 14.1 mm long."""
    affine = np.diag([1.5, 1.5, 10.0, 1.0])
    affine[0, 2] = 10.0
    image = nibabel.Nifti1Image(volume(24, 20, 4), affine)
    nibabel.save(image, tmp_path / "sheared.nii.gz")
    stack, audit = read_nifti(tmp_path / "sheared.nii.gz")
    assert stack.geometry.slice_spacing_mm == pytest.approx(10.0, abs=1e-3)
    assert stack.geometry.slice_extent_mm == pytest.approx([10.0] * 4, abs=1e-3)
    assert any("sheared" in str(warning) for warning in audit.warnings)


def test_that_axes_almost_in_one_plane_are_refused(tmp_path: Path) -> None:
    affine = np.diag([1.5, 1.5, 1.0, 1.0])
    affine[0, 2] = 10.0
    nibabel.save(nibabel.Nifti1Image(volume(24, 20, 4), affine), tmp_path / "flat.nii.gz")
    with pytest.raises(InputError, match="almost in one plane"):
        read_nifti(tmp_path / "flat.nii.gz")
