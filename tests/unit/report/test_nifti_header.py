"""The header that is written without nibabel is nibabel's, byte for byte."""

import nibabel
import numpy as np
import pytest

from cinecor.report.nifti_header import label_header

SHAPE = (256, 208, 12, 20)


def _turned(seed: int, *, mirrored: bool) -> np.ndarray:
    random = np.random.default_rng(seed)
    rotation = np.linalg.qr(random.standard_normal((3, 3)))[0]
    if (np.linalg.det(rotation) < 0) != mirrored:
        rotation[:, 2] *= -1
    affine = np.eye(4)
    affine[:3, :3] = rotation * (1.25, 1.5, 9.6)
    affine[:3, 3] = random.uniform(-200, 200, 3)
    return affine


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("step_s", [None, 0.0375])
def test_that_a_header_is_the_one_that_nibabel_writes(seed: int, mirrored: bool, step_s: float | None) -> None:
    affine = _turned(seed, mirrored=mirrored)
    theirs = nibabel.Nifti1Header()
    theirs.set_data_shape(SHAPE)
    theirs.set_data_dtype(np.uint8)
    theirs.set_sform(affine, code="scanner")
    theirs.set_qform(affine, code="scanner")
    theirs["pixdim"][1:4] = 1.25, 1.5, 9.6
    if step_s is not None:
        theirs["pixdim"][4] = step_s
    theirs.set_xyzt_units("mm", None if step_s is None else "sec")
    theirs.set_slope_inter(1.0, 0.0)
    theirs.set_intent("label")
    theirs["cal_max"], theirs["descrip"], theirs["vox_offset"] = 3.0, b"words", 352
    ours = label_header(
        SHAPE,
        affine=affine,
        spacing_mm=(1.25, 1.5, 9.6),
        step_s=step_s,
        rigid=True,
        largest=3,
        description=b"words",
    )
    mine = nibabel.Nifti1Header(ours[:348], check=False)
    for field in theirs.keys():  # noqa: SIM118  a header iterates over its fields only through keys()
        np.testing.assert_allclose(mine[field], theirs[field], rtol=1e-6, atol=1e-7) if mine[
            field
        ].dtype.kind == "f" else np.testing.assert_array_equal(mine[field], theirs[field])
    assert ours[348:] == bytes(4)


def test_that_a_sheared_place_has_no_qform() -> None:
    affine = _turned(1, mirrored=False)
    affine[0, 2] += 2
    ours = label_header(
        SHAPE, affine=affine, spacing_mm=(1.25, 1.5, 9.8), step_s=None, rigid=False, largest=3, description=b""
    )
    header = nibabel.Nifti1Header(ours[:348])
    assert header.get_qform(coded=True)[1] == 0
    np.testing.assert_allclose(header.get_sform(), affine, rtol=1e-6, atol=1e-5)
