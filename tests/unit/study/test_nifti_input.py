"""One NIfTI file as a stack: axes, geometry, times, and what is refused."""

import gzip
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest
from dicom_builder import beating_image

from cinecor.errors import InputError, UsageError
from cinecor.message import Slices
from cinecor.study import ImportAudit, open_input, read_nifti
from cinecor.study.series.series_kind import BASE_TO_APEX

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


def told(audit: ImportAudit) -> set[str]:
    return {message.code for message in audit.warnings}


def packed(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content, 1))
    return path


def test_that_a_flipped_bit_of_a_compressed_file_is_refused_by_its_checksum(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.nii.gz", saved(tmp_path / "a.nii", picture(20, 24, 3)).read_bytes()).read_bytes()
    for place in range(len(whole) // 2, len(whole) - 8, 97):
        (tmp_path / "b.nii.gz").write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(InputError, match=r"(truncated or damaged|no readable NIfTI)"):
            open_input(tmp_path / "b.nii.gz")
    stored = bytearray(whole)
    stored[-8] ^= 1  # of the checksum itself
    (tmp_path / "b.nii.gz").write_bytes(stored)
    with pytest.raises(InputError, match="CRC check failed"):
        open_input(tmp_path / "b.nii.gz")


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("axis", [0, 1, 2, 3])
def test_that_a_header_that_tells_of_less_than_there_is_is_refused(tmp_path: Path, name: str, axis: int) -> None:
    content = bytearray(saved(tmp_path / "whole.nii", picture(32, 40, 6, 8)).read_bytes())
    size = struct.unpack_from("<h", content, 42 + 2 * axis)[0]
    struct.pack_into("<h", content, 42 + 2 * axis, size - 1)
    path = packed(tmp_path / name, bytes(content)) if name.endswith("gz") else tmp_path / name
    if not name.endswith("gz"):
        path.write_bytes(content)
    with pytest.raises(InputError, match="holds more images than its header tells"):
        open_input(path)


def test_that_a_few_bytes_behind_the_image_put_it_in_doubt(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nii", picture(20, 24, 3))
    content = path.read_bytes()
    path.write_bytes(content + bytes(7))
    _, audit = open_input(path)
    assert [doubt.values["n"] for doubt in audit.doubts if doubt.code == "nifti_spare_bytes"] == [7]
    path.write_bytes(content + bytes(20 * 24 + 1))  # a picture and more
    with pytest.raises(InputError, match="holds more images"):
        open_input(path)


@pytest.mark.parametrize("offset", [0.0, 352.0])
def test_that_the_image_begins_where_the_header_says_or_right_behind_it(tmp_path: Path, offset: float) -> None:
    data = picture(20, 24, 3)
    path = saved(tmp_path / "a.nii", data)
    content = bytearray(path.read_bytes())
    struct.pack_into("<f", content, 108, offset)
    path.write_bytes(content)
    stack, _ = open_input(path)
    assert (stack.pixels[:, 0] == data.transpose(2, 1, 0)).all()


@pytest.mark.parametrize("offset", [1.0, 351.0, 352.5, np.nan, np.inf, -352.0])
def test_that_a_place_where_no_image_can_begin_is_refused(tmp_path: Path, offset: float) -> None:
    path = saved(tmp_path / "a.nii", picture(20, 24, 3))
    content = bytearray(path.read_bytes())
    struct.pack_into("<f", content, 108, offset)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"(is no place where the image can begin|vox offset .* too low)"):
        open_input(path)


def test_that_a_small_file_that_unpacks_to_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.zeros((16, 16, 1), np.uint8), AFFINE)
    header = bytearray(image.to_bytes()[:352])
    struct.pack_into("<4h", header, 42, 1024, 1024, 64, 1)
    path = packed(tmp_path / "bomb.nii.gz", bytes(header) + bytes(1024 * 1024 * 64))
    assert path.stat().st_size < 400_000
    with pytest.raises(InputError, match="would take 268 MB of memory, more than the limit of"):
        open_input(path)


def test_that_a_sparse_file_is_judged_by_the_room_that_it_takes(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.zeros((16, 16, 1), np.uint8), AFFINE)
    header = bytearray(image.to_bytes()[:352])
    struct.pack_into("<4h", header, 42, 1024, 1024, 256, 1)
    with (tmp_path / "sparse.nii").open("wb") as file:
        file.write(header)
        file.truncate(352 + 1024 * 1024 * 256)
    with pytest.raises(InputError, match="more than the limit of 34 MB for a file of its size"):
        open_input(tmp_path / "sparse.nii")


@pytest.mark.parametrize(
    ("data", "largest"), [(picture(20, 24, 3).astype(np.float64) * 1e300, r"1e\+303"), (None, r"[0-9]e\+4[0-9]")]
)
def test_that_values_beyond_what_a_picture_holds_are_named(
    tmp_path: Path, data: np.ndarray | None, largest: str
) -> None:
    path = saved(tmp_path / "a.nii", picture(20, 24, 3) if data is None else data)
    if data is None:  # by the header's scale
        content = bytearray(path.read_bytes())
        struct.pack_into("<f", content, 112, 3e38)
        path.write_bytes(content)
    with pytest.raises(InputError, match=rf"values reach {largest}, more than a picture can hold"):
        open_input(path)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("scale", [1e11, 1e12])
def test_that_one_value_that_no_scanner_writes_is_named_and_never_overflows(tmp_path: Path, scale: float) -> None:
    data = picture(20, 24, 3, 8)
    data[5, 5, 1, 2] = 2e3 * scale  # as one bit of its exponent makes it
    if scale < 1e12:
        assert np.isfinite(open_input(saved(tmp_path / "a.nii", data))[0].pixels).all()
        return
    with pytest.raises(InputError, match=r"values reach 2e\+15, more than a picture can hold"):
        open_input(saved(tmp_path / "a.nii", data))


@pytest.mark.parametrize(("slope", "intercept"), [(np.inf, 0.0), (2.0, np.nan), (2.0, np.inf)])
def test_that_a_scale_that_is_not_finite_is_named(tmp_path: Path, slope: float, intercept: float) -> None:
    path = saved(tmp_path / "a.nii", picture(20, 24, 3))
    content = bytearray(path.read_bytes())
    struct.pack_into("<2f", content, 112, slope, intercept)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"the header's scale .* is not finite"):
        open_input(path)


def test_that_a_negative_scale_puts_every_number_in_doubt(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(picture(20, 24, 3).astype(np.int16), AFFINE)
    image.header.set_slope_inter(-1.0, 2000.0)
    nibabel.save(image, tmp_path / "a.nii")
    _, audit = open_input(tmp_path / "a.nii")
    assert "nifti_negative" in {doubt.code for doubt in audit.doubts}


def made_up(kind: str, data: np.ndarray) -> nibabel.Nifti1Image:
    zooms = (1.4, 1.4, 9.0)
    image = nibabel.Nifti1Image(data, {"spacing": np.diag([*zooms, 1.0]), "identity": np.eye(4)}.get(kind))
    image.header.set_zooms((*zooms, 1.0)[: data.ndim])
    if kind == "unset":
        image.header["qform_code"] = image.header["sform_code"] = 0
    return image


@pytest.mark.parametrize(
    ("kind", "why"),
    [("spacing", "nifti_no_short_axis"), ("identity", "nifti_affine_of_other_grid"), ("unset", "nifti_forms_unset")],
)
def test_that_made_up_axes_are_no_directions_and_the_picture_decides(tmp_path: Path, kind: str, why: str) -> None:
    nibabel.save(made_up(kind, picture(40, 48, 5)), tmp_path / "a.nii")
    stack, audit = open_input(tmp_path / "a.nii")
    assert not stack.geometry.oriented
    assert [(caution.code, caution.values["why"].code) for caution in audit.cautions] == [("unoriented", why)]
    assert audit.doubts == ()
    assert stack.geometry.pixel_spacing_mm == pytest.approx((1.4, 1.4))
    assert stack.geometry.slice_spacing_mm == pytest.approx(9.0)


def test_that_axes_that_are_unset_are_those_of_voxel_sizes_alone(tmp_path: Path) -> None:
    for kind in ("spacing", "unset"):
        nibabel.save(made_up(kind, picture(40, 48, 5)), tmp_path / f"{kind}.nii")
    (spacing, _), (unset, _) = (open_input(tmp_path / f"{kind}.nii") for kind in ("spacing", "unset"))
    assert (unset.geometry.column_axis == spacing.geometry.column_axis).all()
    assert (unset.geometry.row_axis == spacing.geometry.row_axis).all()


@pytest.mark.parametrize(("degrees", "oriented"), [(40.0, True), (50.0, False)])
def test_that_slices_far_off_the_long_axis_of_any_heart_are_no_short_axis(
    tmp_path: Path, degrees: float, oriented: bool
) -> None:
    turn = np.deg2rad(degrees)
    apex = np.array(BASE_TO_APEX)
    aside = np.cross(apex, [0.0, 0.0, 1.0])
    aside /= np.linalg.norm(aside)
    normal = np.cos(turn) * apex + np.sin(turn) * aside
    column = np.cross(normal, [0.3, 0.2, 0.9])
    column /= np.linalg.norm(column)
    affine = np.eye(4)
    axes = np.stack((column, np.cross(normal, column), normal), axis=1)
    affine[:3, :3] = np.diag([-1.0, -1.0, 1.0]) @ axes * (1.4, 1.4, 9.0)
    stack, _ = open_input(saved(tmp_path / "a.nii", picture(40, 48, 5), affine=affine))
    assert stack.geometry.oriented is oriented


def test_that_pixdim_of_one_beside_a_measured_affine_is_made_up(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nii", picture(40, 48, 5), affine=short_axis())
    content = bytearray(path.read_bytes())
    struct.pack_into("<3f", content, 80, 1.0, 1.0, 1.0)
    path.write_bytes(content)
    stack, audit = open_input(path)
    assert stack.geometry.pixel_spacing_mm == pytest.approx((1.4, 1.4), rel=1e-5)
    assert stack.geometry.slice_spacing_mm == pytest.approx(9.0, rel=1e-5)
    assert "nifti_affine_counts" in told(audit)


def test_that_two_measured_voxel_sizes_that_differ_put_every_number_in_doubt(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nii", picture(40, 48, 5), affine=short_axis())
    content = bytearray(path.read_bytes())
    struct.pack_into("<f", content, 88, 12.0)
    path.write_bytes(content)
    _, audit = open_input(path)
    assert "nifti_pixdim_counts" in {doubt.code for doubt in audit.doubts}


@pytest.mark.parametrize(("spacing_mm", "doubted"), [((0.4, 0.4, 9.0), True), ((0.5, 0.5, 9.0), False)])
def test_that_a_picture_too_small_for_a_heart_puts_every_number_in_doubt(
    tmp_path: Path, spacing_mm: tuple[float, float, float], doubted: bool
) -> None:
    _, audit = open_input(saved(tmp_path / "a.nii", picture(45, 48, 5), affine=short_axis(spacing_mm)))
    assert ("nifti_size_improbable" in {doubt.code for doubt in audit.doubts}) is doubted


@pytest.mark.parametrize(
    ("spacing_mm", "doubted"), [((1.0, 1.0, 1.0), True), ((1.0, 1.0, 8.0), False), ((1.01, 1.01, 9.0), False)]
)
def test_that_voxels_of_one_mm_each_way_are_made_up(
    tmp_path: Path, spacing_mm: tuple[float, float, float], doubted: bool
) -> None:
    _, audit = open_input(saved(tmp_path / "a.nii", picture(40, 48, 4), affine=np.diag([*spacing_mm, 1.0])))
    assert ("nifti_sizes_made_up" in {doubt.code for doubt in audit.doubts}) is doubted


@pytest.mark.parametrize(("step_mm", "doubted"), [(4.0, True), (6.0, False)])
def test_that_many_slices_in_little_room_put_every_number_in_doubt(
    tmp_path: Path, step_mm: float, doubted: bool
) -> None:
    _, audit = open_input(saved(tmp_path / "a.nii", picture(40, 48, 5), affine=short_axis((1.4, 1.4, step_mm))))
    assert ("nifti_size_improbable" in {doubt.code for doubt in audit.doubts}) is doubted


def beating(*, phases: int = 12, slices: int = 6) -> np.ndarray:
    """Return grey values (x, y, slice, phase) of a heart."""
    frames = [[beating_image(n, phase, phases=phases).T for phase in range(phases)] for n in range(slices)]
    return np.moveaxis(np.array(frames, np.int16), (0, 1), (2, 3))


def test_that_pictures_of_a_nifti_file_are_held_against_one_another(tmp_path: Path) -> None:
    data = beating()
    _, audit = open_input(saved(tmp_path / "clean.nii", data, affine=short_axis()))
    assert not audit.doubts
    data[:, :, 3] = data[:, :, 3, np.array([5, 0, 9, 2, 11, 7, 1, 10, 3, 8, 4, 6])]
    _, audit = open_input(saved(tmp_path / "a.nii", data, affine=short_axis()))
    assert {doubt.code: doubt.values["slices"] for doubt in audit.doubts} == {"slice_shuffled": Slices((3,))}


def test_that_two_beats_in_a_nifti_file_do_not_halve_the_heart_rate(tmp_path: Path) -> None:
    twice = np.concatenate([beating(), beating() + 3], axis=3)
    stack, audit = open_input(saved(tmp_path / "a.nii", twice, affine=short_axis(), dt=0.075, unit="sec"))
    assert stack.heart_rate_bpm == pytest.approx(60.0 / 0.9, rel=1e-3)
    assert [caution.code for caution in audit.cautions] == ["several_beats"]


def test_that_one_picture_at_several_places_or_phases_is_doubted(tmp_path: Path) -> None:
    for name, change in {
        "slices_the_same": lambda data: data[:, :, 2],
        "slices_still": lambda data: np.repeat(data[:, :, 3, :1], 12, axis=2),
    }.items():
        data = beating()
        data[:, :, 3] = change(data)
        _, audit = open_input(saved(tmp_path / f"{name}.nii", data, affine=short_axis()))
        named = {doubt.code: doubt.values["slices"] for doubt in audit.doubts}
        assert named[name] == Slices((2, 3) if name == "slices_the_same" else (3,))


@pytest.mark.filterwarnings("error")
def test_that_an_affine_that_is_no_number_is_refused_without_noise(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nii", picture(40, 48, 5), affine=short_axis())
    content = bytearray(path.read_bytes())
    struct.pack_into("<f", content, 280, float("nan"))
    path.write_bytes(content)
    with pytest.raises(InputError, match="affine is not valid"):
        open_input(path)


@pytest.mark.parametrize("axis", [0, 1])
def test_that_slices_along_another_axis_are_found_by_sizes_and_numbers(tmp_path: Path, axis: int) -> None:
    data = picture(40, 48, 5, 8)
    straight = nibabel.Nifti1Image(data, short_axis())
    nibabel.save(straight, tmp_path / "straight.nii")
    order = {0: (2, 0, 1), 1: (0, 2, 1)}[axis]
    affine = straight.affine[:, [*order, 3]]
    nibabel.save(nibabel.Nifti1Image(data.transpose(*order, 3), affine), tmp_path / "turned.nii")
    one, _ = open_input(tmp_path / "straight.nii")
    other, audit = open_input(tmp_path / "turned.nii")
    assert (one.pixels == other.pixels).all()
    assert other.geometry.slice_spacing_mm == pytest.approx(one.geometry.slice_spacing_mm)
    assert other.geometry.column_axis == pytest.approx(one.geometry.column_axis, abs=1e-6)
    assert other.geometry.row_axis == pytest.approx(one.geometry.row_axis, abs=1e-6)
    assert other.geometry.oriented
    assert "nifti_axes_exchanged" in told(audit)


def test_that_sizes_and_numbers_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(picture(5, 48, 40), np.diag([1.4, 9.0, 1.4, 1.0]))
    nibabel.save(image, tmp_path / "a.nii")
    with pytest.raises(InputError, match="along which axis the slices lie cannot be known"):
        open_input(tmp_path / "a.nii")


def test_that_time_before_the_slices_is_refused_with_that_reason(tmp_path: Path) -> None:
    data = picture(40, 48, 6, 12)
    data += 80.0 * np.arange(6)[:, np.newaxis]  # slices differ more than phases
    assert open_input(saved(tmp_path / "a.nii", data, affine=short_axis()))[0].phases == 12
    with pytest.raises(InputError, match="as if time came before the slices"):
        open_input(saved(tmp_path / "b.nii", data.transpose(0, 1, 3, 2), affine=short_axis()))


def test_that_rows_of_a_wrong_length_are_doubted(tmp_path: Path) -> None:
    content = bytearray(saved(tmp_path / "a.nii", picture(44, 60, 5), affine=short_axis()).read_bytes())
    struct.pack_into("<2h", content, 42, 60, 44)
    (tmp_path / "b.nii").write_bytes(content)
    assert "nifti_broken_rows" in {doubt.code for doubt in open_input(tmp_path / "b.nii")[1].doubts}
    assert open_input(tmp_path / "a.nii")[1].doubts == ()


@pytest.mark.parametrize(("unit", "said"), [(2, False), (0, False), (5, True)])
def test_that_a_unit_of_length_that_is_none_is_taken_as_mm_and_told(tmp_path: Path, unit: int, said: bool) -> None:
    path = saved(tmp_path / "a.nii", picture(40, 48, 5), affine=short_axis())
    content = bytearray(path.read_bytes())
    content[123] = unit
    path.write_bytes(content)
    stack, audit = open_input(path)
    assert stack.geometry.slice_spacing_mm == pytest.approx(9.0, rel=1e-5)
    assert ("nifti_unit_unknown" in told(audit)) is said


def test_that_lengths_in_metres_are_read_in_mm(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(picture(40, 48, 5), short_axis((0.0014, 0.0014, 0.009)))
    image.header.set_xyzt_units("meter")
    nibabel.save(image, tmp_path / "a.nii")
    stack, audit = open_input(tmp_path / "a.nii")
    assert stack.geometry.pixel_spacing_mm == pytest.approx((1.4, 1.4), rel=1e-5)
    assert audit.doubts == ()
