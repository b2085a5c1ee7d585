"""Rules of comparing one patient's labels."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecor.study.cine_stack import StackGeometry
from cinecor_training.evaluation.comparison import compare_function, compare_stack
from cinecor_training.evaluation.slice_error import slice_errors, worst_slices

Geometry = Callable[..., StackGeometry]


def _heart(slices: int = 6, *, radius: float = 12.0) -> NDArray[np.uint8]:
    """A left ventricle that tapers to the apex, with a wall and a right ventricle beside it."""
    labels = np.zeros((slices, 64, 64), np.uint8)
    y, x = np.mgrid[:64, :64]
    for index in range(slices):
        inner = radius * (1 - 0.6 * index / slices)
        labels[index][np.hypot(y - 32, x - 16) < inner] = 1
        labels[index][np.hypot(y - 32, x - 38) < inner + 5] = 2
        labels[index][np.hypot(y - 32, x - 38) < inner] = 3
    return labels


def test_that_a_model_like_the_reader_has_no_error(geometry: Geometry) -> None:
    heart = _heart()
    result = compare_stack(heart, heart, geometry=geometry(6), moment="ED", base_first=True)
    for structure in result.structures.values():
        assert (structure.dice, structure.hausdorff95_mm, structure.surface_distance_mm) == (1, 0, 0)
        assert structure.model_ml == structure.reader_ml > 0
        assert not any(structure.level_error_ml.values())
    assert (result.missed_lv_slices, result.added_lv_slices) == (0, 0)
    assert not list(
        slice_errors(
            heart.astype(np.float32),
            model=heart,
            reader=heart,
            levels=["mid"] * 6,  # type: ignore[list-item]
            pixel_spacing_mm=(1.5, 1.5),
            patient="p",
            moment="ED",
        )
    )


def test_that_a_missed_structure_has_dice_0_and_no_distance(geometry: Geometry) -> None:
    model = _heart()
    model[model == 1] = 0
    result = compare_stack(model, _heart(), geometry=geometry(6), moment="ES", base_first=True)
    rv = result.structures["rv"]
    assert rv.dice == 0
    assert rv.hausdorff95_mm is None
    assert rv.surface_distance_mm is None
    assert rv.missed
    assert not result.structures["lv"].missed


def test_that_a_structure_that_neither_drew_is_no_failure(geometry: Geometry) -> None:
    model, reader = _heart(), _heart()
    model[model == 1] = reader[reader == 1] = 0
    rv = compare_stack(model, reader, geometry=geometry(6), moment="ES", base_first=True).structures["rv"]
    assert rv.dice == 1
    assert rv.hausdorff95_mm is None
    assert not rv.missed
    assert rv.level_dice["base"] is None


def test_that_a_missing_basal_slice_is_an_error_of_the_base_alone(geometry: Geometry) -> None:
    model, reader = _heart(), _heart()
    model[0] = 0
    result = compare_stack(model, reader, geometry=geometry(6), moment="ES", base_first=True)
    lv = result.structures["lv"]
    lost_ml = np.count_nonzero(reader[0] == 3) * 1.5 * 1.5 * 10 / 1000
    assert lv.level_error_ml == {
        "above": 0,
        "base": pytest.approx(-lost_ml),
        "mid": 0,
        "apex": 0,
        "below": 0,
    }
    assert lv.level_dice["mid"] == lv.level_dice["apex"] == 1
    assert lv.level_dice["base"] is not None
    assert lv.level_dice["base"] < 1
    assert (result.missed_lv_slices, result.added_lv_slices) == (1, 0)


def test_that_a_slice_drawn_above_the_readers_base_is_told_as_such(geometry: Geometry) -> None:
    model, reader = _heart(), _heart()
    reader[0] = 0
    result = compare_stack(model, reader, geometry=geometry(6), moment="ES", base_first=True)
    lv = result.structures["lv"]
    assert lv.level_error_ml["above"] > 0
    assert lv.level_error_ml["base"] == 0
    assert (result.missed_lv_slices, result.added_lv_slices) == (0, 1)


def test_that_function_is_what_the_formulas_give(geometry: Geometry) -> None:
    hearts = {"ED": _heart(radius=12), "ES": _heart(radius=8)}
    function = compare_function(hearts, hearts, geometry=geometry(6))
    pixel_ml = 1.5 * 1.5 * 10 / 1000
    edv, esv = (np.count_nonzero(hearts[moment] == 3) * pixel_ml for moment in ("ED", "ES"))
    assert function["lv_edv_ml"].model == pytest.approx(edv)
    assert function["lv_esv_ml"].model == pytest.approx(esv)
    assert function["lv_ef_points"].reader == pytest.approx(100 * (edv - esv) / edv)
    assert function["lv_mass_g"].model == pytest.approx(1.05 * pixel_ml * np.count_nonzero(hearts["ED"] == 2))


def test_that_a_ventricle_that_the_model_lost_has_no_number(geometry: Geometry) -> None:
    hearts = {"ED": _heart(radius=12), "ES": _heart(radius=8)}
    lost = {moment: np.where(heart == 1, 0, heart).astype(np.uint8) for moment, heart in hearts.items()}
    pair = compare_function(lost, hearts, geometry=geometry(6))["rv_ef_points"]
    assert pair.model is None
    assert pair.reader is not None


def test_that_the_worst_slices_are_those_with_most_wrong_pixels() -> None:
    reader = _heart(20)
    model = reader.copy()
    for index in range(20):
        model[index, 60, : 3 * index] = 1
    errors = slice_errors(
        reader.astype(np.float32),
        model=model,
        reader=reader,
        levels=["mid"] * 20,  # type: ignore[list-item]
        pixel_spacing_mm=(1.5, 1.5),
        patient="p",
        moment="ED",
    )
    worst = worst_slices(errors)
    assert [error.slice_index for error in worst] == list(range(19, 7, -1))
    assert worst[0].share == pytest.approx(57 / np.count_nonzero(reader[0]))
