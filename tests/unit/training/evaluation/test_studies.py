"""Rules of studies from other scanners: contoured ones, and ones that nobody outlined."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecor.errors import InputError
from cinecor.study.cine_stack import CineStack
from cinecor_training.evaluation.contoured_study import ContouredFrame, ContouredStudy, read_contoured_study
from cinecor_training.evaluation.study_tables import contoured_table
from cinecor_training.evaluation.unlabelled_study import empty_mid_frames, roughness
from cinecor_training.sunnybrook import contour_mask, find_contours, read_contour


def _nothing(stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
    return np.zeros(stack.pixels.shape, np.uint8)


def test_that_a_folder_without_contours_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath("SCD0000101").mkdir()
    with pytest.raises(InputError, match="1 studies and 0 contours"):
        read_contoured_study(tmp_path, _nothing)


@pytest.mark.real
def test_that_a_model_that_draws_the_experts_contours_is_perfect(sunnybrook: Path) -> None:
    contours = {
        divmod(number - 1, 20): read_contour(path) for number, path in find_contours(sunnybrook / "contours").items()
    }

    def expert(stack: CineStack, *, phases: Collection[int]) -> NDArray[np.uint8]:
        assert set(phases) == {phase for _, phase in contours}
        labels = _nothing(stack, phases=phases)
        for place, contour in contours.items():
            labels[place][contour_mask(contour, rows=stack.rows, columns=stack.columns)] = 3
        return labels

    result = read_contoured_study(sunnybrook, expert).result
    assert result.study == "SCD0000101"
    assert {(frame.slice_index, frame.phase) for frame in result.frames} == set(contours)
    assert result.lv_dice == result.worst.lv_dice == 1
    assert result.ef_model_percent == result.ef_reader_percent
    assert result.ef_reader_percent == pytest.approx(26, abs=1)


@pytest.mark.real
def test_that_a_model_that_finds_nothing_has_dice_0_and_no_ejection_fraction(sunnybrook: Path) -> None:
    result = read_contoured_study(sunnybrook, _nothing).result
    assert result.lv_dice == 0
    assert result.ef_model_percent is None


def test_that_a_reader_of_the_table_counts_slices_and_phases_from_1() -> None:
    frames = (ContouredFrame(0, 6, 0.9, None, 100, 100), ContouredFrame(9, 18, 0.7, 0.5, 50, 60))
    told = contoured_table(ContouredStudy("study", frames, 50.0, 51.0)).markdown()
    assert "| 1 | 7 | 0.900 |" in told
    assert "| 10 | 19 | 0.700 |" in told
    assert "Worst frame: 0.700 (slice 10, phase 19)" in told


def _cine(seen: list[list[int]]) -> NDArray[np.uint8]:
    """Labels (slice, phase, 4, 4) with LV cavity where `seen` is 1."""
    return np.broadcast_to(3 * np.array(seen, np.uint8)[:, :, None, None], (*np.shape(seen), 4, 4))


def test_that_only_slices_between_the_ends_can_be_empty_mid_slices() -> None:
    assert empty_mid_frames(_cine([[1, 0], [1, 1], [1, 1], [1, 0]]), ed_phase=0) == (0, 4)
    assert empty_mid_frames(_cine([[1, 1], [1, 0], [1, 1]]), ed_phase=0) == (1, 2)


def test_that_slices_beyond_the_ventricle_do_not_count() -> None:
    assert empty_mid_frames(_cine([[0, 0], [1, 1], [1, 1], [1, 1], [0, 0]]), ed_phase=0) == (0, 2)


def test_that_a_ventricle_that_is_nowhere_is_empty_everywhere() -> None:
    assert empty_mid_frames(_cine([[0, 0], [0, 0]]), ed_phase=0) == (4, 4)


def test_that_a_smooth_curve_has_little_roughness_and_a_spike_stands_out() -> None:
    smooth = 100 + 40 * np.cos(np.linspace(0, 2 * np.pi, 25, endpoint=False))
    spiked = smooth.copy()
    spiked[12] += 20  # at the trough, where the neighbours are alike
    assert roughness(smooth) == pytest.approx(0, abs=0.02)
    assert roughness(spiked) == pytest.approx(20 / 80, abs=0.04)


def test_that_a_flat_or_short_curve_has_no_roughness() -> None:
    assert roughness(np.full(10, 80.0)) is None
    assert roughness(np.array([1.0, 2.0, 3.0])) is None
