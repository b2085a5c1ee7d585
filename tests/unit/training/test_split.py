"""Rules of the split: whole patients, both sides apart, the same for the same seed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecor.errors import InputError
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.canvas import Canvas
from cinecor_training.data.run_data import RunData, find_data, prepare
from cinecor_training.data.settings import SplitSettings, UsedSource
from cinecor_training.data.split import Split, deal

PATIENTS = {f"site/{number:03d}": ("HCM", "NOR", "DCM")[number % 3] for number in range(60)}


def _prepare(folder: Path, split: SplitSettings) -> RunData:
    found = find_data([UsedSource(AcdcSource(folder), "split")])
    return prepare(found, split=split, canvas=Canvas(1.5, 64), folder=folder / "store")


def test_that_acdc_keeps_its_published_validation_patients(small_data: RunData) -> None:
    assert small_data.split.training == ("acdc/patient001", "acdc/patient002")
    assert small_data.split.validation == ("acdc/patient005",)


def test_that_the_two_sides_draw_frames_of_their_own_patients(small_data: RunData) -> None:
    for side, names in (
        (small_data.training, small_data.split.training),
        (small_data.validation, small_data.split.validation),
    ):
        assert {side.patients[frame] for frame in side.drawn} == set(names)


@given(seed=st.integers(0, 1000), fraction=st.floats(0.05, 0.5), count=st.integers(5, 60))
def test_that_every_patient_is_on_one_side_and_the_share_is_kept(seed: int, fraction: float, count: int) -> None:
    patients = dict(list(PATIENTS.items())[:count])
    split = deal(patients, fixed={}, fraction=fraction, seed=seed)
    assert sorted(split.training + split.validation) == sorted(patients)
    assert abs(len(split.validation) - fraction * count) <= 1


def test_that_every_disease_group_is_on_both_sides() -> None:
    split = deal(PATIENTS, fixed={}, fraction=0.2, seed=3)
    for side in (split.training, split.validation):
        assert {PATIENTS[name] for name in side} == {"HCM", "NOR", "DCM"}


def test_that_a_seed_repeats_and_another_differs() -> None:
    splits = [deal(PATIENTS, fixed={}, fraction=0.2, seed=seed) for seed in (1, 1, 2)]
    assert splits[0] == splits[1] != splits[2]


def test_that_folds_validate_every_patient_once() -> None:
    folds = [deal(PATIENTS, fixed={}, fraction=0.2, seed=1, fold=(part, 5)).validation for part in range(5)]
    assert sorted(name for fold in folds for name in fold) == sorted(PATIENTS)
    assert {len(fold) for fold in folds} == {12}


def test_that_patients_of_an_earlier_split_keep_their_side() -> None:
    """A hospital's data grow; who validated once is never trained on."""
    first = deal(dict(list(PATIENTS.items())[:30]), fixed={}, fraction=0.3, seed=1)
    second = deal(PATIENTS, fixed={}, fraction=0.3, seed=9, earlier=first)
    assert set(first.training) <= set(second.training)
    assert set(first.validation) <= set(second.validation)


@given(seed=st.integers(0, 1000), before=st.integers(1, 59), fraction=st.floats(0.05, 0.5))
def test_that_who_trained_in_one_round_trains_in_the_next(seed: int, before: int, fraction: float) -> None:
    """A site's patients come in time; the model in use is judged on none that it was trained on."""
    names = list(PATIENTS)
    first, second = (
        deal(dict.fromkeys(there, "unknown"), fixed={}, fraction=fraction, seed=seed, growing=there)
        for there in (names[:before], names)
    )
    assert set(first.training) <= set(second.training)
    assert sorted(first.training + first.validation) == names[:before]


@given(seed=st.integers(0, 1000), count=st.integers(3, 20))
def test_that_of_three_patients_who_come_in_time_one_validates(seed: int, count: int) -> None:
    names = list(PATIENTS)[:count]
    split = deal(dict.fromkeys(names, "unknown"), fixed={}, fraction=0.05, seed=seed, growing=names)
    assert split.validation


def test_that_about_the_asked_share_of_patients_who_come_in_time_validates() -> None:
    names = [f"site/{number}" for number in range(2000)]
    split = deal(dict.fromkeys(names, "unknown"), fixed={}, fraction=0.2, seed=0, growing=names)
    assert len(split.validation) / len(names) == pytest.approx(0.2, abs=0.03)
    other = deal(dict.fromkeys(names, "unknown"), fixed={}, fraction=0.2, seed=1, growing=names)
    assert split.validation != other.validation


def test_that_an_earlier_split_and_folds_go_before_names() -> None:
    names = list(PATIENTS)
    earlier = deal(PATIENTS, fixed={}, fraction=0.5, seed=4)
    assert deal(PATIENTS, fixed={}, fraction=0.2, seed=1, growing=names, earlier=earlier).training == earlier.training
    folds = [deal(PATIENTS, fixed={}, fraction=0.2, seed=1, fold=(part, 5), growing=names) for part in range(5)]
    assert sorted(name for fold in folds for name in fold.validation) == sorted(PATIENTS)


def test_that_a_written_split_is_read_back(tmp_path: Path) -> None:
    split = deal(PATIENTS, fixed={}, fraction=0.2, seed=3)
    split.write(tmp_path / "split.json")
    assert Split.from_file(tmp_path / "split.json") == split


def test_that_a_file_with_a_patient_on_both_sides_is_refused(tmp_path: Path) -> None:
    (tmp_path / "split.json").write_text('{"training": ["a/1", "a/2"], "validation": ["a/2"]}')
    with pytest.raises(InputError, match="on both sides: a/2"):
        Split.from_file(tmp_path / "split.json")


def test_that_the_same_images_on_both_sides_are_refused_with_both_names(
    tmp_path: Path, acdc_patient_writer: Callable[..., Path]
) -> None:
    """As patient076 of ACDC, whose images are those of patient074."""
    for number, seed in ((1, 1), (2, 2), (5, 2)):
        acdc_patient_writer(tmp_path, number, seed=seed)
    with pytest.raises(InputError, match="acdc/patient002 trains and acdc/patient005 validates"):
        _prepare(tmp_path, SplitSettings())


def test_that_the_same_images_on_one_side_are_no_leak(tmp_path: Path, acdc_patient_writer: Callable[..., Path]) -> None:
    for number, seed in ((1, 1), (2, 1), (5, 2)):
        acdc_patient_writer(tmp_path, number, seed=seed)
    assert _prepare(tmp_path, SplitSettings()).split.validation == ("acdc/patient005",)


def test_that_a_side_without_patients_is_refused(tmp_path: Path, acdc_patient_writer: Callable[..., Path]) -> None:
    acdc_patient_writer(tmp_path, 1)
    with pytest.raises(InputError, match="No patient is left for validation: 1 usable in all"):
        _prepare(tmp_path, SplitSettings())


def test_that_use_puts_a_whole_source_on_one_side(small_acdc: Path, tmp_path: Path) -> None:
    sources = [UsedSource(AcdcSource(small_acdc), "split"), UsedSource(AcdcSource(small_acdc, "other"), "training")]
    found = find_data(sources)
    assert found.placed == {f"other/patient{number:03d}": False for number in (1, 2, 5)}
    with pytest.raises(InputError, match="acdc/patient005 validates and other/patient005 trains"):
        prepare(found, split=SplitSettings(), canvas=Canvas(1.5, 64), folder=tmp_path)


def test_that_folds_deal_acdc_too(small_acdc: Path, tmp_path: Path) -> None:
    found = find_data([UsedSource(AcdcSource(small_acdc), "split")])
    validation = [
        prepare(
            found, split=SplitSettings(folds=3, fold=fold), canvas=Canvas(1.5, 64), folder=tmp_path
        ).split.validation
        for fold in range(3)
    ]
    assert sorted(name for names in validation for name in names) == [f"acdc/patient{n:03d}" for n in (1, 2, 5)]
