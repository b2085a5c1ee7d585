"""Rules of the competition's cases: the LV alone is known, and masks must add up to the patient's true volume."""

import json
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor_training.data.case import known_bits
from cinecor_training.data.kaggle_source import KaggleSource, Places

LV_ONLY = known_bits([Label.LV])
MASK_PX = 20 * 20
DRAWN_ML = 4 * MASK_PX * 10 / 1000  # four slices of the six, 10 mm apart, pixels of 1 mm


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a patient: six slices 10 mm apart, a square LV in the middle four."""

    def write(number: int, *, edv_ml: float = DRAWN_ML) -> Path:
        name = f"{number:04d}"
        folder = tmp_path / name
        folder.mkdir()
        generator = np.random.default_rng(number)
        for moment in ("ED", "ES"):
            image = generator.integers(0, 255, (48, 64, 6)).astype(np.uint8)
            mask = np.zeros((48, 64, 6), np.uint8)
            mask[10:30, 20:40, 1:5] = 1
            for part, values in (("", image), ("_lv", mask)):
                nib.save(nib.Nifti1Image(values, np.diag([-1, -1, 10, 1])), folder / f"{name}_{moment}{part}.nii.gz")  # type: ignore[no-untyped-call]
        frame = {"location_mm": [60, 50, 40, 30, 20, 10], "even": True, "repeats": 0}
        info = {"edv_ml": edv_ml, "esv_ml": edv_ml / 2, "pixel_mm": 1.0, "frames": {"ED": frame, "ES": frame}}
        (folder / "info.json").write_text(json.dumps(info))
        return tmp_path

    return write


def test_that_both_moments_are_found_and_numbers_divisible_by_five_held_out(tree: Callable[..., Path]) -> None:
    for number in (3, 5, 10):
        folder = tree(number)
    found = KaggleSource(folder).find()
    assert [(case.patient, case.moment) for case in found.cases] == [
        (patient, moment) for patient in ("0003", "0005", "0010") for moment in ("ED", "ES")
    ]
    assert found.held_out == {"0005", "0010"}


def test_that_the_lv_alone_is_known_and_empty_slices_are_known_to_be_empty(tree: Callable[..., Path]) -> None:
    frames = KaggleSource(tree(1)).find().cases[0].read()
    assert frames.known.tolist() == [LV_ONLY] * 6
    assert np.count_nonzero(frames.labels == Label.LV, axis=(1, 2)).tolist() == [0, *[MASK_PX] * 4, 0]
    assert set(np.unique(frames.labels)) == {Label.BACKGROUND, Label.LV}
    assert frames.labels[1, 20:40, 10:30].all()  # (x, y) became (row y, column x)


@pytest.mark.parametrize(
    ("true_ml", "kept"), [(1.0 / 1.14, True), (1.0 / 1.16, False), (1 / 0.86, True), (1 / 0.84, False)]
)
def test_that_masks_off_by_more_than_15_percent_make_a_bad_case(
    tree: Callable[..., Path], true_ml: float, kept: bool
) -> None:
    source = KaggleSource(tree(1, edv_ml=DRAWN_ML * true_ml))
    for case in source.find().cases:
        if kept:
            case.read()
        else:
            with pytest.raises(InputError, match=r"the masks hold 16 mL at ED, the patient's true EDV is 1\d mL"):
                case.read()
    for case in KaggleSource(source.folder, volume_tolerance=None).find().cases:
        case.read()


def test_that_slices_stand_for_half_the_way_to_their_neighbours() -> None:
    assert Places((50.0, 40.0, 20.0), even=False).extent_mm.tolist() == [10.0, 15.0, 20.0]
    assert Places((50.0,), even=True).extent_mm.tolist() == [0.0]


def test_that_a_patient_with_a_file_missing_is_bad(tree: Callable[..., Path]) -> None:
    folder = tree(1)
    (folder / "0001" / "0001_ES_lv.nii.gz").unlink()
    found = KaggleSource(folder).find()
    assert found.cases == ()
    assert found.bad[0].reason == "0001_ES_lv.nii.gz is missing."


@pytest.mark.parametrize(
    "text", ["{", '{"edv_ml": 1}', '{"edv_ml": 0, "esv_ml": 1, "pixel_mm": 1, "frames": {}}', "[]"]
)
def test_that_an_info_file_without_the_facts_makes_the_case_bad(tree: Callable[..., Path], text: str) -> None:
    folder = tree(1)
    (folder / "0001" / "info.json").write_text(text)
    with pytest.raises(InputError, match=r"0001/info\.json"):
        KaggleSource(folder).find().cases[0].read()


def test_that_a_case_changes_its_key_with_the_tolerance(tree: Callable[..., Path]) -> None:
    folder = tree(1)
    keys = {KaggleSource(folder, volume_tolerance=share).find().cases[0].key for share in (None, 0.15, 0.2)}
    assert len(keys) == 3


def test_that_a_folder_without_patients_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No patients under"):
        KaggleSource(tmp_path).find()
