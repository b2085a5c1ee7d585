"""Rules of the training data: who is held out, what a frame looks like."""

from pathlib import Path

import numpy as np
import pytest

from cinecor.errors import InputError
from cinecor.inference.window import Window, customary_orientation, network_input
from cinecor.study import read_nifti
from cinecor_training.acdc import find_cases, is_validation, read_labels
from cinecor_training.store import build_store, cached_store


def test_that_every_fifth_patient_is_held_out() -> None:
    held_out = [number for number in range(1, 101) if is_validation(f"patient{number:03d}")]
    assert held_out == list(range(5, 101, 5))


def test_that_both_moments_of_every_patient_are_found(small_acdc: Path) -> None:
    cases = find_cases(small_acdc)
    assert [(case.patient, case.moment) for case in cases] == [
        (patient, moment) for patient in ("patient001", "patient002", "patient005") for moment in ("ED", "ES")
    ]


def test_that_a_folder_without_patients_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No ACDC patients"):
        find_cases(tmp_path)


def test_that_a_missing_label_file_is_named(tmp_path: Path, small_acdc: Path) -> None:
    patient = tmp_path / "patient001"
    patient.mkdir()
    patient.joinpath("Info.cfg").write_text("ED: 1\nES: 8\n")
    with pytest.raises(InputError, match="patient001_frame01"):
        find_cases(tmp_path)


def test_that_training_frames_are_made_by_the_applications_preprocessing(small_acdc: Path) -> None:
    """The contract: the array that training sees is the array that the application feeds, up to its scale."""
    case = find_cases(small_acdc)[0]
    store = build_store([case], spacing_mm=1.5, canvas_px=96)
    stack, _ = read_nifti(case.image)
    labels = read_labels(case.labels)
    orientation = customary_orientation(stack.geometry.column_axis, stack.geometry.row_axis)
    spacing = orientation.swap(stack.geometry.pixel_spacing_mm)
    _, rows, columns = np.nonzero(orientation.apply(labels))
    centre = (float(rows.mean() * spacing[0]), float(columns.mean() * spacing[1]))
    fed = network_input(stack.pixels[:, 0], Window(centre, spacing, 1.5, 96, orientation))
    scaled = fed / np.abs(fed).max(axis=(1, 2), keepdims=True)
    np.testing.assert_array_equal(store.images, scaled.astype(np.float16))


def test_that_labels_keep_their_area_on_the_canvas(small_acdc: Path) -> None:
    case = find_cases(small_acdc)[0]
    store = build_store([case], spacing_mm=1.25, canvas_px=128)
    truth = read_labels(case.labels)
    for value in (1, 2, 3):
        area_mm2 = np.count_nonzero(store.labels == value) * 1.25**2
        assert area_mm2 == pytest.approx(np.count_nonzero(truth == value) * 1.5**2, rel=0.04)


def test_that_a_kept_store_equals_a_new_one(small_acdc: Path, tmp_path: Path) -> None:
    cases = find_cases(small_acdc)[:2]
    first = cached_store(cases, spacing_mm=1.5, canvas_px=64, folder=tmp_path)
    again = cached_store(cases, spacing_mm=1.5, canvas_px=64, folder=tmp_path)
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert first.patients == again.patients == ("patient001",) * 6
