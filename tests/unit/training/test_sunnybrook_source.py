"""Rules of Sunnybrook's cases: what is not outlined is not known, whatever the pixels show."""

from pathlib import Path

import numpy as np
import pytest

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor_phantom import Phantom, write_dicom
from cinecor_training.data.case import known_bits
from cinecor_training.data.sunnybrook_source import SunnybrookSource
from cinecor_training.sunnybrook import contour_mask, read_contour

LV_ONLY, LV_AND_MYO = known_bits([Label.LV]), known_bits([Label.LV, Label.MYO])
CENTRE = (50.3, 48.2)


def _circle(folder: Path, number: int, *, kind: str, radius_px: float) -> None:
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    points = np.stack([CENTRE[0] + radius_px * np.cos(angles), CENTRE[1] + radius_px * np.sin(angles)], axis=1)
    folder.mkdir(parents=True, exist_ok=True)
    np.savetxt(folder / f"IM-0001-{number:04d}-{kind}contour-manual.txt", points, fmt="%.2f")


@pytest.fixture
def tree(tmp_path: Path, small_phantom: Phantom) -> Path:
    """A GE study of 12 slices × 2 phases; file number = 2 × slice + phase + 1. Slices 3 to 5 have contours."""
    write_dicom(small_phantom, tmp_path / "SCD0000101" / "CINESAX", style="ge")
    contours = tmp_path / "contours" / "SC-HF-I-1"
    for position in (3, 4, 5):
        _circle(contours, 2 * position + 1, kind="i", radius_px=7)
        _circle(contours, 2 * position + 1, kind="o", radius_px=10)
        _circle(contours, 2 * position + 2, kind="i", radius_px=5)
    return tmp_path


def test_that_each_phase_with_contours_is_a_case(tree: Path) -> None:
    found = SunnybrookSource(tree).find()
    assert [(case.patient, case.moment, case.group) for case in found.cases] == [
        ("SCD0000101", "ED", "HF-I"),
        ("SCD0000101", "ES", "HF-I"),
    ]


def test_that_only_outlined_structures_are_known(tree: Path) -> None:
    ed, es = (case.read() for case in SunnybrookSource(tree).find().cases)
    assert ed.known.tolist() == [0, 0, 0, *[LV_AND_MYO] * 3, *[0] * 6]
    assert es.known.tolist() == [0, 0, 0, *[LV_ONLY] * 3, *[0] * 6]
    assert not (ed.labels == Label.RV).any()
    assert not (es.labels == Label.MYO).any()


def test_that_contours_become_labels_of_their_own_area(tree: Path) -> None:
    ed, _ = (case.read() for case in SunnybrookSource(tree).find().cases)
    for position in (3, 4, 5):
        cavity, wall = ((ed.labels[position] == label).sum() for label in (Label.LV, Label.MYO))
        assert cavity == pytest.approx(np.pi * 7**2, rel=0.05)
        assert cavity + wall == pytest.approx(np.pi * 10**2, rel=0.05)


def test_that_pixels_are_those_of_the_outlined_files(tree: Path, small_phantom: Phantom) -> None:
    _, es = (case.read() for case in SunnybrookSource(tree).find().cases)
    middle = (slice(None), slice(30, 66), slice(30, 66))  # GE blackens the corners
    np.testing.assert_allclose(es.pixels[middle], small_phantom.pixels[:, 1][middle], atol=1)


def test_that_several_studies_are_joined_by_the_table(tree: Path, small_phantom: Phantom) -> None:
    write_dicom(small_phantom, tree / "SCD0000202", style="ge")
    _circle(tree / "contours" / "SC-N-02", 9, kind="i", radius_px=7)
    with pytest.raises(InputError, match="needs a CSV file with PatientID and OriginalID"):
        SunnybrookSource(tree).find()
    (tree / "scd_patientdata.csv").write_text(
        "PatientID,OriginalID,Pathology\nSCD0000101,SC-HF-I-01,HF\nSCD0000202,SC-N-2,Normal\n"
    )
    found = SunnybrookSource(tree).find()
    assert {(case.patient, case.group) for case in found.cases} == {("SCD0000101", "HF-I"), ("SCD0000202", "N")}


def test_that_contours_of_absent_images_make_the_patient_bad(tree: Path) -> None:
    _circle(tree / "contours" / "SC-HF-I-1", 999, kind="i", radius_px=5)
    found = SunnybrookSource(tree).find()
    assert found.cases == ()
    assert "999" in found.bad[0].reason


def test_that_a_folder_without_contours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "SCD0000101").mkdir()
    with pytest.raises(InputError, match="1 and 0 are there"):
        SunnybrookSource(tmp_path).find()


@pytest.mark.real
def test_that_the_real_study_has_its_expert_contours(sunnybrook: Path) -> None:
    ed, es = (case.read() for case in SunnybrookSource(sunnybrook).find().cases)
    assert np.count_nonzero(ed.known == LV_AND_MYO) == 9
    assert np.count_nonzero(es.known == LV_ONLY) == 9
    assert (ed.labels == Label.LV).sum() > (es.labels == Label.LV).sum()


def test_that_contours_count_from_the_corner_of_the_first_pixel(tmp_path: Path) -> None:
    """A square around the pixels of rows 2 to 4 and columns 5 to 8, as a viewer that follows DICOM writes it."""
    file = tmp_path / "IM-0001-0001-icontour-manual.txt"
    np.savetxt(file, [[5.0, 2.0], [9.0, 2.0], [9.0, 5.0], [5.0, 5.0]])
    mask = contour_mask(read_contour(file), rows=10, columns=12)
    expected = np.zeros((10, 12), bool)
    expected[2:5, 5:9] = True
    np.testing.assert_array_equal(mask, expected)
