"""Rules of ACDC's cases: who is held out, what a bad patient does."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cinecor.errors import InputError
from cinecor_training.acdc import find_cases, is_validation
from cinecor_training.data.acdc_source import AcdcSource


def test_that_every_fifth_patient_is_held_out() -> None:
    held_out = [number for number in range(1, 101) if is_validation(f"patient{number:03d}")]
    assert held_out == list(range(5, 101, 5))


def test_that_both_moments_of_every_patient_are_found(small_acdc: Path) -> None:
    expected = [(patient, moment) for patient in ("patient001", "patient002", "patient005") for moment in ("ED", "ES")]
    assert [(case.patient, case.moment) for case in find_cases(small_acdc)] == expected
    assert [(case.patient, case.moment) for case in AcdcSource(small_acdc).find().cases] == expected


def test_that_the_source_holds_out_the_published_patients(small_acdc: Path) -> None:
    assert AcdcSource(small_acdc).find().held_out == {"patient005"}


def test_that_a_folder_without_patients_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No ACDC patients"):
        AcdcSource(tmp_path).find()


def test_that_a_missing_file_is_named(tmp_path: Path) -> None:
    patient = tmp_path / "patient001"
    patient.mkdir()
    patient.joinpath("Info.cfg").write_text("ED: 1\nES: 8\n")
    with pytest.raises(InputError, match="patient001_frame01"):
        find_cases(tmp_path)


def test_that_a_bad_patient_does_not_hide_the_good_ones(
    tmp_path: Path, acdc_patient_writer: Callable[..., Path]
) -> None:
    acdc_patient_writer(tmp_path, 1)
    acdc_patient_writer(tmp_path, 2).joinpath("Info.cfg").unlink()
    acdc_patient_writer(tmp_path, 3).joinpath("Info.cfg").write_text("ED: first\nES: 8\n")
    found = AcdcSource(tmp_path).find()
    assert {case.patient for case in found.cases} == {"patient001"}
    assert {(bad.patient, "Info.cfg" in bad.reason) for bad in found.bad} == {
        ("patient002", True),
        ("patient003", True),
    }


def test_that_a_case_gives_pixels_and_labels_on_one_grid(small_acdc: Path) -> None:
    frames = AcdcSource(small_acdc).find().cases[0].read()
    assert frames.pixels.shape == frames.labels.shape == (3, 90, 100)
    assert set(np.unique(frames.labels)) == {0, 1, 2, 3}
    assert (frames.known == 0b1110).all()
