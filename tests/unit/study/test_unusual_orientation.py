"""Hearts that lie unusually: read when asked for by name, whole, and with what is doubtful."""

from pathlib import Path

import pytest
from dicom_builder import AXIAL, SAX, STUDY_UID, cine, cine_by_series, codes, expected, write
from pydicom.dataset import Dataset

from cinecor.errors import NothingSegmentable
from cinecor.study import open_input


def mirrored(datasets: list[Dataset]) -> list[Dataset]:
    """Return a heart that points to the right: dextrocardia."""
    for ds in datasets:
        ds.ImagePositionPatient = [-ds.ImagePositionPatient[0], *ds.ImagePositionPatient[1:]]
        column, row = list(ds.ImageOrientationPatient[:3]), list(ds.ImageOrientationPatient[3:])
        ds.ImageOrientationPatient = [-column[0], *column[1:], -row[0], *row[1:]]
    return datasets


def orders(found: list[list[int]]) -> bool:
    return found in (expected(4, 10), expected(4, 10)[::-1])


@pytest.mark.parametrize("make", [cine, cine_by_series])
def test_that_a_dextrocardia_asked_for_by_name_is_read_whole(tmp_path: Path, make: object) -> None:
    write(tmp_path, mirrored(make()))  # type: ignore[operator]
    with pytest.raises(NothingSegmentable, match="name one with --series"):
        open_input(tmp_path)
    stack, audit = open_input(tmp_path, series_uid=f"{STUDY_UID}.1")
    assert orders(codes(stack))
    assert stack.geometry.slice_extent_mm == pytest.approx([10.0] * 4, abs=1e-3)
    assert any("The order from base to apex is not certain" in warning for warning in map(str, audit.warnings))
    assert any("This may be no true short-axis stack" in warning for warning in map(str, audit.warnings))
    assert audit.doubts == tuple(text for text in audit.warnings if text.code == "unusual_stack")


@pytest.mark.parametrize("named", [1, 2, 4])
def test_that_any_of_its_series_names_the_whole_stack(tmp_path: Path, named: int) -> None:
    write(tmp_path, [*mirrored(cine_by_series()), *cine(slices=1, series=20)])
    stack, _ = open_input(tmp_path, series_uid=f"{STUDY_UID}.{named}")
    assert orders(codes(stack))
    assert len(stack.series_uids) == 4


def test_that_a_frame_of_reference_for_every_series_hides_no_slice(tmp_path: Path) -> None:
    datasets = mirrored(cine_by_series())
    for ds in datasets:
        ds.FrameOfReferenceUID = f"1.2.3.{ds.SeriesNumber}"
    stack, _ = open_input(write(tmp_path, datasets), series_uid=f"{STUDY_UID}.2")
    assert orders(codes(stack))


def test_that_of_a_repeated_slice_the_series_that_was_named_counts(tmp_path: Path) -> None:
    again = [ds for ds in mirrored(cine_by_series(first_series=1)) if ds.SeriesNumber == 2]
    for ds in again:
        ds.SOPInstanceUID += ".9"
        ds.SeriesInstanceUID, ds.SeriesNumber, ds.AcquisitionTime = f"{STUDY_UID}.30", "30", "235900"
    write(tmp_path, [*mirrored(cine_by_series()), *again])
    for named in (2, 30):
        stack, _ = open_input(tmp_path, series_uid=f"{STUDY_UID}.{named}")
        assert stack.slices == 4
        assert f"{STUDY_UID}.{named}" in stack.series_uids
        assert f"{STUDY_UID}.{32 - named}" not in stack.series_uids


@pytest.mark.parametrize("axes", [SAX, AXIAL])
def test_that_the_order_of_a_stack_along_the_heart_is_certain(tmp_path: Path, axes: tuple) -> None:
    _, audit = open_input(write(tmp_path, cine(axes=axes)))
    assert not any("order from base to apex" in warning for warning in map(str, audit.warnings))
