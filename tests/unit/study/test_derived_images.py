"""Copies that were computed from the images never take the place of the originals."""

from pathlib import Path

import pytest
from dicom_builder import STUDY_UID, cine, cine_by_series, code, codes, expected, image, write
from pydicom.dataset import Dataset

from cinecor.study import SeriesKind, open_input
from cinecor.study.series.scan import scan


def derived(datasets: list[Dataset], *, kind: str = "SECONDARY") -> list[Dataset]:
    """Make later copies of a cine, with other pixels."""
    for ds in datasets:
        number, phase = map(int, ds.SOPInstanceUID.split(".")[-2:])
        ds.SOPInstanceUID += ".9"
        ds.ImageType = ["DERIVED", kind, "M"]
        ds.SeriesTime = ds.AcquisitionTime = "235900"
        ds.PixelData = image(number + 20, phase).tobytes()
    return datasets


@pytest.mark.slow
@pytest.mark.parametrize("copies", [cine, cine_by_series])
@pytest.mark.parametrize("originals", [cine, cine_by_series])
def test_that_later_derived_copies_never_replace_the_originals(
    tmp_path: Path, originals: object, copies: object
) -> None:
    later = copies()  # type: ignore[operator]
    for ds in later:
        ds.SeriesNumber = str(int(ds.SeriesNumber) + 50)
        ds.SeriesInstanceUID = f"{STUDY_UID}.{ds.SeriesNumber}"
    write(tmp_path, [*originals(), *derived(later)])  # type: ignore[operator]
    stack, audit = open_input(tmp_path)
    assert codes(stack) == expected(4, 10)
    assert (audit.files_used, len(audit.left_out)) == (40, 40)
    assert all(
        "derived images: computed from other images (ImageType DERIVED" in str(row.reason) for row in audit.left_out
    )
    assert not any("acquired more than once" in warning for warning in map(str, audit.warnings))
    with scan(tmp_path) as index:
        kinds = {entry.kind for entry in index.series if (entry.number or 0) > 50}
    assert kinds == {SeriesKind.DERIVED}


def test_that_derived_copies_in_the_series_of_the_originals_are_left_out(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, [*cine(), *derived(cine())]))
    assert codes(stack) == expected(4, 10)
    assert len(audit.left_out) == 40


@pytest.mark.parametrize("copies", [cine, cine_by_series])
def test_that_an_original_wins_over_a_later_primary_derived_image(tmp_path: Path, copies: object) -> None:
    later = copies()  # type: ignore[operator]
    for ds in later:
        ds.SeriesNumber = str(int(ds.SeriesNumber) + 50)
        ds.SeriesInstanceUID = f"{STUDY_UID}.{ds.SeriesNumber}"
    stack, audit = open_input(write(tmp_path, [*cine_by_series(), *derived(later, kind="PRIMARY")]))
    assert codes(stack) == expected(4, 10)
    assert all("derived copy: the original images of this slice position" in str(row.reason) for row in audit.left_out)


def test_that_derived_images_alone_are_read_with_a_warning(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, derived(cine())))
    assert codes(stack) == [[code(number + 20, phase) for phase in range(10)] for number in range(4)]
    assert any("All of 4 slices are read from derived images" in warning for warning in map(str, audit.warnings))


def test_that_primary_derived_images_alone_are_a_normal_cine(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, derived(cine(), kind="PRIMARY")))
    assert stack.slices == 4
    assert not any("derived" in warning for warning in map(str, audit.warnings))


def test_that_a_slice_without_original_is_read_from_its_derived_copy(tmp_path: Path) -> None:
    later = derived(cine_by_series(first_series=50))
    originals = [ds for ds in cine_by_series() if ds.SeriesNumber != 4]
    stack, audit = open_input(write(tmp_path, [*originals, *later]))
    assert codes(stack) == [*expected(3, 10), [code(23, phase) for phase in range(10)]]
    assert any("1 of 4 slices are read from derived images" in warning for warning in map(str, audit.warnings))


def test_that_slices_labelled_derived_and_original_by_turns_are_one_stack(tmp_path: Path) -> None:
    datasets = cine_by_series()
    for ds in datasets[10:30]:
        ds.ImageType = ["DERIVED", "PRIMARY", "M", "DIS2D"]
    stack, _ = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)
