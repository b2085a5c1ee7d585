"""Rules of the data sets passed on as PNG pictures: which slice is whose neighbour, what is known, who validates."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor_training.data.case import ALL_KNOWN, known_bits
from cinecor_training.data.myops_source import MyopsSource
from cinecor_training.data.sunnybrook_frames_source import SunnybrookFramesSource

LV_ONLY = known_bits([Label.LV])


def _save(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values.astype(np.uint8)).save(path)


def _sunnybrook(folder: Path, name: str, numbers: list[int]) -> Path:
    for number in numbers:
        mask = np.zeros((40, 40))
        mask[10:20, 10:20] = 1
        _save(folder / name / f"{number}.png", np.full((40, 40), number))
        _save(folder / name / f"{number}_lv.png", mask)
    (folder / name / "info.json").write_text(json.dumps({"image_numbers": numbers}))
    return folder


def _myops(folder: Path, name: str) -> Path:
    for index in (0, 1):
        labels = np.zeros((32, 32))
        labels[4:28, 4:28], labels[10:20, 10:20], labels[12:18, 12:18] = 1, 2, 3
        _save(folder / name / f"{index}.png", np.arange(1024).reshape(32, 32) % 200)
        _save(folder / name / f"{index}_labels.png", labels)
    (folder / name / "info.json").write_text(json.dumps({"slices": [0, 1]}))
    return folder


def test_that_numbers_tell_slice_and_phase(tmp_path: Path) -> None:
    """20 × slice + phase + 1: slices 2, 3 and 5 at phase 19, slice 3 at phase 7."""
    cases = SunnybrookFramesSource(_sunnybrook(tmp_path, "SC-HYP-07", [60, 68, 80, 120])).find().cases
    assert [(case.moment, case.group) for case in cases] == [("ED", "HYP"), ("ES", "HYP")]
    ed, es = (case.read() for case in cases)
    assert ed.pixels[:, 0, 0].tolist() == [60, 80, 0, 120]  # the slice that nobody contoured is blank
    assert ed.known.tolist() == [LV_ONLY, LV_ONLY, 0, LV_ONLY]
    assert es.pixels[:, 0, 0].tolist() == [68]
    assert (ed.labels[0] == Label.LV).sum() == 100


def test_that_sunnybrook_numbers_ending_in_five_or_nought_validate(tmp_path: Path) -> None:
    for name in ("SC-N-05", "SC-N-40", "SC-HF-NI-15", "SC-N-07", "SC-HF-I-12"):
        _sunnybrook(tmp_path, name, [20])
    assert SunnybrookFramesSource(tmp_path).find().held_out == {"SC-N-05", "SC-N-40", "SC-HF-NI-15"}


def test_that_crops_know_all_structures(tmp_path: Path) -> None:
    for name in ("101", "105"):
        _myops(tmp_path, name)
    found = MyopsSource(tmp_path).find()
    assert found.held_out == {"105"}
    frames = found.cases[0].read()
    assert frames.known.tolist() == [ALL_KNOWN] * 2
    assert [(frames.labels[0] == label).sum() for label in (Label.RV, Label.MYO, Label.LV)] == [476, 64, 36]


@pytest.mark.parametrize("kind", ["sunnybrook", "myops"])
def test_that_a_wrong_file_makes_the_case_bad(tmp_path: Path, kind: str) -> None:
    if kind == "myops":
        source: MyopsSource | SunnybrookFramesSource = MyopsSource(_myops(tmp_path, "101"))
        image, mask = tmp_path / "101" / "0.png", tmp_path / "101" / "0_labels.png"
    else:
        source = SunnybrookFramesSource(_sunnybrook(tmp_path, "SC-N-07", [20, 40]))
        image, mask = tmp_path / "SC-N-07" / "20.png", tmp_path / "SC-N-07" / "20_lv.png"
    case = source.find().cases[0]
    good = mask.read_bytes()
    _save(mask, np.full(np.asarray(Image.open(image)).shape, 9))
    with pytest.raises(InputError, match="unknown label values"):
        case.read()
    mask.write_bytes(good)
    _save(image, np.zeros((8, 8)))
    with pytest.raises(InputError, match="differ in size"):
        case.read()
    image.write_bytes(b"no picture")
    with pytest.raises(InputError, match="cannot be read"):
        case.read()


def test_that_a_patient_without_its_list_is_bad(tmp_path: Path) -> None:
    _myops(tmp_path, "101")
    (tmp_path / "101" / "info.json").write_text('{"slices": []}')
    _sunnybrook(tmp_path, "SC-N-07", [20])
    (tmp_path / "SC-N-07" / "info.json").write_text("{}")
    for source in (MyopsSource(tmp_path), SunnybrookFramesSource(tmp_path)):
        found = source.find()
        assert found.cases == ()
        assert "info.json" in found.bad[0].reason


def test_that_folders_without_patients_are_refused(tmp_path: Path) -> None:
    for source in (MyopsSource(tmp_path), SunnybrookFramesSource(tmp_path)):
        with pytest.raises(InputError, match="No patients under"):
            source.find()
