"""`cinecor phantom` as a user types it."""

import argparse
import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from pydicom import dcmread

from cinecor.cli import phantom as command
from cinecor.errors import UsageError

QUICK = ["--phases", "6", "--rows", "80", "--columns", "88", "--pixel-spacing", "2.6"]


def cinecor_phantom(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(list(words)))


def test_that_the_study_truth_and_labels_lie_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "phantom"
    words = ["--out", str(out), "--edv", "120", "--esv", "50", "--mass", "100", "--truth", "--labels", *QUICK]
    assert cinecor_phantom(*words) == 0
    assert sorted(path.name for path in out.iterdir()) == ["labels.nii.gz", "study", "truth.json"]
    truth = json.loads((out / "truth.json").read_text())
    assert truth["lv"]["edv_ml"] == pytest.approx(120.0)
    assert truth["lv"]["esv_ml"] == pytest.approx(50.0)
    assert truth["lv"]["mass_g"] == pytest.approx(100.0)
    assert "Research use only" in truth["notice"]
    assert "LV EDV 120.0 mL" in capsys.readouterr().out


def test_that_the_labels_lie_where_the_dicom_frames_lie(tmp_path: Path) -> None:
    out = tmp_path / "phantom"
    cinecor_phantom("--out", str(out), "--labels", "--style", "ge", *QUICK)
    labels = nib.load(out / "labels.nii.gz")
    first = dcmread(out / "study" / "300" / "1.dcm")
    corner = labels.affine @ [0, 0, 0, 1]
    assert corner[:3] * [-1, -1, 1] == pytest.approx(np.array(first.ImagePositionPatient, dtype=float), abs=1e-3)
    along_columns = (labels.affine @ [1, 0, 0, 0])[:3] * [-1, -1, 1]
    assert along_columns / 2.6 == pytest.approx(np.array(first.ImageOrientationPatient[:3], dtype=float), abs=1e-5)
    assert labels.shape == (88, 80, first.ImagesInAcquisition // 6, 6)


def test_that_what_is_planted_is_told_beside_the_volumes(tmp_path: Path) -> None:
    out = tmp_path / "phantom"
    words = ["--thin", "8", "--akinetic", "11", "--outflow", "--valves", "--truth", "--labels", *QUICK]
    assert cinecor_phantom("--out", str(out), *words) == 0
    assert sorted(path.name for path in out.iterdir()) == ["labels.nii.gz", "outflow.nii.gz", "study", "truth.json"]
    truth = json.loads((out / "truth.json").read_text())
    segments = {one["segment"]: one for one in truth["segments"]}
    assert segments[8]["ed_mm"] < 0.8 * segments[9]["ed_mm"]
    assert segments[11]["motion_mm"] < 0.5 * segments[12]["motion_mm"]
    assert set(truth["outflow_ml"]) == {"lv", "rv"}
    assert len(truth["annulus_lps_mm"]["mitral"]["4CH"]) == 6
    assert {valve: max(descent) > 5.0 for valve, descent in truth["annulus_descent_mm"].items()} == {
        "mitral": True,
        "tricuspid": True,
    }
    outflow = nib.load(out / "outflow.nii.gz")
    assert np.asanyarray(outflow.dataobj).any()
    np.testing.assert_allclose(outflow.affine, nib.load(out / "labels.nii.gz").affine)


def test_that_slices_alone_decide_a_gap_which_covers_the_heart(tmp_path: Path) -> None:
    cinecor_phantom("--out", str(tmp_path / "p"), "--slices", "7", "--style", "ge", "--truth", *QUICK)
    protocol = json.loads((tmp_path / "p" / "truth.json").read_text())["acquisition"]
    assert protocol["slices"] == 7
    assert protocol["slice_gap_mm"] > 5.0


def test_that_random_draws_another_heart_for_each_seed(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        cinecor_phantom("--out", str(tmp_path / seed), "--random", "--seed", seed, "--truth", "--phases", "1")
    first, second = (json.loads((tmp_path / seed / "truth.json").read_text()) for seed in ("1", "2"))
    assert first["lv"]["edv_ml"] != second["lv"]["edv_ml"]


@pytest.mark.parametrize(
    "words",
    [
        ("--edv", "-5"),
        ("--edv", "100", "--esv", "120"),
        ("--slices", "2"),
        ("--heart-rate", "400"),
        ("--noise", "2"),
        ("--seed", "-1"),
        ("--transfer-syntax", "gif"),
        ("--rows", "49", "--columns", "49"),
        ("--thin", "17"),
    ],
)
def test_that_values_which_make_no_phantom_give_one_sentence_and_no_folder(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as refusal:
        cinecor_phantom("--out", str(tmp_path / "p"), *words)
    assert "\n" not in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_in_use_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="in use"):
        cinecor_phantom("--out", str(tmp_path))
    assert (tmp_path / "mine.txt").read_text() == "keep"
