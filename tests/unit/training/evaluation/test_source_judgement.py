"""Rules of figures on further data sets: only what was labelled counts, and the base is told slice by slice."""

import json
from collections.abc import Callable, Collection
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label
from cinecor.study.cine_stack import CineStack
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.kaggle_source import KaggleSource
from cinecor_training.evaluation.segmenter import Segmenter
from cinecor_training.evaluation.source_judgement import judge_source
from cinecor_training.evaluation.source_result import MODEL_CONVENTION, SourceResult
from cinecor_training.evaluation.source_tables import base_table, has_base, sources_table

AREAS = (0, 400, 400, 300, 200, 100, 0)  # of the reader's LV, base first
FRAMES_PX = 1400


def _plane(area: int) -> NDArray[np.uint8]:
    plane = np.zeros((40, 40), np.uint8)
    plane.reshape(-1)[:area] = 1
    return plane


@pytest.fixture
def kaggle(tmp_path: Path) -> Path:
    """Patient 5, seven slices 10 mm apart: 14 mL at ED by mask and truth, half of it at ES, also spaced evenly."""
    folder = tmp_path / "0005"
    folder.mkdir()
    for moment, divisor in (("ED", 1), ("ES", 2)):
        masks = np.stack([_plane(area // divisor) for area in AREAS]).transpose(2, 1, 0)
        image = np.random.default_rng(1).integers(1, 200, masks.shape).astype(np.uint8)
        for part, values in (("", image), ("_lv", masks)):
            nib.save(nib.Nifti1Image(values, np.diag([-1, -1, 10, 1])), folder / f"0005_{moment}{part}.nii.gz")  # type: ignore[no-untyped-call]
    frame = {"location_mm": list(range(70, 0, -10)), "even": True, "repeats": 0}
    info = {"edv_ml": 20.0, "esv_ml": 7.0, "pixel_mm": 1.0, "frames": {"ED": frame, "ES": frame}}
    (folder / "info.json").write_text(json.dumps(info))
    return tmp_path


def _drawing(*areas: int) -> Segmenter:
    """Return a segmenter that draws these areas from the same corner as the reader, whatever it sees, and RV below."""

    def segmenter(stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
        assert tuple(phases) == (0,)
        labels = np.stack([_plane(area) for area in areas]) * np.uint8(Label.LV)
        labels[:, 38:] = Label.RV
        return labels[:, None]

    return segmenter


def _judged(folder: Path, *areas: int) -> SourceResult:
    return judge_source(KaggleSource(folder), _drawing(*areas), convention=MODEL_CONVENTION, listener=lambda _: None)


def test_that_volumes_are_compared_with_the_true_ones(kaggle: Path) -> None:
    figures = _judged(kaggle, *AREAS).figures
    assert figures["edv_ml_bias"].value == pytest.approx(FRAMES_PX * 10 / 1000 - 20)
    assert figures["esv_ml_bias"].value == pytest.approx(FRAMES_PX * 10 / 1000 - 7)
    assert figures["ef_points_mae"].value == pytest.approx(65.0)  # no change between the moments: EF 0 of 65
    assert figures["reader_ef_points_mae"].value == pytest.approx(15.0)


def test_that_a_ventricle_lost_at_es_alone_has_no_ejection_fraction(kaggle: Path) -> None:
    drawn = iter((AREAS, (0,) * len(AREAS)))  # ED, then ES

    def segmenter(stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
        return _drawing(*next(drawn))(stack, phases=phases)

    figures = judge_source(
        KaggleSource(kaggle), segmenter, convention=MODEL_CONVENTION, listener=lambda _: None
    ).figures
    assert "ef_points_mae" not in figures
    assert figures["reader_ef_points_mae"].value == pytest.approx(15.0)


def test_that_an_unlabelled_rv_is_not_judged(kaggle: Path) -> None:
    assert not [name for name in _judged(kaggle, *AREAS).figures if "rv" in name]


def test_that_missed_and_added_slices_are_counted_a_patient(kaggle: Path) -> None:
    result = _judged(kaggle, 50, 0, 0, 300, 200, 100, 0)
    for moment in ("ed", "es"):
        assert result.figures[f"missed_slices_{moment}"].value == 2
        assert result.figures[f"added_slices_{moment}"].value == 1


def test_that_dice_is_taken_over_drawn_slices_and_their_thirds(kaggle: Path) -> None:
    figures = _judged(kaggle, 0, 400, 400, 300, 200, 0, 0).figures
    ed = (1, 1, 1, 1, 0)
    es = (2 * 200 / 600, 2 * 200 / 600, 2 * 150 / 450, 2 * 100 / 300, 0)
    assert figures["dice_lv"].value == pytest.approx(np.mean(ed + es))
    assert figures["dice_lv_worst"].value == 0
    assert figures["dice_lv_base"].value == pytest.approx(np.mean([*ed[:2], *es[:2]]))
    assert figures["dice_lv_mid"].value == pytest.approx(np.mean([ed[2], es[2]]))


def test_that_a_pooled_dice_is_one_over_the_pixels_of_all_slices_with_empty_ones(kaggle: Path) -> None:
    drawn = (50, 400, 400, 300, 200, 0, 0)  # 50 pixels where the reader drew none
    figures = _judged(kaggle, *drawn).figures
    both = sum(min(area, own) + min(area // 2, own) for area, own in zip(AREAS, drawn, strict=True))
    assert figures["dice_pooled_lv"].value == pytest.approx(2 * both / (1.5 * FRAMES_PX + 2 * sum(drawn)))


def test_that_another_model_stands_beside_in_a_column_of_its_own(kaggle: Path) -> None:
    ours, other = _judged(kaggle, *AREAS), _judged(kaggle, 0, 0, 400, 300, 200, 100, 0)
    table = sources_table([ours], beside={"peer 1": [other]})
    assert table.header == ("", "kaggle, the model's convention", "kaggle, peer 1")
    missed = next(row for row in table.rows if row[0] == "LV slices missed at ED, a patient")
    assert [cell.split()[0] for cell in missed[1:]] == ["0.00", "1.00"]


def test_that_the_base_is_told_slice_by_slice(kaggle: Path) -> None:
    result = _judged(kaggle, 100, 0, 400, 300, 200, 100, 0)
    rows = {(row[0], row[1]): row for row in base_table(result).rows}
    assert rows["ED", "-1"][3:7] == ("0.00", "1.00", "0", "100")
    assert rows["ED", "+0"][3:7] == ("1.00", "0.00", "400", "0")
    assert rows["ED", "+1"][3:] == ("1.00", "1.00", "400", "400", "1.000")
    assert has_base(result)
    titles = [row[0] for row in sources_table([result]).rows]
    assert "LV slices missed at ED, a patient" in titles
    assert not [title for title in titles if title.startswith("RV")]


def test_that_masks_far_from_the_true_volume_are_judged_all_the_same(kaggle: Path) -> None:
    with pytest.raises(InputError):
        KaggleSource(kaggle).find().cases[0].read()
    assert _judged(kaggle, *AREAS).stacks


def test_that_unevenly_spaced_stacks_are_left_out_with_the_reason(kaggle: Path) -> None:
    file = kaggle / "0005" / "info.json"
    info = json.loads(file.read_text())
    info["frames"]["ES"]["even"] = False
    file.write_text(json.dumps(info))
    with pytest.raises(InputError, match="not evenly spaced"):
        _judged(kaggle, *AREAS)


def test_that_whole_labels_are_judged_in_all_structures(
    small_acdc: Path, reader_like: Callable[..., Segmenter]
) -> None:
    result = judge_source(
        AcdcSource(small_acdc), reader_like(lambda labels: labels), convention=MODEL_CONVENTION, listener=lambda _: None
    )
    assert {result.figures[f"dice_{name}"].value for name in ("rv", "myo", "lv")} == {1.0}
    assert {stack.patient for stack in result.stacks} == {"patient005"}
