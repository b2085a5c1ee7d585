"""Rules of calibration: whose frames, and which."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cinecor_export.calibration import in_turn, level_slices
from cinecor_export.export_data import export_data
from cinecor_training.data.case import ALL_KNOWN, LabelledFrames
from cinecor_training.data.settings import FolderSettings
from cinecor_training.data.split import Split
from cinecor_training.data.store_folder import SourcedCase
from cinecor_training.run_folder import RunFolder


@dataclass(frozen=True)
class NamedCase:
    """A case that is never read."""

    patient: str
    moment: str
    group: str
    key: str = ""

    def read(self) -> LabelledFrames:
        raise AssertionError


def test_that_only_training_patients_calibrate(run_folder: Path, patients: Path) -> None:
    data = export_data(RunFolder(run_folder), [FolderSettings(kind="acdc", folder=patients)])
    split = Split.from_file(run_folder / "split.json")
    assert {one.patient for one in data.training} == set(split.training)
    assert {one.patient for one in data.validation} == set(split.validation)
    assert data.patients == 3


def test_that_without_a_split_the_data_sets_own_rule_holds(tmp_path: Path, patients: Path) -> None:
    data = export_data(RunFolder(tmp_path), [FolderSettings(kind="acdc", folder=patients)])
    assert {one.case.patient for one in data.validation} == {f"patient{number:03d}" for number in (5, 10, 15)}


def test_that_the_first_cases_hold_every_group_and_moment() -> None:
    cases = [
        SourcedCase("acdc", NamedCase(f"{group}{number}", moment, group))
        for group, members in (("NOR", 9), ("DCM", 2), ("RV", 5))
        for number in range(members)
        for moment in ("ED", "ES")
    ]
    order = list(in_turn(cases))
    assert len({(one.case.group, one.case.moment) for one in order[:6]}) == 6
    assert sorted(map(repr, order)) == sorted(map(repr, cases))


def test_that_slices_come_from_base_mid_and_apex() -> None:
    labels = np.zeros((11, 8, 8), np.uint8)
    labels[1:10, 2:6, 2:6] = 3
    frames = LabelledFrames(labels.astype(np.float32), labels, np.full(11, ALL_KNOWN), geometry=None)  # type: ignore[arg-type]
    chosen = level_slices(frames, per_level=2, seed=0)
    assert sorted((index - 1) // 3 for index in chosen) == [0, 0, 1, 1, 2, 2]
    assert len(set(chosen)) == 6


def test_that_a_stack_without_heart_gives_nothing() -> None:
    labels = np.zeros((5, 8, 8), np.uint8)
    frames = LabelledFrames(labels.astype(np.float32), labels, np.full(5, ALL_KNOWN), geometry=None)  # type: ignore[arg-type]
    assert level_slices(frames, per_level=2, seed=0) == []
