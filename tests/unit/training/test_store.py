"""Rules of the frame store: what a frame looks like, what is skipped, what is kept."""

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from cinecor.errors import InputError
from cinecor.inference.outline.crop import Crop, customary_orientation, network_input
from cinecor.study import read_nifti
from cinecor_training.acdc import find_cases, read_labels
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.canvas import Canvas
from cinecor_training.data.case import write_bad_cases
from cinecor_training.data.store_folder import SourcedCase, cached_store
from cinecor_training.store import FrameStore

Cases = Sequence[SourcedCase]


def _change(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    image = nib.load(path)
    nib.save(nib.Nifti1Image(change(np.asarray(image.dataobj)), image.affine), path)


def _store(folder: Path) -> FrameStore:
    cases = [SourcedCase("acdc", case) for case in AcdcSource(folder).find().cases]
    return cached_store(cases, canvas=Canvas(1.5, 64), folder=folder / "store")


def test_that_training_frames_are_made_by_the_applications_preprocessing(
    small_acdc: Path, small_cases: Cases, tmp_path: Path
) -> None:
    """The contract: the array that training sees is the array that the application feeds, up to its scale."""
    case = find_cases(small_acdc)[0]
    store = cached_store(small_cases[:1], canvas=Canvas(1.5, 96), folder=tmp_path)
    stack, _ = read_nifti(case.image)
    labels = read_labels(case.labels)
    orientation = customary_orientation(stack.geometry.column_axis, stack.geometry.row_axis)
    spacing = orientation.swap(stack.geometry.pixel_spacing_mm)
    _, rows, columns = np.nonzero(orientation.apply(labels))
    centre = (float(rows.mean() * spacing[0]), float(columns.mean() * spacing[1]))
    fed = network_input(stack.pixels[:, 0], Crop(centre, spacing, 1.5, 96, orientation))
    scaled = fed / np.abs(fed).max(axis=(1, 2), keepdims=True)
    np.testing.assert_array_equal(store.images, scaled.astype(np.float16))


def test_that_labels_keep_their_area_on_the_canvas(small_acdc: Path, small_cases: Cases, tmp_path: Path) -> None:
    store = cached_store(small_cases[:1], canvas=Canvas(1.25, 128), folder=tmp_path)
    truth = read_labels(find_cases(small_acdc)[0].labels)
    for value in (1, 2, 3):
        area_mm2 = np.count_nonzero(store.labels == value) * 1.25**2
        assert area_mm2 == pytest.approx(np.count_nonzero(truth == value) * 1.5**2, rel=0.04)


def test_that_a_kept_store_is_opened_and_not_built_again(small_cases: Cases, tmp_path: Path) -> None:
    first = cached_store(small_cases, canvas=Canvas(1.5, 64), folder=tmp_path)
    built = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    again = cached_store(small_cases, canvas=Canvas(1.5, 64), folder=tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == built
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert first.fingerprint == again.fingerprint
    assert first.patients[:6] == ("acdc/patient001",) * 6


def test_that_a_changed_file_gives_another_store(tmp_path: Path, acdc_patient_writer: Callable[..., Path]) -> None:
    patient = acdc_patient_writer(tmp_path, 1)
    before = _store(tmp_path)
    _change(patient / "patient001_frame01.nii.gz", lambda values: values[::-1])
    after = _store(tmp_path)
    assert after.fingerprint != before.fingerprint


def test_that_reading_from_the_store_leaves_its_files_as_they_are(small_cases: Cases, tmp_path: Path) -> None:
    store = cached_store(small_cases[:1], canvas=Canvas(1.5, 64), folder=tmp_path)
    store.images[:] = 7
    assert not (cached_store(small_cases[:1], canvas=Canvas(1.5, 64), folder=tmp_path).images == 7).any()


FAULTS = {
    "labels (3, 90, 99) do not fit": ("_gt.nii.gz", lambda values: values[:-1]),
    "unknown label values (4)": ("_gt.nii.gz", lambda values: values + (values == 3)),
    "unknown label values (0.5, 1.5)": ("_gt.nii.gz", lambda values: values * np.float32(0.5)),
    "masks are empty": ("_gt.nii.gz", lambda values: values * 0),
    "not finite": (".nii.gz", lambda values: np.where(values > 210, np.nan, values)),
    "all values are equal": (".nii.gz", lambda values: values * 0),
}


@pytest.mark.parametrize("reason", FAULTS)
def test_that_a_bad_case_is_skipped_and_listed_with_its_reason(
    reason: str, tmp_path: Path, acdc_patient_writer: Callable[..., Path]
) -> None:
    for number in (1, 2):
        acdc_patient_writer(tmp_path, number)
    end, change = FAULTS[reason]
    _change(tmp_path / "patient001" / f"patient001_frame08{end}", change)
    store = _store(tmp_path)
    assert [(record.patient, record.moment) for record in store.records] == [
        ("acdc/patient001", "ED"),
        ("acdc/patient002", "ED"),
        ("acdc/patient002", "ES"),
    ]
    (bad,) = store.bad
    assert (bad.patient, bad.moment) == ("patient001", "ES")
    assert reason in bad.reason
    write_bad_cases(store.bad, tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").read_text().splitlines()[1].startswith("acdc,patient001,ES,")


def test_that_a_damaged_file_is_skipped(tmp_path: Path, acdc_patient_writer: Callable[..., Path]) -> None:
    patient = acdc_patient_writer(tmp_path, 1)
    image = patient / "patient001_frame01.nii.gz"
    image.write_bytes(image.read_bytes()[:2000])
    (bad,) = _store(tmp_path).bad
    assert bad.reason.startswith("patient001_frame01.nii.gz")


def test_that_no_good_case_is_one_clear_sentence(tmp_path: Path, acdc_patient_writer: Callable[..., Path]) -> None:
    patient = acdc_patient_writer(tmp_path, 1)
    for path in patient.glob("*_gt.nii.gz"):
        _change(path, lambda values: values * 0)
    with pytest.raises(InputError, match="None of the 2 cases can be learnt from; the first: patient001: nothing is"):
        _store(tmp_path)
    assert not list((tmp_path / "store").iterdir())


def test_that_neighbours_end_with_the_stack(small_cases: Cases, tmp_path: Path) -> None:
    store = cached_store(small_cases[:2], canvas=Canvas(1.5, 64), folder=tmp_path)
    frames = np.array([0, 2, 3])
    assert store.neighbour(frames, offset=np.array([1, 1, -1])).tolist() == [1, -1, -1]


def test_that_slices_too_far_apart_are_no_neighbours(tmp_path: Path, acdc_patient_writer: Callable[..., Path]) -> None:
    """As in the application, which shows the network no slice beyond its contract's reach."""
    patient = acdc_patient_writer(tmp_path, 1)
    for path in patient.glob("*.nii.gz"):
        image = nib.load(path)
        nib.save(nib.Nifti1Image(np.asarray(image.dataobj), np.diag([-1.5, -1.5, 17.7, 1.0])), path)
    store = _store(tmp_path)
    assert (store.neighbour(np.arange(6), offset=np.ones(6, np.int64)) == -1).all()
