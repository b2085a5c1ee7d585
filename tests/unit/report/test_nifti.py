"""Rules of `segmentation.nii.gz`: the input's own grid, to the bit for NIfTI, to a micrometre for DICOM."""

import gzip

import nibabel
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecor.report.nifti import nifti_bytes, stack_affine
from cinecor.study import open_input
from cinecor.study.cine_stack import NiftiGrid
from cinecor.study.nifti.nifti_file import read_nifti_file

OBLIQUE = {
    "column_axis": (0.6, 0.64, 0.48),
    "row_axis": (-0.8, 0.48, 0.36),
    "step_mm": (0.0, -6.0, 8.0),
    "origin_mm": (-181.234567, 97.654321, -301.111111),
}
GRID_FIELDS = (
    *("pixdim", "xyzt_units", "toffset", "qform_code", "sform_code", "srow_x", "srow_y", "srow_z"),
    *("quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z"),
)


def written(labels, stack, tmp_path):
    path = tmp_path / "written.nii.gz"
    path.write_bytes(nifti_bytes(labels, stack=stack))
    return nibabel.load(path)


def saved(tmp_path, *, shape, affine, sform="scanner", qform="scanner", zooms=None, kind=nibabel.Nifti1Image):
    """An input image as a user might have it, with awkward numbers in its header."""
    image = kind(np.zeros(shape, dtype=np.int16), affine)
    image.header.set_sform(affine, code=sform)
    image.header.set_qform(affine, code=qform)
    if zooms is not None:
        image.header.set_zooms(zooms)
    image.header.set_xyzt_units("mm", "sec")
    image.header["descrip"] = b"Doe^Jane"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"Doe^Jane"))
    path = tmp_path / "input.nii.gz"
    nibabel.save(image, path)
    return path


def grid_of(path, axes=(0, 1, 2)):
    return NiftiGrid(read_nifti_file(path).content, axes)


def awkward_affine():
    rotation, _ = np.linalg.qr(np.array([[0.7, 0.2, -0.4], [0.1, 0.9, 0.3], [0.5, -0.2, 0.8]]))
    affine = np.eye(4)
    affine[:3, :3] = rotation * [1.3671875, 1.3671875, 9.6000003815]
    affine[:3, 3] = -187.123456789, 33.3333333, 71.987654321
    return affine


@pytest.mark.parametrize("ndim", [3, 4])
@pytest.mark.parametrize(
    "codes", [("scanner", "scanner"), ("aligned", "unknown"), ("unknown", "scanner"), ("mni", "talairach")]
)
def test_that_a_nifti_comes_back_on_its_own_grid_bit_for_bit(tmp_path, make_stack, make_labels, ndim, codes):
    labels = make_labels(phases=4 if ndim == 4 else 1)
    zooms = (1.3671875, 1.3671875, 9.6, 0.0333)[:ndim]
    path = saved(
        tmp_path, shape=(10, 8, 3, 4)[:ndim], affine=awkward_affine(), sform=codes[0], qform=codes[1], zooms=zooms
    )
    given = nibabel.load(path)
    stack = make_stack(labels, nifti=grid_of(path))
    image = written(labels, stack, tmp_path)
    assert image.shape == given.shape
    assert np.array_equal(image.affine, given.affine)
    for field in GRID_FIELDS:
        assert np.array_equal(image.header[field], given.header[field]), field


def test_that_zooms_that_disagree_with_the_affine_stay_as_they_are(tmp_path, make_stack, make_labels):
    # ACDC's files: an affine of 1 mm, and the true spacing in the zooms alone.
    labels = make_labels(phases=1)
    path = saved(
        tmp_path,
        shape=(10, 8, 3),
        affine=np.diag([-1.0, -1.0, 1.0, 1.0]),
        sform="aligned",
        qform="unknown",
        zooms=(1.5625, 1.5625, 10.0),
    )
    stack = make_stack(labels, nifti=grid_of(path))
    image = written(labels, stack, tmp_path)
    assert image.header.get_zooms() == (1.5625, 1.5625, 10.0)
    assert np.array_equal(image.affine, np.diag([-1.0, -1.0, 1.0, 1.0]))


def test_that_a_nifti_2_stays_one_with_its_double_precision(tmp_path, make_stack, labels):
    path = saved(tmp_path, shape=(10, 8, 3, 4), affine=awkward_affine(), kind=nibabel.Nifti2Image)
    stack = make_stack(labels, nifti=grid_of(path))
    image = written(labels, stack, tmp_path)
    assert isinstance(image, nibabel.Nifti2Image)
    assert np.array_equal(image.affine, awkward_affine())


def through_the_import(tmp_path, *, name="input.nii.gz", compressed=True, shape=(24, 20, 4, 3)):
    """An input written under `name` and the labels written for it, as two images."""
    data = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    image = nibabel.Nifti1Image(data, awkward_affine())
    image.header.set_sform(awkward_affine(), code="mni")
    image.header.set_qform(awkward_affine(), code="aligned")
    content = image.to_bytes()
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if compressed else content)
    stack, _ = open_input(path)
    labels = np.round(stack.pixels % 4).astype(np.uint8)
    return nibabel.Nifti1Image.from_bytes(content), written(labels, stack, tmp_path)


def assert_same_grid(given, image):
    assert image.shape == given.shape
    assert np.array_equal(image.affine, given.affine)
    for field in GRID_FIELDS:
        assert np.array_equal(image.header[field], given.header[field]), field
    assert np.array_equal(np.asarray(image.dataobj), np.asarray(given.dataobj) % 4)


@pytest.mark.parametrize(
    ("name", "compressed"),
    [("a.nii", True), ("a.nii", False), ("a.nii.gz", False), ("image", True), ("image", False), ("A.NII.GZ", True)],
)
def test_that_the_grid_is_the_inputs_whatever_the_file_is_called(tmp_path, name, compressed):
    assert_same_grid(*through_the_import(tmp_path, name=name, compressed=compressed))


@pytest.mark.parametrize(
    "shape", [(24, 20), (24, 20, 1), (24, 20, 1, 3), (24, 20, 4, 1), (24, 20, 4, 3, 1), (24, 20, 4, 1, 3)]
)
def test_that_axes_of_length_one_stay_where_they_were(tmp_path, shape):
    assert_same_grid(*through_the_import(tmp_path, shape=shape))


def test_that_an_input_that_was_overwritten_or_removed_does_not_matter_any_more(tmp_path, make_stack, labels):
    path = saved(tmp_path, shape=(10, 8, 3, 4), affine=awkward_affine())
    stack = make_stack(labels, nifti=grid_of(path))
    path.unlink()
    image = written(labels, stack, tmp_path)
    assert image.shape == (10, 8, 3, 4)
    assert image.affine == pytest.approx(awkward_affine(), rel=1e-6)


@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 2, 0), (0, 2, 1)])
def test_that_labels_go_back_to_the_axes_that_slices_rows_and_columns_were_read_from(
    tmp_path, make_stack, labels, axes
):
    shape = [0, 0, 0, 4]
    for axis, size in zip(axes, (10, 8, 3), strict=True):
        shape[axis] = size
    path = saved(tmp_path, shape=tuple(shape), affine=awkward_affine())
    data = np.asarray(written(labels, make_stack(labels, nifti=grid_of(path, axes)), tmp_path).dataobj)
    assert data.shape == tuple(shape)
    for index, phase in np.ndindex(3, 4):
        assert np.array_equal(np.take(data[..., phase], index, axis=axes[2]).T, labels[index, phase])


def test_that_the_slice_zoom_of_a_sheared_dicom_stack_is_the_length_of_its_step(tmp_path, make_stack, labels):
    """What NIfTI says of pixdim: the length of the affine's column, not the distance between planes."""
    image = written(labels, make_stack(labels, step_mm=(6.0, 0.0, -8.0)), tmp_path)
    assert image.header.get_zooms()[2] == pytest.approx(10.0)
    assert np.linalg.norm(image.affine[:3, 2]) == pytest.approx(10.0)


FREE_TEXT = ("descrip", "aux_file", "intent_name", "db_name", "data_type")


@pytest.mark.parametrize("field", [*FREE_TEXT, "an extension"])
def test_that_nothing_of_the_inputs_free_text_is_copied(tmp_path, make_stack, labels, field):
    path = saved(tmp_path, shape=(10, 8, 3, 4), affine=awkward_affine())
    given = nibabel.load(path)
    if field in FREE_TEXT:
        given.header[field] = b"Doe^Jane"
    else:
        given.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"Doe^Jane"))
    nibabel.save(given, path)
    assert b"Doe^Jane" in gzip.decompress(path.read_bytes())
    assert b"Doe^Jane" not in gzip.decompress(nifti_bytes(labels, stack=make_stack(labels, nifti=grid_of(path))))


@pytest.mark.parametrize("geometry", [{}, OBLIQUE])
def test_that_dicom_positions_are_hit_to_a_tenth_of_a_micrometre_at_every_corner(
    tmp_path, make_stack, labels, geometry
):
    stack = make_stack(labels, **geometry)
    image = written(labels, stack, tmp_path)
    space = stack.geometry
    for index in range(3):
        for row, column in ((0, 0), (7, 0), (0, 9), (7, 9)):
            lps_mm = space.positions_mm[index] + row * 1.25 * space.row_axis + column * 1.5 * space.column_axis
            expected_mm = lps_mm * [-1, -1, 1]
            assert (stack_affine(space) @ [column, row, index, 1])[:3] == pytest.approx(expected_mm, abs=1e-9)
            # The file holds single precision: 1e-4 mm at 300 mm from the isocentre.
            assert (image.affine @ [column, row, index, 1])[:3] == pytest.approx(expected_mm, abs=1e-4)


@pytest.mark.parametrize("geometry", [{}, OBLIQUE])
def test_that_sform_and_qform_of_dicom_agree_and_are_scanner_space(tmp_path, make_stack, labels, geometry):
    header = written(labels, make_stack(labels, **geometry), tmp_path).header
    (sform, sform_code), (qform, qform_code) = header.get_sform(coded=True), header.get_qform(coded=True)
    assert (sform_code, qform_code) == (1, 1)
    assert qform == pytest.approx(sform, abs=1e-4)


def test_that_a_sheared_stack_has_no_qform(tmp_path, make_stack, labels):
    header = written(labels, make_stack(labels, step_mm=(2.0, 0.0, -8.0)), tmp_path).header
    assert (int(header["sform_code"]), int(header["qform_code"])) == (1, 0)
    assert header.get_sform()[:3, 2] == pytest.approx([-2.0, 0.0, -8.0])


def test_that_labels_lie_at_column_row_slice_phase(tmp_path, make_stack, labels):
    data = np.asarray(written(labels, make_stack(labels), tmp_path).dataobj)
    assert data.dtype == np.uint8
    assert data.shape == (10, 8, 3, 4)
    for index, phase in np.ndindex(3, 4):
        assert np.array_equal(data[:, :, index, phase].T, labels[index, phase])


def test_that_a_lone_dicom_phase_keeps_its_axis(tmp_path, make_stack, make_labels):
    labels = make_labels(phases=1)
    assert written(labels, make_stack(labels, phase_times_ms=None), tmp_path).shape == (10, 8, 3, 1)


def test_that_a_lone_dicom_slice_steps_along_the_normal(make_stack, make_labels):
    affine = stack_affine(make_stack(make_labels(slices=1), step_mm=(0.0, 0.0, 8.0)).geometry)
    assert affine[:3, 2] == pytest.approx([0.0, 0.0, 8.0])


def test_that_the_phase_step_is_told_in_seconds(tmp_path, make_stack, labels):
    header = written(labels, make_stack(labels, phase_times_ms=(0.0, 40.0, 80.0, 120.0)), tmp_path).header
    assert header.get_zooms()[3] == pytest.approx(0.04)
    assert header.get_xyzt_units() == ("mm", "sec")


def test_that_a_phase_step_that_is_unknown_has_no_unit(tmp_path, make_stack, labels):
    header = written(labels, make_stack(labels, phase_times_ms=None), tmp_path).header
    assert header.get_xyzt_units() == ("mm", "unknown")


def test_that_the_header_says_labels_and_what_they_are_not_for(tmp_path, make_stack, labels):
    header = written(labels, make_stack(labels), tmp_path).header
    assert header.get_intent()[0] == "label"
    assert b"Research use only. Not for diagnosis." in header["descrip"].tobytes()


def test_that_the_same_labels_give_the_same_bytes(tmp_path, make_stack, labels):
    stack = make_stack(labels)
    first = nifti_bytes(labels, stack=stack)
    assert nifti_bytes(labels, stack=stack) == first


@given(
    angles=st.tuples(*[st.floats(-3.1, 3.1)] * 3),
    origin_mm=st.tuples(*[st.floats(-400, 400)] * 3),
    spacing_mm=st.floats(1, 20),
)
def test_that_any_orientation_keeps_lengths_and_angles(make_stack, make_labels, angles, origin_mm, spacing_mm):
    a, b, c = angles
    turn_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    turn_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    turn_x = np.array([[1, 0, 0], [0, np.cos(c), -np.sin(c)], [0, np.sin(c), np.cos(c)]])
    column_axis, row_axis, normal = (turn_z @ turn_y @ turn_x).T
    stack = make_stack(
        make_labels(), column_axis=column_axis, row_axis=row_axis, step_mm=normal * spacing_mm, origin_mm=origin_mm
    )
    matrix = stack_affine(stack.geometry)[:3, :3]
    assert matrix.T @ matrix == pytest.approx(np.diag([1.5**2, 1.25**2, spacing_mm**2]), abs=1e-6)
